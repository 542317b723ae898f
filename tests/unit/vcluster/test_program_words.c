/* SPDX-License-Identifier: Apache-2.0 */
/* What upstream's program says when it fails, as errors repeat it. */
#include "cm.h"

#include "base/str.h"
#include "vcluster/state/program_words.h"

static void assert_words(const char *said, const char *expected)
{
    vcl_auto_free char *words = vcl_program_words(said);

    assert_string_equal(words, expected);
}

static void the_error_in_its_log_is_what_counts(void **state)
{
    (void)state;
    assert_words("2026-11-23 13:07:49\t\033[34mINFO\033[0m\ta.go:1\tStart\t{\"component\": \"v\"}\n"
                 "2026-11-23 13:07:49\t\033[31mERROR\033[0m\tb.go:2\terror\t{\"component\": \"v\", "
                 "\"error\": \"failed to get snapshot: open /data/a: no such file\"}\n"
                 "2026-11-23 13:07:49\t\033[34mINFO\033[0m\tc.go:3\tends\t{\"component\": \"v\"}\n",
                 "failed to get snapshot: open /data/a: no such file");
    assert_words("{\"level\":\"error\",\"error\":\"the first\"}\n{\"error\":\"the last\"}",
                 "the last");
}

static void without_one_it_is_repeated_as_it_is_but_for_colours(void **state)
{
    (void)state;
    assert_words("", "");
    assert_words("\033[31mFATAL\033[0;1m no space {left\n\n", "FATAL no space {left");
    assert_words("{\"error\":7}", "{\"error\":7}");
    assert_words("{\"error\":\"\"}", "{\"error\":\"\"}");
    assert_words("a\033[31\033b", "a?[31?b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_error_in_its_log_is_what_counts),
        cmocka_unit_test(without_one_it_is_repeated_as_it_is_but_for_colours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
