/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a Helm release: install, upgrade, roll back, uninstall, diff, and reading what is
 * recorded. What is promised stands in libvcluster/release.h; the exported functions check their
 * arguments, fill a request and call these. Getters and free functions of releases and lists are
 * exported by release.c of this folder.
 */
#ifndef VCL_RELEASE_OPERATION_H
#define VCL_RELEASE_OPERATION_H

#include <libvcluster/release.h>

#include "base/call.h"
#include "data/json.h"
#include "kube/api.h"
#include "release/record.h"

/* What a caller inside the library does at certain points of an upgrade; every member may be NULL.
 */
typedef struct vcl_release_inside {
    void *data;
    const cJSON *labels;      /* of the record of each new revision: an object */
    const cJSON *annotations; /* of the record of an upgrade's revision */
    /* Asked when everything is known and nothing was written: what the server says would change,
     * as in vcluster_release_diff(), with entries "refused" that have a "reason". 1: let it be, the
     * upgrade ends well without having done anything. */
    int (*review)(void *data,
                  vcl_call *call,
                  int64_t base_revision,
                  const cJSON *changes,
                  vcluster_error **error);
    /* Asked once the record of a new revision is written, which keeps operations out that hold a
     * record at rest, and before the first object: a failure takes that record away again. Not
     * asked of a revision that is taken up again. */
    int (*recorded)(void *data, vcl_call *call, vcluster_error **error);
    /* In place of waiting by Helm's rules. */
    int (*wait)(void *data, vcl_call *call, vcl_record *record, vcluster_error **error);
} vcl_release_inside;

typedef struct vcl_release_request {
    vcl_kube *kube;
    const char *name;
    const char *namespace_name;       /* as decided: never NULL */
    const vcluster_chart *chart;      /* install, upgrade, diff */
    const cJSON *user_values;         /* an object; NULL or empty: none given */
    int64_t revision;                 /* rollback: 0 is the one before the newest */
    vcluster_release_options options; /* complete; the namespace, deadline and so on in it are not
                                         looked at */
    const vcl_release_inside *inside; /* NULL: nothing */
} vcl_release_request;

/* A name for a release: DNS labels, dots allowed, at most 53 bytes. */
int vcl_release_name_check(const char *name, vcluster_error **error);

/* out_release may be NULL. */
int vcl_release_install(const vcl_release_request *request,
                        vcl_call *call,
                        vcluster_release **out_release,
                        vcluster_error **error);
int vcl_release_upgrade(const vcl_release_request *request,
                        vcl_call *call,
                        vcluster_release **out_release,
                        vcluster_error **error);
int vcl_release_rollback(const vcl_release_request *request,
                         vcl_call *call,
                         vcluster_release **out_release,
                         vcluster_error **error);
int vcl_release_uninstall(const vcl_release_request *request,
                          vcl_call *call,
                          vcluster_error **error);
/* The same as JSON; with inside, what the server refuses is an entry, too (vcl_release_inside). */
int vcl_release_changes(const vcl_release_request *request,
                        vcl_call *call,
                        cJSON **out_changes,
                        vcluster_error **error);
int vcl_release_diff(const vcl_release_request *request,
                     vcl_call *call,
                     char **out_json,
                     vcluster_error **error);

/* revision 0: the newest. */
int vcl_release_get(vcl_kube *kube,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    int64_t revision,
                    vcluster_release **out_release,
                    vcluster_error **error);
int vcl_release_history(vcl_kube *kube,
                        vcl_call *call,
                        const char *name,
                        const char *namespace_name,
                        vcluster_release_list **out_list,
                        vcluster_error **error);

#endif
