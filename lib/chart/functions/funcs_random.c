/* SPDX-License-Identifier: Apache-2.0 */
/* Random texts, numbers and UUIDs, all from the random numbers of the kernel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/limits.h"
#include "chart/functions/funcs.h"
#include "chart/template/utf8.h"
#include "data/encoding.h"

/* A random byte costs as much as that many steps. */
enum { STEPS_OF_BYTE = 8 };

/* Random bytes that are asked for at once. */
typedef struct byte_pool {
    unsigned char bytes[4096];
    size_t left;
    bool large; /* many will be needed */
} byte_pool;

static int fill(vcl_tpl_state *state, void *bytes, size_t size)
{
    unsigned char *at = bytes;

    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);
        if (got < 0 && errno != EINTR)
            return vcl_tpl_raise(state, "the system has no random numbers");
        at += got < 0 ? 0 : got;
        size -= got < 0 ? 0 : (size_t)got;
    }
    return 0;
}

static int next_byte(vcl_tpl_state *state, byte_pool *pool, unsigned *out_byte)
{
    if (pool->left == 0) {
        size_t size = pool->large ? sizeof(pool->bytes) : 64;
        int result = fill(state, pool->bytes, size);
        if (result < 0)
            return result;
        pool->left = size;
    }
    *out_byte = pool->bytes[--pool->left];
    return 0;
}

/* An even number below the limit: what would favour some is thrown away. */
static int below(vcl_tpl_state *state, byte_pool *pool, uint64_t limit, uint64_t *out_number)
{
    uint64_t most = limit <= 256 ? 256 - 256 % limit : UINT64_MAX - UINT64_MAX % limit;
    int bytes = limit <= 256 ? 1 : 8;

    do {
        *out_number = 0;
        for (int i = 0; i < bytes; i++) {
            unsigned byte;
            int result = next_byte(state, pool, &byte);
            if (result < 0)
                return result;
            *out_number = *out_number << 8 | byte;
        }
    } while (*out_number >= most);
    *out_number %= limit;
    return 0;
}

/* As many characters as asked for, each one of the set. */
static int
random_text(vcl_tpl_state *state, int64_t count, const char *set, size_t size, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    byte_pool pool;
    uint64_t index;

    pool.left = 0;
    pool.large = count > 1000;
    if (count > VCL_MAX_TEMPLATE_OUTPUT)
        return vcl_tpl_raise(state, "a text is larger than %d bytes", VCL_MAX_TEMPLATE_OUTPUT);
    int result = count > 0 ? vcl_tpl_spend(state, (size_t)count * STEPS_OF_BYTE) : 0;
    for (int64_t i = 0; result == 0 && i < count; i++) {
        result = below(state, &pool, size, &index);
        if (result == 0)
            vcl_buf_add_char(&buf, set[index]);
    }
    return result < 0 ? result : vcl_tpl_return_buf(state, &buf, out);
}

static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
enum { DIGITS = 10, ALPHABET = sizeof(alphabet) - 1 };

static int
rand_alpha_num(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return random_text(state, args[0].integer, alphabet, ALPHABET, out);
}

static int
rand_alpha(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return random_text(state, args[0].integer, alphabet + DIGITS, ALPHABET - DIGITS, out);
}

static int
rand_numeric(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return random_text(state, args[0].integer, alphabet, DIGITS, out);
}

static int
rand_ascii(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    char set[0x7F - ' '];

    (void)count;
    for (size_t i = 0; i < sizeof(set); i++)
        set[i] = (char)(' ' + i);
    return random_text(state, args[0].integer, set, sizeof(set), out);
}

static int
rand_int(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    byte_pool pool;
    int64_t range = 0;
    uint64_t number = 0;

    (void)count;
    pool.left = 0;
    pool.large = false;
    if (__builtin_sub_overflow(args[1].integer, args[0].integer, &range) || range <= 0)
        return vcl_tpl_raise(state, "invalid argument to Intn");
    int result = below(state, &pool, (uint64_t)range, &number);
    *out = vcl_tpl_int((int64_t)((uint64_t)args[0].integer + number));
    return result;
}

/* Random bytes in base64. */
static int
rand_bytes(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int64_t size = args[0].integer;

    (void)count;
    if (size < 0)
        return vcl_tpl_raise(state, "runtime error: makeslice: len out of range");
    if (size > VCL_MAX_TEMPLATE_OUTPUT / 2)
        return vcl_tpl_raise(state, "a text is larger than %d bytes", VCL_MAX_TEMPLATE_OUTPUT);

    vcl_auto_free unsigned char *bytes = malloc((size_t)size + 1);
    if (!bytes)
        return vcl_tpl_raise_memory(state);
    int result = vcl_tpl_spend(state, (size_t)size * STEPS_OF_BYTE);
    if (result == 0)
        result = fill(state, bytes, (size_t)size);
    if (result < 0)
        return result;

    vcl_auto_free char *text = vcl_base64_encode(bytes, (size_t)size);
    if (!text)
        return vcl_tpl_raise_memory(state);
    return vcl_tpl_return_text(state, text, strlen(text), out);
}

static int
uuid_v4(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = 64 };
    unsigned char bytes[16];
    int result = fill(state, bytes, sizeof(bytes));

    (void)args;
    (void)count;
    if (result < 0)
        return result;
    bytes[6] = (bytes[6] & 0x0F) | 0x40; /* the version */
    bytes[8] = (bytes[8] & 0x3F) | 0x80; /* and the variant, of RFC 4122 */
    for (size_t i = 0; i < sizeof(bytes); i++)
        vcl_buf_addf(&buf, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
    return vcl_tpl_return_buf(state, &buf, out);
}

/* Characters of a text in any order. */
static int
shuffle(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    size_t runes = vcl_tpl_rune_count(args[0].text);
    vcl_auto_free uint32_t *order = calloc(runes + 1, sizeof(*order));
    vcl_tpl_text text = args[0].text;
    byte_pool pool;
    size_t size;

    (void)count;
    pool.left = 0;
    pool.large = runes > 500;
    if (!order)
        return vcl_tpl_raise_memory(state);
    int result = vcl_tpl_spend(state, runes * STEPS_OF_BYTE);
    for (size_t i = 0; i < runes; i++) {
        order[i] = vcl_tpl_rune(text, &size);
        text.data += size;
        text.size -= size;
    }
    for (size_t i = runes; result == 0 && i > 1; i--) {
        uint64_t other = 0;
        result = below(state, &pool, i, &other);
        uint32_t kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
    for (size_t i = 0; i < runes; i++)
        vcl_tpl_add_rune(&buf, order[i]);
    return result < 0 ? result : vcl_tpl_return_buf(state, &buf, out);
}

const vcl_tpl_function vcl_tpl_funcs_random[] = {
    { "randAlphaNum", "i", 0, rand_alpha_num },
    { "randAlpha", "i", 0, rand_alpha },
    { "randNumeric", "i", 0, rand_numeric },
    { "randAscii", "i", 0, rand_ascii },
    { "randInt", "ii", 0, rand_int },
    { "randBytes", "i", 0, rand_bytes },
    { "uuidv4", "", 0, uuid_v4 },
    { "shuffle", "s", 0, shuffle },
    { NULL, NULL, 0, NULL },
};
