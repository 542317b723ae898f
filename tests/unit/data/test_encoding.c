/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, SHA-256, random text and gzip, with damaged and oversized input. */
#include "data/encoding.h"

#include <string.h>

#include "cmocka_support.h"

static void base64_matches_the_test_vectors(void **state)
{
    static const char *const cases[][2] = { { "", "" },
                                            { "f", "Zg==" },
                                            { "fo", "Zm8=" },
                                            { "foo", "Zm9v" },
                                            { "foob", "Zm9vYg==" },
                                            { "fooba", "Zm9vYmE=" },
                                            { "foobar", "Zm9vYmFy" } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_auto_free char *text = vcl_base64_encode(cases[i][0], strlen(cases[i][0]));
        vcl_auto_free char *data = NULL;
        size_t size;
        VCL_AUTO_ERROR *error = NULL;

        assert_text_equal(text, cases[i][1]);
        assert_ok(vcl_base64_decode(text, &data, &size, &error), error);
        assert_uint_equal(size, strlen(cases[i][0]));
        assert_text_equal(data, cases[i][0]);
    }
}

static void base64_keeps_all_bytes(void **state)
{
    unsigned char bytes[257];
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *data = NULL;
    size_t size;

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 7);
    vcl_auto_free char *text = vcl_base64_encode(bytes, sizeof(bytes));
    assert_non_null(text);
    assert_ok(vcl_base64_decode(text, &data, &size, &error), error);
    assert_uint_equal(size, sizeof(bytes));
    assert_memory_equal(data, bytes, sizeof(bytes));
}

static void base64_decode_skips_white_space(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *data = NULL;
    size_t size;

    (void)state;
    assert_ok(vcl_base64_decode(" Zm9v\r\n\tYg==\n", &data, &size, &error), error);
    assert_text_equal(data, "foob");
}

static void base64_decode_refuses_damage(void **state)
{
    static const char *const cases[] = {
        "Z", "Zg",       "Zg=",  "Zg===",    "Zm8==", "Zm9v=",
        "=", "Zm9v====", "Z*==", "Zg==Zg==", "Zm9-",  "Zm\xc3\xa9="
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_ERROR *error = NULL;
        char *data = NULL;
        size_t size;
        assert_fails(vcl_base64_decode(cases[i], &data, &size, &error), VCLUSTER_E_PROTOCOL, error,
                     "not base64");
        assert_null(data);
    }
}

static void sha256_matches_a_test_vector(void **state)
{
    char hex[VCL_SHA256_HEX_SIZE];
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(vcl_sha256_hex("abc", 3, hex, &error), error);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void random_hex_has_the_size_and_differs(void **state)
{
    char a[100 + 1];
    char b[100 + 1];
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(vcl_random_hex(a, 100, &error), error);
    assert_ok(vcl_random_hex(b, 100, &error), error);
    assert_uint_equal(strspn(a, "0123456789abcdef"), 100);
    assert_uint_equal(strlen(b), 100);
    assert_string_not_equal(a, b);
    assert_ok(vcl_random_hex(a, 5, &error), error);
    assert_uint_equal(strlen(a), 5);
}

typedef struct packed {
    char *data;
    size_t size;
} packed;

static packed pack(const void *data, size_t size)
{
    packed result = { NULL, 0 };
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(vcl_gzip(data, size, &result.data, &result.size, &error), error);
    return result;
}

static void gunzip_gives_back_what_gzip_took(void **state)
{
    enum { SIZE = 300000 };
    vcl_auto_free char *text = malloc(SIZE);
    vcl_auto_free char *back = NULL;
    size_t size;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = (char)(i * i >> 7);
    packed zip = pack(text, SIZE);
    vcl_auto_free char *data = zip.data;
    assert_ok(vcl_gunzip(data, zip.size, SIZE, &back, &size, &error), error);
    assert_uint_equal(size, SIZE);
    assert_memory_equal(back, text, SIZE);
}

static void gzip_is_the_same_each_time(void **state)
{
    packed a = pack("hello", 5);
    packed b = pack("hello", 5);
    vcl_auto_free char *first = a.data;
    vcl_auto_free char *second = b.data;

    (void)state;
    assert_uint_equal(a.size, b.size);
    assert_memory_equal(first, second, a.size);
}

static void gunzip_takes_empty_and_joined_streams(void **state)
{
    packed empty = pack("", 0);
    packed part = pack("ab", 2);
    vcl_auto_free char *first = empty.data;
    vcl_auto_free char *second = part.data;
    vcl_auto_free char *back = NULL;
    vcl_auto_free char *joined = NULL;
    char both[200];
    size_t size;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(vcl_gunzip(first, empty.size, 0, &back, &size, &error), error);
    assert_uint_equal(size, 0);
    memcpy(both, second, part.size);
    memcpy(both + part.size, second, part.size);
    assert_ok(vcl_gunzip(both, 2 * part.size, 10, &joined, &size, &error), error);
    assert_uint_equal(size, 4);
    assert_text_equal(joined, "abab");
}

static void gunzip_stops_at_the_limit(void **state)
{
    char zeros[5000] = { 0 };
    packed zip = pack(zeros, sizeof(zeros));
    vcl_auto_free char *data = zip.data;
    char *back = NULL;
    size_t size;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_fails(vcl_gunzip(data, zip.size, sizeof(zeros) - 1, &back, &size, &error),
                 VCLUSTER_E_PROTOCOL, error, "limit of 4999 bytes");
    assert_null(back);
}

static void gunzip_refuses_cut_and_damaged_streams(void **state)
{
    packed zip = pack("some text to pack, some text to pack", 36);
    vcl_auto_free char *data = zip.data;

    (void)state;
    for (size_t i = 0; i < zip.size; i++) {
        char *back = NULL;
        size_t size;
        VCL_AUTO_ERROR *error = NULL;
        assert_fails(vcl_gunzip(data, i, 1000, &back, &size, &error), VCLUSTER_E_PROTOCOL, error,
                     "cut off or damaged");
    }
    char *back = NULL;
    size_t size;
    data[zip.size - 6] ^= 1; /* in the checksum */
    assert_int_equal(vcl_gunzip(data, zip.size, 1000, &back, &size, NULL), VCLUSTER_E_PROTOCOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_matches_the_test_vectors),
        cmocka_unit_test(base64_keeps_all_bytes),
        cmocka_unit_test(base64_decode_skips_white_space),
        cmocka_unit_test(base64_decode_refuses_damage),
        cmocka_unit_test(sha256_matches_a_test_vector),
        cmocka_unit_test(random_hex_has_the_size_and_differs),
        cmocka_unit_test(gunzip_gives_back_what_gzip_took),
        cmocka_unit_test(gzip_is_the_same_each_time),
        cmocka_unit_test(gunzip_takes_empty_and_joined_streams),
        cmocka_unit_test(gunzip_stops_at_the_limit),
        cmocka_unit_test(gunzip_refuses_cut_and_damaged_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
