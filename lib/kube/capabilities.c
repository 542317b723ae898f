/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API versions and kinds that a server serves, all of them: two requests where it aggregates
 * its discovery, which it answers only if something has changed since the last time, or one for
 * each group and version where it does not. What an aggregated API server
 * that is down serves is left out, as Helm does.
 */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "kube/client.h"

enum { KEEP_MS = 60000, MAX_VERSIONS = 100000 };

/* What was found, each text once. */
typedef struct collection {
    cJSON *versions;
    cJSON *kinds;
    cJSON *seen_kinds; /* of the version that is being read: an object with a key each */
    size_t count;
} collection;

static bool add(collection *found, cJSON *list, const char *text)
{
    if (!text)
        return false;
    if (found->count++ >= MAX_VERSIONS)
        return true;
    return vcl_json_append(list, cJSON_CreateString(text));
}

static bool begin_version(collection *found, const char *api_version)
{
    cJSON_Delete(found->seen_kinds);
    found->seen_kinds = cJSON_CreateObject();
    return found->seen_kinds && add(found, found->versions, api_version);
}

/* Sub-resources have kinds, too ("apps/v1/Scale"); one kind may be served several times. */
static bool add_kind(collection *found, const char *api_version, const char *kind)
{
    if (vcl_str_empty(kind) || vcl_json_get(found->seen_kinds, kind))
        return true;
    vcl_auto_free char *text = vcl_format("%s/%s", api_version, kind);
    return vcl_json_set(found->seen_kinds, kind, cJSON_CreateTrue()) &&
           add(found, found->kinds, text);
}

static bool collect_version(collection *found, const char *group, const cJSON *version)
{
    const char *name = vcl_json_find_string(version, "version", NULL);
    const cJSON *resource;
    const cJSON *part;

    if (vcl_str_empty(name))
        return true;
    vcl_auto_free char *api_version = *group ? vcl_format("%s/%s", group, name) : vcl_strdup(name);
    if (!api_version || !begin_version(found, api_version))
        return false;
    cJSON_ArrayForEach (resource, vcl_json_get(version, "resources")) {
        if (!add_kind(found, api_version,
                      vcl_json_find_string(resource, "responseKind", "kind", NULL)))
            return false;
        cJSON_ArrayForEach (part, vcl_json_get(resource, "subresources")) {
            if (!add_kind(found, api_version,
                          vcl_json_find_string(part, "responseKind", "kind", NULL)))
                return false;
        }
    }
    return true;
}

static bool collect_aggregated(collection *found, const cJSON *tree)
{
    const cJSON *group;
    const cJSON *version;

    cJSON_ArrayForEach (group, vcl_json_get(tree, "items")) {
        const char *name = vcl_str(vcl_json_find_string(group, "metadata", "name", NULL));
        cJSON_ArrayForEach (version, vcl_json_get(group, "versions")) {
            if (!collect_version(found, name, version))
                return false;
        }
    }
    return true;
}

/* One group and version of a server that does not aggregate. */
static int ask_version(vcl_kube *kube,
                       vcl_call *call,
                       collection *found,
                       const char *api_version,
                       vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_ERROR *why = NULL;
    const cJSON *resource;
    vcl_auto_free char *path =
        vcl_format("%s/%s", strchr(api_version, '/') ? "/apis" : "/api", api_version);

    if (!path || !begin_version(found, api_version))
        return vcl_no_memory(error);
    vcl_http_request request = { .method = "GET", .path = path };
    int status = vcl_kube_request(kube, call, &request, &tree, &why);
    if (status == VCLUSTER_E_NOT_FOUND || status == VCLUSTER_E_UNAVAILABLE)
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    cJSON_ArrayForEach (resource, vcl_json_get(tree, "resources")) {
        if (!add_kind(found, api_version, vcl_json_find_string(resource, "kind", NULL)))
            return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

/* /api names versions, /apis groups with versions. */
static int ask_each(
    vcl_kube *kube, vcl_call *call, collection *found, const cJSON *tree, vcluster_error **error)
{
    const cJSON *group;
    const cJSON *version;
    int status = VCLUSTER_OK;

    cJSON_ArrayForEach (version, vcl_json_get(tree, "versions")) {
        if (status == 0 && cJSON_IsString(version) && vcl_is_dns_label(version->valuestring))
            status = ask_version(kube, call, found, version->valuestring, error);
    }
    cJSON_ArrayForEach (group, vcl_json_get(tree, "groups")) {
        cJSON_ArrayForEach (version, vcl_json_get(group, "versions")) {
            const char *name = vcl_json_find_string(version, "groupVersion", NULL);
            if (status == 0 && name && !strchr(name, '?') && !strstr(name, ".."))
                status = ask_version(kube, call, found, name, error);
        }
    }
    return status;
}

void vcl_served_done(vcl_served *served)
{
    free(served->etag);
    cJSON_Delete(served->versions);
    cJSON_Delete(served->kinds);
    *served = (vcl_served){ 0 };
}

/* Put what was found in place of what was. */
static void
serve(vcl_kube *kube, vcl_discovery which, collection *found, vcl_http_response *response)
{
    vcl_served *served = &kube->served[which];

    pthread_mutex_lock(&kube->mutex);
    vcl_served_done(served);
    *served = (vcl_served){ .etag = vcl_steal(&response->etag),
                            .versions = vcl_steal(&found->versions),
                            .kinds = vcl_steal(&found->kinds) };
    pthread_mutex_unlock(&kube->mutex);
}

static void collection_done(collection *found)
{
    cJSON_Delete(found->versions);
    cJSON_Delete(found->kinds);
    cJSON_Delete(found->seen_kinds);
}

static collection new_collection(void)
{
    return (collection){ .versions = cJSON_CreateArray(), .kinds = cJSON_CreateArray() };
}

/* The kinds first: where the rest is kept with its name, they are never asked for again. */
static int take_aggregated(vcl_kube *kube,
                           vcl_discovery which,
                           const cJSON *tree,
                           vcl_http_response *response,
                           vcluster_error **error)
{
    __attribute__((cleanup(collection_done))) collection found = new_collection();

    int status = vcl_kube_read_discovery(kube, tree, error);
    if (status < 0)
        return status;
    if (!found.versions || !found.kinds || !collect_aggregated(&found, tree))
        return vcl_no_memory(error);
    serve(kube, which, &found, response);
    return VCLUSTER_OK;
}

static const char *path_of(vcl_discovery which)
{
    return which == VCL_DISCOVERY_CORE ? "/api" : "/apis";
}

int vcl_kube_discover(
    vcl_kube *kube, vcl_call *call, vcl_discovery which, cJSON **out_groups, vcluster_error **error)
{
    vcl_http_response response = { 0 };
    VCL_AUTO_JSON *tree = NULL;

    pthread_mutex_lock(&kube->mutex);
    vcl_auto_free char *etag = vcl_strdup(kube->served[which].etag); /* NULL: asked in full */
    pthread_mutex_unlock(&kube->mutex);
    vcl_http_request request = { .method = "GET",
                                 .path = path_of(which),
                                 .accept = VCL_ACCEPT_DISCOVERY,
                                 .if_none_match = etag };

    int status = vcl_http_send(kube->http, call, &request, &response, error);
    bool unchanged = status == VCLUSTER_OK && etag && response.status == 304;
    if (status == VCLUSTER_OK && !unchanged)
        status = vcl_kube_read_answer(&request, &response, &tree, error);
    if (status == VCLUSTER_OK && !unchanged) {
        if (vcl_streq(vcl_json_find_string(tree, "kind", NULL), "APIGroupDiscoveryList"))
            status = take_aggregated(kube, which, tree, &response, error);
        else
            *out_groups = vcl_steal(&tree);
    }
    vcl_http_response_done(&response);
    return status;
}

/* Copy the items of an array behind those of another one. */
static bool add_copies(cJSON *to, const cJSON *from)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, from) {
        if (!vcl_json_append(to, vcl_json_copy(item)))
            return false;
    }
    return true;
}

static int
ask(vcl_kube *kube, vcl_call *call, vcl_discovery which, collection *found, vcluster_error **error)
{
    VCL_AUTO_JSON *groups = NULL;

    int status = vcl_kube_discover(kube, call, which, &groups, error);
    if (status < 0)
        return vcl_wrap(error, status, "ask which kinds the server knows");
    if (groups)
        return ask_each(kube, call, found, groups, error);
    pthread_mutex_lock(&kube->mutex);
    bool added = add_copies(found->versions, kube->served[which].versions) &&
                 add_copies(found->kinds, kube->served[which].kinds);
    pthread_mutex_unlock(&kube->mutex);
    return added ? VCLUSTER_OK : vcl_no_memory(error);
}

/* Hand out a copy of what is kept, if it is young enough. */
static cJSON *kept(vcl_kube *kube)
{
    cJSON *copy = NULL;

    pthread_mutex_lock(&kube->mutex);
    if (kube->api_versions && vcl_monotonic_ms() - kube->api_versions_ms < KEEP_MS)
        copy = vcl_json_copy(kube->api_versions);
    pthread_mutex_unlock(&kube->mutex);
    return copy;
}

static void keep(vcl_kube *kube, const cJSON *versions)
{
    cJSON *copy = vcl_json_copy(versions); /* none: asked for again */

    pthread_mutex_lock(&kube->mutex);
    cJSON_Delete(kube->api_versions);
    kube->api_versions = copy;
    kube->api_versions_ms = vcl_monotonic_ms();
    pthread_mutex_unlock(&kube->mutex);
}

void vcl_kube_forget_api_versions(vcl_kube *kube)
{
    pthread_mutex_lock(&kube->mutex);
    cJSON_Delete(vcl_steal(&kube->api_versions));
    pthread_mutex_unlock(&kube->mutex);
}

int vcl_kube_api_versions(vcl_kube *kube,
                          vcl_call *call,
                          cJSON **out_versions,
                          vcluster_error **error)
{
    __attribute__((cleanup(collection_done))) collection found = new_collection();
    cJSON *known = kept(kube);

    if (known) {
        *out_versions = known;
        return VCLUSTER_OK;
    }
    if (!found.versions || !found.kinds)
        return vcl_no_memory(error);
    for (int i = 0; i < VCL_DISCOVERIES; i++) {
        int status = ask(kube, call, (vcl_discovery)i, &found, error);
        if (status < 0)
            return status;
    }
    for (cJSON *kind = found.kinds->child; kind; kind = found.kinds->child) {
        if (!vcl_json_append(found.versions, cJSON_DetachItemViaPointer(found.kinds, kind)))
            return vcl_no_memory(error);
    }
    keep(kube, found.versions);
    *out_versions = vcl_steal(&found.versions);
    return VCLUSTER_OK;
}
