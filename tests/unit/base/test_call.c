/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines, cancel tokens, progress, and options structs of other versions. */
#include "base/call.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmocka_support.h"

static vcluster_cancel *new_token(void)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_cancel *cancel = NULL;

    assert_ok(vcluster_cancel_new(&cancel, &error), error);
    return cancel;
}

static void timeouts_follow_the_options(void **state)
{
    vcl_call call;

    (void)state;
    vcl_call_init(&call, 0, 5000, NULL, NULL, NULL);
    assert_in_range(vcl_call_left_ms(&call), 4000, 5000);
    vcl_call_init(&call, 700, 5000, NULL, NULL, NULL);
    assert_in_range(vcl_call_left_ms(&call), 1, 700);
    vcl_call_init(&call, -1, 5000, NULL, NULL, NULL);
    assert_true(vcl_call_left_ms(&call) == INT64_MAX);
    vcl_call_init(&call, INT64_MAX, 5000, NULL, NULL, NULL);
    assert_true(vcl_call_left_ms(&call) == INT64_MAX);
}

static void a_part_ends_no_later_than_the_whole(void **state)
{
    vcl_call whole;
    vcl_call part;

    (void)state;
    vcl_call_init(&whole, 1000, 0, NULL, NULL, NULL);
    vcl_call_init_part(&part, &whole, 100000);
    assert_true(part.deadline_ms == whole.deadline_ms);
    vcl_call_init_part(&part, &whole, 10);
    assert_true(part.deadline_ms < whole.deadline_ms);
    vcl_call_init_part(&part, &whole, -1);
    assert_true(part.deadline_ms == whole.deadline_ms);
    assert_true(part.started_ms == whole.started_ms);
}

static void a_passed_deadline_is_a_timeout(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    vcl_call call;

    (void)state;
    vcl_call_init(&call, 20, 0, NULL, NULL, NULL);
    assert_int_equal(vcl_call_check(&call, NULL), VCLUSTER_OK);
    int64_t before = vcl_monotonic_ms();
    assert_fails(vcl_call_sleep(&call, 60000, &error), VCLUSTER_E_TIMEOUT, error, "20 ms");
    assert_in_range(vcl_monotonic_ms() - before, 15, 5000);
    assert_int_equal(vcl_call_left_ms(&call), 0);
}

static void a_short_sleep_ends_by_itself(void **state)
{
    vcl_call call;

    (void)state;
    vcl_call_init(&call, 10000, 0, NULL, NULL, NULL);
    assert_int_equal(vcl_call_sleep(&call, 5, NULL), 0);
    assert_int_equal(vcl_call_sleep(&call, 0, NULL), 0);
}

static void *trigger(void *token)
{
    vcluster_cancel_trigger(token);
    return NULL;
}

static void a_trigger_of_another_thread_ends_the_wait(void **state)
{
    vcluster_cancel *cancel = new_token();
    VCL_AUTO_ERROR *error = NULL;
    pthread_t thread;
    vcl_call call;

    (void)state;
    vcl_call_init(&call, -1, 0, cancel, NULL, NULL);
    assert_int_equal(pthread_create(&thread, NULL, trigger, cancel), 0);
    assert_fails(vcl_call_sleep(&call, -1, &error), VCLUSTER_E_CANCELLED, error, "cancelled");
    assert_int_equal(pthread_join(thread, NULL), 0);
    vcluster_cancel_free(cancel);
}

static void a_token_stays_triggered_for_all_calls(void **state)
{
    vcluster_cancel *cancel = new_token();
    vcl_call call;

    (void)state;
    assert_false(vcluster_cancel_triggered(cancel));
    for (int i = 0; i < 3; i++)
        vcluster_cancel_trigger(cancel);
    assert_true(vcluster_cancel_triggered(cancel));
    for (int i = 0; i < 2; i++) {
        vcl_call_init(&call, -1, 0, cancel, NULL, NULL);
        assert_int_equal(vcl_call_sleep(&call, 60000, NULL), VCLUSTER_E_CANCELLED);
    }
    assert_int_equal(fcntl(vcl_cancel_fd(cancel), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    vcluster_cancel_free(cancel);
}

static void no_token_is_allowed(void **state)
{
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    vcluster_cancel_trigger(NULL);
    vcluster_cancel_free(NULL);
    assert_false(vcluster_cancel_triggered(NULL));
    assert_int_equal(vcl_cancel_fd(NULL), -1);
    assert_fails(vcluster_cancel_new(NULL, &error), VCLUSTER_E_INVALID_ARGUMENT, error, "NULL");
}

static void poll_tells_a_readable_descriptor(void **state)
{
    int fds[2];
    vcl_call call;

    (void)state;
    assert_int_equal(pipe(fds), 0);
    vcl_call_init(&call, 10000, 0, NULL, NULL, NULL);
    assert_int_equal(vcl_call_poll(&call, fds[0], 1, NULL), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(vcl_call_poll(&call, fds[0], -1, NULL), 1);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

typedef struct seen {
    int ticks;
    int steps;
    int stop_after;
    char object[32];
    char message[64];
} seen;

static int on_progress(const vcluster_progress *progress, void *user_data)
{
    seen *s = user_data;

    if (vcluster_progress_step(progress) == VCLUSTER_STEP_TICK) {
        s->ticks++;
    } else {
        s->steps++;
        (void)snprintf(s->object, sizeof(s->object), "%s", vcluster_progress_object(progress));
        (void)snprintf(s->message, sizeof(s->message), "%s", vcluster_progress_message(progress));
    }
    assert_true(vcluster_progress_elapsed_ms(progress) >= 0);
    return s->stop_after && s->ticks + s->steps >= s->stop_after;
}

static void waiting_ticks_and_steps_are_reported(void **state)
{
    seen s = { 0 };
    vcl_call call;

    (void)state;
    vcl_call_init(&call, -1, 0, NULL, on_progress, &s);
    assert_int_equal(vcl_call_sleep(&call, 500, NULL), 0);
    assert_in_range(s.ticks, 1, 3);
    assert_int_equal(vcl_call_report(&call, NULL, VCLUSTER_STEP_POD, "pod/x", "is %s\x1b", "up"),
                     VCLUSTER_OK);
    assert_int_equal(s.steps, 1);
    assert_string_equal(s.object, "pod/x");
    assert_string_equal(s.message, "is up?");
}

static void a_callback_can_stop_the_call(void **state)
{
    seen s = { .stop_after = 1 };
    VCL_AUTO_ERROR *error = NULL;
    vcl_call call;

    (void)state;
    vcl_call_init(&call, -1, 0, NULL, on_progress, &s);
    assert_fails(vcl_call_report(&call, &error, VCLUSTER_STEP_POD, NULL, "x"), VCLUSTER_E_CANCELLED,
                 error, "cancelled");
    assert_int_equal(vcl_call_check(&call, NULL), VCLUSTER_E_CANCELLED);
    /* A part of the call is stopped with it. */
    vcl_call part;
    vcl_call_init_part(&part, &call, 1000);
    assert_int_equal(vcl_call_check(&part, NULL), VCLUSTER_E_CANCELLED);
}

static void steps_have_names(void **state)
{
    (void)state;
    assert_text_equal(vcluster_step_name(VCLUSTER_STEP_TICK), "tick");
    assert_text_equal(vcluster_step_name(VCLUSTER_STEP_POD), "pod");
    assert_text_equal(vcluster_step_name(-1), "unknown");
    assert_text_equal(vcluster_step_name(1000), "unknown");
    assert_int_equal(vcluster_progress_step(NULL), VCLUSTER_STEP_TICK);
    assert_text_equal(vcluster_progress_message(NULL), "");
}

/* An options struct as this version knows it, and as a later one might. */
typedef struct options {
    size_t struct_size;
    int64_t timeout_ms;
    const char *name;
} options;

typedef struct later_options {
    options known;
    uint64_t flags;
} later_options;

static void options_of_any_size_are_copied_over_defaults(void **state)
{
    const options given = { sizeof(options), 7, "x" };

    (void)state;
    for (size_t size = sizeof(size_t); size <= sizeof(options); size += 8) {
        options mine = { sizeof(options), 100, "default" };
        options truncated = given;
        truncated.struct_size = size;
        assert_int_equal(vcl_options_copy(&mine, sizeof(mine), &truncated, "options", NULL), 0);
        assert_uint_equal(mine.struct_size, sizeof(options));
        assert_int_equal(mine.timeout_ms, size > offsetof(options, timeout_ms) ? 7 : 100);
        assert_text_equal(mine.name, size > offsetof(options, name) ? "x" : "default");
    }
}

static void no_options_are_the_defaults(void **state)
{
    options mine = { sizeof(options), 100, "default" };

    (void)state;
    assert_int_equal(vcl_options_copy(&mine, sizeof(mine), NULL, "options", NULL), 0);
    assert_int_equal(mine.timeout_ms, 100);
}

static void options_without_a_size_are_refused(void **state)
{
    options mine = { sizeof(options), 100, "default" };
    options given = { 0, 7, "x" };
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_fails(vcl_options_copy(&mine, sizeof(mine), &given, "my_options", &error),
                 VCLUSTER_E_INVALID_ARGUMENT, error, "struct_size of my_options");
    assert_int_equal(mine.timeout_ms, 100);
}

static void members_from_the_future_must_be_zero(void **state)
{
    options mine = { sizeof(options), 100, "default" };
    later_options later = { { sizeof(later_options), 7, "x" }, 0 };
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_int_equal(vcl_options_copy(&mine, sizeof(mine), &later, "options", NULL), 0);
    assert_int_equal(mine.timeout_ms, 7);
    assert_uint_equal(mine.struct_size, sizeof(options));

    later.flags = 1;
    mine.timeout_ms = 100;
    assert_fails(vcl_options_copy(&mine, sizeof(mine), &later, "options", &error),
                 VCLUSTER_E_UNSUPPORTED, error, "does not know");
    assert_int_equal(mine.timeout_ms, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timeouts_follow_the_options),
        cmocka_unit_test(a_part_ends_no_later_than_the_whole),
        cmocka_unit_test(a_passed_deadline_is_a_timeout),
        cmocka_unit_test(a_short_sleep_ends_by_itself),
        cmocka_unit_test(a_trigger_of_another_thread_ends_the_wait),
        cmocka_unit_test(a_token_stays_triggered_for_all_calls),
        cmocka_unit_test(no_token_is_allowed),
        cmocka_unit_test(poll_tells_a_readable_descriptor),
        cmocka_unit_test(waiting_ticks_and_steps_are_reported),
        cmocka_unit_test(a_callback_can_stop_the_call),
        cmocka_unit_test(steps_have_names),
        cmocka_unit_test(options_of_any_size_are_copied_over_defaults),
        cmocka_unit_test(no_options_are_the_defaults),
        cmocka_unit_test(options_without_a_size_are_refused),
        cmocka_unit_test(members_from_the_future_must_be_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
