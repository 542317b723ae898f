/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka with the headers that it wants before it, and what every test here uses. */
#ifndef VCLUSTER_TEST_CM_H
#define VCLUSTER_TEST_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"

/* A deadline; VCLUSTER_TEST_PATIENCE is how many times slower all is under a checker. */
static inline int64_t patience_ms(int64_t ms)
{
    const char *text = getenv("VCLUSTER_TEST_PATIENCE");
    int64_t factor = 1;

    if (text)
        assert_true(vcl_parse_i64(text, &factor));
    return ms * factor;
}

/* The whole chain of an error contains a text. */
static inline void assert_error_says(const vcluster_error *error, const char *part)
{
    assert_non_null(error);
    if (!strstr(vcluster_error_to_string(error), part))
        fail_msg("'%s' is not in: %s", part, vcluster_error_to_string(error));
}

/* A call failed with this status, and its error says so and mentions part; frees the error. */
static inline void assert_fails(int status, int expected, vcluster_error **error, const char *part)
{
    if (status != expected)
        fail_msg("%s instead of %s: %s", vcluster_status_name(status),
                 vcluster_status_name(expected),
                 *error ? vcluster_error_to_string(*error) : "no error");
    assert_non_null(*error);
    assert_int_equal(vcluster_error_code(*error), expected);
    assert_error_says(*error, part);
    vcl_error_clear(error);
}

/* A call worked and made no error. */
static inline void assert_works(int status, vcluster_error *const *error)
{
    if (status != VCLUSTER_OK)
        fail_msg("%s: %s", vcluster_status_name(status),
                 *error ? vcluster_error_to_string(*error) : "no error");
    assert_null(*error);
}

#endif
