/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and RFC 3339 texts. */
#include "base/clock.h"

#include "cmocka_support.h"

static void clocks_agree_and_go_forward(void **state)
{
    int64_t before = vcl_monotonic_ms();
    int64_t seconds = vcl_wall_seconds();
    int64_t ms = vcl_wall_ms();

    (void)state;
    assert_true(vcl_monotonic_ms() >= before);
    assert_true(seconds > 1700000000);
    assert_true(ms / 1000 - seconds <= 1);
}

static void times_are_written_in_utc(void **state)
{
    char text[VCL_RFC3339_SIZE];

    (void)state;
    vcl_rfc3339(0, -1, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    vcl_rfc3339(1767323045, -1, text);
    assert_string_equal(text, "2026-01-02T03:04:05Z");
    vcl_rfc3339(951782400, 123456789, text);
    assert_string_equal(text, "2000-02-29T00:00:00.123456789Z");
    vcl_rfc3339(0, 0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000000000Z");
}

static void times_are_read_with_any_offset(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "2026-01-02T03:04:05Z", 1767323045 },
        { "2026-01-02T03:04:05.999999Z", 1767323045 },
        { "2026-01-02T05:04:05+02:00", 1767323045 },
        { "2026-01-01T21:34:05.5-05:30", 1767323045 },
        { "2026-01-02t03:04:05z", 1767323045 },
        { "2024-02-29T00:00:00Z", 1709164800 },
        { "2016-12-31T23:59:60Z", 1483228800 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t seconds = -1;
        assert_true(vcl_parse_rfc3339(cases[i].text, &seconds));
        assert_true(seconds == cases[i].seconds);
    }
}

static void other_texts_are_no_times(void **state)
{
    static const char *const cases[] = { "",
                                         "now",
                                         "2026-01-02",
                                         "2026-01-02T03:04:05",
                                         "2026-01-02T03:04:05+xx:00",
                                         "2026-01-02T03:04Zxxxxxxx",
                                         "2026-01-02T03:04:05Zx",
                                         "2026-01-02T03:04:05+02:00x",
                                         "2026-13-02T03:04:05Z",
                                         "2026-02-30T03:04:05Z",
                                         "2026-01-02T24:00:00Z",
                                         "2026-01-02T03:60:00Z",
                                         "2026-01-02T03:04:61Z" };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t seconds = -1;
        assert_false(vcl_parse_rfc3339(cases[i], &seconds));
        assert_true(seconds == -1);
    }
    assert_false(vcl_parse_rfc3339(NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_agree_and_go_forward),
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(times_are_read_with_any_offset),
        cmocka_unit_test(other_texts_are_no_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
