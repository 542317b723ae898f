/* SPDX-License-Identifier: Apache-2.0 */
/* What the certificate functions are made of. Each returns 0 or a failure already noted. */
#ifndef VCL_CHART_TEMPLATE_CERT_H
#define VCL_CHART_TEMPLATE_CERT_H

#include "chart/template/eval.h"
#include "data/x509.h"

typedef struct vcl_tpl_cert_request {
    vcl_tpl_text name;        /* the common name; empty: a subject without any */
    const vcl_tpl_value *ips; /* lists of texts; NULL: none */
    const vcl_tpl_value *dns;
    int64_t days;
    bool is_authority;
    EVP_PKEY *key;        /* of the certificate */
    X509 *signer;         /* NULL: itself */
    EVP_PKEY *signer_key; /* its own key when it signs itself */
} vcl_tpl_cert_request;

int vcl_tpl_make_certificate(vcl_tpl_state *state,
                             const vcl_tpl_cert_request *request,
                             X509 **out_certificate);

/* A private key from PEM. what: begins the message when it is none. */
int vcl_tpl_read_key(vcl_tpl_state *state, vcl_tpl_text pem, const char *what, EVP_PKEY **out_key);
/* A certificate from PEM. which: its name in the message when it is none. */
int vcl_tpl_read_certificate(vcl_tpl_state *state,
                             vcl_tpl_text pem,
                             const char *which,
                             X509 **out_certificate);
/* Both from a value with Cert and Key. */
int vcl_tpl_read_authority(vcl_tpl_state *state,
                           const vcl_tpl_value *pair,
                           X509 **out_certificate,
                           EVP_PKEY **out_key);

/* A key as text, labelled as sprig does; NULL when memory is short. */
char *vcl_tpl_key_pem(EVP_PKEY *key);

#endif
