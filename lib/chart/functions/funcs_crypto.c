/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords and encryption: bcrypt, htpasswd, derivePassword, encryptAES, decryptAES, as sprig 3.3
 * has them. What takes long on purpose (bcrypt, scrypt) is paid for in steps, so that a loop over
 * it ends. Digests are in funcs_encode.c, keys and certificates in funcs_cert.c.
 */
#include <crypt.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/functions/funcs.h"
#include "data/encoding.h"

enum {
    BCRYPT_ROUNDS = 10, /* two to the power of */
    BCRYPT_SALT = 16,
    BCRYPT_MAX_PASSWORD = 72,
    BCRYPT_STEPS = 50000, /* about 50 ms */
    AES_KEY = 32,
    AES_BLOCK = 16,
    SCRYPT_KEY = 64,
    SCRYPT_STEPS = 200000,
};

static int failed(vcl_tpl_state *state, const char *what)
{
    ERR_clear_error(); /* the queue is the thread's, shared with the program */
    return vcl_tpl_raise(state, "cannot %s", what);
}

/* The hash of a C string; its prefix says 2a as Go's does, which means what crypt calls 2b. */
static bool hash_password(const char *password, struct crypt_data *work, vcl_buf *out)
{
    char salt[BCRYPT_SALT];
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    if (RAND_bytes((unsigned char *)salt, sizeof(salt)) != 1 ||
        !crypt_gensalt_rn("$2b$", BCRYPT_ROUNDS, salt, sizeof(salt), setting, sizeof(setting)))
        return false;

    const char *hash = crypt_rn(password, setting, work, (int)sizeof(*work));
    if (!hash || !vcl_starts_with(hash, "$2b$"))
        return false;
    vcl_buf_add(out, "$2a$");
    vcl_buf_add(out, hash + 4);
    return true;
}

static int add_bcrypt(vcl_tpl_state *state, vcl_tpl_text password, vcl_buf *out)
{
    int result = vcl_tpl_spend(state, BCRYPT_STEPS);

    if (result < 0)
        return result;
    if (password.size > BCRYPT_MAX_PASSWORD) {
        vcl_buf_add(out, "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 "
                         "bytes");
        return 0;
    }
    if (password.size && memchr(password.data, '\0', password.size))
        return vcl_tpl_raise(state, "bcrypt of a text with a NUL byte is not supported");

    char *text = vcl_strndup(password.size ? password.data : "", password.size);
    struct crypt_data *work = calloc(1, sizeof(*work));
    bool hashed = text && work && hash_password(text, work, out);
    bool no_memory = !text || !work;
    if (work)
        vcl_wipe(work, sizeof(*work));
    free(work);
    vcl_free_secret(text);
    if (no_memory)
        return vcl_tpl_raise_memory(state);
    return hashed ? 0 : failed(state, "hash a password with bcrypt");
}

static int bcrypt(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };

    (void)count;
    vcl_buf_init(&buf, VCL_MAX_MESSAGE);
    int result = add_bcrypt(state, args[0].text, &buf);
    return result < 0 ? result : vcl_tpl_return_buf(state, &buf, out);
}

static int
htpasswd(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text user = args[0].text;
    VCL_AUTO_BUF buf = { 0 };

    (void)count;
    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    if (user.size && memchr(user.data, ':', user.size)) {
        vcl_buf_add(&buf, "invalid username: ");
        vcl_buf_append(&buf, user.data, user.size);
        return vcl_tpl_return_buf(state, &buf, out);
    }
    vcl_buf_append(&buf, user.data, user.size);
    vcl_buf_add(&buf, ":");
    int result = add_bcrypt(state, args[1].text, &buf);
    return result < 0 ? result : vcl_tpl_return_buf(state, &buf, out);
}

/* The kinds of passwords and their patterns: each letter stands for a set of characters. */
typedef struct password_type {
    const char *name;
    const char *const *patterns;
    size_t count;
} password_type;

static const char *const maximum[] = { "anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno" };
static const char *const long_[] = {
    "CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv",
    "CvccCvcvCvcvno", "CvcvnoCvccCvcv", "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc",
    "CvcvCvcvnoCvcc", "CvcvCvcvCvccno", "CvccnoCvccCvcv", "CvccCvccnoCvcv", "CvccCvccCvcvno",
    "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno", "CvccnoCvcvCvcc", "CvccCvcvnoCvcc",
    "CvccCvcvCvccno",
};
static const char *const medium[] = { "CvcnoCvc", "CvcCvcno" };
static const char *const short_[] = { "Cvcn" };
static const char *const basic[] = { "aaanaaan", "aannaaan", "aaannaaa" };
static const char *const pin[] = { "nnnn" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const password_type password_types[] = {
    { "maximum", maximum, COUNT(maximum) }, { "long", long_, COUNT(long_) },
    { "medium", medium, COUNT(medium) },    { "short", short_, COUNT(short_) },
    { "basic", basic, COUNT(basic) },       { "pin", pin, COUNT(pin) },
};

static const char *characters_of(char letter)
{
    switch (letter) {
    case 'C':
        return "BCDFGHJKLMNPQRSTVWXYZ";
    case 'v':
        return "aeiou";
    case 'c':
        return "bcdfghjklmnpqrstvwxyz";
    case 'a':
        return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
    case 'n':
        return "0123456789";
    case 'o':
        return "@&%?,=[]_:-+*$#!'^~;()/.";
    default: /* x */
        return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()";
    }
}

static void add_number(vcl_buf *buf, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        vcl_buf_add_char(buf, (char)(number >> shift & 0xff));
}

static void add_seeded(vcl_buf *buf, vcl_tpl_text text)
{
    vcl_buf_add(buf, "com.lyndir.masterpassword");
    add_number(buf, (uint32_t)text.size);
    vcl_buf_append(buf, text.data, text.size);
}

static bool scrypt(vcl_tpl_text password, const vcl_buf *salt, unsigned char key[SCRYPT_KEY])
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
    EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    uint64_t cost = 32768;
    uint64_t max_memory = 128 << 20;
    uint32_t block = 8;
    uint32_t lanes = 2;
    char none[1] = "";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_PASSWORD, none, 0),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SALT, salt->data, salt->size),
        OSSL_PARAM_uint64(OSSL_KDF_PARAM_SCRYPT_N, &cost),
        OSSL_PARAM_uint32(OSSL_KDF_PARAM_SCRYPT_R, &block),
        OSSL_PARAM_uint32(OSSL_KDF_PARAM_SCRYPT_P, &lanes),
        OSSL_PARAM_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &max_memory),
        OSSL_PARAM_END,
    };
    unsigned char *copy = password.size ? OPENSSL_memdup(password.data, password.size) : NULL;

    if (copy) {
        parameters[0].data = copy;
        parameters[0].data_size = password.size;
    }
    bool derived = context && (copy || password.size == 0) &&
                   EVP_KDF_derive(context, key, SCRYPT_KEY, parameters) == 1;
    OPENSSL_clear_free(copy, password.size);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return derived;
}

/* The seed: what chooses the pattern and each of its characters. */
static bool
derive_seed(const vcl_tpl_value *args, unsigned char seed[EVP_MAX_MD_SIZE], unsigned *out_size)
{
    unsigned char key[SCRYPT_KEY];
    VCL_AUTO_BUF salt = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    VCL_AUTO_BUF site = { .max = VCL_MAX_TEMPLATE_OUTPUT };

    add_seeded(&salt, args[3].text);
    add_seeded(&site, args[4].text);
    add_number(&site, (uint32_t)args[0].integer);
    if (vcl_buf_failed(&salt) || vcl_buf_failed(&site) || !scrypt(args[2].text, &salt, key))
        return false;

    bool made = HMAC(EVP_sha256(), key, sizeof(key), (const unsigned char *)site.data, site.size,
                     seed, out_size);
    vcl_wipe(key, sizeof(key));
    return made;
}

static int
derive_password(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const password_type *type = NULL;
    unsigned char seed[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };

    (void)count;
    for (size_t i = 0; i < COUNT(password_types); i++) {
        if (vcl_tpl_text_is(args[1].text, password_types[i].name))
            type = &password_types[i];
    }
    if (!type) {
        vcl_buf_add(&buf, "cannot find password template ");
        vcl_buf_append(&buf, args[1].text.data, args[1].text.size);
        return vcl_tpl_return_buf(state, &buf, out);
    }

    int result = vcl_tpl_spend(state, SCRYPT_STEPS);
    if (result < 0)
        return result;
    if (!derive_seed(args, seed, &size))
        return failed(state, "derive a password with scrypt");
    const char *pattern = type->patterns[seed[0] % type->count];
    for (size_t i = 0; pattern[i] && i + 1 < size; i++) {
        const char *characters = characters_of(pattern[i]);
        vcl_buf_add_char(&buf, characters[seed[i + 1] % strlen(characters)]);
    }
    vcl_wipe(seed, sizeof(seed));
    return vcl_tpl_return_buf(state, &buf, out);
}

/* AES-256 in CBC mode over whole blocks; the key is the password, cut or filled up with zeros. */
static bool run_aes(vcl_tpl_text password, const unsigned char *iv, vcl_buf *data, bool encrypt)
{
    unsigned char key[AES_KEY] = { 0 };
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    unsigned char *bytes = (unsigned char *)data->data;
    int size = (int)data->size; /* texts are far below */
    int done = 0;
    int rest = 0;

    if (password.size)
        memcpy(key, password.data, password.size < AES_KEY ? password.size : AES_KEY);
    bool run = context &&
               EVP_CipherInit_ex(context, EVP_aes_256_cbc(), NULL, key, iv, encrypt) == 1 &&
               EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
               EVP_CipherUpdate(context, bytes, &done, bytes, size) == 1 &&
               EVP_CipherFinal_ex(context, bytes + done, &rest) == 1 && done + rest == size;
    EVP_CIPHER_CTX_free(context);
    vcl_wipe(key, sizeof(key));
    return run;
}

static int
encrypt_aes(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text plain = args[1].text;
    size_t padding = AES_BLOCK - plain.size % AES_BLOCK;
    unsigned char iv[AES_BLOCK];
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    VCL_AUTO_BUF whole = { .max = VCL_MAX_TEMPLATE_OUTPUT };

    (void)count;
    *out = vcl_tpl_cstring("");
    if (plain.size == 0)
        return 0;
    vcl_buf_append(&buf, plain.data, plain.size);
    for (size_t i = 0; i < padding; i++)
        vcl_buf_add_char(&buf, (char)padding);
    if (vcl_buf_failed(&buf))
        return vcl_tpl_return_buf(state, &buf, out);
    if (RAND_bytes(iv, sizeof(iv)) != 1 || !run_aes(args[0].text, iv, &buf, true))
        return failed(state, "encrypt with AES");
    vcl_buf_append(&whole, iv, sizeof(iv));
    vcl_buf_append(&whole, buf.data, buf.size);
    if (vcl_buf_failed(&whole))
        return vcl_tpl_return_buf(state, &whole, out);

    vcl_auto_free char *text = vcl_base64_encode(whole.data, whole.size);
    return text ? vcl_tpl_return_text(state, text, strlen(text), out) : vcl_tpl_raise_memory(state);
}

/* The padding is believed as it stands; what cannot be cut off is Go's message about it. */
static int
decrypt_aes(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    unsigned char iv[AES_BLOCK];
    size_t position = 0;

    (void)count;
    *out = vcl_tpl_cstring("");
    if (args[1].text.size == 0)
        return 0;
    if (!vcl_tpl_decode_base64(args[1].text, &buf, &position))
        return vcl_tpl_raise(state, "illegal base64 data at input byte %zu", position);
    if (vcl_buf_failed(&buf))
        return vcl_tpl_return_buf(state, &buf, out);
    if (buf.size < AES_BLOCK)
        return vcl_tpl_raise(state,
                             "runtime error: slice bounds out of range [:16] with capacity "
                             "%zu",
                             args[1].text.size / 4 * 3);
    memcpy(iv, buf.data, sizeof(iv));
    vcl_buf_consume(&buf, sizeof(iv));
    if (buf.size % AES_BLOCK)
        return vcl_tpl_raise(state, "crypto/cipher: input not full blocks");
    if (buf.size == 0)
        return vcl_tpl_raise(state, "runtime error: index out of range [-1]");
    if (!run_aes(args[0].text, iv, &buf, false))
        return failed(state, "decrypt with AES");

    size_t padding = (unsigned char)buf.data[buf.size - 1];
    if (padding > buf.size)
        return vcl_tpl_raise(state, "runtime error: slice bounds out of range [:-%zu]",
                             padding - buf.size);
    return vcl_tpl_return_text(state, buf.data, buf.size - padding, out);
}

const vcl_tpl_function vcl_tpl_funcs_crypto[] = {
    { "bcrypt", "s", 0, bcrypt },
    { "htpasswd", "ss", 0, htpasswd },
    { "derivePassword", "ussss", 0, derive_password },
    { "encryptAES", "ss", 0, encrypt_aes },
    { "decryptAES", "ss", 0, decrypt_aes },
    { NULL, NULL, 0, NULL },
};
