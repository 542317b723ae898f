/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs on resources: get, list, create, replace, patch, apply, delete. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "data/yaml.h"
#include "fake/host.h"
#include "fake/patch.h"

/* What the verbs of one request share. */
typedef struct asked {
    vcl_fake *fake;
    vcl_world *world;
    const vcl_fake_request *request;
    const vcl_fake_target *target;
    const char *kind;
    vcl_fake_object *stored; /* NULL: none, or the collection is meant */
    vcl_fake_answer *out;
} asked;

/* ---- Statuses ---- */

void vcl_fake_status(vcl_fake_answer *out, int status, const char *reason, const char *message)
{
    cJSON *tree = cJSON_CreateObject();
    bool made =
        tree && vcl_json_set_string(tree, "kind", "Status") &&
        vcl_json_set_string(tree, "apiVersion", "v1") && vcl_json_object(tree, "metadata") &&
        vcl_json_set_string(tree, "status", status < 300 ? "Success" : "Failure") &&
        vcl_json_set_string(tree, "message", message) &&
        vcl_json_set_string(tree, "reason", reason) && vcl_json_set_int(tree, "code", status);

    cJSON_Delete(out->tree);
    out->tree = NULL;
    out->status = status;
    if (made)
        out->tree = tree;
    else
        cJSON_Delete(tree);
}

static void no_memory(vcl_fake_answer *out)
{
    vcl_fake_status(out, 500, "InternalError", "the fake host is out of memory");
}

static void refuse(const asked *a, int status, const char *reason, const char *what)
{
    vcl_auto_free char *message =
        vcl_format("%s \"%s\" %s", a->target->plural, vcl_str(a->target->name), what);

    vcl_fake_status(a->out, status, reason, vcl_str(message));
}

void vcl_fake_not_found(vcl_fake_answer *out, const vcl_fake_target *target)
{
    vcl_auto_free char *message =
        target->name ? vcl_format("%s \"%s\" not found", target->plural, target->name) : NULL;
    vcl_fake_status(out, 404, "NotFound",
                    message ? message : "the server could not find the requested resource");
}

/* The object as the answer. */
static void show(const asked *a, int status, const cJSON *tree)
{
    a->out->status = status;
    a->out->tree = vcl_json_copy(tree);
    if (!a->out->tree)
        no_memory(a->out);
}

/* ---- Reading ---- */

/* Only metadata, where that is asked for. */
static cJSON *form(const asked *a, const cJSON *tree)
{
    if (!strstr(vcl_str(a->request->accept), "as=PartialObjectMetadata"))
        return vcl_json_copy(tree);
    cJSON *partial = cJSON_CreateObject();
    if (partial && vcl_json_set_string(partial, "kind", "PartialObjectMetadata") &&
        vcl_json_set_string(partial, "apiVersion", "meta.k8s.io/v1") &&
        vcl_json_set(partial, "metadata", vcl_json_copy(vcl_json_get(tree, "metadata"))))
        return partial;
    cJSON_Delete(partial);
    return NULL;
}

static void get(const asked *a)
{
    a->out->status = 200;
    a->out->tree = form(a, a->stored->tree);
    if (!a->out->tree)
        no_memory(a->out);
}

static bool set_number(cJSON *metadata, const char *key, int64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%lld", (long long)number);
    return vcl_json_set_string(metadata, key, text);
}

/* The items, `limit` of them behind those that the token counts. false: memory is short. */
static bool add_items(const asked *a, cJSON *items, cJSON *metadata)
{
    int64_t skip = 0;
    int64_t seen = 0;

    (void)vcl_parse_i64(a->target->continue_token, &skip);
    for (const vcl_fake_object *o = a->world->objects; o; o = o->next) {
        if (!vcl_world_selects(a->target, o->path, o->tree) || seen++ < skip)
            continue;
        if (a->target->limit > 0 && seen > skip + a->target->limit)
            return set_number(metadata, "continue", skip + a->target->limit);
        if (!vcl_json_append(items, form(a, o->tree)))
            return false;
    }
    return true;
}

static void list(const asked *a)
{
    cJSON *tree = cJSON_CreateObject();
    vcl_auto_free char *kind = vcl_format("%sList", a->kind);
    cJSON *metadata = tree ? vcl_json_object(tree, "metadata") : NULL;
    cJSON *items = tree ? cJSON_AddArrayToObject(tree, "items") : NULL;

    a->out->status = 200;
    a->out->tree = tree;
    if (!kind || !metadata || !items || !vcl_json_set_string(tree, "kind", kind) ||
        !vcl_json_set_string(tree, "apiVersion", a->target->api_version) ||
        !set_number(metadata, "resourceVersion", a->world->version) ||
        !add_items(a, items, metadata))
        no_memory(a->out);
}

/* ---- Writing ---- */

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

/* Store a tree, owned from now on, and answer with it. Returns what is stored; NULL: nothing. */
static vcl_fake_object *keep(const asked *a, const char *path, cJSON *tree, int status)
{
    if (a->target->dry_run) {
        if (vcl_world_complete(a->world, a->stored, tree))
            show(a, status, tree);
        else
            no_memory(a->out);
        vcl_json_free_secret(tree);
        return NULL;
    }
    vcl_fake_object *stored = vcl_world_store(a->world, path, tree);
    if (!stored) {
        no_memory(a->out);
        return NULL;
    }
    show(a, status, stored->tree);
    return stored;
}

/* Controllers act after the answer was made, as they would a moment later. */
static void settle(const asked *a, vcl_fake_object *stored)
{
    if (stored && is_finished(stored->tree))
        vcl_fake_remove(a->fake, a->world, stored);
    else if (stored)
        vcl_fake_written(a->fake, a->world, stored);
}

/* The parts of a new object that the path says, and a name for one that asks for any. */
static bool fill_in(const asked *a, cJSON *tree)
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
static bool has_place(const asked *a, const cJSON *tree)
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
        refuse(a, 403, "Forbidden",
               "is forbidden: unable to create new content in the namespace because it is being "
               "terminated");
        return false;
    }
    return place != NULL;
}

static void create(const asked *a, const cJSON *body)
{
    cJSON *tree = vcl_json_copy(body);

    if (!tree || !fill_in(a, tree)) {
        vcl_json_free_secret(tree);
        no_memory(a->out);
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

static void conflict(const asked *a)
{
    refuse(a, 409, "Conflict",
           "cannot be changed: the object has been modified; please apply your changes to the "
           "latest version and try again");
}

static void replace(const asked *a, const cJSON *body)
{
    if (!same_version(body, a->stored->tree)) {
        conflict(a);
        return;
    }
    cJSON *tree = vcl_json_copy(body);
    if (!tree || !fill_in(a, tree)) {
        vcl_json_free_secret(tree);
        no_memory(a->out);
        return;
    }
    settle(a, keep(a, a->target->object, tree, 200));
}

/* A patch that is no apply. */
static void patch(const asked *a, const cJSON *body)
{
    const char *why = NULL;
    cJSON *tree = vcl_json_copy(a->stored->tree);
    int done = tree ? 1 : -1;

    if (done > 0 && cJSON_IsArray(body))
        done = vcl_fake_json_patch(tree, body, &why);
    else if (done > 0)
        done = vcl_fake_merge(tree, body) ? 1 : -1;
    if (done < 0)
        no_memory(a->out);
    else if (done == 0)
        refuse(a, 422, "Invalid", vcl_str(why));
    else if (!same_version(tree, a->stored->tree))
        conflict(a);
    else
        settle(a, keep(a, a->target->object, vcl_steal(&tree), 200));
    vcl_json_free_secret(tree);
}

static void tell_conflict(const asked *a, const char *field, const char *manager)
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

static void apply(const asked *a, const cJSON *body)
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
        no_memory(a->out);
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

/* ---- Deleting ---- */

static bool meets(const cJSON *conditions, const cJSON *tree, const char *member)
{
    const char *wanted = vcl_json_find_string(conditions, member, NULL);

    return !wanted || vcl_streq(wanted, vcl_json_find_string(tree, "metadata", member, NULL));
}

/* What has finalizers stays until they are gone. */
static void mark_deleted(const asked *a, vcl_fake_object *stored)
{
    cJSON *tree = vcl_json_copy(stored->tree);
    char now[VCL_RFC3339_SIZE];

    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    if (tree && !vcl_json_find(tree, "metadata", "deletionTimestamp", NULL) &&
        vcl_json_set_string(vcl_json_object(tree, "metadata"), "deletionTimestamp", now))
        (void)vcl_world_store(a->world, stored->path, vcl_steal(&tree));
    cJSON_Delete(tree);
}

static void delete_stored(const asked *a, vcl_fake_object *stored)
{
    if (cJSON_GetArraySize(vcl_json_find(stored->tree, "metadata", "finalizers", NULL)) > 0)
        mark_deleted(a, stored);
    else
        vcl_fake_remove(a->fake, a->world, stored);
}

static void delete_one(const asked *a, const cJSON *options)
{
    const cJSON *conditions = vcl_json_get(options, "preconditions");

    if (!meets(conditions, a->stored->tree, "uid") ||
        !meets(conditions, a->stored->tree, "resourceVersion")) {
        refuse(a, 409, "Conflict", "cannot be deleted: a precondition failed");
        return;
    }
    show(a, 200, a->stored->tree);
    if (!a->target->dry_run)
        delete_stored(a, a->stored);
}

static void delete_all(const asked *a)
{
    vcl_fake_object *o = a->world->objects;

    list(a);
    while (o && a->out->status == 200) {
        bool wanted = vcl_world_selects(a->target, o->path, o->tree) &&
                      !vcl_json_find(o->tree, "metadata", "deletionTimestamp", NULL);
        if (wanted)
            delete_stored(a, o);
        o = wanted ? a->world->objects : o->next; /* others may have gone along */
    }
}

/* ---- The verb ---- */

static void write_object(const asked *a, const cJSON *body)
{
    const char *type = vcl_str(a->request->content_type);
    const char *method = a->request->method;
    bool is_apply = vcl_streq(method, "PATCH") && vcl_starts_with(type, "application/apply-patch");

    if (vcl_streq(method, "POST"))
        create(a, body);
    else if (is_apply && a->target->name)
        apply(a, body);
    else if (!a->stored)
        vcl_fake_not_found(a->out, a->target);
    else if (vcl_streq(method, "PUT"))
        replace(a, body);
    else if (vcl_streq(method, "PATCH"))
        patch(a, body);
    else
        vcl_fake_status(a->out, 405, "MethodNotAllowed",
                        "the server does not allow this method on the requested resource");
}

/* Clients of this library send JSON whatever they call it; others may send YAML. */
static bool read_sent(const vcl_buf *sent, cJSON **out_body)
{
    return sent->size == 0 || vcl_json_parse(vcl_buf_text(sent), sent->size, out_body, NULL) == 0 ||
           vcl_yaml_parse(vcl_buf_text(sent), sent->size, out_body, NULL) == 0;
}

static void write_or_delete(const asked *a)
{
    VCL_AUTO_JSON *body = NULL;
    bool deletes = vcl_streq(a->request->method, "DELETE");

    if (!read_sent(&a->request->body, &body))
        vcl_fake_status(a->out, 400, "BadRequest", "the body of the request cannot be read");
    else if (deletes && !a->target->name)
        delete_all(a);
    else if (deletes && !a->stored)
        vcl_fake_not_found(a->out, a->target);
    else if (deletes)
        delete_one(a, body);
    else if (!cJSON_IsObject(body) && !cJSON_IsArray(body))
        vcl_fake_status(a->out, 400, "BadRequest", "the request has no body");
    else
        write_object(a, body);
}

/* The scale of a workload and the status of anything are parts of it; more there is not. */
static bool is_served(const vcl_fake_target *target)
{
    return !target->subresource || vcl_streq(target->subresource, "status") ||
           vcl_streq(target->subresource, "finalize");
}

void vcl_fake_handle(vcl_fake *fake,
                     vcl_world *world,
                     const vcl_fake_request *request,
                     const vcl_fake_target *target,
                     vcl_fake_answer *out)
{
    asked a = { .fake = fake, .world = world, .request = request, .target = target, .out = out };

    if (vcl_fake_handle_general(world, request, target, out))
        return;
    a.kind = target->plural ? vcl_fake_kind(world, target->api_version, target->plural, NULL) : "";
    if (target->object)
        a.stored = vcl_world_find(world, target->object);
    if (!*a.kind)
        vcl_fake_status(out, 404, "NotFound", "the server could not find the requested resource");
    else if (!is_served(target))
        vcl_fake_status(out, 501, "NotImplemented", "the fake host does not serve this");
    else if (!vcl_streq(request->method, "GET"))
        write_or_delete(&a);
    else if (!target->name)
        list(&a);
    else if (a.stored)
        get(&a);
    else
        vcl_fake_not_found(out, target);
}
