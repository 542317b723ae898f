/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a server beside its objects: version, health, discovery, reviews, tokens. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "data/yaml.h"
#include "fake/host.h"
#include "kube/kinds.h"

/* ---- Kinds ---- */

/* Whether a CustomResourceDefinition serves this group and version. */
static bool crd_serves(const cJSON *crd, const char *api_version)
{
    const char *group = vcl_str(vcl_json_find_string(crd, "spec", "group", NULL));
    const cJSON *version;

    cJSON_ArrayForEach (version, vcl_json_find(crd, "spec", "versions", NULL)) {
        vcl_auto_free char *text =
            vcl_format("%s/%s", group, vcl_str(vcl_json_find_string(version, "name", NULL)));
        if (vcl_streq(text, api_version) && vcl_json_find_bool(version, false, "served", NULL))
            return true;
    }
    return false;
}

/* The definition that serves a version, by the plural or the kind of its objects. */
static const cJSON *
find_crd(const vcl_world *world, const char *api_version, const char *member, const char *value)
{
    for (const vcl_fake_object *o = world->objects; o; o = o->next) {
        if (strstr(o->path, "/customresourcedefinitions/") && crd_serves(o->tree, api_version) &&
            vcl_streq(vcl_json_find_string(o->tree, "spec", "names", member, NULL), value))
            return o->tree;
    }
    return NULL;
}

static bool is_namespaced(const cJSON *crd)
{
    return vcl_streq(vcl_json_find_string(crd, "spec", "scope", NULL), "Namespaced");
}

const char *
vcl_fake_kind(vcl_world *world, const char *api_version, const char *plural, bool *out_namespaced)
{
    const vcl_resource *known = vcl_kinds_find_plural(api_version, plural);
    const cJSON *crd = known ? NULL : find_crd(world, api_version, "plural", plural);

    if (out_namespaced)
        *out_namespaced = known ? known->namespaced : is_namespaced(crd);
    if (known)
        return known->kind;
    return vcl_str(vcl_json_find_string(crd, "spec", "names", "kind", NULL));
}

char *vcl_fake_path_of(vcl_world *world, const cJSON *tree)
{
    const char *api_version = vcl_str(vcl_json_find_string(tree, "apiVersion", NULL));
    const char *kind = vcl_str(vcl_json_find_string(tree, "kind", NULL));
    const char *name = vcl_str(vcl_json_find_string(tree, "metadata", "name", NULL));
    const char *ns = vcl_json_find_string(tree, "metadata", "namespace", NULL);
    const vcl_resource *known = vcl_kinds_find(api_version, kind);
    const cJSON *crd = known ? NULL : find_crd(world, api_version, "kind", kind);
    const char *plural =
        known ? known->plural : vcl_json_find_string(crd, "spec", "names", "plural", NULL);
    bool namespaced = known ? known->namespaced : is_namespaced(crd);

    if (!plural || !*name || (namespaced && vcl_str_empty(ns)))
        return NULL;
    return vcl_format("/%s/%s%s%s/%s/%s", strchr(api_version, '/') ? "apis" : "api", api_version,
                      namespaced ? "/namespaces/" : "", namespaced ? ns : "", plural, name);
}

/* ---- Discovery ---- */

/* The member of an array that has this text in a member of its own, made if there is none. */
static cJSON *entry(cJSON *array, const char *outer, const char *key, const char *text)
{
    cJSON *item;

    cJSON_ArrayForEach (item, array) {
        const cJSON *place = outer ? vcl_json_get(item, outer) : item;
        if (vcl_streq(vcl_json_find_string(place, key, NULL), text))
            return item;
    }
    item = cJSON_CreateObject();
    if (!item || !vcl_json_append(array, item))
        return NULL;
    cJSON *place = outer ? vcl_json_object(item, outer) : item;
    return place && vcl_json_set_string(place, key, text) ? item : NULL;
}

static cJSON *array_of(cJSON *object, const char *key)
{
    cJSON *array = vcl_json_get(object, key);

    return array ? array : cJSON_AddArrayToObject(object, key);
}

static bool discover_eviction(cJSON *pods)
{
    cJSON *parts = array_of(pods, "subresources");
    cJSON *part = parts ? entry(parts, NULL, "subresource", "eviction") : NULL;
    cJSON *response = part ? vcl_json_object(part, "responseKind") : NULL;

    return response && vcl_json_set_string(response, "kind", "Eviction");
}

static bool discover(cJSON *items, const vcl_resource *kind)
{
    const char *slash = strchr(kind->api_version, '/');
    vcl_auto_free char *group =
        vcl_strndup(kind->api_version, slash ? (size_t)(slash - kind->api_version) : 0);
    cJSON *one = group ? entry(items, "metadata", "name", group) : NULL;
    cJSON *versions = one ? array_of(one, "versions") : NULL;
    cJSON *version =
        versions ? entry(versions, NULL, "version", slash ? slash + 1 : kind->api_version) : NULL;
    cJSON *resources = version ? array_of(version, "resources") : NULL;
    cJSON *resource = resources ? entry(resources, NULL, "resource", kind->plural) : NULL;
    cJSON *response = resource ? vcl_json_object(resource, "responseKind") : NULL;

    return response && vcl_json_set_string(response, "kind", kind->kind) &&
           (!vcl_streq(kind->kind, "Pod") || discover_eviction(resource)) &&
           vcl_json_set_string(resource, "scope", kind->namespaced ? "Namespaced" : "Cluster") &&
           vcl_json_set(resource, "verbs", cJSON_CreateArray());
}

static bool discover_crd(cJSON *items, const cJSON *crd)
{
    const char *group = vcl_str(vcl_json_find_string(crd, "spec", "group", NULL));
    const cJSON *version;

    cJSON_ArrayForEach (version, vcl_json_find(crd, "spec", "versions", NULL)) {
        vcl_auto_free char *text =
            vcl_format("%s/%s", group, vcl_str(vcl_json_find_string(version, "name", NULL)));
        vcl_resource kind = {
            .api_version = text,
            .kind = vcl_str(vcl_json_find_string(crd, "spec", "names", "kind", NULL)),
            .plural = vcl_str(vcl_json_find_string(crd, "spec", "names", "plural", NULL)),
            .namespaced = is_namespaced(crd),
        };
        if (!text || !discover(items, &kind))
            return false;
    }
    return true;
}

/* "/api" tells the core group, "/apis" all others. */
static void answer_discovery(const vcl_world *world, bool core, vcl_fake_answer *out)
{
    cJSON *tree = cJSON_CreateObject();
    cJSON *items = tree ? cJSON_AddArrayToObject(tree, "items") : NULL;
    bool good = items && vcl_json_set_string(tree, "kind", "APIGroupDiscoveryList") &&
                vcl_json_set_string(tree, "apiVersion", "apidiscovery.k8s.io/v2");

    for (size_t i = 0; good && i < vcl_kinds_count(); i++) {
        const vcl_resource *kind = vcl_kinds_at(i);
        if (core == !strchr(kind->api_version, '/'))
            good = discover(items, kind);
    }
    for (const vcl_fake_object *o = world->objects; good && !core && o; o = o->next) {
        if (strstr(o->path, "/customresourcedefinitions/"))
            good = discover_crd(items, o->tree);
    }
    out->status = 200;
    out->tree = tree;
    if (!good)
        vcl_fake_status(out, 500, "InternalError", "the fake host is out of memory");
}

/* ---- Version, reviews, tokens ---- */

static void answer_version(const vcl_world *world, vcl_fake_answer *out)
{
    const char *at = world->kubernetes_version;
    vcl_auto_free char *major = vcl_strndup(at + 1, strcspn(at + 1, "."));
    const char *dot = strchr(at, '.');
    vcl_auto_free char *minor = dot ? vcl_strndup(dot + 1, strcspn(dot + 1, ".")) : vcl_strdup("");

    out->status = 200;
    out->tree = cJSON_CreateObject();
    if (!out->tree || !major || !minor || !vcl_json_set_string(out->tree, "major", major) ||
        !vcl_json_set_string(out->tree, "minor", minor) ||
        !vcl_json_set_string(out->tree, "gitVersion", at))
        vcl_fake_status(out, 500, "InternalError", "the fake host is out of memory");
}

/* The status of a review that grants everything. */
static const char *grant(const char *plural)
{
    if (vcl_streq(plural, "selfsubjectrulesreviews"))
        return "{resourceRules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}], "
               "nonResourceRules: [{verbs: ['*'], nonResourceURLs: ['*']}], incomplete: false}";
    if (vcl_streq(plural, "selfsubjectreviews"))
        return "{userInfo: {username: fake-admin, groups: ['system:masters', "
               "'system:authenticated']}}";
    return "{allowed: true}";
}

static bool is_review(const vcl_fake_target *target)
{
    const char *group = vcl_str(target->api_version);

    return target->plural && (vcl_starts_with(group, "authorization.k8s.io/") ||
                              vcl_starts_with(group, "authentication.k8s.io/"));
}

/* What was posted, with this status, owned from now on (NULL: memory is short). */
static void answer_created(cJSON *tree, cJSON *status, vcl_fake_answer *out)
{
    out->status = 201;
    out->tree = tree;
    if (!status || !vcl_json_set(tree, "status", status))
        vcl_fake_status(out, 500, "InternalError", "the fake host is out of memory");
}

static cJSON *read_posted(const vcl_buf *body, vcl_fake_answer *out)
{
    cJSON *tree = NULL;

    if (vcl_yaml_parse(vcl_buf_text(body), body->size, &tree, NULL) == 0 && cJSON_IsObject(tree))
        return tree;
    vcl_json_free_secret(tree);
    vcl_fake_status(out, 400, "BadRequest", "the body of the request cannot be read");
    return NULL;
}

static cJSON *status_of(const char *yaml)
{
    cJSON *status = NULL;

    return yaml && vcl_yaml_parse(yaml, strlen(yaml), &status, NULL) == 0 ? status : NULL;
}

static void
answer_review(const vcl_fake *fake, const vcl_buf *body, const char *granted, vcl_fake_answer *out)
{
    cJSON *tree = read_posted(body, out);
    cJSON *status = tree && fake->hooks.review ? fake->hooks.review(fake->hooks.data, tree) : NULL;

    if (tree)
        answer_created(tree, status ? status : status_of(granted), out);
}

/* A token that says what it is; nothing checks it. */
static void answer_token(vcl_world *world,
                         const vcl_fake_request *request,
                         const vcl_fake_target *target,
                         vcl_fake_answer *out)
{
    char until[VCL_RFC3339_SIZE];

    if (!target->object || !vcl_world_find(world, target->object)) {
        vcl_fake_not_found(out, target);
        return;
    }
    cJSON *body = read_posted(&request->body, out);
    if (!body)
        return;
    int64_t seconds = vcl_json_find_int(body, 3600, "spec", "expirationSeconds", NULL);
    if (seconds < 600 || seconds > UINT32_MAX) {
        vcl_json_free_secret(body);
        vcl_fake_status(out, 422, "Invalid",
                        "spec.expirationSeconds: it must be between 10 minutes and 2^32 seconds");
        return;
    }
    vcl_rfc3339(vcl_wall_seconds() + seconds, -1, until);
    vcl_auto_free char *status =
        vcl_format("{token: 'fake-token.%s.%s.%lld', expirationTimestamp: '%s'}",
                   vcl_str(target->namespace_name), target->name, (long long)++world->uids, until);
    answer_created(body, status_of(status), out);
}

static bool is_health(const char *path)
{
    return vcl_streq(path, "/readyz") || vcl_streq(path, "/livez") || vcl_streq(path, "/healthz");
}

bool vcl_fake_handle_general(vcl_fake *fake,
                             vcl_world *world,
                             const vcl_fake_request *request,
                             const vcl_fake_target *target,
                             vcl_fake_answer *out)
{
    vcl_auto_free char *path = vcl_strndup(request->path, strcspn(request->path, "?"));
    bool posts = vcl_streq(request->method, "POST");

    if (vcl_streq(path, "/version"))
        answer_version(world, out);
    else if (vcl_streq(path, "/api") || vcl_streq(path, "/apis"))
        answer_discovery(world, vcl_streq(path, "/api"), out);
    else if (path && is_health(path))
        *out = (vcl_fake_answer){ .status = 200, .text = "ok" };
    else if (posts && is_review(target))
        answer_review(fake, &request->body, grant(target->plural), out);
    else if (posts && vcl_streq(target->subresource, "token"))
        answer_token(world, request, target, out);
    else if (vcl_streq(target->subresource, "log"))
        *out = (vcl_fake_answer){ .status = 200, .text = "" };
    else
        return false;
    return true;
}
