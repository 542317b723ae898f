/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of a control plane, as told from the data of their Secret. */
#include "cm.h"

#include <openssl/x509v3.h>

#include "data/encoding.h"
#include "data/x509.h"
#include "fake_host.h"
#include "vcluster/state/certs.h"

enum { NOW = 1767323045, DAY = 86400 }; /* 2026-01-02T03:04:05Z */

/* A certificate that ends so many days from now, as the Secret has it. */
static char *encoded(const char *name, int days, bool authority)
{
    VCL_AUTO_PTR(EVP_PKEY) key = EVP_EC_gen("P-256");
    VCL_AUTO_PTR(X509) certificate = X509_new();

    assert_non_null(key);
    assert_non_null(certificate);
    X509_NAME *subject = X509_get_subject_name(certificate);
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)name, -1, -1, 0),
                     1);
    assert_true(X509_set_version(certificate, X509_VERSION_3) &&
                ASN1_TIME_set(X509_getm_notBefore(certificate), NOW - DAY) &&
                ASN1_TIME_set(X509_getm_notAfter(certificate), NOW + (time_t)days * DAY) &&
                X509_set_pubkey(certificate, key) && X509_set_issuer_name(certificate, subject));
    if (authority)
        assert_true(vcl_certificate_add_extension(certificate, NID_basic_constraints, "CA:TRUE"));
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    vcl_auto_free char *pem = vcl_certificate_to_pem(certificate);
    assert_non_null(pem);
    return vcl_base64_encode(pem, strlen(pem));
}

static void put(cJSON *data, const char *key, const char *name, int days, bool authority)
{
    vcl_auto_free char *text = encoded(name, days, authority);

    assert_true(vcl_json_set_string(data, key, text));
}

static const cJSON *entry(const cJSON *list, int index, const char *name, const char *status)
{
    const cJSON *item = cJSON_GetArrayItem(list, index);

    assert_string_equal(vcl_json_find_string(item, "name", NULL), name);
    assert_string_equal(vcl_json_find_string(item, "status", NULL), status);
    return item;
}

static void each_is_told_with_its_names_and_its_end_sorted(void **state)
{
    VCL_AUTO_JSON *data = cJSON_CreateObject();
    VCL_AUTO_JSON *list = NULL;
    vcluster_error *error = NULL;

    (void)state;
    put(data, "front-proxy-client.crt", "front-proxy-client", -1, false);
    put(data, "ca.crt", "kubernetes", 3650, true);
    put(data, "apiserver.crt", "kube-apiserver", 90, false);
    assert_true(vcl_json_set_string(data, "ca.key", "c2VjcmV0"));
    assert_works(vcl_certs_describe(data, NOW, &list, &error), &error);
    assert_int_equal(cJSON_GetArraySize(list), 3);
    const cJSON *server = entry(list, 0, "apiserver.crt", "expiring");
    assert_string_equal(vcl_json_find_string(server, "subject", NULL), "CN=kube-apiserver");
    assert_string_equal(vcl_json_find_string(server, "notAfter", NULL), "2026-04-02T03:04:05Z");
    assert_int_equal(vcl_json_find_int(server, 0, "secondsLeft", NULL), 90 * DAY);
    assert_false(vcl_json_find_bool(server, true, "authority", NULL));
    assert_true(vcl_json_find_bool(entry(list, 1, "ca.crt", "valid"), false, "authority", NULL));
    (void)entry(list, 2, "front-proxy-client.crt", "expired");
}

static void what_is_no_certificate_is_named(void **state)
{
    static const char *const texts[] = { "{\"ca.crt\":\"bm9uZQ==\"}", "{\"ca.crt\":\"!\"}",
                                         "{\"admin.conf\":\"e30=\"}", "{\"ca.crt\":1}" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        VCL_AUTO_JSON *data = NULL;
        vcluster_error *error = NULL;
        cJSON *list = NULL;
        assert_int_equal(vcl_json_parse(texts[i], strlen(texts[i]), &data, NULL), 0);
        int status = vcl_certs_describe(data, NOW, &list, &error);
        assert_true(status < 0);
        assert_error_says(error, data->child->string);
        assert_null(list);
        vcluster_error_free(error);
    }
}

static void a_secret_without_certificates_is_an_error_and_no_empty_list(void **state)
{
    VCL_AUTO_JSON *data = cJSON_CreateObject();
    vcluster_error *error = NULL;
    cJSON *list = NULL;

    (void)state;
    int status = vcl_certs_describe(data, NOW, &list, &error);
    assert_fails(status, VCLUSTER_E_PROTOCOL, &error, "no certificates");
    status = vcl_certs_describe(NULL, NOW, &list, &error);
    assert_fails(status, VCLUSTER_E_PROTOCOL, &error, "no certificates");
}

static void renewing_keeps_the_authorities_and_the_key_of_service_accounts(void **state)
{
    static const char text[] = "{\"ca.crt\":\"\",\"ca.key\":\"\",\"sa.key\":\"\",\"sa.pub\":\"\","
                               "\"apiserver.crt\":\"\",\"apiserver.key\":\"\",\"admin.conf\":\"\","
                               "\"etcd-server.crt\":\"\",\"own\":\"\"}";
    VCL_AUTO_JSON *data = NULL;

    (void)state;
    assert_int_equal(vcl_json_parse(text, strlen(text), &data, NULL), 0);
    assert_int_equal(vcl_certs_drop_leaves(data), 4);
    vcl_auto_free char *left = vcl_json_print(data);
    assert_string_equal(left, "{\"ca.crt\":\"\",\"ca.key\":\"\",\"sa.key\":\"\",\"sa.pub\":\"\","
                              "\"own\":\"\"}");
    assert_int_equal(vcl_certs_drop_leaves(data), 0);
}

static void upstreams_are_not_renewed_where_no_pod_runs(void **state)
{
    fake_host *host = fake_host_start();
    vcluster_client *client = fake_host_client(host, NULL);
    vcluster_error *error = NULL;

    (void)state;
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}}, spec: {replicas: 1, "
                        "template: {spec: {containers: [{name: syncer, image: "
                        "'ghcr.io/loft-sh/vcluster-oss:0.36.1'}]}}}}");
    fake_host_put(host, "{apiVersion: v1, kind: Pod, metadata: {name: dev-0, namespace: team, "
                        "labels: {app: vcluster, release: dev}}, status: {containerStatuses: "
                        "[{name: syncer, state: {waiting: {reason: CrashLoopBackOff}}}]}}");
    int status = vcluster_instance_rotate_certs(client, "dev", NULL, NULL, &error);
    assert_fails(status, VCLUSTER_E_PRECONDITION, &error, "no pod of its control plane runs");
    assert_int_equal(fake_host_count(host, "/pods/dev-0"), 1);
    vcluster_client_unref(client);
    fake_host_stop(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_told_with_its_names_and_its_end_sorted),
        cmocka_unit_test(what_is_no_certificate_is_named),
        cmocka_unit_test(a_secret_without_certificates_is_an_error_and_no_empty_list),
        cmocka_unit_test(renewing_keeps_the_authorities_and_the_key_of_service_accounts),
        cmocka_unit_test(upstreams_are_not_renewed_where_no_pod_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
