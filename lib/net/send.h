/* SPDX-License-Identifier: Apache-2.0 */
/* What ordinary requests and streams have in common. Private to lib/net. */
#ifndef VCL_NET_SEND_H
#define VCL_NET_SEND_H

#include "net/transfer.h"

/* Start a transfer, wait for the event and write the log lines. Fails with TIMEOUT or CANCELLED,
 * or when the request cannot be started; how the transfer went is in transfer->result. */
int vcl_send_once(vcl_transfer *transfer,
                  vcl_call *call,
                  vcl_transfer_event event,
                  vcluster_error **error);

/* After a 401: renew the credentials. Whether there are others now, and the request may be sent
 * again with them. */
bool vcl_send_may_log_in_again(vcl_transfer *transfer, vcl_call *call);

/* Milliseconds after which the server wants the request again, a little spread; -1 when it does not
 * say, has said so often enough, or wants it behind the deadline: its answer then says more than a
 * timeout would. times: how often it was asked for already. */
int64_t vcl_send_asked_ms(const vcl_transfer *transfer, const vcl_call *call, int times);
/* Sleep, with a line in the log. */
int vcl_send_wait_as_asked(vcl_transfer *transfer,
                           vcl_call *call,
                           int64_t wait_ms,
                           vcluster_error **error);

#endif
