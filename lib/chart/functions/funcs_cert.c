/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and certificates as sprig 3.3 makes them: genPrivateKey, genCA, genSelfSignedCert,
 * genSignedCert, each with a form that takes the key, and buildCustomCert. The certificates hold
 * the same extensions in the same order as those of Go's crypto/x509 (Go 1.26). Making a key is
 * paid for in steps, so that a loop over it ends.
 */
#include <openssl/dsa.h>
#include <openssl/err.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/functions/cert.h"
#include "chart/functions/funcs.h"

/* What a key costs: 50 million steps are all there are. */
enum {
    EC_STEPS = 5000,
    RSA_STEPS = 200000,
    LARGE_RSA_STEPS = 500000,
    DSA_STEPS = 1000000,
};

static int failed(vcl_tpl_state *state, const char *what)
{
    ERR_clear_error();
    return vcl_tpl_raise(state, "error %s", what);
}

/* A C string that is wiped and freed, as the result. */
static int return_secret(vcl_tpl_state *state, char *text, vcl_tpl_value *out)
{
    if (!text)
        return vcl_tpl_raise_memory(state);

    int result = vcl_tpl_return_text(state, text, strlen(text), out);
    vcl_free_secret(text);
    return result;
}

static EVP_PKEY *new_rsa(size_t bits)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);
}

static EVP_PKEY *new_dsa(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_DSA, NULL);
    EVP_PKEY *parameters = NULL;
    EVP_PKEY *key = NULL;
    bool made = context && EVP_PKEY_paramgen_init(context) == 1 &&
                EVP_PKEY_CTX_set_dsa_paramgen_bits(context, 2048) == 1 &&
                EVP_PKEY_CTX_set_dsa_paramgen_q_bits(context, 256) == 1 &&
                EVP_PKEY_paramgen(context, &parameters) == 1;

    EVP_PKEY_CTX_free(context);
    context = made ? EVP_PKEY_CTX_new(parameters, NULL) : NULL;
    if (context && EVP_PKEY_keygen_init(context) == 1)
        (void)EVP_PKEY_keygen(context, &key);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(parameters);
    return key;
}

static int unknown_type(vcl_tpl_state *state, vcl_tpl_text type, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };

    vcl_buf_add(&buf, "Unknown type ");
    vcl_buf_append(&buf, type.data, type.size);
    return vcl_tpl_return_buf(state, &buf, out);
}

static int
gen_private_key(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text type = args[0].text;
    bool rsa = type.size == 0 || vcl_tpl_text_is(type, "rsa");
    bool dsa = vcl_tpl_text_is(type, "dsa");
    bool ecdsa = vcl_tpl_text_is(type, "ecdsa");
    bool ed25519 = vcl_tpl_text_is(type, "ed25519");

    (void)count;
    if (!rsa && !dsa && !ecdsa && !ed25519)
        return unknown_type(state, type, out);
    int result = vcl_tpl_spend(state, rsa ? LARGE_RSA_STEPS : dsa ? DSA_STEPS : EC_STEPS);
    if (result < 0)
        return result;

    VCL_AUTO_PTR(EVP_PKEY)
    key = rsa     ? new_rsa(4096)
          : dsa   ? new_dsa()
          : ecdsa ? EVP_EC_gen("P-256")
                  : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (!key)
        return failed(state, "generating a key");
    return return_secret(state, vcl_tpl_key_pem(key), out);
}

/* The value of a certificate and its key. */
static int
new_pair(vcl_tpl_state *state, vcl_tpl_text certificate, vcl_tpl_text key, vcl_tpl_value *out)
{
    int result = vcl_tpl_new_map(state, VCL_TPL_T_CERTIFICATE, out);

    if (result == 0)
        result = vcl_tpl_put(state, out->map, vcl_tpl_literal("Cert"), vcl_tpl_string(certificate));
    return result < 0 ? result
                      : vcl_tpl_put(state, out->map, vcl_tpl_literal("Key"), vcl_tpl_string(key));
}

static int finish(vcl_tpl_state *state, X509 *certificate, EVP_PKEY *key, vcl_tpl_value *out)
{
    vcl_auto_free char *cert_pem = vcl_certificate_to_pem(certificate);
    vcl_tpl_value cert_text;
    vcl_tpl_value key_text;

    if (!cert_pem)
        return vcl_tpl_raise_memory(state);
    int result = vcl_tpl_return_text(state, cert_pem, strlen(cert_pem), &cert_text);
    if (result == 0)
        result = return_secret(state, vcl_tpl_key_pem(key), &key_text);
    return result < 0 ? result : new_pair(state, cert_text.text, key_text.text, out);
}

/* The key of a call: made now, or read from the PEM text of the last argument. */
static int
take_key(vcl_tpl_state *state, const vcl_tpl_value *pem, const char *what, EVP_PKEY **out_key)
{
    int result = vcl_tpl_spend(state, pem ? EC_STEPS : RSA_STEPS);

    if (result < 0)
        return result;
    if (pem)
        return vcl_tpl_read_key(state, pem->text, what, out_key);
    *out_key = new_rsa(2048);
    return *out_key ? 0 : failed(state, "generating rsa key");
}

static int
make_authority(vcl_tpl_state *state, const vcl_tpl_value *args, bool with_key, vcl_tpl_value *out)
{
    vcl_tpl_cert_request request = { .name = args[0].text,
                                     .days = args[1].integer,
                                     .is_authority = true };
    VCL_AUTO_PTR(EVP_PKEY) key = NULL;
    VCL_AUTO_PTR(X509) certificate = NULL;
    int result = take_key(state, with_key ? &args[2] : NULL, "parsing private key", &request.key);

    key = request.key;
    request.signer_key = key;
    if (result == 0)
        result = vcl_tpl_make_certificate(state, &request, &certificate);
    return result < 0 ? result : finish(state, certificate, key, out);
}

static int gen_ca(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return make_authority(state, args, false, out);
}

static int
gen_ca_with_key(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return make_authority(state, args, true, out);
}

/* A certificate signed by its own key, or by an authority. */
static int make_leaf(vcl_tpl_state *state,
                     const vcl_tpl_value *args,
                     const vcl_tpl_value *authority,
                     const vcl_tpl_value *key_pem,
                     vcl_tpl_value *out)
{
    vcl_tpl_cert_request request = {
        .name = args[0].text, .ips = &args[1], .dns = &args[2], .days = args[3].integer
    };
    VCL_AUTO_PTR(EVP_PKEY) key = NULL;
    VCL_AUTO_PTR(EVP_PKEY) signer_key = NULL;
    VCL_AUTO_PTR(X509) signer = NULL;
    VCL_AUTO_PTR(X509) certificate = NULL;
    int result = take_key(state, key_pem, "parsing private key", &request.key);

    key = request.key;
    request.signer_key = key;
    if (result == 0 && authority) {
        result = vcl_tpl_read_authority(state, authority, &signer, &signer_key);
        request.signer = signer;
        request.signer_key = signer_key;
    }
    if (result == 0)
        result = vcl_tpl_make_certificate(state, &request, &certificate);
    return result < 0 ? result : finish(state, certificate, key, out);
}

static int
gen_self_signed(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return make_leaf(state, args, NULL, NULL, out);
}

static int gen_self_signed_with_key(vcl_tpl_state *state,
                                    const vcl_tpl_value *args,
                                    size_t count,
                                    vcl_tpl_value *out)
{
    (void)count;
    return make_leaf(state, args, NULL, &args[4], out);
}

static int
gen_signed(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return make_leaf(state, args, &args[4], NULL, out);
}

static int gen_signed_with_key(vcl_tpl_state *state,
                               const vcl_tpl_value *args,
                               size_t count,
                               vcl_tpl_value *out)
{
    (void)count;
    return make_leaf(state, args, &args[4], &args[5], out);
}

/* A pair from base64 texts, which are checked but not changed. */
static int
build_custom(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF cert = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    VCL_AUTO_BUF key = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    VCL_AUTO_PTR(X509) certificate = NULL;
    VCL_AUTO_PTR(EVP_PKEY) pkey = NULL;
    vcl_tpl_value cert_text;
    vcl_tpl_value key_text;
    size_t position = 0;

    (void)count;
    if (!vcl_tpl_decode_base64(args[0].text, &cert, &position))
        return vcl_tpl_raise(state, "unable to decode base64 certificate");
    if (!vcl_tpl_decode_base64(args[1].text, &key, &position))
        return vcl_tpl_raise(state, "unable to decode base64 private key");

    int result = vcl_tpl_return_buf(state, &cert, &cert_text);
    if (result == 0)
        result = vcl_tpl_return_buf(state, &key, &key_text);
    if (result == 0)
        result = vcl_tpl_read_certificate(state, cert_text.text, "decodedCert", &certificate);
    if (result == 0)
        result = vcl_tpl_read_key(state, key_text.text, "error parsing private key", &pkey);
    return result < 0 ? result : new_pair(state, cert_text.text, key_text.text, out);
}

const vcl_tpl_function vcl_tpl_funcs_cert[] = {
    { "genPrivateKey", "s", 0, gen_private_key },
    { "genCA", "si", 0, gen_ca },
    { "genCAWithKey", "sis", 0, gen_ca_with_key },
    { "genSelfSignedCert", "sLLi", 0, gen_self_signed },
    { "genSelfSignedCertWithKey", "sLLis", 0, gen_self_signed_with_key },
    { "genSignedCert", "sLLic", 0, gen_signed },
    { "genSignedCertWithKey", "sLLics", 0, gen_signed_with_key },
    { "buildCustomCert", "ss", 0, build_custom },
    { NULL, NULL, 0, NULL },
};
