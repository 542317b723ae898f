/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into PEM texts; see certificate.h. */
#include "kube/certificate.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/pem.h"

bool vcl_certificate_read(const char *pem, int64_t *out_not_after)
{
    VCL_AUTO_PTR(X509) certificate = vcl_certificate_read_pem(pem);

    return certificate && vcl_certificate_end(certificate, out_not_after);
}

vcl_key_match
vcl_certificate_key(const char *certificate_pem, const char *key_pem, int64_t *out_not_after)
{
    VCL_AUTO_PTR(X509) certificate = vcl_certificate_read_pem(certificate_pem);
    if (!certificate || !vcl_certificate_end(certificate, out_not_after))
        return VCL_CERTIFICATE_UNREADABLE;

    VCL_AUTO_PTR(EVP_PKEY) key = vcl_key_read_pem(key_pem, certificate);
    vcl_key_match match = !key                                            ? VCL_KEY_UNREADABLE
                          : X509_check_private_key(certificate, key) == 1 ? VCL_KEY_MATCHES
                                                                          : VCL_KEY_OTHER;
    ERR_clear_error();
    return match;
}
