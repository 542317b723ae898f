/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keywords of JSON Schema: which drafts know them, and what kind of value they take.
 */
#ifndef VCL_DATA_SCHEMA_KEYWORD_H
#define VCL_DATA_SCHEMA_KEYWORD_H

#include "data/json.h"

/* Bits, so that a keyword can belong to several. */
typedef enum vcl_schema_draft {
    VCL_DRAFT_4 = 1 << 0,
    VCL_DRAFT_6 = 1 << 1,
    VCL_DRAFT_7 = 1 << 2,
    VCL_DRAFT_2019 = 1 << 3,
    VCL_DRAFT_2020 = 1 << 4
} vcl_schema_draft;

/* In the order of the table in schema_keyword.c, which is sorted by name. */
typedef enum vcl_schema_word {
    VCL_KEY_ANCHOR,
    VCL_KEY_COMMENT,
    VCL_KEY_DEFS,
    VCL_KEY_DYNAMIC_ANCHOR,
    VCL_KEY_DYNAMIC_REF,
    VCL_KEY_ID,
    VCL_KEY_RECURSIVE_ANCHOR,
    VCL_KEY_RECURSIVE_REF,
    VCL_KEY_REF,
    VCL_KEY_SCHEMA,
    VCL_KEY_VOCABULARY,
    VCL_KEY_ADDITIONAL_ITEMS,
    VCL_KEY_ADDITIONAL_PROPERTIES,
    VCL_KEY_ALL_OF,
    VCL_KEY_ANY_OF,
    VCL_KEY_CONST,
    VCL_KEY_CONTAINS,
    VCL_KEY_CONTENT_ENCODING,
    VCL_KEY_CONTENT_MEDIA_TYPE,
    VCL_KEY_CONTENT_SCHEMA,
    VCL_KEY_DEFINITIONS,
    VCL_KEY_DEPENDENCIES,
    VCL_KEY_DEPENDENT_REQUIRED,
    VCL_KEY_DEPENDENT_SCHEMAS,
    VCL_KEY_DEPRECATED,
    VCL_KEY_DESCRIPTION,
    VCL_KEY_ELSE,
    VCL_KEY_ENUM,
    VCL_KEY_EXAMPLES,
    VCL_KEY_EXCLUSIVE_MAXIMUM,
    VCL_KEY_EXCLUSIVE_MINIMUM,
    VCL_KEY_FORMAT,
    VCL_KEY_OLD_ID,
    VCL_KEY_IF,
    VCL_KEY_ITEMS,
    VCL_KEY_MAX_CONTAINS,
    VCL_KEY_MAX_ITEMS,
    VCL_KEY_MAX_LENGTH,
    VCL_KEY_MAX_PROPERTIES,
    VCL_KEY_MAXIMUM,
    VCL_KEY_MIN_CONTAINS,
    VCL_KEY_MIN_ITEMS,
    VCL_KEY_MIN_LENGTH,
    VCL_KEY_MIN_PROPERTIES,
    VCL_KEY_MINIMUM,
    VCL_KEY_MULTIPLE_OF,
    VCL_KEY_NOT,
    VCL_KEY_ONE_OF,
    VCL_KEY_PATTERN,
    VCL_KEY_PATTERN_PROPERTIES,
    VCL_KEY_PREFIX_ITEMS,
    VCL_KEY_PROPERTIES,
    VCL_KEY_PROPERTY_NAMES,
    VCL_KEY_READ_ONLY,
    VCL_KEY_REQUIRED,
    VCL_KEY_THEN,
    VCL_KEY_TITLE,
    VCL_KEY_TYPE,
    VCL_KEY_UNEVALUATED_ITEMS,
    VCL_KEY_UNEVALUATED_PROPERTIES,
    VCL_KEY_UNIQUE_ITEMS,
    VCL_KEY_WRITE_ONLY,
    VCL_KEY_COUNT
} vcl_schema_word;

/* What the value of a keyword must be. */
typedef enum vcl_schema_value {
    VCL_VALUE_ANY,
    VCL_VALUE_STRING,
    VCL_VALUE_BOOLEAN,
    VCL_VALUE_NUMBER,
    VCL_VALUE_POSITIVE,
    VCL_VALUE_LIMIT, /* a number; in draft 4 whether another limit is exclusive */
    VCL_VALUE_COUNT, /* an integer from 0 */
    VCL_VALUE_URI,
    VCL_VALUE_REFERENCE,
    VCL_VALUE_ID, /* a reference; since 2019-09 without a fragment */
    VCL_VALUE_ANCHOR,
    VCL_VALUE_REGEX,
    VCL_VALUE_TYPE,
    VCL_VALUE_ENUM,
    VCL_VALUE_ARRAY,
    VCL_VALUE_STRINGS,
    VCL_VALUE_STRINGS_MAP,
    VCL_VALUE_VOCABULARY,
    VCL_VALUE_SCHEMA,
    VCL_VALUE_ADDITIONAL, /* a schema; in draft 4 a boolean as well */
    VCL_VALUE_SCHEMAS,
    VCL_VALUE_ITEMS, /* a schema or an array of them; only a schema since 2020-12 */
    VCL_VALUE_SCHEMA_MAP,
    VCL_VALUE_PATTERN_MAP,
    VCL_VALUE_DEPENDENCIES /* a map of schemas and arrays of strings */
} vcl_schema_value;

typedef struct vcl_schema_keyword {
    const char *name;
    vcl_schema_value value;
    unsigned drafts; /* that know it */
} vcl_schema_keyword;

extern const vcl_schema_keyword vcl_schema_keywords[VCL_KEY_COUNT];

/* The keyword of that name, or VCL_KEY_COUNT. */
vcl_schema_word vcl_schema_find_keyword(const char *name);

/* The values of a schema's keywords, NULL for those that it does not have or that its draft does
 * not know. */
void vcl_schema_read_keywords(const cJSON *json,
                              vcl_schema_draft draft,
                              const cJSON *out_values[VCL_KEY_COUNT]);

/* What the value of a keyword must be where it is not; NULL when it is fine. Schemas and regular
 * expressions inside the value are not looked at. */
const char *vcl_schema_problem(vcl_schema_word word, const cJSON *value, vcl_schema_draft draft);

#endif
