/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a transfer: how it is made (transfer_make.c), what becomes of the bytes of its
 * answer (transfer_answer.c), and its life (transfer.c).
 */
#ifndef VCL_NET_TRANSFER_PRIVATE_H
#define VCL_NET_TRANSFER_PRIVATE_H

#include "net/client.h"
#include "net/transfer.h"

/* No stream: its caller reads nothing of what comes before the end. */
static inline bool vcl_transfer_is_ordinary(const vcl_transfer *transfer)
{
    return transfer->hold_above == 0;
}

static inline void vcl_transfer_lock(vcl_transfer *transfer)
{
    (void)pthread_mutex_lock(&transfer->http->reactor.lock);
}

static inline void vcl_transfer_unlock(vcl_transfer *transfer)
{
    (void)pthread_mutex_unlock(&transfer->http->reactor.lock);
}

/* transfer_answer.c: what curl calls, of any transfer; and whose it is. */
void vcl_transfer_set_callbacks(CURLcode *first, CURL *easy);
void vcl_transfer_set_receiver(CURLcode *first, CURL *easy, vcl_transfer *transfer);

/* transfer.c: curl has carried it out. */
void vcl_transfer_on_finished(vcl_easy_user *user, CURLcode result);
void vcl_transfer_on_start(vcl_http *http, void *data);
int vcl_transfer_make_bell(vcl_transfer *transfer, vcluster_error **error);

#endif
