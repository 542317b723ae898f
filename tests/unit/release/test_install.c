/* SPDX-License-Identifier: Apache-2.0 */
/* Installing releases on a host in memory. */
#include "kube/api.h"
#include "release_fixture.h"
#include "small_chart.h"
#include "vcluster/client.h"

#define SERVICE "/api/v1/namespaces/ns/services/r"
#define DEFINITION                                                                                 \
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.tests.libvcluster.dev"

static void install_into_a_fresh_namespace_costs_a_request_an_object_and_two(void **state)
{
    (void)state;
    fx.options.create_namespace = 1;
    fx.options.skip_crds = 1;
    install_works(NULL);

    assert_string_equal(status_of(1), "deployed");
    assert_string_equal(text_in("text", "text"), "one");
    assert_true(exists(SERVICE));
    assert_int_equal(counted("PATCH", ""), 4); /* the objects */
    assert_int_equal(counted("POST", "/secrets"), 1);
    assert_int_equal(counted("PUT", "/secrets"), 1);
    assert_int_equal(counted("POST", "/namespaces?"), 1);
    /* The namespace twice (once by the chart's lookup), the version, discovery: the chart looks at
     * what is served. */
    assert_int_equal(counted("GET", "/namespaces/ns"), 2);
    assert_int_equal(counted("GET", ""), 5);
    assert_int_equal(counted(NULL, ""), 12);
}

static void install_elsewhere_looks_at_each_object_once(void **state)
{
    (void)state;
    fixture_namespace();
    fx.options.skip_crds = 1;
    install_works(NULL);

    assert_int_equal(counted("PATCH", ""), 4);
    assert_int_equal(counted("GET", "/configmaps/r-text"), 1);
    assert_int_equal(counted("GET", SERVICE), 1);
    assert_int_equal(counted("GET", "/secrets/r-secret"), 1);
    assert_int_equal(counted("POST", "") + counted("PUT", ""), 2);
}

static void objects_and_record_are_helms(void **state)
{
    (void)state;
    fixture_namespace();
    install_works("text=hello");
    VCL_AUTO_JSON *service = fake_host_get(fx.host, SERVICE);
    VCL_AUTO_JSON *record = record_of(1);

    assert_string_equal(
        vcl_json_find_string(service, "metadata", "labels", "app.kubernetes.io/managed-by", NULL),
        "Helm");
    assert_string_equal(
        vcl_json_find_string(service, "metadata", "annotations", "meta.helm.sh/release-name", NULL),
        RELEASE);
    assert_string_equal(vcl_json_find_string(service, "metadata", "annotations",
                                             "meta.helm.sh/release-namespace", NULL),
                        NAMESPACE);
    assert_string_equal(vcl_json_find_string(record, "apply_method", NULL), "ssa");
    assert_string_equal(vcl_json_find_string(record, "info", "notes", NULL), "r says hello.\n");
    assert_string_equal(vcl_json_find_string(record, "info", "description", NULL),
                        "Install complete");
    assert_string_equal(vcl_json_find_string(record, "config", "text", NULL), "hello");
    assert_null(strstr(vcl_json_find_string(record, "manifest", NULL), "managed-by"));
}

static void a_name_that_is_in_use_is_refused(void **state)
{
    (void)state;
    fixture_namespace();
    install_works(NULL);
    count_from_here();
    install_fails(NULL, VCLUSTER_E_ALREADY_EXISTS, "revision 1, deployed");
    assert_int_equal(counted("PATCH", "") + counted("POST", "") + counted("PUT", ""), 0);
}

static void a_name_that_is_none_is_refused(void **state)
{
    static const char *const names[] = {
        "", "Upper", "a_b", "-a", "a.", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01"
    };
    vcluster_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_fails(vcluster_release_install(fx.client, names[i], fx.chart, NULL, &fx.options,
                                              NULL, &error),
                     VCLUSTER_E_INVALID_ARGUMENT, &error, "name");
    assert_int_equal(counted(NULL, ""), 0);
}

static void a_missing_namespace_is_refused_unless_it_may_be_made(void **state)
{
    (void)state;
    install_fails(NULL, VCLUSTER_E_NOT_FOUND, "create_namespace");
    assert_int_equal(counted(NULL, ""), 1);
    fx.options.create_namespace = 1;
    install_works(NULL);
    VCL_AUTO_JSON *made = fake_host_get(fx.host, "/api/v1/namespaces/ns");
    assert_string_equal(vcl_json_find_string(made, "metadata", "labels", "name", NULL), NAMESPACE);
}

static void a_namespace_that_is_going_is_refused(void **state)
{
    (void)state;
    fake_host_put(fx.host, "{apiVersion: v1, kind: Namespace, metadata: {name: ns, "
                           "deletionTimestamp: '2026-01-01T00:00:00Z'}}");
    install_fails(NULL, VCLUSTER_E_PRECONDITION, "is being deleted");
}

static void foreign_objects_are_refused_one_finding_each(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    fixture_namespace();
    fake_host_put(fx.host, "{apiVersion: v1, kind: Service, metadata: {name: r, namespace: ns}}");
    fake_host_put(fx.host,
                  "{apiVersion: v1, kind: ConfigMap, metadata: {name: r-text, namespace: ns, "
                  "labels: {app.kubernetes.io/managed-by: Helm}, annotations: "
                  "{meta.helm.sh/release-name: other, meta.helm.sh/release-namespace: ns}}}");
    assert_int_equal(
        vcluster_release_install(fx.client, RELEASE, fx.chart, NULL, &fx.options, NULL, &error),
        VCLUSTER_E_ALREADY_EXISTS);
    assert_int_equal(vcluster_error_finding_count(error), 2);
    vcl_error_clear(&error);
    assert_int_equal(counted("PATCH", "") + counted("POST", "") + counted("PUT", ""), 0);

    fx.options.take_ownership = 1;
    install_works(NULL);
    assert_string_equal(text_in("text", "text"), "one");
}

static void a_cluster_scoped_object_is_looked_at_even_for_a_fresh_namespace(void **state)
{
    (void)state;
    fx.options.create_namespace = 1;
    install_works(NULL);
    assert_true(exists(DEFINITION));
    assert_int_equal(counted("GET", DEFINITION), 2); /* is it there; is it established */
}

static void establish(cJSON *object, void *data)
{
    (void)data;
    if (vcl_streq(vcl_json_find_string(object, "kind", NULL), "Service"))
        assert_true(vcl_json_set_string(vcl_json_object(object, "spec"), "clusterIP", "10.0.0.1"));
    if (!vcl_streq(vcl_json_find_string(object, "kind", NULL), "CustomResourceDefinition"))
        return;
    cJSON *conditions = cJSON_AddArrayToObject(vcl_json_object(object, "status"), "conditions");
    cJSON *condition = cJSON_CreateObject();
    assert_true(vcl_json_append(conditions, condition));
    assert_true(vcl_json_set_string(condition, "type", "Established"));
    assert_true(vcl_json_set_string(condition, "status", "True"));
}

static void definitions_come_first_and_stay_as_they_are(void **state)
{
    (void)state;
    fixture_namespace();
    fake_host_put(fx.host, "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, "
                           "metadata: {name: widgets.tests.libvcluster.dev}, spec: {old: true}}");
    install_works(NULL);
    VCL_AUTO_JSON *definition = fake_host_get(fx.host, DEFINITION);
    assert_true(vcl_json_find_bool(definition, false, "spec", "old", NULL));
    assert_int_equal(counted("PATCH", "/customresourcedefinitions"), 0);
}

static void wrong_values_are_refused_before_anything_is_touched(void **state)
{
    (void)state;
    fixture_namespace();
    install_fails("text=5", VCLUSTER_E_CONFIG, "text");
    assert_int_equal(counted("PATCH", "") + counted("POST", "") + counted("PUT", ""), 0);
    fx.options.skip_schema = 1;
    install_fails("text=5", VCLUSTER_E_CONFIG, "plain.yaml"); /* b64enc of a number */
}

static void a_dry_run_writes_nothing(void **state)
{
    vcluster_release *release = NULL;
    vcluster_error *error = NULL;

    (void)state;
    fixture_namespace();
    fx.options.dry_run = 1;
    assert_works(
        vcluster_release_install(fx.client, RELEASE, fx.chart, NULL, &fx.options, &release, &error),
        &error);
    assert_string_equal(vcluster_release_status(release), "pending-install");
    assert_string_equal(vcluster_release_description(release), "Dry run complete");
    assert_int_equal(vcluster_release_revision(release), 1);
    assert_non_null(strstr(vcluster_release_manifest(release), "kind: Service"));
    vcluster_release_free(release);
    assert_int_equal(counted("PATCH", "dryRun=All"), 4);
    assert_int_equal(counted("PATCH", ""), 4);
    assert_int_equal(counted("POST", "") + counted("PUT", ""), 0);
    assert_false(exists(SERVICE));
}

static void what_the_server_refuses_fails_the_release(void **state)
{
    (void)state;
    fixture_namespace();
    fake_host_fail(fx.host, "PATCH", "/services/", 422);
    install_fails(NULL, VCLUSTER_E_INVALID_ARGUMENT, "apply Service 'r'");
    assert_string_equal(status_of(1), "failed");
    VCL_AUTO_JSON *record = record_of(1);
    assert_non_null(strstr(vcl_json_find_string(record, "info", "description", NULL),
                           "Release \"r\" failed: "));
    fake_host_heal(fx.host);
    install_fails(NULL, VCLUSTER_E_ALREADY_EXISTS, "failed");
}

static void an_atomic_install_that_fails_leaves_nothing(void **state)
{
    (void)state;
    fixture_namespace();
    fx.options.atomic = 1;
    fake_host_fail(fx.host, "PATCH", "/services/", 422);
    install_fails(NULL, VCLUSTER_E_INVALID_ARGUMENT, "was uninstalled");
    assert_string_equal(status_of(1), "");
    assert_string_equal(text_in("text", "text"), "");
}

static void be_taken_over(fake_host *host, void *data)
{
    (void)host;
    (void)data;
    leave_pending(1, "pending-install", "another", 60);
}

static void what_another_has_taken_over_is_left_to_it(void **state)
{
    (void)state;
    fixture_namespace();
    fx.options.atomic = 1;
    fake_host_before(fx.host, "PATCH", "/services/", be_taken_over, NULL);
    install_fails(NULL, VCLUSTER_E_CONFLICT, "");
    assert_string_equal(status_of(1), "pending-install");
    assert_true(exists(SERVICE));
}

static void an_install_that_was_killed_is_completed(void **state)
{
    (void)state;
    fixture_namespace();
    install_works("text=old");
    leave_pending(1, "pending-install", "dead", -1);
    install_works("text=new,extra=false");
    assert_string_equal(status_of(1), "deployed");
    assert_string_equal(status_of(2), "");
    assert_string_equal(text_in("text", "text"), "new");
    /* What the killed one had made of another chart goes. */
    assert_false(exists("/api/v1/namespaces/ns/configmaps/r-extra"));
}

static void an_install_at_work_is_waited_for_until_its_lock_expires(void **state)
{
    (void)state;
    fixture_namespace();
    install_works(NULL);
    leave_pending(1, "pending-install", "alive", 1);
    count_from_here();
    install_works("text=new");
    assert_true(counted("GET", "/secrets/sh.helm") >= 2);
    assert_string_equal(text_in("text", "text"), "new");
}

static void what_helm_left_pending_is_taken_over_only_when_asked(void **state)
{
    (void)state;
    fixture_namespace();
    install_works(NULL);
    leave_pending(1, "pending-install", NULL, 0);
    install_fails(NULL, VCLUSTER_E_CONFLICT, "take_over");
    assert_string_equal(status_of(1), "pending-install");
    fx.options.take_over = 1;
    install_works("text=new");
    assert_string_equal(status_of(1), "deployed");
    assert_string_equal(text_in("text", "text"), "new");
}

static void an_uninstall_that_was_cut_short_is_in_the_way(void **state)
{
    (void)state;
    fixture_namespace();
    install_works(NULL);
    leave_pending(1, "uninstalling", "dead", -1);
    install_fails(NULL, VCLUSTER_E_PRECONDITION, "uninstall it again");
    uninstall_works();
    install_works(NULL);
}

static void appear(fake_host *host, void *data)
{
    (void)data;
    fake_host_put(host, "{apiVersion: v1, kind: Secret, metadata: {name: "
                        "sh.helm.release.v1.r.v1, namespace: ns, labels: {owner: helm, name: r, "
                        "version: '1', status: deployed}}}");
}

static void of_two_installs_at_once_one_is_refused(void **state)
{
    (void)state;
    fixture_namespace();
    fake_host_before(fx.host, "POST", "/secrets", appear, NULL);
    install_fails(NULL, VCLUSTER_E_ALREADY_EXISTS, "exists in namespace 'ns'");
    assert_int_equal(counted("PATCH", "/configmaps"), 0);
}

static void what_is_read_is_what_was_recorded(void **state)
{
    vcluster_release_query_options options = VCLUSTER_RELEASE_QUERY_OPTIONS_INIT;
    vcluster_release *release = NULL;
    vcluster_error *error = NULL;

    (void)state;
    fixture_namespace();
    install_works("text=hello,hooks.pre-delete=1");
    assert_works(vcluster_release_get(fx.client, RELEASE, 0, &options, &release, &error), &error);
    assert_string_equal(vcluster_release_name(release), RELEASE);
    assert_string_equal(vcluster_release_namespace(release), NAMESPACE);
    assert_string_equal(vcluster_release_chart_name(release), "life");
    assert_string_equal(vcluster_release_chart_version(release), "0.1.0");
    assert_string_equal(vcluster_release_app_version(release), "1.0");
    assert_string_equal(vcluster_release_values(release), "hooks:\n  pre-delete: 1\ntext: hello");
    assert_string_equal(vcluster_release_notes(release), "r says hello.\n");
    assert_non_null(strstr(vcluster_release_hooks(release), "# Source: life/templates/hooks.yaml"));
    assert_true(vcluster_release_first_deployed(release) > 1700000000);
    assert_true(vcluster_release_last_deployed(release) > 1700000000);
    vcluster_release_free(release);
    assert_fails(vcluster_release_get(fx.client, RELEASE, 7, &options, &release, &error),
                 VCLUSTER_E_NOT_FOUND, &error, "no revision 7");
    assert_fails(vcluster_release_get(fx.client, "other", 0, &options, &release, &error),
                 VCLUSTER_E_NOT_FOUND, &error, "does not exist");
}

static void discovery_is_asked_for_only_when_wanted_and_once_a_client(void **state)
{
    vcluster_error *error = NULL;
    vcluster_chart *plain = small_chart_new("plain");

    (void)state;
    fixture_namespace();
    fx.options.skip_crds = 1;
    assert_works(
        vcluster_release_install(fx.client, "plain", plain, NULL, &fx.options, NULL, &error),
        &error);
    assert_int_equal(counted("GET", "/version"), 1);
    assert_int_equal(fake_host_exact(fx.host, "GET", "/apis"), 0);
    count_from_here();
    /* A values file may be a template, too. */
    install_works("text=Capabilities");
    fx.options.value_policy = VCLUSTER_VALUES_REUSE;
    upgrade_works(NULL);
    assert_int_equal(counted("GET", "/version"), 0);
    assert_int_equal(fake_host_exact(fx.host, "GET", "/apis"), 1);
    assert_int_equal(fake_host_exact(fx.host, "GET", "/api"), 1);
    vcluster_chart_free(plain);
}

static int count_texts(const cJSON *list, const char *text)
{
    const cJSON *item;
    int count = 0;

    cJSON_ArrayForEach (item, list)
        count += vcl_streq(item->valuestring, text);
    return count;
}

static void what_is_served_is_known_with_its_kinds(void **state)
{
    VCL_AUTO_JSON *versions = NULL;
    vcluster_error *error = NULL;
    vcl_resource resource;
    vcl_call call;

    (void)state;
    vcl_call_init(&call, patience_ms(5000), 5000, NULL, NULL, NULL);
    assert_works(vcl_kube_api_versions(fx.client->kube, &call, &versions, &error), &error);
    static const char *const served[] = { "v1",
                                          "apps/v1",
                                          "v1/Pod",
                                          "v1/Eviction",
                                          "tests.dev/v1",
                                          "tests.dev/v1/Thing",
                                          "apps/v1/StatefulSet" };
    for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++)
        assert_int_equal(count_texts(versions, served[i]), 1);
    assert_int_equal(count_texts(versions, "tests.dev/v1/Pod"), 0);
    /* The same answer tells where the kinds live. */
    count_from_here();
    assert_works(
        vcl_kube_resource(fx.client->kube, &call, "tests.dev/v1", "Thing", &resource, &error),
        &error);
    assert_string_equal(resource.plural, "things");
    assert_int_equal(counted(NULL, ""), 0);
}

static void a_secret_that_is_no_release_is_told(void **state)
{
    vcluster_release_query_options options = VCLUSTER_RELEASE_QUERY_OPTIONS_INIT;
    vcluster_release *release = NULL;
    vcluster_error *error = NULL;

    (void)state;
    fixture_namespace();
    appear(fx.host, NULL);
    assert_fails(vcluster_release_get(fx.client, RELEASE, 0, &options, &release, &error),
                 VCLUSTER_E_PROTOCOL, &error, "sh.helm.release.v1.r.v1");
    upgrade_fails(NULL, VCLUSTER_E_PROTOCOL, "sh.helm.release.v1.r.v1");
}

static int begin(void **state)
{
    int status = fixture_begin(state);

    fake_host_on_write(fx.host, establish, NULL);
    return status;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(install_into_a_fresh_namespace_costs_a_request_an_object_and_two),
        TEST(install_elsewhere_looks_at_each_object_once),
        TEST(objects_and_record_are_helms),
        TEST(a_name_that_is_in_use_is_refused),
        TEST(a_name_that_is_none_is_refused),
        TEST(a_missing_namespace_is_refused_unless_it_may_be_made),
        TEST(a_namespace_that_is_going_is_refused),
        TEST(foreign_objects_are_refused_one_finding_each),
        TEST(a_cluster_scoped_object_is_looked_at_even_for_a_fresh_namespace),
        TEST(definitions_come_first_and_stay_as_they_are),
        TEST(wrong_values_are_refused_before_anything_is_touched),
        TEST(a_dry_run_writes_nothing),
        TEST(what_the_server_refuses_fails_the_release),
        TEST(an_atomic_install_that_fails_leaves_nothing),
        TEST(what_another_has_taken_over_is_left_to_it),
        TEST(an_install_that_was_killed_is_completed),
        TEST(an_install_at_work_is_waited_for_until_its_lock_expires),
        TEST(what_helm_left_pending_is_taken_over_only_when_asked),
        TEST(an_uninstall_that_was_cut_short_is_in_the_way),
        TEST(of_two_installs_at_once_one_is_refused),
        TEST(what_is_read_is_what_was_recorded),
        TEST(discovery_is_asked_for_only_when_wanted_and_once_a_client),
        TEST(what_is_served_is_known_with_its_kinds),
        TEST(a_secret_that_is_no_release_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
