/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as TOML; see toml_private.h. In each table plain members come first and tables after them,
 * both by key; tables within lists that hold anything else are written inline.
 */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "chart/functions/time_text.h"
#include "chart/functions/toml_private.h"
#include "data/number.h"

static const char no_key[] = "toml: top-level values must be Go maps or structs";
static const char nil_element[] = "toml: cannot encode array with nil element";

typedef struct writer {
    vcl_buf *buf;
    vcl_tpl_text key[VCL_TOML_MAX_DEPTH];
    size_t key_count;
    int depth;
    size_t left; /* values that may still be looked at */
    const char *problem;
    bool too_deep;
} writer;

static void write_value(writer *w, const vcl_tpl_value *value);
static void write_members(writer *w, const vcl_tpl_value *map);

static bool enter(writer *w)
{
    w->too_deep = w->too_deep || w->depth >= VCL_TOML_MAX_DEPTH || w->left == 0;
    if (w->too_deep || w->problem || vcl_buf_failed(w->buf))
        return false;
    w->depth++;
    w->left--;
    return true;
}

static bool is_nil(const vcl_tpl_value *value)
{
    return value->kind == VCL_TPL_NIL || (value->kind == VCL_TPL_LIST && !value->list) ||
           (value->kind == VCL_TPL_MAP && !value->map);
}

static bool is_table(const vcl_tpl_value *value)
{
    return value->kind == VCL_TPL_MAP && value->map && !vcl_tpl_text_form(value);
}

/* Whether a list holds tables only. Looks into lists within it, for nils. */
static bool is_table_list(writer *w, const vcl_tpl_value *value)
{
    bool tables = value->kind == VCL_TPL_LIST && vcl_tpl_list_size(value) > 0;

    if (value->kind != VCL_TPL_LIST || !enter(w))
        return false;
    for (size_t i = 0; i < vcl_tpl_list_size(value) && !w->problem; i++) {
        const vcl_tpl_value *item = &value->list->items[i];
        if (is_nil(item))
            w->problem = nil_element;
        (void)is_table_list(w, item);
        tables = tables && is_table(item);
    }
    w->depth--;
    return tables;
}

/* A text between double quotes. */
static void print_quoted(vcl_buf *buf, vcl_tpl_text text)
{
    static const char letters[] = "btn-fr"; /* from 8 on; 11 has none */

    vcl_buf_add_char(buf, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\')
            vcl_buf_addf(buf, "\\%c", c);
        else if (c >= 8 && c <= 13 && c != 11)
            vcl_buf_addf(buf, "\\%c", letters[c - 8]);
        else if (c < 0x20 || c == 0x7f)
            vcl_buf_addf(buf, "\\u%04x", c);
        else
            vcl_buf_add_char(buf, (char)c);
    }
    vcl_buf_add_char(buf, '"');
}

static bool is_bare(vcl_tpl_text part)
{
    for (size_t i = 0; i < part.size; i++) {
        char c = part.data[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-'))
            return false;
    }
    return part.size > 0;
}

void vcl_toml_print_key(vcl_buf *buf, const vcl_tpl_text *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        vcl_buf_add(buf, i ? "." : "");
        if (is_bare(parts[i]))
            vcl_buf_append(buf, parts[i].data, parts[i].size);
        else
            print_quoted(buf, parts[i]);
    }
}

static void indent(writer *w)
{
    for (size_t i = 1; i < w->key_count; i++)
        vcl_buf_add(w->buf, "  ");
}

/* There is none before the first line. */
static void new_line(writer *w)
{
    if (w->buf->size)
        vcl_buf_add_char(w->buf, '\n');
}

static void write_float(vcl_buf *buf, double number)
{
    char text[VCL_NUMBER_SIZE];

    if (!isfinite(number)) {
        vcl_buf_addf(buf, "%s%s", signbit(number) ? "-" : "", isnan(number) ? "nan" : "inf");
        return;
    }
    vcl_format_go_double(number, text);
    vcl_buf_addf(buf, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

/* A duration is written as its text. */
static void write_integer(vcl_buf *buf, const vcl_tpl_value *value)
{
    VCL_AUTO_BUF text = { .max = 64 };

    if (value->type != VCL_TPL_T_DURATION) {
        vcl_buf_addf(buf, "%lld", (long long)value->integer);
        return;
    }
    vcl_duration_format(&text, value->integer);
    print_quoted(buf, (vcl_tpl_text){ text.data, text.size });
}

static void write_list(writer *w, const vcl_tpl_value *value)
{
    vcl_buf_add_char(w->buf, '[');
    for (size_t i = 0; i < vcl_tpl_list_size(value); i++) {
        vcl_buf_add(w->buf, i ? ", " : "");
        write_value(w, &value->list->items[i]);
    }
    vcl_buf_add_char(w->buf, ']');
}

static void write_bytes(vcl_buf *buf, vcl_tpl_text text)
{
    vcl_buf_add_char(buf, '[');
    for (size_t i = 0; i < text.size; i++)
        vcl_buf_addf(buf, "%s%u", i ? ", " : "", (unsigned char)text.data[i]);
    vcl_buf_add_char(buf, ']');
}

/* Whether a member is written behind the plain ones. */
static bool comes_last(writer *w, const vcl_tpl_value *value)
{
    return is_table(value) || is_table_list(w, value);
}

/* Members that come last, or the others; how many there are of them, nils included. */
static size_t count_members(writer *w, const vcl_tpl_value *map, bool last)
{
    size_t count = 0;

    for (size_t i = 0; i < vcl_tpl_map_size(map); i++)
        count += comes_last(w, &map->map->entries[i].value) == last;
    return count;
}

/* "k = v, " for one half of the members; a nil is left out, but not the comma before it. */
static void write_inline_half(writer *w, const vcl_tpl_value *map, bool last, bool more)
{
    size_t left = count_members(w, map, last);

    for (size_t i = 0; i < vcl_tpl_map_size(map) && !w->problem; i++) {
        const vcl_tpl_entry *entry = &map->map->entries[i];
        if (comes_last(w, &entry->value) != last)
            continue;
        left--;
        if (is_nil(&entry->value))
            continue;
        vcl_toml_print_key(w->buf, &entry->key, 1);
        vcl_buf_add(w->buf, " = ");
        write_value(w, &entry->value);
        vcl_buf_add(w->buf, left || more ? ", " : "");
    }
}

static void write_inline(writer *w, const vcl_tpl_value *map)
{
    vcl_buf_add_char(w->buf, '{');
    write_inline_half(w, map, false, count_members(w, map, true) > 0);
    write_inline_half(w, map, true, false);
    vcl_buf_add_char(w->buf, '}');
}

/* A value that stands behind "key = " or within a list. */
static void write_value(writer *w, const vcl_tpl_value *value)
{
    if (!enter(w))
        return;
    switch ((vcl_tpl_kind)value->kind) {
    case VCL_TPL_NIL:
        w->problem = nil_element;
        break;
    case VCL_TPL_BOOL:
        vcl_buf_add(w->buf, value->boolean ? "true" : "false");
        break;
    case VCL_TPL_INT:
        write_integer(w->buf, value);
        break;
    case VCL_TPL_FLOAT:
        write_float(w->buf, value->number);
        break;
    case VCL_TPL_STRING:
        if (value->type == VCL_TPL_T_BYTES)
            write_bytes(w->buf, value->text);
        else
            print_quoted(w->buf, value->text);
        break;
    case VCL_TPL_LIST:
        write_list(w, value);
        break;
    case VCL_TPL_MAP:
        if (value->type == VCL_TPL_T_TIME)
            vcl_toml_print_time(w->buf, value);
        else if (vcl_tpl_text_form(value))
            print_quoted(w->buf, vcl_tpl_text_form(value)->text);
        else
            write_inline(w, value);
    }
    w->depth--;
}

static void write_header(writer *w, const char *open, const char *close)
{
    indent(w);
    vcl_buf_add(w->buf, open);
    vcl_toml_print_key(w->buf, w->key, w->key_count);
    vcl_buf_addf(w->buf, "%s\n", close);
}

static void write_tables(writer *w, const vcl_tpl_value *list)
{
    for (size_t i = 0; i < vcl_tpl_list_size(list) && !w->problem; i++) {
        new_line(w);
        write_header(w, "[[", "]]");
        write_members(w, &list->list->items[i]);
    }
}

/* A member that has a key; a table gets its own lines. */
static void write_member(writer *w, const vcl_tpl_value *value)
{
    if (is_table(value)) {
        if (w->key_count == 1)
            new_line(w);
        write_header(w, "[", "]");
        write_members(w, value);
    } else if (is_table_list(w, value)) {
        write_tables(w, value);
    } else {
        indent(w);
        vcl_toml_print_key(w->buf, &w->key[w->key_count - 1], 1);
        vcl_buf_add(w->buf, " = ");
        write_value(w, value);
        new_line(w);
    }
}

static void write_half(writer *w, const vcl_tpl_value *map, bool last)
{
    for (size_t i = 0; i < vcl_tpl_map_size(map) && !w->problem; i++) {
        const vcl_tpl_entry *entry = &map->map->entries[i];
        if (is_nil(&entry->value) || comes_last(w, &entry->value) != last)
            continue;
        if (w->key_count == VCL_TOML_MAX_DEPTH) {
            w->too_deep = true;
            return;
        }
        w->key[w->key_count++] = entry->key;
        write_member(w, &entry->value);
        w->key_count--;
    }
}

static void write_members(writer *w, const vcl_tpl_value *map)
{
    if (!enter(w))
        return;
    write_half(w, map, false);
    write_half(w, map, true);
    w->depth--;
}

int vcl_toml_print(vcl_tpl_state *state, const vcl_tpl_value *value, vcl_buf *buf)
{
    writer w = { .buf = buf, .left = VCL_MAX_JSON_NODES };

    if (value->kind == VCL_TPL_NIL)
        return vcl_tpl_raise(state, "reflect: call of reflect.Value.Type on zero Value");
    if (is_table(value))
        write_members(&w, value);
    else if (is_table_list(&w, value))
        w.problem = no_key;
    else if ((!is_nil(value) || value->kind == VCL_TPL_LIST) && !w.problem)
        write_value(&w, value);
    if (w.too_deep)
        return vcl_tpl_raise(state, "a value is too large, or nested too deep, to be printed");
    if (w.problem) {
        vcl_buf_reset(buf);
        vcl_buf_add(buf, w.problem);
    }
    return 0;
}
