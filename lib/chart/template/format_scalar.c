/* SPDX-License-Identifier: Apache-2.0 */
/* One bool, number or string by a verb of fmt, with padding. */
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "chart/template/print.h"
#include "chart/template/utf8.h"
#include "data/number.h"

/* Append a text in its field. Zeros go behind the sign. */
static void pad(vcl_buf *buf, vcl_tpl_text text, const vcl_tpl_verb *verb)
{
    size_t width = verb->width > 0 ? (size_t)verb->width : 0;
    size_t count = width ? vcl_tpl_rune_count(text) : 0;
    size_t missing = width > count ? width - count : 0;
    bool zero = verb->zero && !verb->minus;

    if (zero && missing && text.size && (text.data[0] == '-' || text.data[0] == '+')) {
        vcl_buf_add_char(buf, text.data[0]);
        text.data++;
        text.size--;
    }
    for (size_t i = 0; !verb->minus && i < missing && !vcl_buf_failed(buf); i++)
        vcl_buf_add_char(buf, zero ? '0' : ' ');
    vcl_buf_append(buf, text.data, text.size);
    for (size_t i = 0; verb->minus && i < missing && !vcl_buf_failed(buf); i++)
        vcl_buf_add_char(buf, ' ');
}

static void pad_buf(vcl_buf *buf, const vcl_buf *text, const vcl_tpl_verb *verb)
{
    if (vcl_buf_failed(text))
        buf->state = text->state;
    else
        pad(buf, (vcl_tpl_text){ vcl_buf_text(text), text->size }, verb);
}

static void add_hex(vcl_buf *out, vcl_tpl_text text, const vcl_tpl_verb *verb)
{
    const char *digits = verb->verb == 'x' ? "0123456789abcdef" : "0123456789ABCDEF";

    for (size_t i = 0; i < text.size && !vcl_buf_failed(out); i++) {
        vcl_buf_add_char(out, digits[(unsigned char)text.data[i] >> 4]);
        vcl_buf_add_char(out, digits[(unsigned char)text.data[i] & 15]);
    }
}

/* The first characters, as many as the precision says. */
static vcl_tpl_text cut(vcl_tpl_text text, int precision)
{
    size_t size;
    vcl_tpl_text rest = text;

    for (int i = 0; precision >= 0 && i < precision && rest.size; i++) {
        vcl_tpl_rune(rest, &size);
        rest.data += size;
        rest.size -= size;
    }
    if (precision >= 0)
        text.size -= rest.size;
    return text;
}

static bool format_string(vcl_buf *buf, vcl_tpl_text text, const vcl_tpl_verb *verb)
{
    VCL_AUTO_BUF out = { 0 };

    vcl_buf_init(&out, VCL_MAX_TEMPLATE_OUTPUT);
    if (verb->verb == 's' || (verb->verb == 'v' && !verb->sharp)) {
        pad(buf, cut(text, verb->precision), verb);
        return true;
    }
    if (verb->verb == 'q' || verb->verb == 'v') {
        text = cut(text, verb->precision);
        if (verb->verb == 'q' && verb->sharp && !memchr(text.data, '`', text.size))
            vcl_buf_addf(&out, "`%.*s`", (int)text.size, text.data);
        else
            vcl_tpl_quote(&out, text, verb->plus);
    } else if (verb->verb == 'x' || verb->verb == 'X') {
        if (verb->precision >= 0 && (size_t)verb->precision < text.size)
            text.size = (size_t)verb->precision;
        add_hex(&out, text, verb);
    } else {
        return false;
    }
    pad_buf(buf, &out, verb);
    return true;
}

/* Digits of a number in a base, at least as many as the precision says. */
static void add_digits(vcl_buf *out, uint64_t value, unsigned base, const vcl_tpl_verb *verb)
{
    const char *digits = verb->verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[64];
    size_t count = 0;

    do {
        text[sizeof(text) - ++count] = digits[value % base];
        value /= base;
    } while (value);
    for (int i = (int)count; i < verb->precision && !vcl_buf_failed(out); i++)
        vcl_buf_add_char(out, '0');
    vcl_buf_append(out, text + sizeof(text) - count, count);
}

static void add_rune_verb(vcl_buf *out, int64_t value, const vcl_tpl_verb *verb)
{
    uint32_t rune = value < 0 || value > 0x10FFFF ? VCL_TPL_BAD_RUNE : (uint32_t)value;
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, 16);
    if (verb->verb == 'U') {
        vcl_buf_addf(out, "U+%04llX", (unsigned long long)value);
        return;
    }
    vcl_tpl_add_rune(&text, rune);
    if (verb->verb == 'c')
        vcl_buf_append(out, vcl_buf_text(&text), text.size);
    else if (rune == '\'' || rune == '\\')
        vcl_buf_addf(out, "'\\%c'", (char)rune);
    else {
        VCL_AUTO_BUF quoted = { 0 };
        vcl_buf_init(&quoted, 64);
        vcl_tpl_quote(&quoted, (vcl_tpl_text){ vcl_buf_text(&text), text.size }, verb->plus);
        if (rune == '"')
            vcl_buf_add(out, "'\"'");
        else if (quoted.size > 2)
            vcl_buf_addf(out, "'%.*s'", (int)quoted.size - 2, vcl_buf_text(&quoted) + 1);
    }
}

static bool format_int(vcl_buf *buf, int64_t value, const vcl_tpl_verb *verb)
{
    static const char verbs[] = "vdboxX";
    static const unsigned bases[] = { 10, 10, 2, 8, 16, 16 };
    const char *found = strchr(verbs, verb->verb);
    vcl_tpl_verb field = *verb;
    VCL_AUTO_BUF out = { 0 };

    vcl_buf_init(&out, VCL_MAX_TEMPLATE_OUTPUT);
    if (!verb->verb)
        return false;
    if (found && value == 0 && verb->precision == 0) {
        field.zero = false; /* nothing but padding */
    } else if (found) {
        unsigned base = bases[found - verbs];
        vcl_buf_add(&out, value < 0 ? "-" : verb->plus ? "+" : verb->space ? " " : "");
        if (verb->sharp)
            vcl_buf_add(&out, base == 8       ? "0"
                              : base == 2     ? "0b"
                              : base == 10    ? ""
                              : *found == 'x' ? "0x"
                                              : "0X");
        add_digits(&out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, base, verb);
        field.zero = verb->zero && verb->precision < 0;
    } else if (verb->verb == 'c' || verb->verb == 'q' || verb->verb == 'U') {
        add_rune_verb(&out, value, verb);
        field.zero = verb->zero && verb->verb != 'U';
    } else if (verb->verb == 'O') {
        vcl_buf_add(&out, value < 0 ? "-0o" : verb->plus ? "+0o" : verb->space ? " 0o" : "0o");
        add_digits(&out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 8, verb);
    } else {
        return false;
    }
    pad_buf(buf, &out, &field);
    return true;
}

/* %e %f %g of the C library, with a point whatever the locale says. */
static void add_c_float(vcl_buf *out, double value, char verb, int precision)
{
    char format[] = { '%', '.', '*', verb, '\0' };
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t old = c_locale ? uselocale(c_locale) : (locale_t)0;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    vcl_auto_free char *text = vcl_format(format, precision, value);
#pragma GCC diagnostic pop
    if (c_locale) {
        (void)uselocale(old);
        freelocale(c_locale);
    }
    if (text)
        vcl_buf_add(out, text);
    else
        out->state = VCL_BUF_NO_MEMORY;
}

static void add_float(vcl_buf *out, double value, const vcl_tpl_verb *verb)
{
    bool shortest = verb->verb == 'v' || (strchr("gG", verb->verb) && verb->precision < 0);
    char text[VCL_NUMBER_SIZE];

    if (!isfinite(value)) {
        vcl_buf_add(out, isnan(value) ? "NaN" : value > 0 ? "Inf" : "-Inf");
        return;
    }
    if (!shortest || verb->precision >= 0) {
        char c_verb = verb->verb == 'v' ? 'g' : verb->verb;
        add_c_float(out, value, c_verb, verb->precision < 0 ? 6 : verb->precision);
        return;
    }
    vcl_format_go_double(value, text);
    for (char *c = text; verb->verb == 'G' && *c; c++)
        *c = (char)(*c == 'e' ? 'E' : *c);
    vcl_buf_add(out, text);
}

static bool format_float(vcl_buf *buf, double value, const vcl_tpl_verb *verb)
{
    vcl_tpl_verb field = *verb;
    VCL_AUTO_BUF number = { 0 };
    VCL_AUTO_BUF out = { 0 };

    if (!verb->verb || !strchr("vgGeEfF", verb->verb))
        return false;
    vcl_buf_init(&number, VCL_MAX_TEMPLATE_OUTPUT);
    vcl_buf_init(&out, VCL_MAX_TEMPLATE_OUTPUT);
    add_float(&number, value, verb);
    if (*vcl_buf_text(&number) != '-') {
        /* Infinity always shows its sign. */
        bool plus = verb->plus || (isinf(value) && !verb->space);
        vcl_buf_add(&out, plus && !isnan(value) ? "+" : verb->space ? " " : "");
    }
    vcl_buf_add(&out, vcl_buf_text(&number));
    if (vcl_buf_failed(&number))
        out.state = number.state;
    field.zero = verb->zero && isfinite(value);
    pad_buf(buf, &out, &field);
    return true;
}

bool vcl_tpl_format_scalar(vcl_buf *buf, const vcl_tpl_value *value, const vcl_tpl_verb *verb)
{
    switch ((vcl_tpl_kind)value->kind) {
    case VCL_TPL_NIL:
        if (verb->verb != 'v')
            return false;
        pad(buf, vcl_tpl_literal("<nil>"), verb);
        return true;
    case VCL_TPL_BOOL:
        if (verb->verb != 'v' && verb->verb != 't')
            return false;
        pad(buf, vcl_tpl_literal(value->boolean ? "true" : "false"), verb);
        return true;
    case VCL_TPL_INT:
        return format_int(buf, value->integer, verb);
    case VCL_TPL_FLOAT:
        return format_float(buf, value->number, verb);
    case VCL_TPL_STRING:
        return format_string(buf, value->text, verb);
    default:
        return false;
    }
}
