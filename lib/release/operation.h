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

typedef struct vcl_release_request {
    vcl_kube *kube;
    const char *name;
    const char *namespace_name;       /* as decided: never NULL */
    const vcluster_chart *chart;      /* install, upgrade, diff */
    const cJSON *user_values;         /* an object; NULL or empty: none given */
    int64_t revision;                 /* rollback: 0 is the one before the newest */
    vcluster_release_options options; /* complete; the namespace, deadline and so on in it are not
                                         looked at */
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
