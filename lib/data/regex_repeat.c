/* SPDX-License-Identifier: Apache-2.0 */
/* Repetitions in Go's regexp: * + ? {n,m}, how often at most, and none of a repetition. */
#include <string.h>

#include "data/regex_private.h"

/* A number without leading zeros; -1 when it is far too large, false when there is none. */
static bool take_number(const char **at, const char *end, int *out_number)
{
    const char *c = *at;
    int number = 0;

    if (c == end || *c < '0' || *c > '9' ||
        (*c == '0' && c + 1 < end && c[1] >= '0' && c[1] <= '9'))
        return false;
    for (; c < end && *c >= '0' && *c <= '9'; c++) {
        if (number >= 0)
            number = number > 100000 ? -1 : number * 10 + (*c - '0');
    }
    *at = c;
    *out_number = number;
    return true;
}

typedef struct repetition {
    int min;
    int max; /* -1: none */
    bool braces;
    const char *end;
} repetition;

/* "{n}", "{n,}" or "{n,m}"; what is none of these is text. too_large: a number is. */
static bool read_braces(const vcl_regex_parser *parser, repetition *out, bool *out_too_large)
{
    const char *c = parser->at + 1;

    if (!take_number(&c, parser->end, &out->min) || c == parser->end)
        return false;
    out->max = out->min;
    *out_too_large = out->min < 0;
    if (*c == ',') {
        c++;
        if (c < parser->end && *c == '}') {
            out->max = -1;
        } else if (!take_number(&c, parser->end, &out->max)) {
            return false;
        } else {
            *out_too_large = *out_too_large || out->max < 0;
        }
    }
    if (c == parser->end || *c != '}')
        return false;
    out->braces = true;
    out->end = c + 1;
    *out_too_large = *out_too_large || out->min > VCL_REGEX_MAX_COPIES ||
                     out->max > VCL_REGEX_MAX_COPIES || (out->max >= 0 && out->min > out->max);
    return true;
}

/* Put the last item into a group of its own. */
static void wrap_item(vcl_regex_parser *parser)
{
    static const char open[] = "(?:";
    enum { OPEN = sizeof(open) - 1 };
    size_t begin = parser->item_begin;

    if (!vcl_buf_add(&parser->out, open))
        return;
    memmove(parser->out.data + begin + OPEN, parser->out.data + begin,
            parser->out.size - OPEN - begin);
    memcpy(parser->out.data + begin, open, OPEN);
    vcl_buf_add_char(&parser->out, ')');
    parser->folds = parser->item_folds;
}

static void write_repetition(vcl_regex_parser *parser, const repetition *repeat, bool lazy)
{
    if (!parser->item_is_simple)
        wrap_item(parser);
    if (repeat->max < 0 && repeat->min < 2)
        vcl_buf_add_char(&parser->out, repeat->min ? '+' : '*');
    else if (repeat->max < 0)
        vcl_buf_addf(&parser->out, "{%d,}", repeat->min);
    else
        vcl_buf_addf(&parser->out, "{%d,%d}", repeat->min, repeat->max);
    if (lazy != ((parser->flags & VCL_REGEX_UNGREEDY) != 0))
        vcl_buf_add_char(&parser->out, '?');
    vcl_buf_add(&parser->out, "(?C)");
    parser->item_is_simple = false; /* only a group of it can be repeated again */
}

/* Copies of the innermost thing; more than Go allows is an error. */
static bool count_copies(vcl_regex_parser *parser, const repetition *repeat)
{
    int times = repeat->max < 0 ? repeat->min : repeat->max;

    if (!repeat->braces)
        return true;
    if (repeat->max == 0)
        parser->item_copies = 1;
    else if (times > 0)
        parser->item_copies *= times;
    return parser->item_copies <= VCL_REGEX_MAX_COPIES || (repeat->min < 2 && repeat->max < 2);
}

static int parse_repetition(vcl_regex_parser *parser, const repetition *repeat)
{
    const char *start = parser->at;
    const char *end = repeat->end;
    bool lazy = end < parser->end && *end == '?';
    size_t size = (size_t)(end - start) + lazy;

    if (parser->last_repeat)
        return vcl_regex_bad(parser, "invalid nested repetition operator", parser->last_repeat,
                             (size_t)(start - parser->last_repeat) + size);
    if (!parser->has_item)
        return vcl_regex_bad(parser, "missing argument to repetition operator", start, size);
    if (!count_copies(parser, repeat))
        return vcl_regex_bad(parser, "invalid repeat count", start, size);
    write_repetition(parser, repeat, lazy);
    parser->at = start + size;
    parser->last_repeat = start;
    return 0;
}

/* A repetition in braces; what only looks like one is left. */
int vcl_regex_parse_braces(vcl_regex_parser *parser, bool *out_is_one)
{
    repetition repeat = { 0 };
    bool too_large = false;

    *out_is_one = read_braces(parser, &repeat, &too_large);
    if (!*out_is_one)
        return 0;
    if (too_large)
        return vcl_regex_bad(parser, "invalid repeat count", parser->at,
                             (size_t)(repeat.end - parser->at));
    return parse_repetition(parser, &repeat);
}

int vcl_regex_parse_repeat(vcl_regex_parser *parser)
{
    char c = *parser->at;
    repetition repeat = { .min = c == '+', .max = c == '?' ? 1 : -1, .end = parser->at + 1 };

    return parse_repetition(parser, &repeat);
}
