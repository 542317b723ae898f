/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions (data/regex.h). A pattern that is wrong fails with the words of Go: those of
 * a panic for regexFind and the like, those of an error for mustRegexFind; for regexMatch it is no
 * match, as in sprig. Reaching a limit is an error everywhere.
 */
#include <string.h>

#include "base/limits.h"
#include "chart/functions/funcs.h"
#include "chart/template/utf8.h"
#include "data/regex.h"

VCL_DEFINE_CLEANUP(vcl_regex, vcl_regex_free);

/* How a pattern that is wrong is reported. */
typedef enum wrong_pattern { AS_PANIC, AS_ERROR, AS_NOTHING } wrong_pattern;

/* Whether Go shows the text in `` quotes. */
static bool can_backquote(vcl_tpl_text text)
{
    size_t size;

    for (; text.size; text.data += size, text.size -= size) {
        uint32_t rune = vcl_tpl_rune(text, &size);
        if ((rune == VCL_TPL_BAD_RUNE && size == 1) || rune == 0xFEFF || rune == '`' ||
            rune == 0x7F || (rune < ' ' && rune != '\t'))
            return false;
    }
    return true;
}

static int
raise_pattern(vcl_tpl_state *state, vcl_tpl_text pattern, const char *message, wrong_pattern wrong)
{
    VCL_AUTO_BUF shown = { .max = VCL_MAX_MESSAGE };

    if (wrong == AS_ERROR)
        return vcl_tpl_raise(state, "%s", message);
    if (can_backquote(pattern))
        vcl_buf_addf(&shown, "`%.*s`", (int)pattern.size, pattern.data ? pattern.data : "");
    else
        vcl_tpl_quote(&shown, pattern, false);
    return vcl_tpl_raise(state, "regexp: Compile(%s): %s", vcl_buf_text(&shown), message);
}

/* The pattern as a string; a NUL in it is escaped. */
static char *pattern_string(vcl_tpl_text pattern)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };

    vcl_buf_add(&buf, "");
    for (size_t i = 0; i < pattern.size; i++) {
        if (pattern.data[i])
            vcl_buf_add_char(&buf, pattern.data[i]);
        else
            vcl_buf_add(&buf, "\\x00");
    }
    return vcl_buf_steal(&buf);
}

/* *out_regex stays NULL for a pattern that is wrong and to be ignored. */
static int
compile(vcl_tpl_state *state, vcl_tpl_text pattern, wrong_pattern wrong, vcl_regex **out_regex)
{
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *string = pattern_string(pattern);
    int result = string ? vcl_tpl_spend(state, 100 + pattern.size) : vcl_tpl_raise_memory(state);

    if (result < 0)
        return result;
    result = vcl_regex_compile(string, out_regex, &error);
    if (result == 0)
        return 0;
    if (result == VCLUSTER_E_NO_MEMORY)
        return vcl_tpl_raise_memory(state);
    return wrong == AS_NOTHING
               ? 0
               : raise_pattern(state, pattern, vcluster_error_message(error), wrong);
}

static int
visit(vcl_tpl_state *state, const vcl_regex *regex, vcl_tpl_text text, vcl_regex_visitor *visitor)
{
    VCL_AUTO_ERROR *error = NULL;
    int result = vcl_regex_each(regex, text.data, text.size, visitor, &error);

    if (result == VCLUSTER_E_NO_MEMORY)
        return vcl_tpl_raise_memory(state);
    if (result < 0)
        return vcl_tpl_raise(state, "%s", vcluster_error_message(error));
    return vcl_tpl_spend(state, visitor->steps);
}

static vcl_tpl_text text_at(vcl_tpl_text text, size_t begin, size_t end)
{
    return (vcl_tpl_text){ text.data + begin, end - begin };
}

/* ------------------------------------------------------------ the first match */

typedef struct first_match {
    bool found;
    vcl_regex_span span;
} first_match;

static int keep_first(const vcl_regex_span *spans, void *user_data)
{
    first_match *first = user_data;

    first->found = true;
    first->span = spans[0];
    return 1;
}

static int find_first(vcl_tpl_state *state,
                      const vcl_tpl_value *args,
                      wrong_pattern wrong,
                      first_match *out_first)
{
    VCL_AUTO_PTR(vcl_regex) regex = NULL;
    vcl_regex_visitor visitor = { .match = keep_first, .user_data = out_first };
    int result = compile(state, args[0].text, wrong, &regex);

    return result < 0 || !regex ? result : visit(state, regex, args[1].text, &visitor);
}

static int
match(vcl_tpl_state *state, const vcl_tpl_value *args, wrong_pattern wrong, vcl_tpl_value *out)
{
    first_match first = { 0 };
    int result = find_first(state, args, wrong, &first);

    *out = vcl_tpl_bool(first.found);
    return result;
}

static int
find(vcl_tpl_state *state, const vcl_tpl_value *args, wrong_pattern wrong, vcl_tpl_value *out)
{
    first_match first = { 0 };
    int result = find_first(state, args, wrong, &first);

    *out = first.found ? vcl_tpl_string(text_at(args[1].text, first.span.begin, first.span.end))
                       : vcl_tpl_cstring("");
    return result;
}

/* ------------------------------------------------------------ lists of texts */

/* Places in the text: matches, or what is between them. */
typedef struct place_list {
    vcl_buf spans; /* of vcl_regex_span */
    int64_t limit; /* negative: none */
    int64_t count;
} place_list;

static int keep_place(const vcl_regex_span *spans, void *user_data)
{
    place_list *places = user_data;

    if (!vcl_buf_append(&places->spans, &spans[0], sizeof(spans[0])))
        return 1;
    return ++places->count == places->limit;
}

static int
find_places(vcl_tpl_state *state, const vcl_regex *regex, vcl_tpl_text text, place_list *out_places)
{
    vcl_regex_visitor visitor = { .match = keep_place, .user_data = out_places };

    vcl_buf_init(&out_places->spans, VCL_MAX_TEMPLATE_MEMORY);
    if (out_places->limit == 0)
        return 0;
    int result = visit(state, regex, text, &visitor);
    if (result == 0 && vcl_buf_failed(&out_places->spans))
        return vcl_tpl_raise_memory(state);
    return result;
}

static vcl_regex_span place_at(const place_list *places, int64_t index)
{
    vcl_regex_span span;

    memcpy(&span, places->spans.data + (size_t)index * sizeof(span), sizeof(span));
    return span;
}

static void places_done(place_list *places)
{
    vcl_buf_done(&places->spans);
}

#define AUTO_PLACES __attribute__((cleanup(places_done))) place_list

static int
find_all(vcl_tpl_state *state, const vcl_tpl_value *args, wrong_pattern wrong, vcl_tpl_value *out)
{
    VCL_AUTO_PTR(vcl_regex) regex = NULL;
    AUTO_PLACES places = { .limit = args[2].integer };
    int result = compile(state, args[0].text, wrong, &regex);

    *out = vcl_tpl_list_value(NULL, VCL_TPL_T_STRINGS);
    if (result == 0)
        result = find_places(state, regex, args[1].text, &places);
    if (result == 0 && places.count)
        result = vcl_tpl_new_list(state, (size_t)places.count, VCL_TPL_T_STRINGS, out);
    for (int64_t i = 0; result == 0 && i < places.count; i++) {
        vcl_regex_span span = place_at(&places, i);
        out->list->items[i] = vcl_tpl_string(text_at(args[1].text, span.begin, span.end));
    }
    return result;
}

/* The texts between places; at most limit of them when it is not negative. */
static void split_at(const place_list *places, vcl_tpl_text text, vcl_tpl_list *list)
{
    size_t begin = 0;
    size_t end = 0;

    list->count = 0;
    for (int64_t i = 0; i < places->count; i++) {
        vcl_regex_span span = place_at(places, i);
        if (places->limit > 0 && (int64_t)list->count == places->limit - 1)
            break;
        end = span.begin;
        if (span.end != 0)
            list->items[list->count++] = vcl_tpl_string(text_at(text, begin, end));
        begin = span.end;
    }
    if (end != text.size)
        list->items[list->count++] = vcl_tpl_string(text_at(text, begin, text.size));
}

static int
split(vcl_tpl_state *state, const vcl_tpl_value *args, wrong_pattern wrong, vcl_tpl_value *out)
{
    VCL_AUTO_PTR(vcl_regex) regex = NULL;
    AUTO_PLACES places = { .limit = args[2].integer };
    vcl_tpl_text text = args[1].text;
    int result = compile(state, args[0].text, wrong, &regex);

    *out = vcl_tpl_list_value(NULL, VCL_TPL_T_STRINGS);
    if (result < 0 || args[2].integer == 0)
        return result;
    result = find_places(state, regex, text, &places);
    if (result == 0)
        result = vcl_tpl_new_list(state, (size_t)places.count + 1, VCL_TPL_T_STRINGS, out);
    if (result < 0)
        return result;
    if (args[0].text.size && text.size == 0)
        out->list->items[0] = vcl_tpl_cstring(""); /* the only one */
    else
        split_at(&places, text, out->list);
    if (args[0].text.size && text.size == 0)
        out->list->count = 1;
    return 0;
}

/* ------------------------------------------------------------ replacing */

typedef struct replacing {
    const vcl_regex *regex;
    vcl_tpl_text text;
    vcl_tpl_text with;
    bool literal;
    size_t end; /* of the last match */
    vcl_buf *out;
} replacing;

static bool is_name_rune(uint32_t rune)
{
    return rune == '_' || (rune >= '0' && rune <= '9') || vcl_tpl_is_letter(rune);
}

/* The name behind a '$': "1", "name", "{name}". Size of all of it, 0 when it is none. */
static size_t take_name(vcl_tpl_text text, vcl_tpl_text *out_name)
{
    bool braces = text.size && text.data[0] == '{';
    vcl_tpl_text rest = text_at(text, braces, text.size);
    size_t used = 0;
    size_t size;

    while (used < rest.size && is_name_rune(vcl_tpl_rune(text_at(rest, used, rest.size), &size)))
        used += size;
    *out_name = text_at(rest, 0, used);
    if (used == 0 || (braces && (used == rest.size || rest.data[used] != '}')))
        return 0;
    return used + (braces ? 2 : 0);
}

/* The number of a group, or SIZE_MAX when there is none of that name. */
static size_t group_of(const vcl_regex *regex, vcl_tpl_text name)
{
    size_t number = 0;
    bool is_number = name.size == 1 || name.data[0] != '0';

    for (size_t i = 0; i < name.size; i++) {
        is_number = is_number && name.data[i] >= '0' && name.data[i] <= '9' && number < 100000000;
        if (is_number)
            number = number * 10 + (size_t)(name.data[i] - '0');
    }
    if (!is_number)
        number = vcl_regex_group_named(regex, name.data, name.size);
    else if (number == 0)
        return 0;
    return number && number <= vcl_regex_groups(regex) ? number : SIZE_MAX;
}

/* The replacement with $1 and ${name} filled in. */
static void expand(replacing *r, const vcl_regex_span *spans)
{
    vcl_tpl_text with = r->with;
    const char *dollar;

    while (with.size && (dollar = memchr(with.data, '$', with.size))) {
        size_t before = (size_t)(dollar - with.data);
        vcl_tpl_text name;
        vcl_buf_append(r->out, with.data, before);
        with = text_at(with, before + 1, with.size);
        size_t size = take_name(with, &name);
        size_t group = size ? group_of(r->regex, name) : SIZE_MAX;
        if (size == 0)
            vcl_buf_add_char(r->out, '$');
        if (size == 0 && with.size && with.data[0] == '$')
            size = 1;
        with = text_at(with, size, with.size);
        if (group != SIZE_MAX && spans[group].begin != (size_t)-1)
            vcl_buf_append(r->out, r->text.data + spans[group].begin,
                           spans[group].end - spans[group].begin);
    }
    vcl_buf_append(r->out, with.data, with.size);
}

static int replace_match(const vcl_regex_span *spans, void *user_data)
{
    replacing *r = user_data;

    vcl_buf_append(r->out, r->text.data + r->end, spans[0].begin - r->end);
    r->end = spans[0].end;
    if (r->literal)
        vcl_buf_append(r->out, r->with.data, r->with.size);
    else
        expand(r, spans);
    return vcl_buf_failed(r->out);
}

static int replace(vcl_tpl_state *state,
                   const vcl_tpl_value *args,
                   bool literal,
                   wrong_pattern wrong,
                   vcl_tpl_value *out)
{
    VCL_AUTO_PTR(vcl_regex) regex = NULL;
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    replacing r = { .text = args[1].text, .with = args[2].text, .literal = literal, .out = &buf };
    vcl_regex_visitor visitor = { .match = replace_match, .user_data = &r };
    int result = compile(state, args[0].text, wrong, &regex);

    r.regex = regex;
    if (result == 0)
        result = visit(state, regex, r.text, &visitor);
    if (result < 0)
        return result;
    vcl_buf_append(&buf, r.text.data + r.end, r.text.size - r.end);
    return vcl_tpl_return_buf(state, &buf, out);
}

/* ------------------------------------------------------------ the functions */

#define FUNCTION(name, call)                                                                       \
    static int name(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count,                 \
                    vcl_tpl_value *out)                                                            \
    {                                                                                              \
        (void)count;                                                                               \
        return call;                                                                               \
    }

FUNCTION(regex_match, match(state, args, AS_NOTHING, out))
FUNCTION(must_regex_match, match(state, args, AS_ERROR, out))
FUNCTION(regex_find, find(state, args, AS_PANIC, out))
FUNCTION(must_regex_find, find(state, args, AS_ERROR, out))
FUNCTION(regex_find_all, find_all(state, args, AS_PANIC, out))
FUNCTION(must_regex_find_all, find_all(state, args, AS_ERROR, out))
FUNCTION(regex_split, split(state, args, AS_PANIC, out))
FUNCTION(must_regex_split, split(state, args, AS_ERROR, out))
FUNCTION(regex_replace, replace(state, args, false, AS_PANIC, out))
FUNCTION(must_regex_replace, replace(state, args, false, AS_ERROR, out))
FUNCTION(regex_replace_literal, replace(state, args, true, AS_PANIC, out))
FUNCTION(must_regex_replace_literal, replace(state, args, true, AS_ERROR, out))

static int
quote_meta(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };

    (void)count;
    for (size_t i = 0; i < args[0].text.size; i++) {
        char c = args[0].text.data[i];
        if (c && strchr("\\.+*?()|[]{}^$", c))
            vcl_buf_add_char(&buf, '\\');
        vcl_buf_add_char(&buf, c);
    }
    return vcl_tpl_return_buf(state, &buf, out);
}

const vcl_tpl_function vcl_tpl_funcs_regex[] = {
    { "regexMatch", "ss", 0, regex_match },
    { "mustRegexMatch", "ss", 0, must_regex_match },
    { "regexFind", "ss", 0, regex_find },
    { "mustRegexFind", "ss", 0, must_regex_find },
    { "regexFindAll", "ssi", 0, regex_find_all },
    { "mustRegexFindAll", "ssi", 0, must_regex_find_all },
    { "regexSplit", "ssi", 0, regex_split },
    { "mustRegexSplit", "ssi", 0, must_regex_split },
    { "regexReplaceAll", "sss", 0, regex_replace },
    { "mustRegexReplaceAll", "sss", 0, must_regex_replace },
    { "regexReplaceAllLiteral", "sss", 0, regex_replace_literal },
    { "mustRegexReplaceAllLiteral", "sss", 0, must_regex_replace_literal },
    { "regexQuoteMeta", "s", 0, quote_meta },
    { NULL, NULL, 0, NULL },
};
