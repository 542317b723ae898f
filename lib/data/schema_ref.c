/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids, anchors and references. A reference leads to a place in the same document; nothing is ever
 * fetched.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/schema_node.h"
#include "data/schema_url.h"

enum { FEW_MEMBERS = 16, SINCE_2019 = VCL_DRAFT_2019 | VCL_DRAFT_2020 };

static const struct {
    const char *url; /* without the scheme */
    vcl_schema_draft draft;
} drafts[] = {
    { "json-schema.org/schema", VCL_DRAFT_2020 },
    { "json-schema.org/draft/2020-12/schema", VCL_DRAFT_2020 },
    { "json-schema.org/draft/2019-09/schema", VCL_DRAFT_2019 },
    { "json-schema.org/draft-07/schema", VCL_DRAFT_7 },
    { "json-schema.org/draft-06/schema", VCL_DRAFT_6 },
    { "json-schema.org/draft-04/schema", VCL_DRAFT_4 },
};

/* The draft that "$schema" names. */
static int read_draft(vcl_schema_compiler *compiler, const cJSON *json, vcl_schema_draft *out)
{
    const char *url = vcl_json_find_string(json, "$schema", NULL);

    if (!url)
        return VCLUSTER_OK;
    const char *name = strstr(url, "://");
    size_t size = strcspn(url, "#");
    name = name && (vcl_starts_with(url, "http://") || vcl_starts_with(url, "https://")) ? name + 3
                                                                                         : url;
    for (size_t i = 0; i < sizeof(drafts) / sizeof(drafts[0]); i++) {
        if (strlen(drafts[i].url) == size - (size_t)(name - url) &&
            vcl_starts_with(name, drafts[i].url) && !(url[size] && url[size + 1])) {
            *out = drafts[i].draft;
            return VCLUSTER_OK;
        }
    }
    return vcl_schema_fail(compiler, VCLUSTER_E_UNSUPPORTED, json, "",
                           "'$schema' must name draft 4, 6, 7, 2019-09 or 2020-12");
}

/* The id of a schema with its fragment, or NULL. */
static const char *id_of(const cJSON *json, vcl_schema_draft draft)
{
    /* Beside a reference nothing counts in the older drafts. */
    if (!(draft & SINCE_2019) && vcl_json_get(json, "$ref"))
        return NULL;
    return vcl_json_find_string(json, draft == VCL_DRAFT_4 ? "id" : "$id", NULL);
}

static int add_resource(vcl_schema_compiler *compiler,
                        cJSON *json,
                        char *url,
                        vcl_schema_draft draft,
                        const vcl_schema_resource **out)
{
    vcl_schema *schema = compiler->schema;
    const vcl_schema_resource *same = vcl_schema_map_get(&schema->resources, url);

    if (same && same->json != json)
        return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json,
                               "another schema has the same id: ", url);
    vcl_schema_resource *resource = vcl_schema_alloc(schema, sizeof(*resource));
    if (!resource)
        return vcl_no_memory(compiler->error);
    *resource = (vcl_schema_resource){ .json = json, .url = url, .draft = draft };
    if (!vcl_schema_map_put(&schema->resources, url, resource))
        return vcl_no_memory(compiler->error);
    /* Helm's own address leads to the whole document even where that has another one. */
    if (json == schema->json &&
        !vcl_schema_map_put(&schema->resources, VCL_SCHEMA_ROOT_URL, resource))
        return vcl_no_memory(compiler->error);
    *out = resource;
    return VCLUSTER_OK;
}

/* The address that a reference or an id means. */
static int join(vcl_schema_compiler *compiler,
                const cJSON *json,
                const char *base,
                const char *reference,
                char **out_url)
{
    size_t size = strcspn(reference, "#");

    if (size > VCL_MAX_MESSAGE)
        return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json, "the URL is too long", "");
    vcl_auto_free char *url = vcl_schema_url_join(base, reference, size);
    if (!url && errno == EINVAL)
        return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json, "this is no URL: ", reference);
    *out_url = url ? vcl_schema_copy(compiler->schema, url) : NULL;
    return *out_url ? VCLUSTER_OK : vcl_no_memory(compiler->error);
}

/* The key of an anchor in the table of resources. */
static char *anchor_key(vcl_schema *schema, const char *url, const char *anchor)
{
    vcl_auto_free char *key = vcl_format("%s#%s", url, anchor);

    return key ? vcl_schema_copy(schema, key) : NULL;
}

static int add_anchor(vcl_schema_compiler *compiler,
                      cJSON *json,
                      const vcl_schema_resource *resource,
                      const char *anchor)
{
    vcl_schema *schema = compiler->schema;
    char *key = anchor_key(schema, resource->url, anchor);
    const cJSON *same = key ? vcl_schema_map_get(&schema->resources, key) : NULL;

    if (same && same != json)
        return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json,
                               "another schema has the same anchor: ", anchor);
    if (!key || !vcl_schema_map_put(&schema->resources, key, json))
        return vcl_no_memory(compiler->error);
    return VCLUSTER_OK;
}

/* The older drafts have anchors as fragments of ids. */
static int
learn_old_anchor(vcl_schema_compiler *compiler, cJSON *json, const vcl_schema_resource *resource)
{
    const char *id = id_of(json, resource->draft);
    const char *fragment = id ? strchr(id, '#') : NULL;

    if (!fragment || !fragment[1] || fragment[1] == '/')
        return VCLUSTER_OK;
    vcl_auto_free char *anchor = vcl_strdup(fragment + 1);
    if (!anchor)
        return vcl_no_memory(compiler->error);
    if (!vcl_schema_url_decode(anchor))
        return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json, "this is no URL: ", id);
    return *anchor == '/' ? VCLUSTER_OK : add_anchor(compiler, json, resource, anchor);
}

static int
learn_anchors(vcl_schema_compiler *compiler, cJSON *json, const vcl_schema_resource *resource)
{
    if (!((unsigned)resource->draft & SINCE_2019))
        return learn_old_anchor(compiler, json, resource);

    const char *anchor = vcl_json_find_string(json, "$anchor", NULL);
    const char *dynamic = vcl_json_find_string(json, "$dynamicAnchor", NULL);
    int status = anchor ? add_anchor(compiler, json, resource, anchor) : VCLUSTER_OK;
    if (status == VCLUSTER_OK && dynamic && resource->draft == VCL_DRAFT_2020)
        status = add_anchor(compiler, json, resource, dynamic);
    return status;
}

/* Whether a schema has any of the keywords that this file is about; most have none. */
static bool says_who_it_is(const cJSON *json)
{
    for (const cJSON *member = json->child; member; member = member->next) {
        if (*member->string == '$' || vcl_streq(member->string, "id"))
            return true;
    }
    return false;
}

int vcl_schema_learn(vcl_schema_compiler *compiler,
                     cJSON *json,
                     const vcl_schema_resource *outer,
                     const vcl_schema_resource **out_resource)
{
    bool root = json == compiler->schema->json;
    vcl_schema_draft draft = outer->draft;

    *out_resource = outer;
    if (!root && !says_who_it_is(json))
        return VCLUSTER_OK;
    int status = read_draft(compiler, json, &draft);
    if (status < 0)
        return status;

    const char *id = id_of(json, draft);
    if (!root && (!id || !*id || *id == '#')) {
        /* Another draft counts only where another resource begins. */
        draft = outer->draft;
        id = id_of(json, draft);
    }
    bool begins = id && *id && *id != '#';
    if (root || begins) {
        char *url = NULL;
        status = join(compiler, json, outer->url, begins ? id : "", &url);
        if (status == VCLUSTER_OK)
            status = add_resource(compiler, json, url, draft, out_resource);
    }
    return status < 0 ? status : learn_anchors(compiler, json, *out_resource);
}

void vcl_schema_forget_indexes(vcl_schema_compiler *compiler)
{
    for (size_t i = 0; i < compiler->indexes.capacity; i++) {
        vcl_schema_map *index = compiler->indexes.entries[i].value;
        if (compiler->indexes.entries[i].key) {
            vcl_schema_map_done(index);
            free(index);
        }
    }
    vcl_schema_map_done(&compiler->indexes);
}

/* The members of a large object by name, made once: many references go through "$defs". */
static vcl_schema_map *index_of(vcl_schema_compiler *compiler, cJSON *object)
{
    vcl_schema_map *index = vcl_schema_map_get_address(&compiler->indexes, object);

    if (index)
        return index;
    index = calloc(1, sizeof(*index));
    bool kept = index && vcl_schema_map_put_address(&compiler->indexes, object, index);
    if (!kept) {
        free(index);
        return NULL;
    }
    for (cJSON *member = object->child; member; member = member->next) {
        if (!vcl_schema_map_put(index, member->string, member))
            return NULL;
    }
    return index;
}

static cJSON *find_member(vcl_schema_compiler *compiler, cJSON *object, const char *name)
{
    size_t members = 0;

    for (const cJSON *member = object->child; member && members <= FEW_MEMBERS;
         member = member->next)
        members++;
    const vcl_schema_map *index = members > FEW_MEMBERS ? index_of(compiler, object) : NULL;
    return index ? vcl_schema_map_get(index, name) : vcl_json_get(object, name);
}

/* One step of a JSON pointer: take ~0 and ~1 away, in place. */
static bool unescape_step(char *step)
{
    char *to = step;

    for (const char *at = step; *at; at++) {
        if (*at == '~') {
            at++;
            if (*at != '0' && *at != '1')
                return false;
            *to++ = *at == '0' ? '~' : '/';
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
    return true;
}

static cJSON *step_down(vcl_schema_compiler *compiler, cJSON *from, const char *step)
{
    int64_t index;

    if (cJSON_IsObject(from))
        return find_member(compiler, from, step);
    if (!cJSON_IsArray(from) || !vcl_parse_i64(step, &index) || index < 0)
        return NULL;
    /* Each step is short, but there can be many of them. */
    compiler->steps += index;
    if (index > VCL_MAX_SCHEMA_STEPS || compiler->steps > VCL_MAX_SCHEMA_STEPS)
        return NULL;
    return cJSON_GetArrayItem(from, (int)index);
}

/* Follow a JSON pointer, which is taken apart; NULL when it leads nowhere. */
static cJSON *
follow(vcl_schema_compiler *compiler, char *pointer, const vcl_schema_resource **resource)
{
    cJSON *at = (*resource)->json;

    while (at && *pointer) {
        char *step = pointer + 1;
        size_t size = strcspn(step, "/");
        bool last = step[size] == '\0';
        step[size] = '\0';
        at = unescape_step(step) ? step_down(compiler, at, step) : NULL;
        const vcl_schema_place *place =
            at ? vcl_schema_map_get_address(&compiler->schema->places, at) : NULL;
        if (place && place->begins)
            *resource = place->resource;
        pointer = step + size;
        if (!last)
            *pointer = '/';
    }
    return at;
}

static int resolve_fragment(vcl_schema_compiler *compiler,
                            const cJSON *json,
                            const char *reference,
                            const vcl_schema_resource **resource,
                            cJSON **out_json)
{
    const char *hash = strchr(reference, '#');
    vcl_auto_free char *fragment = vcl_strdup(hash ? hash + 1 : "");
    if (!fragment)
        return vcl_no_memory(compiler->error);
    if (!vcl_schema_url_decode(fragment))
        return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json, "this is no URL: ", reference);

    cJSON *found;
    if (*fragment && *fragment != '/') {
        vcl_auto_free char *key = vcl_format("%s#%s", (*resource)->url, fragment);
        if (!key)
            return vcl_no_memory(compiler->error);
        found = vcl_schema_map_get(&compiler->schema->resources, key);
    } else {
        found = follow(compiler, fragment, resource);
    }
    if (!found)
        return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json,
                               "the reference leads nowhere: ", reference);
    *out_json = found;
    return VCLUSTER_OK;
}

int vcl_schema_resolve(vcl_schema_compiler *compiler,
                       const cJSON *json,
                       const vcl_schema_resource *from,
                       cJSON **out_json,
                       const vcl_schema_resource **out_resource)
{
    const char *reference = json->valuestring;
    const vcl_schema_resource *resource = from;

    if (*reference && *reference != '#') {
        char *url = NULL;
        int status = join(compiler, json, from->url, reference, &url);
        if (status < 0)
            return status;
        resource = vcl_schema_map_get(&compiler->schema->resources, url);
        /* Helm takes a name that it cannot look up for a schema that accepts everything. */
        if (!resource && vcl_starts_with(url, "urn:") && !strchr(reference, '#')) {
            *out_json = NULL;
            return VCLUSTER_OK;
        }
    }
    if (!resource)
        return vcl_schema_fail(compiler, VCLUSTER_E_UNSUPPORTED, json,
                               "references must stay within the schema (copy what this one means "
                               "under '$defs'): ",
                               reference);
    *out_resource = resource;
    return resolve_fragment(compiler, json, reference, out_resource, out_json);
}
