/* SPDX-License-Identifier: Apache-2.0 */
/* Reading one chart's versions from an index; see index.h. */
#include "repo/index.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/limits.h"
#include "base/str.h"
#include "repo/similar.h"

enum {
    EVENTS_A_CHECK = 4096,
    MAX_TEXT = 8 << 10,  /* of one version, URL or digest */
    MAX_COMPARED = 20000 /* names of other charts */
};

typedef struct reader {
    yaml_parser_t parser;
    vcl_call *call;
    const char *chart;
    vcl_index *index;
    size_t events;
    size_t compared;
    int depth;
    bool has_version; /* apiVersion was seen */
    int status;
    vcluster_error **error;
} reader;

static void event_done(yaml_event_t *event)
{
    yaml_event_delete(event);
}
#define EVENT __attribute__((cleanup(event_done))) yaml_event_t

static bool fail(reader *in, const char *why)
{
    in->status = vcl_fail(in->error, VCLUSTER_E_PROTOCOL, "the index cannot be read: line %zu: %s",
                          in->parser.mark.line + 1, why);
    return false;
}

static bool fail_memory(reader *in)
{
    in->status = vcl_no_memory(in->error);
    return false;
}

/* The next event, which the caller deletes. */
static bool next(reader *in, yaml_event_t *event)
{
    if (in->call && ++in->events % EVENTS_A_CHECK == 0) {
        in->status = vcl_call_check(in->call, in->error);
        if (in->status < 0)
            return false;
    }
    if (!yaml_parser_parse(&in->parser, event)) {
        if (in->parser.error == YAML_MEMORY_ERROR)
            return fail_memory(in);
        return fail(in, in->parser.problem ? in->parser.problem : "not YAML");
    }
    if (event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT)
        in->depth++;
    if (event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT)
        in->depth--;
    return in->depth <= VCL_MAX_YAML_DEPTH || fail(in, "it is nested too deep");
}

/* Pass over the rest of a value whose first event was read. */
static bool skip_rest(reader *in, const yaml_event_t *first)
{
    if (first->type != YAML_MAPPING_START_EVENT && first->type != YAML_SEQUENCE_START_EVENT)
        return true;
    for (int outside = in->depth - 1; in->depth > outside;) {
        EVENT event = { 0 };
        if (!next(in, &event))
            return false;
    }
    return true;
}

static bool skip_value(reader *in)
{
    EVENT event = { 0 };

    return next(in, &event) && skip_rest(in, &event);
}

/* The text of a scalar, or NULL when it is null, too long or no scalar. */
static const char *text_of(const yaml_event_t *event)
{
    if (event->type != YAML_SCALAR_EVENT || event->data.scalar.length > MAX_TEXT)
        return NULL;
    const char *text = (const char *)event->data.scalar.value;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (strlen(text) != event->data.scalar.length ||
        (plain && (!*text || vcl_streq(text, "~") || vcl_streq(text, "null"))))
        return NULL;
    return text;
}

/* Read a value; a text is kept unless there is one already. */
static bool read_text(reader *in, char **slot)
{
    EVENT event = { 0 };

    if (!next(in, &event))
        return false;
    const char *text = text_of(&event);
    if (text && !*slot) {
        *slot = vcl_strdup(text);
        if (!*slot)
            return fail_memory(in);
    }
    return skip_rest(in, &event);
}

/* The first text of a list. */
static bool read_first(reader *in, char **slot)
{
    EVENT first = { 0 };

    if (!next(in, &first))
        return false;
    if (first.type != YAML_SEQUENCE_START_EVENT)
        return skip_rest(in, &first);
    for (int outside = in->depth - 1;;) {
        EVENT event = { 0 };
        if (!next(in, &event))
            return false;
        if (in->depth == outside)
            return true;
        const char *text = text_of(&event);
        if (text && !*slot && !(*slot = vcl_strdup(text)))
            return fail_memory(in);
        if (!skip_rest(in, &event))
            return false;
    }
}

/* Begin the next member of a map: its key, or NULL in *out_key for one that is no text. False at
 * the end of the map, and on failure. */
static bool next_key(reader *in, yaml_event_t *event, const char **out_key)
{
    if (!next(in, event) || event->type == YAML_MAPPING_END_EVENT)
        return false;
    *out_key = text_of(event);
    return skip_rest(in, event);
}

static void version_done(vcl_index_version *version)
{
    free(version->version);
    free(version->url);
    free(version->digest);
}

static bool keep_version(reader *in, vcl_index_version *version)
{
    vcl_index *index = in->index;

    if (!version->version) {
        version_done(version);
        return true;
    }
    if (index->count == VCL_MAX_INDEX_VERSIONS)
        return fail(in, "a chart has too many versions");
    if (index->count == index->capacity) {
        size_t capacity = index->capacity ? 2 * index->capacity : 64;
        vcl_index_version *grown = reallocarray(index->versions, capacity, sizeof(*grown));
        if (!grown)
            return fail_memory(in);
        index->versions = grown;
        index->capacity = capacity;
    }
    index->versions[index->count++] = *version;
    return true;
}

/* One version of the chart, behind the start of its map. */
static bool read_version(reader *in)
{
    vcl_index_version version = { 0 };
    bool good = true;

    while (good) {
        EVENT event = { 0 };
        const char *key = NULL;
        if (!next_key(in, &event, &key))
            break;
        if (vcl_streq(key, "version"))
            good = read_text(in, &version.version);
        else if (vcl_streq(key, "digest"))
            good = read_text(in, &version.digest);
        else if (vcl_streq(key, "urls"))
            good = read_first(in, &version.url);
        else
            good = skip_value(in);
    }
    if (in->status == VCLUSTER_OK && keep_version(in, &version))
        return true;
    version_done(&version);
    return false;
}

static bool read_versions(reader *in)
{
    EVENT first = { 0 };

    in->index->found = true;
    if (!next(in, &first))
        return false;
    if (first.type != YAML_SEQUENCE_START_EVENT)
        return skip_rest(in, &first);
    for (int outside = in->depth - 1;;) {
        EVENT event = { 0 };
        if (!next(in, &event))
            return false;
        if (in->depth == outside)
            return true;
        bool good =
            event.type == YAML_MAPPING_START_EVENT ? read_version(in) : skip_rest(in, &event);
        if (!good)
            return false;
    }
}

/* Remember a name among the most similar ones. */
static bool note_name(reader *in, const char *name)
{
    vcl_index *index = in->index;
    size_t at = VCL_INDEX_NEAR;

    if (++in->compared > MAX_COMPARED)
        return true;
    size_t distance = vcl_distance(in->chart, name);
    while (at > 0 && (!index->near[at - 1] || index->distances[at - 1] > distance))
        at--;
    if (at == VCL_INDEX_NEAR)
        return true;
    char *copy = vcl_strdup(name);
    if (!copy)
        return fail_memory(in);
    vcl_sanitize(copy);
    free(index->near[VCL_INDEX_NEAR - 1]);
    size_t behind = VCL_INDEX_NEAR - 1 - at;
    memmove(&index->near[at + 1], &index->near[at], behind * sizeof(*index->near));
    memmove(&index->distances[at + 1], &index->distances[at], behind * sizeof(*index->distances));
    index->near[at] = copy;
    index->distances[at] = distance;
    return true;
}

static bool read_entries(reader *in)
{
    EVENT first = { 0 };
    bool good = true;

    if (!next(in, &first))
        return false;
    if (first.type != YAML_MAPPING_START_EVENT)
        return skip_rest(in, &first);
    while (good) {
        EVENT event = { 0 };
        const char *key = NULL;
        if (!next_key(in, &event, &key))
            break;
        if (vcl_streq(key, in->chart))
            good = read_versions(in);
        else
            good = (!key || note_name(in, key)) && skip_value(in);
    }
    return in->status == VCLUSTER_OK;
}

static bool read_root(reader *in)
{
    bool good = true;

    while (good) {
        EVENT event = { 0 };
        const char *key = NULL;
        if (!next_key(in, &event, &key))
            break;
        if (vcl_streq(key, "entries")) {
            good = read_entries(in);
        } else if (vcl_streq(key, "apiVersion")) {
            vcl_auto_free char *version = NULL;
            good = read_text(in, &version);
            in->has_version |= !vcl_str_empty(version);
        } else {
            good = skip_value(in);
        }
    }
    if (in->status < 0)
        return false;
    return in->has_version || fail(in, "it has no apiVersion");
}

static bool read_document(reader *in)
{
    for (;;) {
        EVENT event = { 0 };
        if (!next(in, &event))
            return false;
        if (event.type == YAML_MAPPING_START_EVENT)
            return read_root(in);
        if (event.type != YAML_STREAM_START_EVENT && event.type != YAML_DOCUMENT_START_EVENT)
            return fail(in, "it is not a map");
    }
}

int vcl_index_read(const char *text,
                   size_t size,
                   const char *chart,
                   vcl_call *call,
                   vcl_index *out_index,
                   vcluster_error **error)
{
    vcl_index index = { 0 };
    reader in = { .call = call, .chart = chart, .index = &index, .error = error };

    if (!yaml_parser_initialize(&in.parser))
        return vcl_no_memory(error);
    yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&in.parser, (const unsigned char *)text, size);
    (void)read_document(&in);
    yaml_parser_delete(&in.parser);
    if (in.status < 0) {
        vcl_index_done(&index);
        return in.status;
    }
    *out_index = index;
    return VCLUSTER_OK;
}

void vcl_index_done(vcl_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        version_done(&index->versions[i]);
    free(index->versions);
    for (size_t i = 0; i < VCL_INDEX_NEAR; i++)
        free(index->near[i]);
    *index = (vcl_index){ 0 };
}
