/* SPDX-License-Identifier: Apache-2.0 */
/* A request as it was sent. */
#ifndef VCL_FAKE_REQUEST_H
#define VCL_FAKE_REQUEST_H

#include "base/buf.h"

typedef struct vcl_fake_request {
    char *method;
    char *path; /* with the query */
    char *content_type;
    char *accept;
    char *websocket_key; /* NULL: none */
    vcl_buf body;
} vcl_fake_request;

/* Read a head, up to its empty line; the body is the caller's to receive. false: it cannot be read,
 * or memory is short. */
bool vcl_fake_request_parse(const char *head, vcl_fake_request *out, size_t *out_body_size);
void vcl_fake_request_done(vcl_fake_request *request);

#endif
