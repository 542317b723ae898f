/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is for; see target.h. */
#include "fake/target.h"

#include <string.h>

#include "base/str.h"

enum { MAX_SEGMENTS = 12 };

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void decode(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        int high = *from == '%' ? hex(from[1]) : -1;
        int low = high >= 0 ? hex(from[2]) : -1;
        if (low >= 0) {
            *to++ = (char)(high * 16 + low);
            from += 2;
        } else {
            *to++ = *from == '+' ? ' ' : *from;
        }
    }
    *to = '\0';
}

static bool is_true(const char *value)
{
    return vcl_streq(value, "1") || vcl_streq(value, "true");
}

static bool read_parameter(const char *key, const char *value, vcl_fake_target *out)
{
    if (vcl_streq(key, "labelSelector"))
        return vcl_str_replace(&out->label_selector, value);
    if (vcl_streq(key, "fieldSelector"))
        return vcl_str_replace(&out->field_selector, value);
    if (vcl_streq(key, "continue"))
        return vcl_str_replace(&out->continue_token, value);
    if (vcl_streq(key, "fieldManager"))
        return vcl_str_replace(&out->manager, value);
    if (vcl_streq(key, "limit"))
        (void)vcl_parse_i64(value, &out->limit);
    else if (vcl_streq(key, "resourceVersion"))
        (void)vcl_parse_i64(value, &out->since);
    else if (vcl_streq(key, "watch"))
        out->watch = is_true(value);
    else if (vcl_streq(key, "force"))
        out->force = is_true(value);
    else if (vcl_streq(key, "sendInitialEvents"))
        out->initial = is_true(value);
    else if (vcl_streq(key, "dryRun"))
        out->dry_run = vcl_streq(value, "All");
    return true;
}

static bool read_query(char *query, vcl_fake_target *out)
{
    while (query && *query) {
        char *next = strchr(query, '&');
        if (next)
            *next++ = '\0';
        char *value = strchr(query, '=');
        if (value) {
            *value++ = '\0';
            decode(value);
            if (!read_parameter(query, value, out))
                return false;
        }
        query = next;
    }
    return true;
}

/* Split in place. Returns how many there are; more than there is room for are none. */
static size_t split(char *path, char *segments[MAX_SEGMENTS])
{
    size_t count = 0;

    for (char *slash = strchr(path, '/'); slash && slash[1]; slash = strchr(slash + 1, '/')) {
        if (count == MAX_SEGMENTS)
            return 0;
        *slash = '\0';
        segments[count++] = slash + 1;
    }
    for (size_t i = 0; i < count; i++)
        decode(segments[i]);
    return count;
}

static bool copy(char **slot, const char *text)
{
    *slot = vcl_strdup(text);
    return *slot != NULL;
}

/* The paths of what was read. */
static bool make_paths(vcl_fake_target *out)
{
    const char *ns = out->namespace_name;

    out->collection =
        vcl_format("%s%s%s/%s", out->group, ns ? "/namespaces/" : "", vcl_str(ns), out->plural);
    if (out->collection && out->name)
        out->object = vcl_format("%s/%s", out->collection, out->name);
    return out->collection && (!out->name || out->object);
}

/* PLURAL[/NAME[/SUBRESOURCE...]] */
static bool read_resource(char *segments[], size_t count, vcl_fake_target *out)
{
    return copy(&out->plural, segments[0]) && (count < 2 || copy(&out->name, segments[1])) &&
           (count < 3 || copy(&out->subresource, segments[2])) && make_paths(out);
}

static bool read_group(char *segments[], size_t *io_at, size_t count, vcl_fake_target *out)
{
    if (count >= 3 && vcl_streq(segments[0], "api")) {
        *io_at = 2;
        out->group = vcl_format("/api/%s", segments[1]);
        return out->group && copy(&out->api_version, segments[1]);
    }
    if (count >= 4 && vcl_streq(segments[0], "apis")) {
        *io_at = 3;
        out->group = vcl_format("/apis/%s/%s", segments[1], segments[2]);
        out->api_version = vcl_format("%s/%s", segments[1], segments[2]);
        return out->group && out->api_version;
    }
    *io_at = count;
    return true;
}

/* What stands behind "namespaces/NS" when that is not itself the object that is meant. */
static bool is_inside(char *segments[], size_t at, size_t count)
{
    return count - at > 2 && vcl_streq(segments[at], "namespaces") &&
           !vcl_streq(segments[at + 2], "status") && !vcl_streq(segments[at + 2], "finalize");
}

bool vcl_fake_target_read(const char *path_and_query, vcl_fake_target *out)
{
    vcl_auto_free char *path = vcl_strdup(path_and_query);
    char *segments[MAX_SEGMENTS];
    size_t at = 0;

    out->since = -1;
    if (!path)
        return false;
    char *query = strchr(path, '?');
    if (query) {
        *query = '\0';
        if (!read_query(query + 1, out))
            return false;
    }
    size_t count = split(path, segments);
    if (!read_group(segments, &at, count, out))
        return false;
    if (at < count && is_inside(segments, at, count)) {
        if (!copy(&out->namespace_name, segments[at + 1]))
            return false;
        at += 2;
    }
    return at >= count || read_resource(segments + at, count - at, out);
}

void vcl_fake_target_done(vcl_fake_target *target)
{
    free(target->group);
    free(target->api_version);
    free(target->namespace_name);
    free(target->plural);
    free(target->name);
    free(target->subresource);
    free(target->collection);
    free(target->object);
    free(target->label_selector);
    free(target->field_selector);
    free(target->continue_token);
    free(target->manager);
    *target = (vcl_fake_target){ 0 };
}
