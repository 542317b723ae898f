/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cache adds to a watch: the whole state as events where the server tells it so, objects
 * that stay, sources that may be missing, and a server that wants to be left alone.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "kube/watch_private.h"
#include "watch_script.h"

#define END                                                                                        \
    EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"5\",\"annotations\":{"                 \
                      "\"k8s.io/initial-events-end\":\"true\"}}}")
#define NO_PROGRESS                                                                                \
    "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"InternalError\",\"code\":500,"       \
    "\"message\":\"the required storage feature is disabled\"}"

/* ---- The whole state as events ---- */

static void whole_state_comes_as_events(void **state)
{
    script plan = { .watches = {
                        { .body = EVENT("ADDED", OBJECT("a", "2")) EVENT("ADDED", OBJECT("b", "1"))
                              END EVENT("MODIFIED", OBJECT("b", "6")) },
                    } };
    fixture f;

    (void)state;
    open_source(&f, &plan, false, true);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect(&f, VCL_EVENT_ADDED, "b");
    assert_false(vcl_cache_synced(f.cache));
    expect(&f, VCL_EVENT_MODIFIED, "b");
    assert_true(vcl_cache_synced(f.cache));
    assert_int_equal(plan.list_count, 0);
    assert_int_equal(plan.watch_count, 1);
    close_fixture(&f);
}

/* The state may change while it is told. */
static void changes_between_the_first_events_are_told(void **state)
{
    script plan = { .watches = { { .body = EVENT("ADDED", OBJECT("a", "2"))
                                       EVENT("ADDED", OBJECT("b", "1"))
                                           EVENT("DELETED", OBJECT("a", "3")) END } } };
    fixture f;

    (void)state;
    open_source(&f, &plan, false, true);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect(&f, VCL_EVENT_ADDED, "b");
    expect(&f, VCL_EVENT_DELETED, "a");
    expect_nothing(&f);
    assert_true(vcl_cache_synced(f.cache));
    close_fixture(&f);
}

static void new_state_as_events_tells_the_difference(void **state)
{
    script plan = {
        .watches = { { .body = EVENT("ADDED", OBJECT("a", "1")) EVENT("ADDED", OBJECT("b", "2"))
                           END EVENT("ERROR", EXPIRED),
                       .then = END_STREAM },
                     { .body = EVENT("ADDED", OBJECT("b", "2")) EVENT("ADDED", OBJECT("c", "4"))
                           END } },
    };
    fixture f;

    (void)state;
    open_source(&f, &plan, false, true);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect(&f, VCL_EVENT_ADDED, "b");
    expect(&f, VCL_EVENT_ADDED, "c");
    expect(&f, VCL_EVENT_DELETED, "a");
    expect_nothing(&f);
    assert_int_equal(plan.initial_count, 2);
    assert_int_equal(plan.list_count, 0);
    close_fixture(&f);
}

/* Half a state does not say what has gone: it is not taken for the whole one. */
static void state_that_is_cut_short_is_listed(void **state)
{
    static const watch_end cuts[] = { END_STREAM, RESET, CUT };

    (void)state;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        script plan = { .lists = { LIST("7", OBJECT("b", "2") "," OBJECT("c", "3")) },
                        .watches = { { .body = EVENT("ADDED", OBJECT("a", "1"))
                                           EVENT("ADDED", OBJECT("b", "2")),
                                       .then = cuts[i] },
                                     { .body = NULL } } };
        fixture f;

        open_source(&f, &plan, false, true);
        expect(&f, VCL_EVENT_ADDED, "a");
        expect(&f, VCL_EVENT_ADDED, "b");
        assert_false(vcl_cache_synced(f.cache));
        expect(&f, VCL_EVENT_ADDED, "c"); /* b came twice, and is told once */
        expect(&f, VCL_EVENT_DELETED, "a");
        expect_nothing(&f);
        assert_string_equal(plan.last_version, "7");
        assert_int_equal(plan.initial_count, 1);
        close_fixture(&f);
    }
}

static void state_without_an_end_is_listed(void **state)
{
    script plan = { .lists = { LIST("7", OBJECT("a", "1") "," OBJECT("b", "2")) },
                    .watches = { { .body = EVENT("ADDED", OBJECT("a", "1")) }, { .body = NULL } } };
    fixture f;

    (void)state;
    open_source(&f, &plan, false, true);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect_nothing(&f);
    f.cache->watches[0]->initial_ends_ms = vcl_monotonic_ms();
    expect(&f, VCL_EVENT_ADDED, "b");
    expect_nothing(&f);
    assert_true(vcl_cache_synced(f.cache));
    close_fixture(&f);
}

/* By 422, as servers say it that know nothing of it or have it turned off, or inside the stream, as
 * one does whose store cannot: asked once, never again. */
static void server_that_tells_no_state_as_events_is_listed(void **state)
{
    static const watch_answer ways[] = {
        { .status = 422, .body = "{\"kind\":\"Status\",\"reason\":\"Invalid\",\"code\":422}" },
        { .body = EVENT("ERROR", NO_PROGRESS), .then = END_STREAM },
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        script plan = { .lists = { LIST("5", OBJECT("a", "1")), LIST("5", OBJECT("a", "1")) },
                        .watches = { ways[i], { .body = NULL } } };
        const vcl_cache_source again = {
            .query = { .api_version = "v1", .kind = "Pod", .namespace_name = "x" }, .lasting = true
        };
        fixture f;

        open_source(&f, &plan, false, true);
        expect(&f, VCL_EVENT_ADDED, "a");
        expect_nothing(&f);
        assert_int_equal(plan.list_count, 1);
        assert_int_equal(plan.watch_count, 2);

        vcl_cache_close(f.cache);
        assert_int_equal(vcl_cache_open(f.kube, &again, 1, &f.cache, NULL), 0);
        expect(&f, VCL_EVENT_ADDED, "a");
        assert_int_equal(plan.list_count, 2);
        assert_int_equal(plan.watch_count, 2);
        assert_int_equal(plan.initial_count, 1);
        close_fixture(&f);
    }
}

/* ---- Objects that stay ---- */

static int add_name(const cJSON *object, void *data)
{
    char *names = data;
    size_t size = strlen(names);

    (void)snprintf(names + size, 100 - size, "%s@%s ",
                   vcl_str(vcl_json_find_string(object, "metadata", "name", NULL)),
                   vcl_str(vcl_json_find_string(object, "metadata", "resourceVersion", NULL)));
    return 0;
}

static void assert_kept(const fixture *f, const char *first, const char *second)
{
    char names[100] = "";

    (void)vcl_cache_each(f->cache, 0, add_name, names);
    assert_int_equal(strlen(names), strlen(first) + strlen(second));
    assert_non_null(strstr(names, first));
    assert_non_null(strstr(names, second));
}

static void newest_form_of_each_object_stays(void **state)
{
    script plan = { .lists = { LIST("5", OBJECT("a", "1") "," OBJECT("b", "2")) },
                    .watches = { { .body = EVENT("MODIFIED", OBJECT("a", "6"))
                                       EVENT("DELETED", OBJECT("b", "7"))
                                           EVENT("ADDED", OBJECT("c", "8")) } } };
    fixture f;

    (void)state;
    open_source(&f, &plan, true, false);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect(&f, VCL_EVENT_ADDED, "b");
    assert_kept(&f, "a@1 ", "b@2 ");
    expect(&f, VCL_EVENT_MODIFIED, "a");
    assert_kept(&f, "a@6 ", "b@2 ");
    expect(&f, VCL_EVENT_DELETED, "b");
    assert_kept(&f, "a@6 ", "");
    expect(&f, VCL_EVENT_ADDED, "c");
    assert_kept(&f, "a@6 ", "c@8 ");
    close_fixture(&f);
}

/* One that vanished while nobody watched, and one that another has replaced. */
static void what_vanished_is_told_as_it_was_last(void **state)
{
    static const char other[] = "{\"metadata\":{\"name\":\"b\",\"namespace\":\"x\",\"uid\":\"2\","
                                "\"resourceVersion\":\"8\"}}";
    script plan = { .lists = { LIST("5", "{\"spec\":{\"n\":1},\"metadata\":{\"name\":\"a\","
                                         "\"uid\":\"1\",\"resourceVersion\":\"1\"}}"
                                         "," OBJECT("b", "2")) },
                    .watches = { { .body = EVENT("ERROR", EXPIRED), .then = END_STREAM } } };
    vcl_auto_free char *list = vcl_format(LIST("9", "%s"), other);
    fixture f;

    (void)state;
    plan.lists[1] = list;
    open_source(&f, &plan, true, false);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect(&f, VCL_EVENT_ADDED, "b");
    expect(&f, VCL_EVENT_DELETED, "b");
    assert_string_equal(vcl_json_find_string(f.object, "metadata", "uid", NULL), "u-b");
    expect(&f, VCL_EVENT_ADDED, "b");
    expect(&f, VCL_EVENT_DELETED, "a");
    assert_int_equal(vcl_json_find_int(f.object, 0, "spec", "n", NULL), 1);
    assert_kept(&f, "b@8 ", "");
    close_fixture(&f);
}

/* ---- Sources ---- */

static void source_that_may_not_be_read_is_told_once_if_it_may_be_missing(void **state)
{
    script plan = { .list_status = { 403, 403 } };
    const vcl_cache_source optional = {
        .query = { .api_version = "v1", .kind = "Pod", .namespace_name = "x" }, .optional = true
    };
    vcl_cache_change change = { 0 };
    vcluster_error *error = NULL;
    vcl_call call;
    fixture f;

    (void)state;
    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    open_fixture(&f, &plan);
    assert_int_equal(vcl_cache_next(f.cache, &call, -1, &change, &error), VCLUSTER_E_PERMISSION);
    vcl_error_clear(&error);
    vcl_cache_close(f.cache);

    assert_int_equal(vcl_cache_open(f.kube, &optional, 1, &f.cache, &error), 0);
    assert_int_equal(vcl_cache_next(f.cache, &call, -1, &change, &error), 1);
    assert_null(change.object);
    assert_null(error);
    assert_false(vcl_cache_synced(f.cache));
    assert_int_equal(vcl_cache_next(f.cache, &call, -1, &change, &error), 0);
    assert_true(vcl_cache_synced(f.cache));
    assert_int_equal(vcl_cache_next(f.cache, &call, 10, &change, &error), 0);
    assert_int_equal(plan.list_count, 2);
    close_fixture(&f);
}

/* Two selections of one server: their changes come as they are, none waits for the other. */
static void sources_are_asked_in_turn(void **state)
{
    script plan = { .lists = { LIST("5", OBJECT("a", "1") "," OBJECT("b", "2")),
                               LIST("5", OBJECT("c", "3") "," OBJECT("d", "4")) } };
    const vcl_cache_source source = {
        .query = { .api_version = "v1", .kind = "Pod", .namespace_name = "x" }
    };
    const vcl_cache_source sources[] = { source, source };
    char told[] = "    ";
    vcl_call call;
    fixture f;

    (void)state;
    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    open_fixture(&f, &plan);
    vcl_cache_close(f.cache);
    assert_int_equal(vcl_cache_open(f.kube, sources, 2, &f.cache, NULL), 0);
    for (size_t i = 0; i < 4; i++) {
        vcl_cache_change change;

        assert_int_equal(vcl_cache_next(f.cache, &call, -1, &change, NULL), 1);
        assert_int_equal(change.source, i % 2);
        told[i] = *vcl_json_find_string(change.object, "metadata", "name", NULL);
    }
    assert_string_equal(told, "acbd");
    close_fixture(&f);
}

/* ---- A server that wants to be left alone ---- */

static void watch_comes_back_when_the_server_wants_it(void **state)
{
    /* As the head of an answer says it, and as a Status inside the stream does. */
    static const watch_answer ways[] = {
        { .status = 429, .headers = "Retry-After: 30\r\n", .body = "busy" },
        { .status = 503, .headers = "Retry-After: 30\r\n", .body = "" },
        { .body = EVENT("ERROR", "{\"kind\":\"Status\",\"reason\":\"TooManyRequests\",\"code\":429,"
                                 "\"details\":{\"retryAfterSeconds\":30}}"),
          .then = END_STREAM },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        script plan = { .lists = { LIST("5", OBJECT("a", "1")) },
                        .watches = { ways[i], { .body = EVENT("ADDED", OBJECT("b", "6")) } } };
        fixture f;

        open_fixture(&f, &plan);
        expect(&f, VCL_EVENT_ADDED, "a");
        /* Once the answer is here, however long that takes. */
        for (int turn = 0; turn < 100 && f.cache->watches[0]->retry_at_ms == 0; turn++)
            expect_nothing(&f);
        assert_int_equal(plan.watch_count, 1);
        assert_true(f.cache->watches[0]->retry_at_ms - vcl_monotonic_ms() > 20000);
        f.cache->watches[0]->retry_at_ms = 0;
        expect(&f, VCL_EVENT_ADDED, "b");
        assert_string_equal(plan.last_version, "5");
        assert_int_equal(plan.list_count, 1);
        close_fixture(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_state_comes_as_events),
        cmocka_unit_test(changes_between_the_first_events_are_told),
        cmocka_unit_test(new_state_as_events_tells_the_difference),
        cmocka_unit_test(state_that_is_cut_short_is_listed),
        cmocka_unit_test(state_without_an_end_is_listed),
        cmocka_unit_test(server_that_tells_no_state_as_events_is_listed),
        cmocka_unit_test(newest_form_of_each_object_stays),
        cmocka_unit_test(what_vanished_is_told_as_it_was_last),
        cmocka_unit_test(source_that_may_not_be_read_is_told_once_if_it_may_be_missing),
        cmocka_unit_test(sources_are_asked_in_turn),
        cmocka_unit_test(watch_comes_back_when_the_server_wants_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
