/* SPDX-License-Identifier: Apache-2.0 */
/* Go's own functions on values: index, len, print, printf, println, html, urlquery. */
#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "chart/functions/funcs.h"
#include "chart/template/print.h"
#include "chart/template/utf8.h"

static int
index_number(vcl_tpl_state *state, const vcl_tpl_value *index, size_t size, size_t *out_index)
{
    if (index->kind == VCL_TPL_NIL)
        return vcl_tpl_raise(state, "cannot index slice/array with nil");
    if (index->kind != VCL_TPL_INT)
        return vcl_tpl_raise(state, "cannot index slice/array with type %s",
                             vcl_tpl_type_of(index)->name);
    if (index->integer < 0 || (uint64_t)index->integer > size)
        return vcl_tpl_raise(state, "index out of range: %lld", (long long)index->integer);
    *out_index = (size_t)index->integer;
    return 0;
}

static int index_sequence(vcl_tpl_state *state,
                          const vcl_tpl_value *item,
                          const vcl_tpl_value *index,
                          vcl_tpl_value *out)
{
    bool is_text = item->kind == VCL_TPL_STRING;
    size_t size = is_text ? item->text.size : vcl_tpl_list_size(item);
    size_t position = 0;
    int result = index_number(state, index, size, &position);

    if (result < 0)
        return result;
    if (position == size) /* Go's own check lets this one pass */
        return vcl_tpl_raise(state, "reflect: %s index out of range",
                             is_text && item->type == VCL_TPL_T_STRING ? "string" : "slice");
    if (!is_text) {
        *out = vcl_tpl_list_at(item, position);
        return 0;
    }
    *out = vcl_tpl_int((unsigned char)item->text.data[position]);
    out->type = VCL_TPL_T_UINT8;
    return 0;
}

static int index_map(vcl_tpl_state *state,
                     const vcl_tpl_value *item,
                     const vcl_tpl_value *index,
                     vcl_tpl_value *out)
{
    if (index->kind == VCL_TPL_NIL)
        return vcl_tpl_raise(state, "value is nil; should be of type string");
    if (index->type != VCL_TPL_T_STRING)
        return vcl_tpl_raise(state, "value has type %s; should be string",
                             vcl_tpl_type_of(index)->name);

    const vcl_tpl_value *found = vcl_tpl_map_get(item->map, index->text);
    *out = found ? *found : vcl_tpl_map_missing(item->type);
    out->boxed = item->type == VCL_TPL_T_MAP || item->type == VCL_TPL_T_VALUES;
    return 0;
}

static int index_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_value item = args[0];

    if (item.kind == VCL_TPL_NIL)
        return vcl_tpl_raise(state, "index of untyped nil");
    for (size_t i = 1; i < count; i++) {
        vcl_tpl_value next;
        int result;
        if (item.kind == VCL_TPL_NIL)
            return vcl_tpl_raise(state, "index of nil pointer");
        if (item.kind == VCL_TPL_STRING || item.kind == VCL_TPL_LIST)
            result = index_sequence(state, &item, &args[i], &next);
        else if (item.kind == VCL_TPL_MAP && !vcl_tpl_type_of(&item)->is_struct)
            result = index_map(state, &item, &args[i], &next);
        else
            result =
                vcl_tpl_raise(state, "can't index item of type %s", vcl_tpl_type_of(&item)->name);
        if (result < 0)
            return result;
        item = next;
    }
    *out = item;
    return 0;
}

static int len(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    size_t size;

    (void)count;
    if (args[0].kind == VCL_TPL_STRING)
        size = args[0].text.size;
    else if (args[0].kind == VCL_TPL_LIST)
        size = vcl_tpl_list_size(&args[0]);
    else if (args[0].kind == VCL_TPL_MAP && !vcl_tpl_type_of(&args[0])->is_struct)
        size = vcl_tpl_map_size(&args[0]);
    else if (args[0].kind == VCL_TPL_NIL)
        return vcl_tpl_raise(state, args[0].boxed
                                        ? "len of nil pointer"
                                        : "reflect: call of reflect.Value.Type on zero Value");
    else
        return vcl_tpl_raise(state, "len of type %s", vcl_tpl_type_of(&args[0])->name);
    *out = vcl_tpl_int((int64_t)size);
    return 0;
}

/* fmt.Sprint: a space between two operands of which neither is a string. */
static int sprint(vcl_tpl_state *state,
                  const vcl_tpl_value *args,
                  size_t count,
                  const char *nil,
                  vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };

    bool after_text = true;

    for (size_t i = 0; i < count; i++) {
        /* For the escaping functions a nil is a text, too. */
        bool is_text = args[i].type == VCL_TPL_T_STRING ||
                       (args[i].kind == VCL_TPL_NIL && strcmp(nil, "<no value>") == 0);
        if (!is_text && !after_text)
            vcl_buf_add_char(&buf, ' ');
        after_text = is_text;
        if (args[i].kind == VCL_TPL_NIL)
            vcl_buf_add(&buf, nil);
        else
            vcl_tpl_print(&buf, &args[i]);
    }
    return vcl_tpl_return_buf(state, &buf, out);
}

static int print(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    return sprint(state, args, count, "<nil>", out);
}

static int
println(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };

    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    for (size_t i = 0; i < count; i++) {
        vcl_buf_add(&buf, i ? " " : "");
        vcl_tpl_print(&buf, &args[i]);
    }
    vcl_buf_add_char(&buf, '\n');
    return vcl_tpl_return_buf(state, &buf, out);
}

static int
printf_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };

    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    vcl_tpl_sprintf(&buf, args[0].text, args + 1, count - 1);
    return vcl_tpl_return_buf(state, &buf, out);
}

/* The operands as one text, for the escaping functions. */
static int
joined(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_text *out_text)
{
    vcl_tpl_value value;
    int result = sprint(state, args, count, "<no value>", &value);

    if (result == 0)
        *out_text = value.text;
    return result;
}

static int html(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    static const char special[] = "\"'&<>";
    static const char *const escapes[] = { "&#34;", "&#39;", "&amp;", "&lt;", "&gt;" };
    VCL_AUTO_BUF buf = { 0 };
    vcl_tpl_text text;
    int result = joined(state, args, count, &text);

    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    for (size_t i = 0; result == 0 && i < text.size; i++) {
        const char *found = text.data[i] ? strchr(special, text.data[i]) : NULL;
        if (found)
            vcl_buf_add(&buf, escapes[found - special]);
        else if (text.data[i])
            vcl_buf_add_char(&buf, text.data[i]);
        else
            vcl_buf_add(&buf, "\xEF\xBF\xBD");
    }
    return result < 0 ? result : vcl_tpl_return_buf(state, &buf, out);
}

/* One character for a string of JavaScript. */
static void add_js(vcl_buf *buf, vcl_tpl_text text, uint32_t rune, size_t size)
{
    if (rune == '\\' || rune == '\'' || rune == '"')
        vcl_buf_addf(buf, "\\%c", (char)rune);
    else if (rune < ' ' || (rune < 0x80 && strchr("<>&=", (char)rune)))
        vcl_buf_addf(buf, "\\u%04X", rune);
    else if (rune < 0x80 || vcl_tpl_is_print(rune))
        vcl_buf_append(buf, text.data, size);
    else
        vcl_buf_addf(buf, "\\u%04X", rune);
}

static int js(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };
    vcl_tpl_text text;
    int result = joined(state, args, count, &text);

    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    while (result == 0 && text.size > 0) {
        size_t size = 0;
        uint32_t rune = vcl_tpl_rune(text, &size);
        add_js(&buf, text, rune, size);
        text.data += size;
        text.size -= size;
    }
    return result < 0 ? result : vcl_tpl_return_buf(state, &buf, out);
}

static int
urlquery(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };
    vcl_tpl_text text;
    int result = joined(state, args, count, &text);

    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    for (size_t i = 0; result == 0 && i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c < 0x80 && isalnum(c)) || (c && strchr("-_.~", c)))
            vcl_buf_add_char(&buf, (char)c);
        else if (c == ' ')
            vcl_buf_add_char(&buf, '+');
        else
            vcl_buf_addf(&buf, "%%%02X", c);
    }
    return result < 0 ? result : vcl_tpl_return_buf(state, &buf, out);
}

const vcl_tpl_function vcl_tpl_funcs_index[] = {
    { "index", "rr*", 0, index_ },     { "len", "r", 0, len },          { "print", "a*", 0, print },
    { "println", "a*", 0, println },   { "printf", "sa*", 0, printf_ }, { "html", "a*", 0, html },
    { "urlquery", "a*", 0, urlquery }, { "js", "a*", 0, js },           { NULL, NULL, 0, NULL },
};
