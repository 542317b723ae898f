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

#endif
