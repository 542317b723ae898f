/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers, words and times of TOML; see toml_private.h. The characters are taken first, by what may
 * stand in a number at all, and looked at afterwards, which is what messages depend on.
 */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "chart/functions/toml_private.h"
#include "chart/template/convert.h"
#include "chart/template/utf8.h"

typedef enum scalar_kind { KIND_INTEGER, KIND_FLOAT, KIND_TIME } scalar_kind;

static bool is_digit(uint32_t rune)
{
    return rune >= '0' && rune <= '9';
}

/* Take all characters of a set. */
static void take(vcl_toml_reader *reader, const char *set)
{
    for (;;) {
        uint32_t rune = vcl_toml_peek(reader);
        if (rune == 0 || rune > 0x7f || !strchr(set, (char)rune))
            return;
        (void)vcl_toml_next(reader);
    }
}

static scalar_kind take_float(vcl_toml_reader *reader)
{
    take(reader, "0123456789_.-+eE");
    return KIND_FLOAT;
}

static bool accept_exponent(vcl_toml_reader *reader)
{
    return vcl_toml_accept(reader, '.') || vcl_toml_accept(reader, 'e') ||
           vcl_toml_accept(reader, 'E');
}

static scalar_kind take_decimal(vcl_toml_reader *reader)
{
    take(reader, "0123456789_");
    return accept_exponent(reader) ? take_float(reader) : KIND_INTEGER;
}

static scalar_kind take_number_or_time(vcl_toml_reader *reader)
{
    take(reader, "0123456789");
    if (vcl_toml_accept(reader, '-') || vcl_toml_accept(reader, ':')) {
        take(reader, "0123456789-:Tt .Zz+");
        return KIND_TIME;
    }
    if (vcl_toml_accept(reader, '_'))
        return take_decimal(reader);
    return accept_exponent(reader) ? take_float(reader) : KIND_INTEGER;
}

/* Behind 0b, 0o or 0x. */
static void take_based(vcl_toml_reader *reader, size_t start, const char *digits, const char *what)
{
    uint32_t rune = vcl_toml_peek(reader);

    if (rune == 0 || rune > 0x7f || !strchr(digits, (char)rune) || rune == '_') {
        VCL_AUTO_BUF found = { .max = 16 };
        vcl_tpl_add_rune(&found, rune);
        vcl_toml_fail_here(reader, "not %s number: '%.*s%s'", what, (int)(reader->pos - start),
                           reader->text.data + start, vcl_buf_text(&found));
    }
    take(reader, digits);
}

static scalar_kind take_from_zero(vcl_toml_reader *reader, size_t start)
{
    (void)vcl_toml_next(reader);
    if (is_digit(vcl_toml_peek(reader)))
        return take_number_or_time(reader);
    if (vcl_toml_accept(reader, '_'))
        return take_decimal(reader);
    if (accept_exponent(reader))
        return take_float(reader);
    if (vcl_toml_accept(reader, 'b'))
        take_based(reader, start, "01_", "a binary");
    else if (vcl_toml_accept(reader, 'o'))
        take_based(reader, start, "01234567_", "an octal");
    else if (vcl_toml_accept(reader, 'x'))
        take_based(reader, start, "0123456789abcdefABCDEF_", "a hexadecimal");
    return KIND_INTEGER;
}

static scalar_kind take_signed(vcl_toml_reader *reader, size_t start)
{
    uint32_t rune = vcl_toml_next(reader);
    const char *text = reader->text.data + start;

    if (rune == 'i' || rune == 'n') {
        bool word = rune == 'i' ? vcl_toml_accept(reader, 'n') && vcl_toml_accept(reader, 'f')
                                : vcl_toml_accept(reader, 'a') && vcl_toml_accept(reader, 'n');
        if (!word)
            vcl_toml_fail_here(reader, "invalid float: '%.*s'", (int)(reader->pos - start), text);
        return KIND_FLOAT;
    }
    uint32_t base = vcl_toml_peek(reader);
    if (rune == '0' && (base == 'b' || base == 'o' || base == 'x'))
        vcl_toml_fail_here(reader, "cannot use sign with non-decimal numbers: '%.*s%c'",
                           (int)(reader->pos - start), text, (char)base);
    else if (rune == '.')
        vcl_toml_fail_here(reader, "floats must start with a digit, not '.'");
    else if (!is_digit(rune))
        vcl_toml_fail_here(reader, "expected a digit but got %s",
                           vcl_toml_quoted_rune(reader, rune));
    return take_decimal(reader);
}

/* Each underscore between digits, which may be those of base 16. */
static bool underscores_ok(const char *text, size_t size)
{
    bool accept = false;

    if (size >= 3 &&
        (memcmp(text + size - 3, "nan", 3) == 0 || memcmp(text + size - 3, "inf", 3) == 0))
        return true;
    for (size_t i = 0; i < size; i++) {
        char small = (char)(text[i] | 0x20);
        if (text[i] == '_' && !accept)
            return false;
        accept = is_digit((uint32_t)text[i]) || (small >= 'a' && small <= 'f');
    }
    return accept;
}

static bool leading_zero(const char *text, size_t size)
{
    if (size > 1 && text[0] == '0' && !strchr("box", text[1]))
        return true;
    return size > 2 && (text[0] == '-' || text[0] == '+') && text[1] == '0';
}

static void read_integer(vcl_toml_reader *reader, vcl_tpl_text text, vcl_tpl_value *out)
{
    int64_t number = 0;

    if (!underscores_ok(text.data, text.size))
        vcl_toml_fail(reader, reader->line,
                      "Invalid integer %s: underscores must be surrounded by digits",
                      vcl_toml_quoted(reader, text));
    else if (leading_zero(text.data, text.size))
        vcl_toml_fail(reader, reader->line, "Invalid integer %s: cannot have leading zeroes",
                      vcl_toml_quoted(reader, text));
    else if (!vcl_tpl_parse_int(text, 0, &number))
        vcl_toml_fail(reader, reader->line, "%.*s is out of range for int64", (int)text.size,
                      text.data);
    *out = vcl_tpl_int64(number);
}

static bool is_part_end(char c)
{
    return c == '.' || c == 'e' || c == 'E';
}

/* What is wrong with a fraction before it is even read; NULL: nothing. */
static const char *float_problem(const char *text, size_t size)
{
    bool first = true;

    for (size_t i = 0; i < size; i++) {
        size_t end = i;
        while (end < size && !is_part_end(text[end]))
            end++;
        if (end > i && !underscores_ok(text + i, end - i))
            return "underscores must be surrounded by digits";
        i = end;
    }
    for (size_t i = 0; i < size && first; i++) {
        size_t end = i;
        while (end < size && !is_part_end(text[end]))
            end++;
        if (end > i && leading_zero(text + i, end - i))
            return "cannot have leading zeroes";
        first = end == i;
        i = end;
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '.' && (i + 1 == size || !is_digit((uint32_t)text[i + 1])))
            return "'.' must be followed by one or more digits";
    }
    return NULL;
}

/* [sign] digits [. digits] [e [sign] digits] */
static bool is_float(const char *text)
{
    text += *text == '-' || *text == '+';
    text += strspn(text, "0123456789");
    if (*text == '.')
        text += 1 + strspn(text + 1, "0123456789");
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '-' || *text == '+';
        text += strspn(text, "0123456789");
    }
    return *text == '\0';
}

static void read_float(vcl_toml_reader *reader, vcl_tpl_text text, vcl_tpl_value *out)
{
    const char *problem = float_problem(text.data, text.size);
    VCL_AUTO_BUF plain = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    double number = 0;
    bool negative = *text.data == '-';
    size_t sign = negative || *text.data == '+';

    *out = vcl_tpl_float(0);
    if (problem) {
        vcl_toml_fail(reader, reader->line, "Invalid float %s: %s", vcl_toml_quoted(reader, text),
                      problem);
        return;
    }
    if (text.size - sign == 3 && memcmp(text.data + sign, "nan", 3) == 0) {
        *out = vcl_tpl_float(copysign(NAN, negative ? -1 : 1));
        return;
    }
    if (text.size - sign == 3 && memcmp(text.data + sign, "inf", 3) == 0) {
        *out = vcl_tpl_float(negative ? -HUGE_VAL : HUGE_VAL);
        return;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != '_')
            vcl_buf_add_char(&plain, text.data[i]);
    }
    if (vcl_tpl_parse_float((vcl_tpl_text){ plain.data, plain.size }, &number))
        *out = vcl_tpl_float(number);
    else if (is_float(vcl_buf_text(&plain)))
        vcl_toml_fail(reader, reader->line, "%.*s is out of range for float64", (int)text.size,
                      text.data);
    else
        vcl_toml_fail(reader, reader->line, "Invalid float value: %s",
                      vcl_toml_quoted(reader, text));
}

/* Letters: true and false, or what is neither. */
static void read_word(vcl_toml_reader *reader, vcl_tpl_value *out)
{
    size_t start = reader->pos;

    while (vcl_tpl_is_letter(vcl_toml_peek(reader)))
        (void)vcl_toml_next(reader);

    vcl_tpl_text word = { reader->text.data + start, reader->pos - start };
    if (!vcl_tpl_text_is(word, "true") && !vcl_tpl_text_is(word, "false"))
        vcl_toml_fail_here(reader, "expected value but found %s instead",
                           vcl_toml_quoted(reader, word));
    *out = vcl_tpl_bool(word.size == 4);
}

/* inf and nan, by the habits of the original: what begins like them is one until it is read. */
static bool accept_inf_or_nan(vcl_toml_reader *reader)
{
    return (vcl_toml_accept(reader, 'n') && vcl_toml_accept(reader, 'f')) ||
           (vcl_toml_accept(reader, 'a') && vcl_toml_accept(reader, 'n'));
}

static void no_value(vcl_toml_reader *reader, uint32_t rune)
{
    if (vcl_toml_at_end(reader) && rune == VCL_TOML_END)
        vcl_toml_fail_here(reader, "unexpected EOF; expected value");
    else if (rune == '.')
        vcl_toml_fail_here(reader, "floats must start with a digit, not '.'");
    else
        vcl_toml_fail(reader, reader->line, "expected value but found %s instead",
                      vcl_toml_quoted_rune(reader, rune));
}

void vcl_toml_read_scalar(vcl_toml_reader *reader, vcl_tpl_value *out)
{
    size_t start = reader->pos;
    uint32_t rune = vcl_toml_peek(reader);
    scalar_kind kind = KIND_FLOAT;

    *out = vcl_tpl_nil();
    if (rune == '0') {
        kind = take_from_zero(reader, start);
    } else if (is_digit(rune)) {
        kind = take_number_or_time(reader);
    } else if (rune == '-' || rune == '+') {
        (void)vcl_toml_next(reader);
        kind = take_signed(reader, start);
    } else if (rune == 'i' || rune == 'n') {
        (void)vcl_toml_next(reader);
        if (!accept_inf_or_nan(reader)) {
            reader->pos--; /* one letter back, wherever that is */
            read_word(reader, out);
            return;
        }
    } else if (vcl_tpl_is_letter(rune)) {
        read_word(reader, out);
        return;
    } else {
        no_value(reader, rune);
    }
    if (reader->failed)
        return;

    vcl_tpl_text text = { reader->text.data + start, reader->pos - start };
    if (kind == KIND_INTEGER)
        read_integer(reader, text, out);
    else if (kind == KIND_FLOAT)
        read_float(reader, text, out);
    else
        vcl_toml_read_time(reader, vcl_tpl_trim_space(text), out);
}
