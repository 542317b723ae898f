/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs that store an object: create, replace, patch, apply. */
#include <stdio.h>

#include "base/str.h"
#include "fake/answer.h"
#include "fake/patch.h"

static bool same_version(const cJSON *given, const cJSON *stored)
{
    const char *version = vcl_json_find_string(given, "metadata", "resourceVersion", NULL);

    return vcl_str_empty(version) ||
           vcl_streq(version, vcl_json_find_string(stored, "metadata", "resourceVersion", NULL));
}

/* Whether what is deleted or waits for its finalizers has none left. */
static bool is_finished(const cJSON *tree)
{
    const cJSON *finalizers = vcl_json_find(tree, "metadata", "finalizers", NULL);

    return vcl_json_find(tree, "metadata", "deletionTimestamp", NULL) &&
           cJSON_GetArraySize(finalizers) == 0;
}

/* Show what would be stored. */
static void pretend(const vcl_fake_asked *a, cJSON *tree, int status)
{
    if (vcl_world_complete(a->world, a->stored, tree))
        vcl_fake_show(a, status, tree);
    else
        vcl_fake_no_memory(a->out);
}

/* Store a tree, owned from now on, and answer with it. Returns what is stored; NULL: nothing. */
static vcl_fake_object *keep(const vcl_fake_asked *a, const char *path, cJSON *tree, int status)
{
    vcl_auto_free char *own = vcl_fake_path_of(a->world, tree);
    bool fits = vcl_streq(own, path);

    if (fits && a->fake->hooks.on_write)
        a->fake->hooks.on_write(a->fake->hooks.data, tree);
    if (!fits)
        vcl_fake_status(a->out, 400, "BadRequest",
                        "the kind, name or namespace of the object is not that of the URL");
    else if (a->target->dry_run)
        pretend(a, tree, status);
    if (!fits || a->target->dry_run) {
        vcl_json_free_secret(tree);
        return NULL;
    }
    vcl_fake_object *stored = vcl_world_store(a->world, path, tree);
    if (!stored) {
        vcl_fake_no_memory(a->out);
        return NULL;
    }
    vcl_fake_show(a, status, stored->tree);
    return stored;
}

/* Controllers act after the answer was made, as they would a moment later. */
static void settle(const vcl_fake_asked *a, vcl_fake_object *stored)
{
    if (stored && is_finished(stored->tree))
        vcl_fake_remove(a->fake, a->world, stored);
    else if (stored)
        vcl_fake_written(a->fake, a->world, stored);
}

/* The parts of a new object that the path says, and a name for one that asks for any. */
static bool fill_in(const vcl_fake_asked *a, cJSON *tree)
{
    cJSON *metadata = vcl_json_object(tree, "metadata");
    const char *prefix = vcl_json_find_string(metadata, "generateName", NULL);
    const char *ns = a->target->namespace_name;
    char suffix[8];

    (void)snprintf(suffix, sizeof(suffix), "%05llx",
                   (unsigned long long)(a->world->version & 0xfffff));
    vcl_auto_free char *made = vcl_format("%s%s", vcl_str(prefix), suffix);
    return metadata && made &&
           (vcl_json_get(tree, "kind") || vcl_json_set_string(tree, "kind", a->kind)) &&
           (vcl_json_get(tree, "apiVersion") ||
            vcl_json_set_string(tree, "apiVersion", a->target->api_version)) &&
           (!ns || vcl_json_get(metadata, "namespace") ||
            vcl_json_set_string(metadata, "namespace", ns)) &&
           (vcl_json_get(metadata, "name") || !prefix ||
            vcl_json_set_string(metadata, "name", made));
}

/* Whether new objects may be made where this one shall be; answers if not. */
static bool has_place(const vcl_fake_asked *a, const cJSON *tree)
{
    const char *ns = a->target->namespace_name;
    const char *own = vcl_json_find_string(tree, "metadata", "namespace", NULL);
    vcl_auto_free char *path = vcl_format("/api/v1/namespaces/%s", vcl_str(ns));

    if (vcl_str(own)[0] && !vcl_streq(own, ns)) {
        vcl_fake_status(a->out, 400, "BadRequest",
                        "the namespace of the provided object does not match the namespace sent "
                        "on the request");
        return false;
    }
    if (!ns || a->fake->bare)
        return true;
    const vcl_fake_object *place = path ? vcl_world_find(a->world, path) : NULL;
    if (!place) {
        vcl_auto_free char *message = vcl_format("namespaces \"%s\" not found", ns);
        vcl_fake_status(a->out, 404, "NotFound", vcl_str(message));
    } else if (vcl_json_find(place->tree, "metadata", "deletionTimestamp", NULL)) {
        vcl_fake_refuse(
            a, 403, "Forbidden",
            "is forbidden: unable to create new content in the namespace because it is being "
            "terminated");
        return false;
    }
    return place != NULL;
}

static void create(const vcl_fake_asked *a, const cJSON *body)
{
    cJSON *tree = vcl_json_copy(body);

    if (!tree || !fill_in(a, tree)) {
        vcl_json_free_secret(tree);
        vcl_fake_no_memory(a->out);
        return;
    }
    const char *name = vcl_str(vcl_json_find_string(tree, "metadata", "name", NULL));
    vcl_auto_free char *path = vcl_format("%s/%s", a->target->collection, name);
    if (!path || !*name)
        vcl_fake_status(a->out, 422, "Invalid", "metadata.name: Required value");
    else if (vcl_world_find(a->world, path)) {
        vcl_auto_free char *message =
            vcl_format("%s \"%s\" already exists", a->target->plural, name);
        vcl_fake_status(a->out, 409, "AlreadyExists", vcl_str(message));
    } else if (has_place(a, tree)) {
        settle(a, keep(a, path, vcl_steal(&tree), 201));
    }
    vcl_json_free_secret(tree);
}

static void conflict(const vcl_fake_asked *a)
{
    vcl_fake_refuse(
        a, 409, "Conflict",
        "cannot be changed: the object has been modified; please apply your changes to the "
        "latest version and try again");
}

static void replace(const vcl_fake_asked *a, const cJSON *body)
{
    if (!same_version(body, a->stored->tree)) {
        conflict(a);
        return;
    }
    cJSON *tree = vcl_json_copy(body);
    if (!tree || !fill_in(a, tree)) {
        vcl_json_free_secret(tree);
        vcl_fake_no_memory(a->out);
        return;
    }
    settle(a, keep(a, a->target->object, tree, 200));
}

/* A patch that is no apply. */
static void patch(const vcl_fake_asked *a, const cJSON *body)
{
    const char *why = NULL;
    cJSON *tree = vcl_json_copy(a->stored->tree);
    int done = tree ? 1 : -1;

    if (done > 0 && cJSON_IsArray(body))
        done = vcl_fake_json_patch(tree, body, &why);
    else if (done > 0)
        done = vcl_fake_merge(tree, body) ? 1 : -1;
    if (done < 0)
        vcl_fake_no_memory(a->out);
    else if (done == 0)
        vcl_fake_refuse(a, 422, "Invalid", vcl_str(why));
    else if (!same_version(tree, a->stored->tree))
        conflict(a);
    else
        settle(a, keep(a, a->target->object, vcl_steal(&tree), 200));
    vcl_json_free_secret(tree);
}

static void tell_conflict(const vcl_fake_asked *a, const char *field, const char *manager)
{
    vcl_auto_free char *message =
        vcl_format("Apply failed with 1 conflict: conflict with \"%s\": %s", manager, field);

    vcl_fake_status(a->out, 409, "Conflict", vcl_str(message));
    cJSON *details = a->out->tree ? vcl_json_object(a->out->tree, "details") : NULL;
    cJSON *causes = details ? cJSON_AddArrayToObject(details, "causes") : NULL;
    cJSON *cause = cJSON_CreateObject();
    vcl_auto_free char *text = vcl_format("conflict with \"%s\"", manager);
    if (!causes || !cause || !text || !vcl_json_set_string(cause, "field", field) ||
        !vcl_json_set_string(cause, "reason", "FieldManagerConflict") ||
        !vcl_json_set_string(cause, "message", text)) {
        cJSON_Delete(cause);
        return;
    }
    (void)vcl_json_append(causes, cause);
}

static void remember_applied(vcl_fake_object *stored, const char *manager, const cJSON *body)
{
    if (!stored)
        return;
    if (!stored->applied)
        stored->applied = cJSON_CreateObject();
    if (stored->applied) /* without it the next apply takes nothing away */
        (void)vcl_json_set(stored->applied, manager, vcl_json_copy(body));
}

static void apply(const vcl_fake_asked *a, const cJSON *body)
{
    vcl_fake_apply how = { .applied = a->stored ? a->stored->applied : NULL,
                           .manager = a->target->manager ? a->target->manager : "unknown",
                           .force = a->target->force };
    vcl_auto_free char *field = NULL;
    const char *other = NULL;
    cJSON *tree = a->stored ? vcl_json_copy(a->stored->tree) : cJSON_CreateObject();
    int done = tree && fill_in(a, tree) ? 1 : -1;

    if (done > 0)
        done = vcl_fake_apply_to(tree, body, &how, &field, &other);
    if (done < 0)
        vcl_fake_no_memory(a->out);
    else if (done == 0)
        tell_conflict(a, field, other);
    else if (a->stored && !same_version(body, a->stored->tree))
        conflict(a);
    else if (a->stored || has_place(a, tree)) {
        vcl_fake_object *stored =
            keep(a, a->target->object, vcl_steal(&tree), a->stored ? 200 : 201);
        remember_applied(stored, how.manager, body);
        settle(a, stored);
    }
    vcl_json_free_secret(tree);
}

void vcl_fake_write(const vcl_fake_asked *a, const cJSON *body)
{
    const char *type = vcl_str(a->request->content_type);
    const char *method = a->request->method;
    bool is_apply = vcl_streq(method, "PATCH") && vcl_starts_with(type, "application/apply-patch");

    if (vcl_streq(method, "POST") && !a->target->name)
        create(a, body);
    else if (is_apply && a->target->name)
        apply(a, body);
    else if (!a->stored)
        vcl_fake_not_found(a->out, a->target);
    else if (vcl_streq(method, "POST") && vcl_streq(a->target->subresource, "eviction"))
        vcl_fake_evict(a);
    else if (vcl_streq(method, "PUT"))
        replace(a, body);
    else if (vcl_streq(method, "PATCH"))
        patch(a, body);
    else
        vcl_fake_status(a->out, 405, "MethodNotAllowed",
                        "the server does not allow this method on the requested resource");
}
