/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches against a server that cuts, ends and expires: nothing is lost, nothing is told twice.
 */
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/watch_private.h"
#include "watch_script.h"

static void first_list_and_events_are_told(void **state)
{
    script plan = { .lists = { PAGE("5", "next", OBJECT("a", "1")), LIST("5", OBJECT("b", "2")) },
                    .watches = { { .body = EVENT("MODIFIED", OBJECT("a", "6")) EVENT(
                                       "BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"7\"}}")
                                       EVENT("DELETED", OBJECT("b", "8")) } } };
    fixture f;

    (void)state;
    open_fixture(&f, &plan);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect(&f, VCL_EVENT_ADDED, "b");
    assert_false(vcl_cache_synced(f.cache));
    expect(&f, VCL_EVENT_MODIFIED, "a");
    assert_true(vcl_cache_synced(f.cache));
    expect(&f, VCL_EVENT_DELETED, "b");
    expect_nothing(&f);
    assert_string_equal(plan.last_version, "5");
    close_fixture(&f);
}

static void events_may_be_split_anywhere(void **state)
{
    static const char body[] =
        EVENT("ADDED", OBJECT("a", "6")) "\n" EVENT("MODIFIED", OBJECT("a", "7"))
            EVENT("DELETED", OBJECT("a", "8"));

    (void)state;
    for (size_t piece = 1; piece < 120; piece += piece < 8 ? 1 : 13) {
        script plan = { .lists = { LIST("5", "") },
                        .watches = { { .body = body, .piece = piece } } };
        fixture f;

        open_fixture(&f, &plan);
        expect(&f, VCL_EVENT_ADDED, "a");
        expect(&f, VCL_EVENT_MODIFIED, "a");
        expect(&f, VCL_EVENT_DELETED, "a");
        close_fixture(&f);
    }
}

static void cut_watch_resumes_where_it_was(void **state)
{
    script plan = {
        .lists = { LIST("5", OBJECT("a", "1")) },
        .watches = { { .body = EVENT("ADDED", OBJECT("b", "6")), .then = CUT },
                     { .body = EVENT("ADDED", OBJECT("b", "6")) EVENT("ADDED", OBJECT("c", "7")),
                       .then = RESET },
                     { .body = EVENT("MODIFIED", OBJECT("c", "9")), .then = END_STREAM },
                     { .body = EVENT("DELETED", OBJECT("c", "10")) } },
    };
    fixture f;

    (void)state;
    open_fixture(&f, &plan);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect(&f, VCL_EVENT_ADDED, "b");
    expect(&f, VCL_EVENT_ADDED, "c"); /* b came twice, and is told once */
    expect(&f, VCL_EVENT_MODIFIED, "c");
    expect(&f, VCL_EVENT_DELETED, "c");
    assert_string_equal(plan.last_version, "9");
    assert_int_equal(plan.list_count, 1);
    close_fixture(&f);
}

/* A peer that holds the connection and says nothing, as one does that has gone without a word. */
static void stream_that_outlives_its_time_is_opened_again(void **state)
{
    script plan = {
        .lists = { LIST("5", OBJECT("a", "1")) },
        .watches = { { .body = EVENT("ADDED", OBJECT("b", "6")), .then = HOLD },
                     { .body = EVENT("ADDED", OBJECT("c", "7")) } },
    };
    fixture f;

    (void)state;
    open_fixture(&f, &plan);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect(&f, VCL_EVENT_ADDED, "b");
    f.cache->watches[0]->stream_ends_ms = vcl_monotonic_ms();
    expect(&f, VCL_EVENT_ADDED, "c");
    assert_string_equal(plan.last_version, "6");
    assert_int_equal(plan.list_count, 1);
    close_fixture(&f);
}

static void expired_version_tells_the_difference(void **state)
{
    /* Both ways in which a server says it; a: gone, b: as before, c: changed, d: new. */
    static const watch_answer ways[] = {
        { .body = EVENT("ERROR", EXPIRED), .then = END_STREAM },
        { .status = 410, .body = EXPIRED },
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        script plan = {
            .lists = { LIST("5", OBJECT("a", "1") "," OBJECT("b", "2") "," OBJECT("c", "3")),
                       LIST("9", OBJECT("b", "2") "," OBJECT("c", "7") "," OBJECT("d", "8")) },
            .watches = { ways[i], { .body = NULL } },
        };
        fixture f;

        open_fixture(&f, &plan);
        expect(&f, VCL_EVENT_ADDED, "a");
        expect(&f, VCL_EVENT_ADDED, "b");
        expect(&f, VCL_EVENT_ADDED, "c");
        expect(&f, VCL_EVENT_MODIFIED, "c");
        expect(&f, VCL_EVENT_ADDED, "d");
        expect(&f, VCL_EVENT_DELETED, "a");
        expect_nothing(&f);
        assert_string_equal(plan.last_version, "9");
        close_fixture(&f);
    }
}

static void object_that_was_made_again_is_told_as_deleted_and_added(void **state)
{
    static const char renewed[] =
        "{\"metadata\":{\"name\":\"a\",\"namespace\":\"x\",\"uid\":\"second\","
        "\"resourceVersion\":\"7\"}}";
    script plan = { .lists = { LIST("5", OBJECT("a", "1")), LIST("9", "") },
                    .watches = { { .body = EVENT("ERROR", EXPIRED), .then = END_STREAM } } };
    vcl_auto_free char *list = vcl_format(LIST("9", "%s"), renewed);
    fixture f;

    (void)state;
    plan.lists[1] = list;
    open_fixture(&f, &plan);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect(&f, VCL_EVENT_DELETED, "a");
    expect(&f, VCL_EVENT_ADDED, "a");
    expect_nothing(&f);
    close_fixture(&f);
}

static void list_that_expires_between_pages_begins_again(void **state)
{
    script plan = { .lists = { PAGE("5", "t", OBJECT("a", "1")), EXPIRED,
                               LIST("9", OBJECT("a", "1") "," OBJECT("b", "8")) },
                    .list_status = { 0, 410 } };
    fixture f;

    (void)state;
    open_fixture(&f, &plan);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect(&f, VCL_EVENT_ADDED, "b");
    expect_nothing(&f);
    close_fixture(&f);
}

static void refusals_end_the_watch(void **state)
{
    static const int answers[][2] = { { 401, VCLUSTER_E_UNAUTHENTICATED },
                                      { 403, VCLUSTER_E_PERMISSION },
                                      { 404, VCLUSTER_E_NOT_FOUND } };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        script plan = { .lists = { LIST("5", "") }, .watches = { { .status = answers[i][0] } } };
        vcluster_error *error = NULL;
        vcl_event_type type;
        fixture f;

        open_fixture(&f, &plan);
        assert_int_equal(next(&f, -1, &type, &error), answers[i][1]);
        vcluster_error_free(error);
        close_fixture(&f);
    }
}

static void endless_nonsense_ends_the_watch(void **state)
{
    script plan = { .lists = { LIST("5", "") } };
    vcluster_error *error = NULL;
    vcl_event_type type;
    fixture f;

    (void)state;
    for (int i = 0; i < MAX_ANSWERS; i++)
        plan.watches[i] = (watch_answer){ .body = "{\"type\":\n" };
    open_fixture(&f, &plan);
    assert_int_equal(next(&f, -1, &type, &error), VCLUSTER_E_PROTOCOL);
    assert_int_equal(plan.watch_count, 5);
    vcluster_error_free(error);
    close_fixture(&f);
}

static void watches_that_cannot_be_opened_lead_to_a_new_list(void **state)
{
    script plan = { .lists = { LIST("99", OBJECT("a", "1")), LIST("5", OBJECT("a", "1")) },
                    .watches = { { .status = 504 },
                                 { .status = 504 },
                                 { .status = 504 },
                                 { .body = EVENT("ADDED", OBJECT("b", "6")) } } };
    fixture f;

    (void)state;
    open_fixture(&f, &plan);
    expect(&f, VCL_EVENT_ADDED, "a");
    expect(&f, VCL_EVENT_ADDED, "b");
    assert_string_equal(plan.last_version, "5");
    close_fixture(&f);
}

/* ---- The splitter alone ---- */

static void lines_beyond_the_limit_are_refused(void **state)
{
    static char piece[65536];
    vcl_watch_lines lines;
    vcluster_error *error = NULL;
    const char *line = NULL;
    size_t size = 0;
    int status = 0;

    (void)state;
    memset(piece, 'x', sizeof(piece));
    vcl_watch_lines_init(&lines);
    for (size_t sent = 0; status == 0 && sent <= VCL_MAX_WATCH_EVENT; sent += sizeof(piece)) {
        assert_true(vcl_buf_append(&lines.buf, piece, sizeof(piece)));
        status = vcl_watch_lines_next(&lines, &line, &size, &error);
    }
    assert_int_equal(status, VCLUSTER_E_PROTOCOL);
    vcluster_error_free(error);
    vcl_watch_lines_done(&lines);
}

static void events_without_type_or_object_are_refused(void **state)
{
    static const char *const texts[] = { "{}",
                                         "[]",
                                         "{\"type\":\"ADDED\"}",
                                         "{\"type\":\"ADDED\",\"object\":[]}",
                                         "{\"type\":5,\"object\":{}}",
                                         "{\"type\":\"ADDED\",\"object\":{}} x" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        vcl_raw_event_type type;
        cJSON *object = NULL;
        vcluster_error *error = NULL;

        assert_int_equal(vcl_watch_event_parse(texts[i], strlen(texts[i]), &type, &object, &error),
                         VCLUSTER_E_PROTOCOL);
        assert_null(object);
        vcluster_error_free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_list_and_events_are_told),
        cmocka_unit_test(events_may_be_split_anywhere),
        cmocka_unit_test(cut_watch_resumes_where_it_was),
        cmocka_unit_test(stream_that_outlives_its_time_is_opened_again),
        cmocka_unit_test(expired_version_tells_the_difference),
        cmocka_unit_test(object_that_was_made_again_is_told_as_deleted_and_added),
        cmocka_unit_test(list_that_expires_between_pages_begins_again),
        cmocka_unit_test(refusals_end_the_watch),
        cmocka_unit_test(endless_nonsense_ends_the_watch),
        cmocka_unit_test(watches_that_cannot_be_opened_lead_to_a_new_list),
        cmocka_unit_test(lines_beyond_the_limit_are_refused),
        cmocka_unit_test(events_without_type_or_object_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
