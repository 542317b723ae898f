/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmocka with the headers it needs before it, in the order it needs them, and the assertions that
 * it lacks. Include this instead of cmocka.h. The assertions are macros so that a failure names
 * the line of the test.
 */
#ifndef TEST_CMOCKA_SUPPORT_H
#define TEST_CMOCKA_SUPPORT_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <libvcluster/error.h>

/* Two sizes or other unsigned numbers. */
#define assert_uint_equal(actual, expected)                                                        \
    assert_true((uintmax_t)(actual) == (uintmax_t)(expected))

/* Two texts, either of which may be NULL. */
#define assert_text_equal(actual, expected)                                                        \
    do {                                                                                           \
        const char *test_actual = (actual);                                                        \
        const char *test_expected = (expected);                                                    \
        if (test_actual && test_expected)                                                          \
            assert_string_equal(test_actual, test_expected);                                       \
        else                                                                                       \
            assert_true(test_actual == test_expected);                                             \
    } while (0)

/* A status that should be VCLUSTER_OK; shows the error if it is not. */
#define assert_ok(status, error)                                                                   \
    do {                                                                                           \
        if ((status) < 0)                                                                          \
            fail_msg("failed: %s", vcluster_error_to_string(error));                               \
    } while (0)

/* A status that should be an error whose whole text contains a part. */
#define assert_fails(status, code, error, part)                                                    \
    do {                                                                                           \
        assert_int_equal((status), (code));                                                        \
        assert_non_null(error);                                                                    \
        assert_int_equal(vcluster_error_code(error), (code));                                      \
        if (!strstr(vcluster_error_to_string(error), (part)))                                      \
            fail_msg("'%s' does not contain '%s'", vcluster_error_to_string(error), (part));       \
    } while (0)

#endif
