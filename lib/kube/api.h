/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Kubernetes API on top of HTTP: kinds to paths, Status objects to errors, the verbs. Objects
 * are cJSON trees.
 */
#ifndef VCL_KUBE_API_H
#define VCL_KUBE_API_H

#include "data/json.h"
#include "data/proto.h"
#include "net/http.h"

/* One cluster: its HTTP connection and what discovery said. Safe for many threads. */
typedef struct vcl_kube vcl_kube;

int vcl_kube_new(const vcl_endpoint *endpoint,
                 vcluster_log_fn log,
                 void *log_user_data,
                 vcl_kube **out_kube,
                 vcluster_error **error);
void vcl_kube_free(vcl_kube *kube);
vcl_http *vcl_kube_http(vcl_kube *kube);

/* Where the objects of a kind live. Strings are owned by the table or by the client. */
typedef struct vcl_resource {
    const char *api_version; /* "v1", "apps/v1" */
    const char *kind;
    const char *plural;
    bool namespaced;
} vcl_resource;

/* Find a kind: the constant table of common kinds first, then discovery (cached; asked once more
 * for an unknown kind). NOT_FOUND when the server does not serve it. */
int vcl_kube_resource(vcl_kube *kube,
                      vcl_call *call,
                      const char *api_version,
                      const char *kind,
                      vcl_resource *out_resource,
                      vcluster_error **error);

/* "/apis/apps/v1/namespaces/NS/statefulsets/NAME": NULL namespace: all; NULL name: the list. */
int vcl_kube_path(const vcl_resource *resource,
                  const char *namespace_name,
                  const char *name,
                  vcl_buf *out_path,
                  vcluster_error **error);

/* An answer that is not 2xx as an error: Status reason and message, the object it is about, what
 * to do; quota, RBAC and webhook refusals are told apart. */
int vcl_kube_status_error(const vcl_http_request *request,
                          const vcl_http_response *response,
                          vcluster_error **error);

/* What follows addresses an object by kind. */
typedef struct vcl_object_key {
    const char *api_version;
    const char *kind;
    const char *namespace_name; /* NULL for cluster-scoped kinds */
    const char *name;
} vcl_object_key;

int vcl_kube_get(vcl_kube *kube,
                 vcl_call *call,
                 const vcl_object_key *key,
                 cJSON **out_object,
                 vcluster_error **error);
/* The same as JSON text, as the server has written it. */
int vcl_kube_get_text(vcl_kube *kube,
                      vcl_call *call,
                      const vcl_object_key *key,
                      char **out_json,
                      vcluster_error **error);
/* Only metadata travels (PartialObjectMetadata). */
int vcl_kube_get_metadata(vcl_kube *kube,
                          vcl_call *call,
                          const vcl_object_key *key,
                          cJSON **out_object,
                          vcluster_error **error);

typedef struct vcl_list_query {
    const char *api_version;
    const char *kind;
    const char *namespace_name; /* NULL: all */
    const char *label_selector;
    const char *field_selector;
    bool metadata_only;
    int64_t page_size; /* 0: 500 */
    /* Takes away from an item, as soon as it was read, what nobody will ask for; may be NULL. */
    void (*trim)(cJSON *item);
    /* The fields of an item that are asked for; NULL: all. Where it is set, the answer may come as
     * Protocol Buffers, of which only these are read; what is in JSON, as events of a watch are,
     * has more. See proto_kinds.h. */
    const vcl_proto_message *message;
} vcl_list_query;

/* All pages; each item gets apiVersion and kind. A 410 in the middle starts once again. The result
 * is the List of the first page with all items and the last resourceVersion. */
int vcl_kube_list(vcl_kube *kube,
                  vcl_call *call,
                  const vcl_list_query *query,
                  cJSON **out_list,
                  vcluster_error **error);

/* Each item of each page as it comes, so that a thousand objects never stand in memory at once;
 * non-zero from fn stops with that (negative) status. */
typedef int (*vcl_kube_item_fn)(const cJSON *item, void *data, vcluster_error **error);
int vcl_kube_list_each(vcl_kube *kube,
                       vcl_call *call,
                       const vcl_list_query *query,
                       vcl_kube_item_fn fn,
                       void *data,
                       char **out_resource_version,
                       vcluster_error **error);

/* Who takes items while they come, so that nothing of a list stands in memory but one of them. */
typedef struct vcl_kube_taker {
    /* A page begins. again: all that came since the last call of this comes anew, forget it. */
    void (*page)(bool again, void *data);
    /* On the thread that receives: it must neither wait nor use the client. */
    int (*item)(const cJSON *item, void *data, vcluster_error **error);
    void *data;
} vcl_kube_taker;
int vcl_kube_list_take(vcl_kube *kube,
                       vcl_call *call,
                       const vcl_list_query *query,
                       const vcl_kube_taker *taker,
                       vcluster_error **error);

int vcl_kube_create(vcl_kube *kube,
                    vcl_call *call,
                    const cJSON *object,
                    const char *namespace_name,
                    const char *field_manager,
                    cJSON **out_object,
                    vcluster_error **error);
/* PUT of a whole object that carries metadata.resourceVersion. */
int vcl_kube_replace(vcl_kube *kube,
                     vcl_call *call,
                     const cJSON *object,
                     const char *field_manager,
                     cJSON **out_object,
                     vcluster_error **error);

typedef struct vcl_apply_options {
    const char *namespace_name; /* for objects that name none */
    const char *field_manager;
    bool force;
    bool dry_run;
} vcl_apply_options;
/* Server-side apply. out_object may be NULL. */
int vcl_kube_apply(vcl_kube *kube,
                   vcl_call *call,
                   const cJSON *object,
                   const vcl_apply_options *options,
                   cJSON **out_object,
                   vcluster_error **error);

/* content_type: application/merge-patch+json or application/json-patch+json. */
int vcl_kube_patch(vcl_kube *kube,
                   vcl_call *call,
                   const vcl_object_key *key,
                   const char *content_type,
                   const char *patch,
                   const vcl_apply_options *options,
                   cJSON **out_object,
                   vcluster_error **error);

typedef struct vcl_kube_delete_options {
    const char *propagation; /* NULL: Background */
    const char *uid;
    const char *resource_version;
    int64_t grace_seconds; /* negative: the object's own */
    bool may_repeat; /* sent again after a lost answer: then NOT_FOUND means that it was done */
} vcl_kube_delete_options;
int vcl_kube_delete(vcl_kube *kube,
                    vcl_call *call,
                    const vcl_object_key *key,
                    const vcl_kube_delete_options *options,
                    vcluster_error **error);
/* Wait until the object with this uid (NULL: any) is gone. */
int vcl_kube_wait_gone(vcl_kube *kube,
                       vcl_call *call,
                       const vcl_object_key *key,
                       const char *uid,
                       vcluster_error **error);

/* Text of a container's log, the last lines of it (previous: of the run before). */
int vcl_kube_log_tail(vcl_kube *kube,
                      vcl_call *call,
                      const char *namespace_name,
                      const char *pod,
                      const char *container,
                      bool previous,
                      int lines,
                      char **out_text,
                      vcluster_error **error);

/* What the server serves, as an array of texts: "v1", "apps/v1", then "v1/Pod",
 * "apps/v1/Deployment" (Helm's .Capabilities.APIVersions). Two requests, the answer is kept for a
 * minute and after that asked for again only as far as it has changed. */
int vcl_kube_api_versions(vcl_kube *kube,
                          vcl_call *call,
                          cJSON **out_versions,
                          vcluster_error **error);
/* Ask anew next time: a definition was installed. */
void vcl_kube_forget_api_versions(vcl_kube *kube);

/* gitVersion of the server; cached after the first answer. */
int vcl_kube_version(vcl_kube *kube, vcl_call *call, char **out_version, vcluster_error **error);

#endif
