/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, SHA-256 and random text; see encoding.h. gzip is in gzip.c. */
#include "data/encoding.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#include "base/str.h"

enum { SHA256_SIZE = 32 };

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_digits[] = "0123456789abcdef";

char *vcl_base64_encode(const void *data, size_t size)
{
    const unsigned char *from = data;

    if (size > SIZE_MAX / 2)
        return NULL;
    char *text = malloc((size + 2) / 3 * 4 + 1);
    if (!text)
        return NULL;

    char *to = text;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned bits = (unsigned)from[i] << 16;
        bits |= left > 1 ? (unsigned)from[i + 1] << 8 : 0;
        bits |= left > 2 ? (unsigned)from[i + 2] : 0;
        *to++ = base64_digits[bits >> 18];
        *to++ = base64_digits[bits >> 12 & 63];
        *to++ = '=';
        *to++ = '=';
        if (left > 1)
            to[-2] = base64_digits[bits >> 6 & 63];
        if (left > 2)
            to[-1] = base64_digits[bits & 63];
    }
    *to = '\0';
    return text;
}

/* The value of a base64 digit, or -1. */
static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decode into bytes, which has room for all of text; false when text is no base64. */
static bool base64_decode(const char *text, unsigned char *bytes, size_t *out_size)
{
    unsigned bits = 0;
    size_t digits = 0;
    size_t padding = 0;
    size_t used = 0;

    for (; *text; text++) {
        if (strchr(" \t\r\n", *text))
            continue;
        int value = base64_value(*text);
        if (*text == '=') {
            padding++;
            continue;
        }
        if (value < 0 || padding > 0)
            return false;
        bits = bits << 6 | (unsigned)value;
        if (++digits % 4 != 1)
            bytes[used++] = (unsigned char)(bits >> (8 - digits % 4 * 2) % 8);
    }
    *out_size = used;
    return digits % 4 != 1 && padding == (4 - digits % 4) % 4;
}

int vcl_base64_decode(const char *text, char **out_data, size_t *out_size, vcluster_error **error)
{
    size_t size = strlen(text);
    size_t used;
    char *data = malloc(size + 1);

    if (!data)
        return vcl_no_memory(error);
    if (!base64_decode(text, (unsigned char *)data, &used)) {
        vcl_wipe(data, size);
        free(data);
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the text is not base64");
    }
    data[used] = '\0';
    *out_data = data;
    *out_size = used;
    return VCLUSTER_OK;
}

static void put_hex(const unsigned char *bytes, size_t digits, char *text)
{
    for (size_t i = 0; i < digits; i++)
        text[i] = hex_digits[i % 2 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4];
    text[digits] = '\0';
}

int vcl_sha256_hex(const void *data,
                   size_t size,
                   char hex[VCL_SHA256_HEX_SIZE],
                   vcluster_error **error)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned used = 0;

    if (EVP_Digest(data, size, digest, &used, EVP_sha256(), NULL) != 1 || used != SHA256_SIZE)
        return vcl_fail(error, VCLUSTER_E_INTERNAL, "SHA-256 is not available in OpenSSL");
    put_hex(digest, VCL_SHA256_HEX_SIZE - 1, hex);
    return VCLUSTER_OK;
}

int vcl_random_hex(char *text, size_t size, vcluster_error **error)
{
    unsigned char bytes[32];

    for (size_t done = 0; done < size;) {
        size_t digits = size - done < sizeof(bytes) * 2 ? size - done : sizeof(bytes) * 2;
        if (RAND_bytes(bytes, sizeof(bytes)) != 1)
            return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no random numbers from OpenSSL");
        put_hex(bytes, digits, text + done);
        done += digits;
    }
    text[size] = '\0';
    vcl_wipe(bytes, sizeof(bytes));
    return VCLUSTER_OK;
}
