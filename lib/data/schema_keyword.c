/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of keywords and the kinds of values. The drafts' own schemas of schemas say the same;
 * writing it down here saves running them, which is most of what other validators spend.
 */
#include "data/schema_keyword.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/schema_node.h"

enum {
    SINCE_2020 = VCL_DRAFT_2020,
    SINCE_2019 = VCL_DRAFT_2019 | SINCE_2020,
    SINCE_7 = VCL_DRAFT_7 | SINCE_2019,
    SINCE_6 = VCL_DRAFT_6 | SINCE_7,
    ALL = VCL_DRAFT_4 | SINCE_6,
    UNTIL_2019 = ALL & ~VCL_DRAFT_2020
};

const vcl_schema_keyword vcl_schema_keywords[VCL_KEY_COUNT] = {
    [VCL_KEY_ANCHOR] = { "$anchor", VCL_VALUE_ANCHOR, SINCE_2019 },
    [VCL_KEY_COMMENT] = { "$comment", VCL_VALUE_STRING, SINCE_7 },
    [VCL_KEY_DEFS] = { "$defs", VCL_VALUE_SCHEMA_MAP, SINCE_2019 },
    [VCL_KEY_DYNAMIC_ANCHOR] = { "$dynamicAnchor", VCL_VALUE_ANCHOR, SINCE_2020 },
    [VCL_KEY_DYNAMIC_REF] = { "$dynamicRef", VCL_VALUE_REFERENCE, SINCE_2020 },
    [VCL_KEY_ID] = { "$id", VCL_VALUE_ID, SINCE_6 },
    [VCL_KEY_RECURSIVE_ANCHOR] = { "$recursiveAnchor", VCL_VALUE_BOOLEAN, VCL_DRAFT_2019 },
    [VCL_KEY_RECURSIVE_REF] = { "$recursiveRef", VCL_VALUE_REFERENCE, SINCE_2019 },
    [VCL_KEY_REF] = { "$ref", VCL_VALUE_REFERENCE, ALL },
    [VCL_KEY_SCHEMA] = { "$schema", VCL_VALUE_URI, ALL },
    [VCL_KEY_VOCABULARY] = { "$vocabulary", VCL_VALUE_VOCABULARY, SINCE_2019 },
    [VCL_KEY_ADDITIONAL_ITEMS] = { "additionalItems", VCL_VALUE_ADDITIONAL, UNTIL_2019 },
    [VCL_KEY_ADDITIONAL_PROPERTIES] = { "additionalProperties", VCL_VALUE_ADDITIONAL, ALL },
    [VCL_KEY_ALL_OF] = { "allOf", VCL_VALUE_SCHEMAS, ALL },
    [VCL_KEY_ANY_OF] = { "anyOf", VCL_VALUE_SCHEMAS, ALL },
    [VCL_KEY_CONST] = { "const", VCL_VALUE_ANY, SINCE_6 },
    [VCL_KEY_CONTAINS] = { "contains", VCL_VALUE_SCHEMA, SINCE_6 },
    [VCL_KEY_CONTENT_ENCODING] = { "contentEncoding", VCL_VALUE_STRING, SINCE_7 },
    [VCL_KEY_CONTENT_MEDIA_TYPE] = { "contentMediaType", VCL_VALUE_STRING, SINCE_7 },
    [VCL_KEY_CONTENT_SCHEMA] = { "contentSchema", VCL_VALUE_SCHEMA, SINCE_2019 },
    [VCL_KEY_DEFINITIONS] = { "definitions", VCL_VALUE_SCHEMA_MAP, ALL },
    [VCL_KEY_DEPENDENCIES] = { "dependencies", VCL_VALUE_DEPENDENCIES, ALL },
    [VCL_KEY_DEPENDENT_REQUIRED] = { "dependentRequired", VCL_VALUE_STRINGS_MAP, SINCE_2019 },
    [VCL_KEY_DEPENDENT_SCHEMAS] = { "dependentSchemas", VCL_VALUE_SCHEMA_MAP, SINCE_2019 },
    [VCL_KEY_DEPRECATED] = { "deprecated", VCL_VALUE_BOOLEAN, SINCE_2019 },
    [VCL_KEY_DESCRIPTION] = { "description", VCL_VALUE_STRING, ALL },
    [VCL_KEY_ELSE] = { "else", VCL_VALUE_SCHEMA, SINCE_7 },
    [VCL_KEY_ENUM] = { "enum", VCL_VALUE_ENUM, ALL },
    [VCL_KEY_EXAMPLES] = { "examples", VCL_VALUE_ARRAY, SINCE_7 },
    [VCL_KEY_EXCLUSIVE_MAXIMUM] = { "exclusiveMaximum", VCL_VALUE_LIMIT, ALL },
    [VCL_KEY_EXCLUSIVE_MINIMUM] = { "exclusiveMinimum", VCL_VALUE_LIMIT, ALL },
    [VCL_KEY_FORMAT] = { "format", VCL_VALUE_STRING, ALL },
    [VCL_KEY_OLD_ID] = { "id", VCL_VALUE_STRING, VCL_DRAFT_4 },
    [VCL_KEY_IF] = { "if", VCL_VALUE_SCHEMA, SINCE_7 },
    [VCL_KEY_ITEMS] = { "items", VCL_VALUE_ITEMS, ALL },
    [VCL_KEY_MAX_CONTAINS] = { "maxContains", VCL_VALUE_COUNT, SINCE_2019 },
    [VCL_KEY_MAX_ITEMS] = { "maxItems", VCL_VALUE_COUNT, ALL },
    [VCL_KEY_MAX_LENGTH] = { "maxLength", VCL_VALUE_COUNT, ALL },
    [VCL_KEY_MAX_PROPERTIES] = { "maxProperties", VCL_VALUE_COUNT, ALL },
    [VCL_KEY_MAXIMUM] = { "maximum", VCL_VALUE_NUMBER, ALL },
    [VCL_KEY_MIN_CONTAINS] = { "minContains", VCL_VALUE_COUNT, SINCE_2019 },
    [VCL_KEY_MIN_ITEMS] = { "minItems", VCL_VALUE_COUNT, ALL },
    [VCL_KEY_MIN_LENGTH] = { "minLength", VCL_VALUE_COUNT, ALL },
    [VCL_KEY_MIN_PROPERTIES] = { "minProperties", VCL_VALUE_COUNT, ALL },
    [VCL_KEY_MINIMUM] = { "minimum", VCL_VALUE_NUMBER, ALL },
    [VCL_KEY_MULTIPLE_OF] = { "multipleOf", VCL_VALUE_POSITIVE, ALL },
    [VCL_KEY_NOT] = { "not", VCL_VALUE_SCHEMA, ALL },
    [VCL_KEY_ONE_OF] = { "oneOf", VCL_VALUE_SCHEMAS, ALL },
    [VCL_KEY_PATTERN] = { "pattern", VCL_VALUE_REGEX, ALL },
    [VCL_KEY_PATTERN_PROPERTIES] = { "patternProperties", VCL_VALUE_PATTERN_MAP, ALL },
    [VCL_KEY_PREFIX_ITEMS] = { "prefixItems", VCL_VALUE_SCHEMAS, SINCE_2020 },
    [VCL_KEY_PROPERTIES] = { "properties", VCL_VALUE_SCHEMA_MAP, ALL },
    [VCL_KEY_PROPERTY_NAMES] = { "propertyNames", VCL_VALUE_SCHEMA, SINCE_6 },
    [VCL_KEY_READ_ONLY] = { "readOnly", VCL_VALUE_BOOLEAN, SINCE_7 },
    [VCL_KEY_REQUIRED] = { "required", VCL_VALUE_STRINGS, ALL },
    [VCL_KEY_THEN] = { "then", VCL_VALUE_SCHEMA, SINCE_7 },
    [VCL_KEY_TITLE] = { "title", VCL_VALUE_STRING, ALL },
    [VCL_KEY_TYPE] = { "type", VCL_VALUE_TYPE, ALL },
    [VCL_KEY_UNEVALUATED_ITEMS] = { "unevaluatedItems", VCL_VALUE_SCHEMA, SINCE_2019 },
    [VCL_KEY_UNEVALUATED_PROPERTIES] = { "unevaluatedProperties", VCL_VALUE_SCHEMA, SINCE_2019 },
    [VCL_KEY_UNIQUE_ITEMS] = { "uniqueItems", VCL_VALUE_BOOLEAN, ALL },
    [VCL_KEY_WRITE_ONLY] = { "writeOnly", VCL_VALUE_BOOLEAN, SINCE_7 },
};

static int compare_names(const void *name, const void *keyword)
{
    return strcmp(name, ((const vcl_schema_keyword *)keyword)->name);
}

vcl_schema_word vcl_schema_find_keyword(const char *name)
{
    const vcl_schema_keyword *found = bsearch(name, vcl_schema_keywords, VCL_KEY_COUNT,
                                              sizeof(vcl_schema_keywords[0]), compare_names);

    return found ? (vcl_schema_word)(found - vcl_schema_keywords) : VCL_KEY_COUNT;
}

void vcl_schema_read_keywords(const cJSON *json,
                              vcl_schema_draft draft,
                              const cJSON *out_values[VCL_KEY_COUNT])
{
    memset(out_values, 0, VCL_KEY_COUNT * sizeof(out_values[0]));
    for (const cJSON *member = json->child; member; member = member->next) {
        vcl_schema_word word = vcl_schema_find_keyword(member->string);
        if (word != VCL_KEY_COUNT && vcl_schema_keywords[word].drafts & draft)
            out_values[word] = member;
    }
}

static bool is_number(const cJSON *value)
{
    return cJSON_IsNumber(value) || cJSON_IsRaw(value);
}

/* How a number compares with zero; a number beyond all limits counts as less. */
static int sign_of(const cJSON *number)
{
    const cJSON zero = { .type = cJSON_Number };
    int order;

    return vcl_schema_compare(number, &zero, &order) ? order : -1;
}

static const char *strings_problem(const cJSON *value, vcl_schema_draft draft)
{
    static const char problem[] = "an array of different strings";
    const cJSON *item;
    size_t first;
    size_t second;

    if (!cJSON_IsArray(value) || (draft == VCL_DRAFT_4 && !value->child))
        return problem;
    cJSON_ArrayForEach (item, value) {
        if (!cJSON_IsString(item))
            return problem;
    }
    return vcl_schema_find_equal(value, &first, &second) > 0 ? problem : NULL;
}

static const char *strings_map_problem(const cJSON *value, bool schemas, vcl_schema_draft draft)
{
    const cJSON *member;

    if (!cJSON_IsObject(value))
        return "an object of arrays of strings";
    cJSON_ArrayForEach (member, value) {
        bool schema = schemas && !cJSON_IsArray(member);
        if (!schema && strings_problem(member, draft))
            return "an object of arrays of different strings";
    }
    return NULL;
}

static const char *type_problem(const cJSON *value)
{
    static const char problem[] = "one or several of array, boolean, integer, null, number, "
                                  "object and string";
    const cJSON *item;

    if (cJSON_IsString(value))
        return vcl_schema_types_named(value) ? NULL : problem;
    if (!value->child || strings_problem(value, VCL_DRAFT_2020))
        return problem;
    cJSON_ArrayForEach (item, value) {
        if (!vcl_schema_types_named(item))
            return problem;
    }
    return NULL;
}

static const char *enum_problem(const cJSON *value, vcl_schema_draft draft)
{
    size_t first;
    size_t second;

    if (!cJSON_IsArray(value))
        return "an array";
    if (draft & SINCE_2019)
        return NULL;
    if (!value->child || vcl_schema_find_equal(value, &first, &second) > 0)
        return "an array of one or more different values";
    return NULL;
}

static const char *limit_problem(const cJSON *value, vcl_schema_draft draft)
{
    if (draft == VCL_DRAFT_4)
        return cJSON_IsBool(value) ? NULL : "true or false";
    return is_number(value) ? NULL : "a number";
}

static const char *anchor_problem(const cJSON *value, vcl_schema_draft draft)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const char others[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789-._:";
    const char *text = value->valuestring;
    bool colon = draft == VCL_DRAFT_2019;

    if (!cJSON_IsString(value) || !*text || text[strspn(text, others)])
        return "a name that begins with a letter";
    if (!strchr(letters, *text) && (colon || *text != '_'))
        return "a name that begins with a letter";
    return colon || !strchr(text, ':') ? NULL : "a name without ':'";
}

static const char *format_problem(const cJSON *value, const char *format, const char *problem)
{
    if (!cJSON_IsString(value))
        return problem;
    return vcl_schema_has_format(format, value->valuestring, NULL) > 0 ? NULL : problem;
}

static const char *reference_problem(const cJSON *value, bool id, vcl_schema_draft draft)
{
    if (draft == VCL_DRAFT_4)
        return cJSON_IsString(value) ? NULL : "a string";

    const char *problem = format_problem(value, "uri-reference", "a reference (URI)");
    if (problem || !id || !(draft & SINCE_2019))
        return problem;
    const char *fragment = strchr(value->valuestring, '#');
    return fragment && fragment[1] ? "a URI without a fragment" : NULL;
}

static const char *vocabulary_problem(const cJSON *value)
{
    const cJSON *member;

    if (!cJSON_IsObject(value))
        return "an object";
    cJSON_ArrayForEach (member, value) {
        if (!cJSON_IsBool(member) || vcl_schema_has_format("uri", member->string, NULL) < 1)
            return "an object of URIs with true or false";
    }
    return NULL;
}

static const char *schemas_problem(const cJSON *value)
{
    return cJSON_IsArray(value) && value->child ? NULL : "an array of one or more schemas";
}

const char *vcl_schema_problem(vcl_schema_word word, const cJSON *value, vcl_schema_draft draft)
{
    switch (vcl_schema_keywords[word].value) {
    case VCL_VALUE_STRING:
    case VCL_VALUE_REGEX:
        return cJSON_IsString(value) ? NULL : "a string";
    case VCL_VALUE_BOOLEAN:
        return cJSON_IsBool(value) ? NULL : "true or false";
    case VCL_VALUE_NUMBER:
        return is_number(value) ? NULL : "a number";
    case VCL_VALUE_POSITIVE:
        return is_number(value) && sign_of(value) > 0 ? NULL : "a number above 0";
    case VCL_VALUE_LIMIT:
        return limit_problem(value, draft);
    case VCL_VALUE_COUNT:
        return is_number(value) && vcl_schema_is_integer(value) && sign_of(value) >= 0
                   ? NULL
                   : "an integer from 0";
    case VCL_VALUE_URI:
        return format_problem(value, "uri", "a URI");
    case VCL_VALUE_REFERENCE:
    case VCL_VALUE_ID:
        return reference_problem(value, vcl_schema_keywords[word].value == VCL_VALUE_ID, draft);
    case VCL_VALUE_ANCHOR:
        return anchor_problem(value, draft);
    case VCL_VALUE_TYPE:
        return type_problem(value);
    case VCL_VALUE_ENUM:
        return enum_problem(value, draft);
    case VCL_VALUE_ARRAY:
        return cJSON_IsArray(value) ? NULL : "an array";
    case VCL_VALUE_STRINGS:
        return strings_problem(value, draft);
    case VCL_VALUE_STRINGS_MAP:
        return strings_map_problem(value, false, draft);
    case VCL_VALUE_DEPENDENCIES:
        return strings_map_problem(value, true, draft);
    case VCL_VALUE_VOCABULARY:
        return vocabulary_problem(value);
    case VCL_VALUE_SCHEMAS:
        return schemas_problem(value);
    case VCL_VALUE_ITEMS:
        return cJSON_IsArray(value) && draft != VCL_DRAFT_2020 ? schemas_problem(value) : NULL;
    case VCL_VALUE_SCHEMA_MAP:
    case VCL_VALUE_PATTERN_MAP:
        return cJSON_IsObject(value) ? NULL : "an object of schemas";
    default:
        return NULL;
    }
}
