/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two Secrets that the runtime keeps on the host, against a server that plays the host: who
 * writes first wins, what is there is used again, what was changed is put right.
 */
#include <pthread.h>
#include <stdio.h>

#include "base/str.h"
#include "data/encoding.h"
#include "runtime/pki.h"
#include "runtime/publish.h"
#include "runtime_fixture.h"
#include "test_server.h"

#define SECRETS "/api/v1/namespaces/team-a/secrets"

/* The host: one Secret at most, under whatever name it was given. */
typedef struct fake {
    pthread_mutex_t lock;
    test_server *server;
    vcl_kube *host;
    rt_settings settings;
    cJSON *service;
    char *secret; /* JSON, or NULL */
    char *rival;  /* appears when the next create comes, which then fails */
    int creates;
    int replaces;
} fake;

static void answer_status(test_conn *conn, int code, const char *reason)
{
    char body[300];

    (void)snprintf(body, sizeof(body),
                   "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
                   "\"reason\":\"%s\",\"message\":\"made up\",\"code\":%d}",
                   reason, code);
    test_conn_answer(conn, code, "Content-Type: application/json\r\n", body);
}

static void answer_json(test_conn *conn, int code, const char *body)
{
    test_conn_answer(conn, code, "Content-Type: application/json\r\n", body);
}

static void handle_write(fake *self, test_conn *conn, const test_request *request)
{
    bool create = strcmp(request->method, "POST") == 0;

    self->creates += create;
    self->replaces += !create;
    if (create && self->rival) {
        free(self->secret);
        self->secret = vcl_steal(&self->rival);
        answer_status(conn, 409, "AlreadyExists");
        return;
    }
    free(self->secret);
    self->secret = strdup(request->body);
    answer_json(conn, create ? 201 : 200, self->secret);
}

static void handle(test_conn *conn, const test_request *request, void *data)
{
    fake *self = data;

    (void)pthread_mutex_lock(&self->lock);
    if (strcmp(request->method, "GET") != 0) {
        handle_write(self, conn, request);
    } else if (strstr(request->path, "/services/")) {
        vcl_auto_free char *body = vcl_json_print(self->service);
        answer_json(conn, 200, body);
    } else if (self->secret) {
        answer_json(conn, 200, self->secret);
    } else {
        answer_status(conn, 404, "NotFound");
    }
    (void)pthread_mutex_unlock(&self->lock);
}

static int start(void **state)
{
    fake *self = calloc(1, sizeof(*self));
    test_server_options options = { .handler = handle, .data = self };

    (void)pthread_mutex_init(&self->lock, NULL);
    fixture_settings("", &self->settings);
    self->service = fixture_json("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{"
                                 "\"name\":\"dev\",\"namespace\":\"team-a\",\"uid\":\"uid-1\"},"
                                 "\"spec\":{\"clusterIP\":\"10.43.1.2\"}}");
    self->server = test_server_start(&options);
    vcl_auto_free char *url = strdup(test_server_url(self->server));
    vcl_endpoint endpoint = { .server = url };
    if (vcl_kube_new(&endpoint, NULL, NULL, &self->host, NULL) < 0)
        return -1;
    *state = self;
    return 0;
}

static int finish(void **state)
{
    fake *self = *state;

    vcl_kube_free(self->host);
    test_server_stop(self->server);
    rt_settings_done(&self->settings);
    cJSON_Delete(self->service);
    free(self->secret);
    free(self->rival);
    (void)pthread_mutex_destroy(&self->lock);
    free(self);
    return 0;
}

static int obtain(fake *self, rt_bundle *bundle, vcluster_error **error)
{
    vcl_call call;

    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    return rt_pki_obtain(self->host, &call, &self->settings, self->service, bundle, error);
}

static void first_start_keeps_the_certificates(void **state)
{
    fake *self = *state;
    RT_AUTO_BUNDLE bundle = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(obtain(self, &bundle, &error), error);
    assert_int_equal(self->creates, 1);
    VCL_AUTO_JSON *secret = fixture_json(self->secret);
    assert_text_equal(vcl_json_find_string(secret, "metadata", "name", NULL), "dev-certs");
    assert_text_equal(vcl_json_find_string(secret, "metadata", "labels", "app", NULL), "vcluster");
    assert_text_equal(vcl_json_find_string(secret, "metadata", "labels", "vcluster-name", NULL),
                      "dev");
    const cJSON *owner =
        cJSON_GetArrayItem(vcl_json_find(secret, "metadata", "ownerReferences", NULL), 0);
    assert_text_equal(vcl_json_find_string(owner, "kind", NULL), "Service");
    assert_text_equal(vcl_json_find_string(owner, "uid", NULL), "uid-1");
    assert_int_equal(cJSON_GetArraySize(vcl_json_get(secret, "data")), RT_BUNDLE_SIZE);
}

static void restart_uses_the_same_certificates(void **state)
{
    fake *self = *state;
    RT_AUTO_BUNDLE first = { 0 };
    RT_AUTO_BUNDLE second = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(obtain(self, &first, &error), error);
    assert_ok(obtain(self, &second, &error), error);
    assert_int_equal(self->creates, 1);
    assert_int_equal(self->replaces, 0);
    for (size_t i = 0; i < RT_BUNDLE_SIZE; i++)
        assert_text_equal(second.text[i], first.text[i]);
}

static void slower_writer_takes_what_the_faster_one_made(void **state)
{
    fake *self = *state;
    RT_AUTO_BUNDLE rival = { 0 };
    RT_AUTO_BUNDLE mine = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(obtain(self, &rival, &error), error);
    self->rival = vcl_steal(&self->secret);

    int status = obtain(self, &mine, &error);
    assert_fails(status, VCLUSTER_E_ALREADY_EXISTS, error, "dev-certs");
    assert_true(rt_error_passes(error)); /* so that the next try reads it */
    vcl_error_clear(&error);
    assert_ok(obtain(self, &mine, &error), error);
    assert_text_equal(rt_bundle_get(&mine, "ca.crt"), rt_bundle_get(&rival, "ca.crt"));
}

static void missing_leaf_is_made_and_written_back(void **state)
{
    fake *self = *state;
    RT_AUTO_BUNDLE first = { 0 };
    RT_AUTO_BUNDLE second = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(obtain(self, &first, &error), error);
    VCL_AUTO_JSON *secret = fixture_json(self->secret);
    vcl_json_remove(vcl_json_get(secret, "data"), "front-proxy-client.crt");
    assert_true(vcl_json_set_string(vcl_json_get(secret, "data"), "of-somebody-else", "eA=="));
    assert_true(vcl_json_set_string(vcl_json_get(secret, "metadata"), "resourceVersion", "7"));
    free(self->secret);
    self->secret = vcl_json_print(secret);

    assert_ok(obtain(self, &second, &error), error);
    assert_int_equal(self->replaces, 1);
    VCL_AUTO_JSON *stored = fixture_json(self->secret);
    assert_text_equal(vcl_json_find_string(stored, "metadata", "resourceVersion", NULL), "7");
    assert_non_null(vcl_json_find(stored, "data", "front-proxy-client.crt", NULL));
    assert_text_equal(vcl_json_find_string(stored, "data", "of-somebody-else", NULL), "eA==");
    assert_text_equal(rt_bundle_get(&second, "ca.crt"), rt_bundle_get(&first, "ca.crt"));
}

static void secret_of_an_earlier_cluster_is_waited_out(void **state)
{
    fake *self = *state;
    RT_AUTO_BUNDLE first = { 0 };
    RT_AUTO_BUNDLE second = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(obtain(self, &first, &error), error);
    assert_true(vcl_json_set_string(vcl_json_get(self->service, "metadata"), "uid", "uid-2"));
    int status = obtain(self, &second, &error);
    assert_fails(status, VCLUSTER_E_CONFLICT, error, "left over");
    assert_true(rt_error_passes(error));
    vcl_error_clear(&error);

    free(vcl_steal(&self->secret)); /* the host removed it */
    assert_ok(obtain(self, &second, &error), error);
    assert_string_not_equal(rt_bundle_get(&second, "ca.crt"), rt_bundle_get(&first, "ca.crt"));
}

/* Credentials of no value but of the right shape. */
static void fill_credentials(rt_credentials *credentials)
{
    credentials->authority = strdup("the authority\n");
    credentials->client.certificate = strdup("the certificate\n");
    credentials->client.key = strdup("the key\n");
}

static int publish(fake *self, bool *foreign, vcluster_error **error)
{
    RT_AUTO_CREDENTIALS credentials = { 0 };
    vcl_call call;

    fill_credentials(&credentials);
    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    return rt_publish(self->host, &call, &self->settings, &credentials, foreign, error);
}

/* A value of the Secret's data, decoded. */
static char *data_text(const char *secret_text, const char *key)
{
    VCL_AUTO_JSON *secret = fixture_json(secret_text);
    const char *encoded = vcl_json_find_string(secret, "data", key, NULL);
    char *text = NULL;
    size_t size = 0;

    assert_non_null(encoded);
    assert_int_equal(vcl_base64_decode(encoded, &text, &size, NULL), VCLUSTER_OK);
    return text;
}

static void published_secret_has_upstreams_shape(void **state)
{
    fake *self = *state;
    VCL_AUTO_ERROR *error = NULL;
    bool foreign = true;

    assert_ok(publish(self, &foreign, &error), error);
    assert_false(foreign);
    VCL_AUTO_JSON *secret = fixture_json(self->secret);
    assert_text_equal(vcl_json_find_string(secret, "metadata", "name", NULL), "vc-dev");
    assert_text_equal(vcl_json_find_string(secret, "type", NULL), "Opaque");
    assert_int_equal(cJSON_GetArraySize(vcl_json_get(secret, "data")), 5);
    vcl_auto_free char *config = data_text(self->secret, "config");
    vcl_auto_free char *authority = data_text(self->secret, "certificate-authority");
    vcl_auto_free char *certificate = data_text(self->secret, "client-certificate");
    vcl_auto_free char *key = data_text(self->secret, "client-key");
    vcl_auto_free char *token = data_text(self->secret, "token");
    assert_text_equal(authority, "the authority\n");
    assert_text_equal(certificate, "the certificate\n");
    assert_text_equal(key, "the key\n");
    assert_text_equal(token, "");
    assert_text_equal(config, "apiVersion: v1\n"
                              "clusters:\n"
                              "- cluster:\n"
                              "    certificate-authority-data: dGhlIGF1dGhvcml0eQo=\n"
                              "    server: https://localhost:8443\n"
                              "  name: kubernetes\n"
                              "contexts:\n"
                              "- context:\n"
                              "    cluster: kubernetes\n"
                              "    user: kubernetes-super-admin\n"
                              "  name: kubernetes-super-admin@kubernetes\n"
                              "current-context: kubernetes-super-admin@kubernetes\n"
                              "kind: Config\n"
                              "preferences: {}\n"
                              "users:\n"
                              "- name: kubernetes-super-admin\n"
                              "  user:\n"
                              "    client-certificate-data: dGhlIGNlcnRpZmljYXRlCg==\n"
                              "    client-key-data: dGhlIGtleQo=");
}

static void export_options_change_names_and_server(void **state)
{
    fake *self = *state;
    VCL_AUTO_ERROR *error = NULL;
    bool foreign = false;

    rt_settings_done(&self->settings);
    fixture_settings("exportKubeConfig: {context: mine, server: 'https://api.example'}",
                     &self->settings);
    assert_ok(publish(self, &foreign, &error), error);
    vcl_auto_free char *config = data_text(self->secret, "config");
    assert_non_null(strstr(config, "server: https://api.example\n"));
    assert_non_null(strstr(config, "current-context: mine\n"));
    assert_non_null(strstr(config, "cluster: mine\n"));
    assert_non_null(strstr(config, "user: mine\n"));
    assert_null(strstr(config, "super-admin"));
}

static void right_secret_is_left_alone(void **state)
{
    fake *self = *state;
    VCL_AUTO_ERROR *error = NULL;
    bool foreign = false;

    assert_ok(publish(self, &foreign, &error), error);
    VCL_AUTO_JSON *secret = fixture_json(self->secret);
    vcl_json_remove(vcl_json_get(secret, "data"), "token"); /* as the server answers it */
    free(self->secret);
    self->secret = vcl_json_print(secret);
    assert_ok(publish(self, &foreign, &error), error);
    assert_int_equal(self->creates, 1);
    assert_int_equal(self->replaces, 0);
}

static void changed_secret_is_put_right(void **state)
{
    fake *self = *state;
    VCL_AUTO_ERROR *error = NULL;
    bool foreign = false;

    assert_ok(publish(self, &foreign, &error), error);
    VCL_AUTO_JSON *secret = fixture_json(self->secret);
    assert_true(vcl_json_set_string(vcl_json_get(secret, "metadata"), "resourceVersion", "9"));
    assert_true(vcl_json_set_string(vcl_json_get(secret, "data"), "client-key", "eA=="));
    vcl_json_remove(vcl_json_find(secret, "metadata", "labels", NULL), "vcluster-name");
    free(self->secret);
    self->secret = vcl_json_print(secret);
    assert_ok(publish(self, &foreign, &error), error);
    assert_int_equal(self->replaces, 1);
    vcl_auto_free char *key = data_text(self->secret, "client-key");
    assert_text_equal(key, "the key\n");
    VCL_AUTO_JSON *stored = fixture_json(self->secret);
    assert_text_equal(vcl_json_find_string(stored, "metadata", "labels", "vcluster-name", NULL),
                      "dev");
}

static void secret_of_an_earlier_cluster_is_taken_over(void **state)
{
    fake *self = *state;
    VCL_AUTO_ERROR *error = NULL;
    bool foreign = false;

    assert_ok(publish(self, &foreign, &error), error);
    VCL_AUTO_JSON *secret = fixture_json(self->secret);
    assert_true(vcl_json_set_string(vcl_json_get(secret, "metadata"), "resourceVersion", "9"));
    free(self->secret);
    self->secret = vcl_json_print(secret);
    assert_true(vcl_json_set_string(vcl_json_get(self->service, "metadata"), "uid", "uid-2"));
    assert_ok(publish(self, &foreign, &error), error);
    assert_true(foreign);
    assert_int_equal(self->replaces, 1);
    assert_non_null(strstr(self->secret, "uid-2"));
    assert_null(strstr(self->secret, "uid-1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(first_start_keeps_the_certificates, start, finish),
        cmocka_unit_test_setup_teardown(restart_uses_the_same_certificates, start, finish),
        cmocka_unit_test_setup_teardown(slower_writer_takes_what_the_faster_one_made, start,
                                        finish),
        cmocka_unit_test_setup_teardown(missing_leaf_is_made_and_written_back, start, finish),
        cmocka_unit_test_setup_teardown(secret_of_an_earlier_cluster_is_waited_out, start, finish),
        cmocka_unit_test_setup_teardown(published_secret_has_upstreams_shape, start, finish),
        cmocka_unit_test_setup_teardown(export_options_change_names_and_server, start, finish),
        cmocka_unit_test_setup_teardown(right_secret_is_left_alone, start, finish),
        cmocka_unit_test_setup_teardown(changed_secret_is_put_right, start, finish),
        cmocka_unit_test_setup_teardown(secret_of_an_earlier_cluster_is_taken_over, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
