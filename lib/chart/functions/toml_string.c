/* SPDX-License-Identifier: Apache-2.0 */
/* Strings of TOML: basic and literal ones, on one line or many; see toml_private.h. */
#include <string.h>

#include "base/limits.h"
#include "chart/functions/toml_private.h"
#include "chart/template/utf8.h"

/* One string at work: its kind, and what it is so far. */
typedef struct scan {
    vcl_toml_reader *reader;
    size_t start; /* behind the opening quotes */
    bool literal;
    bool multiline;
    vcl_buf buf;
} scan;

static bool is_hex(uint32_t rune)
{
    return (rune >= '0' && rune <= '9') || ((rune | 0x20) >= 'a' && (rune | 0x20) <= 'f');
}

/* What has been read of the string. */
static vcl_tpl_text so_far(const scan *s)
{
    return (vcl_tpl_text){ s->reader->text.data + s->start, s->reader->pos - s->start };
}

static void read_code(scan *s, int digits, char letter)
{
    static const char *const words[] = { [2] = "two", [4] = "four", [8] = "eight" };
    size_t start = s->reader->pos;
    uint32_t code = 0;

    for (int i = 0; i < digits; i++) {
        uint32_t rune = vcl_toml_next(s->reader);
        if (!is_hex(rune)) {
            vcl_toml_fail_here(s->reader,
                               "expected %s hexadecimal digits after '\\%c', but got %s instead",
                               words[digits], letter, vcl_toml_quoted(s->reader, so_far(s)));
            return;
        }
        code = code << 4 | (rune <= '9' ? rune - '0' : (rune | 0x20) - 'a' + 10);
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        vcl_toml_fail(s->reader, s->reader->line, "Escaped character '\\u%.*s' is not valid UTF-8.",
                      digits, s->reader->text.data + start);
    else
        vcl_tpl_add_rune(&s->buf, code);
}

/* A backslash at the end of a line takes all white space behind it away. True: it was one. */
static bool skip_line_end(scan *s)
{
    vcl_tpl_text rest = { s->reader->text.data + s->reader->pos,
                          s->reader->text.size - s->reader->pos };
    size_t size = 0;
    bool lines = false;

    while (size < rest.size && strchr(" \t\r\n", rest.data[size]) && rest.data[size])
        lines = rest.data[size++] == '\n' || lines;
    if (!s->multiline || !lines)
        return false;
    for (size_t end = s->reader->pos + size; s->reader->pos < end && !s->reader->failed;)
        (void)vcl_toml_next(s->reader);
    return true;
}

/* Behind a backslash. */
static void read_escape(scan *s)
{
    static const char letters[] = "btnfre\"\\";
    static const char meanings[] = "\b\t\n\f\r\x1b\"\\";

    if (skip_line_end(s))
        return;
    bool end = vcl_toml_at_end(s->reader);
    uint32_t rune = vcl_toml_next(s->reader);
    const char *found = rune && rune < 0x80 ? strchr(letters, (char)rune) : NULL;
    if (found)
        vcl_buf_add_char(&s->buf, meanings[found - letters]);
    else if (rune == 'x')
        read_code(s, 2, 'x');
    else if (rune == 'u')
        read_code(s, 4, 'u');
    else if (rune == 'U')
        read_code(s, 8, 'U');
    else if (rune == ' ' || rune == '\t')
        vcl_toml_fail(s->reader, s->reader->line, "invalid escape: '\\%c'", (char)rune);
    else {
        VCL_AUTO_BUF character = { .max = 16 };
        vcl_tpl_add_rune(&character, rune);
        vcl_toml_fail(s->reader, s->reader->line - end, "invalid escape in string '\\%s'",
                      vcl_buf_text(&character));
    }
}

/* Whether the string ends at this quote, which is not read yet. Three end one of many lines, and up
 * to two more may stand before them. */
static bool ends(scan *s, char quote)
{
    const char *text = s->reader->text.data;
    size_t pos = s->reader->pos;
    size_t run = 0;

    if (!s->multiline)
        return true;
    while (pos + run < s->reader->text.size && text[pos + run] == quote && run < 6)
        run++;
    if (run < 3)
        return false;
    /* Quotes before this one count, too. */
    size_t before = 0;
    while (pos - before > s->start && text[pos - before - 1] == quote && before < 2)
        before++;
    bool escaped = !s->literal && pos - before > s->start && text[pos - before - 1] == '\\';
    if (run > 3 && before == 2 && !escaped) {
        vcl_toml_fail(s->reader, s->reader->line,
                      s->literal ? "unexpected \"''''''\"" : "unexpected '\"\"\"\"\"\"'");
        return false;
    }
    return run == 3;
}

static void fail_at_end(scan *s)
{
    const char *quotes =
        s->literal ? (s->multiline ? "\"'''\"" : "\"'\"") : (s->multiline ? "'\"\"\"'" : "'\"'");

    vcl_toml_fail_here(s->reader, "unexpected EOF; expected %s", quotes);
}

static void add_rune(scan *s, uint32_t rune)
{
    if (!s->reader->failed)
        vcl_tpl_add_rune(&s->buf, rune);
}

static void read_body(scan *s, char quote)
{
    vcl_toml_reader *reader = s->reader;

    if (s->multiline) { /* a line end at once is not part of it */
        if (vcl_toml_peek(reader) == '\r')
            (void)vcl_toml_next(reader);
        (void)vcl_toml_accept(reader, '\n');
    }
    while (!reader->failed) {
        if (vcl_toml_at_end(reader)) {
            fail_at_end(s);
            return;
        }
        uint32_t rune = vcl_toml_peek(reader);
        if (rune == (uint32_t)quote && ends(s, quote)) {
            for (int i = 0; i < (s->multiline ? 3 : 1); i++)
                (void)vcl_toml_next(reader);
            return;
        }
        (void)vcl_toml_next(reader);
        if (!s->multiline && (rune == '\n' || rune == '\r'))
            vcl_toml_fail(reader, reader->line - 1, "strings cannot contain newlines");
        else if (rune == '\\' && !s->literal)
            read_escape(s);
        else
            add_rune(s, rune);
    }
}

vcl_tpl_text vcl_toml_read_string(vcl_toml_reader *reader, bool multiline)
{
    char quote = (char)vcl_toml_next(reader);
    const char *text = reader->text.data;
    scan s = { .reader = reader, .literal = quote == '\'' };
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    vcl_tpl_value value = vcl_tpl_cstring("");

    if (multiline && reader->text.size - reader->pos >= 2 && text[reader->pos] == quote &&
        text[reader->pos + 1] == quote) {
        s.multiline = true;
        (void)vcl_toml_next(reader);
        (void)vcl_toml_next(reader);
    }
    s.start = reader->pos;
    vcl_buf_init(&s.buf, VCL_MAX_TEMPLATE_OUTPUT);
    read_body(&s, quote);
    buf = s.buf;
    if (reader->failed)
        return vcl_tpl_literal("");
    int status = vcl_tpl_return_buf(reader->state, &buf, &value);
    if (status < 0)
        vcl_toml_fail_status(reader, status);
    return value.text;
}
