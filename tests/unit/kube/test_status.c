/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the API server to errors; paths of objects; the words for a request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/client.h"
#include "kube/kinds.h"

/* The error of an answer to a request. */
static vcluster_error *answer(const vcl_http_request *request, int http, const char *body)
{
    vcluster_error *error = NULL;
    vcl_http_response response = { .status = http };

    vcl_buf_init(&response.body, VCL_MAX_HTTP_BODY);
    assert_true(vcl_buf_add(&response.body, body));
    int status = vcl_kube_status_error(request, &response, &error);
    assert_int_equal(status, vcluster_error_code(error));
    vcl_buf_done(&response.body);
    return error;
}

static const vcl_http_request put_set = {
    .method = "PUT",
    .path = "/apis/apps/v1/namespaces/x/statefulsets/dev?fieldManager=helm",
};

static void expect(int http, const char *body, int status, bool retryable, const char *part)
{
    vcluster_error *error = answer(&put_set, http, body);

    assert_int_equal(vcluster_error_code(error), status);
    assert_int_equal(vcluster_error_http_status(error), http);
    assert_int_equal(vcluster_error_retryable(error), retryable);
    if (!strstr(vcluster_error_to_string(error), part))
        fail_msg("'%s' is not in '%s'", part, vcluster_error_to_string(error));
    assert_non_null(
        strstr(vcluster_error_message(error), "cannot replace StatefulSet 'dev' in namespace 'x'"));
    vcluster_error_free(error);
}

#define STATUS(reason, message)                                                                    \
    "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"" reason "\",\"message\":\"" message \
    "\"}"
#define STATUS_CAUSE(reason, message, cause)                                                       \
    "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"" reason "\",\"message\":\"" message \
    "\",\"details\":{\"causes\":[" cause "]}}"

static void reasons_decide_the_status(void **state)
{
    static const struct {
        int http;
        const char *body;
        int status;
        bool retryable;
        const char *part;
    } cases[] = {
        { 409, STATUS("AlreadyExists", "there"), VCLUSTER_E_ALREADY_EXISTS, false, "there" },
        { 409, STATUS("Conflict", "changed"), VCLUSTER_E_CONFLICT, true, "changed" },
        { 404, STATUS("NotFound", "none"), VCLUSTER_E_NOT_FOUND, false, "none" },
        { 401, STATUS("Unauthorized", "Unauthorized"), VCLUSTER_E_UNAUTHENTICATED, false,
          "expired" },
        { 403, STATUS("Forbidden", "User 'a' cannot get x"), VCLUSTER_E_PERMISSION, false, "RBAC" },
        { 403, STATUS("Forbidden", "exceeded quota: q, requested: pods=1"), VCLUSTER_E_QUOTA, false,
          "raise the quota" },
        { 403, STATUS("Forbidden", "maximum cpu usage per Container is 1, but limit is 2"),
          VCLUSTER_E_QUOTA, false, "maximum cpu" },
        { 403, STATUS_CAUSE("Forbidden", "no", "{\"reason\":\"NamespaceTerminating\"}"),
          VCLUSTER_E_PRECONDITION, true, "wait until" },
        { 403, STATUS("Forbidden", "admission webhook \\\"w\\\" denied the request: no"),
          VCLUSTER_E_PRECONDITION, false, "policy" },
        { 400, STATUS("", "admission webhook \\\"w\\\" denied the request: no"),
          VCLUSTER_E_PRECONDITION, false, "policy" },
        { 422, STATUS("Invalid", "bad"), VCLUSTER_E_INVALID_ARGUMENT, false, "bad" },
        { 400, STATUS("BadRequest", "bad"), VCLUSTER_E_INVALID_ARGUMENT, false, "bad" },
        { 405, STATUS("MethodNotAllowed", "no"), VCLUSTER_E_UNSUPPORTED, false, "no" },
        { 410, STATUS("Expired", "old"), VCLUSTER_E_UNAVAILABLE, true, "old" },
        { 429, STATUS("TooManyRequests", "slow"), VCLUSTER_E_UNAVAILABLE, true, "slow" },
        { 500, STATUS("InternalError", "oh"), VCLUSTER_E_UNAVAILABLE, true, "oh" },
        { 504, STATUS("Timeout", "late"), VCLUSTER_E_UNAVAILABLE, true, "late" },
        { 418, STATUS("SomethingNew", "new"), VCLUSTER_E_INVALID_ARGUMENT, false, "new" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect(cases[i].http, cases[i].body, cases[i].status, cases[i].retryable, cases[i].part);
}

static void bodies_that_are_no_status_are_told_short(void **state)
{
    (void)state;
    expect(404, "404 page not found\n", VCLUSTER_E_NOT_FOUND, false,
           "HTTP status 404: 404 page not found");
    expect(502, "", VCLUSTER_E_UNAVAILABLE, true, "HTTP status 502");
    expect(503, "{\"kind\":\"Pod\"}", VCLUSTER_E_UNAVAILABLE, true, "HTTP status 503: {");
    expect(302, "moved", VCLUSTER_E_PROTOCOL, false, "HTTP status 302: moved");
    expect(400, "\xff\xfe", VCLUSTER_E_INVALID_ARGUMENT, false, "HTTP status 400");
    expect(401, "a\033[31mb", VCLUSTER_E_UNAUTHENTICATED, false, "a?[31mb");
}

static void long_bodies_are_cut(void **state)
{
    char body[VCL_MAX_ERROR_TEXT * 4];

    (void)state;
    memset(body, 'x', sizeof(body) - 1);
    body[sizeof(body) - 1] = '\0';
    vcluster_error *error = answer(&put_set, 500, body);
    assert_true(strlen(vcluster_error_message(error)) < VCL_MAX_ERROR_TEXT + 256);
    vcluster_error_free(error);
}

static void owners_of_fields_are_named_once_each(void **state)
{
    static const char body[] = STATUS_CAUSE(
        "Conflict", "Apply failed",
        "{\"reason\":\"FieldManagerConflict\",\"field\":\".spec.a\",\"message\":\"conflict with "
        "\\\"kubectl\\\" using v1\"},"
        "{\"reason\":\"FieldManagerConflict\",\"field\":\".spec.b\",\"message\":\"conflict with "
        "\\\"kubectl\\\" using v1\"},"
        "{\"reason\":\"FieldManagerConflict\",\"field\":\".spec.c\",\"message\":\"conflict with "
        "\\\"argo\\\" using v1\"}");
    vcluster_error *error = answer(&put_set, 409, body);

    (void)state;
    assert_non_null(strstr(vcluster_error_message(error), "owned by 'kubectl', 'argo'"));
    assert_int_equal(vcluster_error_finding_count(error), 3);
    assert_string_equal(vcluster_finding_path(vcluster_error_finding_at(error, 2)), ".spec.c");
    vcluster_error_free(error);
}

static void causes_become_findings(void **state)
{
    vcluster_error *error =
        answer(&put_set, 422,
               STATUS_CAUSE("Invalid", "wrong",
                            "{\"reason\":\"FieldValueRequired\",\"message\":\"Required value\","
                            "\"field\":\"spec.ports\"},{\"reason\":1}"));

    (void)state;
    assert_int_equal(vcluster_error_finding_count(error), 1);
    const vcluster_finding *finding = vcluster_error_finding_at(error, 0);
    assert_string_equal(vcluster_finding_path(finding), "spec.ports");
    assert_string_equal(vcluster_finding_rule(finding), "FieldValueRequired");
    assert_string_equal(vcluster_finding_message(finding), "Required value");
    vcluster_error_free(error);
}

static void requests_are_told_in_words(void **state)
{
    static const struct {
        vcl_http_request request;
        const char *words;
    } cases[] = {
        { { .method = "GET", .path = "/api/v1/namespaces/x/pods?limit=5" },
          "cannot list Pod in namespace 'x':" },
        { { .method = "GET", .path = "/api/v1/pods" }, "cannot list Pod:" },
        { { .method = "GET", .path = "/api/v1/namespaces/x" }, "cannot get Namespace 'x':" },
        { { .method = "GET", .path = "/api/v1/namespaces" }, "cannot list Namespace:" },
        { { .method = "GET", .path = "/api/v1/pods?watch=1" }, "cannot watch Pod:" },
        { { .method = "GET", .path = "/api/v1/namespaces/x/pods/p/log?tailLines=1" },
          "cannot get Pod 'p' in namespace 'x' (log):" },
        { { .method = "DELETE", .path = "/apis/a.example.com/v1/oxen/a" },
          "cannot delete oxen 'a':" },
        { { .method = "PATCH", .path = "/api/v1/nodes/system%3An", .content_type = "x" },
          "cannot patch Node 'system:n':" },
        { { .method = "PATCH",
            .path = "/api/v1/nodes/n",
            .content_type = "application/apply-patch+yaml" },
          "cannot apply Node 'n':" },
        { { .method = "POST",
            .path = "/api/v1/namespaces/x/secrets",
            .body = "{\"metadata\":{\"name\":\"s\"}}",
            .body_size = 23 },
          "cannot create Secret in namespace 'x':" },
        { { .method = "POST",
            .path = "/api/v1/namespaces/x/secrets",
            .body = "{\"metadata\":{\"name\":\"s\"}}",
            .body_size = 25 },
          "cannot create Secret 's' in namespace 'x':" },
        { { .method = "GET", .path = "/version" }, "cannot get from the server:" },
        { { .method = "GET", .path = "" }, "cannot get from the server:" },
        { { .method = "GET", .path = "/api" }, "cannot get from the server:" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcluster_error *error = answer(&cases[i].request, 500, "");
        if (!vcl_starts_with(vcluster_error_message(error), cases[i].words))
            fail_msg("'%s' does not begin with '%s'", vcluster_error_message(error),
                     cases[i].words);
        vcluster_error_free(error);
    }
}

static void success_with_a_failure_inside_is_an_error(void **state)
{
    vcluster_error *error =
        answer(&put_set, 200,
               "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"m\",\"code\":409,"
               "\"reason\":\"Conflict\"}");

    (void)state;
    assert_int_equal(vcluster_error_code(error), VCLUSTER_E_CONFLICT);
    assert_int_equal(vcluster_error_http_status(error), 409);
    vcluster_error_free(error);
}

static void check_path(const char *kind,
                       const char *api_version,
                       const char *namespace_name,
                       const char *name,
                       const char *path)
{
    const vcl_resource *resource = vcl_kinds_find(api_version, kind);
    vcluster_error *error = NULL;
    VCL_AUTO_BUF buf;

    vcl_buf_init(&buf, VCL_KUBE_MAX_PATH);
    assert_non_null(resource);
    int status = vcl_kube_path(resource, namespace_name, name, &buf, &error);
    if (path) {
        assert_int_equal(status, 0);
        assert_string_equal(vcl_buf_text(&buf), path);
    } else {
        assert_int_equal(status, VCLUSTER_E_INVALID_ARGUMENT);
    }
    vcluster_error_free(error);
}

static void paths_follow_kind_namespace_and_name(void **state)
{
    (void)state;
    check_path("Pod", "v1", "x", "p", "/api/v1/namespaces/x/pods/p");
    check_path("Pod", "v1", NULL, NULL, "/api/v1/pods");
    check_path("StatefulSet", "apps/v1", "x", NULL, "/apis/apps/v1/namespaces/x/statefulsets");
    check_path("Namespace", "v1", "ignored", "x", "/api/v1/namespaces/x");
    check_path("ClusterRole", "rbac.authorization.k8s.io/v1", NULL, "system:node",
               "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode");
    check_path("Pod", "v1", NULL, "p", NULL);
    check_path("Pod", "v1", "x", "../../secrets/s", NULL);
    check_path("Pod", "v1", "..", "p", NULL);
    check_path("Pod", "v1", "x", "", NULL);
    check_path("Pod", "v1", "x", "a%2fb", NULL);
}

static void query_values_are_escaped(void **state)
{
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, VCL_KUBE_MAX_PATH);
    vcl_buf_add(&buf, "/p");
    vcl_query_add(&buf, "a", NULL);
    vcl_query_add(&buf, "labelSelector", "app=x,b in (c, d)");
    vcl_query_add_int(&buf, "limit", -5);
    assert_string_equal(vcl_buf_text(&buf),
                        "/p?labelSelector=app%3Dx%2Cb%20in%20%28c%2C%20d%29&limit=-5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_decide_the_status),
        cmocka_unit_test(bodies_that_are_no_status_are_told_short),
        cmocka_unit_test(long_bodies_are_cut),
        cmocka_unit_test(owners_of_fields_are_named_once_each),
        cmocka_unit_test(causes_become_findings),
        cmocka_unit_test(requests_are_told_in_words),
        cmocka_unit_test(success_with_a_failure_inside_is_an_error),
        cmocka_unit_test(paths_follow_kind_namespace_and_name),
        cmocka_unit_test(query_values_are_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
