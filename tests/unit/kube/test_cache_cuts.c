/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache in front of a server that cuts most of its streams at a random place, forgets its history
 * now and then, and goes on meanwhile. Whatever it loses on the way, each change
 * that is told must follow from the one before, none may be told twice, and in the end all that is
 * must have been told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "kube/watch_private.h"
#include "test_server.h"

enum { NAMES = 12, EVENTS = 800, MAX_STEP = 12, MAX_TEXT = 1 << 20, KEPT = 60 };

/* What happened to one of the objects; the resourceVersion is the place in the history, from 1. */
typedef struct event {
    int name;
    int life; /* which object of that name, from 1 */
    vcl_event_type type;
} event;

/* One object as it is; version 0: it is not there. */
typedef struct form {
    int life;
    int version;
} form;

typedef struct world {
    pthread_mutex_t lock;
    unsigned seed;
    event history[EVENTS];
    int now; /* so many have happened */
    int cuts;
    int expired;
    bool streams; /* it tells a whole state as events */
    form told[NAMES];
} world;

static int pick(world *w, int below)
{
    return rand_r(&w->seed) % below;
}

static void make_history(world *w)
{
    form forms[NAMES] = { { 0 } };

    for (int i = 0; i < EVENTS; i++) {
        form *one = &forms[w->history[i].name = pick(w, NAMES)];
        bool there = one->version > 0;

        w->history[i].type = !there            ? VCL_EVENT_ADDED
                             : pick(w, 3) == 0 ? VCL_EVENT_DELETED
                                               : VCL_EVENT_MODIFIED;
        one->life += !there;
        one->version = w->history[i].type == VCL_EVENT_DELETED ? 0 : i + 1;
        w->history[i].life = one->life;
    }
}

/* All that is after so many events. */
static void replay(const world *w, int count, form forms[NAMES])
{
    memset(forms, 0, NAMES * sizeof(*forms));
    for (int i = 0; i < count; i++) {
        const event *e = &w->history[i];

        forms[e->name] = (form){ e->life, e->type == VCL_EVENT_DELETED ? 0 : i + 1 };
    }
}

/* ---- The server ---- */

static void add_object(vcl_buf *text, int name, int life, int version)
{
    (void)vcl_buf_addf(text,
                       "{\"metadata\":{\"name\":\"o%d\",\"namespace\":\"x\",\"uid\":\"%d\","
                       "\"resourceVersion\":\"%d\"}}",
                       name, life, version);
}

static void add_event(vcl_buf *text, const char *type, int name, int life, int version)
{
    (void)vcl_buf_addf(text, "{\"type\":\"%s\",\"object\":", type);
    add_object(text, name, life, version);
    (void)vcl_buf_add(text, "}\n");
}

static void add_list(const world *w, vcl_buf *text)
{
    form forms[NAMES];
    const char *between = "";

    replay(w, w->now, forms);
    (void)vcl_buf_addf(text, "{\"metadata\":{\"resourceVersion\":\"%d\"},\"items\":[", w->now);
    for (int i = 0; i < NAMES; i++) {
        if (!forms[i].version)
            continue;
        (void)vcl_buf_add(text, between);
        add_object(text, i, forms[i].life, forms[i].version);
        between = ",";
    }
    (void)vcl_buf_add(text, "]}");
}

static void add_state(const world *w, vcl_buf *text)
{
    form forms[NAMES];

    replay(w, w->now, forms);
    for (int i = 0; i < NAMES; i++) {
        if (forms[i].version)
            add_event(text, "ADDED", i, forms[i].life, forms[i].version);
    }
    (void)vcl_buf_addf(text,
                       "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":"
                       "\"%d\",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}}\n",
                       w->now);
}

/* The server keeps the last of its history only. */
static void add_changes(world *w, int since, vcl_buf *text)
{
    static const char *const types[] = { "ADDED", "MODIFIED", "DELETED" };

    if (since < w->now - KEPT) {
        w->expired++;
        (void)vcl_buf_add(text, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"status\":"
                                "\"Failure\",\"reason\":\"Expired\",\"code\":410}}\n");
        return;
    }
    for (int i = since; i < w->now; i++)
        add_event(text, types[w->history[i].type], w->history[i].name, w->history[i].life, i + 1);
}

/* Time passes, now and then more than the history reaches, and so at the end: what is told last is
 * the difference of two whole states. */
static void go_on(world *w)
{
    w->now += pick(w, 20) == 0 ? KEPT + pick(w, KEPT) : pick(w, MAX_STEP);
    if (w->now > EVENTS - 2 * KEPT)
        w->now = EVENTS;
}

static void answer(test_conn *conn, const test_request *request, void *data)
{
    world *w = data;
    const char *since = strstr(request->path, "resourceVersion=");
    bool watch = strstr(request->path, "watch=1") != NULL;
    VCL_AUTO_BUF text;

    vcl_buf_init(&text, MAX_TEXT);
    (void)pthread_mutex_lock(&w->lock);
    go_on(w);
    if (!watch)
        add_list(w, &text);
    else if (since)
        add_changes(w, atoi(since + 16), &text);
    else if (w->streams)
        add_state(w, &text);
    else
        (void)vcl_buf_add(&text, "{\"type\":\"ERROR\",\"object\":{\"code\":500}}\n");
    size_t size = text.size;
    /* A list is asked for again, after a pause; a state that is cut short becomes a list. */
    bool cut = watch && w->now < EVENTS && pick(w, 4) >= (since ? 1 : 3);
    bool hard = pick(w, 2) == 0;
    size_t sent = cut ? (size_t)pick(w, (int)size + 1) : size;
    w->cuts += cut;
    (void)pthread_mutex_unlock(&w->lock);

    (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    if (size > 0) {
        (void)test_conn_printf(conn, "%zx\r\n", size);
        (void)test_conn_write(conn, text.data, sent);
    }
    if (cut) {
        test_conn_close(conn, hard);
        return;
    }
    (void)test_conn_printf(conn, "%s0\r\n\r\n", size > 0 ? "\r\n" : "");
}

/* ---- The client ---- */

static int number_of(const cJSON *object, const char *key)
{
    const char *text = vcl_json_find_string(object, "metadata", key, NULL);

    assert_non_null(text);
    return atoi(text + (*text == 'o'));
}

static void note(world *w, const vcl_cache_change *change)
{
    form *known = &w->told[number_of(change->object, "name")];
    form now = { number_of(change->object, "uid"), number_of(change->object, "resourceVersion") };

    if (change->type == VCL_EVENT_ADDED) {
        assert_int_equal(known->version, 0);
        assert_true(now.life > known->life);
    } else {
        assert_true(known->version > 0);
        assert_int_equal(now.life, known->life);
    }
    if (change->type == VCL_EVENT_MODIFIED)
        assert_true(now.version > known->version);
    *known = (form){ now.life, change->type == VCL_EVENT_DELETED ? 0 : now.version };
}

static bool is_all_told(world *w)
{
    form forms[NAMES];
    bool same = true;

    (void)pthread_mutex_lock(&w->lock);
    replay(w, EVENTS, forms);
    same = w->now == EVENTS;
    (void)pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < NAMES && same; i++)
        same = forms[i].version == w->told[i].version &&
               (!forms[i].version || forms[i].life == w->told[i].life);
    return same;
}

static int compare_kept(const cJSON *object, void *data)
{
    const world *w = data;

    assert_int_equal(number_of(object, "resourceVersion"),
                     w->told[number_of(object, "name")].version);
    return 0;
}

static void watch_to_the_end(world *w, vcl_cache *cache)
{
    vcluster_error *error = NULL;
    vcl_call call;

    vcl_call_init(&call, 60000, 60000, NULL, NULL, NULL);
    while (!is_all_told(w)) {
        vcl_cache_change change;

        /* The pauses between its tries are another test's. */
        cache->watches[0]->retry_at_ms = 0;
        int status = vcl_cache_next(cache, &call, 1, &change, &error);
        if (status < 0)
            fail_msg("%s", vcluster_error_to_string(error));
        if (status == 0)
            continue;
        note(w, &change);
        (void)vcl_cache_each(cache, 0, compare_kept, w);
    }
}

static void run(unsigned seed, bool streams)
{
    world w = { .lock = PTHREAD_MUTEX_INITIALIZER, .seed = seed, .streams = streams };
    const vcl_cache_source source = { .query = { .api_version = "v1", .kind = "Pod" },
                                      .keep = seed % 2 == 0,
                                      .lasting = true };
    test_server *server;
    vcl_kube *kube = NULL;
    vcl_cache *cache = NULL;

    make_history(&w);
    server = test_server_start(&(test_server_options){ .handler = answer, .data = &w });
    vcl_auto_free char *url = vcl_strdup(test_server_url(server));
    vcl_endpoint endpoint = { .server = url };
    assert_int_equal(vcl_kube_new(&endpoint, NULL, NULL, &kube, NULL), 0);
    assert_int_equal(vcl_cache_open(kube, &source, 1, &cache, NULL), 0);
    cache->watches[0]->seconds = 1;
    watch_to_the_end(&w, cache);
    assert_true(w.cuts > 10);
    vcl_cache_close(cache);
    vcl_kube_free(kube);
    test_server_stop(server);
}

static void cuts_lose_and_repeat_nothing(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 2; seed++)
        run(seed, false);
}

static void cuts_of_states_told_as_events_lose_and_repeat_nothing(void **state)
{
    (void)state;
    for (unsigned seed = 3; seed <= 4; seed++)
        run(seed, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_lose_and_repeat_nothing),
        cmocka_unit_test(cuts_of_states_told_as_events_lose_and_repeat_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
