/* SPDX-License-Identifier: Apache-2.0 */
/* The pod of a restore: what it takes over from the workload, which programs it runs. */
#include "cm.h"

#include "vcluster/state/restore_pod.h"

static const char workload_text[] =
    "{\"metadata\":{\"name\":\"dev\",\"uid\":\"u1\"},\"spec\":{\"template\":{\"spec\":{"
    "\"serviceAccountName\":\"vc-dev\",\"nodeSelector\":{\"disk\":\"fast\"},"
    "\"securityContext\":{\"runAsUser\":65532},\"containers\":["
    "{\"name\":\"store\",\"image\":\"etcd:1\",\"env\":[{\"name\":\"A\",\"value\":\"secret\"}]},"
    "{\"name\":\"syncer\",\"image\":\"runtime:1\",\"imagePullPolicy\":\"Never\","
    "\"securityContext\":{\"readOnlyRootFilesystem\":true}}]}}}}";
static const char etcd_text[] =
    "{\"metadata\":{\"name\":\"dev-etcd\"},\"spec\":{\"template\":{\"spec\":{"
    "\"nodeSelector\":{\"disk\":\"other\"},\"containers\":["
    "{\"name\":\"etcd\",\"image\":\"etcd:2\"}]}}}}";

static cJSON *tree_of(const char *text)
{
    cJSON *tree = NULL;

    assert_int_equal(vcl_json_parse(text, strlen(text), &tree, NULL), 0);
    return tree;
}

static cJSON *built(const char *store, bool deployed)
{
    VCL_AUTO_JSON *workload = tree_of(workload_text);
    VCL_AUTO_JSON *etcd = tree_of(etcd_text);
    vcl_restore_pod pod = { .name = "dev",
                            .namespace_name = "vcluster-dev",
                            .store = store,
                            .workload = workload,
                            .etcd = deployed ? etcd : NULL };
    vcluster_error *error = NULL;
    cJSON *object = NULL;

    assert_works(vcl_restore_pod_build(&pod, &object, &error), &error);
    return object;
}

static const char *claim_of(const cJSON *object)
{
    return vcl_json_find_string(
        cJSON_GetArrayItem(vcl_json_find(object, "spec", "volumes", NULL), 0),
        "persistentVolumeClaim", "claimName", NULL);
}

static void it_runs_where_and_as_the_workload_does_and_goes_with_it(void **state)
{
    VCL_AUTO_JSON *object = built("sqlite", false);
    const cJSON *owner =
        cJSON_GetArrayItem(vcl_json_find(object, "metadata", "ownerReferences", NULL), 0);

    (void)state;
    assert_string_equal(vcl_json_find_string(object, "metadata", "name", NULL), "dev-restore");
    assert_string_equal(vcl_json_find_string(owner, "uid", NULL), "u1");
    assert_string_equal(vcl_json_find_string(object, "spec", "nodeSelector", "disk", NULL), "fast");
    assert_int_equal(vcl_json_find_int(object, 0, "spec", "securityContext", "runAsUser", NULL),
                     65532);
    assert_string_equal(vcl_json_find_string(object, "spec", "restartPolicy", NULL), "Never");
    assert_false(vcl_json_find_bool(object, true, "spec", "automountServiceAccountToken", NULL));
    assert_string_equal(claim_of(object), "data-dev-0");
}

static void sqlite_needs_the_runtime_alone(void **state)
{
    VCL_AUTO_JSON *object = built("sqlite", false);
    const cJSON *first = vcl_json_find(object, "spec", "initContainers", NULL);
    const cJSON *last = vcl_json_find(object, "spec", "containers", NULL);

    (void)state;
    assert_int_equal(cJSON_GetArraySize(first), 1);
    assert_int_equal(cJSON_GetArraySize(last), 1);
    assert_string_equal(vcl_json_find_string(first->child, "name", NULL), "receive");
    assert_string_equal(vcl_json_find_string(first->child, "image", NULL), "runtime:1");
    assert_string_equal(vcl_json_find_string(first->child, "imagePullPolicy", NULL), "Never");
    assert_string_equal(vcl_json_find_string(last->child, "image", NULL), "runtime:1");
    assert_null(vcl_json_get(last->child, "env"));
}

static void etcd_is_restored_by_its_own_program_as_the_member_that_it_is(void **state)
{
    static const struct {
        const char *store;
        bool deployed;
        const char *image, *name, *members, *claim;
    } cases[] = {
        { "etcd", false, "etcd:1", "--name=dev", "--initial-cluster=dev=http://127.0.0.1:2380",
          "data-dev-0" },
        { "etcd-deploy", true, "etcd:2", "--name=dev-etcd-0",
          "--initial-cluster=dev-etcd-0=http://127.0.0.1:2380", "data-dev-etcd-0" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *object = built(cases[i].store, cases[i].deployed);
        const cJSON *tool =
            cJSON_GetArrayItem(vcl_json_find(object, "spec", "initContainers", NULL), 1);
        vcl_auto_free char *command = vcl_json_print(vcl_json_get(tool, "command"));
        assert_string_equal(vcl_json_find_string(tool, "image", NULL), cases[i].image);
        assert_non_null(strstr(command, "\"etcdutl\",\"snapshot\",\"restore\""));
        assert_non_null(strstr(command, cases[i].name));
        assert_non_null(strstr(command, cases[i].members));
        assert_non_null(strstr(command, "--mark-compacted"));
        assert_string_equal(claim_of(object), cases[i].claim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_runs_where_and_as_the_workload_does_and_goes_with_it),
        cmocka_unit_test(sqlite_needs_the_runtime_alone),
        cmocka_unit_test(etcd_is_restored_by_its_own_program_as_the_member_that_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
