/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of one cluster; see world.h. */
#include "fake/world.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

vcl_world *vcl_world_new(const char *name, const char *kubernetes_version)
{
    vcl_world *world = calloc(1, sizeof(*world));

    if (!world)
        return NULL;
    world->end = &world->objects;
    world->name = vcl_strdup(name);
    world->kubernetes_version = vcl_strdup(kubernetes_version);
    if (!world->name || !world->kubernetes_version) {
        vcl_world_free(world);
        return NULL;
    }
    return world;
}

static void object_free(vcl_fake_object *object)
{
    vcl_json_free_secret(object->tree);
    vcl_json_free_secret(object->applied);
    free(object->path);
    free(object);
}

static void event_done(vcl_fake_event *event)
{
    vcl_json_free_secret(event->tree);
    vcl_json_free_secret(event->old);
    free(event->path);
    *event = (vcl_fake_event){ 0 };
}

void vcl_world_free(vcl_world *world)
{
    if (!world)
        return;
    while (world->objects) {
        vcl_fake_object *next = world->objects->next;
        object_free(world->objects);
        world->objects = next;
    }
    for (size_t i = 0; i < VCL_FAKE_EVENTS; i++)
        event_done(&world->events[i]);
    free(world->name);
    free(world->kubernetes_version);
    free(world);
}

vcl_fake_object *vcl_world_find(vcl_world *world, const char *path)
{
    vcl_fake_object *object = world->objects;

    while (object && !vcl_streq(object->path, path))
        object = object->next;
    return object;
}

bool vcl_world_set_version(cJSON *tree, int64_t version)
{
    char text[24];
    cJSON *metadata = vcl_json_object(tree, "metadata");

    (void)snprintf(text, sizeof(text), "%lld", (long long)version);
    return metadata && vcl_json_set_string(metadata, "resourceVersion", text);
}

/* Takes over what the object was before. An event that cannot be remembered for want of memory ends
 * all watches from before it. */
static void record(vcl_world *world, const char *type, const vcl_fake_object *object, cJSON *old)
{
    vcl_fake_event *slot = &world->events[world->event_count++ % VCL_FAKE_EVENTS];
    vcl_fake_event event = { .type = type,
                             .version = ++world->version,
                             .path = vcl_strdup(object->path),
                             .tree = vcl_json_copy(object->tree),
                             .old = old };

    if (slot->path)
        world->forgotten = slot->version;
    event_done(slot);
    if (!event.path || !event.tree || !vcl_world_set_version(event.tree, event.version)) {
        event_done(&event);
        world->forgotten = world->version;
    }
    *slot = event;
}

/* Whether the two differ in something else than what the server itself says of them. */
static bool same_content(const cJSON *a, const cJSON *b)
{
    static const char *const ours[] = { "resourceVersion", "generation", NULL };
    cJSON *x = vcl_json_copy(a);
    cJSON *y = vcl_json_copy(b);

    for (size_t i = 0; ours[i]; i++) {
        vcl_json_remove(vcl_json_get(x, "metadata"), ours[i]);
        vcl_json_remove(vcl_json_get(y, "metadata"), ours[i]);
    }
    bool same = x && y && vcl_json_equal(x, y);
    vcl_json_free_secret(x);
    vcl_json_free_secret(y);
    return same;
}

/* What a generation counts: everything but metadata and status. */
static bool same_wish(const cJSON *a, const cJSON *b)
{
    const cJSON *member;

    cJSON_ArrayForEach (member, a) {
        if (vcl_streq(member->string, "metadata") || vcl_streq(member->string, "status"))
            continue;
        const cJSON *other = vcl_json_get(b, member->string);
        if (!other || !vcl_json_equal(member, other))
            return false;
    }
    return true;
}

static bool set_uid(vcl_world *world, cJSON *metadata)
{
    char uid[64];

    /* As random as the tests that compare them want it: not at all, but different in each world. */
    uint32_t salt = 2166136261U;
    for (const char *c = world->name; *c; c++)
        salt = (salt ^ (unsigned char)*c) * 16777619U;
    (void)snprintf(uid, sizeof(uid), "%08x-0000-4000-8000-%012llx", (unsigned)salt,
                   (unsigned long long)++world->uids);
    return vcl_json_set_string(metadata, "uid", uid);
}

static bool keep(cJSON *metadata, const cJSON *stored, const char *member)
{
    const cJSON *value = vcl_json_find(stored, "metadata", member, NULL);

    return !value || vcl_json_set(metadata, member, vcl_json_copy(value));
}

static bool complete_new(vcl_world *world, cJSON *metadata)
{
    char now[VCL_RFC3339_SIZE];

    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    return (vcl_json_get(metadata, "uid") || set_uid(world, metadata)) &&
           (vcl_json_get(metadata, "creationTimestamp") ||
            vcl_json_set_string(metadata, "creationTimestamp",
                                world->created ? world->created : now)) &&
           vcl_json_set_int(metadata, "generation", 1);
}

bool vcl_world_complete(vcl_world *world, const vcl_fake_object *stored, cJSON *tree)
{
    cJSON *metadata = vcl_json_object(tree, "metadata");

    if (!metadata)
        return false;
    if (!stored)
        return complete_new(world, metadata) && vcl_world_set_version(tree, world->version + 1);
    int64_t generation = vcl_json_find_int(stored->tree, 1, "metadata", "generation", NULL);
    if (!same_wish(tree, stored->tree) || !same_wish(stored->tree, tree))
        generation++;
    return keep(metadata, stored->tree, "uid") &&
           keep(metadata, stored->tree, "creationTimestamp") &&
           keep(metadata, stored->tree, "deletionTimestamp") &&
           vcl_json_set_int(metadata, "generation", generation) &&
           vcl_world_set_version(tree, world->version + 1);
}

vcl_fake_object *vcl_world_store(vcl_world *world, const char *path, cJSON *tree)
{
    vcl_fake_object *stored = vcl_world_find(world, path);
    const char *type = stored ? "MODIFIED" : "ADDED";

    if (!tree || !vcl_world_complete(world, stored, tree)) {
        vcl_json_free_secret(tree);
        return NULL;
    }
    if (stored && same_content(tree, stored->tree)) {
        vcl_json_free_secret(tree);
        return stored;
    }
    if (!stored) {
        stored = calloc(1, sizeof(*stored));
        char *copy = vcl_strdup(path);
        if (!stored || !copy) {
            free(stored);
            free(copy);
            vcl_json_free_secret(tree);
            return NULL;
        }
        stored->path = copy;
        *world->end = stored;
        world->end = &stored->next;
    }
    cJSON *old = stored->tree;
    stored->tree = tree;
    record(world, type, stored, old);
    return stored;
}

void vcl_world_drop(vcl_world *world, vcl_fake_object *object)
{
    vcl_fake_object **slot = &world->objects;

    while (*slot != object)
        slot = &(*slot)->next;
    record(world, "DELETED", object, NULL);
    *slot = object->next;
    if (world->end == &object->next)
        world->end = slot;
    object_free(object);
}

/* In one namespace all but the name is the path; in all, the end is the plural. */
static bool in_collection(const vcl_fake_target *target, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t size = (size_t)(slash - path);
    size_t wanted = strlen(target->collection);
    size_t group = strlen(target->group);
    vcl_auto_free char *tail = vcl_format("/%s", target->plural);

    if (size == wanted && strncmp(path, target->collection, size) == 0)
        return true;
    if (!tail || target->namespace_name || strncmp(path, target->group, group) != 0 ||
        !vcl_starts_with(path + group, "/namespaces/"))
        return false;
    vcl_auto_free char *head = vcl_strndup(path, size);
    /* "/api/v1/namespaces/NS" itself is a namespace, not something in one. */
    return head && vcl_ends_with(head, tail) && strlen(head) > group + strlen("/namespaces/");
}

bool vcl_world_selects(const vcl_fake_target *target, const char *path, const cJSON *tree)
{
    return in_collection(target, path) && vcl_fake_labels_match(target->label_selector, tree) &&
           vcl_fake_fields_match(target->field_selector, tree);
}
