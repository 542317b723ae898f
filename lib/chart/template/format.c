/* SPDX-License-Identifier: Apache-2.0 */
/* fmt.Sprintf and %v: the format string, lists, maps and mistakes; see print.h. */
#include <stdio.h>
#include <string.h>

#include "chart/functions/time_text.h"
#include "chart/template/convert.h"
#include "chart/template/print.h"
#include "chart/template/structs.h"
#include "chart/template/utf8.h"

enum { MAX_WIDTH = 1000000 };

static const vcl_tpl_verb plain = { .verb = 'v', .width = -1, .precision = -1 };

static bool print(vcl_buf *buf, const vcl_tpl_value *value, const vcl_tpl_verb *verb, int depth);

/* "%!d(string=x)" */
static void bad_verb(vcl_buf *buf, const vcl_tpl_value *value, const vcl_tpl_verb *verb, int depth)
{
    vcl_tpl_verb as_value = *verb; /* with its width and flags */

    as_value.verb = 'v';
    as_value.sharp = false;
    vcl_buf_addf(buf, "%%!%c(", verb->verb);
    if (value->kind == VCL_TPL_NIL) {
        vcl_buf_add(buf, "<nil>");
    } else {
        vcl_buf_addf(buf, "%s=", vcl_tpl_type_of(value)->name);
        print(buf, value, &as_value, depth + 1);
    }
    vcl_buf_add_char(buf, ')');
}

static void
print_list(vcl_buf *buf, const vcl_tpl_value *value, const vcl_tpl_verb *verb, int depth)
{
    vcl_buf_add_char(buf, '[');
    for (size_t i = 0; i < vcl_tpl_list_size(value) && !vcl_buf_failed(buf); i++) {
        vcl_buf_add(buf, i ? " " : "");
        print(buf, &value->list->items[i], verb, depth + 1);
    }
    vcl_buf_add_char(buf, ']');
}

static void print_map(vcl_buf *buf, const vcl_tpl_value *value, const vcl_tpl_verb *verb, int depth)
{
    vcl_buf_add(buf, "map[");
    for (size_t i = 0; i < vcl_tpl_map_size(value) && !vcl_buf_failed(buf); i++) {
        vcl_tpl_value key = vcl_tpl_string(value->map->entries[i].key);
        vcl_buf_add(buf, i ? " " : "");
        print(buf, &key, verb, depth + 1);
        vcl_buf_add_char(buf, ':');
        print(buf, &value->map->entries[i].value, verb, depth + 1);
    }
    vcl_buf_add_char(buf, ']');
}

/* The members of a struct in the order of their names. */
static void
print_members(vcl_buf *buf, const vcl_tpl_value *value, const vcl_tpl_verb *verb, int depth)
{
    vcl_buf_add_char(buf, '{');
    for (size_t i = 0; i < vcl_tpl_map_size(value) && !vcl_buf_failed(buf); i++) {
        vcl_buf_add(buf, i ? " " : "");
        print(buf, &value->map->entries[i].value, verb, depth + 1);
    }
    vcl_buf_add_char(buf, '}');
}

/* The fields of a struct in the order of its declaration; a struct inside it comes first. */
static void
print_fields(vcl_buf *buf, const vcl_tpl_value *value, const vcl_tpl_verb *verb, int depth)
{
    const vcl_tpl_field *fields = vcl_tpl_struct_fields(value->type);
    size_t embedded = vcl_tpl_struct_embedded(value->type);

    vcl_buf_add(buf, embedded ? "{{" : "{");
    for (size_t i = 0; fields[i].name && !vcl_buf_failed(buf); i++) {
        const vcl_tpl_value *field = vcl_tpl_map_get(value->map, vcl_tpl_literal(fields[i].name));
        vcl_buf_add(buf, i == 0 ? "" : i == embedded ? "} " : " ");
        if (field)
            print(buf, field, verb, depth + 1);
    }
    vcl_buf_add_char(buf, '}');
}

/* Structs: a version prints itself, the others as {a b}, pointers to them as &{a b}. Where Go shows
 * an address there is none to show. */
static void
print_struct(vcl_buf *buf, const vcl_tpl_value *value, const vcl_tpl_verb *verb, int depth)
{
    const vcl_tpl_value *text = vcl_tpl_text_form(value);

    if (text) {
        print(buf, text, verb, depth + 1);
    } else if (!vcl_tpl_struct_fields(value->type)) {
        print_members(buf, value, verb, depth);
    } else if (vcl_tpl_is_pointer(value) && depth > 0) {
        vcl_buf_add(buf, "0xc000000000");
    } else {
        vcl_buf_add(buf, vcl_tpl_is_pointer(value) ? "&" : "");
        print_fields(buf, value, verb, depth);
    }
}

static void print_bytes(vcl_buf *buf, const vcl_tpl_value *value)
{
    vcl_buf_add_char(buf, '[');
    for (size_t i = 0; i < value->text.size; i++)
        vcl_buf_addf(buf, "%s%u", i ? " " : "", (unsigned char)value->text.data[i]);
    vcl_buf_add_char(buf, ']');
}

/* Durations, months and days of the week, which print as text unless a number is asked for. */
static bool is_named_number(const vcl_tpl_value *value, const vcl_tpl_verb *verb)
{
    return (value->type == VCL_TPL_T_DURATION || value->type == VCL_TPL_T_MONTH ||
            value->type == VCL_TPL_T_WEEKDAY) &&
           verb->verb && strchr("vsqxX", verb->verb);
}

static void print_named_number(vcl_buf *buf, const vcl_tpl_value *value, const vcl_tpl_verb *verb)
{
    VCL_AUTO_BUF text = { .max = 64 };

    if (value->type == VCL_TPL_T_DURATION)
        vcl_duration_format(&text, value->integer);
    else
        vcl_buf_add(&text, value->type == VCL_TPL_T_MONTH ? vcl_month_name((int)value->integer)
                                                          : vcl_weekday_name((int)value->integer));
    vcl_tpl_value name = vcl_tpl_string((vcl_tpl_text){ vcl_buf_text(&text), text.size });
    vcl_tpl_format_scalar(buf, &name, verb);
}

static bool print(vcl_buf *buf, const vcl_tpl_value *value, const vcl_tpl_verb *verb, int depth)
{
    if (depth > VCL_TPL_MAX_NESTING) {
        buf->state = VCL_BUF_TOO_LARGE;
        return false;
    }
    if (depth > 0 && value->kind == VCL_TPL_NIL) {
        vcl_buf_add(buf, "<nil>");
    } else if (verb->verb == 'T') {
        vcl_tpl_value name = vcl_tpl_cstring(vcl_tpl_type_of(value)->name);
        vcl_tpl_verb text = *verb;
        text.verb = 's';
        vcl_tpl_format_scalar(buf, &name, &text);
    } else if (value->kind == VCL_TPL_LIST) {
        print_list(buf, value, verb, depth);
    } else if (value->kind == VCL_TPL_MAP) {
        if (vcl_tpl_type_of(value)->is_struct)
            print_struct(buf, value, verb, depth);
        else
            print_map(buf, value, verb, depth);
    } else if (is_named_number(value, verb)) {
        print_named_number(buf, value, verb);
    } else if (value->type == VCL_TPL_T_BYTES && (verb->verb == 'v' || verb->verb == 'd')) {
        print_bytes(buf, value);
    } else if (!vcl_tpl_format_scalar(buf, value, verb)) {
        bad_verb(buf, value, verb, depth);
    }
    return !vcl_buf_failed(buf);
}

bool vcl_tpl_print_output(vcl_buf *buf, const vcl_tpl_value *value)
{
    const vcl_tpl_value *version = NULL;

    if (value->kind == VCL_TPL_MAP && value->type == VCL_TPL_T_KUBE_VERSION)
        version = vcl_tpl_map_get(value->map, vcl_tpl_literal("Version"));
    if (version)
        return print(buf, version, &plain, 0);
    if (!vcl_tpl_is_pointer(value) || !vcl_tpl_struct_fields(value->type))
        return print(buf, value, &plain, 0);
    print_fields(buf, value, &plain, 0);
    return !vcl_buf_failed(buf);
}

bool vcl_tpl_print(vcl_buf *buf, const vcl_tpl_value *value)
{
    return print(buf, value, &plain, 0);
}

typedef struct formatter {
    vcl_buf *buf;
    vcl_tpl_text format;
    size_t pos;
    const vcl_tpl_value *args;
    size_t count;
    size_t next;
} formatter;

static int peek(const formatter *f)
{
    return f->pos < f->format.size ? (unsigned char)f->format.data[f->pos] : -1;
}

static void read_flags(formatter *f, vcl_tpl_verb *verb)
{
    for (;; f->pos++) {
        switch (peek(f)) {
        case '+':
            verb->plus = true;
            break;
        case '-':
            verb->minus = true;
            verb->zero = false;
            break;
        case '#':
            verb->sharp = true;
            break;
        case ' ':
            verb->space = true;
            break;
        case '0':
            verb->zero = !verb->minus;
            break;
        default:
            return;
        }
    }
}

/* A number of the format, or an argument for '*'. -1: there is none. */
static int read_number(formatter *f, const char *what)
{
    int number = -1;

    if (peek(f) == '*') {
        f->pos++;
        const vcl_tpl_value *arg = f->next < f->count ? &f->args[f->next] : NULL;
        f->next += arg != NULL;
        if (arg && arg->kind == VCL_TPL_INT && arg->integer >= -MAX_WIDTH &&
            arg->integer <= MAX_WIDTH)
            return (int)arg->integer;
        vcl_buf_addf(f->buf, "%%!(BAD%s)", what);
        return -1;
    }
    while (peek(f) >= '0' && peek(f) <= '9') {
        number = (number < 0 ? 0 : number) * 10 + (peek(f) - '0');
        if (number > MAX_WIDTH)
            number = MAX_WIDTH;
        f->pos++;
    }
    return number;
}

static void read_size(formatter *f, vcl_tpl_verb *verb)
{
    bool star = peek(f) == '*';

    verb->width = read_number(f, "WIDTH");
    if (star && verb->width < 0) {
        verb->minus = verb->width != -1;
        verb->zero = verb->zero && !verb->minus;
        verb->width = verb->minus ? -verb->width : -1;
    }
    if (peek(f) != '.' || f->pos + 1 == f->format.size)
        return; /* at the very end a point is a verb */
    f->pos++;
    star = peek(f) == '*';
    verb->precision = read_number(f, "PREC");
    if (verb->precision < 0 && !star)
        verb->precision = 0;
}

/* From behind a '%'. */
static void format_verb(formatter *f)
{
    vcl_tpl_verb verb = { .width = -1, .precision = -1 };

    read_flags(f, &verb);
    read_size(f, &verb);

    int c = peek(f);
    if (c == -1) {
        vcl_buf_add(f->buf, "%!(NOVERB)");
        return;
    }
    f->pos++;
    verb.verb = (char)c;
    if (c == 'v')
        verb.plus = false; /* asks for the names of a struct's fields, not for a sign */
    if (c == '%') {
        vcl_buf_add_char(f->buf, '%');
    } else if (f->next >= f->count) {
        vcl_buf_addf(f->buf, "%%!%c(MISSING)", c);
    } else {
        print(f->buf, &f->args[f->next++], &verb, 0);
    }
}

static void add_extra(formatter *f)
{
    vcl_buf_add(f->buf, "%!(EXTRA ");
    for (size_t i = f->next; i < f->count; i++) {
        vcl_buf_add(f->buf, i > f->next ? ", " : "");
        if (f->args[i].kind == VCL_TPL_NIL) {
            vcl_buf_add(f->buf, "<nil>");
            continue;
        }
        vcl_buf_addf(f->buf, "%s=", vcl_tpl_type_of(&f->args[i])->name);
        print(f->buf, &f->args[i], &plain, 0);
    }
    vcl_buf_add_char(f->buf, ')');
}

bool vcl_tpl_sprintf(vcl_buf *buf, vcl_tpl_text format, const vcl_tpl_value *args, size_t count)
{
    formatter f = { .buf = buf, .format = format, .args = args, .count = count };

    while (f.pos < format.size && !vcl_buf_failed(buf)) {
        const char *start = format.data + f.pos;
        const char *percent = memchr(start, '%', format.size - f.pos);
        size_t size = percent ? (size_t)(percent - start) : format.size - f.pos;
        vcl_buf_append(buf, start, size);
        f.pos += size;
        if (percent) {
            f.pos++;
            format_verb(&f);
        }
    }
    if (f.next < count)
        add_extra(&f);
    return !vcl_buf_failed(buf);
}
