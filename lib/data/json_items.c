/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splitting a JSON list into its items; see json_items.h. Only brackets, texts and commas are
 * looked at here: each item, and the object around them, is read by json_parse.c, which is strict.
 */
#include "data/json_items.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

/* Where the next byte stands. */
enum { AROUND, BETWEEN, INSIDE };

void vcl_json_items_init(vcl_json_items *items, vcl_json_item_fn fn, void *data)
{
    *items = (vcl_json_items){ .fn = fn, .data = data, .place = AROUND };
    vcl_buf_init(&items->item, VCL_MAX_WATCH_EVENT);
    vcl_buf_init(&items->rest, VCL_MAX_HTTP_BODY);
}

void vcl_json_items_done(vcl_json_items *items)
{
    vcl_buf_done(&items->item);
    vcl_buf_done(&items->rest);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Whether the last text at depth 1 is "items", and a colon stands behind it. */
static void note_colon(vcl_json_items *items)
{
    static const char key[] = "\"items\"";
    const char *at = items->rest.data ? items->rest.data + items->key_at : "";

    items->is_key = strncmp(at, key, strlen(key)) == 0;
}

/* Bytes of a text up to its end, or to the end of what there is. */
static size_t scan_text(vcl_json_items *items, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (items->escaped) {
            items->escaped = false;
        } else if (bytes[i] == '\\') {
            items->escaped = true;
        } else if (bytes[i] == '"') {
            items->in_string = false;
            return i + 1;
        }
    }
    return size;
}

static void count_node(vcl_json_items *items, char c)
{
    if (c == '{' || c == '[') {
        items->depth++;
        items->nodes++;
    } else if (c == '}' || c == ']') {
        items->depth--;
    } else if (c == ',') {
        items->nodes++;
    }
}

/* The object around the items. Returns how many bytes of it there are. */
static size_t scan_around(vcl_json_items *items, const char *bytes, size_t size)
{
    if (items->in_string)
        return scan_text(items, bytes, size);
    if (*bytes == '[' && items->depth == 1 && items->is_key) {
        items->place = BETWEEN;
        items->after_item = false;
        items->twice = items->seen;
        items->seen = true;
    }
    if (*bytes == '"') {
        items->in_string = true;
        if (items->depth == 1)
            items->key_at = items->rest.size;
    } else if (*bytes == ':' && items->depth == 1) {
        note_colon(items);
    } else {
        items->is_key = items->is_key && is_space(*bytes);
        if (items->place == AROUND)
            count_node(items, *bytes);
    }
    return 1;
}

/* Inside an item: up to its last bracket. */
static size_t scan_item(vcl_json_items *items, const char *bytes, size_t size)
{
    size_t at = 0;

    while (at < size) {
        if (items->in_string) {
            at += scan_text(items, bytes + at, size - at);
            continue;
        }
        items->in_string = bytes[at] == '"';
        count_node(items, bytes[at++]);
        if (items->depth == 1)
            return at;
    }
    return size;
}

static int check_buf(const vcl_buf *buf, const char *what, vcluster_error **error)
{
    if (!vcl_buf_failed(buf))
        return VCLUSTER_OK;
    return buf->state == VCL_BUF_NO_MEMORY
               ? vcl_no_memory(error)
               : vcl_fail(error, VCLUSTER_E_PROTOCOL,
                          "%s of the list is larger than the limit of %zu bytes", what, buf->max);
}

static int tell_item(vcl_json_items *items, vcluster_error **error)
{
    cJSON *tree = NULL;

    int status = vcl_json_parse(items->item.data, items->item.size, &tree, error);
    if (status < 0)
        return vcl_wrap(error, status, "item %zu of the list", items->count);
    vcl_buf_reset(&items->item);
    items->count++;
    return items->fn(tree, items->data, error);
}

/* Between two items: white space, a comma, the beginning of an item or the end of the list. */
static int step_between(vcl_json_items *items, char c, vcluster_error **error)
{
    if (is_space(c))
        return VCLUSTER_OK;
    if (items->twice)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the list has its items twice");
    if (c == ']' && (items->after_item || items->count == 0)) {
        items->place = AROUND;
        items->is_key = false;
        (void)vcl_buf_add_char(&items->rest, c);
    } else if (c == ',' && items->after_item) {
        items->after_item = false;
    } else if (c == '{' && !items->after_item) {
        items->place = INSIDE;
        count_node(items, c);
        (void)vcl_buf_add_char(&items->item, c);
    } else {
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "no JSON list: an object was expected as item %zu", items->count);
    }
    return VCLUSTER_OK;
}

static int step(
    vcl_json_items *items, const char *bytes, size_t size, size_t *out_used, vcluster_error **error)
{
    *out_used = 1;
    if (items->place == BETWEEN)
        return step_between(items, *bytes, error);
    if (items->place == AROUND) {
        *out_used = scan_around(items, bytes, size);
        (void)vcl_buf_append(&items->rest, bytes, *out_used);
        return check_buf(&items->rest, "the head", error);
    }
    *out_used = scan_item(items, bytes, size);
    (void)vcl_buf_append(&items->item, bytes, *out_used);
    int status = check_buf(&items->item, "an item", error);
    if (status < 0 || items->in_string || items->depth > 1)
        return status;
    items->place = BETWEEN;
    items->after_item = true;
    return tell_item(items, error);
}

int vcl_json_items_feed(vcl_json_items *items,
                        const char *bytes,
                        size_t size,
                        vcluster_error **error)
{
    while (size > 0) {
        size_t used;
        int status = step(items, bytes, size, &used, error);

        if (status < 0)
            return status;
        if (items->nodes > VCL_MAX_JSON_NODES)
            return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the list has more than %d values",
                            VCL_MAX_JSON_NODES);
        bytes += used;
        size -= used;
    }
    return VCLUSTER_OK;
}

int vcl_json_items_end(vcl_json_items *items, cJSON **out_rest, vcluster_error **error)
{
    int status = check_buf(&items->rest, "the head", error);

    if (status == 0 && items->place != AROUND)
        status = vcl_fail(error, VCLUSTER_E_PROTOCOL, "the list ends in the middle of its items");
    if (status < 0)
        return status;
    return vcl_json_parse(vcl_buf_text(&items->rest), items->rest.size, out_rest, error);
}
