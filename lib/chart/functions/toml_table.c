/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables that a TOML text opens and fills; see toml_private.h. Which paths may be named again
 * is remembered by path, not by table, so that it is decided as the original library decides it.
 */
#include <string.h>

#include "base/limits.h"
#include "chart/functions/toml_private.h"

void vcl_toml_key_add(vcl_toml_reader *reader, vcl_toml_key *key, vcl_tpl_text part)
{
    if (key->count == VCL_TOML_MAX_DEPTH) {
        vcl_toml_fail(reader, reader->line, "a key has more than %d parts", VCL_TOML_MAX_DEPTH);
        return;
    }
    key->parts[key->count++] = part;
}

vcl_tpl_map *vcl_toml_new_map(vcl_toml_reader *reader)
{
    vcl_tpl_map *map = vcl_tpl_map_new(&reader->state->engine->arena);

    if (!map)
        vcl_toml_fail_status(reader, vcl_tpl_raise_memory(reader->state));
    return map;
}

/* A path as it is written, in the arena. */
static vcl_tpl_text path_of(vcl_toml_reader *reader, const vcl_tpl_text *parts, size_t count)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    vcl_tpl_value text = vcl_tpl_cstring("");

    vcl_toml_print_key(&buf, parts, count);
    int status = vcl_tpl_return_buf(reader->state, &buf, &text);
    if (status < 0) {
        vcl_toml_fail_status(reader, status);
        return vcl_tpl_literal("");
    }
    return text.text;
}

static void put(vcl_toml_reader *reader, vcl_tpl_map *map, vcl_tpl_text key, vcl_tpl_value value)
{
    /* Entries behind the new one move. */
    int status = map ? vcl_tpl_spend(reader->state, 1 + map->count / 256)
                     : vcl_tpl_raise_memory(reader->state);

    if (status == 0)
        status = vcl_tpl_put(reader->state, map, key, value);
    if (status < 0)
        vcl_toml_fail_status(reader, status);
}

void vcl_toml_add_implicit(vcl_toml_reader *reader, const vcl_toml_key *key)
{
    vcl_tpl_text path = path_of(reader, key->parts, key->count);

    if (!reader->failed)
        put(reader, reader->implicits, path, vcl_tpl_bool(true));
}

void vcl_toml_note_type(vcl_toml_reader *reader, vcl_tpl_text key, bool is_array)
{
    vcl_toml_key path = reader->context;

    if (reader->failed)
        return;
    if (key.size)
        vcl_toml_key_add(reader, &path, key);
    vcl_tpl_text text = path_of(reader, path.parts, path.count);
    if (reader->failed)
        return;
    if (is_array)
        put(reader, reader->arrays, text, vcl_tpl_bool(true));
    else
        vcl_tpl_map_remove(reader->arrays, text);
}

/* The table behind a value: itself, or the last of a list of tables; NULL: it is neither. */
static vcl_tpl_map *table_of(const vcl_tpl_value *value)
{
    if (value->type == VCL_TPL_T_MAPS)
        return value->list->items[value->list->count - 1].map;
    return value->type == VCL_TPL_T_MAP ? value->map : NULL;
}

static void
fail_key(vcl_toml_reader *reader, const vcl_tpl_text *parts, size_t count, const char *what)
{
    vcl_tpl_text path = path_of(reader, parts, count);

    vcl_toml_fail(reader, reader->key_line, "Key '%.*s' %s", (int)path.size, path.data, what);
}

/* The table of the open context; NULL after a failure. */
static vcl_tpl_map *context_table(vcl_toml_reader *reader)
{
    vcl_tpl_map *table = reader->root;

    for (size_t i = 0; i < reader->context.count; i++) {
        const vcl_tpl_value *value = vcl_tpl_map_get(table, reader->context.parts[i]);
        table = value ? table_of(value) : NULL;
        if (!table) {
            fail_key(reader, reader->context.parts, i + 1, "has already been defined.");
            return NULL;
        }
    }
    return table;
}

void vcl_toml_set(vcl_toml_reader *reader, vcl_tpl_text key, vcl_tpl_value value)
{
    vcl_tpl_map *table = reader->failed ? NULL : context_table(reader);
    vcl_toml_key path = reader->context;

    if (!table)
        return;
    if (!vcl_tpl_map_get(table, key)) {
        put(reader, table, key, value);
        return;
    }

    vcl_toml_key_add(reader, &path, key);
    vcl_tpl_text text = path_of(reader, path.parts, path.count);
    if (reader->failed)
        return;
    if (!vcl_tpl_map_get(reader->implicits, text)) {
        fail_key(reader, path.parts, path.count, "has already been defined.");
        return;
    }
    vcl_tpl_map_remove(reader->implicits, text);
    if (vcl_tpl_map_get(reader->arrays, text))
        put(reader, table, key, value);
}

/* One more table in the list of that name. */
static void append_table(vcl_toml_reader *reader, vcl_tpl_map *table, const vcl_toml_key *key)
{
    vcl_tpl_text name = key->parts[key->count - 1];
    const vcl_tpl_value *found = vcl_tpl_map_get(table, name);
    size_t count = found && found->type == VCL_TPL_T_MAPS ? found->list->count : 0;
    vcl_tpl_map *added = vcl_toml_new_map(reader);
    vcl_tpl_value list;

    if (found && count == 0) {
        fail_key(reader, key->parts, key->count,
                 "was already created and cannot be used as an array.");
        return;
    }
    /* Room for as many again each time it is full, so that many tables stay cheap. */
    bool full = (count & (count - 1)) == 0;
    if (!added)
        return;
    if (!full) {
        list = *found;
    } else {
        int status = vcl_tpl_new_list(reader->state, count ? count * 2 : 1, VCL_TPL_T_MAPS, &list);
        if (status < 0) {
            vcl_toml_fail_status(reader, status);
            return;
        }
        if (count)
            memcpy(list.list->items, found->list->items, count * sizeof(list.list->items[0]));
    }
    list.list->count = count + 1;
    list.list->items[count] = vcl_tpl_map_value(added, VCL_TPL_T_MAP);
    put(reader, table, name, list);
}

/* The table above the last part of a key; tables on the way are made when they are not there. */
static vcl_tpl_map *parent_table(vcl_toml_reader *reader, const vcl_toml_key *key)
{
    vcl_tpl_map *table = reader->root;
    vcl_toml_key path = { .count = 0 };

    for (size_t i = 0; i + 1 < key->count && !reader->failed; i++) {
        path.parts[path.count++] = key->parts[i];
        const vcl_tpl_value *value = vcl_tpl_map_get(table, key->parts[i]);
        if (value) {
            table = table_of(value);
        } else {
            vcl_tpl_map *made = vcl_toml_new_map(reader);
            vcl_toml_add_implicit(reader, &path);
            if (!made || reader->failed)
                return NULL;
            put(reader, table, key->parts[i], vcl_tpl_map_value(made, VCL_TPL_T_MAP));
            table = made;
        }
        if (!table)
            fail_key(reader, path.parts, path.count, "was already created as a hash.");
    }
    return reader->failed ? NULL : table;
}

void vcl_toml_open(vcl_toml_reader *reader, const vcl_toml_key *key, bool is_array)
{
    vcl_tpl_map *table = reader->failed ? NULL : parent_table(reader, key);

    if (!table)
        return;
    vcl_tpl_text last = key->parts[key->count - 1];
    memmove(reader->context.parts, key->parts, (key->count - 1) * sizeof(key->parts[0]));
    reader->context.count = key->count - 1;
    if (is_array) {
        append_table(reader, table, key);
    } else {
        vcl_tpl_map *made = vcl_toml_new_map(reader);
        if (made)
            vcl_toml_set(reader, last, vcl_tpl_map_value(made, VCL_TPL_T_MAP));
    }
    vcl_toml_key_add(reader, &reader->context, last);
}

void vcl_toml_open_parents(vcl_toml_reader *reader, const vcl_toml_key *key)
{
    for (size_t i = 0; i + 1 < key->count && !reader->failed; i++) {
        vcl_toml_key path = reader->context;
        vcl_toml_key_add(reader, &path, key->parts[i]);
        vcl_toml_add_implicit(reader, &path);
        vcl_toml_open(reader, &path, false);
    }
}
