/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings and digests: base64, base32, SHA, Adler, JSON, YAML. */
#include <openssl/evp.h>
#include <string.h>
#include <zlib.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/functions/funcs.h"
#include "data/encoding.h"
#include "data/json.h"
#include "data/yaml.h"

/* A C string, which is freed, as the result. */
static int return_owned(vcl_tpl_state *state, char *text, vcl_tpl_value *out)
{
    if (!text)
        return vcl_tpl_raise_memory(state);

    int result = vcl_tpl_return_text(state, text, strlen(text), out);
    vcl_free_secret(text);
    return result;
}

static int b64enc(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return return_owned(state, vcl_base64_encode(args[0].text.data, args[0].text.size), out);
}

/* Values of the characters of an alphabet, decoded bits by bits. Go says where the text is wrong:
 * at the byte whose group cannot be read. */
typedef struct alphabet {
    const char *characters;
    unsigned bits;
    size_t group; /* characters that make whole bytes */
    const char *name;
} alphabet;

static const alphabet base64 = { "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                                 6, 4, "base64" };
static const alphabet base32 = { "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, 8, "base32" };

static int illegal(vcl_tpl_state *state, const alphabet *a, size_t position, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };

    vcl_buf_init(&buf, 100);
    vcl_buf_addf(&buf, "illegal %s data at input byte %zu", a->name, position);
    return vcl_tpl_return_buf(state, &buf, out);
}

/* Padding from position on: only '=' up to the end of the group, then nothing but newlines. */
static bool padding_ok(const alphabet *a, vcl_tpl_text text, size_t position, size_t in_group)
{
    static const bool base64_ok[] = { false, false, true, true };
    static const bool base32_ok[] = { false, false, true, false, true, true, false, true };

    if (!(a == &base64 ? base64_ok : base32_ok)[in_group])
        return false;
    for (; position < text.size; position++) {
        char c = text.data[position];
        if (c == '\n' || c == '\r')
            continue;
        if (c != '=' || in_group == a->group)
            return false;
        in_group++;
    }
    return in_group == a->group;
}

/* Decode into the buffer. False: position says where the text is wrong. */
static bool decode_text(const alphabet *a, vcl_tpl_text text, vcl_buf *buf, size_t *out_position)
{
    uint64_t bits = 0;
    unsigned bit_count = 0;
    size_t in_group = 0;
    size_t skipped = 0;

    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        const char *found = c ? strchr(a->characters, c) : NULL;
        if (c == '\n' || c == '\r') {
            skipped += a == &base32; /* Go takes newlines out of base32 first */
            continue;
        }
        if (c == '=' && padding_ok(a, text, i, in_group))
            return true;
        *out_position = i - skipped;
        if (!found)
            return false;
        bits = (bits << a->bits | (uint64_t)(found - a->characters)) & 0xFFFF;
        bit_count += a->bits;
        if (bit_count >= 8) {
            bit_count -= 8;
            vcl_buf_add_char(buf, (char)(bits >> bit_count & 0xFF));
        }
        in_group = (in_group + 1) % a->group;
    }
    *out_position = text.size - skipped - in_group;
    return in_group == 0;
}

static int decode(vcl_tpl_state *state, const alphabet *a, vcl_tpl_text text, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };
    size_t position = 0;

    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    if (!decode_text(a, text, &buf, &position))
        return illegal(state, a, position, out);
    return vcl_tpl_return_buf(state, &buf, out);
}

bool vcl_tpl_decode_base64(vcl_tpl_text text, vcl_buf *buf, size_t *out_position)
{
    return decode_text(&base64, text, buf, out_position);
}

static int b64dec(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return decode(state, &base64, args[0].text, out);
}

static int b32dec(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return decode(state, &base32, args[0].text, out);
}

static int b32enc(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text text = args[0].text;
    VCL_AUTO_BUF buf = { 0 };
    uint64_t bits = 0;
    unsigned bit_count = 0;

    (void)count;
    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    for (size_t i = 0; i < text.size; i++) {
        bits = (bits << 8 | (unsigned char)text.data[i]) & 0xFFFF;
        for (bit_count += 8; bit_count >= 5; bit_count -= 5)
            vcl_buf_add_char(&buf, base32.characters[bits >> (bit_count - 5) & 31]);
    }
    if (bit_count)
        vcl_buf_add_char(&buf, base32.characters[bits << (5 - bit_count) & 31]);
    while (buf.size % 8 && !vcl_buf_failed(&buf))
        vcl_buf_add_char(&buf, '=');
    return vcl_tpl_return_buf(state, &buf, out);
}

static int digest(vcl_tpl_state *state, const EVP_MD *kind, vcl_tpl_text text, vcl_tpl_value *out)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    VCL_AUTO_BUF buf = { 0 };

    if (EVP_Digest(text.data ? text.data : "", text.size, bytes, &size, kind, NULL) != 1)
        return vcl_tpl_raise_memory(state);
    vcl_buf_init(&buf, (size_t)EVP_MAX_MD_SIZE * 2);
    for (unsigned i = 0; i < size; i++)
        vcl_buf_addf(&buf, "%02x", bytes[i]);
    return vcl_tpl_return_buf(state, &buf, out);
}

static int
sha1sum(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return digest(state, EVP_sha1(), args[0].text, out);
}

static int
sha256sum(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return digest(state, EVP_sha256(), args[0].text, out);
}

static int
sha512sum(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return digest(state, EVP_sha512(), args[0].text, out);
}

static int
adler32sum(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };
    uLong sum = adler32_z(1, (const Bytef *)args[0].text.data, args[0].text.size);

    (void)count;
    vcl_buf_init(&buf, 32);
    vcl_buf_addf(&buf, "%lu", args[0].text.size ? sum : 1UL);
    return vcl_tpl_return_buf(state, &buf, out);
}

const vcl_tpl_function vcl_tpl_funcs_encode[] = {
    { "b64enc", "s", 0, b64enc },
    { "b64dec", "s", 0, b64dec },
    { "b32enc", "s", 0, b32enc },
    { "b32dec", "s", 0, b32dec },
    { "sha1sum", "s", 0, sha1sum },
    { "sha256sum", "s", 0, sha256sum },
    { "sha512sum", "s", 0, sha512sum },
    { "adler32sum", "s", 0, adler32sum },
    { NULL, NULL, 0, NULL },
};
