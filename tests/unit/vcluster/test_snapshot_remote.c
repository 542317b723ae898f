/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots that upstream's control plane is asked for: the URL, the request, what becomes of it.
 */
#include "cm.h"

#include <libvcluster/snapshot.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "fake_host.h"
#include "vcluster/state/snapshot_remote.h"
#include "vcluster/state/snapshot_url.h"

static fake_host *host;
static vcluster_client *client;
static const char *outcome; /* a status in JSON that the control plane writes */
static char asked[256];     /* path of the last request */
static char phase_asked[32];
static bool held; /* it is not through with a request yet */

/* The control plane: it answers a request at once. */
static void answer(cJSON *object, void *data)
{
    VCL_AUTO_JSON *request = NULL;
    VCL_AUTO_JSON *status = NULL;
    const char *text = vcl_json_find_string(object, "data", "snapshotRequest", NULL);

    (void)data;
    if (!text)
        return;
    (void)snprintf(asked, sizeof(asked), "/api/v1/namespaces/team/configmaps/%s",
                   vcl_json_find_string(object, "metadata", "name", NULL));
    assert_int_equal(vcl_json_parse(text, strlen(text), &request, NULL), 0);
    assert_int_equal(vcl_json_parse(outcome, strlen(outcome), &status, NULL), 0);
    (void)snprintf(phase_asked, sizeof(phase_asked), "%s",
                   vcl_str(vcl_json_find_string(request, "status", "phase", NULL)));
    assert_true(vcl_json_set(request, "status", vcl_steal(&status)));
    if (held) {
        const char *const finalizer = "vcluster.loft.sh/snapshot-controller";
        assert_true(vcl_json_set(vcl_json_get(object, "metadata"), "finalizers",
                                 cJSON_CreateStringArray(&finalizer, 1)));
    }
    vcl_auto_free char *changed = vcl_json_print(request);
    assert_true(vcl_json_set_string(vcl_json_get(object, "data"), "snapshotRequest", changed));
}

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    fake_host_on_write(host, answer, NULL);
    outcome = "{\"phase\":\"Completed\"}";
    held = false;
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}}, spec: {replicas: 1, "
                        "template: {spec: {containers: [{name: syncer, image: "
                        "'ghcr.io/loft-sh/vcluster-oss:0.36.1'}]}}}}");
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static int take(const char *url, char **out_json, vcluster_error **error)
{
    vcluster_snapshot_request_options options = VCLUSTER_SNAPSHOT_REQUEST_OPTIONS_INIT;

    options.timeout_ms = 20000;
    return vcluster_instance_request_snapshot(client, "dev", url, &options, out_json, error);
}

static void assert_place(const char *url, const char *shown, const char *kind, const char *settings)
{
    vcl_snapshot_place place = { .url = NULL };
    vcluster_error *error = NULL;

    assert_works(vcl_snapshot_url_parse(url, &place, &error), &error);
    assert_string_equal(place.url, shown);
    assert_string_equal(vcl_json_find_string(place.settings, "type", NULL), kind);
    vcl_auto_free char *text = vcl_json_print(vcl_json_get(place.settings, kind));
    assert_string_equal(text, settings);
    vcl_snapshot_place_done(&place);
}

static void a_url_says_where_and_its_keys_are_not_shown(void **state)
{
    (void)state;
    assert_place("container:///data/a%20b.tar.gz", "container:///data/a b.tar.gz", "container",
                 "{\"path\":\"/data/a b.tar.gz\"}");
    assert_place("s3://bucket/some/key?region=eu-1&access-key-id=a2V5&force-path-style=true",
                 "s3://bucket/some/key", "s3",
                 "{\"bucket\":\"bucket\",\"key\":\"some/key\",\"region\":\"eu-1\","
                 "\"access-key-id\":\"key\",\"force-path-style\":true}");
    assert_place("oci://me:pass%40word@registry:5000/team/dev:1", "oci://registry:5000/team/dev:1",
                 "oci",
                 "{\"repository\":\"registry:5000/team/dev:1\",\"username\":\"me\","
                 "\"password\":\"pass@word\"}");
}

static void what_is_no_place_is_refused_and_no_value_is_repeated(void **state)
{
    static const struct {
        const char *url;
        const char *why;
    } bad[] = { { "file:///data/a", "no place for a snapshot" },
                { "/data/a", "no place for a snapshot" },
                { "", "no place for a snapshot" },
                { "container://data/a", "absolute path" },
                { "container:///", "absolute path" },
                { "container:///a%00b", "absolute path" },
                { "container:///a%4", "absolute path" },
                { "s3://bucket", "a bucket and a key" },
                { "s3:///key", "a bucket and a key" },
                { "s3://bucket/key?secret=hunter2", "unknown parameter 'secret'" },
                { "s3://bucket/key?secret-access-key=hunter2%21", "is not base64" },
                { "s3://bucket/key?force-path-style=hunter2", "neither true nor false" },
                { "oci://registry", "a registry and a repository" } };
    vcl_snapshot_place place = { .url = NULL };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        vcluster_error *error = NULL;
        int status = vcl_snapshot_url_parse(bad[i].url, &place, &error);
        assert_null(strstr(vcluster_error_to_string(error), "hunter2"));
        assert_fails(status, VCLUSTER_E_INVALID_ARGUMENT, &error, bad[i].why);
        assert_null(place.url);
    }
    vcluster_error *error = NULL;
    int status = vcl_snapshot_url_parse("https://a.blob.example/b/c", &place, &error);
    assert_fails(status, VCLUSTER_E_UNSUPPORTED, &error, "Azure");
}

static void a_request_is_made_as_upstream_reads_it_and_waited_for(void **state)
{
    vcluster_error *error = NULL;
    VCL_AUTO_JSON *told = NULL;
    char *json = NULL;

    (void)state;
    assert_works(take("s3://bucket/dev?secret-access-key=aHVudGVyMg==", &json, &error), &error);
    assert_int_equal(vcl_json_parse(json, strlen(json), &told, NULL), 0);
    vcluster_free(json);
    const char *name = vcl_json_find_string(told, "name", NULL);
    assert_string_equal(vcl_json_find_string(told, "phase", NULL), "Completed");
    assert_string_equal(vcl_json_find_string(told, "url", NULL), "s3://bucket/dev");

    vcl_auto_free char *secret_path = vcl_format("/api/v1/namespaces/team/secrets/%s", name);
    vcl_auto_free char *request_path = vcl_format("/api/v1/namespaces/team/configmaps/%s", name);
    VCL_AUTO_JSON *secret = fake_host_get(host, secret_path);
    VCL_AUTO_JSON *request = fake_host_get(host, request_path);
    const cJSON *labels = vcl_json_find(request, "metadata", "labels", NULL);
    assert_string_equal(vcl_json_find_string(labels, "vcluster.loft.sh/vcluster-name", NULL),
                        "dev");
    assert_string_equal(vcl_json_find_string(labels, "vcluster.loft.sh/vcluster-namespace", NULL),
                        "team");
    assert_string_equal(vcl_json_find_string(labels, "vcluster.loft.sh/snapshot-request", NULL),
                        "");
    assert_true(vcl_json_equal(labels, vcl_json_find(secret, "metadata", "labels", NULL)));
    assert_non_null(strstr(vcl_json_find_string(secret, "stringData", "snapshotOptions", NULL),
                           "\"secret-access-key\":\"hunter2\""));
    vcl_auto_free char *shown = vcl_json_print(request);
    assert_null(strstr(shown, "hunter2"));
}

/* It finishes when it is looked at for the third time. */
static int let_go(const vcluster_progress *progress, void *user_data)
{
    VCL_AUTO_JSON *request = fake_host_get(host, asked);
    int *looks = user_data;

    (void)progress;
    if (++*looks != 3 || !request)
        return 0;
    vcl_json_remove(vcl_json_get(request, "metadata"), "finalizers");
    vcl_auto_free char *text = vcl_json_print(request);
    fake_host_put(host, text);
    return 0;
}

static void one_is_kept_when_the_control_plane_has_let_go_of_its_request(void **state)
{
    vcluster_snapshot_request_options options = VCLUSTER_SNAPSHOT_REQUEST_OPTIONS_INIT;
    vcluster_error *error = NULL;
    int looks = 0;

    (void)state;
    held = true;
    options.timeout_ms = 20000;
    options.progress = let_go;
    options.user_data = &looks;
    assert_works(vcluster_instance_request_snapshot(client, "dev", "container:///data/a", &options,
                                                    NULL, &error),
                 &error);
    assert_true(looks >= 3);
}

static void what_the_control_plane_says_about_a_failure_is_told(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    outcome = "{\"phase\":\"Failed\",\"error\":{\"message\":\"no such bucket\"}}";
    int status = take("s3://bucket/dev", NULL, &error);
    assert_fails(status, VCLUSTER_E_UNAVAILABLE, &error, "no such bucket");
    error = NULL;
    outcome = "{\"phase\":\"Canceling\"}";
    status = take("s3://bucket/dev", NULL, &error);
    assert_fails(status, VCLUSTER_E_CONFLICT, &error, "a later request");
}

static void delete_it(fake_host *on, void *data)
{
    (void)data;
    fake_host_remove(on, asked);
}

static void a_request_that_is_deleted_before_it_is_looked_at_is_waited_for_no_longer(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    fake_host_before(host, "GET", "/configmaps", delete_it, NULL);
    int status = take("s3://bucket/dev", NULL, &error);
    assert_fails(status, VCLUSTER_E_CONFLICT, &error, "somebody has deleted the request");
}

static void a_request_that_cannot_be_made_leaves_no_secret(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    fake_host_fail(host, "POST", "/configmaps", 403);
    int status = take("container:///data/a", NULL, &error);
    assert_fails(status, VCLUSTER_E_PERMISSION, &error, "");
    assert_int_equal(fake_host_count(host, "/secrets/"), 0);
}

static void one_is_deleted_by_a_request_that_upstream_reads_so(void **state)
{
    vcluster_error *error = NULL;
    VCL_AUTO_JSON *told = NULL;
    char *json = NULL;

    (void)state;
    outcome = "{\"phase\":\"Deleted\"}";
    assert_works(
        vcluster_instance_delete_snapshot(client, "dev", "s3://bucket/dev", NULL, &json, &error),
        &error);
    assert_int_equal(vcl_json_parse(json, strlen(json), &told, NULL), 0);
    vcluster_free(json);
    assert_string_equal(vcl_json_find_string(told, "phase", NULL), "Deleted");
    assert_non_null(strstr(asked, "/dev-snapshot-request-delete-"));
    assert_string_equal(phase_asked, "Deleting");
    assert_int_equal(fake_host_count(host, "/secrets/dev-snapshot-request-delete-"), 1);

    outcome =
        "{\"phase\":\"Failed\",\"error\":{\"message\":\"stat /data/a.tar.gz: no such file\"}}";
    int status = vcluster_instance_delete_snapshot(client, "dev", "container:///data/a.tar.gz",
                                                   NULL, NULL, &error);
    assert_fails(status, VCLUSTER_E_UNAVAILABLE, &error, "could not delete it: stat");
}

static void a_file_that_upstream_would_not_delete_is_refused_beforehand(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    int status =
        vcluster_instance_delete_snapshot(client, "dev", "container:///data/a", NULL, NULL, &error);
    assert_fails(status, VCLUSTER_E_INVALID_ARGUMENT, &error, "'tar.gz'");
    assert_int_equal(fake_host_requests(host, NULL, "/"), 0);
}

static void assert_stored(const char *said, const char *expected)
{
    VCL_AUTO_BUF text = { 0 };
    vcluster_error *error = NULL;
    char *json = NULL;

    vcl_buf_init(&text, 4096);
    assert_true(vcl_buf_append(&text, said, strlen(said)));
    int status = vcl_snapshot_remote_tell_stored(&text, &json, &error);
    if (expected) {
        assert_works(status, &error);
        assert_string_equal(json, expected);
    } else {
        assert_fails(status, VCLUSTER_E_PROTOCOL, &error, "cannot be read");
    }
    vcluster_free(json);
}

static void what_upstream_prints_about_what_is_kept_is_read(void **state)
{
    (void)state;
    assert_stored("null", "[]");
    assert_stored("[{\"id\":\"a.tar.gz\",\"url\":\"container:///data/a.tar.gz\",\"timestamp\":"
                  "\"2026-01-02T00:00:00.12Z\"},{\"id\":7}]",
                  "[{\"name\":\"a.tar.gz\",\"url\":\"container:///data/a.tar.gz\",\"created\":"
                  "\"2026-01-02T00:00:00Z\"},{\"name\":\"\",\"url\":\"\",\"created\":\"\"}]");
    assert_stored("{}", NULL);
    assert_stored("panic", NULL);
    assert_stored("", NULL);
}

static void what_was_asked_for_is_listed_the_oldest_first(void **state)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    (void)state;
    outcome = "{\"phase\":\"\"}";
    fake_host_put(host, "{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: team, "
                        "labels: {vcluster.loft.sh/snapshot-request: '', "
                        "vcluster.loft.sh/vcluster-name: dev}}, data: {snapshotRequest: "
                        "'{\"metadata\":{\"name\":\"b\",\"creationTimestamp\":"
                        "\"2026-01-02T00:00:00Z\"},\"spec\":{\"url\":\"oci://r/b\"}}'}}");
    fake_host_put(host, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: team, "
                        "creationTimestamp: '2026-01-01T00:00:00Z', "
                        "labels: {vcluster.loft.sh/snapshot-request: '', "
                        "vcluster.loft.sh/vcluster-name: dev}}, data: {other: ''}}");
    fake_host_put(host, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: team, "
                        "labels: {vcluster.loft.sh/snapshot-request: '', "
                        "vcluster.loft.sh/vcluster-name: another}}}");
    assert_works(vcluster_instance_snapshot_requests(client, "dev", NULL, &json, &error), &error);
    assert_string_equal(json, "[{\"name\":\"c\",\"url\":\"\",\"phase\":\"Unknown\",\"created\":"
                              "\"2026-01-01T00:00:00Z\",\"error\":\"\"},{\"name\":\"b\",\"url\":"
                              "\"oci://r/b\",\"phase\":\"Requested\",\"created\":"
                              "\"2026-01-02T00:00:00Z\",\"error\":\"\"}]");
    vcluster_free(json);
}

static void what_cannot_keep_one_is_told_before_anything_is_made(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}}, spec: {replicas: 1, "
                        "template: {spec: {containers: [{name: syncer, image: "
                        "'ghcr.io/loft-sh/vcluster-oss:0.28.0'}]}}}}");
    int status = take("container:///data/a", NULL, &error);
    assert_fails(status, VCLUSTER_E_PRECONDITION, &error, "version 0.28.0 cannot be asked");
    error = NULL;
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}}, spec: {replicas: 0, "
                        "template: {spec: {containers: [{name: syncer, image: "
                        "'ghcr.io/loft-sh/vcluster-oss:0.36.1'}]}}}}");
    status = take("container:///data/a", NULL, &error);
    assert_fails(status, VCLUSTER_E_PRECONDITION, &error, "resume it first");
    assert_int_equal(fake_host_count(host, "snapshot-request"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_says_where_and_its_keys_are_not_shown),
        cmocka_unit_test(what_is_no_place_is_refused_and_no_value_is_repeated),
        cmocka_unit_test_setup_teardown(a_request_is_made_as_upstream_reads_it_and_waited_for,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            one_is_kept_when_the_control_plane_has_let_go_of_its_request, begin, end),
        cmocka_unit_test_setup_teardown(what_the_control_plane_says_about_a_failure_is_told, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            a_request_that_is_deleted_before_it_is_looked_at_is_waited_for_no_longer, begin, end),
        cmocka_unit_test_setup_teardown(a_request_that_cannot_be_made_leaves_no_secret, begin, end),
        cmocka_unit_test_setup_teardown(one_is_deleted_by_a_request_that_upstream_reads_so, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_file_that_upstream_would_not_delete_is_refused_beforehand,
                                        begin, end),
        cmocka_unit_test(what_upstream_prints_about_what_is_kept_is_read),
        cmocka_unit_test_setup_teardown(what_was_asked_for_is_listed_the_oldest_first, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_keep_one_is_told_before_anything_is_made, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
