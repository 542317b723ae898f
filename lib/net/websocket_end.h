/* SPDX-License-Identifier: Apache-2.0 */
/* What the end of a vcl_http does to WebSockets that are still open. Private to lib/net. */
#ifndef VCL_NET_WEBSOCKET_END_H
#define VCL_NET_WEBSOCKET_END_H

#include "net/http.h"

/* Close them all at once; their on_close is called with CANCELLED. */
void vcl_websocket_end_all(vcl_http *http);

#endif
