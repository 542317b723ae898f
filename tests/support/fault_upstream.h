/* SPDX-License-Identifier: Apache-2.0 */
/* The side of the fault proxy that faces the real API server: address and credentials. */
#ifndef FAULT_UPSTREAM_H
#define FAULT_UPSTREAM_H

#include <openssl/ssl.h>

typedef struct fault_upstream {
    char host[256];
    char port[8];
    char *token; /* NULL: the client certificate is enough */
    SSL_CTX *context;
} fault_upstream;

/* Reads the first cluster and user of a kubeconfig; aborts when that cannot be used. */
void fault_upstream_init(fault_upstream *upstream, const char *kubeconfig_path);
void fault_upstream_done(fault_upstream *upstream);
/* A connected descriptor, or -1. */
int fault_upstream_connect(const fault_upstream *upstream);
/* Base64 of text, freed with free(). */
char *fault_base64(const char *text);

#endif
