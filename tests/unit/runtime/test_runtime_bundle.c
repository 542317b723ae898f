/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates, judged by OpenSSL's own verification. */
#include "runtime/bundle.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "base/str.h"
#include "runtime/credentials.h"
#include "runtime/names.h"
#include "runtime_fixture.h"

static const int64_t day = RT_DAY;

static void settings_of_dev(rt_settings *settings)
{
    fixture_settings("controlPlane: {proxy: {extraSANs: [api.example]}}", settings);
}

static void make(rt_bundle *bundle)
{
    RT_AUTO_SETTINGS settings = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    settings_of_dev(&settings);
    assert_ok(rt_bundle_generate(&settings, FIXTURE_NOW, bundle, &error), error);
}

/* What renewing does at a time. */
static bool renewed_at(rt_bundle *bundle, int64_t now)
{
    RT_AUTO_SETTINGS settings = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    bool changed = false;

    settings_of_dev(&settings);
    assert_ok(rt_bundle_renew(bundle, &settings, now, &changed, &error), error);
    return changed;
}

static X509 *read_pem(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    assert_non_null(certificate);
    return certificate;
}

/* Whether a certificate is good for a purpose at a time, as OpenSSL sees it. */
static bool verifies(const char *pem, const char *authority, int purpose, int64_t now)
{
    X509 *certificate = read_pem(pem);
    X509 *root = read_pem(authority);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();

    assert_int_equal(X509_STORE_add_cert(store, root), 1);
    assert_int_equal(X509_STORE_CTX_init(context, store, certificate, NULL), 1);
    X509_STORE_CTX_set_time(context, 0, (time_t)now);
    (void)X509_STORE_CTX_set_purpose(context, purpose);
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
    bool good = X509_verify_cert(context) == 1;
    if (!good)
        print_message("%s\n", X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    X509_free(root);
    X509_free(certificate);
    return good;
}

static void subject_of(const char *pem, char *text, size_t size)
{
    X509 *certificate = read_pem(pem);
    BIO *bio = BIO_new(BIO_s_mem());

    (void)X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
    int got = BIO_read(bio, text, (int)size - 1);
    text[got > 0 ? got : 0] = '\0';
    BIO_free(bio);
    X509_free(certificate);
}

static void generate_makes_every_entry(void **state)
{
    RT_AUTO_BUNDLE bundle = { 0 };

    (void)state;
    make(&bundle);
    for (size_t i = 0; i < RT_BUNDLE_SIZE; i++) {
        if (vcl_str_empty(bundle.text[i]))
            fail_msg("'%s' is missing", rt_bundle_name(i));
    }
    assert_text_equal(rt_bundle_get(&bundle, "server-ca.crt"), rt_bundle_get(&bundle, "ca.crt"));
    assert_text_equal(rt_bundle_get(&bundle, "client-ca.key"), rt_bundle_get(&bundle, "ca.key"));
    assert_null(rt_bundle_get(&bundle, "nothing"));
}

static void certificates_verify_against_their_authorities(void **state)
{
    static const struct {
        const char *name;
        const char *authority;
        int purpose;
    } cases[] = {
        { "apiserver.crt", "server-ca.crt", X509_PURPOSE_SSL_SERVER },
        { "apiserver-kubelet-client.crt", "client-ca.crt", X509_PURPOSE_SSL_CLIENT },
        { "front-proxy-client.crt", "front-proxy-ca.crt", X509_PURPOSE_SSL_CLIENT },
        { "apiserver-etcd-client.crt", "etcd-ca.crt", X509_PURPOSE_SSL_CLIENT },
        { "etcd-server.crt", "etcd-ca.crt", X509_PURPOSE_SSL_SERVER },
        { "etcd-peer.crt", "etcd-ca.crt", X509_PURPOSE_SSL_CLIENT },
        { "etcd-healthcheck-client.crt", "etcd-ca.crt", X509_PURPOSE_SSL_CLIENT },
    };
    RT_AUTO_BUNDLE bundle = { 0 };

    (void)state;
    make(&bundle);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *pem = rt_bundle_get(&bundle, cases[i].name);
        const char *authority = rt_bundle_get(&bundle, cases[i].authority);
        if (!verifies(pem, authority, cases[i].purpose, FIXTURE_NOW))
            fail_msg("'%s' does not verify", cases[i].name);
        assert_false(verifies(pem, authority, cases[i].purpose, FIXTURE_NOW + 366 * day));
    }
    /* Not by the wrong one, and not for the wrong purpose. */
    assert_false(verifies(rt_bundle_get(&bundle, "front-proxy-client.crt"),
                          rt_bundle_get(&bundle, "ca.crt"), X509_PURPOSE_SSL_CLIENT, FIXTURE_NOW));
    assert_false(verifies(rt_bundle_get(&bundle, "apiserver.crt"), rt_bundle_get(&bundle, "ca.crt"),
                          X509_PURPOSE_SSL_CLIENT, FIXTURE_NOW));
}

static void logins_have_their_users_and_groups(void **state)
{
    static const char *const cases[][2] = {
        { "admin.conf", "CN=kubernetes-super-admin,O=system:masters" },
        { "controller-manager.conf", "CN=system:kube-controller-manager" },
        { "scheduler.conf", "CN=system:kube-scheduler" },
    };
    RT_AUTO_BUNDLE bundle = { 0 };

    (void)state;
    make(&bundle);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        RT_AUTO_CREDENTIALS credentials = { 0 };
        VCL_AUTO_ERROR *error = NULL;
        char subject[200];
        const char *text = rt_bundle_get(&bundle, cases[i][0]);

        assert_ok(rt_kubeconfig_read(text, &credentials, &error), error);
        assert_non_null(strstr(text, "server: https://127.0.0.1:8443\n"));
        assert_text_equal(credentials.authority, rt_bundle_get(&bundle, "ca.crt"));
        subject_of(credentials.client.certificate, subject, sizeof(subject));
        assert_text_equal(subject, cases[i][1]);
        assert_true(verifies(credentials.client.certificate, rt_bundle_get(&bundle, "ca.crt"),
                             X509_PURPOSE_SSL_CLIENT, FIXTURE_NOW));
    }
}

static void serving_certificate_has_the_names_of_the_pod(void **state)
{
    RT_AUTO_BUNDLE bundle = { 0 };
    RT_AUTO_SETTINGS settings = { 0 };
    VCL_AUTO_JSON *service = fixture_json("{\"spec\":{\"clusterIP\":\"10.43.1.2\"}}");
    VCL_AUTO_JSON *names = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    make(&bundle);
    settings_of_dev(&settings);
    X509 *stored = read_pem(rt_bundle_get(&bundle, "apiserver.crt"));
    assert_int_equal(X509_check_host(stored, "dev.team-a.svc", 0, 0, NULL), 1);
    assert_int_equal(X509_check_ip_asc(stored, "10.244.0.7", 0), 0);
    X509_free(stored);

    assert_ok(rt_server_names(&settings, service, &names, &error), error);
    assert_ok(rt_bundle_serve(&bundle, names, FIXTURE_NOW, &error), error);
    X509 *served = read_pem(rt_bundle_get(&bundle, "apiserver.crt"));
    const cJSON *item;
    cJSON_ArrayForEach (item, names) {
        const char *name = item->valuestring;
        if (X509_check_ip_asc(served, name, 0) != 1 &&
            X509_check_host(served, name, 0, 0, NULL) != 1)
            fail_msg("the certificate is not good for '%s'", name);
    }
    assert_int_equal(X509_check_host(served, "elsewhere.example", 0, 0, NULL), 0);
    X509_free(served);
    assert_true(verifies(rt_bundle_get(&bundle, "apiserver.crt"), rt_bundle_get(&bundle, "ca.crt"),
                         X509_PURPOSE_SSL_SERVER, FIXTURE_NOW));
}

static void fresh_bundle_is_taken_as_it_is(void **state)
{
    RT_AUTO_BUNDLE bundle = { 0 };

    (void)state;
    make(&bundle);
    assert_false(renewed_at(&bundle, FIXTURE_NOW));
    assert_false(renewed_at(&bundle, FIXTURE_NOW + (365 - RT_RENEW_DAYS) * day - 3600));
}

static void leaves_are_made_again_before_they_expire(void **state)
{
    RT_AUTO_BUNDLE bundle = { 0 };
    int64_t later = FIXTURE_NOW + (365 - RT_RENEW_DAYS) * day + 3600;

    (void)state;
    make(&bundle);
    vcl_auto_free char *authority = vcl_strdup(rt_bundle_get(&bundle, "ca.crt"));
    vcl_auto_free char *account_key = vcl_strdup(rt_bundle_get(&bundle, "sa.key"));
    vcl_auto_free char *admin = vcl_strdup(rt_bundle_get(&bundle, "admin.conf"));
    assert_true(renewed_at(&bundle, later));
    assert_text_equal(rt_bundle_get(&bundle, "ca.crt"), authority);
    assert_text_equal(rt_bundle_get(&bundle, "sa.key"), account_key);
    assert_string_not_equal(rt_bundle_get(&bundle, "admin.conf"), admin);
    assert_true(verifies(rt_bundle_get(&bundle, "front-proxy-client.crt"),
                         rt_bundle_get(&bundle, "front-proxy-ca.crt"), X509_PURPOSE_SSL_CLIENT,
                         later + 300 * day));
    assert_false(renewed_at(&bundle, later));
}

static void leaf_never_outlives_its_authority(void **state)
{
    RT_AUTO_BUNDLE bundle = { 0 };
    int64_t end = FIXTURE_NOW + 3650 * day;

    (void)state;
    make(&bundle);
    assert_true(renewed_at(&bundle, end - 100 * day));
    X509 *leaf = read_pem(rt_bundle_get(&bundle, "apiserver.crt"));
    X509 *authority = read_pem(rt_bundle_get(&bundle, "ca.crt"));
    assert_int_equal(ASN1_TIME_compare(X509_get0_notAfter(leaf), X509_get0_notAfter(authority)), 0);
    X509_free(leaf);
    X509_free(authority);
}

static void damaged_and_foreign_entries_are_made_again(void **state)
{
    RT_AUTO_BUNDLE bundle = { 0 };
    RT_AUTO_BUNDLE other = { 0 };

    (void)state;
    make(&bundle);
    make(&other);
    for (size_t i = 0; i < RT_BUNDLE_SIZE; i++) {
        const char *name = rt_bundle_name(i);
        if (vcl_streq(name, "apiserver-kubelet-client.crt") || vcl_streq(name, "admin.conf")) {
            char *swap = bundle.text[i];
            bundle.text[i] = other.text[i];
            other.text[i] = swap;
        } else if (vcl_streq(name, "etcd-peer.key")) {
            assert_true(vcl_str_replace(&bundle.text[i], "no key"));
        } else if (vcl_streq(name, "scheduler.conf") || vcl_streq(name, "client-ca.crt")) {
            vcl_free_secret(bundle.text[i]);
            bundle.text[i] = NULL;
        }
    }
    assert_true(renewed_at(&bundle, FIXTURE_NOW));
    assert_true(verifies(rt_bundle_get(&bundle, "apiserver-kubelet-client.crt"),
                         rt_bundle_get(&bundle, "ca.crt"), X509_PURPOSE_SSL_CLIENT, FIXTURE_NOW));
    assert_text_equal(rt_bundle_get(&bundle, "client-ca.crt"), rt_bundle_get(&bundle, "ca.crt"));
    assert_false(renewed_at(&bundle, FIXTURE_NOW));
}

static void lost_authority_is_an_error_and_not_replaced(void **state)
{
    static const char *const names[] = { "ca.crt", "front-proxy-ca.key", "sa.key" };

    (void)state;
    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        RT_AUTO_BUNDLE bundle = { 0 };
        RT_AUTO_SETTINGS settings = { 0 };
        VCL_AUTO_ERROR *error = NULL;
        bool changed = false;

        make(&bundle);
        settings_of_dev(&settings);
        for (size_t i = 0; i < RT_BUNDLE_SIZE; i++) {
            if (!vcl_streq(rt_bundle_name(i), names[n]))
                continue;
            vcl_free_secret(bundle.text[i]);
            bundle.text[i] = NULL;
        }
        int status = rt_bundle_renew(&bundle, &settings, FIXTURE_NOW, &changed, &error);
        assert_fails(status, VCLUSTER_E_PRECONDITION, error, names[n]);
    }
}

static void bundle_survives_the_secret(void **state)
{
    RT_AUTO_BUNDLE bundle = { 0 };
    RT_AUTO_BUNDLE again = { 0 };
    cJSON *data = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    make(&bundle);
    assert_ok(rt_bundle_to_data(&bundle, &data, &error), error);
    assert_int_equal(cJSON_GetArraySize(data), RT_BUNDLE_SIZE);
    assert_true(vcl_json_set_string(data, "somebody-elses", "!"));
    assert_ok(rt_bundle_from_data(data, &again, &error), error);
    for (size_t i = 0; i < RT_BUNDLE_SIZE; i++)
        assert_text_equal(again.text[i], bundle.text[i]);

    assert_true(vcl_json_set_string(data, "ca.crt", "!!"));
    RT_AUTO_BUNDLE broken = { 0 };
    int status = rt_bundle_from_data(data, &broken, &error);
    assert_fails(status, VCLUSTER_E_PROTOCOL, error, "ca.crt");
    vcl_json_free_secret(data);
}

static void private_files_are_for_their_owner_only(void **state)
{
    char folder[] = "/tmp/test_runtime_bundle.XXXXXX";
    RT_AUTO_BUNDLE bundle = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    int found = 0;

    (void)state;
    make(&bundle);
    assert_non_null(mkdtemp(folder));
    assert_ok(rt_bundle_write(&bundle, folder, &error), error);
    assert_ok(rt_bundle_write(&bundle, folder, &error), error); /* over what is there */
    for (size_t i = 0; i < RT_BUNDLE_SIZE; i++) {
        const char *name = rt_bundle_name(i);
        vcl_auto_free char *path = vcl_format("%s/%s", folder, name);
        struct stat facts;
        if (stat(path, &facts) < 0)
            continue;
        bool open = vcl_ends_with(name, ".crt") || vcl_ends_with(name, ".pub");
        assert_int_equal(facts.st_mode & 07777, open ? 0644 : 0600);
        assert_int_equal(unlink(path), 0);
        found++;
    }
    assert_int_equal(rmdir(folder), 0); /* nothing else was left there */
    assert_int_equal(found, 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generate_makes_every_entry),
        cmocka_unit_test(certificates_verify_against_their_authorities),
        cmocka_unit_test(logins_have_their_users_and_groups),
        cmocka_unit_test(serving_certificate_has_the_names_of_the_pod),
        cmocka_unit_test(fresh_bundle_is_taken_as_it_is),
        cmocka_unit_test(leaves_are_made_again_before_they_expire),
        cmocka_unit_test(leaf_never_outlives_its_authority),
        cmocka_unit_test(damaged_and_foreign_entries_are_made_again),
        cmocka_unit_test(lost_authority_is_an_error_and_not_replaced),
        cmocka_unit_test(bundle_survives_the_secret),
        cmocka_unit_test(private_files_are_for_their_owner_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
