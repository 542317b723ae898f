/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which path serves a kind: the constant table first, then what the server says. Aggregated
 * discovery is asked for (one answer for all groups). Where that does not tell the kind (an older
 * server, an aggregated API server that is down), the one group and version is asked for itself,
 * whose error says why. Plurals are never built by rule.
 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/client.h"
#include "kube/kinds.h"

/* A cluster with very many CRDs serves some thousands of kinds. */
enum { MAX_KINDS = 50000 };

static bool find_known(vcl_kube *kube, const char *api_version, const char *kind, vcl_resource *out)
{
    bool found = false;

    pthread_mutex_lock(&kube->mutex);
    for (const vcl_known_kind *k = kube->kinds; k && !found; k = k->next) {
        found = vcl_streq(k->kind, kind) && vcl_streq(k->api_version, api_version);
        if (found)
            *out = (vcl_resource){ .api_version = k->api_version,
                                   .kind = k->kind,
                                   .plural = k->plural,
                                   .namespaced = k->namespaced };
    }
    pthread_mutex_unlock(&kube->mutex);
    return found;
}

static bool same_kind(const vcl_known_kind *known, const vcl_resource *resource)
{
    return vcl_streq(known->kind, resource->kind) &&
           vcl_streq(known->api_version, resource->api_version);
}

/* Put a kind in front, unless it is known just so: a CRD that was replaced by another one with a
 * new plural or scope is found first. The mutex is held. */
static int remember(vcl_kube *kube, const vcl_resource *resource, vcluster_error **error)
{
    for (const vcl_known_kind *k = kube->kinds; k; k = k->next) {
        if (!same_kind(k, resource))
            continue;
        if (vcl_streq(k->plural, resource->plural) && k->namespaced == resource->namespaced)
            return VCLUSTER_OK;
        break;
    }
    if (kube->kind_count >= MAX_KINDS)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the server lists more than %d kinds",
                        MAX_KINDS);

    vcl_known_kind *known = calloc(1, sizeof(*known));
    if (!known)
        return vcl_no_memory(error);
    known->api_version = vcl_strdup(resource->api_version);
    known->kind = vcl_strdup(resource->kind);
    known->plural = vcl_strdup(resource->plural);
    known->namespaced = resource->namespaced;
    if (!known->api_version || !known->kind || !known->plural) {
        free(known->api_version);
        free(known->kind);
        free(known->plural);
        free(known);
        return vcl_no_memory(error);
    }
    known->next = kube->kinds;
    kube->kinds = known;
    kube->kind_count++;
    return VCLUSTER_OK;
}

/* A plural goes into paths as it is: nothing but a DNS label may come from the server. */
static int remember_checked(vcl_kube *kube,
                            const char *api_version,
                            const char *kind,
                            const char *plural,
                            bool namespaced,
                            vcluster_error **error)
{
    vcl_resource resource = {
        .api_version = api_version, .kind = kind, .plural = plural, .namespaced = namespaced
    };

    if (vcl_str_empty(kind) || !vcl_is_dns_label(plural))
        return VCLUSTER_OK; /* also what sub-resources look like ("pods/log") */
    pthread_mutex_lock(&kube->mutex);
    int status = remember(kube, &resource, error);
    pthread_mutex_unlock(&kube->mutex);
    return status;
}

static int
read_version(vcl_kube *kube, const char *group, const cJSON *version, vcluster_error **error)
{
    const char *version_name = vcl_json_find_string(version, "version", NULL);
    const cJSON *resource = NULL;

    if (!version_name)
        return VCLUSTER_OK;
    vcl_auto_free char *api_version =
        *group ? vcl_format("%s/%s", group, version_name) : vcl_strdup(version_name);
    if (!api_version)
        return vcl_no_memory(error);

    cJSON_ArrayForEach (resource, vcl_json_get(version, "resources")) {
        const char *scope = vcl_json_find_string(resource, "scope", NULL);
        int status = remember_checked(kube, api_version,
                                      vcl_json_find_string(resource, "responseKind", "kind", NULL),
                                      vcl_json_find_string(resource, "resource", NULL),
                                      vcl_streq(scope, "Namespaced"), error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

int vcl_kube_read_discovery(vcl_kube *kube, const cJSON *tree, vcluster_error **error)
{
    const cJSON *group = NULL;

    cJSON_ArrayForEach (group, vcl_json_get(tree, "items")) {
        const char *name = vcl_json_find_string(group, "metadata", "name", NULL);
        const cJSON *version = NULL;

        cJSON_ArrayForEach (version, vcl_json_get(group, "versions")) {
            int status = read_version(kube, vcl_str(name), version, error);
            if (status < 0)
                return status;
        }
    }
    return VCLUSTER_OK;
}

static int read_resource_list(vcl_kube *kube,
                              const char *api_version,
                              const cJSON *tree,
                              vcluster_error **error)
{
    const cJSON *resource = NULL;

    cJSON_ArrayForEach (resource, vcl_json_get(tree, "resources")) {
        int status =
            remember_checked(kube, api_version, vcl_json_find_string(resource, "kind", NULL),
                             vcl_json_find_string(resource, "name", NULL),
                             vcl_json_find_bool(resource, false, "namespaced", NULL), error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* One group and version, asked for directly. A 404 is an answer: nothing is served there. */
static int
ask_version(vcl_kube *kube, vcl_call *call, const char *api_version, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_ERROR *failure = NULL;
    vcl_auto_free char *path =
        vcl_format("%s/%s", strchr(api_version, '/') ? "/apis" : "/api", api_version);

    if (!path)
        return vcl_no_memory(error);
    vcl_http_request request = { .method = "GET", .path = path };
    int status = vcl_kube_request(kube, call, &request, &tree, &failure);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &failure, status);
    return read_resource_list(kube, api_version, tree, error);
}

static int discover(vcl_kube *kube, vcl_call *call, const char *api_version, vcluster_error **error)
{
    vcl_discovery which = strchr(api_version, '/') ? VCL_DISCOVERY_GROUPS : VCL_DISCOVERY_CORE;
    VCL_AUTO_JSON *groups = NULL; /* only their names help nobody here */

    return vcl_kube_discover(kube, call, which, &groups, error);
}

/* What api_version may look like: it becomes part of a path. */
static bool is_api_version(const char *text)
{
    const char *slash = strchr(text, '/');
    vcl_auto_free char *group = slash ? vcl_strndup(text, (size_t)(slash - text)) : NULL;

    if (slash && !vcl_is_dns_subdomain(group))
        return false;
    return vcl_is_dns_label(slash ? slash + 1 : text);
}

int vcl_kube_resource(vcl_kube *kube,
                      vcl_call *call,
                      const char *api_version,
                      const char *kind,
                      vcl_resource *out_resource,
                      vcluster_error **error)
{
    const vcl_resource *common = vcl_kinds_find(api_version, kind);

    if (common) {
        *out_resource = *common;
        return VCLUSTER_OK;
    }
    if (vcl_str_empty(api_version) || vcl_str_empty(kind) || !is_api_version(api_version))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "apiVersion '%s' and kind '%s' name no kind of object",
                        vcl_str(api_version), vcl_str(kind));
    if (find_known(kube, api_version, kind, out_resource))
        return VCLUSTER_OK;

    int status = discover(kube, call, api_version, error);
    if (status == VCLUSTER_OK && find_known(kube, api_version, kind, out_resource))
        return VCLUSTER_OK;
    if (status == VCLUSTER_OK)
        status = ask_version(kube, call, api_version, error);
    if (status < 0)
        return vcl_wrap(error, status, "ask which kinds the server knows");
    if (find_known(kube, api_version, kind, out_resource))
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                    "the server does not know kind '%s' of '%s': is its CustomResourceDefinition "
                    "installed?",
                    kind, api_version);
}
