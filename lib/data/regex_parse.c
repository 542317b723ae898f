/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the syntax of Go's regexp to a pattern of PCRE2 that means the same. It reads left to right
 * and writes each item as it comes, in a form that depends on no option of PCRE2: anchors as \A and
 * \z or look-around, classes as ranges, and a callout, by which the matcher counts its steps, at
 * each place from where a match can go more than one way. Messages are those of Go 1.26
 * (regexp/syntax).
 */
#include <stdlib.h>
#include <string.h>

#include "data/regex_private.h"

int vcl_regex_bad(vcl_regex_parser *parser, const char *what, const char *text, size_t size)
{
    enum { MAX_SHOWN = 512 };

    if (size > MAX_SHOWN)
        size = MAX_SHOWN;
    return vcl_fail(parser->error, VCLUSTER_E_CONFIG, "error parsing regexp: %s: `%.*s`", what,
                    (int)size, text);
}

uint32_t vcl_regex_rune(const char *text, size_t size, size_t *out_size)
{
    static const uint32_t lowest[] = { 0, 0x80, 0x800, 0x10000 };
    const unsigned char *data = (const unsigned char *)text;

    *out_size = 1;
    if (data[0] < 0x80)
        return data[0];

    size_t more = data[0] >= 0xF0 ? 3 : data[0] >= 0xE0 ? 2 : 1;
    if (data[0] < 0xC2 || data[0] > 0xF4 || size <= more)
        return 0xFFFD;

    uint32_t rune = data[0] & (0x3Fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((data[i] & 0xC0) != 0x80)
            return 0xFFFD;
        rune = rune << 6 | (data[i] & 0x3F);
    }
    if (rune < lowest[more] || rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF))
        return 0xFFFD;
    *out_size = more + 1;
    return rune;
}

int vcl_regex_take_rune(vcl_regex_parser *parser, uint32_t *out_rune)
{
    size_t left = (size_t)(parser->end - parser->at);
    size_t size;

    *out_rune = vcl_regex_rune(parser->at, left, &size);
    if (*out_rune == 0xFFFD && size == 1)
        return vcl_regex_bad(parser, "invalid UTF-8", parser->at, left);
    parser->at += size;
    return 0;
}

static void set_folds(vcl_regex_parser *parser, bool folds)
{
    if (parser->folds != folds)
        vcl_buf_add(&parser->out, folds ? "(?i)" : "(?-i)");
    parser->folds = folds;
}

void vcl_regex_start_item(vcl_regex_parser *parser, bool folds, bool simple)
{
    parser->has_item = true;
    parser->item_is_simple = simple && parser->folds == folds;
    parser->item_folds = parser->folds;
    parser->item_begin = parser->out.size;
    parser->item_copies = 1;
    set_folds(parser, folds);
}

static bool is_alnum(uint32_t rune)
{
    uint32_t lower = rune | 0x20;

    return (rune >= '0' && rune <= '9') || (lower >= 'a' && lower <= 'z' && rune < 0x80);
}

void vcl_regex_add_rune(vcl_regex_parser *parser, uint32_t rune)
{
    if (is_alnum(rune))
        vcl_buf_add_char(&parser->out, (char)rune);
    else
        vcl_buf_addf(&parser->out, "\\x{%x}", (unsigned)rune);
}

static void literal(vcl_regex_parser *parser, uint32_t rune)
{
    bool has_case = rune >= 0x80 || (is_alnum(rune) && rune > '9');
    bool folds = has_case ? (parser->flags & VCL_REGEX_FOLD) != 0 : parser->folds;

    vcl_regex_start_item(parser, folds, true);
    vcl_regex_add_rune(parser, rune);
}

/* An item of PCRE2 that knows no case. */
static void plain(vcl_regex_parser *parser, const char *text, bool simple)
{
    vcl_regex_start_item(parser, parser->folds, simple);
    vcl_buf_add(&parser->out, text);
}

static void begin_group(vcl_regex_parser *parser)
{
    parser->open[parser->depth++] = (vcl_regex_open){
        .flags = parser->flags,
        .folds = parser->folds,
        .begin = parser->out.size,
        .copies = parser->copies,
    };
    parser->copies = 1;
    parser->has_item = false;
}

/* Write the start of a group. */
static int open_group(vcl_regex_parser *parser, bool captures)
{
    if (parser->depth == VCL_REGEX_MAX_NESTING)
        return vcl_regex_bad(parser, "expression nests too deeply", parser->pattern,
                             (size_t)(parser->end - parser->pattern));
    begin_group(parser);
    vcl_buf_add(&parser->out, captures ? "((?C)" : "(?:(?C)");
    parser->groups += captures;
    return 0;
}

static int close_group(vcl_regex_parser *parser)
{
    if (parser->depth == 0)
        return vcl_regex_bad(parser, "unexpected )", parser->pattern,
                             (size_t)(parser->end - parser->pattern));

    const vcl_regex_open *open = &parser->open[--parser->depth];
    vcl_buf_add_char(&parser->out, ')');
    parser->flags = open->flags;
    parser->folds = open->folds;
    parser->has_item = true;
    parser->item_is_simple = true;
    parser->item_folds = open->folds;
    parser->item_begin = open->begin;
    parser->item_copies = parser->copies;
    if (open->copies > parser->copies)
        parser->copies = open->copies;
    parser->at++;
    return 0;
}

static bool add_name(vcl_regex_parser *parser, const char *text, size_t size)
{
    if (parser->name_count == parser->name_capacity) {
        size_t capacity = parser->name_capacity ? parser->name_capacity * 2 : 8;
        vcl_regex_name *names = reallocarray(parser->names, capacity, sizeof(*names));
        if (!names)
            return false;
        parser->names = names;
        parser->name_capacity = capacity;
    }
    parser->names[parser->name_count++] =
        (vcl_regex_name){ .text = text, .size = size, .group = parser->groups };
    return true;
}

/* "(?P<name>" or "(?<name>"; name is where the name starts. */
static int open_named(vcl_regex_parser *parser, const char *name)
{
    static const char what[] = "invalid named capture";
    const char *end = memchr(name, '>', (size_t)(parser->end - name));

    if (!end)
        return vcl_regex_bad(parser, what, parser->at, (size_t)(parser->end - parser->at));

    bool good = end > name;
    for (const char *c = name; c < end; c++)
        good = good && (*c == '_' || is_alnum((unsigned char)*c));
    if (!good)
        return vcl_regex_bad(parser, what, parser->at, (size_t)(end + 1 - parser->at));

    int result = open_group(parser, true);
    if (result == 0 && !add_name(parser, name, (size_t)(end - name)))
        return vcl_no_memory(parser->error);
    parser->at = end + 1;
    return result;
}

static unsigned flag_of(uint32_t rune)
{
    switch (rune) {
    case 'i':
        return VCL_REGEX_FOLD;
    case 'm':
        return VCL_REGEX_MULTI_LINE;
    case 's':
        return VCL_REGEX_DOT_NEWLINE;
    case 'U':
        return VCL_REGEX_UNGREEDY;
    default:
        return 0;
    }
}

/* "(?i)", "(?i-s:" and the like. */
static int open_flags(vcl_regex_parser *parser)
{
    const char *start = parser->at;
    unsigned flags = parser->flags;
    bool negative = false;
    bool seen = true; /* a flag behind '-' */

    parser->at += 2;
    while (parser->at < parser->end) {
        uint32_t rune;
        int result = vcl_regex_take_rune(parser, &rune);
        if (result < 0)
            return result;

        unsigned flag = flag_of(rune);
        if (flag) {
            flags = negative ? flags & ~flag : flags | flag;
            seen = true;
        } else if (rune == '-' && !negative) {
            negative = true;
            seen = false;
        } else if ((rune == ':' || rune == ')') && seen) {
            result = rune == ':' ? open_group(parser, false) : 0;
            parser->flags = flags;
            return result;
        } else {
            break;
        }
    }
    return vcl_regex_bad(parser, "invalid or unsupported Perl syntax", start,
                         (size_t)(parser->at - start));
}

static int parse_open(vcl_regex_parser *parser)
{
    const char *at = parser->at;
    size_t left = (size_t)(parser->end - at);

    if (left < 2 || at[1] != '?') {
        parser->at++;
        return open_group(parser, true);
    }
    if (left > 4 && at[2] == 'P' && at[3] == '<')
        return open_named(parser, at + 4);
    if (left > 3 && at[2] == '<')
        return open_named(parser, at + 3);
    return open_flags(parser);
}

/* "\Q...\E": text as it is. */
static int parse_quoted(vcl_regex_parser *parser)
{
    parser->at += 2;
    while (parser->at < parser->end) {
        uint32_t rune;
        if (parser->at[0] == '\\' && parser->at + 1 < parser->end && parser->at[1] == 'E') {
            parser->at += 2;
            return 0;
        }
        int result = vcl_regex_take_rune(parser, &rune);
        if (result < 0)
            return result;
        literal(parser, rune);
    }
    return 0;
}

static int parse_backslash(vcl_regex_parser *parser)
{
    char next = parser->at + 1 < parser->end ? parser->at[1] : '\0';
    uint32_t rune;

    switch (next) {
    case 'A':
    case 'z':
    case 'b':
    case 'B':
        plain(parser, (char[]){ '\\', next, '\0' }, false);
        parser->at += 2;
        return 0;
    case 'Q':
        return parse_quoted(parser);
    default:
        break;
    }

    int result = vcl_regex_parse_class_escape(parser);
    if (result != 0)
        return result < 0 ? result : 0;
    result = vcl_regex_parse_escape(parser, &rune);
    if (result == 0)
        literal(parser, rune);
    return result;
}

static int parse_braces(vcl_regex_parser *parser)
{
    bool is_repetition = false;
    int result = vcl_regex_parse_braces(parser, &is_repetition);

    if (result < 0 || is_repetition)
        return result;
    literal(parser, '{');
    parser->at++;
    return 0;
}

static int parse_anchor(vcl_regex_parser *parser, const char *line, const char *text, bool simple)
{
    plain(parser, line && parser->flags & VCL_REGEX_MULTI_LINE ? line : text, simple);
    parser->at++;
    return 0;
}

static int parse_bar(vcl_regex_parser *parser)
{
    vcl_buf_add(&parser->out, "|(?C)");
    parser->has_item = false;
    parser->at++;
    return 0;
}

static int parse_literal(vcl_regex_parser *parser)
{
    uint32_t rune;
    int result = vcl_regex_take_rune(parser, &rune);

    if (result == 0)
        literal(parser, rune);
    return result;
}

static int parse_item(vcl_regex_parser *parser)
{
    switch (*parser->at) {
    case '(':
        return parse_open(parser);
    case '|':
        return parse_bar(parser);
    case ')':
        return close_group(parser);
    case '^': /* not PCRE2's own, which is not true behind the last newline */
        return parse_anchor(parser, "(?<![^\\n])", "\\A", false);
    case '$':
        return parse_anchor(parser, "(?![^\\n])", "\\z", false);
    case '.':
        return parse_anchor(parser, NULL,
                            parser->flags & VCL_REGEX_DOT_NEWLINE ? "(?s:.)" : "[^\\n]", true);
    case '[':
        return vcl_regex_parse_class(parser);
    case '*':
    case '+':
    case '?':
        return vcl_regex_parse_repeat(parser);
    case '{':
        return parse_braces(parser);
    case '\\':
        return parse_backslash(parser);
    default:
        return parse_literal(parser);
    }
}

int vcl_regex_parse(vcl_regex_parser *parser)
{
    parser->copies = 1;
    vcl_buf_add(&parser->out, "(?C)");
    while (parser->at < parser->end) {
        const char *repeat = parser->last_repeat;
        int result = parse_item(parser);
        if (result < 0)
            return result;
        if (parser->last_repeat == repeat)
            parser->last_repeat = NULL; /* what was read is no repetition */
        if (parser->has_item && parser->item_copies > parser->copies)
            parser->copies = parser->item_copies;
    }
    if (parser->depth > 0)
        return vcl_regex_bad(parser, "missing closing )", parser->pattern,
                             (size_t)(parser->end - parser->pattern));
    return vcl_buf_failed(&parser->out) ? vcl_no_memory(parser->error) : 0;
}
