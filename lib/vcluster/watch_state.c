/* SPDX-License-Identifier: Apache-2.0 */
/* What a watch of virtual clusters knows; see watch_state.h. */
#include "vcluster/watch_state.h"

#include <string.h>

#include "base/str.h"

enum { MAX_WATCHED = 200000 };

void vcl_watch_state_init(vcl_watch_state *state)
{
    *state = (vcl_watch_state){ 0 };
    for (int k = 0; k < VCL_WATCH_KINDS; k++)
        state->known[k] = true;
}

static void done_watched(vcl_watched *item)
{
    vcl_instance_done(&item->current);
    vcluster_instance_free(item->told);
    free(item->uid);
    free(item->told_uid);
}

static void done_part(vcl_watched_part *item)
{
    vcl_instance_part_done(&item->part);
    free(item->object);
}

void vcl_watch_state_done(vcl_watch_state *state)
{
    for (size_t i = 0; i < state->count; i++)
        done_watched(&state->items[i]);
    for (size_t i = 0; i < state->part_count; i++)
        done_part(&state->parts[i]);
    free(state->items);
    free(state->parts);
    *state = (vcl_watch_state){ 0 };
}

/* ---- Sorted arrays ---- */

static int compare_watched(const vcl_watched *item,
                           const char *namespace_name,
                           const char *name,
                           const char *workload_kind)
{
    const vcluster_instance *left = item->current.name ? &item->current : item->told;
    int order = strcmp(left->namespace_name, namespace_name);

    if (order == 0)
        order = strcmp(left->name, name);
    return order ? order : strcmp(left->workload_kind, workload_kind);
}

static int compare_parts(const vcl_watched_part *a, const vcl_watched_part *b)
{
    int order = strcmp(a->part.namespace_name, b->part.namespace_name);

    if (order == 0)
        order = strcmp(a->part.name, b->part.name);
    if (order == 0) /* a sleeping one's pods run: Secrets first */
        order = (a->kind == VCL_WATCH_PODS) - (b->kind == VCL_WATCH_PODS);
    return order ? order : strcmp(a->object, b->object);
}

/* The first part that does not stand before key. */
static size_t find_part(const vcl_watch_state *state, const vcl_watched_part *key)
{
    size_t low = 0;
    size_t high = state->part_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_parts(&state->parts[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t find_watched(const vcl_watch_state *state,
                           const char *namespace_name,
                           const char *name,
                           const char *workload_kind)
{
    size_t low = 0;
    size_t high = state->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_watched(&state->items[middle], namespace_name, name, workload_kind) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Make room for one more element at index; NULL when memory is short. */
static void *open_gap(void **array, size_t *count, size_t index, size_t size)
{
    size_t used = *count;

    if (used >= MAX_WATCHED)
        return NULL;
    if (!(used & (used - 1))) { /* doubling at powers of two */
        void *grown = realloc(*array, (used ? used * 2 : 1) * size);
        if (!grown)
            return NULL;
        *array = grown;
    }
    char *at = (char *)*array + index * size;
    memmove(at + size, at, (used - index) * size);
    memset(at, 0, size);
    (*count)++;
    return at;
}

static void close_gap(void *array, size_t *count, size_t index, size_t size)
{
    char *at = (char *)array + index * size;

    memmove(at, at + size, (*count - index - 1) * size);
    (*count)--;
}

/* ---- Changes ---- */

static void mark(vcl_watch_state *state, vcl_watched *item)
{
    state->dirty_count += !item->dirty;
    item->dirty = true;
}

/* All workloads of one virtual cluster. */
static void mark_name(vcl_watch_state *state, const char *namespace_name, const char *name)
{
    for (size_t i = find_watched(state, namespace_name, name, ""); i < state->count; i++) {
        vcl_watched *item = &state->items[i];
        const vcluster_instance *known = item->current.name ? &item->current : item->told;

        if (!vcl_streq(known->namespace_name, namespace_name) || !vcl_streq(known->name, name))
            return;
        mark(state, item);
    }
}

static const char *metadata(const cJSON *object, const char *key)
{
    return vcl_str(vcl_json_find_string(object, "metadata", key, NULL));
}

/* Take over what a workload is now. */
static int put_workload(vcl_watch_state *state,
                        vcluster_instance *made,
                        const char *uid,
                        vcluster_error **error)
{
    size_t index = find_watched(state, made->namespace_name, made->name, made->workload_kind);
    vcl_auto_free char *copy = vcl_strdup(uid);
    vcl_watched *item = index < state->count ? &state->items[index] : NULL;

    if (!copy)
        return vcl_no_memory(error);
    if (!item ||
        compare_watched(item, made->namespace_name, made->name, made->workload_kind) != 0) {
        void *array = state->items;
        item = open_gap(&array, &state->count, index, sizeof(*item));
        state->items = array;
        if (!item)
            return vcl_no_memory(error);
    }
    vcl_instance_done(&item->current);
    free(item->uid);
    item->current = *made;
    item->uid = vcl_steal(&copy);
    *made = (vcluster_instance){ 0 };
    mark(state, item);
    return VCLUSTER_OK;
}

/* A workload that has gone may be told without its labels: its uid says which it was. keep (may be
 * NULL) is what it is called now. */
static void drop_workload(vcl_watch_state *state, const char *uid, const vcluster_instance *keep)
{
    for (size_t i = 0; i < state->count; i++) {
        vcl_watched *item = &state->items[i];

        if (!item->current.name || !vcl_streq(item->uid, uid) ||
            (keep && vcl_streq(item->current.name, keep->name)))
            continue;
        if (!item->told) { /* it came and went before anything was told */
            state->dirty_count -= item->dirty;
            done_watched(item);
            close_gap(state->items, &state->count, i, sizeof(*item));
            return;
        }
        vcl_instance_done(&item->current);
        item->current = (vcluster_instance){ 0 };
        mark(state, item);
        return;
    }
}

static int note_workload(vcl_watch_state *state,
                         vcl_watch_kind kind,
                         vcl_event_type type,
                         const cJSON *object,
                         vcluster_error **error)
{
    const char *uid = metadata(object, "uid");
    vcluster_instance made = { 0 };

    if (type == VCL_EVENT_DELETED) {
        drop_workload(state, uid, NULL);
        return VCLUSTER_OK;
    }
    int status = vcl_compose_workload(
        object, kind == VCL_WATCH_DEPLOYMENTS ? "Deployment" : "StatefulSet", &made, error);
    if (status < 0)
        return status;
    if (type == VCL_EVENT_MODIFIED) /* its label may be another one, or none */
        drop_workload(state, uid, status > 0 ? &made : NULL);
    if (status == 0)
        return VCLUSTER_OK;
    status = put_workload(state, &made, uid, error);
    vcl_instance_done(&made);
    return status;
}

/* Remove what the object of that name added; its place is not known where its labels changed. */
static void drop_part(vcl_watch_state *state,
                      vcl_watch_kind kind,
                      const char *namespace_name,
                      const char *object)
{
    for (size_t i = 0; i < state->part_count; i++) {
        vcl_watched_part *item = &state->parts[i];

        if (item->kind != kind || strcmp(item->object, object) != 0 ||
            strcmp(item->part.namespace_name, namespace_name) != 0)
            continue;
        mark_name(state, namespace_name, item->part.name);
        done_part(item);
        close_gap(state->parts, &state->part_count, i, sizeof(*item));
        return;
    }
}

static int put_part(vcl_watch_state *state, vcl_watched_part *made, vcluster_error **error)
{
    size_t index = find_part(state, made);
    void *array = state->parts;
    vcl_watched_part *item = open_gap(&array, &state->part_count, index, sizeof(*item));

    state->parts = array;
    if (!item)
        return vcl_no_memory(error);
    *item = *made;
    mark_name(state, made->part.namespace_name, made->part.name);
    *made = (vcl_watched_part){ 0 };
    return VCLUSTER_OK;
}

static int note_part(vcl_watch_state *state,
                     vcl_watch_kind kind,
                     vcl_event_type type,
                     const cJSON *object,
                     vcluster_error **error)
{
    vcl_watched_part made = { .kind = kind };
    int status = 0;

    if (type != VCL_EVENT_ADDED)
        drop_part(state, kind, metadata(object, "namespace"), metadata(object, "name"));
    if (type != VCL_EVENT_DELETED)
        status = kind == VCL_WATCH_PODS ? vcl_compose_pod(object, &made.part, error)
                                        : vcl_compose_secret(object, &made.part, error);
    if (status <= 0)
        return status;
    made.object = vcl_strdup(metadata(object, "name"));
    status = made.object ? put_part(state, &made, error) : vcl_no_memory(error);
    done_part(&made);
    return status;
}

int vcl_watch_state_note(vcl_watch_state *state,
                         vcl_watch_kind kind,
                         vcl_event_type type,
                         const cJSON *object,
                         vcluster_error **error)
{
    return kind == VCL_WATCH_STATEFUL_SETS || kind == VCL_WATCH_DEPLOYMENTS
               ? note_workload(state, kind, type, object, error)
               : note_part(state, kind, type, object, error);
}

void vcl_watch_state_hide(vcl_watch_state *state, vcl_watch_kind kind)
{
    state->known[kind] = false;
    for (size_t i = state->part_count; i > 0; i--) {
        if (state->parts[i - 1].kind != kind)
            continue;
        done_part(&state->parts[i - 1]);
        close_gap(state->parts, &state->part_count, i - 1, sizeof(*state->parts));
    }
    for (size_t i = 0; i < state->count; i++)
        mark(state, &state->items[i]);
}

/* ---- Telling ---- */

static bool join_parts(const vcl_watch_state *state, vcluster_instance *instance)
{
    static char first[] = "";
    vcl_watched_part key = { .object = first,
                             .kind = VCL_WATCH_SECRETS,
                             .part = { .namespace_name = instance->namespace_name,
                                       .name = instance->name } };

    for (size_t i = find_part(state, &key); i < state->part_count; i++) {
        const vcl_instance_part *part = &state->parts[i].part;

        if (!vcl_streq(part->namespace_name, instance->namespace_name) ||
            !vcl_streq(part->name, instance->name))
            break;
        if (!vcl_compose_join(instance, part))
            return false;
    }
    return vcl_compose_finish(instance, state->known[VCL_WATCH_PODS],
                              state->known[VCL_WATCH_SECRETS]);
}

static vcluster_instance *compute(const vcl_watch_state *state, const vcluster_instance *workload)
{
    vcluster_instance *instance = vcl_instance_copy(workload);

    if (instance && join_parts(state, instance))
        return instance;
    vcluster_instance_free(instance);
    return NULL;
}

static bool same(const vcluster_instance *a, const vcluster_instance *b)
{
    return a->ready == b->ready && a->replicas == b->replicas && a->guarded == b->guarded &&
           a->paused == b->paused && a->created == b->created && vcl_streq(a->status, b->status) &&
           vcl_streq(a->version, b->version) && vcl_streq(a->note, b->note) &&
           a->expires_at == b->expires_at && vcl_streq(a->owner, b->owner) &&
           vcl_streq(a->distribution, b->distribution) &&
           vcl_streq(a->kubernetes_version, b->kubernetes_version);
}

/* What was told has gone, or another one of its name has come. */
static int
tell_removed(vcl_watch_state *state, size_t index, int *out_event, vcluster_instance **out_instance)
{
    vcl_watched *item = &state->items[index];

    *out_event = VCLUSTER_INSTANCE_REMOVED;
    *out_instance = vcl_steal(&item->told);
    if (!item->current.name) {
        state->dirty_count -= item->dirty;
        done_watched(item);
        close_gap(state->items, &state->count, index, sizeof(*item));
    }
    return 1;
}

static int tell_item(vcl_watch_state *state,
                     size_t index,
                     int *out_event,
                     vcluster_instance **out_instance,
                     vcluster_error **error)
{
    vcl_watched *item = &state->items[index];

    if (item->told && (!item->current.name || !vcl_streq(item->uid, item->told_uid)))
        return tell_removed(state, index, out_event, out_instance);

    VCL_AUTO_PTR(vcluster_instance) now = compute(state, &item->current);
    if (!now)
        return vcl_no_memory(error);
    if (item->told && same(item->told, now)) {
        item->dirty = false;
        state->dirty_count--;
        return 0;
    }
    VCL_AUTO_PTR(vcluster_instance) copy = vcl_instance_copy(now);
    if (!copy || !vcl_str_replace(&item->told_uid, item->uid))
        return vcl_no_memory(error);
    *out_event = item->told ? VCLUSTER_INSTANCE_CHANGED : VCLUSTER_INSTANCE_ADDED;
    *out_instance = vcl_steal(&copy);
    vcluster_instance_free(item->told);
    item->told = vcl_steal(&now);
    item->dirty = false;
    state->dirty_count--;
    return 1;
}

int vcl_watch_state_tell(vcl_watch_state *state,
                         int *out_event,
                         vcluster_instance **out_instance,
                         vcluster_error **error)
{
    for (size_t i = 0; i < state->count && state->dirty_count > 0; i++) {
        if (!state->items[i].dirty)
            continue;
        int status = tell_item(state, i, out_event, out_instance, error);
        if (status != 0)
            return status;
    }
    return 0;
}
