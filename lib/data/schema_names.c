/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keywords for objects. Everything that they say about single members goes into one sorted
 * table, so that one walk over an object answers all of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/schema_node.h"

/* The names of a schema while they are gathered. */
typedef struct gatherer {
    vcl_schema_compiler *compiler;
    vcl_schema_name *names;
    size_t count;
} gatherer;

static size_t size_of(const cJSON *list)
{
    return list ? (size_t)cJSON_GetArraySize(list) : 0;
}

/* How many names a keyword has at most; those of arrays inside it as well. */
static size_t names_in(const cJSON *object)
{
    size_t count = size_of(object);

    for (const cJSON *member = object ? object->child : NULL; member; member = member->next)
        count += cJSON_IsArray(member) ? size_of(member) : 0;
    return count;
}

static void add_name(gatherer *gather, const char *name)
{
    gather->names[gather->count++].name = name;
}

static void add_keys(gatherer *gather, const cJSON *object)
{
    for (const cJSON *member = object ? object->child : NULL; member; member = member->next)
        add_name(gather, member->string);
}

static void add_strings(gatherer *gather, const cJSON *array)
{
    for (const cJSON *item = array ? array->child : NULL; item; item = item->next)
        add_name(gather, item->valuestring);
}

static void add_needs(gatherer *gather, const cJSON *object)
{
    add_keys(gather, object);
    for (const cJSON *member = object ? object->child : NULL; member; member = member->next) {
        if (cJSON_IsArray(member))
            add_strings(gather, member);
    }
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const vcl_schema_name *)a)->name, ((const vcl_schema_name *)b)->name);
}

static void sort_names(gatherer *gather)
{
    size_t kept = 0;

    if (gather->count == 0)
        return;
    qsort(gather->names, gather->count, sizeof(gather->names[0]), compare_names);
    for (size_t i = 1; i < gather->count; i++) {
        if (strcmp(gather->names[i].name, gather->names[kept].name) != 0)
            gather->names[++kept] = gather->names[i];
    }
    gather->count = kept + 1;
}

static vcl_schema_name *find_name(const gatherer *gather, const char *name)
{
    const vcl_schema_name key = { .name = name };

    return bsearch(&key, gather->names, gather->count, sizeof(key), compare_names);
}

/* Both "dependencies" and what replaced it in two keywords; which says where to put them. */
static bool set_needs(gatherer *gather, const cJSON *object, int which)
{
    for (const cJSON *member = object ? object->child : NULL; member; member = member->next) {
        vcl_schema_name *name = find_name(gather, member->string);
        if (cJSON_IsArray(member)) {
            name->needs[which] = member;
            continue;
        }
        name->dependent[which] = vcl_schema_node_of(gather->compiler, member);
        if (!name->dependent[which])
            return false;
    }
    return true;
}

static bool set_properties(gatherer *gather, const cJSON *object)
{
    for (const cJSON *member = object ? object->child : NULL; member; member = member->next) {
        vcl_schema_name *name = find_name(gather, member->string);
        name->property = vcl_schema_node_of(gather->compiler, member);
        if (!name->property)
            return false;
    }
    return true;
}

static bool gather_names(gatherer *gather, const cJSON *const *keywords)
{
    const cJSON *properties = keywords[VCL_KEY_PROPERTIES];
    const cJSON *required = keywords[VCL_KEY_REQUIRED];
    const cJSON *old = keywords[VCL_KEY_DEPENDENCIES];
    const cJSON *needs = keywords[VCL_KEY_DEPENDENT_REQUIRED];
    const cJSON *schemas = keywords[VCL_KEY_DEPENDENT_SCHEMAS];
    size_t most = size_of(properties) + size_of(required) + names_in(old) + names_in(needs) +
                  size_of(schemas);

    gather->names = vcl_schema_alloc(gather->compiler->schema, most * sizeof(gather->names[0]));
    if (!gather->names)
        return false;
    add_keys(gather, properties);
    add_strings(gather, required);
    add_needs(gather, old);
    add_needs(gather, needs);
    add_keys(gather, schemas);
    sort_names(gather);

    for (const cJSON *item = required ? required->child : NULL; item; item = item->next)
        find_name(gather, item->valuestring)->required = true;
    return set_properties(gather, properties) && set_needs(gather, old, 0) &&
           set_needs(gather, needs, 1) && set_needs(gather, schemas, 1);
}

static int
build_patterns(vcl_schema_compiler *compiler, vcl_schema_object *object, const cJSON *patterns)
{
    size_t count = size_of(patterns);

    if (count == 0)
        return VCLUSTER_OK;
    object->patterns = vcl_schema_alloc(compiler->schema, count * sizeof(object->patterns[0]));
    if (!object->patterns)
        return vcl_no_memory(compiler->error);
    for (const cJSON *member = patterns->child; member; member = member->next) {
        vcl_schema_pattern *pattern = &object->patterns[object->pattern_count++];
        int status = vcl_schema_regex(compiler, patterns, member->string, &pattern->regex);
        if (status < 0)
            return status;
        pattern->node = vcl_schema_node_of(compiler, member);
        if (!pattern->node)
            return vcl_no_memory(compiler->error);
    }
    return VCLUSTER_OK;
}

static bool has_object_keyword(const cJSON *const *keywords)
{
    static const vcl_schema_word words[] = {
        VCL_KEY_PROPERTIES,     VCL_KEY_PATTERN_PROPERTIES,     VCL_KEY_ADDITIONAL_PROPERTIES,
        VCL_KEY_PROPERTY_NAMES, VCL_KEY_UNEVALUATED_PROPERTIES, VCL_KEY_REQUIRED,
        VCL_KEY_DEPENDENCIES,   VCL_KEY_DEPENDENT_REQUIRED,     VCL_KEY_DEPENDENT_SCHEMAS,
        VCL_KEY_MIN_PROPERTIES, VCL_KEY_MAX_PROPERTIES
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (keywords[words[i]])
            return true;
    }
    return false;
}

/* Nodes of the keywords that hold one schema each. */
static bool
link_nodes(vcl_schema_compiler *compiler, vcl_schema_object *object, const cJSON *const *keywords)
{
    const struct {
        const cJSON *json;
        const vcl_schema_node **node;
    } links[] = {
        { keywords[VCL_KEY_ADDITIONAL_PROPERTIES], &object->additional },
        { keywords[VCL_KEY_PROPERTY_NAMES], &object->property_names },
        { keywords[VCL_KEY_UNEVALUATED_PROPERTIES], &object->unevaluated },
    };

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if (links[i].json)
            *links[i].node = vcl_schema_node_of(compiler, links[i].json);
        if (links[i].json && !*links[i].node)
            return false;
    }
    return true;
}

int vcl_schema_build_object(vcl_schema_compiler *compiler,
                            vcl_schema_node *node,
                            const cJSON *const *keywords)
{
    gatherer gather = { .compiler = compiler };

    if (!has_object_keyword(keywords))
        return VCLUSTER_OK;
    vcl_schema_object *object = vcl_schema_alloc(compiler->schema, sizeof(*object));
    if (!object || !gather_names(&gather, keywords) || !link_nodes(compiler, object, keywords))
        return vcl_no_memory(compiler->error);
    node->object = object;
    object->names = gather.names;
    object->name_count = gather.count;
    object->needs = keywords[VCL_KEY_REQUIRED] || keywords[VCL_KEY_DEPENDENCIES] ||
                    keywords[VCL_KEY_DEPENDENT_REQUIRED] || keywords[VCL_KEY_DEPENDENT_SCHEMAS];
    object->min = vcl_schema_count_of(keywords[VCL_KEY_MIN_PROPERTIES]);
    object->max = vcl_schema_count_of(keywords[VCL_KEY_MAX_PROPERTIES]);
    return build_patterns(compiler, object, keywords[VCL_KEY_PATTERN_PROPERTIES]);
}
