/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A watch: all that is, where the request asks for that, and every change from then on. Behind a
 * version that is forgotten nothing can be told.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "fake/host.h"

/* ---- Bytes ---- */

static bool send_chunk(const vcl_fake_conn *conn, const char *type, const cJSON *tree)
{
    char *text = vcl_json_print(tree);
    VCL_AUTO_BUF out = { 0 };

    vcl_buf_init(&out, VCL_MAX_HTTP_BODY);
    if (text)
        vcl_buf_addf(&out, "%zx\r\n{\"type\":\"%s\",\"object\":%s}\n\r\n",
                     strlen(text) + strlen(type) + strlen("{\"type\":\"\",\"object\":}\n"), type,
                     text);
    bool sent = text && !vcl_buf_failed(&out) && vcl_fake_send(conn, out.data, out.size);
    vcl_free_secret(text);
    return sent;
}

/* An object as it is asked for; an error is told as it is. */
static bool send_event(const vcl_fake_conn *conn,
                       const vcl_fake_request *request,
                       const char *type,
                       const cJSON *tree)
{
    cJSON *form = vcl_streq(type, "ERROR") ? vcl_json_copy(tree) : vcl_fake_form(request, tree);
    bool sent = form && send_chunk(conn, type, form);

    vcl_json_free_secret(form);
    return sent;
}

/* ---- Changes ---- */

/* What a watch is told of an event: what begins to match its selectors is new to it, what no longer
 * does has gone, as it was. NULL: nothing. */
static const char *told_as(const vcl_fake_target *target, const vcl_fake_event *event)
{
    bool is = vcl_world_selects(target, event->path, event->tree);
    bool was = event->old && vcl_world_selects(target, event->path, event->old);

    if (!event->old)
        return is ? event->type : NULL;
    if (is)
        return was ? "MODIFIED" : "ADDED";
    return was ? "DELETED" : NULL;
}

/* The next event that a watch is told of, as a copy; *io_version moves on. NULL: none yet. */
static cJSON *next_event(const vcl_world *world,
                         const vcl_fake_target *target,
                         int64_t *io_version,
                         const char **out_type)
{
    uint64_t first =
        world->event_count > VCL_FAKE_EVENTS ? world->event_count - VCL_FAKE_EVENTS : 0;

    for (uint64_t i = first; i < world->event_count; i++) {
        const vcl_fake_event *event = &world->events[i % VCL_FAKE_EVENTS];
        if (event->version <= *io_version || !event->path)
            continue;
        *io_version = event->version;
        *out_type = told_as(target, event);
        if (!*out_type)
            continue;
        bool gone = event->old && vcl_streq(*out_type, "DELETED");
        cJSON *tree = vcl_json_copy(gone ? event->old : event->tree);
        if (tree && vcl_world_set_version(tree, event->version))
            return tree;
        vcl_json_free_secret(tree);
    }
    return NULL;
}

/* With the lock: what comes next. false: the watch is at its end. */
static bool next_to_tell(vcl_fake_conn *conn,
                         const vcl_fake_target *target,
                         int64_t *io_version,
                         const char **out_type,
                         cJSON **out_tree)
{
    const vcl_world *world = vcl_fake_world(conn->fake, conn->cluster);

    vcl_bell_quiet(&conn->bell);
    *out_tree = NULL;
    if (conn->fake->ending || !world)
        return false;
    if (*io_version < world->forgotten) {
        vcl_fake_answer expired = { 0 };
        vcl_fake_status(&expired, 410, "Expired", "too old resource version");
        *out_type = "ERROR";
        *out_tree = expired.tree;
        *io_version = INT64_MAX; /* and nothing behind it */
        return true;
    }
    *out_tree = next_event(world, target, io_version, out_type);
    return true;
}

static bool wait_for_more(const vcl_fake_conn *conn)
{
    struct pollfd ways[] = { { .fd = conn->fd, .events = POLLRDHUP },
                             { .fd = conn->bell.read_fd, .events = POLLIN } };

    while (poll(ways, 2, -1) < 0 && errno == EINTR)
        ;
    return ways[0].revents == 0;
}

/* ---- The state ---- */

/* What says that the state has been told. */
static cJSON *bookmark(const char *kind, const char *api_version, int64_t version)
{
    cJSON *tree = cJSON_CreateObject();
    cJSON *metadata = tree ? vcl_json_object(tree, "metadata") : NULL;
    cJSON *annotations = metadata ? vcl_json_object(metadata, "annotations") : NULL;

    if (annotations && vcl_json_set_string(tree, "kind", kind) &&
        vcl_json_set_string(tree, "apiVersion", api_version) &&
        vcl_json_set_string(annotations, "k8s.io/initial-events-end", "true") &&
        vcl_world_set_version(tree, version))
        return tree;
    cJSON_Delete(tree);
    return NULL;
}

/* With the lock: copies of all that is selected now, and the bookmark where that is asked for.
 * NULL: memory is short, or the cluster has gone. */
static cJSON *copy_state(vcl_fake_conn *conn, const vcl_fake_target *target, int64_t *out_version)
{
    vcl_world *world = vcl_fake_world(conn->fake, conn->cluster);
    cJSON *items = world ? cJSON_CreateArray() : NULL;
    bool good = items != NULL;

    for (const vcl_fake_object *o = good ? world->objects : NULL; good && o; o = o->next) {
        if (vcl_world_selects(target, o->path, o->tree))
            good = vcl_json_append(items, vcl_json_copy(o->tree));
    }
    if (good && target->initial)
        good = vcl_json_append(
            items, bookmark(vcl_fake_kind(world, target->api_version, target->plural, NULL),
                            target->api_version, world->version));
    if (good) {
        *out_version = world->version;
        return items;
    }
    vcl_json_free_secret(items);
    return NULL;
}

static bool send_state(vcl_fake_conn *conn,
                       const vcl_fake_request *request,
                       const vcl_fake_target *target,
                       int64_t *out_version)
{
    const cJSON *item;

    (void)pthread_mutex_lock(&conn->fake->lock);
    cJSON *items = copy_state(conn, target, out_version);
    (void)pthread_mutex_unlock(&conn->fake->lock);
    bool sent = items != NULL;
    cJSON_ArrayForEach (item, items) {
        const char *type = target->initial && !item->next ? "BOOKMARK" : "ADDED";
        sent = sent && send_event(conn, request, type, item);
    }
    vcl_json_free_secret(items);
    return sent;
}

/* ---- The watch ---- */

/* Changes behind a version, until the connection or the fake ends. */
static void send_changes(vcl_fake_conn *conn,
                         const vcl_fake_request *request,
                         const vcl_fake_target *target,
                         int64_t version)
{
    vcl_fake *fake = conn->fake;
    bool goes_on = true;

    while (goes_on && version != INT64_MAX) {
        const char *type = NULL;
        VCL_AUTO_JSON *tree = NULL;

        (void)pthread_mutex_lock(&fake->lock);
        goes_on = next_to_tell(conn, target, &version, &type, &tree);
        (void)pthread_mutex_unlock(&fake->lock);
        if (tree)
            goes_on = send_event(conn, request, type, tree);
        else if (goes_on)
            goes_on = wait_for_more(conn);
    }
}

void vcl_fake_watch(vcl_fake_conn *conn,
                    const vcl_fake_request *request,
                    const vcl_fake_target *target)
{
    static const char head[] = "HTTP/1.1 200 Answer\r\nContent-Type: application/json\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    int64_t version = target->since;

    if (!vcl_fake_send(conn, head, sizeof(head) - 1))
        return;
    if ((target->initial || version <= 0) && !send_state(conn, request, target, &version))
        return;
    send_changes(conn, request, target, version);
}
