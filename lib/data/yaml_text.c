/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Printing texts as YAML scalars: plain, in single or double quotes, or as a literal block
 * (yaml_style.c chooses), folded byte for byte as go-yaml v2.4 does behind sigs.k8s.io/yaml; pretty
 * ones as go-yaml v3.0.4 does, which folds nothing and leaves tabs in blocks. That library prints a
 * tree by way of JSON text that it reads as YAML, which is why a text that a YAML reader refuses
 * cannot be printed, and why a next-line character (U+0085) turns into a space.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/yaml_characters.h"
#include "data/yaml_style.h"
#include "data/yaml_writer.h"

#define NEXT_LINE "\xc2\x85"

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
    size_t size = vcl_utf8_width(*at);

    put(writer, at, size);
    return at + size;
}

/* Write one line break and step over it. */
static const char *write_line_break(vcl_yaml_writer *writer, const char *at)
{
    size_t size = vcl_utf8_width(*at);

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
        bool line_break = vcl_yaml_is_break(at);
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
        uint32_t code = vcl_utf8_code(at);
        bool space = code == ' ' && !escape_all;
        if (escape_all || !vcl_yaml_is_printable(code) || vcl_yaml_is_break_code(code) ||
            strchr("\"\\", *at)) {
            write_escape(writer, code);
            at += vcl_utf8_width(*at);
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
    if (*text == ' ' || vcl_yaml_is_break(text))
        vcl_yaml_write_indicator(writer, "2", false, false);
    if (!vcl_yaml_is_break(last))
        vcl_yaml_write_indicator(writer, "-", false, false);
    else if (last == text || vcl_yaml_is_break(before(last)))
        vcl_yaml_write_indicator(writer, "+", false, false);
    (void)write_line_break(writer, "\n");
    writer->indention = true;
    writer->whitespace = true;

    for (const char *at = text; *at;) {
        bool line_break = vcl_yaml_is_break(at);
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

/* Whether a YAML reader takes the character when it stands in JSON text, where the control
 * characters below a space are escaped. */
static bool is_readable(uint32_t code)
{
    return code < 0x7f || code == 0x85 || (code >= 0xa0 && code != 0xfffe && code != 0xffff);
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
    for (const char *at = text; *at; at += vcl_utf8_width(*at)) {
        if (!is_readable(vcl_utf8_code(at)))
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

static void write_styled(vcl_yaml_writer *writer, const char *text, bool simple_key)
{
    switch (vcl_yaml_choose_style(text, simple_key, writer->pretty)) {
    case VCL_YAML_PLAIN:
        if (!writer->whitespace)
            put(writer, " ", 1);
        write_folded(writer, text, false, !simple_key);
        break;
    case VCL_YAML_SINGLE:
        write_single_quoted(writer, text, !simple_key);
        break;
    case VCL_YAML_DOUBLE:
        write_double_quoted(writer, text, !simple_key);
        break;
    case VCL_YAML_LITERAL:
        write_literal(writer, text);
    }
}

/* Write an ordinary text; false, and nothing is written, for any other. */
static bool write_ordinary(vcl_yaml_writer *writer, const char *text)
{
    size_t size = 0;

    if (!vcl_yaml_is_ordinary(text, writer->pretty, &size) ||
        writer->column + size >= VCL_YAML_WIDTH) /* it may have to be folded */
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
