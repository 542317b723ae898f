/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first step of compiling: every place where a draft puts a schema is looked at, whether
 * validation can reach it or not, as the schema of schemas would. Nesting is as deep as the
 * reader of JSON allows.
 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/schema_node.h"

/* Append the way from a node of the tree to another one below it, as a JSON pointer. Only for
 * messages: it searches. */
static bool add_way(vcl_buf *buf, const cJSON *from, const cJSON *to)
{
    size_t size = buf->size;
    size_t index = 0;

    if (from == to)
        return true;
    for (const cJSON *child = from->child; child; child = child->next, index++) {
        if (child->string)
            vcl_buf_addf(buf, "/%s", child->string);
        else
            vcl_buf_addf(buf, "/%zu", index);
        if (add_way(buf, child, to))
            return true;
        vcl_buf_truncate(buf, size);
    }
    return false;
}

int vcl_schema_fail(vcl_schema_compiler *compiler,
                    int status,
                    const cJSON *place,
                    const char *problem,
                    const char *detail)
{
    VCL_AUTO_BUF way = { 0 };

    vcl_buf_init(&way, VCL_MAX_MESSAGE);
    vcl_buf_add_char(&way, '#');
    (void)add_way(&way, compiler->schema->json, place);
    return vcl_fail(compiler->error, status, "the schema is wrong at '%s': %s%s",
                    vcl_buf_text(&way), problem, detail);
}

static int fail_value(vcl_schema_compiler *compiler,
                      const cJSON *json,
                      vcl_schema_word word,
                      const char *problem)
{
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, VCL_MAX_MESSAGE);
    vcl_buf_addf(&text, "'%s' must be ", vcl_schema_keywords[word].name);
    return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json, vcl_buf_text(&text), problem);
}

int vcl_schema_regex(vcl_schema_compiler *compiler,
                     const cJSON *json,
                     const char *pattern,
                     const vcl_regex **out)
{
    vcl_schema *schema = compiler->schema;
    vcl_regex *regex = vcl_schema_map_get(&schema->patterns, pattern);
    VCL_AUTO_ERROR *inner = NULL;

    if (!regex) {
        int status = vcl_regex_compile(pattern, &regex, &inner);
        if (status == VCLUSTER_E_NO_MEMORY)
            return vcl_error_pass(compiler->error, &inner, status);
        if (status < 0)
            return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json, "",
                                   vcluster_error_message(inner));
        if (!vcl_schema_map_put(&schema->patterns, pattern, regex)) {
            vcl_regex_free(regex);
            return vcl_no_memory(compiler->error);
        }
    }
    *out = regex;
    return VCLUSTER_OK;
}

/* Let a place count as a schema that was looked at: what is no object says nothing. */
static int
accept(vcl_schema_compiler *compiler, const cJSON *json, const vcl_schema_resource *resource)
{
    vcl_schema_place *place = vcl_schema_place_of(compiler->schema, json);

    if (!place)
        return vcl_no_memory(compiler->error);
    place->checked = true;
    place->resource = resource;
    return VCLUSTER_OK;
}

/* Every child is a schema, or a list of names where there may be such. */
static int check_children(vcl_schema_compiler *compiler,
                          cJSON *value,
                          bool names,
                          const vcl_schema_resource *resource)
{
    for (cJSON *child = value->child; child; child = child->next) {
        int status = names && cJSON_IsArray(child) ? accept(compiler, child, resource)
                                                   : vcl_schema_check(compiler, child, resource);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* A schema, or an array of them, to which a reference may lead as well. */
static int
check_items(vcl_schema_compiler *compiler, cJSON *value, const vcl_schema_resource *resource)
{
    if (!cJSON_IsArray(value) || resource->draft == VCL_DRAFT_2020)
        return vcl_schema_check(compiler, value, resource);
    int status = accept(compiler, value, resource);
    return status < 0 ? status : check_children(compiler, value, false, resource);
}

static int
check_patterns(vcl_schema_compiler *compiler, cJSON *value, const vcl_schema_resource *resource)
{
    /* Draft 4 and 6 say nothing of the keys, so that a wrong one matters only where it is used. */
    bool skip =
        compiler->lenient || resource->draft == VCL_DRAFT_4 || resource->draft == VCL_DRAFT_6;

    for (const cJSON *child = skip ? NULL : value->child; child; child = child->next) {
        const vcl_regex *regex;
        int status = vcl_schema_regex(compiler, value, child->string, &regex);
        if (status < 0)
            return status;
    }
    return check_children(compiler, value, false, resource);
}

/* A schema as the value of a keyword; draft 4 takes booleans in two of them only. */
static int
check_additional(vcl_schema_compiler *compiler, cJSON *value, const vcl_schema_resource *resource)
{
    return cJSON_IsBool(value) ? accept(compiler, value, resource)
                               : vcl_schema_check(compiler, value, resource);
}

/* What is inside the value of a keyword. */
static int check_inside(vcl_schema_compiler *compiler,
                        vcl_schema_value kind,
                        cJSON *value,
                        const vcl_schema_resource *resource)
{
    const vcl_regex *regex;

    switch (kind) {
    case VCL_VALUE_REGEX:
        if (compiler->lenient)
            return VCLUSTER_OK;
        return vcl_schema_regex(compiler, value, value->valuestring, &regex);
    case VCL_VALUE_SCHEMA:
        return vcl_schema_check(compiler, value, resource);
    case VCL_VALUE_ADDITIONAL:
        return check_additional(compiler, value, resource);
    case VCL_VALUE_ITEMS:
        return check_items(compiler, value, resource);
    case VCL_VALUE_SCHEMAS:
    case VCL_VALUE_SCHEMA_MAP:
        return check_children(compiler, value, false, resource);
    case VCL_VALUE_DEPENDENCIES:
        return check_children(compiler, value, true, resource);
    case VCL_VALUE_PATTERN_MAP:
        return check_patterns(compiler, value, resource);
    default:
        return VCLUSTER_OK;
    }
}

/* Helm looks for ids and anchors in a keyword that is gone, but minds nothing else in it. */
static int
check_leniently(vcl_schema_compiler *compiler, cJSON *json, const vcl_schema_resource *resource)
{
    compiler->lenient++;
    int status = vcl_schema_check(compiler, json, resource);
    compiler->lenient--;
    return status;
}

static int check_member(vcl_schema_compiler *compiler,
                        const cJSON *json,
                        cJSON *member,
                        const vcl_schema_resource *resource)
{
    vcl_schema_word word = vcl_schema_find_keyword(member->string);

    if (word == VCL_KEY_ADDITIONAL_ITEMS && resource->draft == VCL_DRAFT_2020)
        return check_leniently(compiler, member, resource);
    if (word == VCL_KEY_COUNT || !(vcl_schema_keywords[word].drafts & (unsigned)resource->draft))
        return VCLUSTER_OK;
    const char *problem = vcl_schema_problem(word, member, resource->draft);
    if (problem)
        return compiler->lenient ? VCLUSTER_OK : fail_value(compiler, json, word, problem);
    return check_inside(compiler, vcl_schema_keywords[word].value, member, resource);
}

/* In draft 4 "exclusiveMaximum" says something of "maximum" and is nothing without it. */
static int check_old_limits(vcl_schema_compiler *compiler, const cJSON *json)
{
    if (vcl_json_get(json, "exclusiveMaximum") && !vcl_json_get(json, "maximum"))
        return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json,
                               "'exclusiveMaximum' needs 'maximum'", "");
    if (vcl_json_get(json, "exclusiveMinimum") && !vcl_json_get(json, "minimum"))
        return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json,
                               "'exclusiveMinimum' needs 'minimum'", "");
    return VCLUSTER_OK;
}

static int check_object(vcl_schema_compiler *compiler,
                        vcl_schema_place *place,
                        cJSON *json,
                        const vcl_schema_resource *outer)
{
    const vcl_schema_resource *resource;
    int status = vcl_schema_learn(compiler, json, outer, &resource);

    if (status < 0)
        return status;
    place->resource = resource;
    place->begins = resource->json == json;
    if (resource->draft == VCL_DRAFT_4)
        status = check_old_limits(compiler, json);
    for (cJSON *member = json->child; status == VCLUSTER_OK && member; member = member->next)
        status = check_member(compiler, json, member, resource);
    return status;
}

int vcl_schema_check(vcl_schema_compiler *compiler,
                     cJSON *json,
                     const vcl_schema_resource *resource)
{
    vcl_schema_place *place = vcl_schema_place_of(compiler->schema, json);

    if (!place)
        return vcl_no_memory(compiler->error);
    if (place->checked)
        return VCLUSTER_OK;
    place->checked = true;
    place->resource = resource;
    if (cJSON_IsObject(json))
        return check_object(compiler, place, json, resource);
    if (compiler->lenient)
        return VCLUSTER_OK;
    if (!cJSON_IsBool(json))
        return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json,
                               "a schema must be an object, true or false", "");
    if (resource->draft == VCL_DRAFT_4)
        return vcl_schema_fail(compiler, VCLUSTER_E_CONFIG, json,
                               "in draft 4 a schema must be an object", "");
    return VCLUSTER_OK;
}
