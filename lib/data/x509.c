/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates as texts; see x509.h. */
#include "data/x509.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/str.h"

enum { SERIAL_BYTES = 16 };

char *vcl_bio_text(BIO *bio)
{
    char *data = NULL;
    long size = BIO_get_mem_data(bio, &data);

    return size > 0 ? vcl_strndup(data, (size_t)size) : NULL;
}

void vcl_pem_block_done(vcl_pem_block *block)
{
    OPENSSL_free(block->label);
    OPENSSL_clear_free(block->data, (size_t)block->size);
    *block = (vcl_pem_block){ 0 };
}

bool vcl_pem_read(const char *text, size_t size, vcl_pem_block *out_block)
{
    VCL_AUTO_PTR(BIO) bio = size <= INT_MAX ? BIO_new_mem_buf(text, (int)size) : NULL;
    VCL_AUTO_PEM block = { 0 };
    char *header = NULL;
    bool found = bio && PEM_read_bio(bio, &block.label, &header, &block.data, &block.size) == 1;

    OPENSSL_free(header);
    ERR_clear_error();
    if (found) {
        *out_block = block;
        block = (vcl_pem_block){ 0 };
    }
    return found;
}

X509 *vcl_pem_to_certificate(const vcl_pem_block *block)
{
    const unsigned char *at = block->data;
    X509 *certificate = d2i_X509(NULL, &at, block->size);

    ERR_clear_error();
    if (certificate && at == block->data + block->size)
        return certificate;
    X509_free(certificate);
    return NULL;
}

EVP_PKEY *vcl_pem_to_key(const vcl_pem_block *block, int type)
{
    const unsigned char *at = block->data;
    EVP_PKEY *key = type == EVP_PKEY_NONE ? d2i_AutoPrivateKey(NULL, &at, block->size)
                                          : d2i_PrivateKey(type, NULL, &at, block->size);

    ERR_clear_error();
    return key;
}

char *vcl_certificate_to_pem(X509 *certificate)
{
    VCL_AUTO_PTR(BIO) bio = BIO_new(BIO_s_mem());
    bool written = bio && PEM_write_bio_X509(bio, certificate) == 1;

    ERR_clear_error();
    return written ? vcl_bio_text(bio) : NULL;
}

char *vcl_key_to_pem(EVP_PKEY *key, bool pkcs8)
{
    VCL_AUTO_PTR(BIO) bio = BIO_new(BIO_s_secmem());
    bool written =
        bio &&
        (pkcs8 ? PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
               : PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL)) == 1;

    ERR_clear_error();
    return written ? vcl_bio_text(bio) : NULL;
}

bool vcl_certificate_set_serial(X509 *certificate)
{
    unsigned char bytes[SERIAL_BYTES];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    bytes[SERIAL_BYTES - 1] |= 1; /* never zero */

    BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    bool done = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return done;
}

bool vcl_certificate_add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool done = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    ERR_clear_error();
    return done;
}
