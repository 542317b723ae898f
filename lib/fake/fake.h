/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host cluster in memory, for the tests of programs that use this library: an API server without
 * a network. A client reaches it over socket pairs (net/http.h: vcl_dialer), one thread of the fake
 * at the other end of each; so that everything above a connection is what it is with a real server.
 * Small controllers do what the tests of users need (controllers.c). A control plane's virtual
 * cluster is one more world, behind a port-forward to its pod.
 */
#ifndef VCL_FAKE_FAKE_H
#define VCL_FAKE_FAKE_H

#include "data/json.h"
#include "net/http.h"

typedef struct vcl_fake vcl_fake;

/* What the tests of this library hang into a fake; each may be NULL. They come on the threads of
 * connections. */
typedef struct vcl_fake_hooks {
    void *data;
    /* A request (its path with the query) before it is carried out, without the lock: it may use
     * the fake. The HTTP status that answers it instead; 0: none. */
    int (*before)(void *data, const char *method, const char *path);
    /* With the lock: an object that a request is about to store, to be changed as a controller or
     * an admission plugin would. */
    void (*on_write)(void *data, cJSON *object);
    /* With the lock: the status of a review that was posted, owned by the caller; NULL: everything
     * is granted. */
    cJSON *(*review)(void *data, const cJSON *review);
} vcl_fake_hooks;

typedef struct vcl_fake_options {
    const char *version; /* NULL: "v1.35.4" */
    const char *objects; /* manifests that are there from the start; NULL: none */
    const char *faults;  /* a script, see script.h; NULL: none */
    bool bare;           /* no controllers, and nothing that every cluster has */
    const char *created; /* creationTimestamp of all objects, not copied; NULL: what the time is */
    vcl_fake_hooks hooks;
} vcl_fake_options;

/* One that the dialer of *out_endpoint holds: it goes with the last copy of that endpoint. CONFIG
 * for objects or faults that cannot be read. */
int vcl_fake_new(const vcl_fake_options *options,
                 vcl_endpoint *out_endpoint,
                 vcl_fake **out_fake,
                 vcluster_error **error);

/* Another script in place of the present one (NULL: none); it counts requests from now on. */
int vcl_fake_set_faults(vcl_fake *fake, const char *script, vcluster_error **error);

/* Store manifests, over what is there. */
int vcl_fake_put(vcl_fake *fake, const char *manifests, vcluster_error **error);

/* The requests since the beginning, or since the log was last cleared:
 * [{"cluster", "method", "path", "status"}, ...]. cluster: "", or "NAMESPACE/NAME" of a virtual
 * cluster; status: 0 for one that was cut before its answer. */
int vcl_fake_requests(vcl_fake *fake, bool clear, char **out_json, vcluster_error **error);

#endif
