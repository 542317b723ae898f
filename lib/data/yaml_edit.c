/* SPDX-License-Identifier: Apache-2.0 */
/* Edits by byte range; see yaml_edit.h. */
#include "data/yaml_edit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

enum { MAX_STEPS = VCL_MAX_YAML_DEPTH, INDENT = 2 };

/* A path, step by step: keys, or items "[0]" (key is NULL). */
typedef struct step {
    char *key;
    size_t index;
} step;

typedef struct steps {
    step items[MAX_STEPS];
    size_t count;
} steps;

static void steps_done(steps *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->items[i].key);
}
#define AUTO_STEPS __attribute__((cleanup(steps_done))) steps

static int fail_path(const char *path, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_CONFIG, "the path '%s' cannot be read", path);
}

/* Read "[0]"; false for anything else. */
static bool read_index(const char **path, size_t *out_index)
{
    const char *at = *path + 1;
    size_t index = 0;

    if (!isdigit((unsigned char)*at))
        return false;
    for (; isdigit((unsigned char)*at) && index < VCL_MAX_JSON_NODES; at++)
        index = index * 10 + (size_t)(*at - '0');
    *path = at + 1;
    *out_index = index;
    return *at == ']';
}

static char *read_key(const char **path)
{
    char *key = calloc(1, strlen(*path) + 1);
    const char *at = *path;
    size_t size = 0;

    for (; key && *at && *at != '.' && *at != '['; at++) {
        if (*at == '\\' && at[1])
            at++;
        key[size++] = *at;
    }
    *path = at;
    return key;
}

static int split(const char *path, steps *out_steps, vcluster_error **error)
{
    const char *at = path;

    while (*at) {
        char *key = NULL;
        size_t index = 0;

        if (out_steps->count == MAX_STEPS)
            return fail_path(path, error);
        if (*at == '.')
            at++;
        if (*at == '[') {
            if (!read_index(&at, &index))
                return fail_path(path, error);
        } else if (!(key = read_key(&at))) {
            return vcl_no_memory(error);
        }
        out_steps->items[out_steps->count++] = (step){ .key = key, .index = index };
    }
    return 0;
}

/* As far as the text has the path; *out_left is the first step that it has not. */
static const vcl_yaml_mark *walk(const vcl_yaml_mark *document, const steps *all, size_t *out_left)
{
    const vcl_yaml_mark *mark = document;
    size_t i = 0;

    for (; i < all->count; i++) {
        const step *to = &all->items[i];
        const vcl_yaml_mark *next =
            to->key ? vcl_yaml_mark_member(mark, to->key) : vcl_yaml_mark_item(mark, to->index);
        if (!next)
            break;
        mark = next;
    }
    *out_left = i;
    return mark;
}

static int splice(const char *text,
                  size_t size,
                  size_t start,
                  size_t end,
                  const char *with,
                  char **out_text,
                  vcluster_error **error)
{
    VCL_AUTO_BUF buf = { 0 };

    vcl_buf_init(&buf, VCL_MAX_DOCUMENT);
    vcl_buf_append(&buf, text, start);
    vcl_buf_add(&buf, with);
    vcl_buf_append(&buf, text + end, size - end);
    char *made = vcl_buf_steal(&buf);
    if (!made)
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED, "the text would be too long");
    *out_text = made;
    return 0;
}

static bool is_plain(const char *key)
{
    if (!isalpha((unsigned char)*key))
        return false;
    for (; *key; key++) {
        if (!isalnum((unsigned char)*key) && !strchr("-_./", *key))
            return false;
    }
    return true;
}

static void add_key(vcl_buf *buf, const char *key)
{
    if (is_plain(key)) {
        vcl_buf_add(buf, key);
        return;
    }
    vcl_buf_add_char(buf, '\'');
    for (; *key; key++) {
        if (*key == '\'')
            vcl_buf_add_char(buf, '\'');
        vcl_buf_add_char(buf, *key);
    }
    vcl_buf_add_char(buf, '\'');
}

/* "a: {b: value}" of the steps from one on. */
static void add_flow(vcl_buf *buf, const steps *all, size_t from, const char *value)
{
    for (size_t i = from; i < all->count; i++) {
        add_key(buf, all->items[i].key);
        vcl_buf_add(buf, i + 1 < all->count ? ": {" : ": ");
    }
    vcl_buf_add(buf, value);
    for (size_t i = from; i + 1 < all->count; i++)
        vcl_buf_add_char(buf, '}');
}

/* The same in lines, each begun by a line break. */
static void add_block(vcl_buf *buf,
                      const steps *all,
                      size_t from,
                      const char *value,
                      size_t indent,
                      const char *line_break)
{
    for (size_t i = from; i < all->count; i++, indent += INDENT) {
        vcl_buf_add(buf, line_break);
        for (size_t j = 0; j < indent; j++)
            vcl_buf_add_char(buf, ' ');
        add_key(buf, all->items[i].key);
        vcl_buf_add_char(buf, ':');
    }
    vcl_buf_add_char(buf, ' ');
    vcl_buf_add(buf, value);
}

/* The end of the line in which a value ends, before its line break. */
static size_t end_of_line(const char *text, size_t size, size_t at)
{
    while (at > 0 && (text[at - 1] == '\n' || text[at - 1] == '\r'))
        at--;
    while (at < size && text[at] != '\n' && text[at] != '\r')
        at++;
    return at;
}

static int refuse(const char *path, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                    "'%s' cannot be set without changing what stands around it", path);
}

/* Put what is missing into a map that is there. */
static int insert(const char *text,
                  size_t size,
                  const vcl_yaml_mark *parent,
                  const steps *all,
                  size_t from,
                  const char *value,
                  char **out_text,
                  vcluster_error **error)
{
    const char *line_break = memmem(text, size, "\r\n", 2) ? "\r\n" : "\n";
    const vcl_yaml_mark *last = parent->child;
    VCL_AUTO_BUF added = { 0 };
    size_t at = 0;

    vcl_buf_init(&added, VCL_MAX_DOCUMENT);
    while (last && last->next)
        last = last->next;
    if (parent->value.kind == VCL_SPAN_MAP && parent->value.flow) {
        at = last ? last->value.end : parent->value.end - 1;
        if (last)
            vcl_buf_add(&added, ", ");
        add_flow(&added, all, from, value);
    } else {
        /* An empty value has its members below its key. */
        size_t column = last ? parent->child->key_span.column : parent->key_span.column + INDENT;
        at = end_of_line(text, size, last ? parent->value.end : parent->value.start);
        add_block(&added, all, from, value, column - 1, line_break);
    }
    if (vcl_buf_failed(&added))
        return vcl_no_memory(error);
    return splice(text, size, at, at, vcl_buf_text(&added), out_text, error);
}

/* Whether members can be put there: a map, or a key with nothing behind it. */
static bool takes_members(const vcl_yaml_mark *mark)
{
    bool empty = mark->value.start == mark->value.end && !mark->value.decorated;

    return mark->value.kind == VCL_SPAN_MAP ||
           (mark->value.kind == VCL_SPAN_SCALAR && empty && mark->key);
}

int vcl_yaml_edit_set(const char *text,
                      size_t size,
                      const vcl_yaml_mark *document,
                      const char *path,
                      const char *value,
                      char **out_text,
                      vcluster_error **error)
{
    AUTO_STEPS all = { .count = 0 };
    size_t left = 0;

    int status = split(path, &all, error);
    if (status < 0)
        return status;
    const vcl_yaml_mark *mark = walk(document, &all, &left);
    const vcl_span *span = &mark->value;
    for (size_t i = left; i < all.count; i++) {
        if (!all.items[i].key)
            return refuse(path, error);
    }
    if (left < all.count)
        return takes_members(mark) ? insert(text, size, mark, &all, left, value, out_text, error)
                                   : refuse(path, error);
    if (span->kind != VCL_SPAN_SCALAR || span->decorated)
        return refuse(path, error);
    if (span->start < span->end)
        return splice(text, size, span->start, span->end, value, out_text, error);
    vcl_auto_free char *spaced = vcl_format(" %s", value);
    if (!spaced)
        return vcl_no_memory(error);
    return splice(text, size, span->start, span->end, spaced, out_text, error);
}

/* What stands before an item of a block list in its line, "  - "; false: something else, too. */
static bool add_indent(vcl_buf *buf, const char *text, size_t start)
{
    size_t line = start;
    size_t dashes = 0;

    while (line > 0 && text[line - 1] != '\n' && text[line - 1] != '\r')
        line--;
    for (size_t i = line; i < start; i++) {
        dashes += text[i] == '-';
        if (text[i] != ' ' && text[i] != '-')
            return false;
    }
    vcl_buf_append(buf, text + line, start - line);
    return dashes == 1;
}

int vcl_yaml_edit_append(const char *text,
                         size_t size,
                         const vcl_yaml_mark *document,
                         const char *path,
                         const char *value,
                         char **out_text,
                         vcluster_error **error)
{
    const char *line_break = memmem(text, size, "\r\n", 2) ? "\r\n" : "\n";
    bool exact = false;
    const vcl_yaml_mark *list = vcl_yaml_mark_find(document, path, &exact);
    const vcl_yaml_mark *last = exact && list->value.kind == VCL_SPAN_LIST ? list->child : NULL;
    VCL_AUTO_BUF added = { 0 };

    if (!last)
        return refuse(path, error);
    while (last->next)
        last = last->next;
    vcl_buf_init(&added, VCL_MAX_DOCUMENT);
    vcl_buf_add(&added, list->value.flow ? ", " : line_break);
    if (!list->value.flow && !add_indent(&added, text, last->value.start))
        return refuse(path, error);
    vcl_buf_add(&added, value);
    if (vcl_buf_failed(&added))
        return vcl_no_memory(error);
    size_t at = list->value.flow ? last->value.end : end_of_line(text, size, last->value.end);
    return splice(text, size, at, at, vcl_buf_text(&added), out_text, error);
}

/* The map around the mark that a path leads to. */
static const vcl_yaml_mark *parent_of(const vcl_yaml_mark *document, steps *all)
{
    size_t left = 0;

    all->count--;
    const vcl_yaml_mark *parent = walk(document, all, &left);
    bool reached = left == all->count;
    all->count++;
    return reached ? parent : NULL;
}

int vcl_yaml_edit_rename(const char *text,
                         size_t size,
                         const vcl_yaml_mark *document,
                         const char *path,
                         const char *key,
                         char **out_text,
                         vcluster_error **error)
{
    AUTO_STEPS all = { .count = 0 };
    VCL_AUTO_BUF name = { 0 };
    size_t left = 0;

    int status = split(path, &all, error);
    if (status < 0)
        return status;
    const vcl_yaml_mark *mark = walk(document, &all, &left);
    if (left < all.count || all.count == 0 || !mark->key)
        return refuse(path, error);
    if (vcl_yaml_mark_member(parent_of(document, &all), key))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED, "the key '%s' is there already", key);
    vcl_buf_init(&name, VCL_MAX_DOCUMENT);
    add_key(&name, key);
    if (vcl_buf_failed(&name))
        return vcl_no_memory(error);
    return splice(text, size, mark->key_span.start, mark->key_span.end, vcl_buf_text(&name),
                  out_text, error);
}
