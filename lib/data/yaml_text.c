/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Printing texts as YAML scalars: plain, in single or double quotes, or as a literal block, chosen
 * and folded byte for byte as go-yaml v2.4 does behind sigs.k8s.io/yaml; pretty ones as go-yaml
 * v3.0.4 does, which folds nothing and leaves tabs in blocks. That library prints a tree
 * by way of JSON text that it reads as YAML, which is why a text that a YAML reader refuses cannot
 * be printed, and why a next-line character (U+0085) turns into a space.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/yaml_scalar.h"
#include "data/yaml_writer.h"

enum { MAX_SIMPLE_KEY = 128 };

#define NEXT_LINE "\xc2\x85"

/* What stands in a text, as far as its form depends on it. */
typedef struct text_facts {
    bool line_breaks;
    bool indicators;
    bool special;     /* characters that only double quotes can hold */
    bool tabs;        /* which a block can hold, too, when it is pretty */
    bool space_break; /* a space before a line break */
    bool break_space; /* and one behind it */
    bool outer_space; /* white space at an end */
    bool trailing_space;
} text_facts;

typedef enum text_style { STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE, STYLE_LITERAL } text_style;

/* Bytes of the UTF-8 character that begins with that byte. */
static size_t width(char lead)
{
    unsigned char byte = (unsigned char)lead;

    return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

static uint32_t code_at(const char *text)
{
    size_t size = width(*text);
    uint32_t code = (unsigned char)*text;

    if (size > 1)
        code &= 0x7fU >> size;
    for (size_t i = 1; i < size; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    return code;
}

static bool is_break_code(uint32_t code)
{
    return code == '\n' || code == '\r' || code == 0x85 || code == 0x2028 || code == 0x2029;
}

static bool is_break(const char *text)
{
    return is_break_code(code_at(text));
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Printable to go-yaml: nothing beyond the basic plane, and neither tab nor carriage return. */
static bool is_printable(uint32_t code)
{
    return code == '\n' || (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0xd800) ||
           (code >= 0xe000 && code < 0xfffe && code != 0xfeff);
}

/* Whether a YAML reader takes the character when it stands in JSON text, where the control
 * characters below a space are escaped. */
static bool is_readable(uint32_t code)
{
    return code < 0x7f || code == 0x85 || (code >= 0xa0 && code != 0xfffe && code != 0xffff);
}

static bool is_indicator(const char *text, bool first, bool after_blank)
{
    bool before_blank = !text[1] || is_blank(text[1]);

    if (first && strchr("#,[]{}&*!|>'\"%@`", *text))
        return true;
    if (first && strchr("?-", *text))
        return before_blank;
    return (*text == ':' && before_blank) || (*text == '#' && after_blank);
}

static text_facts look_at(const char *text)
{
    text_facts facts = { 0 };
    bool after_space = false;
    bool after_break = false;
    bool after_blank = true;

    facts.indicators = strncmp(text, "---", 3) == 0 || strncmp(text, "...", 3) == 0;
    for (const char *at = text; *at;) {
        uint32_t code = code_at(at);
        const char *next = at + width(*at);
        bool outer = at == text || !*next;
        bool line_break = is_break_code(code);

        facts.indicators |= is_indicator(at, at == text, after_blank);
        facts.tabs |= code == '\t';
        facts.special |= !is_printable(code) && code != '\t';
        facts.line_breaks |= line_break;
        facts.space_break |= line_break && after_space;
        facts.break_space |= code == ' ' && after_break;
        facts.outer_space |= outer && (code == ' ' || line_break);
        facts.trailing_space |= code == ' ' && !*next;
        after_space = code == ' ';
        after_break = line_break;
        after_blank = line_break || is_blank(*at);
        at = next;
    }
    return facts;
}

/* "0o-7", which go-yaml v3 takes for a number. */
static bool is_signed_octal(const char *text)
{
    return strncmp(text, "0o", 2) == 0 && (text[2] == '+' || text[2] == '-') && text[3] &&
           text[3 + strspn(text + 3, "01234567_")] == '\0';
}

static text_style choose_style(const char *text, bool simple_key, bool pretty)
{
    text_facts facts = look_at(text);
    vcl_yaml_value value;

    if (facts.space_break || facts.special || (facts.tabs && !pretty))
        return STYLE_DOUBLE;
    if (strchr(text, '\n'))
        return simple_key || facts.trailing_space ? STYLE_DOUBLE : STYLE_LITERAL;

    vcl_yaml_resolve(text, &value);
    if (facts.tabs || value.kind != VCL_YAML_TEXT || vcl_yaml_is_base60(text) ||
        (pretty && is_signed_octal(text)))
        return STYLE_DOUBLE;
    if (!facts.line_breaks && !facts.indicators && !facts.outer_space)
        return STYLE_PLAIN;
    return facts.break_space ? STYLE_DOUBLE : STYLE_SINGLE;
}

static void put(vcl_yaml_writer *writer, const char *text, size_t size)
{
    vcl_buf_append(&writer->buf, text, size);
    writer->column++;
}

/* Write characters of one byte each. */
static void put_run(vcl_yaml_writer *writer, const char *text, size_t size)
{
    vcl_buf_append(&writer->buf, text, size);
    writer->column += size;
}

/* Write one character and step over it. */
static const char *write_character(vcl_yaml_writer *writer, const char *at)
{
    size_t size = width(*at);

    put(writer, at, size);
    return at + size;
}

/* Write one line break and step over it. */
static const char *write_line_break(vcl_yaml_writer *writer, const char *at)
{
    size_t size = width(*at);

    vcl_buf_append(&writer->buf, at, size);
    writer->column = 0;
    return at + size;
}

void vcl_yaml_write_indent(vcl_yaml_writer *writer)
{
    size_t indent = writer->indent > 0 ? (size_t)writer->indent : 0;
    bool at_indent = writer->column == indent && writer->whitespace;

    if (!writer->indention || (writer->column >= indent && !at_indent))
        (void)write_line_break(writer, "\n");
    while (writer->column < indent) {
        static const char spaces[] = "                                ";
        size_t missing = indent - writer->column;
        put_run(writer, spaces, missing < sizeof(spaces) - 1 ? missing : sizeof(spaces) - 1);
    }
    writer->whitespace = true;
    writer->indention = true;
}

void vcl_yaml_write_indicator(vcl_yaml_writer *writer,
                              const char *text,
                              bool need_space,
                              bool is_indention)
{
    if (need_space && !writer->whitespace)
        put(writer, " ", 1);
    put_run(writer, text, strlen(text));
    writer->whitespace = false;
    writer->indention = writer->indention && is_indention;
}

/* Whether a line that is over the width may end at this space, which stands alone. */
static bool may_fold(const vcl_yaml_writer *writer, bool folds, bool after_space)
{
    return folds && !writer->pretty && !after_space && writer->column > VCL_YAML_WIDTH;
}

/* Write the text of a plain or single-quoted scalar, folding long lines. A line break within quotes
 * is written twice, since a single one would read as a space. */
static void write_folded(vcl_yaml_writer *writer, const char *text, bool quoted, bool folds)
{
    bool after_space = false;
    bool after_break = false;

    for (const char *at = text; *at;) {
        bool space = *at == ' ';
        bool line_break = is_break(at);
        if (space && may_fold(writer, folds, after_space) && at > text && at[1] && at[1] != ' ') {
            vcl_yaml_write_indent(writer);
            at++;
        } else if (line_break) {
            if (!after_break && *at == '\n')
                (void)write_line_break(writer, "\n");
            at = write_line_break(writer, at);
            writer->indention = true;
        } else {
            if (after_break && !space)
                vcl_yaml_write_indent(writer);
            if (quoted && *at == '\'')
                put(writer, "'", 1);
            at = write_character(writer, at);
            writer->indention = writer->indention && space;
        }
        after_break = line_break || (after_break && space);
        after_space = space || (after_space && line_break);
    }
    writer->whitespace = false;
    writer->indention = false;
}

void vcl_yaml_write_plain(vcl_yaml_writer *writer, const char *text)
{
    if (!writer->whitespace)
        put(writer, " ", 1);
    write_folded(writer, text, false, false);
}

static void write_single_quoted(vcl_yaml_writer *writer, const char *text, bool folds)
{
    vcl_yaml_write_indicator(writer, "'", true, false);
    write_folded(writer, text, true, folds);
    vcl_yaml_write_indicator(writer, "'", false, false);
}

static void write_escape(vcl_yaml_writer *writer, uint32_t code)
{
    static const struct {
        uint32_t code;
        char name;
    } names[] = { { 0x07, 'a' }, { 0x08, 'b' }, { 0x09, 't' },   { 0x0a, 'n' },  { 0x0b, 'v' },
                  { 0x0c, 'f' }, { 0x0d, 'r' }, { 0x1b, 'e' },   { '"', '"' },   { '\\', '\\' },
                  { 0x85, 'N' }, { 0xa0, '_' }, { 0x2028, 'L' }, { 0x2029, 'P' } };
    char text[16];

    if (code <= 0xff)
        (void)snprintf(text, sizeof(text), "\\x%02X", code);
    else if (code <= 0xffff)
        (void)snprintf(text, sizeof(text), "\\u%04X", code);
    else
        (void)snprintf(text, sizeof(text), "\\U%08X", code);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].code == code)
            (void)snprintf(text, sizeof(text), "\\%c", names[i].name);
    }
    for (const char *c = text; *c; c++)
        put(writer, c, 1);
}

static void write_double_quoted(vcl_yaml_writer *writer, const char *text, bool folds)
{
    /* A byte order mark in front makes go-yaml escape all that follows. */
    bool escape_all = vcl_starts_with(text, "\xef\xbb\xbf");
    bool after_space = false;

    vcl_yaml_write_indicator(writer, "\"", true, false);
    for (const char *at = text; *at;) {
        uint32_t code = code_at(at);
        bool space = code == ' ' && !escape_all;
        if (escape_all || !is_printable(code) || is_break_code(code) || strchr("\"\\", *at)) {
            write_escape(writer, code);
            at += width(*at);
        } else if (space && may_fold(writer, folds, after_space) && at > text && at[1]) {
            vcl_yaml_write_indent(writer);
            if (at[1] == ' ')
                put(writer, "\\", 1);
            at++;
        } else {
            at = write_character(writer, at);
        }
        after_space = space;
    }
    vcl_yaml_write_indicator(writer, "\"", false, false);
}

/* The character before `at`. */
static const char *before(const char *at)
{
    do
        at--;
    while (((unsigned char)*at & 0xc0) == 0x80);
    return at;
}

static void write_literal(vcl_yaml_writer *writer, const char *text)
{
    const char *end = text + strlen(text);
    const char *last = before(end);
    bool after_break = true;

    vcl_yaml_write_indicator(writer, "|", true, false);
    if (*text == ' ' || is_break(text))
        vcl_yaml_write_indicator(writer, "2", false, false);
    if (!is_break(last))
        vcl_yaml_write_indicator(writer, "-", false, false);
    else if (last == text || is_break(before(last)))
        vcl_yaml_write_indicator(writer, "+", false, false);
    (void)write_line_break(writer, "\n");
    writer->indention = true;
    writer->whitespace = true;

    for (const char *at = text; *at;) {
        bool line_break = is_break(at);
        if (line_break) {
            at = write_line_break(writer, at);
            writer->indention = true;
        } else {
            size_t plain = strcspn(at, "\n\r\xc2\xe2"); /* none of them begins a line break */
            if (after_break)
                vcl_yaml_write_indent(writer);
            if (plain)
                put_run(writer, at, plain);
            at = plain ? at + plain : write_character(writer, at);
            writer->indention = false;
        }
        after_break = line_break;
    }
}

bool vcl_yaml_is_simple_key(const char *text)
{
    for (const char *at = text; *at; at += width(*at)) {
        if (is_break(at))
            return false;
    }
    return strlen(text) <= MAX_SIMPLE_KEY;
}

static bool fail_unreadable(vcl_yaml_writer *writer, const char *what)
{
    writer->status =
        vcl_fail(writer->error, VCLUSTER_E_CONFIG, "a text cannot be printed as YAML: %s", what);
    return false;
}

/* Whether the text would come through the YAML reader. */
static bool check_readable(vcl_yaml_writer *writer, const char *text)
{
    if (!vcl_utf8_valid(text, strlen(text)))
        return fail_unreadable(writer, "it is not valid UTF-8");
    for (const char *at = text; *at; at += width(*at)) {
        if (!is_readable(code_at(at)))
            return fail_unreadable(writer, "it holds a control character");
    }
    return true;
}

/* Read next-line characters as a double-quoted YAML scalar would: they and the spaces around them
 * become a space, or a line feed for each but the first. In place. */
static void fold_next_lines(char *text)
{
    char *to = text;

    for (const char *at = text; *at;) {
        if (strncmp(at, NEXT_LINE, 2) != 0) {
            *to++ = *at++;
            continue;
        }
        while (to > text && to[-1] == ' ')
            to--;
        size_t breaks = 0;
        for (; *at == ' ' || strncmp(at, NEXT_LINE, 2) == 0; at += *at == ' ' ? 1 : 2)
            breaks += *at != ' ';
        if (breaks == 1)
            *to++ = ' ';
        for (; breaks > 1; breaks--)
            *to++ = '\n';
    }
    *to = '\0';
}

/* Whether a text is of the common sort that is plain at a glance and needs no folding: letters,
 * digits, single signs inside. *out_size is its size. */
static bool is_ordinary(const vcl_yaml_writer *writer, const char *text, size_t *out_size)
{
    static const char signs[] = "_./-+=;()<$^";
    vcl_yaml_value value;
    size_t size = 0;

    if (!is_letter(*text) && !is_digit(*text) && *text != '/' && *text != '_')
        return false;
    for (; text[size]; size++) {
        char c = text[size];
        if (is_letter(c) || is_digit(c))
            continue;
        bool inside = text[size + 1] && text[size + 1] != ' ';
        if (!(c == ' ' || c == ':' ? inside : strchr(signs, c) != NULL))
            return false;
    }
    *out_size = size;
    if (writer->column + size >= VCL_YAML_WIDTH)
        return false;
    if (is_letter(*text) && !strchr("yYnNtTfFoO", *text))
        return true;
    vcl_yaml_resolve(text, &value);
    return value.kind == VCL_YAML_TEXT && !vcl_yaml_is_base60(text) &&
           !(writer->pretty && is_signed_octal(text));
}

static void write_styled(vcl_yaml_writer *writer, const char *text, bool simple_key)
{
    switch (choose_style(text, simple_key, writer->pretty)) {
    case STYLE_PLAIN:
        if (!writer->whitespace)
            put(writer, " ", 1);
        write_folded(writer, text, false, !simple_key);
        break;
    case STYLE_SINGLE:
        write_single_quoted(writer, text, !simple_key);
        break;
    case STYLE_DOUBLE:
        write_double_quoted(writer, text, !simple_key);
        break;
    case STYLE_LITERAL:
        write_literal(writer, text);
    }
}

/* Write an ordinary text; false, and nothing is written, for any other. */
static bool write_ordinary(vcl_yaml_writer *writer, const char *text)
{
    size_t size = 0;

    if (!is_ordinary(writer, text, &size))
        return false;
    if (!writer->whitespace)
        put(writer, " ", 1);
    put_run(writer, text, size);
    writer->whitespace = false;
    writer->indention = false;
    return true;
}

bool vcl_yaml_write_key(vcl_yaml_writer *writer, const char *key, bool simple)
{
    if (simple && write_ordinary(writer, key))
        return true;
    if (writer->pretty) {
        write_styled(writer, key, simple);
        return true;
    }
    if (!check_readable(writer, key))
        return false;
    if (strstr(key, NEXT_LINE))
        return fail_unreadable(writer, "a key holds a line break");
    write_styled(writer, key, simple);
    return true;
}

bool vcl_yaml_write_text(vcl_yaml_writer *writer, const char *text)
{
    if (write_ordinary(writer, text))
        return true;
    if (!writer->pretty && !check_readable(writer, text))
        return false;
    if (writer->pretty || !strstr(text, NEXT_LINE)) {
        write_styled(writer, text, false);
        return true;
    }

    char *folded = vcl_strdup(text);
    if (!folded) {
        writer->status = vcl_no_memory(writer->error);
        return false;
    }
    fold_next_lines(folded);
    write_styled(writer, folded, false);
    vcl_free_secret(folded);
    return true;
}

void vcl_yaml_write_binary(vcl_yaml_writer *writer, const char *text)
{
    vcl_yaml_write_indicator(writer, "!!binary", true, false);
    if (strchr(text, '\n'))
        write_literal(writer, text);
    else
        vcl_yaml_write_plain(writer, text);
}
