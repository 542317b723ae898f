/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request on its way: made and freed by the calling thread, carried out by whoever drives the
 * loop. What both touch is guarded by the reactor's lock; the bell rings when something has
 * happened.
 * Private to lib/net.
 */
#ifndef VCL_NET_TRANSFER_H
#define VCL_NET_TRANSFER_H

#include "base/bell.h"
#include "base/cleanup.h"
#include "net/head.h"
#include "net/login.h"
#include "net/reactor.h"

typedef struct vcl_transfer {
    vcl_easy_user user; /* first: CURLOPT_PRIVATE points here */
    vcl_http *http;
    CURL *easy;
    bool common;                /* it may serve another request */
    struct curl_slist *headers; /* wiped when freed */
    struct curl_slist *connect_to;
    char *label;            /* "GET /path", for messages */
    vcl_identity *identity; /* may be NULL */
    uint64_t token_edition;
    int64_t started_ms;
    vcl_job start;
    bool started;
    bool may_repeat; /* curl may send it a second time when a reused connection turns out dead */
    unsigned sendings;
    int local_port;    /* of the connection; 0: none yet, or a unix socket */
    size_t hold_above; /* 0: collect the whole body; else stop reading beyond so many bytes */
    bool bulky;        /* see vcl_http_request */
    const vcl_http_sink *sink; /* takes the body of an answer 200; may be NULL */
    vcl_bell bell;             /* made when its caller first waits for it */
    char detail[CURL_ERROR_SIZE];

    /* Guarded by the reactor's lock until the transfer is finished; of an ordinary one that is so
     * for the last two, and the driver's alone are the others. */
    vcl_head head;
    vcl_buf body; /* what arrived and was not taken yet */
    size_t received;
    int sink_status;
    vcluster_error *sink_error;
    bool head_too_large;
    bool held; /* the sender is held back */
    bool finished;
    CURLcode result;
} vcl_transfer;

/* request->body and request->sink must live as long as the transfer; of a stream, the body is taken
 * while it comes. Logs in first, where that is needed. */
int vcl_transfer_new(vcl_http *http,
                     vcl_call *call,
                     const vcl_http_request *request,
                     bool stream,
                     vcl_transfer **out_transfer,
                     vcluster_error **error);
/* Where it is no stream and nobody else drives the loop, this carries it out, as a rule to its
 * end, and fails with TIMEOUT or CANCELLED. */
int vcl_transfer_start(vcl_transfer *transfer, vcl_call *call, vcluster_error **error);
/* lead.c: its part of that, after vcl_reactor_take(). */
int vcl_transfer_lead(vcl_transfer *transfer, vcl_call *call, vcluster_error **error);
/* Of the driver: end it, if it still runs. */
void vcl_transfer_abort(vcl_transfer *transfer);

typedef enum vcl_transfer_event {
    VCL_TRANSFER_HEAD,
    VCL_TRANSFER_BYTES,
    VCL_TRANSFER_END
} vcl_transfer_event;
/* Whether it has come, or will not. */
bool vcl_transfer_has(vcl_transfer *transfer, vcl_transfer_event event);
/* Wait until it has come (or will not come, because the transfer is finished). */
int vcl_transfer_wait(vcl_transfer *transfer,
                      vcl_call *call,
                      vcl_transfer_event event,
                      vcluster_error **error);

/* Let a held back sender go on. */
int vcl_transfer_resume(vcl_transfer *transfer, vcluster_error **error);

/* Free it; one that is still running is ended first. */
void vcl_transfer_free(vcl_transfer *transfer);
VCL_DEFINE_CLEANUP(vcl_transfer, vcl_transfer_free);

/* failure.c: the error of a finished transfer that did not succeed. */
int vcl_transfer_fail(vcl_transfer *transfer, vcluster_error **error);
/* Whether the connection was lost, so that the same request may succeed at once. */
bool vcl_transfer_was_lost(const vcl_transfer *transfer);
/* Why the way to the server is closed (vcl_http_set_obstacle()) when it failed; 0: not known. */
int vcl_transfer_obstacle(const vcl_transfer *transfer, vcluster_error **error);
/* The same for a curl handle alone. detail is its CURLOPT_ERRORBUFFER. */
int vcl_easy_fail(
    vcl_http *http, CURL *easy, CURLcode result, const char *detail, vcluster_error **error);

#endif
