/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a TOML text: tables, keys, lists and inline tables; see toml_private.h. */
#include <string.h>

#include "base/limits.h"
#include "chart/functions/toml_private.h"
#include "chart/template/utf8.h"

static void read_value(vcl_toml_reader *reader, bool in_list, vcl_tpl_value *out);

/* '=' behind a key. */
static void expect_equals(vcl_toml_reader *reader)
{
    int line = reader->line;
    uint32_t rune = vcl_toml_next(reader);

    if (rune == '=')
        return;
    if (rune == VCL_TOML_END && vcl_toml_at_end(reader))
        vcl_toml_fail_here(reader, "unexpected EOF; expected key separator '='");
    else
        vcl_toml_fail(reader, line, "expected '.' or '=', but got %s instead",
                      vcl_toml_quoted_rune(reader, rune));
}

/* A key with its value; the open table stays the same. */
static void read_member(vcl_toml_reader *reader)
{
    vcl_toml_key key;
    vcl_tpl_value value;

    vcl_toml_read_key(reader, false, &key);
    if (!reader->failed)
        expect_equals(reader);
    if (reader->failed)
        return;
    reader->current = key.parts[key.count - 1];
    vcl_toml_open_parents(reader, &key);
    vcl_toml_skip_blanks(reader);
    read_value(reader, false, &value);
    vcl_toml_set(reader, reader->current, value);
    if (!reader->failed)
        vcl_toml_note_type(reader, reader->current, value.type == VCL_TPL_T_LIST);
}

/* The rest of a list, behind its bracket. */
static void read_list(vcl_toml_reader *reader, vcl_tpl_value *out)
{
    size_t capacity = 0;

    vcl_toml_note_type(reader, reader->current, true);
    int status = vcl_tpl_new_list(reader->state, 0, VCL_TPL_T_LIST, out);
    if (status < 0)
        vcl_toml_fail_status(reader, status);
    while (!reader->failed) {
        vcl_tpl_value item;
        vcl_toml_skip_lines(reader);
        if (vcl_toml_accept(reader, ']'))
            return;
        if (vcl_toml_peek(reader) == ',')
            vcl_toml_fail_here(reader, "unexpected comma");
        read_value(reader, true, &item);
        if (reader->failed)
            return;
        if (out->list->count == capacity) {
            vcl_tpl_value larger;
            capacity = capacity ? capacity * 2 : 4;
            status = vcl_tpl_new_list(reader->state, capacity, VCL_TPL_T_LIST, &larger);
            if (status < 0) {
                vcl_toml_fail_status(reader, status);
                return;
            }
            memcpy(larger.list->items, out->list->items, out->list->count * sizeof(item));
            larger.list->count = out->list->count;
            *out = larger;
        }
        out->list->items[out->list->count++] = item;
        vcl_toml_skip_lines(reader);
        uint32_t rune = vcl_toml_peek(reader);
        if (vcl_toml_accept(reader, ']'))
            return;
        if (!vcl_toml_accept(reader, ','))
            vcl_toml_fail_here(reader,
                               "expected a comma (',') or array terminator (']'), but got %s",
                               vcl_toml_found(reader, rune));
    }
}

/* Members up to the brace. */
static void read_inline_members(vcl_toml_reader *reader)
{
    const vcl_toml_key context = reader->context;

    while (!reader->failed) {
        vcl_toml_skip_lines(reader);
        if (vcl_toml_accept(reader, '}'))
            return;
        if (vcl_toml_peek(reader) == ',')
            vcl_toml_fail_here(reader, "unexpected comma");
        read_member(reader);
        if (!reader->failed)
            reader->context = context;
        vcl_toml_skip_lines(reader);
        uint32_t rune = vcl_toml_peek(reader);
        if (vcl_toml_accept(reader, '}'))
            return;
        if (!vcl_toml_accept(reader, ','))
            vcl_toml_fail_here(reader,
                               "expected a comma or an inline table terminator '}', but got %s "
                               "instead",
                               vcl_toml_found(reader, rune));
    }
}

/* The table that the context names, once its members are read. */
static vcl_tpl_map *open_table(vcl_toml_reader *reader)
{
    vcl_tpl_map *table = reader->root;

    for (size_t i = 0; i < reader->context.count && table; i++) {
        const vcl_tpl_value *value = vcl_tpl_map_get(table, reader->context.parts[i]);
        if (value && value->type == VCL_TPL_T_MAPS)
            table = value->list->items[value->list->count - 1].map;
        else
            table = value && value->type == VCL_TPL_T_MAP ? value->map : NULL;
    }
    return table;
}

/* The rest of an inline table. Its members are set like those of any table, under the path of the
 * key, which is why keys of two tables in one list do not meet. */
static void read_inline_table(vcl_toml_reader *reader, bool in_list, vcl_tpl_value *out)
{
    const vcl_toml_key outer = reader->context;
    vcl_toml_key path = reader->context;
    vcl_tpl_text outer_key = reader->current;

    *out = vcl_tpl_map_value(NULL, VCL_TPL_T_MAP);
    vcl_toml_key_add(reader, &path, outer_key);
    if (!reader->failed) {
        reader->context = path;
        reader->current = vcl_tpl_literal("");
        vcl_toml_add_implicit(reader, &path);
    }
    vcl_toml_open(reader, &path, in_list);
    read_inline_members(reader);
    if (reader->failed)
        return;
    out->map = open_table(reader);
    if (!out->map)
        out->map = vcl_toml_new_map(reader);
    reader->context = outer;
    reader->current = outer_key;
}

static void read_value(vcl_toml_reader *reader, bool in_list, vcl_tpl_value *out)
{
    uint32_t rune = vcl_toml_peek(reader);

    *out = vcl_tpl_nil();
    if (reader->failed)
        return;
    if (reader->depth == VCL_TOML_MAX_DEPTH) {
        vcl_toml_fail(reader, reader->line, "values are nested deeper than %d levels",
                      VCL_TOML_MAX_DEPTH);
        return;
    }
    int status = vcl_tpl_spend(reader->state, 1);
    if (status < 0)
        vcl_toml_fail_status(reader, status);
    reader->depth++;
    if (vcl_toml_accept(reader, '['))
        read_list(reader, out);
    else if (vcl_toml_accept(reader, '{'))
        read_inline_table(reader, in_list, out);
    else if (rune == '"' || rune == '\'')
        *out = vcl_tpl_string(vcl_toml_read_string(reader, true));
    else
        vcl_toml_read_scalar(reader, out);
    reader->depth--;
}

/* [table] or [[list of tables]], behind the first bracket. */
static void read_header(vcl_toml_reader *reader, vcl_toml_key *key)
{
    bool is_list = vcl_toml_accept(reader, '[');

    vcl_toml_read_key(reader, true, key);
    uint32_t rune = vcl_toml_next(reader);
    if (!reader->failed && rune != ']')
        vcl_toml_fail_here(reader, "expected '.' or ']' to end table name, but got %s instead",
                           vcl_toml_quoted_rune(reader, rune));
    if (!reader->failed && is_list && (rune = vcl_toml_next(reader)) != ']')
        vcl_toml_fail_here(reader,
                           "expected end of table array name delimiter ']', but got %s instead",
                           vcl_toml_quoted_rune(reader, rune));
    vcl_toml_open(reader, key, is_list);
    vcl_toml_note_type(reader, vcl_tpl_literal(""), false);
}

/* Nothing but a comment may follow on the line. */
static void expect_line_end(vcl_toml_reader *reader)
{
    vcl_toml_skip_blanks(reader);
    uint32_t rune = vcl_toml_peek(reader);
    if (reader->failed || vcl_toml_at_end(reader) || rune == '#' || rune == '\n' || rune == '\r')
        return;
    (void)vcl_toml_next(reader);
    vcl_toml_fail_here(reader,
                       "expected a top-level item to end with a newline, comment, or EOF, but got "
                       "%s instead",
                       vcl_toml_quoted_rune(reader, rune));
}

static void read_top(vcl_toml_reader *reader)
{
    vcl_toml_key key;

    for (;;) {
        vcl_toml_skip_lines(reader);
        if (reader->failed || vcl_toml_at_end(reader))
            return;
        if (vcl_toml_accept(reader, '[')) {
            read_header(reader, &key);
        } else {
            key = reader->context;
            read_member(reader);
            if (!reader->failed)
                reader->context = key;
            reader->current = reader->failed ? reader->current : vcl_tpl_literal("");
        }
        expect_line_end(reader);
    }
}

/* Drop the mark of an encoding. A NUL near the start means that it is UTF-16. */
static void skip_mark(vcl_toml_reader *reader)
{
    static const char *const marks[] = { "\xff\xfe", "\xfe\xff", "\xef\xbb\xbf" };

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        size_t size = strlen(marks[i]);
        if (reader->text.size >= size && memcmp(reader->text.data, marks[i], size) == 0) {
            reader->text.data += size;
            reader->text.size -= size;
            break;
        }
    }
    size_t first = reader->text.size < 6 ? reader->text.size : 6;
    if (first && memchr(reader->text.data, '\0', first))
        vcl_toml_fail(reader, 1,
                      "files cannot contain NULL bytes; probably using UTF-16; TOML files must be "
                      "UTF-8");
}

void vcl_toml_read(vcl_toml_reader *reader)
{
    reader->root = vcl_toml_new_map(reader);
    reader->implicits = vcl_toml_new_map(reader);
    reader->arrays = vcl_toml_new_map(reader);
    if (!reader->text.data)
        reader->text = vcl_tpl_literal("");
    if (!reader->failed && reader->text.size > VCL_MAX_DOCUMENT)
        vcl_toml_fail(reader, 1, "the text is larger than %d MiB", VCL_MAX_DOCUMENT >> 20);
    if (!reader->failed)
        skip_mark(reader);
    if (!reader->failed)
        read_top(reader);
}
