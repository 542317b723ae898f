/* SPDX-License-Identifier: Apache-2.0 */
/* Reading keys and certificates, and making a certificate as Go's crypto/x509 does; see cert.h. */
#include "chart/functions/cert.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/functions/funcs.h"
#include "chart/template/print.h"

VCL_DEFINE_CLEANUP(GENERAL_NAMES, GENERAL_NAMES_free);
VCL_DEFINE_CLEANUP(GENERAL_NAME, GENERAL_NAME_free);
VCL_DEFINE_CLEANUP(ASN1_STRING, ASN1_STRING_free);
VCL_DEFINE_CLEANUP(AUTHORITY_KEYID, AUTHORITY_KEYID_free);

enum { KEY_ID_SIZE = 20 };

#define KEY_LABEL "PRIVATE KEY"

static int cannot_create(vcl_tpl_state *state, const char *why)
{
    ERR_clear_error();
    return vcl_tpl_raise(state, "error creating certificate: %s", why);
}

/* The OpenSSL type behind a label such as "EC PRIVATE KEY"; 0: there is none. */
static int key_type(const char *label)
{
    if (vcl_streq(label, KEY_LABEL))
        return EVP_PKEY_NONE;
    if (vcl_streq(label, "RSA " KEY_LABEL))
        return EVP_PKEY_RSA;
    if (vcl_streq(label, "EC " KEY_LABEL))
        return EVP_PKEY_EC;
    return vcl_streq(label, "DSA " KEY_LABEL) ? EVP_PKEY_DSA : -1;
}

int vcl_tpl_read_key(vcl_tpl_state *state, vcl_tpl_text pem, const char *what, EVP_PKEY **out_key)
{
    VCL_AUTO_PEM block = { 0 };

    if (!vcl_pem_read(pem.size ? pem.data : "", pem.size, &block))
        return vcl_tpl_raise(state, "%s: no PEM data in input", what);

    int type = key_type(block.label);
    size_t prefix = strlen(block.label) - (vcl_ends_with(block.label, " " KEY_LABEL) ? 12 : 0);
    if (type < 0 && !block.label[prefix])
        return vcl_tpl_raise(state, "%s: no private key data in PEM block of type %s", what,
                             block.label);
    if (type < 0)
        return vcl_tpl_raise(state, "%s: invalid private key type %.*s", what, (int)prefix,
                             block.label);
    *out_key = vcl_pem_to_key(&block, type);
    if (*out_key)
        return 0;
    if (type == EVP_PKEY_NONE)
        return vcl_tpl_raise(state, "%s: decoding PEM as PKCS#8: malformed private key", what);
    return vcl_tpl_raise(state, "%s: parsing %.*s private key from PEM: malformed private key",
                         what, (int)prefix, block.label);
}

int vcl_tpl_read_certificate(vcl_tpl_state *state,
                             vcl_tpl_text pem,
                             const char *which,
                             X509 **out_certificate)
{
    VCL_AUTO_PEM block = { 0 };

    if (!vcl_pem_read(pem.size ? pem.data : "", pem.size, &block))
        return vcl_tpl_raise(state, "unable to decode certificate");
    *out_certificate = vcl_pem_to_certificate(&block);
    return *out_certificate ? 0
                            : vcl_tpl_raise(state,
                                            "error parsing certificate: %s.Bytes: x509: malformed "
                                            "certificate",
                                            which);
}

static vcl_tpl_text field(const vcl_tpl_value *pair, const char *name)
{
    const vcl_tpl_value *value = vcl_tpl_map_get(pair->map, vcl_tpl_literal(name));

    return value ? value->text : vcl_tpl_literal("");
}

int vcl_tpl_read_authority(vcl_tpl_state *state,
                           const vcl_tpl_value *pair,
                           X509 **out_certificate,
                           EVP_PKEY **out_key)
{
    int result =
        vcl_tpl_read_certificate(state, field(pair, "Cert"), "decodedSignerCert", out_certificate);

    return result < 0
               ? result
               : vcl_tpl_read_key(state, field(pair, "Key"), "error parsing private key", out_key);
}

char *vcl_tpl_key_pem(EVP_PKEY *key)
{
    int type = EVP_PKEY_get_base_id(key);

    return vcl_key_to_pem(key, type != EVP_PKEY_RSA && type != EVP_PKEY_EC && type != EVP_PKEY_DSA);
}

/* Go's choice between the two kinds of text: a printable string unless a character forbids it. */
static int name_type(vcl_tpl_text name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alphanumeric && (!c || !strchr(" '()+,-./:=?", c)))
            return V_ASN1_UTF8STRING;
    }
    return V_ASN1_PRINTABLESTRING;
}

static bool set_names(X509 *certificate, const vcl_tpl_cert_request *request)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    vcl_tpl_text name = request->name;

    if (name.size &&
        X509_NAME_add_entry_by_NID(subject, NID_commonName, name_type(name),
                                   (const unsigned char *)name.data, (int)name.size, -1, 0) != 1)
        return false;
    return X509_set_issuer_name(certificate, request->signer
                                                 ? X509_get_subject_name(request->signer)
                                                 : subject) == 1;
}

/* A duration in Go counts nanoseconds in 64 bits, and so do days: many of them wrap around. */
static bool set_times(X509 *certificate, int64_t days)
{
    uint64_t nanoseconds = (uint64_t)days * 86400 * 1000000000;
    int64_t duration;
    time_t now = time(NULL);

    memcpy(&duration, &nanoseconds, sizeof(duration));
    return ASN1_TIME_set(X509_getm_notBefore(certificate), now) &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), now + duration / 1000000000);
}

/* What identifies the key of an authority: a part of the digest of its bits. */
static bool add_key_id(X509 *certificate)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    const ASN1_BIT_STRING *bits = X509_get0_pubkey_bitstr(certificate);
    VCL_AUTO_PTR(ASN1_STRING) id = ASN1_OCTET_STRING_new();

    if (!id || !bits ||
        EVP_Digest(bits->data, (size_t)bits->length, digest, NULL, EVP_sha256(), NULL) != 1 ||
        ASN1_STRING_set(id, digest, KEY_ID_SIZE) != 1)
        return false;
    return X509_add1_ext_i2d(certificate, NID_subject_key_identifier, id, 0, 0) == 1;
}

/* What identifies the key of the signer, when that is somebody else and says so. */
static bool add_signer_id(X509 *certificate, X509 *signer)
{
    const ASN1_OCTET_STRING *id = signer ? X509_get0_subject_key_id(signer) : NULL;
    VCL_AUTO_PTR(AUTHORITY_KEYID) authority = NULL;

    if (!id ||
        X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_subject_name(signer)) == 0)
        return true;
    authority = AUTHORITY_KEYID_new();
    if (!authority)
        return false;
    authority->keyid = ASN1_OCTET_STRING_dup(id);
    return authority->keyid &&
           X509_add1_ext_i2d(certificate, NID_authority_key_identifier, authority, 0, 0) == 1;
}

static bool add_name(GENERAL_NAMES *names, int type, const void *data, int size)
{
    VCL_AUTO_PTR(GENERAL_NAME) name = GENERAL_NAME_new();
    VCL_AUTO_PTR(ASN1_STRING)
    value = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();

    if (!name || !value || ASN1_STRING_set(value, data, size) != 1)
        return false;
    GENERAL_NAME_set0_value(name, type, vcl_steal(&value));
    if (sk_GENERAL_NAME_push(names, name) == 0)
        return false;
    name = NULL; /* the list has it */
    return true;
}

static int not_a_string(vcl_tpl_state *state, const char *what, const vcl_tpl_value *value)
{
    VCL_AUTO_BUF text = { .max = VCL_MAX_MESSAGE };

    if (value->kind == VCL_TPL_NIL)
        vcl_buf_add(&text, "<nil>");
    else
        vcl_tpl_print(&text, value);
    return vcl_tpl_raise(state, "%s: %s is not a string", what, vcl_buf_text(&text));
}

/* One address as its bytes, an IPv4 address in the form of IPv6 as IPv4. */
static int add_ip(vcl_tpl_state *state, const vcl_tpl_value *value, GENERAL_NAMES *names)
{
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    unsigned char bytes[sizeof(struct in6_addr)];
    char text[INET6_ADDRSTRLEN] = "";

    if (value->type != VCL_TPL_T_STRING)
        return not_a_string(state, "error parsing ip", value);
    if (value->text.size < sizeof(text))
        memcpy(text, value->text.size ? value->text.data : "", value->text.size);

    bool v4 = inet_pton(AF_INET, text, bytes) == 1;
    if (!v4 && inet_pton(AF_INET6, text, bytes) != 1)
        return vcl_tpl_raise(state, "error parsing ip: %.*s", (int)value->text.size,
                             value->text.data ? value->text.data : "");
    if (!v4 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        memmove(bytes, bytes + sizeof(mapped), 4);
        v4 = true;
    }
    return add_name(names, GEN_IPADD, bytes, v4 ? 4 : 16) ? 0 : vcl_tpl_raise_memory(state);
}

static int add_dns(vcl_tpl_state *state, const vcl_tpl_value *value, GENERAL_NAMES *names)
{
    if (value->type != VCL_TPL_T_STRING)
        return not_a_string(state, "error processing alternate dns name", value);
    return add_name(names, GEN_DNS, value->text.size ? value->text.data : "", (int)value->text.size)
               ? 0
               : vcl_tpl_raise_memory(state);
}

/* All alternative names; Go looks at the addresses first and puts them last. */
static int
collect_names(vcl_tpl_state *state, const vcl_tpl_cert_request *request, GENERAL_NAMES *names)
{
    VCL_AUTO_PTR(GENERAL_NAMES) ips = GENERAL_NAMES_new();
    size_t ip_count = request->ips ? vcl_tpl_list_size(request->ips) : 0;
    size_t dns_count = request->dns ? vcl_tpl_list_size(request->dns) : 0;
    int result = ips ? vcl_tpl_spend(state, ip_count + dns_count) : vcl_tpl_raise_memory(state);

    for (size_t i = 0; result == 0 && i < ip_count; i++)
        result = add_ip(state, &request->ips->list->items[i], ips);
    for (size_t i = 0; result == 0 && i < dns_count; i++)
        result = add_dns(state, &request->dns->list->items[i], names);
    while (result == 0 && sk_GENERAL_NAME_num(ips) > 0) {
        GENERAL_NAME *name = sk_GENERAL_NAME_shift(ips);
        if (sk_GENERAL_NAME_push(names, name) == 0) {
            GENERAL_NAME_free(name);
            result = vcl_tpl_raise_memory(state);
        }
    }
    return result;
}

/* IA5 is ASCII. */
static int check_names(vcl_tpl_state *state, const vcl_tpl_cert_request *request)
{
    size_t count = request->dns ? vcl_tpl_list_size(request->dns) : 0;

    if (request->name.size && !vcl_utf8_valid(request->name.data, request->name.size))
        return cannot_create(state, "asn1: string not valid UTF-8");
    for (size_t i = 0; i < count; i++) {
        vcl_tpl_value name = request->dns->list->items[i];
        VCL_AUTO_BUF why = { .max = VCL_MAX_MESSAGE };
        bool ascii = true;
        for (size_t j = 0; j < name.text.size; j++)
            ascii = ascii && (unsigned char)name.text.data[j] < 0x80;
        if (ascii)
            continue;
        vcl_tpl_sprintf(&why, vcl_tpl_literal("x509: %q cannot be encoded as an IA5String"), &name,
                        1);
        return cannot_create(state, vcl_buf_text(&why));
    }
    return 0;
}

/* Which keys Go can sign with, and which it can sign. */
static int check_keys(vcl_tpl_state *state, const vcl_tpl_cert_request *request)
{
    int signer = EVP_PKEY_get_base_id(request->signer_key);
    int subject = EVP_PKEY_get_base_id(request->key);

    if (signer == EVP_PKEY_DSA)
        return cannot_create(state, "x509: certificate private key does not implement "
                                    "crypto.Signer");
    if (signer != EVP_PKEY_RSA && signer != EVP_PKEY_EC && signer != EVP_PKEY_ED25519)
        return cannot_create(state, "x509: only RSA, ECDSA and Ed25519 keys supported");
    if (subject == EVP_PKEY_DSA)
        return cannot_create(state, "x509: unsupported public key type: *dsa.PublicKey");
    return 0;
}

static const EVP_MD *digest_for(EVP_PKEY *key)
{
    int type = EVP_PKEY_get_base_id(key);

    if (type == EVP_PKEY_ED25519)
        return NULL; /* it has its own */
    if (type == EVP_PKEY_EC && EVP_PKEY_get_bits(key) > 384)
        return EVP_sha512();
    return type == EVP_PKEY_EC && EVP_PKEY_get_bits(key) > 256 ? EVP_sha384() : EVP_sha256();
}

/* Everything but the signature, the extensions in Go's order. */
static bool fill(X509 *certificate, const vcl_tpl_cert_request *request, GENERAL_NAMES *names)
{
    const char *usage = request->is_authority
                            ? "critical,digitalSignature,keyEncipherment,keyCertSign"
                            : "critical,digitalSignature,keyEncipherment";

    return X509_set_version(certificate, X509_VERSION_3) &&
           vcl_certificate_set_serial(certificate) && set_names(certificate, request) &&
           set_times(certificate, request->days) && X509_set_pubkey(certificate, request->key) &&
           vcl_certificate_add_extension(certificate, NID_key_usage, usage) &&
           vcl_certificate_add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
           vcl_certificate_add_extension(certificate, NID_basic_constraints,
                                         request->is_authority ? "critical,CA:TRUE"
                                                               : "critical,CA:FALSE") &&
           (!request->is_authority || add_key_id(certificate)) &&
           add_signer_id(certificate, request->signer) &&
           (sk_GENERAL_NAME_num(names) == 0 ||
            X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, request->name.size == 0,
                              0) == 1);
}

int vcl_tpl_make_certificate(vcl_tpl_state *state,
                             const vcl_tpl_cert_request *request,
                             X509 **out_certificate)
{
    VCL_AUTO_PTR(GENERAL_NAMES) names = GENERAL_NAMES_new();
    VCL_AUTO_PTR(X509) certificate = X509_new();

    if (!names || !certificate)
        return vcl_tpl_raise_memory(state);
    int result = collect_names(state, request, names);
    if (result == 0)
        result = check_keys(state, request);
    if (result == 0)
        result = check_names(state, request);
    if (result < 0)
        return result;
    if (request->signer && X509_check_private_key(request->signer, request->signer_key) != 1)
        return cannot_create(state, "x509: provided PrivateKey doesn't match parent's PublicKey");
    if (!fill(certificate, request, names) ||
        X509_sign(certificate, request->signer_key, digest_for(request->signer_key)) <= 0)
        return cannot_create(state, "x509: cannot be signed");
    ERR_clear_error();
    *out_certificate = vcl_steal(&certificate);
    return 0;
}
