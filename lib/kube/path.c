/* SPDX-License-Identifier: Apache-2.0 */
/* From kinds and names to URL paths and queries. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/client.h"

int vcl_kube_check_buf(const vcl_buf *buf, vcluster_error **error)
{
    if (!vcl_buf_failed(buf))
        return VCLUSTER_OK;
    if (buf->state == VCL_BUF_NO_MEMORY)
        return vcl_no_memory(error);
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                    "a request path would be longer than %zu bytes: shorten names and selectors",
                    buf->max);
}

/* What would change the meaning of a path although it is escaped, as the API server sees it. */
static bool is_path_segment(const char *text)
{
    return *text && !vcl_streq(text, ".") && !vcl_streq(text, "..") && !strpbrk(text, "/%");
}

static int add_segment(vcl_buf *path, const char *what, const char *text, vcluster_error **error)
{
    if (!is_path_segment(text))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%s' is not usable as %s", text, what);
    vcl_buf_add_char(path, '/');
    vcl_url_escape(path, text);
    return VCLUSTER_OK;
}

int vcl_kube_path(const vcl_resource *resource,
                  const char *namespace_name,
                  const char *name,
                  vcl_buf *out_path,
                  vcluster_error **error)
{
    bool core = !strchr(resource->api_version, '/');
    int status = VCLUSTER_OK;

    vcl_buf_addf(out_path, "%s/%s", core ? "/api" : "/apis", resource->api_version);
    if (resource->namespaced && namespace_name) {
        vcl_buf_add(out_path, "/namespaces");
        status = add_segment(out_path, "a namespace", namespace_name, error);
    } else if (resource->namespaced && name) {
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s '%s' needs a namespace",
                          resource->kind, name);
    }
    if (status < 0)
        return status;

    vcl_buf_addf(out_path, "/%s", resource->plural);
    if (name)
        status = add_segment(out_path, "a name", name, error);
    return status < 0 ? status : vcl_kube_check_buf(out_path, error);
}

int vcl_kube_key_path(vcl_kube *kube,
                      vcl_call *call,
                      const vcl_object_key *key,
                      vcl_buf *out_path,
                      vcluster_error **error)
{
    vcl_resource resource;

    if (vcl_str_empty(key->name))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s without a name",
                        vcl_str(key->kind));
    int status = vcl_kube_resource(kube, call, key->api_version, key->kind, &resource, error);
    if (status < 0)
        return status;
    return vcl_kube_path(&resource, key->namespace_name, key->name, out_path, error);
}

void vcl_query_add(vcl_buf *path, const char *name, const char *value)
{
    if (!value)
        return;
    vcl_buf_add_char(path, strchr(vcl_buf_text(path), '?') ? '&' : '?');
    vcl_buf_addf(path, "%s=", name);
    vcl_url_escape(path, value);
}

void vcl_query_add_int(vcl_buf *path, const char *name, int64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%lld", (long long)value);
    vcl_query_add(path, name, text);
}
