/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this folder share: the inside of a vcl_kube, sending a request and reading its
 * answer as JSON. Not for other layers.
 */
#ifndef VCL_KUBE_CLIENT_H
#define VCL_KUBE_CLIENT_H

#include <pthread.h>

#include "kube/api.h"
#include "kube/forward_resolver.h"

/* One kind that discovery told. Entries are only ever added, so that their strings live as long as
 * the client: a vcl_resource borrows them. */
typedef struct vcl_known_kind {
    struct vcl_known_kind *next;
    char *api_version;
    char *kind;
    char *plural;
    bool namespaced;
} vcl_known_kind;

/* Where a server says what it serves. */
typedef enum vcl_discovery {
    VCL_DISCOVERY_CORE,   /* /api */
    VCL_DISCOVERY_GROUPS, /* /apis */
    VCL_DISCOVERIES
} vcl_discovery;

/* What it said there last; with a name for that, it is asked only for what has changed. */
typedef struct vcl_served {
    char *etag;      /* NULL: the server gives none, or nothing was asked for yet */
    cJSON *versions; /* "apps/v1" */
    cJSON *kinds;    /* "apps/v1/Deployment" */
} vcl_served;

void vcl_served_done(vcl_served *served);

struct vcl_kube {
    vcl_http *http;
    atomic_bool lists_only; /* the server does not tell a whole state as events of a watch */
    pthread_mutex_t mutex;  /* guards what follows; never held while a request is on its way */
    vcl_known_kind *kinds;
    size_t kind_count;
    char *version;
    vcl_served served[VCL_DISCOVERIES];
    cJSON *api_versions; /* see vcl_kube_api_versions(); NULL: not asked for yet */
    int64_t api_versions_ms;
    vcl_resolvers resolvers; /* of forwards; guards itself */
};

/* Send, turn an answer that is not 2xx (or a Status "Failure") into an error, read the rest as
 * JSON. out_object may be NULL. */
int vcl_kube_request(vcl_kube *kube,
                     vcl_call *call,
                     const vcl_http_request *request,
                     cJSON **out_object,
                     vcluster_error **error);

/* The same, the answer as text: JSON, but not looked into any further. */
int vcl_kube_request_text(vcl_kube *kube,
                          vcl_call *call,
                          const vcl_http_request *request,
                          char **out_json,
                          vcluster_error **error);

/* The path of an object, its kind looked up. INVALID_ARGUMENT for a missing name or namespace. */
int vcl_kube_key_path(vcl_kube *kube,
                      vcl_call *call,
                      const vcl_object_key *key,
                      vcl_buf *out_path,
                      vcluster_error **error);

/* Append "?name=value" or "&name=value", escaped; nothing for a NULL value. */
void vcl_query_add(vcl_buf *path, const char *name, const char *value);
void vcl_query_add_int(vcl_buf *path, const char *name, int64_t value);

/* INTERNAL or NO_MEMORY when an append to buf failed, else 0. */
int vcl_kube_check_buf(const vcl_buf *buf, vcluster_error **error);

/* A random number from 0 to below, which must be positive: jitter, not secrets. */
int64_t vcl_kube_random(int64_t below);

/* Longest path with query that is ever built; servers take at most about 8 KiB of request line. */
enum { VCL_KUBE_MAX_PATH = 16 << 10 };

#define VCL_ACCEPT_METADATA                                                                        \
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
#define VCL_ACCEPT_METADATA_LIST                                                                   \
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"

/* The order of g, v, as is what older servers compare with, byte for byte. */
#define VCL_ACCEPT_DISCOVERY                                                                       \
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"                        \
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"

/* Remember the kinds of an APIGroupDiscoveryList. */
int vcl_kube_read_discovery(vcl_kube *kube, const cJSON *tree, vcluster_error **error);
/* Bring kube->served and the kinds that are known up to date. *out_groups is set where the server
 * does not aggregate, to the names of versions or groups that it tells instead. */
int vcl_kube_discover(vcl_kube *kube,
                      vcl_call *call,
                      vcl_discovery which,
                      cJSON **out_groups,
                      vcluster_error **error);

/* An answer that is not 2xx as an error, else its tree; out_object may be NULL. */
int vcl_kube_read_answer(const vcl_http_request *request,
                         const vcl_http_response *response,
                         cJSON **out_object,
                         vcluster_error **error);

/* status.c: the body of an answer that is not 2xx, which is a Status in JSON or in Protocol
 * Buffers, or anything else. */
int vcl_kube_read_status(const vcl_http_response *response, cJSON **out_tree);

/* The tree of a 2xx answer, which a Status that tells of a failure is none: the API allows it. What
 * is no JSON may come from a log-in page in between: the error names its type. */
int vcl_kube_parse_answer(const vcl_http_request *request,
                          const vcl_http_response *response,
                          cJSON **out_tree,
                          vcluster_error **error);

#endif
