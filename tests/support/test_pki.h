/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for tests, made when they are needed: EC keys, a CA, servers, clients. */
#ifndef TEST_PKI_H
#define TEST_PKI_H

typedef struct test_identity {
    char *cert_pem;
    char *key_pem;
} test_identity;

/* issuer NULL: a self-signed CA. Servers are valid for localhost and 127.0.0.1. The certificate is
 * valid from an hour ago until valid_s seconds from now (negative: it has expired). Aborts the test
 * program when OpenSSL fails. */
test_identity test_identity_new(const char *name, const test_identity *issuer, long valid_s);
/* The same for other names, in OpenSSL's words: "DNS:dev.example.com,IP:127.0.0.1". */
test_identity test_identity_for(const char *name,
                                const char *alternative_names,
                                const test_identity *issuer,
                                long valid_s);
/* One with a key that is too short for TLS. */
test_identity test_identity_weak(const char *name, const test_identity *issuer, long valid_s);
void test_identity_done(test_identity *identity);

#endif
