/* SPDX-License-Identifier: Apache-2.0 */
/* Between texts and lists of texts: split, join, sort. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "chart/functions/funcs.h"
#include "chart/template/utf8.h"

/* The next piece of a text; false after the last one. An empty separator cuts after each
 * character. */
static bool
next_piece(vcl_tpl_text *rest, vcl_tpl_text separator, bool last, vcl_tpl_text *out_piece)
{
    const char *found = NULL;
    size_t skip = separator.size;
    size_t size = rest->size;

    if (!rest->data)
        return false;
    if (separator.size == 0) {
        vcl_tpl_rune(*rest, &size);
        found = size < rest->size ? rest->data + size : NULL;
    } else if (rest->size) {
        found = memmem(rest->data, rest->size, separator.data, separator.size);
    }
    if (!found || last) {
        *out_piece = *rest;
        rest->data = NULL;
        return true;
    }
    size = (size_t)(found - rest->data);
    *out_piece = (vcl_tpl_text){ rest->data, size };
    rest->data += size + skip;
    rest->size -= size + skip;
    return true;
}

/* strings.SplitN: at most limit pieces (< 0: all, 0: none). */
static int split_text(vcl_tpl_state *state,
                      vcl_tpl_text text,
                      vcl_tpl_text separator,
                      int64_t limit,
                      vcl_tpl_value *out)
{
    vcl_tpl_text rest = text;
    vcl_tpl_text piece;
    int64_t count = 0;

    if (!rest.data)
        rest.data = "";
    if (limit == 0 || (text.size == 0 && separator.size == 0))
        return vcl_tpl_new_list(state, 0, VCL_TPL_T_STRINGS, out);
    while (next_piece(&rest, separator, limit > 0 && count + 1 == limit, &piece))
        count++;

    int result = vcl_tpl_new_list(state, (size_t)count, VCL_TPL_T_STRINGS, out);
    rest = (vcl_tpl_text){ text.data ? text.data : "", text.size };
    for (int64_t i = 0; result == 0 && i < count; i++) {
        next_piece(&rest, separator, limit > 0 && i + 1 == limit, &piece);
        out->list->items[i] = vcl_tpl_string(piece);
    }
    return result;
}

static int
split_list(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return split_text(state, args[1].text, args[0].text, -1, out);
}

/* Pieces as a map with the keys _0, _1, ... */
static int split_map(vcl_tpl_state *state,
                     vcl_tpl_text text,
                     vcl_tpl_text separator,
                     int64_t limit,
                     vcl_tpl_value *out)
{
    vcl_tpl_value list;
    int result = split_text(state, text, separator, limit, &list);

    if (result == 0)
        result = vcl_tpl_new_map(state, VCL_TPL_T_STRING_MAP, out);
    for (size_t i = 0; result == 0 && i < list.list->count; i++) {
        char name[32];
        vcl_tpl_value key;
        int size = snprintf(name, sizeof(name), "_%zu", i);
        result = vcl_tpl_return_text(state, name, (size_t)size, &key);
        if (result == 0)
            result = vcl_tpl_put(state, out->map, key.text, list.list->items[i]);
    }
    return result;
}

static int split(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return split_map(state, args[1].text, args[0].text, -1, out);
}

static int splitn(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return split_map(state, args[2].text, args[0].text, args[1].integer, out);
}

static int join(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { 0 };
    vcl_tpl_value texts;
    int result = vcl_tpl_texts_of(state, &args[1], &texts);

    (void)count;
    if (result < 0)
        return result;
    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    for (size_t i = 0; i < texts.list->count; i++) {
        if (i)
            vcl_buf_append(&buf, args[0].text.data, args[0].text.size);
        vcl_buf_append(&buf, texts.list->items[i].text.data, texts.list->items[i].text.size);
    }
    return vcl_tpl_return_buf(state, &buf, out);
}

static int
to_strings(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    if (args[0].kind == VCL_TPL_LIST && args[0].type == VCL_TPL_T_STRINGS) {
        *out = args[0]; /* a nil one stays nil */
        return 0;
    }
    return vcl_tpl_texts_of(state, &args[0], out);
}

static int compare_texts(const void *a, const void *b)
{
    const vcl_tpl_value *left = a;
    const vcl_tpl_value *right = b;

    return vcl_tpl_text_compare(left->text, right->text);
}

static int
sort_alpha(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result;

    if (args[0].kind == VCL_TPL_NIL) { /* the text of nil, as sprig has it */
        vcl_tpl_value nil = vcl_tpl_cstring("<nil>");
        return vcl_tpl_texts_of(state, &nil, out);
    }
    result = to_strings(state, args, count, out);
    if (result == 0 && out->list)
        qsort(out->list->items, out->list->count, sizeof(vcl_tpl_value), compare_texts);
    return result;
}

const vcl_tpl_function vcl_tpl_funcs_split[] = {
    { "splitList", "ss", 0, split_list },
    { "split", "ss", 0, split },
    { "splitn", "sis", 0, splitn },
    { "join", "sa", 0, join },
    { "toStrings", "a", 0, to_strings },
    { "sortAlpha", "a", 0, sort_alpha },
    { NULL, NULL, 0, NULL },
};
