/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network between a client and a server that the test can cut: a TCP relay on 127.0.0.1 that
 * knows nothing of what it carries. fault_proxy.h is the one that knows requests.
 */
#ifndef CUT_PROXY_H
#define CUT_PROXY_H

typedef struct cut_proxy cut_proxy;

/* Relays to the server of a URL such as "https://host:port". Aborts when it cannot. */
cut_proxy *cut_proxy_start(const char *url);
void cut_proxy_stop(cut_proxy *proxy);
/* The same URL by way of the proxy: "https://127.0.0.1:PORT". */
const char *cut_proxy_url(const cut_proxy *proxy);

typedef enum cut_state {
    CUT_NOT,   /* all goes through */
    CUT_CABLE, /* not a byte passes, nobody is told, and nothing is lost that was on its way */
    CUT_SERVER /* every connection is reset and new ones are refused: the server is down */
} cut_state;

/* When it returns, it is so. */
void cut_proxy_set(cut_proxy *proxy, cut_state state);

#endif
