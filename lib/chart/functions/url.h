/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs as net/url of Go 1.26 takes them apart. What is wrong with a host in [] is said in other
 * words than Go's.
 */
#ifndef VCL_CHART_TEMPLATE_URL_H
#define VCL_CHART_TEMPLATE_URL_H

#include "chart/functions/funcs.h"

/* What may stand unescaped in a part of a URL, besides letters and digits. */
#define VCL_URL_IN_PATH "$&+,-./:;=@_~"
#define VCL_URL_IN_USER "$&+,-.;=_~"
#define VCL_URL_IN_HOST "!\"$&'()*+,-.:;<=>[]_~"
#define VCL_URL_IN_FRAGMENT "!$&()*+,-./:;=?@_~"

/* The parts, unescaped but for the query and what is opaque. */
typedef struct vcl_url {
    vcl_tpl_text scheme;
    vcl_tpl_text opaque;
    bool has_user;
    bool has_password;
    vcl_tpl_text user;
    vcl_tpl_text password;
    vcl_tpl_text host;
    vcl_tpl_text path;
    vcl_tpl_text query;
    vcl_tpl_text fragment;
} vcl_url;

/* Failures say "unable to parse WHAT: parse ...", as the panic of sprig does. */
int vcl_url_parse(vcl_tpl_state *state, const char *what, vcl_tpl_text text, vcl_url *out);
/* The host without its port and brackets. */
vcl_tpl_text vcl_url_hostname(vcl_tpl_text host);
void vcl_url_add_escaped(vcl_buf *buf, vcl_tpl_text text, const char *allowed);

#endif
