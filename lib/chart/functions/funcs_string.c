/* SPDX-License-Identifier: Apache-2.0 */
/* Texts: trimming, quoting, indenting, searching. Counts are bytes, as in sprig. */
#include <string.h>

#include "base/limits.h"
#include "chart/functions/funcs.h"
#include "chart/template/print.h"
#include "chart/template/utf8.h"

static vcl_tpl_text part(vcl_tpl_text text, size_t start, size_t end)
{
    return (vcl_tpl_text){ text.data + start, end - start };
}

static bool has_prefix(vcl_tpl_text text, vcl_tpl_text prefix)
{
    return text.size >= prefix.size && vcl_tpl_text_equal(part(text, 0, prefix.size), prefix);
}

static bool has_suffix(vcl_tpl_text text, vcl_tpl_text suffix)
{
    return text.size >= suffix.size &&
           vcl_tpl_text_equal(part(text, text.size - suffix.size, text.size), suffix);
}

/* Whether a code point is one of a set. */
static bool in_set(uint32_t rune, vcl_tpl_text set)
{
    size_t size;

    for (vcl_tpl_text rest = set; rest.size; rest = part(rest, size, rest.size)) {
        if (vcl_tpl_rune(rest, &size) == rune)
            return true;
    }
    return false;
}

static vcl_tpl_text trim_both(vcl_tpl_text text, vcl_tpl_text set)
{
    size_t size;

    while (text.size && in_set(vcl_tpl_rune(text, &size), set))
        text = part(text, size, text.size);
    while (text.size && in_set(vcl_tpl_last_rune(text, &size), set))
        text.size -= size;
    return text;
}

static int trim(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_string(vcl_tpl_trim_space(args[0].text));
    return 0;
}

static int
trim_all(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_string(trim_both(args[1].text, args[0].text));
    return 0;
}

static int
trim_prefix(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text text = args[1].text;

    (void)state;
    (void)count;
    if (has_prefix(text, args[0].text))
        text = part(text, args[0].text.size, text.size);
    *out = vcl_tpl_string(text);
    return 0;
}

static int
trim_suffix(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text text = args[1].text;

    (void)state;
    (void)count;
    if (has_suffix(text, args[0].text))
        text.size -= args[0].text.size;
    *out = vcl_tpl_string(text);
    return 0;
}

/* The first bytes; of a negative number the last ones. */
static int trunc_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int64_t length = args[0].integer;
    vcl_tpl_text text = args[1].text;
    int64_t size = (int64_t)text.size;

    (void)state;
    (void)count;
    if (length < 0 && length > -size)
        text = part(text, (size_t)(size + length), text.size);
    else if (length >= 0 && size > length)
        text.size = (size_t)length;
    *out = vcl_tpl_string(text);
    return 0;
}

static int out_of_bounds(vcl_tpl_state *state, int64_t start, int64_t end, int64_t size)
{
    static const char what[] = "runtime error: slice bounds out of range";

    if (end < 0)
        return vcl_tpl_raise(state, "%s [:%lld]", what, (long long)end);
    if (end > size)
        return vcl_tpl_raise(state, "%s [:%lld] with length %lld", what, (long long)end,
                             (long long)size);
    return vcl_tpl_raise(state, "%s [%lld:%lld]", what, (long long)start, (long long)end);
}

static int substr(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int64_t start = args[0].integer;
    int64_t end = args[1].integer;
    int64_t size = (int64_t)args[2].text.size;

    (void)count;
    if (start < 0)
        start = 0;
    else if (end < 0 || end > size)
        end = size;
    if (end < 0 || end > size || start > end)
        return out_of_bounds(state, start, end, size);
    *out = vcl_tpl_string(part(args[2].text, (size_t)start, (size_t)end));
    return 0;
}

static int too_large(vcl_tpl_state *state)
{
    return vcl_tpl_raise(state, "a text is larger than %d bytes", VCL_MAX_TEMPLATE_OUTPUT);
}

static int repeat(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };

    (void)count;
    if (args[0].integer < 0)
        return vcl_tpl_raise(state, "strings: negative Repeat count");
    if (args[1].text.size &&
        (uint64_t)args[0].integer > VCL_MAX_TEMPLATE_OUTPUT / args[1].text.size)
        return too_large(state);
    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    for (int64_t i = 0; i < args[0].integer && args[1].text.size && !vcl_buf_failed(&buf); i++)
        vcl_buf_append(&buf, args[1].text.data, args[1].text.size);
    return vcl_tpl_return_buf(state, &buf, out);
}

static int
contains(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text needle = args[0].text;
    vcl_tpl_text text = args[1].text;

    (void)state;
    (void)count;
    *out = vcl_tpl_bool(needle.size == 0 || memmem(text.data, text.size, needle.data, needle.size));
    return 0;
}

static int
has_prefix_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_bool(has_prefix(args[1].text, args[0].text));
    return 0;
}

static int
has_suffix_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_bool(has_suffix(args[1].text, args[0].text));
    return 0;
}

/* Each operand that is not nil, quoted, with spaces between them. */
static int quote(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };
    vcl_tpl_text text;

    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    for (size_t i = 0; i < count; i++) {
        if (args[i].kind == VCL_TPL_NIL)
            continue;
        int result = vcl_tpl_text_of(state, &args[i], &text);
        if (result < 0)
            return result;
        vcl_buf_add(&buf, buf.size ? " " : "");
        vcl_tpl_quote(&buf, text, false);
    }
    return vcl_tpl_return_buf(state, &buf, out);
}

static int squote(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };

    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    for (size_t i = 0; i < count; i++) {
        if (args[i].kind == VCL_TPL_NIL)
            continue;
        vcl_buf_add(&buf, buf.size ? " '" : "'");
        vcl_tpl_print(&buf, &args[i]);
        vcl_buf_add_char(&buf, '\'');
    }
    return vcl_tpl_return_buf(state, &buf, out);
}

static int cat(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };
    bool first = true;

    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    for (size_t i = 0; i < count; i++) {
        if (args[i].kind == VCL_TPL_NIL)
            continue;
        vcl_buf_add(&buf, first ? "" : " ");
        vcl_tpl_print(&buf, &args[i]);
        first = false;
    }
    return vcl_tpl_return_buf(state, &buf, out);
}

static int
indent_into(vcl_tpl_state *state, const vcl_tpl_value *args, const char *before, vcl_tpl_value *out)
{
    vcl_tpl_text text = args[1].text;
    VCL_AUTO_BUF buf = { 0 };

    if (args[0].integer < 0)
        return vcl_tpl_raise(state, "strings: negative Repeat count");
    if (args[0].integer > VCL_MAX_TEMPLATE_OUTPUT)
        return too_large(state);
    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    vcl_buf_add(&buf, before);
    for (;;) {
        const char *newline = text.size ? memchr(text.data, '\n', text.size) : NULL;
        size_t size = newline ? (size_t)(newline - text.data) + 1 : text.size;
        for (int64_t i = 0; i < args[0].integer && !vcl_buf_failed(&buf); i++)
            vcl_buf_add_char(&buf, ' ');
        vcl_buf_append(&buf, text.data, size);
        text = part(text, size, text.size);
        if (!newline)
            return vcl_tpl_return_buf(state, &buf, out);
    }
}

static int indent(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return indent_into(state, args, "", out);
}

static int
nindent(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return indent_into(state, args, "\n", out);
}

/* An empty text is found before every character and at the end. */
static void replace_empty(vcl_buf *buf, vcl_tpl_text text, vcl_tpl_text with)
{
    size_t size;

    vcl_buf_append(buf, with.data, with.size);
    while (text.size && !vcl_buf_failed(buf)) {
        vcl_tpl_rune(text, &size);
        vcl_buf_append(buf, text.data, size);
        vcl_buf_append(buf, with.data, with.size);
        text = part(text, size, text.size);
    }
}

static int
replace(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text old = args[0].text;
    vcl_tpl_text text = args[2].text;
    VCL_AUTO_BUF buf = { 0 };

    (void)count;
    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    if (old.size == 0) {
        replace_empty(&buf, text, args[1].text);
        return vcl_tpl_return_buf(state, &buf, out);
    }
    while (!vcl_buf_failed(&buf)) {
        const char *found = text.size ? memmem(text.data, text.size, old.data, old.size) : NULL;
        size_t size = found ? (size_t)(found - text.data) : text.size;
        vcl_buf_append(&buf, text.data, size);
        if (!found)
            break;
        vcl_buf_append(&buf, args[1].text.data, args[1].text.size);
        text = part(text, size + old.size, text.size);
    }
    return vcl_tpl_return_buf(state, &buf, out);
}

static int plural(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = args[2].integer == 1 ? args[0] : args[1];
    return 0;
}

static int
to_string(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text text;
    int result = vcl_tpl_text_of(state, &args[0], &text);

    (void)count;
    if (result == 0)
        *out = vcl_tpl_string(text);
    return result;
}

static int hello(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)args;
    (void)count;
    *out = vcl_tpl_cstring("Hello!");
    return 0;
}

const vcl_tpl_function vcl_tpl_funcs_string[] = {
    { "trim", "s", 0, trim },
    { "trimAll", "ss", 0, trim_all },
    { "trimall", "ss", 0, trim_all },
    { "trimPrefix", "ss", 0, trim_prefix },
    { "trimSuffix", "ss", 0, trim_suffix },
    { "trunc", "is", 0, trunc_ },
    { "substr", "iis", 0, substr },
    { "repeat", "is", 0, repeat },
    { "contains", "ss", 0, contains },
    { "hasPrefix", "ss", 0, has_prefix_ },
    { "hasSuffix", "ss", 0, has_suffix_ },
    { "quote", "a*", 0, quote },
    { "squote", "a*", 0, squote },
    { "cat", "a*", 0, cat },
    { "indent", "is", 0, indent },
    { "nindent", "is", 0, nindent },
    { "replace", "sss", 0, replace },
    { "plural", "ssi", 0, plural },
    { "toString", "a", 0, to_string },
    { "hello", "", 0, hello },
    { NULL, NULL, 0, NULL },
};
