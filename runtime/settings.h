/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the runtime is told: who it is (environment, set by the chart) and the few keys of
 * config.yaml that concern it. Everything else in that document is left alone.
 */
#ifndef RUNTIME_SETTINGS_H
#define RUNTIME_SETTINGS_H

#include "data/json.h"

typedef struct rt_settings {
    char *name;           /* of the virtual cluster */
    char *namespace_name; /* on the host */
    cJSON *pod_ips;       /* array of strings; empty outside of a pod */
    cJSON *extra_sans;    /* array of strings: controlPlane.proxy.extraSANs, and the hosts of
                           * controlPlane.ingress and tlsRoute where they are enabled */
    char *service_cidr;   /* one range, or two joined by ',' */
    char *cluster_domain;
    char *export_context; /* "" for the default names */
    char *export_server;  /* "" for https://localhost:PORT */
    int port;             /* of the API server in the pod */
} rt_settings;

/* Who we are. */
typedef struct rt_identity {
    const char *name;
    const char *namespace_name;
    const char *pod_ips; /* comma separated, may be NULL */
} rt_identity;

/* Read config.yaml (text). CONFIG names the path of a value that cannot be used. */
int rt_settings_parse(const rt_identity *identity,
                      const char *text,
                      size_t size,
                      rt_settings *out_settings,
                      vcluster_error **error);
/* The same from a file and the environment: VCLUSTER_NAME, POD_NAMESPACE, POD_IPS. */
int rt_settings_load(const char *path, rt_settings *out_settings, vcluster_error **error);
void rt_settings_done(rt_settings *settings);

#define RT_AUTO_SETTINGS __attribute__((cleanup(rt_settings_done))) rt_settings

#endif
