/* SPDX-License-Identifier: Apache-2.0 */
/* A list read page by page. What stands in memory is one page. */
#ifndef VCL_KUBE_PAGER_H
#define VCL_KUBE_PAGER_H

#include "kube/client.h"

typedef struct vcl_pager {
    const vcl_list_query *query; /* borrowed */
    const vcl_kube_taker *taker; /* borrowed; NULL: items are collected in pages */
    bool page_told;              /* it was told of a page that is not complete */
    char *continue_token;        /* of the next page */
    char *fresh_token;           /* what a 410 offered to go on with, from newer data */
    char *resource_version;      /* of the pages so far */
    bool begun;
} vcl_pager;

void vcl_pager_init(vcl_pager *pager, const vcl_list_query *query);
void vcl_pager_done(vcl_pager *pager);

/* The next page, its items completed with apiVersion and kind. Returns 1, or 0 behind the last
 * one. A 410 is an error of reason "Expired" and resets the pager to the beginning. */
int vcl_pager_next(
    vcl_pager *pager, vcl_kube *kube, vcl_call *call, cJSON **out_page, vcluster_error **error);

/* list_page.c: ask for one page. */
int vcl_page_request(vcl_pager *pager,
                     vcl_kube *kube,
                     vcl_call *call,
                     vcl_http_request *request,
                     cJSON **out_page,
                     vcluster_error **error);

/* Whether an error says that a resourceVersion or a continue token is too old. */
bool vcl_is_expired(const vcluster_error *error);

/* The path of a list or watch with its selectors. */
int vcl_query_path(vcl_kube *kube,
                   vcl_call *call,
                   const vcl_list_query *query,
                   vcl_buf *out_path,
                   vcluster_error **error);

#endif
