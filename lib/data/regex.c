/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching; see regex.h. PCRE2 interprets (no JIT) and backtracks, so every search has a budget of
 * steps, counted by callouts that the translation left in the pattern: PCRE2's own match limit
 * counts anew at each start and would allow minutes. Memory has PCRE2's heap limit.
 */
#include "data/regex.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/str.h"
#include "data/regex_private.h"

enum {
    /* Steps of a search, and those that each byte of the text adds. */
    STEPS = 10000000,
    STEPS_OF_BYTE = 16,
    /* KiB for places to go back to. */
    HEAP_KIB = 96 << 10,
    /* Groups in the pattern for PCRE2: those of Go's and those that the translation adds. */
    NESTING = 1200,
    /* Bytes of a text. */
    MAX_TEXT = 64 << 20,
};

struct vcl_regex {
    char *pattern; /* the names point into it */
    pcre2_code *code;
    size_t groups;
    vcl_regex_name *names;
    size_t name_count;
};

/* What one call counts down. The callout is told of places in the text, so that work between two
 * of them counts too. */
typedef struct step_budget {
    int64_t left;
    size_t last; /* where the last callout was */
} step_budget;

/* A text that is UTF-8 for certain, and what it takes to search in it. */
typedef struct searched {
    const char *text;
    size_t size;
    char *repaired;  /* NULL: the text was good */
    uint32_t *wrong; /* places of U+FFFD in the repaired text that were one byte */
    size_t wrong_count;
    pcre2_match_data *data;
    pcre2_match_context *context;
    step_budget budget;
} searched;

/* ------------------------------------------------------------ compiling */

static int compile_error(vcl_regex_parser *parser, int code)
{
    char reason[200] = "";
    size_t size = (size_t)(parser->end - parser->pattern);

    if (code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAP_FAILED)
        return vcl_no_memory(parser->error);
    if (code == PCRE2_ERROR_PATTERN_TOO_LARGE || code == PCRE2_ERROR_PATTERN_TOO_COMPLICATED ||
        code == PCRE2_ERROR_PATTERN_STRING_TOO_LONG)
        return vcl_regex_bad(parser, "expression too large", parser->pattern, size);
    if (code == PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP)
        return vcl_regex_bad(parser, "expression nests too deeply", parser->pattern, size);
    pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof(reason));
    return vcl_regex_bad(parser, reason, parser->pattern, size);
}

static int compile_translated(vcl_regex_parser *parser, pcre2_code **out_code)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    PCRE2_SIZE offset = 0;
    int code = 0;

    if (!context)
        return vcl_no_memory(parser->error);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(context, NESTING);
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALLOW_SURROGATE_ESCAPES);
    *out_code = pcre2_compile((PCRE2_SPTR)vcl_buf_text(&parser->out), parser->out.size,
                              PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY, &code,
                              &offset, context);
    pcre2_compile_context_free(context);
    return *out_code ? 0 : compile_error(parser, code);
}

static int compile_into(vcl_regex *regex, vcl_regex_parser *parser)
{
    int result = vcl_regex_parse(parser);

    if (result == 0)
        result = compile_translated(parser, &regex->code);
    regex->groups = parser->groups;
    regex->names = vcl_steal(&parser->names);
    regex->name_count = parser->name_count;
    return result;
}

int vcl_regex_compile(const char *pattern, vcl_regex **out_regex, vcluster_error **error)
{
    size_t size = strlen(pattern);
    vcl_auto_free vcl_regex_parser *parser = calloc(1, sizeof(*parser));
    vcl_regex *regex = calloc(1, sizeof(*regex));

    if (regex)
        regex->pattern = vcl_strdup(pattern);
    if (!parser || !regex || !regex->pattern) {
        vcl_regex_free(regex);
        return vcl_no_memory(error);
    }
    parser->pattern = regex->pattern;
    parser->at = regex->pattern;
    parser->end = regex->pattern + size;
    parser->error = error;
    vcl_buf_init(&parser->out, (size_t)VCL_REGEX_MAX_PATTERN * 32);

    int result = size > VCL_REGEX_MAX_PATTERN
                     ? vcl_regex_bad(parser, "expression too large", pattern, size)
                     : compile_into(regex, parser);
    vcl_buf_done(&parser->out);
    if (result < 0) {
        vcl_regex_free(regex);
        return result;
    }
    *out_regex = regex;
    return 0;
}

void vcl_regex_free(vcl_regex *regex)
{
    if (!regex)
        return;
    pcre2_code_free(regex->code);
    free(regex->names);
    free(regex->pattern);
    free(regex);
}

size_t vcl_regex_groups(const vcl_regex *regex)
{
    return regex->groups;
}

size_t vcl_regex_group_named(const vcl_regex *regex, const char *name, size_t size)
{
    for (size_t i = 0; i < regex->name_count; i++) {
        if (regex->names[i].size == size && memcmp(regex->names[i].text, name, size) == 0)
            return regex->names[i].group;
    }
    return 0;
}

/* ------------------------------------------------------------ the text */

static void subject_done(searched *subject)
{
    pcre2_match_data_free(subject->data);
    pcre2_match_context_free(subject->context);
    free(subject->repaired);
    free(subject->wrong);
}

/* Put U+FFFD in the place of each byte that is no UTF-8. */
static bool repair(searched *subject)
{
    static const char bad[] = { '\xEF', '\xBF', '\xBD' };
    size_t size = 0;
    size_t used = 0;

    for (size_t i = 0; i < subject->size; i += size) {
        uint32_t rune = vcl_regex_rune(subject->text + i, subject->size - i, &size);
        subject->wrong_count += rune == 0xFFFD && size == 1;
    }
    subject->repaired = malloc(subject->size + 2 * subject->wrong_count);
    subject->wrong = calloc(subject->wrong_count + 1, sizeof(*subject->wrong));
    if (!subject->repaired || !subject->wrong)
        return false;

    subject->wrong_count = 0;
    for (size_t i = 0; i < subject->size; i += size) {
        uint32_t rune = vcl_regex_rune(subject->text + i, subject->size - i, &size);
        bool wrong = rune == 0xFFFD && size == 1;
        if (wrong)
            subject->wrong[subject->wrong_count++] = (uint32_t)used;
        memcpy(subject->repaired + used, wrong ? bad : subject->text + i, wrong ? 3 : size);
        used += wrong ? 3 : size;
    }
    subject->text = subject->repaired;
    subject->size = used;
    return true;
}

/* How many wrong bytes the first bytes of the repaired text stand for. */
static size_t wrong_before(const searched *subject, size_t offset)
{
    size_t low = 0;
    size_t high = subject->wrong_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (subject->wrong[middle] < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t to_original(const searched *subject, size_t offset)
{
    return offset - 2 * wrong_before(subject, offset);
}

static size_t to_repaired(const searched *subject, size_t original)
{
    size_t low = 0;
    size_t high = subject->wrong_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (subject->wrong[middle] - 2 * middle < original)
            low = middle + 1;
        else
            high = middle;
    }
    return original + 2 * low;
}

static int count_step(pcre2_callout_block *block, void *data)
{
    step_budget *budget = data;
    size_t at = block->current_position;
    size_t moved = at > budget->last ? at - budget->last : 0;

    budget->last = at;
    budget->left -= 1 + (int64_t)(moved / 8);
    return budget->left < 0 ? PCRE2_ERROR_MATCHLIMIT : 0;
}

static int subject_init(searched *subject,
                        const vcl_regex *regex,
                        const char *text,
                        size_t size,
                        vcluster_error **error)
{
    subject->text = size ? text : "";
    subject->size = size;
    if (size > MAX_TEXT)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "a text of %zu bytes is too large for a regular expression", size);
    if (!vcl_utf8_valid(subject->text, size) && !repair(subject))
        return vcl_no_memory(error);
    subject->budget.left = (int64_t)STEPS + (int64_t)(size * STEPS_OF_BYTE);
    subject->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
    subject->context = pcre2_match_context_create(NULL);
    if (!subject->data || !subject->context)
        return vcl_no_memory(error);
    pcre2_set_heap_limit(subject->context, HEAP_KIB);
    pcre2_set_match_limit(subject->context, UINT32_MAX);
    pcre2_set_depth_limit(subject->context, UINT32_MAX);
    pcre2_set_callout(subject->context, count_step, &subject->budget);
    return 0;
}

/* ------------------------------------------------------------ searching */

static int match_error(const vcl_regex *regex, int code, vcluster_error **error)
{
    enum { MAX_SHOWN = 200 };
    char reason[200] = "";

    if (code == PCRE2_ERROR_NOMEMORY)
        return vcl_no_memory(error);
    if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_HEAPLIMIT ||
        code == PCRE2_ERROR_DEPTHLIMIT)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the regular expression `%.*s` takes too long with this text", MAX_SHOWN,
                        regex->pattern);
    pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof(reason));
    return vcl_fail(error, VCLUSTER_E_CONFIG, "the regular expression `%.*s` failed: %s", MAX_SHOWN,
                    regex->pattern, reason);
}

/* The leftmost match at or behind `from` (of the repaired text): 1, 0 or a failure. */
static int find(const vcl_regex *regex, searched *subject, size_t from, vcluster_error **error)
{
    subject->budget.last = from;
    int code = pcre2_match(regex->code, (PCRE2_SPTR)subject->text, subject->size, from,
                           PCRE2_NO_UTF_CHECK, subject->data, subject->context);

    if (code == PCRE2_ERROR_NOMATCH)
        return 0;
    return code < 0 ? match_error(regex, code, error) : 1;
}

static void copy_spans(const vcl_regex *regex, const searched *subject, vcl_regex_span *out_spans)
{
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(subject->data);

    for (size_t i = 0; i <= regex->groups; i++) {
        bool took_part = places[2 * i] != PCRE2_UNSET;
        out_spans[i].begin = took_part ? to_original(subject, places[2 * i]) : (size_t)-1;
        out_spans[i].end = took_part ? to_original(subject, places[2 * i + 1]) : (size_t)-1;
    }
}

int vcl_regex_search(const vcl_regex *regex,
                     const char *text,
                     size_t size,
                     size_t from,
                     vcl_regex_span *out_spans,
                     vcluster_error **error)
{
    __attribute__((cleanup(subject_done))) searched subject = { 0 };
    int result = from > size ? 0 : subject_init(&subject, regex, text, size, error);

    if (result < 0 || from > size)
        return result;
    result = find(regex, &subject, to_repaired(&subject, from), error);
    if (result > 0)
        copy_spans(regex, &subject, out_spans);
    return result;
}

/* Bytes of the character at a place; 1 at the end. */
static size_t step_at(const searched *subject, size_t at)
{
    size_t size = 1;

    if (at < subject->size)
        vcl_regex_rune(subject->text + at, subject->size - at, &size);
    return size;
}

/* All matches of a text that is ready. */
static int visit_matches(const vcl_regex *regex,
                         searched *subject,
                         vcl_regex_visitor *visitor,
                         vcluster_error **error)
{
    vcl_auto_free vcl_regex_span *spans = calloc(regex->groups + 1, sizeof(*spans));
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(subject->data);
    int result = spans ? 0 : vcl_no_memory(error);
    size_t previous = SIZE_MAX;

    for (size_t at = 0; result == 0 && at <= subject->size;) {
        result = find(regex, subject, at, error);
        if (result <= 0)
            return result;

        bool is_empty = places[1] == at;
        bool repeated = is_empty && places[0] == previous; /* right behind a match */
        previous = places[1];
        at = is_empty ? at + step_at(subject, at) : previous;
        copy_spans(regex, subject, spans);
        result = repeated ? 0 : visitor->match(spans, visitor->user_data);
    }
    return result < 0 ? result : 0;
}

int vcl_regex_each(const vcl_regex *regex,
                   const char *text,
                   size_t size,
                   vcl_regex_visitor *visitor,
                   vcluster_error **error)
{
    __attribute__((cleanup(subject_done))) searched subject = { 0 };
    int result = subject_init(&subject, regex, text, size, error);
    int64_t budget = subject.budget.left;

    if (result == 0)
        result = visit_matches(regex, &subject, visitor, error);
    visitor->steps = (size_t)(budget - subject.budget.left) + size / 8;
    return result;
}
