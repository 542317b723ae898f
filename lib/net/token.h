/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bearer token of an endpoint: fixed, or the contents of a file that somebody else renews (a
 * pod's service account token). Safe to use from many threads. Private to lib/net.
 */
#ifndef VCL_NET_TOKEN_H
#define VCL_NET_TOKEN_H

#include <pthread.h>
#include <stdint.h>

#include "net/http.h"

typedef struct vcl_token {
    pthread_mutex_t lock;
    const vcl_endpoint *endpoint;
    char *text;       /* of the file as it was read last; NULL before */
    int64_t read_ms;  /* monotonic */
    uint64_t edition; /* grows whenever the file was found to hold another token */
} vcl_token;

bool vcl_token_init(vcl_token *token, const vcl_endpoint *endpoint);
void vcl_token_done(vcl_token *token);

/* A copy of the token, NULL when the endpoint has none; the caller frees it with vcl_free_secret().
 * edition is what vcl_token_renewed() wants to know later. */
int vcl_token_get(vcl_token *token, char **out_text, uint64_t *out_edition, vcluster_error **error);

/* After a 401: read the file again. Whether it holds another token than the one of that edition. */
bool vcl_token_renewed(vcl_token *token, uint64_t edition);

#endif
