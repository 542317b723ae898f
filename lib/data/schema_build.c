/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second step of compiling: nodes for the root and for all that it leads to, one after the
 * other, so that neither references in circles nor long chains of them matter. The keywords for
 * objects are in schema_names.c.
 */
#include <string.h>

#include "base/str.h"
#include "data/schema_node.h"

enum { BEFORE_2019 = VCL_DRAFT_4 | VCL_DRAFT_6 | VCL_DRAFT_7 };

const vcl_schema_node *vcl_schema_node_of(vcl_schema_compiler *compiler, const cJSON *json)
{
    vcl_schema_place *place = vcl_schema_place_of(compiler->schema, json);

    if (!place || place->node)
        return place ? place->node : NULL;
    vcl_schema_node *node = vcl_schema_alloc(compiler->schema, sizeof(*node));
    if (!node)
        return NULL;
    node->json = json;
    node->draft = place->resource->draft;
    place->node = node;
    if (compiler->last)
        compiler->last->next = node;
    else
        compiler->schema->root = node;
    compiler->last = node;
    return node;
}

static bool list_of(vcl_schema_compiler *compiler, const cJSON *array, vcl_schema_list *out)
{
    size_t count = (size_t)cJSON_GetArraySize(array);

    if (!array)
        return true;
    out->nodes = vcl_schema_alloc(compiler->schema, count * sizeof(*out->nodes));
    if (!out->nodes)
        return false;
    for (const cJSON *item = array->child; item; item = item->next) {
        const vcl_schema_node *node = vcl_schema_node_of(compiler, item);
        if (!node)
            return false;
        out->nodes[out->count++] = node;
    }
    return true;
}

/* The node of a keyword that may be missing. */
static bool
link_node(vcl_schema_compiler *compiler, const cJSON *json, const vcl_schema_node **out_node)
{
    if (json)
        *out_node = vcl_schema_node_of(compiler, json);
    return !json || *out_node;
}

int64_t vcl_schema_count_of(const cJSON *number)
{
    int64_t value;

    if (!number)
        return -1;
    return vcl_json_to_int(number, &value) ? value : INT64_MAX;
}

static int
build_reference(vcl_schema_compiler *compiler, vcl_schema_node *node, const cJSON *reference)
{
    const vcl_schema_place *place = vcl_schema_place_of(compiler->schema, node->json);
    const vcl_schema_resource *resource;
    cJSON *target;

    if (!place)
        return vcl_no_memory(compiler->error);
    int status = vcl_schema_resolve(compiler, reference, place->resource, &target, &resource);
    if (status < 0 || !target)
        return status;
    status = vcl_schema_check(compiler, target, resource);
    if (status < 0)
        return status;
    node->ref = vcl_schema_node_of(compiler, target);
    return node->ref ? VCLUSTER_OK : vcl_no_memory(compiler->error);
}

/* What comes after a condition that is true or false matters on one side only. */
static bool
link_condition(vcl_schema_compiler *compiler, vcl_schema_node *node, const cJSON *const *keywords)
{
    const cJSON *condition = keywords[VCL_KEY_IF];

    if (!condition)
        return true;
    return link_node(compiler, condition, &node->condition) &&
           (cJSON_IsFalse(condition) || link_node(compiler, keywords[VCL_KEY_THEN], &node->then)) &&
           (cJSON_IsTrue(condition) ||
            link_node(compiler, keywords[VCL_KEY_ELSE], &node->otherwise));
}

/* What drafts 6 and 7 brought counts for Helm beside a reference as well: "const" for the value, of
 * the others only that their references lead somewhere. */
static int build_beside_reference(vcl_schema_compiler *compiler,
                                  vcl_schema_node *node,
                                  const cJSON *const *keywords)
{
    const vcl_schema_node *unused;

    node->constant = keywords[VCL_KEY_CONST];
    if (!link_node(compiler, keywords[VCL_KEY_CONTAINS], &unused) ||
        !link_node(compiler, keywords[VCL_KEY_PROPERTY_NAMES], &unused) ||
        !link_condition(compiler, node, keywords))
        return vcl_no_memory(compiler->error);
    return VCLUSTER_OK;
}

static int
build_general(vcl_schema_compiler *compiler, vcl_schema_node *node, const cJSON *const *keywords)
{
    if (keywords[VCL_KEY_TYPE])
        node->types = vcl_schema_types_named(keywords[VCL_KEY_TYPE]);
    node->constant = keywords[VCL_KEY_CONST];
    node->values = keywords[VCL_KEY_ENUM];
    if (node->values) {
        for (const cJSON *item = node->values->child; item; item = item->next)
            node->value_types |= vcl_schema_type_of(item);
    }
    if (keywords[VCL_KEY_FORMAT] && (unsigned)node->draft & BEFORE_2019)
        node->format = keywords[VCL_KEY_FORMAT]->valuestring;

    bool done = list_of(compiler, keywords[VCL_KEY_ALL_OF], &node->all_of) &&
                list_of(compiler, keywords[VCL_KEY_ANY_OF], &node->any_of) &&
                list_of(compiler, keywords[VCL_KEY_ONE_OF], &node->one_of) &&
                link_node(compiler, keywords[VCL_KEY_NOT], &node->never);
    return done && link_condition(compiler, node, keywords) ? VCLUSTER_OK
                                                            : vcl_no_memory(compiler->error);
}

/* Whether any of some keywords is there. */
static bool has_any(const cJSON *const *keywords, const vcl_schema_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keywords[words[i]])
            return true;
    }
    return false;
}
#define HAS_ANY(keywords, words) has_any(keywords, words, sizeof(words) / sizeof((words)[0]))

/* In draft 4 a limit becomes exclusive by a second keyword. */
static void set_limits(vcl_schema_scalar *scalar, const cJSON *const *keywords)
{
    scalar->maximum = keywords[VCL_KEY_MAXIMUM];
    scalar->minimum = keywords[VCL_KEY_MINIMUM];
    scalar->exclusive_maximum = keywords[VCL_KEY_EXCLUSIVE_MAXIMUM];
    scalar->exclusive_minimum = keywords[VCL_KEY_EXCLUSIVE_MINIMUM];
    if (cJSON_IsBool(scalar->exclusive_maximum)) {
        bool exclusive = cJSON_IsTrue(scalar->exclusive_maximum);
        scalar->exclusive_maximum = exclusive ? scalar->maximum : NULL;
        scalar->maximum = exclusive ? NULL : scalar->maximum;
    }
    if (cJSON_IsBool(scalar->exclusive_minimum)) {
        bool exclusive = cJSON_IsTrue(scalar->exclusive_minimum);
        scalar->exclusive_minimum = exclusive ? scalar->minimum : NULL;
        scalar->minimum = exclusive ? NULL : scalar->minimum;
    }
    scalar->multiple_of = keywords[VCL_KEY_MULTIPLE_OF];
}

static int
build_scalar(vcl_schema_compiler *compiler, vcl_schema_node *node, const cJSON *const *keywords)
{
    static const vcl_schema_word words[] = { VCL_KEY_MAX_LENGTH,        VCL_KEY_MIN_LENGTH,
                                             VCL_KEY_PATTERN,           VCL_KEY_MAXIMUM,
                                             VCL_KEY_MINIMUM,           VCL_KEY_EXCLUSIVE_MAXIMUM,
                                             VCL_KEY_EXCLUSIVE_MINIMUM, VCL_KEY_MULTIPLE_OF };
    const cJSON *pattern = keywords[VCL_KEY_PATTERN];

    if (!HAS_ANY(keywords, words))
        return VCLUSTER_OK;
    vcl_schema_scalar *scalar = vcl_schema_alloc(compiler->schema, sizeof(*scalar));
    if (!scalar)
        return vcl_no_memory(compiler->error);
    node->scalar = scalar;
    scalar->min_length = vcl_schema_count_of(keywords[VCL_KEY_MIN_LENGTH]);
    scalar->max_length = vcl_schema_count_of(keywords[VCL_KEY_MAX_LENGTH]);
    set_limits(scalar, keywords);
    if (!pattern)
        return VCLUSTER_OK;
    scalar->pattern = pattern->valuestring;
    return vcl_schema_regex(compiler, node->json, pattern->valuestring, &scalar->regex);
}

/* Before 2020-12 "items" was what "prefixItems" and "items" are now, "additionalItems" the rest. */
static bool build_items(vcl_schema_compiler *compiler,
                        const vcl_schema_node *node,
                        const cJSON *const *keywords)
{
    const cJSON *items = keywords[VCL_KEY_ITEMS];
    const cJSON *prefix = keywords[VCL_KEY_PREFIX_ITEMS];
    const cJSON *rest = items;
    vcl_schema_array *array = node->array;

    array->rest_keyword = "items";
    if (node->draft != VCL_DRAFT_2020 && cJSON_IsArray(items)) {
        prefix = items;
        rest = keywords[VCL_KEY_ADDITIONAL_ITEMS];
        array->rest_keyword = "additionalItems";
    }
    return list_of(compiler, prefix, &array->prefix) && link_node(compiler, rest, &array->rest);
}

static int
build_array(vcl_schema_compiler *compiler, vcl_schema_node *node, const cJSON *const *keywords)
{
    static const vcl_schema_word words[] = { VCL_KEY_ITEMS,       VCL_KEY_PREFIX_ITEMS,
                                             VCL_KEY_CONTAINS,    VCL_KEY_UNEVALUATED_ITEMS,
                                             VCL_KEY_MIN_ITEMS,   VCL_KEY_MAX_ITEMS,
                                             VCL_KEY_UNIQUE_ITEMS };

    if (!HAS_ANY(keywords, words))
        return VCLUSTER_OK;
    vcl_schema_array *array = vcl_schema_alloc(compiler->schema, sizeof(*array));
    if (!array)
        return vcl_no_memory(compiler->error);
    node->array = array;
    array->min = vcl_schema_count_of(keywords[VCL_KEY_MIN_ITEMS]);
    array->max = vcl_schema_count_of(keywords[VCL_KEY_MAX_ITEMS]);
    array->min_contains = vcl_schema_count_of(keywords[VCL_KEY_MIN_CONTAINS]);
    array->max_contains = vcl_schema_count_of(keywords[VCL_KEY_MAX_CONTAINS]);
    array->unique = cJSON_IsTrue(keywords[VCL_KEY_UNIQUE_ITEMS]);
    if (!build_items(compiler, node, keywords) ||
        !link_node(compiler, keywords[VCL_KEY_CONTAINS], &array->contains) ||
        !link_node(compiler, keywords[VCL_KEY_UNEVALUATED_ITEMS], &array->unevaluated))
        return vcl_no_memory(compiler->error);
    return VCLUSTER_OK;
}

static int refuse_dynamic(vcl_schema_compiler *compiler,
                          const vcl_schema_node *node,
                          const cJSON *const *keywords)
{
    static const vcl_schema_word words[] = { VCL_KEY_DYNAMIC_REF, VCL_KEY_RECURSIVE_REF };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (keywords[words[i]])
            return vcl_schema_fail(compiler, VCLUSTER_E_UNSUPPORTED, node->json,
                                   "use '$ref': there is no support for ",
                                   vcl_schema_keywords[words[i]].name);
    }
    return VCLUSTER_OK;
}

static int build_node(vcl_schema_compiler *compiler, vcl_schema_node *node)
{
    const cJSON *keywords[VCL_KEY_COUNT];

    if (!cJSON_IsObject(node->json) || !node->json->child) {
        node->kind = cJSON_IsFalse(node->json) ? VCL_SCHEMA_NOTHING : VCL_SCHEMA_ANYTHING;
        return VCLUSTER_OK;
    }
    vcl_schema_read_keywords(node->json, node->draft, keywords);
    int status = refuse_dynamic(compiler, node, keywords);
    if (status == VCLUSTER_OK && keywords[VCL_KEY_REF]) {
        status = build_reference(compiler, node, keywords[VCL_KEY_REF]);
        if (status == VCLUSTER_OK && (unsigned)node->draft & BEFORE_2019)
            return build_beside_reference(compiler, node, keywords);
    }
    if (status == VCLUSTER_OK)
        status = build_general(compiler, node, keywords);
    if (status == VCLUSTER_OK)
        status = build_scalar(compiler, node, keywords);
    if (status == VCLUSTER_OK)
        status = build_array(compiler, node, keywords);
    return status < 0 ? status : vcl_schema_build_object(compiler, node, keywords);
}

int vcl_schema_build(vcl_schema_compiler *compiler, const cJSON *json)
{
    if (!vcl_schema_node_of(compiler, json))
        return vcl_no_memory(compiler->error);
    for (vcl_schema_node *node = compiler->schema->root; node; node = node->next) {
        int status = build_node(compiler, node);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}
