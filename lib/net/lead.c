/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request that its own thread carries out, because nothing else is under way; see reactor.h. It
 * works as the I/O thread does, with all signals blocked, and waits with the caller's: a handler
 * that triggers the cancel token ends the wait.
 */
#include <signal.h>

#include "base/clock.h"
#include "net/client.h"
#include "net/transfer.h"

static void turn(vcl_http *http)
{
    sigset_t all;
    sigset_t before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    vcl_reactor_turn(http);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Until its end, or until the caller is to hear of progress: what it does then may take long, and
 * may wait for other threads that wait for theirs. */
static int carry_out(vcl_transfer *transfer, vcl_call *call, vcluster_error **error)
{
    int status = VCLUSTER_OK;

    for (turn(transfer->http); !transfer->finished; turn(transfer->http)) {
        int64_t pause_ms = vcl_call_pause_ms(call);

        status = vcl_call_check(call, error);
        if (status < 0 || pause_ms == 0)
            break;
        vcl_reactor_wait(&transfer->http->reactor, vcl_cancel_fd(call->cancel), pause_ms);
    }
    return status;
}

int vcl_transfer_lead(vcl_transfer *transfer, vcl_call *call, vcluster_error **error)
{
    vcl_http *http = transfer->http;

    transfer->start.fn(http, transfer);
    int status = carry_out(transfer, call, error);
    if (status < 0)
        vcl_transfer_abort(transfer);
    int left = vcl_reactor_leave(http, status < 0 ? NULL : error);
    if (left < 0) { /* no thread goes on with it */
        vcl_transfer_abort(transfer);
        (void)vcl_reactor_leave(http, NULL); /* others have started the thread, if there are any */
    }
    return status < 0 ? status : left;
}
