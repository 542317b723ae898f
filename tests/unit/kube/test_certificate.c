/* SPDX-License-Identifier: Apache-2.0 */
/* What certificate and key texts say, held against what OpenSSL makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/str.h"
#include "data/x509.h"
#include "kube/certificate.h"

enum { KINDS = 3, LIFE_S = 3600 };

typedef struct pair {
    X509 *certificate;
    char *pem;
    char *keys[2]; /* as is the custom of its kind, and PKCS 8 */
    int64_t not_after;
} pair;

static pair pairs[KINDS];

static EVP_PKEY *make_key(int kind)
{
    return kind == 0   ? EVP_EC_gen("P-256")
           : kind == 1 ? EVP_RSA_gen(2048)
                       : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

/* One of them ends beyond 2050, where the date has another form. */
static pair make_pair(int kind)
{
    VCL_AUTO_PTR(EVP_PKEY) key = make_key(kind);
    X509 *certificate = X509_new();
    pair made = { .certificate = certificate };
    time_t end = (kind == 1 ? INT64_C(2600000000) : 0) + time(NULL) + LIFE_S;

    assert_non_null(key);
    assert_non_null(certificate);
    made.not_after = end;
    assert_int_equal(X509_set_version(certificate, kind == 2 ? X509_VERSION_1 : X509_VERSION_3), 1);
    assert_true(vcl_certificate_set_serial(certificate));
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
    assert_non_null(X509_time_adj(X509_getm_notAfter(certificate), 0, &end));
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
                                                MBSTRING_ASC, (const unsigned char *)"c", -1, -1,
                                                0),
                     1);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, kind == 2 ? NULL : EVP_sha256()) > 0);
    made.pem = vcl_certificate_to_pem(certificate);
    made.keys[0] = vcl_key_to_pem(key, kind == 2); /* a kind without custom */
    made.keys[1] = vcl_key_to_pem(key, true);
    assert_true(made.pem && made.keys[0] && made.keys[1]);
    return made;
}

static int begin(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++)
        pairs[i] = make_pair(i);
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        X509_free(pairs[i].certificate);
        free(pairs[i].pem);
        vcl_free_secret(pairs[i].keys[0]);
        vcl_free_secret(pairs[i].keys[1]);
    }
    return 0;
}

static void its_end_is_read(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        int64_t not_after = 0;

        assert_true(vcl_certificate_read(pairs[i].pem, &not_after));
        assert_int_equal(not_after, pairs[i].not_after);
    }
}

/* As some files hold them: the key in front, and text between the blocks. */
static void it_is_found_behind_other_blocks(void **state)
{
    vcl_auto_free char *text = vcl_format("%sa note\n%s", pairs[0].keys[0], pairs[0].pem);
    int64_t not_after = 0;

    (void)state;
    assert_true(vcl_certificate_read(text, &not_after));
    assert_int_equal(not_after, pairs[0].not_after);
    assert_int_equal(vcl_certificate_key(text, text, &not_after), VCL_KEY_MATCHES);
}

static void a_key_of_each_kind_is_known_by_its_certificate_alone(void **state)
{
    int64_t not_after = 0;

    (void)state;
    for (int i = 0; i < KINDS; i++) {
        for (int j = 0; j < KINDS; j++) {
            for (int form = 0; form < 2; form++)
                assert_int_equal(vcl_certificate_key(pairs[i].pem, pairs[j].keys[form], &not_after),
                                 i == j ? VCL_KEY_MATCHES : VCL_KEY_OTHER);
        }
    }
}

static void another_key_of_the_same_kind_is_another(void **state)
{
    int64_t not_after = 0;

    (void)state;
    for (int i = 0; i < KINDS; i++) {
        pair other = make_pair(i);

        for (int form = 0; form < 2; form++)
            assert_int_equal(vcl_certificate_key(pairs[i].pem, other.keys[form], &not_after),
                             VCL_KEY_OTHER);
        X509_free(other.certificate);
        free(other.pem);
        vcl_free_secret(other.keys[0]);
        vcl_free_secret(other.keys[1]);
    }
}

static char *encrypted_key(void)
{
    BIO *from = BIO_new_mem_buf(pairs[0].keys[0], -1);
    BIO *to = BIO_new(BIO_s_mem());
    VCL_AUTO_PTR(EVP_PKEY) key = PEM_read_bio_PrivateKey(from, NULL, NULL, NULL);
    char *data = NULL;

    assert_int_equal(PEM_write_bio_PrivateKey_traditional(
                         to, key, EVP_aes_128_cbc(), (const unsigned char *)"pass", 4, NULL, NULL),
                     1);
    long size = BIO_get_mem_data(to, &data);
    char *text = vcl_strndup(data, (size_t)size);
    BIO_free(from);
    BIO_free(to);
    return text;
}

static void what_is_no_key_cannot_be_read(void **state)
{
    vcl_auto_free char *encrypted = encrypted_key();
    int64_t not_after = 0;

    (void)state;
    assert_non_null(strstr(encrypted, "ENCRYPTED"));
    assert_int_equal(vcl_certificate_key(pairs[0].pem, encrypted, &not_after), VCL_KEY_UNREADABLE);
    assert_int_equal(vcl_certificate_key(pairs[0].pem, pairs[0].pem, &not_after),
                     VCL_KEY_UNREADABLE);
    assert_int_equal(vcl_certificate_key(pairs[0].pem, "", &not_after), VCL_KEY_UNREADABLE);
    assert_int_equal(vcl_certificate_key("", pairs[0].keys[0], &not_after),
                     VCL_CERTIFICATE_UNREADABLE);
    assert_false(vcl_certificate_read(pairs[0].keys[0], &not_after));
    assert_false(vcl_certificate_read("", &not_after));
}

static char *as_pem(const char *label, const unsigned char *data, long size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;

    assert_true(PEM_write_bio(bio, label, "", data, size) > 0);
    long length = BIO_get_mem_data(bio, &text);
    char *copy = vcl_strndup(text, (size_t)length);
    BIO_free(bio);
    return copy;
}

static void one_that_is_cut_off_is_none(void **state)
{
    VCL_AUTO_PEM block = { 0 };
    VCL_AUTO_PEM key = { 0 };
    int64_t not_after = 0;

    (void)state;
    assert_true(vcl_pem_read(pairs[0].pem, strlen(pairs[0].pem), &block));
    for (long size = 1; size < block.size; size++) {
        vcl_auto_free char *cut = as_pem("CERTIFICATE", block.data, size);

        assert_false(vcl_certificate_read(cut, &not_after));
    }
    assert_true(vcl_pem_read(pairs[1].keys[0], strlen(pairs[1].keys[0]), &key));
    for (long size = 1; size < key.size; size += 7) {
        vcl_auto_free char *cut = as_pem("RSA PRIVATE KEY", key.data, size);

        assert_int_equal(vcl_certificate_key(pairs[1].pem, cut, &not_after), VCL_KEY_UNREADABLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_end_is_read),
        cmocka_unit_test(it_is_found_behind_other_blocks),
        cmocka_unit_test(a_key_of_each_kind_is_known_by_its_certificate_alone),
        cmocka_unit_test(another_key_of_the_same_kind_is_another),
        cmocka_unit_test(what_is_no_key_cannot_be_read),
        cmocka_unit_test(one_that_is_cut_off_is_none),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
