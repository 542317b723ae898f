/* SPDX-License-Identifier: Apache-2.0 */
/* Characters, keys and failures of a TOML text; see toml_private.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/functions/toml_private.h"
#include "chart/template/utf8.h"

/* The open table and the key in it, which messages name. */
static void add_last_key(vcl_toml_reader *reader, vcl_buf *buf)
{
    VCL_AUTO_BUF path = { .max = VCL_MAX_TEMPLATE_OUTPUT };

    vcl_toml_print_key(&path, reader->context.parts, reader->context.count);
    if (reader->current.size && reader->context.count)
        vcl_buf_add_char(&path, '.');
    vcl_buf_append(&path, reader->current.data, reader->current.size);
    if (path.size == 0)
        return;
    vcl_buf_add(buf, " (last key ");
    vcl_tpl_quote(buf, (vcl_tpl_text){ path.data, path.size }, false);
    vcl_buf_add(buf, ")");
}

static void __attribute__((format(printf, 3, 0)))
fail(vcl_toml_reader *reader, int line, const char *format, va_list arguments)
{
    vcl_auto_free char *text = reader->failed ? NULL : vcl_vformat(format, arguments);

    if (reader->failed)
        return;
    reader->failed = true;
    if (!text) {
        reader->status = vcl_tpl_raise_memory(reader->state);
        return;
    }
    vcl_buf_addf(&reader->message, "toml: line %d", line);
    add_last_key(reader, &reader->message);
    vcl_buf_addf(&reader->message, ": %s", text);
}

void vcl_toml_fail(vcl_toml_reader *reader, int line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fail(reader, line, format, arguments);
    va_end(arguments);
}

/* At the end of the text the line is the last that has something on it. */
void vcl_toml_fail_here(vcl_toml_reader *reader, const char *format, ...)
{
    bool back =
        vcl_toml_at_end(reader) && reader->pos > 0 && reader->text.data[reader->pos - 1] == '\n';
    va_list arguments;

    va_start(arguments, format);
    fail(reader, reader->line - back, format, arguments);
    va_end(arguments);
}

void vcl_toml_fail_status(vcl_toml_reader *reader, int status)
{
    if (!reader->failed)
        reader->status = status;
    reader->failed = true;
}

bool vcl_toml_at_end(const vcl_toml_reader *reader)
{
    return reader->pos >= reader->text.size;
}

static bool is_control(uint32_t rune)
{
    return (rune < 0x20 && rune != '\t' && rune != '\r' && rune != '\n') || rune == 0x7f;
}

/* The character at the position, which fails when it may not stand in TOML. */
static uint32_t look(vcl_toml_reader *reader, size_t *out_size)
{
    vcl_tpl_text rest = { reader->text.data + reader->pos, reader->text.size - reader->pos };

    *out_size = 0;
    if (reader->failed || vcl_toml_at_end(reader))
        return VCL_TOML_END;

    uint32_t rune = vcl_tpl_rune(rest, out_size);
    bool lone_return = rune == '\r' && (rest.size < 2 || rest.data[1] != '\n');
    if (rune == VCL_TPL_BAD_RUNE && *out_size == 1)
        vcl_toml_fail(reader, reader->line, "invalid UTF-8 byte: 0x%02x",
                      (unsigned char)*rest.data);
    else if (is_control(rune) || lone_return)
        vcl_toml_fail(reader, reader->line,
                      "TOML files cannot contain control characters: '0x%02x'", rune);
    if (!reader->failed)
        return rune;
    *out_size = 0;
    return VCL_TOML_END;
}

uint32_t vcl_toml_peek(vcl_toml_reader *reader)
{
    size_t size;

    return look(reader, &size);
}

uint32_t vcl_toml_next(vcl_toml_reader *reader)
{
    size_t size;
    uint32_t rune = look(reader, &size);

    reader->line += size > 0 && rune == '\n';
    reader->pos += size;
    return rune;
}

bool vcl_toml_accept(vcl_toml_reader *reader, uint32_t rune)
{
    if (vcl_toml_peek(reader) != rune || vcl_toml_at_end(reader))
        return false;
    (void)vcl_toml_next(reader);
    return true;
}

void vcl_toml_skip_blanks(vcl_toml_reader *reader)
{
    while (vcl_toml_accept(reader, ' ') || vcl_toml_accept(reader, '\t'))
        ;
}

static void skip_comment(vcl_toml_reader *reader)
{
    while (!reader->failed && !vcl_toml_at_end(reader)) {
        uint32_t rune = vcl_toml_peek(reader);
        if (rune == '\n' || rune == '\r')
            return;
        (void)vcl_toml_next(reader);
    }
}

void vcl_toml_skip_lines(vcl_toml_reader *reader)
{
    for (;;) {
        vcl_toml_skip_blanks(reader);
        if (vcl_toml_accept(reader, '#'))
            skip_comment(reader);
        else if (!vcl_toml_accept(reader, '\n') && !vcl_toml_accept(reader, '\r'))
            return;
    }
}

const char *vcl_toml_quoted(vcl_toml_reader *reader, vcl_tpl_text text)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    vcl_tpl_value quoted = vcl_tpl_cstring("");

    vcl_tpl_quote(&buf, text, false);
    int status = vcl_tpl_return_buf(reader->state, &buf, &quoted);
    if (status < 0)
        vcl_toml_fail_status(reader, status);
    return vcl_str(quoted.text.data);
}

const char *vcl_toml_quoted_rune(vcl_toml_reader *reader, uint32_t rune)
{
    VCL_AUTO_BUF buf = { .max = 16 };
    VCL_AUTO_BUF quoted = { .max = 64 };
    vcl_tpl_value text = vcl_tpl_cstring("");

    vcl_tpl_add_rune(&buf, rune);
    vcl_buf_add_char(&quoted, '\'');
    if (rune == '"') {
        vcl_buf_add_char(&quoted, '"');
    } else if (rune == '\'') {
        vcl_buf_add(&quoted, "\\'");
    } else {
        VCL_AUTO_BUF whole = { .max = 64 };
        vcl_tpl_quote(&whole, (vcl_tpl_text){ buf.data, buf.size }, false);
        if (whole.size > 2)
            vcl_buf_append(&quoted, whole.data + 1, whole.size - 2);
    }
    vcl_buf_add_char(&quoted, '\'');
    int status = vcl_tpl_return_buf(reader->state, &quoted, &text);
    if (status < 0)
        vcl_toml_fail_status(reader, status);
    return vcl_str(text.text.data);
}

const char *vcl_toml_found(vcl_toml_reader *reader, uint32_t rune)
{
    VCL_AUTO_BUF buf = { .max = 16 };
    vcl_tpl_value text = vcl_tpl_cstring("");

    if (vcl_toml_at_end(reader) && rune == VCL_TOML_END)
        return "end of file";
    vcl_buf_add_char(&buf, '\'');
    vcl_tpl_add_rune(&buf, rune);
    vcl_buf_add_char(&buf, '\'');
    int status = vcl_tpl_return_buf(reader->state, &buf, &text);
    if (status < 0)
        vcl_toml_fail_status(reader, status);
    return vcl_str(text.text.data);
}

static vcl_tpl_text bare_part(vcl_toml_reader *reader)
{
    size_t start = reader->pos;

    for (;;) {
        uint32_t rune = vcl_toml_peek(reader);
        bool bare = (rune >= 'A' && rune <= 'Z') || (rune >= 'a' && rune <= 'z') ||
                    (rune >= '0' && rune <= '9') || rune == '_' || rune == '-';
        if (!bare)
            break;
        (void)vcl_toml_next(reader);
    }
    return (vcl_tpl_text){ reader->text.data + start, reader->pos - start };
}

/* What may not begin a part of a key. */
static void check_part(vcl_toml_reader *reader, bool in_header, bool first)
{
    uint32_t rune = vcl_toml_peek(reader);
    bool end = vcl_toml_at_end(reader);

    if (in_header && (rune == ']' || end))
        vcl_toml_fail_here(reader, "unexpected end of table name (table names cannot be empty)");
    else if (in_header && rune == '.')
        vcl_toml_fail_here(reader, "unexpected table separator (table names cannot be empty)");
    else if (!in_header && (rune == '=' || end))
        vcl_toml_fail_here(reader,
                           first ? "unexpected '=': key name appears blank" : "unexpected '='");
    else if (!in_header && rune == '.')
        vcl_toml_fail_here(reader, first ? "unexpected '.': keys cannot start with a '.'"
                                         : "unexpected '.'");
}

void vcl_toml_read_key(vcl_toml_reader *reader, bool in_header, vcl_toml_key *out_key)
{
    out_key->count = 0;
    while (!reader->failed) {
        vcl_toml_skip_blanks(reader);
        check_part(reader, in_header, out_key->count == 0);
        uint32_t rune = vcl_toml_peek(reader);
        vcl_tpl_text part =
            rune == '"' || rune == '\'' ? vcl_toml_read_string(reader, false) : bare_part(reader);
        if (out_key->count == 0)
            reader->key_line = reader->line;
        vcl_toml_key_add(reader, out_key, part);
        vcl_toml_skip_blanks(reader);
        if (!vcl_toml_accept(reader, '.'))
            return;
    }
}
