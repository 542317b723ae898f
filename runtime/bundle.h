/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All keys, certificates and kubeconfigs of a control plane under their file names: upstream's 29
 * keys of Secret NAME-certs. The authorities and the key of service accounts are made once;
 * everything else can be made again from them.
 */
#ifndef RUNTIME_BUNDLE_H
#define RUNTIME_BUNDLE_H

#include "certificate.h"
#include "settings.h"

/* Leaves are made anew when no more than this is left of them. */
enum { RT_RENEW_DAYS = 90, RT_BUNDLE_SIZE = 29 };

typedef struct rt_bundle {
    char *text[RT_BUNDLE_SIZE]; /* in the order of rt_bundle_name(); NULL: missing */
} rt_bundle;

void rt_bundle_done(rt_bundle *bundle);
#define RT_AUTO_BUNDLE __attribute__((cleanup(rt_bundle_done))) rt_bundle

/* "ca.crt", "admin.conf", ... for 0 <= index < RT_BUNDLE_SIZE. */
const char *rt_bundle_name(size_t index);
/* The text under a name, or NULL. Borrowed. */
const char *rt_bundle_get(const rt_bundle *bundle, const char *name);

/* Make everything. */
int rt_bundle_generate(const rt_settings *settings,
                       int64_t now,
                       rt_bundle *out_bundle,
                       vcluster_error **error);
/* Make again what is missing, unusable or about to expire, from the authorities that are there.
 * PRECONDITION when an authority itself is missing or unusable. */
int rt_bundle_renew(rt_bundle *bundle,
                    const rt_settings *settings,
                    int64_t now,
                    bool *out_changed,
                    vcluster_error **error);
/* Replace the API server's own certificate by one with these names (in memory only: they change
 * with the pod). */
int rt_bundle_serve(rt_bundle *bundle, const cJSON *names, int64_t now, vcluster_error **error);

/* Write the files that the programs of the pod read. */
int rt_bundle_write(const rt_bundle *bundle, const char *folder, vcluster_error **error);

/* The bundle as the `data` of a Secret, and back. Unknown keys are ignored; a value that is no
 * base64 is an error. */
int rt_bundle_to_data(const rt_bundle *bundle, cJSON **out_data, vcluster_error **error);
int rt_bundle_from_data(const cJSON *data, rt_bundle *out_bundle, vcluster_error **error);

#endif
