/* SPDX-License-Identifier: Apache-2.0 */
/* The API client against a real API server: verbs, paging, conflicts, discovery, permissions. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "support.h"

static test_cluster cluster;

static int setup(void **state)
{
    (void)state;
    test_cluster_init(&cluster, "kube-api");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_cluster_done(&cluster);
    return 0;
}

static vcl_object_key config_map(const char *name)
{
    return (vcl_object_key){ "v1", "ConfigMap", cluster.namespace_name, name };
}

static void version_is_told_and_cached(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    char *version = NULL;

    (void)state;
    test_ok(vcl_kube_version(cluster.kube, &call, &version, &error), &error);
    assert_int_equal(version[0], 'v');
    free(version);

    int64_t requests = vcl_http_request_count(vcl_kube_http(cluster.kube));
    test_ok(vcl_kube_version(cluster.kube, &call, &version, &error), &error);
    assert_int_equal(vcl_http_request_count(vcl_kube_http(cluster.kube)), requests);
    free(version);
}

static void created_object_can_be_got_and_is_told_to_exist(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    cJSON *object = NULL;
    vcl_object_key key = config_map("first");

    (void)state;
    test_create(&cluster, test_json("{'apiVersion':'v1','kind':'ConfigMap','metadata':"
                                    "{'name':'first'},'data':{'a':'1'}}"));
    test_ok(vcl_kube_get(cluster.kube, &call, &key, &object, &error), &error);
    assert_string_equal(vcl_json_find_string(object, "data", "a", NULL), "1");

    vcl_json_remove(vcl_json_get(object, "metadata"), "resourceVersion");
    int status = vcl_kube_create(cluster.kube, &call, object, NULL, "test", NULL, &error);
    assert_int_equal(status, VCLUSTER_E_ALREADY_EXISTS);
    assert_string_equal(vcluster_error_reason(error), "AlreadyExists");
    assert_int_equal(vcluster_error_http_status(error), 409);
    assert_non_null(strstr(vcluster_error_message(error), "cannot create ConfigMap 'first' in"));
    vcluster_error_free(error);
    cJSON_Delete(object);
}

static void metadata_alone_is_got_without_data(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    cJSON *object = NULL;
    vcl_object_key key = config_map("first");

    (void)state;
    test_ok(vcl_kube_get_metadata(cluster.kube, &call, &key, &object, &error), &error);
    assert_string_equal(vcl_json_find_string(object, "kind", NULL), "ConfigMap");
    assert_string_equal(vcl_json_find_string(object, "metadata", "name", NULL), "first");
    assert_null(vcl_json_get(object, "data"));
    cJSON_Delete(object);
}

static void missing_object_is_not_found(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    cJSON *object = NULL;
    vcl_object_key key = config_map("no-such");

    (void)state;
    assert_int_equal(vcl_kube_get(cluster.kube, &call, &key, &object, &error),
                     VCLUSTER_E_NOT_FOUND);
    assert_string_equal(vcluster_error_reason(error), "NotFound");
    assert_null(object);
    vcluster_error_free(error);
}

static int count_item(const cJSON *item, void *data, vcluster_error **error)
{
    int *count = data;

    (void)error;
    assert_string_equal(vcl_json_find_string(item, "apiVersion", NULL), "v1");
    assert_string_equal(vcl_json_find_string(item, "kind", NULL), "ConfigMap");
    (*count)++;
    return 0;
}

static int stop_at_ten(const cJSON *item, void *data, vcluster_error **error)
{
    int *count = data;

    (void)item;
    return ++*count == 10 ? vcl_fail(error, VCLUSTER_E_CANCELLED, "enough") : 0;
}

static void lists_come_in_pages_and_whole(void **state)
{
    vcl_call call = test_call(120000);
    vcluster_error *error = NULL;
    cJSON *list = NULL;
    char *version = NULL;
    int count = 0;
    vcl_list_query query = { .api_version = "v1",
                             .kind = "ConfigMap",
                             .namespace_name = cluster.namespace_name,
                             .label_selector = "paged=yes",
                             .page_size = 100 };

    (void)state;
    for (int i = 0; i < 250; i++)
        test_create(&cluster, test_json("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':"
                                        "'paged-%d','labels':{'paged':'yes'}}}",
                                        i));
    int64_t requests = vcl_http_request_count(vcl_kube_http(cluster.kube));
    test_ok(vcl_kube_list(cluster.kube, &call, &query, &list, &error), &error);
    assert_int_equal(vcl_http_request_count(vcl_kube_http(cluster.kube)) - requests, 3);
    assert_int_equal(cJSON_GetArraySize(vcl_json_get(list, "items")), 250);
    assert_null(vcl_json_find(list, "metadata", "continue", NULL));
    assert_non_null(vcl_json_find_string(list, "metadata", "resourceVersion", NULL));
    cJSON_Delete(list);

    query.metadata_only = true;
    test_ok(vcl_kube_list_each(cluster.kube, &call, &query, count_item, &count, &version, &error),
            &error);
    assert_int_equal(count, 250);
    assert_non_null(version);
    free(version);

    count = 0;
    assert_int_equal(
        vcl_kube_list_each(cluster.kube, &call, &query, stop_at_ten, &count, NULL, &error),
        VCLUSTER_E_CANCELLED);
    assert_int_equal(count, 10);
    vcluster_error_free(error);
}

static void apply_tells_conflicts_with_their_owner(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    cJSON *object = NULL;
    cJSON *mine = test_json("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'applied'},"
                            "'data':{'a':'1','n':'x'}}");
    vcl_apply_options options = { .namespace_name = cluster.namespace_name,
                                  .field_manager = "one" };

    (void)state;
    test_ok(vcl_kube_apply(cluster.kube, &call, mine, &options, NULL, &error), &error);
    options.field_manager = "two";
    vcl_json_set_string(vcl_json_get(mine, "data"), "a", "2");
    assert_int_equal(vcl_kube_apply(cluster.kube, &call, mine, &options, NULL, &error),
                     VCLUSTER_E_CONFLICT);
    assert_non_null(strstr(vcluster_error_message(error), "owned by 'one'"));
    assert_non_null(strstr(vcluster_error_message(error), "cannot apply ConfigMap 'applied'"));
    assert_int_equal(vcluster_error_finding_count(error), 1);
    assert_string_equal(vcluster_finding_path(vcluster_error_finding_at(error, 0)), ".data.a");
    vcluster_error_free(error);
    error = NULL;

    options.force = options.dry_run = true;
    test_ok(vcl_kube_apply(cluster.kube, &call, mine, &options, &object, &error), &error);
    assert_string_equal(vcl_json_find_string(object, "data", "a", NULL), "2");
    cJSON_Delete(object);
    object = NULL;
    vcl_object_key key = config_map("applied");
    test_ok(vcl_kube_get(cluster.kube, &call, &key, &object, &error), &error);
    assert_string_equal(vcl_json_find_string(object, "data", "a", NULL), "1");
    cJSON_Delete(object);
    cJSON_Delete(mine);
}

static void patches_and_replacements_change_an_object(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    cJSON *object = NULL;
    vcl_object_key key = config_map("patched");

    (void)state;
    test_create(&cluster, test_json("{'apiVersion':'v1','kind':'ConfigMap','metadata':"
                                    "{'name':'patched'},'data':{'a':'1','b':'2'}}"));
    test_ok(vcl_kube_patch(cluster.kube, &call, &key, "application/merge-patch+json",
                           "{\"data\":{\"a\":null,\"c\":\"3\"}}", NULL, &object, &error),
            &error);
    assert_null(vcl_json_find(object, "data", "a", NULL));
    assert_string_equal(vcl_json_find_string(object, "data", "c", NULL), "3");

    cJSON *renewed = NULL;
    vcl_json_set_string(vcl_json_get(object, "data"), "b", "5");
    test_ok(vcl_kube_replace(cluster.kube, &call, object, "test", &renewed, &error), &error);
    assert_string_equal(vcl_json_find_string(renewed, "data", "b", NULL), "5");
    assert_int_equal(vcl_kube_replace(cluster.kube, &call, object, "test", NULL, &error),
                     VCLUSTER_E_CONFLICT);
    assert_true(vcluster_error_retryable(error));
    vcluster_error_free(error);
    error = NULL;
    assert_int_equal(vcl_kube_patch(cluster.kube, &call, &key, "application/json-patch+json",
                                    "[{\"op\":\"test\",\"path\":\"/data/b\",\"value\":\"6\"}]",
                                    NULL, NULL, &error),
                     VCLUSTER_E_INVALID_ARGUMENT);
    vcluster_error_free(error);
    cJSON_Delete(renewed);
    cJSON_Delete(object);
}

static void invalid_objects_come_back_with_findings(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    cJSON *object = test_json("{'apiVersion':'v1','kind':'Service','metadata':{'name':'bad'},"
                              "'spec':{'ports':[{'port':0}]}}");

    (void)state;
    assert_int_equal(
        vcl_kube_create(cluster.kube, &call, object, cluster.namespace_name, "test", NULL, &error),
        VCLUSTER_E_INVALID_ARGUMENT);
    assert_string_equal(vcluster_error_reason(error), "Invalid");
    assert_true(vcluster_error_finding_count(error) >= 1);
    assert_string_equal(vcluster_finding_path(vcluster_error_finding_at(error, 0)),
                        "spec.ports[0].port");
    vcluster_error_free(error);
    cJSON_Delete(object);
}

static void quota_is_told_apart(void **state)
{
    vcl_call call = test_call(20000);
    vcluster_error *error = NULL;
    cJSON *object = test_json("{'apiVersion':'v1','kind':'Service','metadata':{'name':'one'},"
                              "'spec':{'ports':[{'port':80}]}}");

    (void)state;
    test_create(&cluster, test_json("{'apiVersion':'v1','kind':'ResourceQuota','metadata':"
                                    "{'name':'none'},'spec':{'hard':{'services':'0'}}}"));
    int status;
    do { /* until the quota controller has counted for the first time */
        vcl_error_clear(&error);
        status = vcl_kube_create(cluster.kube, &call, object, cluster.namespace_name, "test", NULL,
                                 &error);
        if (status == 0) {
            vcl_object_key key = { "v1", "Service", cluster.namespace_name, "one" };
            test_ok(vcl_kube_delete(cluster.kube, &call, &key, NULL, NULL), NULL);
        }
    } while (status == 0 || (status == VCLUSTER_E_QUOTA &&
                             !strstr(vcluster_error_message(error), "exceeded quota")));
    assert_int_equal(status, VCLUSTER_E_QUOTA);
    vcluster_error_free(error);
    cJSON_Delete(object);
}

static void deleted_object_is_waited_for(void **state)
{
    vcl_call call = test_call(20000);
    vcluster_error *error = NULL;
    cJSON *object = NULL;
    vcl_object_key key = config_map("held");

    (void)state;
    test_create(&cluster, test_json("{'apiVersion':'v1','kind':'ConfigMap','metadata':"
                                    "{'name':'held','finalizers':['example.com/hold']}}"));
    test_ok(vcl_kube_get(cluster.kube, &call, &key, &object, &error), &error);
    const char *uid = vcl_json_find_string(object, "metadata", "uid", NULL);

    vcl_kube_delete_options wrong = { .uid = "00000000-0000-0000-0000-000000000000",
                                      .grace_seconds = -1 };
    assert_int_equal(vcl_kube_delete(cluster.kube, &call, &key, &wrong, &error),
                     VCLUSTER_E_CONFLICT);
    vcl_error_clear(&error);

    vcl_kube_delete_options right = { .uid = uid, .grace_seconds = -1 };
    test_ok(vcl_kube_delete(cluster.kube, &call, &key, &right, &error), &error);
    vcl_call brief = test_call(300);
    assert_int_equal(vcl_kube_wait_gone(cluster.kube, &brief, &key, uid, &error),
                     VCLUSTER_E_TIMEOUT);
    vcl_error_clear(&error);

    test_ok(vcl_kube_patch(cluster.kube, &call, &key, "application/merge-patch+json",
                           "{\"metadata\":{\"finalizers\":null}}", NULL, NULL, &error),
            &error);
    test_ok(vcl_kube_wait_gone(cluster.kube, &call, &key, uid, &error), &error);
    test_ok(vcl_kube_wait_gone(cluster.kube, &call, &key, NULL, &error), &error);
    cJSON_Delete(object);
}

static void another_uid_of_the_name_counts_as_gone(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    vcl_object_key key = config_map("first");

    (void)state;
    test_ok(vcl_kube_wait_gone(cluster.kube, &call, &key, "not-this-one", &error), &error);
}

static void delete_definition(const char *name)
{
    vcl_call call = test_call(10000);
    vcl_object_key key = { "apiextensions.k8s.io/v1", "CustomResourceDefinition", NULL, name };

    (void)vcl_kube_delete(cluster.kube, &call, &key, NULL, NULL);
}

static void kinds_of_definitions_are_discovered(void **state)
{
    vcl_call call = test_call(30000);
    vcluster_error *error = NULL;
    vcl_resource resource;
    char group[128];
    char name[160];

    (void)state;
    (void)snprintf(group, sizeof(group), "%s.example.com", cluster.namespace_name);
    (void)snprintf(name, sizeof(name), "oxen.%s", group);
    vcl_auto_free char *api_version = vcl_format("%s/v1", group);
    assert_int_equal(vcl_kube_resource(cluster.kube, &call, api_version, "Ox", &resource, &error),
                     VCLUSTER_E_NOT_FOUND);
    vcl_error_clear(&error);

    test_create(&cluster,
                test_json("{'apiVersion':'apiextensions.k8s.io/v1','kind':"
                          "'CustomResourceDefinition','metadata':{'name':'%s'},'spec':{'group':"
                          "'%s','scope':'Namespaced','names':{'plural':'oxen','singular':'ox',"
                          "'kind':'Ox','listKind':'OxList'},'versions':[{'name':'v1','served':true,"
                          "'storage':true,'schema':{'openAPIV3Schema':{'type':'object',"
                          "'x-kubernetes-preserve-unknown-fields':true}}}]}}",
                          name, group));
    int status;
    do {
        vcl_error_clear(&error);
        status = vcl_kube_resource(cluster.kube, &call, api_version, "Ox", &resource, &error);
    } while (status == VCLUSTER_E_NOT_FOUND);
    if (status < 0)
        delete_definition(name);
    test_ok(status, &error);
    error = NULL;
    assert_string_equal(resource.plural, "oxen");
    assert_true(resource.namespaced);

    cJSON *ox = test_json("{'apiVersion':'%s','kind':'Ox','metadata':{'name':'a'},'weight':"
                          "9007199254740993}",
                          api_version);
    do { /* the definition is discovered a moment before its objects are served */
        vcl_error_clear(&error);
        status =
            vcl_kube_create(cluster.kube, &call, ox, cluster.namespace_name, "test", NULL, &error);
    } while (status == VCLUSTER_E_NOT_FOUND);
    cJSON_Delete(ox);
    ox = NULL;
    vcl_object_key key = { api_version, "Ox", cluster.namespace_name, "a" };
    if (status == 0)
        status = vcl_kube_get(cluster.kube, &call, &key, &ox, &error);
    delete_definition(name);
    test_ok(status, &error);
    assert_true(vcl_json_find_int(ox, 0, "weight", NULL) == 9007199254740993);
    cJSON_Delete(ox);
}

/* A client that logs in as a service account without any right. */
static vcl_kube *restricted_client(void)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    cJSON *answer = NULL;
    vcl_kube *kube = NULL;

    test_create(&cluster, test_json("{'apiVersion':'v1','kind':'ServiceAccount','metadata':"
                                    "{'name':'nobody'}}"));
    vcl_auto_free char *path =
        vcl_format("/api/v1/namespaces/%s/serviceaccounts/nobody/token", cluster.namespace_name);
    const char *body = "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\","
                       "\"spec\":{\"expirationSeconds\":600}}";
    vcl_http_request request = { .method = "POST",
                                 .path = path,
                                 .content_type = "application/json",
                                 .body = body,
                                 .body_size = strlen(body) };
    vcl_http_response response = { 0 };
    test_ok(vcl_http_send(vcl_kube_http(cluster.kube), &call, &request, &response, &error), &error);
    assert_int_equal(response.status, 201);
    test_ok(vcl_json_parse(vcl_buf_text(&response.body), response.body.size, &answer, &error),
            &error);

    vcl_endpoint endpoint = { .server = cluster.endpoint.server,
                              .tls_server_name = cluster.endpoint.tls_server_name,
                              .ca_pem = cluster.endpoint.ca_pem };
    endpoint.bearer_token = vcl_strdup(vcl_json_find_string(answer, "status", "token", NULL));
    test_ok(vcl_kube_new(&endpoint, NULL, NULL, &kube, &error), &error);
    vcl_free_secret(endpoint.bearer_token);
    vcl_json_free_secret(answer);
    vcl_http_response_done(&response);
    return kube;
}

static void missing_rights_are_told(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    cJSON *list = NULL;
    vcl_kube *kube = restricted_client();
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Secret",
                             .namespace_name = cluster.namespace_name };

    (void)state;
    assert_int_equal(vcl_kube_list(kube, &call, &query, &list, &error), VCLUSTER_E_PERMISSION);
    assert_int_equal(vcluster_error_http_status(error), 403);
    assert_non_null(strstr(vcluster_error_message(error), "cannot list Secret in namespace"));
    assert_non_null(strstr(vcluster_error_message(error), "RBAC"));
    assert_false(vcluster_error_retryable(error));
    vcluster_error_free(error);
    vcl_kube_free(kube);
}

static void wrong_token_is_unauthenticated(void **state)
{
    vcl_call call = test_call(10000);
    vcluster_error *error = NULL;
    cJSON *object = NULL;
    vcl_kube *kube = NULL;
    char token[] = "not-a-token";
    vcl_endpoint endpoint = { .server = cluster.endpoint.server,
                              .tls_server_name = cluster.endpoint.tls_server_name,
                              .ca_pem = cluster.endpoint.ca_pem,
                              .bearer_token = token };
    vcl_object_key key = config_map("first");

    (void)state;
    test_ok(vcl_kube_new(&endpoint, NULL, NULL, &kube, &error), &error);
    assert_int_equal(vcl_kube_get(kube, &call, &key, &object, &error), VCLUSTER_E_UNAUTHENTICATED);
    assert_null(strstr(vcluster_error_to_string(error), token));
    vcluster_error_free(error);
    vcl_kube_free(kube);
}

static void dying_namespace_is_a_precondition(void **state)
{
    vcl_call call = test_call(30000);
    vcluster_error *error = NULL;
    vcl_auto_free char *name = vcl_format("%s-dying", cluster.namespace_name);
    vcl_object_key key = { "v1", "Namespace", NULL, name };
    cJSON *held = test_json("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'held',"
                            "'finalizers':['example.com/hold']}}");
    cJSON *late = test_json("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'late'}}");

    (void)state;
    test_create(&cluster, test_json("{'apiVersion':'v1','kind':'Namespace','metadata':"
                                    "{'name':'%s'}}",
                                    name));
    test_ok(vcl_kube_create(cluster.kube, &call, held, name, "test", NULL, &error), &error);
    test_ok(vcl_kube_delete(cluster.kube, &call, &key, NULL, &error), &error);
    int status = vcl_kube_create(cluster.kube, &call, late, name, "test", NULL, &error);
    assert_int_equal(status, VCLUSTER_E_PRECONDITION);
    assert_true(vcluster_error_retryable(error));
    vcl_error_clear(&error);

    vcl_object_key held_key = { "v1", "ConfigMap", name, "held" };
    test_ok(vcl_kube_patch(cluster.kube, &call, &held_key, "application/merge-patch+json",
                           "{\"metadata\":{\"finalizers\":null}}", NULL, NULL, &error),
            &error);
    test_ok(vcl_kube_wait_gone(cluster.kube, &call, &key, NULL, &error), &error);
    cJSON_Delete(held);
    cJSON_Delete(late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_is_told_and_cached),
        cmocka_unit_test(created_object_can_be_got_and_is_told_to_exist),
        cmocka_unit_test(metadata_alone_is_got_without_data),
        cmocka_unit_test(missing_object_is_not_found),
        cmocka_unit_test(lists_come_in_pages_and_whole),
        cmocka_unit_test(apply_tells_conflicts_with_their_owner),
        cmocka_unit_test(patches_and_replacements_change_an_object),
        cmocka_unit_test(invalid_objects_come_back_with_findings),
        cmocka_unit_test(quota_is_told_apart),
        cmocka_unit_test(deleted_object_is_waited_for),
        cmocka_unit_test(another_uid_of_the_name_counts_as_gone),
        cmocka_unit_test(kinds_of_definitions_are_discovered),
        cmocka_unit_test(missing_rights_are_told),
        cmocka_unit_test(wrong_token_is_unauthenticated),
        cmocka_unit_test(dying_namespace_is_a_precondition),
    };

    if (!test_kubeconfig())
        return TEST_SKIPPED;
    return cmocka_run_group_tests(tests, setup, teardown);
}
