/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs on one object: get, create, replace, apply, patch, delete, and a container's log. */
#include <string.h>

#include "base/str.h"
#include "kube/client.h"

#define APPLY_TYPE "application/apply-patch+yaml"

/* Text of a container's log that is ever kept. */
enum { MAX_LOG = 1 << 20 };

/* Say which kind and version an object is where the server said PartialObjectMetadata. */
static int
set_kind(cJSON *object, const char *api_version, const char *kind, vcluster_error **error)
{
    if (!vcl_json_set_string(object, "apiVersion", api_version) ||
        !vcl_json_set_string(object, "kind", kind))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

/* path is to outlive the request. */
static int begin_get(vcl_kube *kube,
                     vcl_call *call,
                     const vcl_object_key *key,
                     vcl_buf *path,
                     vcl_http_request *out_request,
                     vcluster_error **error)
{
    vcl_buf_init(path, VCL_KUBE_MAX_PATH);
    int status = vcl_kube_key_path(kube, call, key, path, error);

    *out_request = (vcl_http_request){ .method = "GET", .path = vcl_buf_text(path) };
    return status;
}

int vcl_kube_get_text(vcl_kube *kube,
                      vcl_call *call,
                      const vcl_object_key *key,
                      char **out_json,
                      vcluster_error **error)
{
    VCL_AUTO_BUF path = { 0 };
    vcl_http_request request;
    int status = begin_get(kube, call, key, &path, &request, error);

    return status < 0 ? status : vcl_kube_request_text(kube, call, &request, out_json, error);
}

static int get(vcl_kube *kube,
               vcl_call *call,
               const vcl_object_key *key,
               const char *accept,
               cJSON **out_object,
               vcluster_error **error)
{
    VCL_AUTO_BUF path = { 0 };
    vcl_http_request request;
    int status = begin_get(kube, call, key, &path, &request, error);

    request.accept = accept;
    return status < 0 ? status : vcl_kube_request(kube, call, &request, out_object, error);
}

int vcl_kube_get(vcl_kube *kube,
                 vcl_call *call,
                 const vcl_object_key *key,
                 cJSON **out_object,
                 vcluster_error **error)
{
    return get(kube, call, key, NULL, out_object, error);
}

int vcl_kube_get_metadata(vcl_kube *kube,
                          vcl_call *call,
                          const vcl_object_key *key,
                          cJSON **out_object,
                          vcluster_error **error)
{
    VCL_AUTO_JSON *object = NULL;
    int status = get(kube, call, key, VCL_ACCEPT_METADATA, &object, error);

    if (status < 0)
        return status;
    status = set_kind(object, key->api_version, key->kind, error);
    if (status < 0)
        return status;
    *out_object = vcl_steal(&object);
    return VCLUSTER_OK;
}

/* Where an object that carries its own apiVersion, kind and metadata lives. */
typedef struct target {
    vcl_resource resource;
    const char *namespace_name;
    const char *name;
} target;

static int find_target(vcl_kube *kube,
                       vcl_call *call,
                       const cJSON *object,
                       const char *namespace_name,
                       target *out,
                       vcluster_error **error)
{
    const char *own = vcl_json_find_string(object, "metadata", "namespace", NULL);

    out->name = vcl_json_find_string(object, "metadata", "name", NULL);
    out->namespace_name = vcl_str_empty(own) ? namespace_name : own;
    return vcl_kube_resource(kube, call, vcl_json_find_string(object, "apiVersion", NULL),
                             vcl_json_find_string(object, "kind", NULL), &out->resource, error);
}

/* named: the path of the object, else of the collection that it is created in. */
static int target_path(const target *at, bool named, vcl_buf *path, vcluster_error **error)
{
    if (named && vcl_str_empty(at->name))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "an object of kind '%s' has no name",
                        at->resource.kind);
    if (at->resource.namespaced && vcl_str_empty(at->namespace_name))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s '%s' needs a namespace",
                        at->resource.kind, vcl_str(at->name));
    return vcl_kube_path(&at->resource, at->namespace_name, named ? at->name : NULL, path, error);
}

/* The answer to a write is the object, or a Status: one that is neither was not given by an API
 * server, and nothing is known of the write then. */
static int
check_written(const vcl_http_request *request, const cJSON *answer, vcluster_error **error)
{
    if (vcl_json_find_string(answer, "kind", NULL))
        return VCLUSTER_OK;
    int status = vcl_fail(error, VCLUSTER_E_PROTOCOL,
                          "the answer to %s %s is no object: is this an API server?",
                          request->method, request->path);
    vcl_error_set_retryable(error, true);
    return status;
}

/* Send an object as the body. It may hold secrets: the text is wiped. */
static int send_object(vcl_kube *kube,
                       vcl_call *call,
                       vcl_http_request *request,
                       const cJSON *object,
                       cJSON **out_object,
                       vcluster_error **error)
{
    char *body = vcl_json_print(object);
    cJSON *answer = NULL;

    if (!body)
        return vcl_no_memory(error);
    request->body = body;
    request->body_size = strlen(body);
    int status = vcl_kube_request(kube, call, request, &answer, error);
    vcl_free_secret(body);
    if (status == VCLUSTER_OK)
        status = check_written(request, answer, error);
    if (status == VCLUSTER_OK && out_object)
        *out_object = vcl_steal(&answer);
    vcl_json_free_secret(answer);
    return status;
}

/* A write of a whole object. */
typedef struct object_write {
    const char *method;
    const char *content_type;
    const char *namespace_name; /* of an object that names none */
    bool named;                 /* at its own path, else in its collection */
    bool idempotent;
    vcl_apply_options options;
} object_write;

static void add_write_options(vcl_buf *path, const vcl_apply_options *options)
{
    vcl_query_add(path, "fieldManager", options->field_manager);
    vcl_query_add(path, "force", options->force ? "true" : NULL);
    vcl_query_add(path, "dryRun", options->dry_run ? "All" : NULL);
}

static int write_object(vcl_kube *kube,
                        vcl_call *call,
                        const cJSON *object,
                        const object_write *how,
                        cJSON **out_object,
                        vcluster_error **error)
{
    target at;
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    int status = find_target(kube, call, object, how->namespace_name, &at, error);
    if (status == 0)
        status = target_path(&at, how->named, &path, error);
    if (status < 0)
        return status;
    add_write_options(&path, &how->options);
    status = vcl_kube_check_buf(&path, error);
    if (status < 0)
        return status;
    vcl_http_request request = { .method = how->method,
                                 .path = vcl_buf_text(&path),
                                 .content_type = how->content_type,
                                 .idempotent = how->idempotent };
    return send_object(kube, call, &request, object, out_object, error);
}

int vcl_kube_create(vcl_kube *kube,
                    vcl_call *call,
                    const cJSON *object,
                    const char *namespace_name,
                    const char *field_manager,
                    cJSON **out_object,
                    vcluster_error **error)
{
    object_write how = { .method = "POST",
                         .content_type = "application/json",
                         .namespace_name = namespace_name,
                         .options = { .field_manager = field_manager } };

    return write_object(kube, call, object, &how, out_object, error);
}

int vcl_kube_replace(vcl_kube *kube,
                     vcl_call *call,
                     const cJSON *object,
                     const char *field_manager,
                     cJSON **out_object,
                     vcluster_error **error)
{
    /* Not idempotent: sent again after a lost answer, it would report a conflict with itself. */
    object_write how = { .method = "PUT",
                         .content_type = "application/json",
                         .named = true,
                         .options = { .field_manager = field_manager } };

    if (!vcl_json_find_string(object, "metadata", "resourceVersion", NULL))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "an object is replaced by one with its metadata.resourceVersion only");
    return write_object(kube, call, object, &how, out_object, error);
}

int vcl_kube_apply(vcl_kube *kube,
                   vcl_call *call,
                   const cJSON *object,
                   const vcl_apply_options *options,
                   cJSON **out_object,
                   vcluster_error **error)
{
    object_write how = { .method = "PATCH",
                         .content_type = APPLY_TYPE,
                         .namespace_name = options->namespace_name,
                         .named = true,
                         .idempotent = true,
                         .options = *options };

    if (vcl_str_empty(options->field_manager))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "apply needs a field manager");
    return write_object(kube, call, object, &how, out_object, error);
}

int vcl_kube_patch(vcl_kube *kube,
                   vcl_call *call,
                   const vcl_object_key *key,
                   const char *content_type,
                   const char *patch,
                   const vcl_apply_options *options,
                   cJSON **out_object,
                   vcluster_error **error)
{
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    int status = vcl_kube_key_path(kube, call, key, &path, error);
    if (status < 0)
        return status;
    if (options) {
        vcl_query_add(&path, "fieldManager", options->field_manager);
        vcl_query_add(&path, "dryRun", options->dry_run ? "All" : NULL);
    }
    status = vcl_kube_check_buf(&path, error);
    if (status < 0)
        return status;
    vcl_http_request request = { .method = "PATCH",
                                 .path = vcl_buf_text(&path),
                                 .content_type = content_type,
                                 .body = patch,
                                 .body_size = strlen(patch) };
    return vcl_kube_request(kube, call, &request, out_object, error);
}

/* DeleteOptions. A policy is always sent: without one, Jobs leave their pods behind. */
static cJSON *delete_options(const vcl_kube_delete_options *options)
{
    VCL_AUTO_JSON *tree = cJSON_CreateObject();
    const char *propagation = options && options->propagation ? options->propagation : "Background";
    bool ok = vcl_json_set_string(tree, "apiVersion", "v1") &&
              vcl_json_set_string(tree, "kind", "DeleteOptions") &&
              vcl_json_set_string(tree, "propagationPolicy", propagation);

    if (options && (options->uid || options->resource_version)) {
        cJSON *conditions = vcl_json_object(tree, "preconditions");
        ok = ok && conditions;
        if (options->uid)
            ok = ok && vcl_json_set_string(conditions, "uid", options->uid);
        if (options->resource_version)
            ok =
                ok && vcl_json_set_string(conditions, "resourceVersion", options->resource_version);
    }
    if (options && options->grace_seconds >= 0)
        ok = ok && vcl_json_set_int(tree, "gracePeriodSeconds", options->grace_seconds);
    return ok ? vcl_steal(&tree) : NULL;
}

int vcl_kube_delete(vcl_kube *kube,
                    vcl_call *call,
                    const vcl_object_key *key,
                    const vcl_kube_delete_options *options,
                    vcluster_error **error)
{
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    int status = vcl_kube_key_path(kube, call, key, &path, error);
    if (status < 0)
        return status;

    VCL_AUTO_JSON *body = delete_options(options);
    if (!body)
        return vcl_no_memory(error);
    vcl_http_request request = { .method = "DELETE",
                                 .path = vcl_buf_text(&path),
                                 .content_type = "application/json",
                                 .idempotent = options && (options->uid || options->may_repeat) };
    return send_object(kube, call, &request, body, NULL, error);
}

int vcl_kube_log_tail(vcl_kube *kube,
                      vcl_call *call,
                      const char *namespace_name,
                      const char *pod,
                      const char *container,
                      bool previous,
                      int lines,
                      char **out_text,
                      vcluster_error **error)
{
    vcl_object_key key = { "v1", "Pod", namespace_name, pod };
    vcl_http_response response = { 0 };
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    int status = vcl_kube_key_path(kube, call, &key, &path, error);
    if (status < 0)
        return status;
    vcl_buf_add(&path, "/log");
    vcl_query_add(&path, "container", container);
    vcl_query_add(&path, "previous", previous ? "true" : NULL);
    vcl_query_add_int(&path, "tailLines", lines);
    vcl_query_add_int(&path, "limitBytes", MAX_LOG);
    status = vcl_kube_check_buf(&path, error);
    if (status < 0)
        return status;

    vcl_http_request request = { .method = "GET", .path = vcl_buf_text(&path), .accept = "*/*" };
    status = vcl_http_send(kube->http, call, &request, &response, error);
    if (status == VCLUSTER_OK && (response.status < 200 || response.status > 299))
        status = vcl_kube_status_error(&request, &response, error);
    if (status == VCLUSTER_OK) {
        char *text = vcl_strdup(vcl_buf_text(&response.body));
        status = text ? VCLUSTER_OK : vcl_no_memory(error);
        if (text)
            *out_text = text;
    }
    vcl_http_response_done(&response);
    return status;
}
