/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a connection trusts that was given the objects of a client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "base/pem.h"
#include "net/tls_parts.h"
#include "test_pki.h"

enum { YEAR_S = 365 * 86400 };

/* Of OpenSSL: the one behind so many fails. */
static const long NO_LIMIT = LONG_MAX;
static long allocations_left = LONG_MAX;

static bool runs_short(void)
{
    if (allocations_left == NO_LIMIT)
        return false;
    return allocations_left-- == 0;
}

static void *allocate(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return runs_short() ? NULL : malloc(size);
}

static void *reallocate(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return runs_short() ? NULL : realloc(memory, size);
}

static void release(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

typedef struct peers {
    test_identity ca;
    test_identity other_ca;
    SSL_CTX *client;
} peers;

static int set_up(void **state)
{
    static peers p;

    p = (peers){ .ca = test_identity_new("ca", NULL, YEAR_S),
                 .other_ca = test_identity_new("other-ca", NULL, YEAR_S),
                 .client = SSL_CTX_new(TLS_client_method()) };
    SSL_CTX_set_verify(p.client, SSL_VERIFY_PEER, NULL);
    *state = &p;
    return 0;
}

static int tear_down(void **state)
{
    peers *p = *state;

    SSL_CTX_free(p->client);
    test_identity_done(&p->ca);
    test_identity_done(&p->other_ca);
    return 0;
}

static SSL_CTX *server_of(const test_identity *issuer)
{
    test_identity identity = test_identity_new("localhost", issuer, YEAR_S);
    VCL_AUTO_PTR(X509) certificate = vcl_certificate_read_pem(identity.cert_pem);
    VCL_AUTO_PTR(EVP_PKEY) key = vcl_key_read_pem(identity.key_pem, certificate);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    assert_int_equal(SSL_CTX_use_cert_and_key(context, certificate, key, NULL, 1), 1);
    test_identity_done(&identity);
    return context;
}

/* What the client makes of the certificate of a server of that authority. */
static long verdict_on(const peers *p, const test_identity *issuer)
{
    SSL_CTX *context = server_of(issuer);
    SSL *server = SSL_new(context);
    SSL *client = SSL_new(p->client);
    BIO *left;
    BIO *right;

    assert_int_equal(BIO_new_bio_pair(&left, 0, &right, 0), 1);
    SSL_set_bio(client, left, left);
    SSL_set_bio(server, right, right);
    for (int i = 0; i < 10; i++) {
        (void)SSL_connect(client);
        (void)SSL_accept(server);
    }
    long verdict = SSL_get_verify_result(client);
    assert_int_equal(verdict == X509_V_OK, SSL_is_init_finished(client));
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(context);
    return verdict;
}

static void fill(const peers *p, SSL_CTX *context)
{
    vcl_tls_parts *parts = vcl_tls_parts_new(p->ca.cert_pem, NULL, NULL);
    unsigned long refusal;

    assert_non_null(parts);
    assert_true(vcl_tls_parts_fill(parts, context, &refusal));
    vcl_tls_parts_unref(parts);
}

static void own_authority_is_trusted_and_no_other(void **state)
{
    peers *p = *state;

    fill(p, p->client);
    assert_int_equal(verdict_on(p, &p->ca), X509_V_OK);
    assert_int_not_equal(verdict_on(p, &p->other_ca), X509_V_OK);
}

/* curl from 7.88 to 8.2 puts what it trusts into the store of the context when the connection is
 * under way, and gives it to other connections: the system's authorities in some builds. */
static void what_curl_trusts_later_does_not_count(void **state)
{
    peers *p = *state;
    VCL_AUTO_PTR(X509) other = vcl_certificate_read_pem(p->other_ca.cert_pem);
    SSL_CTX *another = SSL_CTX_new(TLS_client_method());

    fill(p, p->client);
    fill(p, another);
    X509_STORE *store = SSL_CTX_get_cert_store(another);
    assert_int_equal(X509_STORE_add_cert(store, other), 1);
    assert_int_not_equal(verdict_on(p, &p->other_ca), X509_V_OK);
    SSL_CTX_set1_cert_store(p->client, store);
    assert_int_equal(verdict_on(p, &p->ca), X509_V_OK);
    assert_int_not_equal(verdict_on(p, &p->other_ca), X509_V_OK);
    SSL_CTX_free(another);
}

static bool is_whole(X509 *certificate)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);

    return key && EVP_PKEY_get_security_bits(key) > 0;
}

/* OpenSSL reads a certificate to the end where memory was too short for its key. */
static void what_memory_was_too_short_for_is_not_kept(void **state)
{
    peers *p = *state;
    vcl_tls_parts *parts = NULL;
    bool failed = true;
    unsigned long refusal;

    for (long after = 0; failed; after++) {
        allocations_left = after;
        parts = vcl_tls_parts_new(p->ca.cert_pem, NULL, NULL);
        failed = allocations_left < 0;
        allocations_left = NO_LIMIT;
        if (!parts)
            continue;
        X509_STORE *store = NULL;
        assert_true(vcl_tls_parts_fill(parts, p->client, &refusal));
        assert_int_equal(SSL_CTX_get0_verify_cert_store(p->client, &store), 1);
        X509_OBJECT *first = sk_X509_OBJECT_value(X509_STORE_get0_objects(store), 0);
        assert_true(is_whole(X509_OBJECT_get0_X509(first)));
        vcl_tls_parts_unref(parts);
    }
    assert_non_null(parts);
}

int main(void)
{
    if (CRYPTO_set_mem_functions(allocate, reallocate, release) != 1)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(own_authority_is_trusted_and_no_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_memory_was_too_short_for_is_not_kept, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_curl_trusts_later_does_not_count, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
