/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resolving plain scalars as go-yaml v2.4 does, which is YAML 1.1 with a few habits of Go's number
 * parser: 0777 and 0o777 are octal, 0b11 binary, 1_000 a thousand, 089 is eighty-nine, and a number
 * too large for a double is a text. See yaml_scalar.h.
 */
#include <math.h>
#include <string.h>

#include "data/number.h"
#include "data/yaml_scalar.h"

/* Longer digits than this are a text. */
enum { MAX_NUMBER_TEXT = 4096 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The words that mean something: first characters y n t f o ~ and a point. */
static bool resolve_word(const char *text, vcl_yaml_value *out)
{
    static const struct {
        const char *word;
        vcl_yaml_kind kind;
        bool truth;
        double number;
    } words[] = {
        { "", VCL_YAML_NULL, false, 0 },
        { "~", VCL_YAML_NULL, false, 0 },
        { "null", VCL_YAML_NULL, false, 0 },
        { "Null", VCL_YAML_NULL, false, 0 },
        { "NULL", VCL_YAML_NULL, false, 0 },
        { "y", VCL_YAML_BOOL, true, 0 },
        { "Y", VCL_YAML_BOOL, true, 0 },
        { "yes", VCL_YAML_BOOL, true, 0 },
        { "Yes", VCL_YAML_BOOL, true, 0 },
        { "YES", VCL_YAML_BOOL, true, 0 },
        { "true", VCL_YAML_BOOL, true, 0 },
        { "True", VCL_YAML_BOOL, true, 0 },
        { "TRUE", VCL_YAML_BOOL, true, 0 },
        { "on", VCL_YAML_BOOL, true, 0 },
        { "On", VCL_YAML_BOOL, true, 0 },
        { "ON", VCL_YAML_BOOL, true, 0 },
        { "n", VCL_YAML_BOOL, false, 0 },
        { "N", VCL_YAML_BOOL, false, 0 },
        { "no", VCL_YAML_BOOL, false, 0 },
        { "No", VCL_YAML_BOOL, false, 0 },
        { "NO", VCL_YAML_BOOL, false, 0 },
        { "false", VCL_YAML_BOOL, false, 0 },
        { "False", VCL_YAML_BOOL, false, 0 },
        { "FALSE", VCL_YAML_BOOL, false, 0 },
        { "off", VCL_YAML_BOOL, false, 0 },
        { "Off", VCL_YAML_BOOL, false, 0 },
        { "OFF", VCL_YAML_BOOL, false, 0 },
        { ".nan", VCL_YAML_FLOAT, false, NAN },
        { ".NaN", VCL_YAML_FLOAT, false, NAN },
        { ".NAN", VCL_YAML_FLOAT, false, NAN },
        { ".inf", VCL_YAML_FLOAT, false, INFINITY },
        { ".Inf", VCL_YAML_FLOAT, false, INFINITY },
        { ".INF", VCL_YAML_FLOAT, false, INFINITY },
        { "+.inf", VCL_YAML_FLOAT, false, INFINITY },
        { "+.Inf", VCL_YAML_FLOAT, false, INFINITY },
        { "+.INF", VCL_YAML_FLOAT, false, INFINITY },
        { "-.inf", VCL_YAML_FLOAT, false, -INFINITY },
        { "-.Inf", VCL_YAML_FLOAT, false, -INFINITY },
        { "-.INF", VCL_YAML_FLOAT, false, -INFINITY },
    };

    if (strlen(text) > 5)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].word[0] == *text && strcmp(words[i].word, text) == 0) {
            out->kind = words[i].kind;
            out->truth = words[i].truth;
            out->number = words[i].number;
            return true;
        }
    }
    return false;
}

/* Digits to a base, without sign; false for none of them, other characters or too large a value.
 * Go takes no digits behind a leading zero as 0. */
static bool parse_magnitude(const char *digits, unsigned base, uint64_t *out)
{
    uint64_t value = 0;

    for (; *digits; digits++) {
        char c = *digits >= 'A' && *digits <= 'F' ? (char)(*digits + ('a' - 'A')) : *digits;
        unsigned digit = is_digit(c) ? (unsigned)(c - '0') : 99;
        if (c >= 'a' && c <= 'f')
            digit = (unsigned)(c - 'a') + 10;
        if (digit >= base || value > (UINT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
    }
    *out = value;
    return true;
}

static bool set_int(bool signed_text, bool negative, uint64_t magnitude, vcl_yaml_value *out)
{
    uint64_t most = (uint64_t)INT64_MAX + negative;

    if (signed_text && magnitude > most)
        return false;
    out->kind = VCL_YAML_INT;
    out->negative = negative && magnitude > 0;
    out->magnitude = magnitude;
    out->number = negative && magnitude > 0 ? -(double)magnitude : (double)magnitude;
    return true;
}

static bool resolve_int(const char *text, vcl_yaml_value *out)
{
    bool negative = *text == '-';
    bool signed_text = negative || *text == '+';
    const char *digits = text + signed_text;
    unsigned base = 10;
    uint64_t magnitude;

    if (!*digits)
        return false;
    if (digits[0] == '0') {
        char mark = digits[1] && digits[2] ? (char)(digits[1] | 0x20) : '\0';
        base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
        digits += mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1;
        /* A sign may stand behind 0b, but not both before and behind. */
        if (base == 2 && mark == 'b' && text[1] == 'b' && (*digits == '-' || *digits == '+') &&
            digits[1]) {
            negative = *digits++ == '-';
            signed_text = true;
        }
    }
    return parse_magnitude(digits, base, &magnitude) &&
           set_int(signed_text, negative, magnitude, out);
}

/* Read one or two digits up to a maximum; -1 when there are none. */
static int read_part(const char **text, int most)
{
    int value;

    if (!is_digit(**text))
        return -1;
    value = *(*text)++ - '0';
    if (is_digit(**text))
        value = value * 10 + (*(*text)++ - '0');
    return value <= most ? value : -1;
}

static bool accept(const char **text, char c)
{
    if (**text != c)
        return false;
    (*text)++;
    return true;
}

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool is_zone(const char *text)
{
    if (strcmp(text, "Z") == 0)
        return true;
    return (text[0] == '+' || text[0] == '-') && is_digit(text[1]) && is_digit(text[2]) &&
           text[3] == ':' && is_digit(text[4]) && is_digit(text[5]) && !text[6] &&
           (text[1] - '0') * 10 + text[2] - '0' <= 24 && (text[4] - '0') * 10 + text[5] - '0' <= 60;
}

/* Whether text is a date, or a date and a time with a zone behind T, without one behind spaces. */
static bool is_time(const char *text)
{
    if (strspn(text, "0123456789") != 4 || text[4] != '-')
        return false;

    int year =
        (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0';
    text += 5;
    int month = read_part(&text, 12);
    if (month < 1 || !accept(&text, '-'))
        return false;
    int day = read_part(&text, days_in(year, month));
    if (day < 1)
        return false;
    if (!*text)
        return true;

    bool zone = *text == 'T' || *text == 't';
    if (!zone && *text != ' ')
        return false;
    text += zone ? 1 : strspn(text, " ");
    if (read_part(&text, 23) < 0 || !accept(&text, ':') || read_part(&text, 59) < 0 ||
        !accept(&text, ':') || read_part(&text, 59) < 0)
        return false;
    if ((*text == '.' || *text == ',') && is_digit(text[1]))
        text += 1 + strspn(text + 1, "0123456789");
    return zone ? is_zone(text) : *text == '\0';
}

/* Copy text without underscores; false when it does not fit. */
static bool drop_underscores(const char *text, char plain[MAX_NUMBER_TEXT])
{
    size_t used = 0;

    for (; *text; text++) {
        if (*text == '_')
            continue;
        if (used == MAX_NUMBER_TEXT - 1)
            return false;
        plain[used++] = *text;
    }
    plain[used] = '\0';
    return true;
}

static void resolve_number(const char *text, vcl_yaml_value *out)
{
    char plain[MAX_NUMBER_TEXT];

    if (is_time(text)) {
        out->kind = VCL_YAML_TIME;
        return;
    }
    if (!drop_underscores(text, plain) || resolve_int(plain, out))
        return;
    if (vcl_parse_double(plain, &out->number))
        out->kind = VCL_YAML_FLOAT;
}

/* Numbers that begin with a point. Only here must underscores stand between digits. */
static void resolve_fraction(const char *text, vcl_yaml_value *out)
{
    char plain[MAX_NUMBER_TEXT];

    for (const char *at = strchr(text, '_'); at; at = strchr(at + 1, '_')) {
        if (!is_digit(at[-1]) || !is_digit(at[1]))
            return;
    }
    if (drop_underscores(text, plain) && vcl_parse_double(plain, &out->number))
        out->kind = VCL_YAML_FLOAT;
}

void vcl_yaml_resolve(const char *text, vcl_yaml_value *out_value)
{
    *out_value = (vcl_yaml_value){ .kind = VCL_YAML_TEXT };
    if (!*text || strchr("yYnNtTfFoO~.+-", *text)) {
        if (resolve_word(text, out_value))
            return;
    }
    if (*text == '.') {
        resolve_fraction(text, out_value);
    } else if (*text == '+' || *text == '-' || is_digit(*text)) {
        resolve_number(text, out_value);
    }
}

bool vcl_yaml_is_base60(const char *text)
{
    text += *text == '+' || *text == '-';
    if (!is_digit(*text))
        return false;
    text += strspn(text, "0123456789_");
    if (*text != ':')
        return false;
    while (*text == ':') {
        text++;
        if (text[0] >= '0' && text[0] <= '5' && is_digit(text[1]))
            text++;
        if (!is_digit(*text))
            return false;
        text++;
    }
    if (*text == '.')
        text += 1 + strspn(text + 1, "0123456789_");
    return *text == '\0';
}
