/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: the pattern is the first line, the text what follows. What compiles in Go's
 * syntax must compile in PCRE2's too, and places of matches lie in the text, in order.
 */
#include "data/regex.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

typedef struct progress {
    size_t size;
    size_t groups;
    size_t end; /* of the last match */
    size_t count;
} progress;

static int check_match(const vcl_regex_span *spans, void *user_data)
{
    progress *seen = user_data;

    FUZZ_CHECK(spans[0].begin <= spans[0].end && spans[0].end <= seen->size);
    FUZZ_CHECK(spans[0].begin >= seen->end);
    for (size_t i = 1; i <= seen->groups; i++) {
        bool took_part = spans[i].begin != (size_t)-1;
        if (took_part)
            FUZZ_CHECK(spans[i].begin <= spans[i].end && spans[i].end <= seen->size);
    }
    seen->end = spans[0].end;
    return ++seen->count == 1000;
}

/* Mistakes of the translation would show as messages of PCRE2, which name nothing of Go's. */
static void check_message(const vcluster_error *error)
{
    static const char *const whats[] = {
        "invalid ",           "missing ",         "unexpected )",
        "trailing backslash", "expression nests", "expression too large",
    };
    const char *message = vcluster_error_message(error);
    const char *what = strstr(message, "regexp: ");

    bool is_ours = false;
    for (size_t i = 0; what && i < sizeof(whats) / sizeof(whats[0]); i++)
        is_ours = is_ours || strncmp(what + 8, whats[i], strlen(whats[i])) == 0;
    FUZZ_CHECK(is_ours);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
    size_t pattern_size = newline ? (size_t)(newline - data) : size;
    const char *text = newline ? (const char *)newline + 1 : "";
    progress seen = { .size = newline ? size - pattern_size - 1 : 0 };
    vcl_regex_visitor visitor = { .match = check_match, .user_data = &seen };
    char *pattern = strndup((const char *)data, pattern_size);
    vcluster_error *error = NULL;
    vcl_regex *regex = NULL;

    FUZZ_CHECK(pattern);
    int result = vcl_regex_compile(pattern, &regex, &error);
    if (result == 0) {
        seen.groups = vcl_regex_groups(regex);
        (void)vcl_regex_each(regex, text, seen.size, &visitor, NULL);
    } else {
        check_message(error);
    }
    vcluster_error_free(error);
    vcl_regex_free(regex);
    free(pattern);
    return 0;
}
