/* SPDX-License-Identifier: Apache-2.0 */
/* Go's string and character literals: making and reading them; see utf8.h. */
#include <string.h>

#include "base/limits.h"
#include "chart/template/utf8.h"

/* The letter of a one-character escape, or 0. */
static char short_escape(uint32_t rune)
{
    static const char codes[] = "\a\b\f\n\r\t\v";
    static const char letters[] = "abfnrtv";
    const char *found = rune && rune < 0x80 ? strchr(codes, (int)rune) : NULL;

    return found ? letters[found - codes] : 0;
}

static void add_quoted_rune(vcl_buf *buf, uint32_t rune, bool ascii)
{
    char letter = short_escape(rune);

    if (rune == '"' || rune == '\\')
        vcl_buf_addf(buf, "\\%c", (char)rune);
    else if (letter)
        vcl_buf_addf(buf, "\\%c", letter);
    else if (vcl_tpl_is_print(rune) && (!ascii || rune < 0x80))
        vcl_tpl_add_rune(buf, rune);
    else if (rune < 0x80)
        vcl_buf_addf(buf, "\\x%02x", rune);
    else if (rune < 0x10000)
        vcl_buf_addf(buf, "\\u%04x", rune);
    else
        vcl_buf_addf(buf, "\\U%08x", rune);
}

/* How many bytes in front stand for themselves between quotes. */
static size_t plain_run(vcl_tpl_text text)
{
    size_t run = 0;

    while (run < text.size && text.data[run] >= ' ' && text.data[run] < 0x7f &&
           text.data[run] != '"' && text.data[run] != '\\')
        run++;
    return run;
}

/* Add the first character and give its size. */
static size_t add_quoted(vcl_buf *buf, vcl_tpl_text text, bool ascii)
{
    size_t size;
    uint32_t rune = vcl_tpl_rune(text, &size);

    if (rune == VCL_TPL_BAD_RUNE && size == 1)
        vcl_buf_addf(buf, "\\x%02x", (unsigned char)text.data[0]);
    else
        add_quoted_rune(buf, rune, ascii);
    return size;
}

bool vcl_tpl_quote(vcl_buf *buf, vcl_tpl_text text, bool ascii)
{
    vcl_buf_add_char(buf, '"');
    while (text.size) {
        size_t size = plain_run(text);
        if (size)
            vcl_buf_append(buf, text.data, size);
        else
            size = add_quoted(buf, text, ascii);
        text.data += size;
        text.size -= size;
    }
    return vcl_buf_add_char(buf, '"');
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

/* Read exactly count digits. */
static bool read_digits(vcl_tpl_text *text, size_t count, int base, uint32_t *out_value)
{
    *out_value = 0;
    if (text->size < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int digit = digit_value(text->data[i]);
        if (digit >= base)
            return false;
        *out_value = *out_value * (uint32_t)base + (uint32_t)digit;
    }
    text->data += count;
    text->size -= count;
    return true;
}

/* One character behind a backslash. is_byte: it is a byte rather than a code point. */
static bool read_escape(vcl_tpl_text *text, char quote, uint32_t *out_rune, bool *out_byte)
{
    static const char letters[] = "abfnrtv\\";
    static const char codes[] = "\a\b\f\n\r\t\v\\";

    if (text->size == 0)
        return false;

    char c = *text->data;
    const char *found = c ? strchr(letters, c) : NULL;
    *out_byte = c == 'x' || (c >= '0' && c <= '7');
    if (c >= '0' && c <= '7')
        return read_digits(text, 3, 8, out_rune) && *out_rune <= 0xFF;
    text->data++;
    text->size--;
    if (found) {
        *out_rune = (unsigned char)codes[found - letters];
        return true;
    }
    if (c == '\'' || c == '"') {
        *out_rune = (unsigned char)c;
        return c == quote;
    }
    if (c == 'x')
        return read_digits(text, 2, 16, out_rune);
    if (c == 'u' || c == 'U')
        return read_digits(text, c == 'u' ? 4 : 8, 16, out_rune) && *out_rune <= 0x10FFFF &&
               !(*out_rune >= 0xD800 && *out_rune <= 0xDFFF);
    return false;
}

/* One character of a literal. */
static bool read_char(vcl_tpl_text *text, char quote, uint32_t *out_rune, bool *out_byte)
{
    size_t size;

    *out_byte = false;
    if (text->size == 0 || *text->data == quote || *text->data == '\n')
        return false;
    if (*text->data == '\\') {
        text->data++;
        text->size--;
        return read_escape(text, quote, out_rune, out_byte);
    }
    *out_rune = vcl_tpl_rune(*text, &size);
    if (*out_rune == VCL_TPL_BAD_RUNE && size == 1) { /* kept as it is */
        *out_rune = (unsigned char)*text->data;
        *out_byte = true;
    }
    text->data += size;
    text->size -= size;
    return true;
}

/* The text between back quotes; Go drops its carriage returns. */
static bool unquote_raw(vcl_tpl_text body, vcl_buf *buf)
{
    for (size_t i = 0; i < body.size; i++) {
        if (body.data[i] != '\r')
            vcl_buf_add_char(buf, body.data[i]);
    }
    return true;
}

static bool unquote_plain(vcl_tpl_text body, char quote, vcl_buf *buf)
{
    uint32_t rune;
    bool is_byte;

    while (body.size) {
        if (!read_char(&body, quote, &rune, &is_byte))
            return false;
        if (is_byte)
            vcl_buf_add_char(buf, (char)rune);
        else
            vcl_tpl_add_rune(buf, rune);
    }
    return true;
}

bool vcl_tpl_unquote(vcl_arena *arena,
                     vcl_tpl_text literal,
                     vcl_tpl_text *out_text,
                     bool *out_no_memory)
{
    VCL_AUTO_BUF buf = { .max = SIZE_MAX / 8 };

    if (literal.size < 2 || literal.data[literal.size - 1] != literal.data[0])
        return false;

    char quote = literal.data[0];
    vcl_tpl_text body = { literal.data + 1, literal.size - 2 };
    if (!(quote == '`' ? unquote_raw(body, &buf) : unquote_plain(body, quote, &buf)))
        return false;

    char *copy = vcl_buf_failed(&buf) ? NULL : vcl_arena_copy(arena, vcl_buf_text(&buf), buf.size);
    *out_text = (vcl_tpl_text){ copy, buf.size };
    *out_no_memory = !copy;
    return copy != NULL;
}

bool vcl_tpl_unquote_char(vcl_tpl_text literal, uint32_t *out_rune)
{
    bool is_byte;

    if (literal.size < 3 || literal.data[0] != '\'' || literal.data[literal.size - 1] != '\'')
        return false;

    vcl_tpl_text body = { literal.data + 1, literal.size - 2 };
    return read_char(&body, '\'', out_rune, &is_byte) && body.size == 0;
}
