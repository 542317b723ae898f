/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubeconfigs with one cluster, one user and one context, whose client has a certificate: the form
 * that is kept in Secrets and in the files of the pod. Not a reader of kubeconfigs in general.
 */
#ifndef RUNTIME_CREDENTIALS_H
#define RUNTIME_CREDENTIALS_H

#include "certificate.h"

typedef struct rt_credentials {
    char *authority; /* PEM */
    rt_pair client;
} rt_credentials;
void rt_credentials_done(rt_credentials *credentials);
#define RT_AUTO_CREDENTIALS __attribute__((cleanup(rt_credentials_done))) rt_credentials

/* Names inside a kubeconfig. */
typedef struct rt_kubeconfig_names {
    const char *user; /* cluster "kubernetes", context "USER@kubernetes" */
    const char *all;  /* when set: the name of cluster, user and context */
} rt_kubeconfig_names;

/* *out_text holds secrets: vcl_free_secret(). */
int rt_kubeconfig_write(const rt_credentials *credentials,
                        const rt_kubeconfig_names *names,
                        const char *server,
                        char **out_text,
                        vcluster_error **error);
/* The first cluster's authority and the first user's certificate and key. */
int rt_kubeconfig_read(const char *text, rt_credentials *out_credentials, vcluster_error **error);

#endif
