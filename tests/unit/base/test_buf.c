/* SPDX-License-Identifier: Apache-2.0 */
/* The growing buffer: it never passes its maximum and a failed append changes nothing. */
#include "base/buf.h"

#include <string.h>

#include "cmocka_support.h"

static void an_empty_buffer_is_an_empty_string(void **state)
{
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 10);
    assert_text_equal(vcl_buf_text(&buf), "");
    assert_uint_equal(buf.size, 0);
    assert_false(vcl_buf_failed(&buf));
    vcl_auto_free char *text = vcl_buf_steal(&buf);
    assert_text_equal(text, "");
}

static void appends_join_and_stay_terminated(void **state)
{
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 1000);
    assert_true(vcl_buf_add(&buf, "one"));
    assert_true(vcl_buf_add_char(&buf, ' '));
    assert_true(vcl_buf_addf(&buf, "%d-%s", 2, "x"));
    assert_true(vcl_buf_append(&buf, "\0y", 2));
    assert_true(vcl_buf_append(&buf, NULL, 0));
    assert_uint_equal(buf.size, 9);
    assert_memory_equal(vcl_buf_text(&buf), "one 2-x\0y", 10);
}

static void growing_keeps_the_contents(void **state)
{
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 100000);
    for (int i = 0; i < 20000; i++)
        assert_true(vcl_buf_add_char(&buf, (char)('a' + i % 26)));
    for (size_t i = 0; i < 20000; i++)
        assert_int_equal(buf.data[i], 'a' + (int)(i % 26));
    assert_int_equal(buf.data[20000], '\0');
}

static void an_append_over_the_maximum_fails_whole(void **state)
{
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 5);
    assert_true(vcl_buf_add(&buf, "12345"));
    assert_false(vcl_buf_add(&buf, "6"));
    assert_true(vcl_buf_failed(&buf));
    assert_int_equal(buf.state, VCL_BUF_TOO_LARGE);
    assert_text_equal(vcl_buf_text(&buf), "12345");

    /* The failure is remembered until a reset. */
    vcl_buf_truncate(&buf, 1);
    assert_false(vcl_buf_add(&buf, "x"));
    assert_null(vcl_buf_steal(&buf));
    vcl_buf_reset(&buf);
    assert_true(vcl_buf_add(&buf, "x"));
    assert_text_equal(vcl_buf_text(&buf), "x");
}

static void consume_and_truncate_take_ends_off(void **state)
{
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 100);
    vcl_buf_consume(&buf, 3);
    vcl_buf_add(&buf, "0123456789");
    vcl_buf_consume(&buf, 3);
    assert_text_equal(vcl_buf_text(&buf), "3456789");
    vcl_buf_consume(&buf, 0);
    vcl_buf_truncate(&buf, 4);
    vcl_buf_truncate(&buf, 50);
    assert_text_equal(vcl_buf_text(&buf), "3456");
    vcl_buf_consume(&buf, 100);
    assert_text_equal(vcl_buf_text(&buf), "");
    assert_uint_equal(buf.size, 0);
}

static void steal_leaves_a_usable_buffer(void **state)
{
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 100);
    vcl_buf_add(&buf, "first");
    vcl_auto_free char *first = vcl_buf_steal(&buf);
    vcl_buf_add(&buf, "second");
    assert_text_equal(first, "first");
    assert_text_equal(vcl_buf_text(&buf), "second");
}

static void done_may_be_called_twice(void **state)
{
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 100);
    vcl_buf_add(&buf, "x");
    vcl_buf_done(&buf);
    vcl_buf_done(&buf);
    assert_true(vcl_buf_add(&buf, "y"));
    assert_text_equal(vcl_buf_text(&buf), "y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_is_an_empty_string),
        cmocka_unit_test(appends_join_and_stay_terminated),
        cmocka_unit_test(growing_keeps_the_contents),
        cmocka_unit_test(an_append_over_the_maximum_fails_whole),
        cmocka_unit_test(consume_and_truncate_take_ends_off),
        cmocka_unit_test(steal_leaves_a_usable_buffer),
        cmocka_unit_test(done_may_be_called_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
