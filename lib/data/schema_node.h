/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiled JSON Schema, shared by the schema*.c files and nobody else. The text of the schema is
 * read into a tree; each place of it that is a schema and that validation can reach becomes a node
 * with its keywords resolved: references to nodes, names to a sorted table, patterns to regular
 * expressions. All of it lives in blocks of memory that go with the schema.
 *
 * What is accepted follows Helm 3.21, whose validator is santhosh-tekuri/jsonschema 6.0.
 */
#ifndef VCL_DATA_SCHEMA_NODE_H
#define VCL_DATA_SCHEMA_NODE_H

#include "data/regex.h"
#include "data/schema.h"
#include "data/schema_keyword.h"
#include "data/schema_map.h"

/* Sets of JSON types, in the order of vcl_schema_type_names. */
enum {
    VCL_TYPE_NULL = 1 << 0,
    VCL_TYPE_BOOLEAN = 1 << 1,
    VCL_TYPE_INTEGER = 1 << 2,
    VCL_TYPE_NUMBER = 1 << 3,
    VCL_TYPE_STRING = 1 << 4,
    VCL_TYPE_ARRAY = 1 << 5,
    VCL_TYPE_OBJECT = 1 << 6
};

/* The address of a schema that has none of its own: Helm's. */
#define VCL_SCHEMA_ROOT_URL "file:///values.schema.json"

typedef struct vcl_schema_node vcl_schema_node;

/* What is behind one $id: references and anchors are relative to it. */
typedef struct vcl_schema_resource {
    cJSON *json;
    const char *url;
    vcl_schema_draft draft;
} vcl_schema_resource;

/* What is known of one place in the tree. */
typedef struct vcl_schema_place {
    const vcl_schema_resource *resource; /* of this schema and what is in it */
    vcl_schema_node *node;               /* NULL until somebody needs it */
    bool begins;                         /* the resource begins here */
    bool checked;                        /* it was looked at as a schema */
} vcl_schema_place;

typedef struct vcl_schema_list {
    const vcl_schema_node **nodes;
    size_t count;
} vcl_schema_list;

/* Everything that a schema says about one member of an object. */
typedef struct vcl_schema_name {
    const char *name;
    const vcl_schema_node *property;
    const vcl_schema_node *dependent[2]; /* dependencies, dependentSchemas */
    const cJSON *needs[2];               /* the names in dependencies, dependentRequired */
    bool required;
} vcl_schema_name;

typedef struct vcl_schema_pattern {
    const vcl_regex *regex;
    const vcl_schema_node *node;
} vcl_schema_pattern;

typedef struct vcl_schema_object {
    vcl_schema_name *names; /* sorted */
    size_t name_count;
    bool needs; /* some name is required, or needs others */
    vcl_schema_pattern *patterns;
    size_t pattern_count;
    const vcl_schema_node *additional;
    const vcl_schema_node *property_names;
    const vcl_schema_node *unevaluated;
    int64_t min;
    int64_t max; /* -1: none */
} vcl_schema_object;

typedef struct vcl_schema_array {
    vcl_schema_list prefix;
    const vcl_schema_node *rest;
    const char *rest_keyword;
    const vcl_schema_node *contains;
    const vcl_schema_node *unevaluated;
    int64_t min;
    int64_t max;
    int64_t min_contains;
    int64_t max_contains;
    bool unique;
} vcl_schema_array;

/* Keywords for strings and numbers. */
typedef struct vcl_schema_scalar {
    int64_t min_length;
    int64_t max_length;
    const vcl_regex *regex;
    const char *pattern;
    const cJSON *minimum;
    const cJSON *maximum;
    const cJSON *exclusive_minimum;
    const cJSON *exclusive_maximum;
    const cJSON *multiple_of;
} vcl_schema_scalar;

typedef enum vcl_schema_kind {
    VCL_SCHEMA_KEYWORDS, /* an object */
    VCL_SCHEMA_ANYTHING, /* true, {} */
    VCL_SCHEMA_NOTHING   /* false */
} vcl_schema_kind;

struct vcl_schema_node {
    const cJSON *json;
    vcl_schema_node *next; /* in the order in which they were found */
    vcl_schema_kind kind;
    vcl_schema_draft draft;
    unsigned types; /* 0: any */
    const cJSON *constant;
    const cJSON *values; /* enum */
    unsigned value_types;
    const char *format; /* NULL where formats are notes only */
    const vcl_schema_node *ref;
    vcl_schema_list all_of;
    vcl_schema_list any_of;
    vcl_schema_list one_of;
    const vcl_schema_node *never; /* not */
    const vcl_schema_node *condition;
    const vcl_schema_node *then;
    const vcl_schema_node *otherwise;
    vcl_schema_object *object; /* NULL: no keyword of that kind */
    vcl_schema_array *array;
    vcl_schema_scalar *scalar;
};

struct vcl_schema {
    cJSON *json;
    vcl_schema_node *root;
    struct vcl_schema_block *blocks;
    vcl_schema_map places;    /* by node of the tree: vcl_schema_place */
    vcl_schema_map resources; /* by URL: vcl_schema_resource; by URL#anchor: the tree's node */
    vcl_schema_map patterns;  /* by text: vcl_regex */
};

/* The state of a compilation. */
typedef struct vcl_schema_compiler {
    vcl_schema *schema;
    vcl_schema_node *last;  /* of the queue that begins at schema->root */
    vcl_schema_map indexes; /* by object of the tree: vcl_schema_map of its members */
    int64_t steps;
    int lenient; /* > 0: wrong keywords do not matter, ids and anchors do */
    vcluster_error **error;
} vcl_schema_compiler;

/* Zeroed memory that lives as long as the schema; NULL when memory is short. */
void *vcl_schema_alloc(vcl_schema *schema, size_t size);
char *vcl_schema_copy(vcl_schema *schema, const char *text);

/* What is known of a place, made when it is new. NULL when memory is short. */
vcl_schema_place *vcl_schema_place_of(vcl_schema *schema, const cJSON *json);

/* Fail with a place in the schema, a problem and what follows it in the message. */
int vcl_schema_fail(vcl_schema_compiler *compiler,
                    int status,
                    const cJSON *place,
                    const char *problem,
                    const char *detail);

/* Look at a place as a schema, with everything in it: refuse keywords with values of the wrong
 * kind, learn ids and anchors, compile patterns. */
int vcl_schema_check(vcl_schema_compiler *compiler,
                     cJSON *json,
                     const vcl_schema_resource *resource);
/* Note the id and the anchors of a schema; gives the resource that it belongs to. */
int vcl_schema_learn(vcl_schema_compiler *compiler,
                     cJSON *json,
                     const vcl_schema_resource *outer,
                     const vcl_schema_resource **out_resource);
/* The compiled form of a pattern, which stands at a place in the schema. */
int vcl_schema_regex(vcl_schema_compiler *compiler,
                     const cJSON *json,
                     const char *pattern,
                     const vcl_regex **out);

/* Find what a reference (the value of "$ref") leads to; *out_json is NULL for one that accepts
 * anything. */
int vcl_schema_resolve(vcl_schema_compiler *compiler,
                       const cJSON *json,
                       const vcl_schema_resource *from,
                       cJSON **out_json,
                       const vcl_schema_resource **out_resource);
void vcl_schema_forget_indexes(vcl_schema_compiler *compiler);

/* Make nodes of a schema that was checked, and of all that it leads to. */
int vcl_schema_build(vcl_schema_compiler *compiler, const cJSON *json);
/* The node of a place; its keywords follow later. NULL when memory is short. */
const vcl_schema_node *vcl_schema_node_of(vcl_schema_compiler *compiler, const cJSON *json);
/* The value of a keyword that is an integer from 0; -1 where it is missing. */
int64_t vcl_schema_count_of(const cJSON *number);
/* The keywords for objects. */
int vcl_schema_build_object(vcl_schema_compiler *compiler,
                            vcl_schema_node *node,
                            const cJSON *const *keywords);

/* The set of types that a value has, or that "type" names. */
unsigned vcl_schema_type_of(const cJSON *value);
unsigned vcl_schema_types_named(const cJSON *type);

/* Equality as JSON Schema means it: 1 equals 1.0, the order of keys does not matter. */
bool vcl_schema_equal(const cJSON *a, const cJSON *b);
/* 1 and the first two equal items, 0, or NO_MEMORY. */
int vcl_schema_find_equal(const cJSON *array, size_t *out_first, size_t *out_second);

/* Numbers, exact whatever their digits. */
bool vcl_schema_is_integer(const cJSON *number);
bool vcl_schema_numbers_equal(const cJSON *a, const cJSON *b);
uint64_t vcl_schema_number_hash(const cJSON *number);
/* False when the numbers have more digits than the limit. */
bool vcl_schema_compare(const cJSON *a, const cJSON *b, int *out_order);
bool vcl_schema_is_multiple(const cJSON *number, const cJSON *divisor, bool *out_multiple);

/* Whether text has a format: 1, 0, or CONFIG for a regular expression beyond the limits. Formats
 * that are not known accept everything. */
int vcl_schema_has_format(const char *format, const char *text, vcluster_error **error);

#endif
