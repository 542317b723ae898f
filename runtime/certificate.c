/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates; see certificate.h. */
#include "certificate.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "data/x509.h"

VCL_DEFINE_CLEANUP(GENERAL_NAMES, GENERAL_NAMES_free);
VCL_DEFINE_CLEANUP(GENERAL_NAME, GENERAL_NAME_free);
VCL_DEFINE_CLEANUP(ASN1_OCTET_STRING, ASN1_OCTET_STRING_free);

enum { LEAF_DAYS = 365, AUTHORITY_DAYS = 3650, SKEW_SECONDS = 300 };

void rt_pair_done(rt_pair *pair)
{
    free(pair->certificate);
    vcl_free_secret(pair->key);
    *pair = (rt_pair){ 0 };
}

static int openssl_failed(vcluster_error **error, const char *what)
{
    char text[160] = "no reason given";
    unsigned long code = ERR_get_error();

    if (code)
        ERR_error_string_n(code, text, sizeof(text));
    ERR_clear_error();
    return vcl_fail(error, VCLUSTER_E_INTERNAL, "cannot %s: %s", what, text);
}

static bool add_entry(X509_NAME *name, const char *key, const char *value)
{
    return !value || X509_NAME_add_entry_by_txt(name, key, MBSTRING_UTF8,
                                                (const unsigned char *)value, -1, -1, 0) == 1;
}

/* What authorities and leaves have in common; the issuer of an authority is itself. */
static bool fill(X509 *certificate, EVP_PKEY *key, const rt_request *request, int64_t not_after)
{
    X509_NAME *subject = X509_get_subject_name(certificate);

    return X509_set_version(certificate, X509_VERSION_3) &&
           vcl_certificate_set_serial(certificate) && X509_set_pubkey(certificate, key) &&
           add_entry(subject, "O", request->organization) &&
           add_entry(subject, "CN", request->common_name) &&
           ASN1_TIME_set(X509_getm_notBefore(certificate), request->now - SKEW_SECONDS) &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), not_after);
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool done = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static int hand_out(X509 *certificate, EVP_PKEY *key, rt_pair *out_pair, vcluster_error **error)
{
    RT_AUTO_PAIR pair = { .certificate = vcl_certificate_to_pem(certificate),
                          .key = vcl_key_to_pem(key, true) };

    if (!pair.certificate || !pair.key)
        return vcl_no_memory(error);
    *out_pair = pair;
    pair = (rt_pair){ 0 };
    return VCLUSTER_OK;
}

int rt_authority_new(const char *common_name,
                     int64_t now,
                     rt_pair *out_pair,
                     vcluster_error **error)
{
    rt_request request = { .common_name = common_name, .now = now };
    VCL_AUTO_PTR(EVP_PKEY) key = EVP_EC_gen("P-256");
    VCL_AUTO_PTR(X509) certificate = X509_new();

    if (!key || !certificate)
        return openssl_failed(error, "make a key");
    bool done =
        fill(certificate, key, &request, now + (int64_t)AUTHORITY_DAYS * RT_DAY) &&
        X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) &&
        add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE") &&
        add_extension(certificate, certificate, NID_key_usage,
                      "critical,digitalSignature,keyCertSign,cRLSign") &&
        add_extension(certificate, certificate, NID_subject_key_identifier, "hash") &&
        X509_sign(certificate, key, EVP_sha256()) > 0;
    return done ? hand_out(certificate, key, out_pair, error)
                : openssl_failed(error, "make a certificate authority");
}

/* One subject alternative name: an address or a DNS name. */
static GENERAL_NAME *general_name(const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    int size = inet_pton(AF_INET, text, bytes) == 1    ? 4
               : inet_pton(AF_INET6, text, bytes) == 1 ? 16
                                                       : 0;
    VCL_AUTO_PTR(GENERAL_NAME) name = GENERAL_NAME_new();
    VCL_AUTO_PTR(ASN1_OCTET_STRING)
    value = size ? ASN1_OCTET_STRING_new() : (ASN1_OCTET_STRING *)ASN1_IA5STRING_new();

    if (!name || !value ||
        !ASN1_STRING_set(value, size ? (const void *)bytes : text, size ? size : -1))
        return NULL;
    GENERAL_NAME_set0_value(name, size ? GEN_IPADD : GEN_DNS, vcl_steal(&value));
    return vcl_steal(&name);
}

static bool add_names(X509 *certificate, const cJSON *names)
{
    VCL_AUTO_PTR(GENERAL_NAMES) all = GENERAL_NAMES_new();
    const cJSON *item;

    if (!all)
        return false;
    cJSON_ArrayForEach (item, names) {
        VCL_AUTO_PTR(GENERAL_NAME) name = general_name(item->valuestring);
        if (!name || !sk_GENERAL_NAME_push(all, name))
            return false;
        name = NULL;
    }
    return sk_GENERAL_NAME_num(all) == 0 ||
           X509_add1_ext_i2d(certificate, NID_subject_alt_name, all, 0, 0) == 1;
}

static const char *usage_text(unsigned usages)
{
    if (usages == (RT_USAGE_SERVER | RT_USAGE_CLIENT))
        return "serverAuth,clientAuth";
    return usages == RT_USAGE_SERVER ? "serverAuth" : "clientAuth";
}

/* Seconds since 1970 at which a certificate ends. */
static int64_t not_after(const X509 *certificate)
{
    struct tm parts = { 0 };

    return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) == 1 ? timegm(&parts) : 0;
}

static bool
sign_leaf(X509 *leaf, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, const rt_request *request)
{
    int64_t end = request->now + (int64_t)LEAF_DAYS * RT_DAY;

    if (end > not_after(issuer))
        end = not_after(issuer);
    return fill(leaf, key, request, end) &&
           X509_set_issuer_name(leaf, X509_get_subject_name(issuer)) &&
           add_extension(leaf, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(leaf, issuer, NID_key_usage, "critical,digitalSignature") &&
           add_extension(leaf, issuer, NID_ext_key_usage, usage_text(request->usages)) &&
           add_extension(leaf, issuer, NID_authority_key_identifier, "keyid") &&
           add_names(leaf, request->names) && X509_sign(leaf, issuer_key, EVP_sha256()) > 0;
}

int rt_certificate_new(const rt_pair *authority,
                       const rt_request *request,
                       rt_pair *out_pair,
                       vcluster_error **error)
{
    VCL_AUTO_PTR(X509) issuer = vcl_certificate_read_pem(authority->certificate);
    VCL_AUTO_PTR(EVP_PKEY) issuer_key = vcl_key_read_pem(authority->key, issuer);

    if (!issuer || !issuer_key || X509_check_private_key(issuer, issuer_key) != 1) {
        ERR_clear_error();
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "the certificate authority that should sign '%s' has no usable certificate "
                        "and key",
                        request->common_name);
    }
    VCL_AUTO_PTR(EVP_PKEY) key = EVP_EC_gen("P-256");
    VCL_AUTO_PTR(X509) leaf = X509_new();
    if (!key || !leaf || !sign_leaf(leaf, key, issuer, issuer_key, request))
        return openssl_failed(error, "sign a certificate");
    return hand_out(leaf, key, out_pair, error);
}

int rt_key_new(char **out_private, char **out_public, vcluster_error **error)
{
    VCL_AUTO_PTR(EVP_PKEY) key = EVP_EC_gen("P-256");
    VCL_AUTO_PTR(BIO) bio = BIO_new(BIO_s_mem());

    if (!key || !bio || !PEM_write_bio_PUBKEY(bio, key))
        return openssl_failed(error, "make a key");

    char *private_pem = vcl_key_to_pem(key, true);
    char *public_pem = vcl_bio_text(bio);
    if (!private_pem || !public_pem) {
        vcl_free_secret(private_pem);
        free(public_pem);
        return vcl_no_memory(error);
    }
    *out_private = private_pem;
    *out_public = public_pem;
    return VCLUSTER_OK;
}

bool rt_certificate_usable(const rt_pair *pair, const char *authority, int days, int64_t now)
{
    VCL_AUTO_PTR(X509) certificate = vcl_certificate_read_pem(pair->certificate);
    VCL_AUTO_PTR(EVP_PKEY) key = vcl_key_read_pem(pair->key, certificate);
    VCL_AUTO_PTR(X509) issuer = vcl_certificate_read_pem(authority);

    bool usable = certificate && key && issuer && X509_check_private_key(certificate, key) == 1 &&
                  X509_verify(certificate, X509_get0_pubkey(issuer)) == 1 &&
                  not_after(certificate) - now > (int64_t)days * RT_DAY;
    ERR_clear_error();
    return usable;
}
