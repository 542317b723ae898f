/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as templates see them. Besides its kind each has the name of its Go type, because that
 * name is visible (typeOf, error messages) and decides a few rules: what a missing key of a map
 * gives, what can be passed to which function. Strings, lists and maps live in an arena; maps are
 * sorted by key and shared, so that `set` is seen by everybody who holds the map.
 */
#ifndef VCL_CHART_TEMPLATE_VALUE_H
#define VCL_CHART_TEMPLATE_VALUE_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "chart/template/arena.h"

/* Bytes, not always NUL-terminated. */
typedef struct vcl_tpl_text {
    const char *data;
    size_t size;
} vcl_tpl_text;

typedef enum vcl_tpl_kind {
    VCL_TPL_NIL,
    VCL_TPL_BOOL,
    VCL_TPL_INT,
    VCL_TPL_FLOAT,
    VCL_TPL_STRING,
    VCL_TPL_LIST,
    VCL_TPL_MAP, /* and structs */
} vcl_tpl_kind;

typedef enum vcl_tpl_type {
    VCL_TPL_T_NIL,
    VCL_TPL_T_BOOL,
    VCL_TPL_T_INT,
    VCL_TPL_T_INT64,
    VCL_TPL_T_UINT8,
    VCL_TPL_T_UINT64,
    VCL_TPL_T_FLOAT64,
    VCL_TPL_T_STRING,
    VCL_TPL_T_BYTES, /* []uint8, kept as a string */
    VCL_TPL_T_LIST,  /* []interface {} */
    VCL_TPL_T_STRINGS,
    VCL_TPL_T_INTS,
    VCL_TPL_T_LISTS,
    VCL_TPL_T_MAPS, /* []map[string]interface {} */
    VCL_TPL_T_VERSION_SET,
    VCL_TPL_T_MAP,        /* map[string]interface {} */
    VCL_TPL_T_STRING_MAP, /* map[string]string */
    VCL_TPL_T_VALUES,
    VCL_TPL_T_FILES,
    VCL_TPL_T_CHART,
    VCL_TPL_T_CAPABILITIES,
    VCL_TPL_T_KUBE_VERSION,
    VCL_TPL_T_HELM_VERSION,
    VCL_TPL_T_DEPENDENCY,
    VCL_TPL_T_MAINTAINER,
    VCL_TPL_T_CERTIFICATE,
    VCL_TPL_T_SEMVER,       /* a pointer to a version; its fields are hidden */
    VCL_TPL_T_SEMVER_VALUE, /* the version itself, which has fewer methods */
    VCL_TPL_T_TIME,
    VCL_TPL_T_DURATION, /* these three are integers that print as text */
    VCL_TPL_T_MONTH,
    VCL_TPL_T_WEEKDAY,
    VCL_TPL_TYPE_COUNT
} vcl_tpl_type;

typedef struct vcl_tpl_list vcl_tpl_list;
typedef struct vcl_tpl_map vcl_tpl_map;

typedef struct vcl_tpl_value {
    uint8_t kind; /* vcl_tpl_kind */
    uint8_t type; /* vcl_tpl_type */
    bool boxed;   /* held in an interface {}, as the elements of untyped lists and maps are */
    union {
        bool boolean;
        int64_t integer;
        double number;
        vcl_tpl_text text;
        vcl_tpl_list *list; /* NULL: a nil slice */
        vcl_tpl_map *map;   /* NULL: a nil map */
    };
} vcl_tpl_value;

struct vcl_tpl_list {
    size_t count;
    vcl_tpl_value items[];
};

typedef struct vcl_tpl_entry {
    vcl_tpl_text key;
    vcl_tpl_value value;
} vcl_tpl_entry;

struct vcl_tpl_map {
    vcl_tpl_entry *entries; /* sorted by key */
    size_t count;
    size_t capacity;
};

/* What is known of a type. */
typedef struct vcl_tpl_type_info {
    const char *name; /* "map[string]interface {}" */
    const char *kind; /* "map" */
    bool is_struct;
} vcl_tpl_type_info;

/* The hidden field with the text that stands for a whole struct. */
#define VCL_TPL_TEXT_FIELD " text"
/* The same for JSON, where it is another text. */
#define VCL_TPL_JSON_FIELD " json"

const vcl_tpl_type_info *vcl_tpl_type_of(const vcl_tpl_value *value);

bool vcl_tpl_text_equal(vcl_tpl_text a, vcl_tpl_text b);
int vcl_tpl_text_compare(vcl_tpl_text a, vcl_tpl_text b);
bool vcl_tpl_text_is(vcl_tpl_text text, const char *literal);
vcl_tpl_text vcl_tpl_literal(const char *text);

/* Makers. */
static inline vcl_tpl_value vcl_tpl_nil(void)
{
    return (vcl_tpl_value){ .kind = VCL_TPL_NIL };
}
vcl_tpl_value vcl_tpl_bool(bool value);
vcl_tpl_value vcl_tpl_int(int64_t value);
vcl_tpl_value vcl_tpl_int64(int64_t value);
vcl_tpl_value vcl_tpl_float(double value);
vcl_tpl_value vcl_tpl_string(vcl_tpl_text text);
/* A borrowed C string. */
vcl_tpl_value vcl_tpl_cstring(const char *text);
vcl_tpl_value vcl_tpl_list_value(vcl_tpl_list *list, vcl_tpl_type type);
vcl_tpl_value vcl_tpl_map_value(vcl_tpl_map *map, vcl_tpl_type type);

/* A list of count nils; NULL when memory is short. */
vcl_tpl_list *vcl_tpl_list_new(vcl_arena *arena, size_t count);
size_t vcl_tpl_list_size(const vcl_tpl_value *value);
/* Element of a list, boxed when the list is an untyped one. */
vcl_tpl_value vcl_tpl_list_at(const vcl_tpl_value *value, size_t index);

vcl_tpl_map *vcl_tpl_map_new(vcl_arena *arena);
/* An empty map with room for so many entries. */
vcl_tpl_map *vcl_tpl_map_new_for(vcl_arena *arena, size_t capacity);
size_t vcl_tpl_map_size(const vcl_tpl_value *value);
const vcl_tpl_value *vcl_tpl_map_get(const vcl_tpl_map *map, vcl_tpl_text key);
/* Set a key; the text of the key is borrowed. False when memory is short. */
bool vcl_tpl_map_set(vcl_arena *arena, vcl_tpl_map *map, vcl_tpl_text key, vcl_tpl_value value);
bool vcl_tpl_map_set_literal(vcl_arena *arena,
                             vcl_tpl_map *map,
                             const char *key,
                             vcl_tpl_value value);
void vcl_tpl_map_remove(vcl_tpl_map *map, vcl_tpl_text key);
/* What a key that is not there gives: the zero value of the element type. */
vcl_tpl_value vcl_tpl_map_missing(vcl_tpl_type type);
/* Entry number index, its value boxed when the map is an untyped one. */
vcl_tpl_value vcl_tpl_map_at(const vcl_tpl_value *value, size_t index);

/* Truth as `if` sees it: false, 0, nil and everything empty are false; structs are true. */
bool vcl_tpl_truth(const vcl_tpl_value *value);
/* The text that a struct is printed and written to documents as (a version), or NULL. */
const vcl_tpl_value *vcl_tpl_text_form(const vcl_tpl_value *value);
const vcl_tpl_value *vcl_tpl_json_form(const vcl_tpl_value *value);
/* Sprig's empty(): the same. */
bool vcl_tpl_empty(const vcl_tpl_value *value);
/* reflect.DeepEqual: types count. */
bool vcl_tpl_deep_equal(const vcl_tpl_value *a, const vcl_tpl_value *b);
/* A copy that shares no map or list. False: memory, or (then out_unfit is set) too large or nested
 * too deep. */
bool vcl_tpl_deep_copy(vcl_arena *arena,
                       const vcl_tpl_value *value,
                       vcl_tpl_value *out_copy,
                       bool *out_unfit);

/* From a JSON tree: numbers become float64. False when memory is short or it is nested too deep. */
bool vcl_tpl_from_json(vcl_arena *arena, const cJSON *node, vcl_tpl_value *out_value);
/* To a JSON tree as encoding/json would see the value. NULL: memory, or (then out_unfit is set) a
 * NaN, a NUL in a text, too large or nested too deep. */
cJSON *vcl_tpl_to_json(const vcl_tpl_value *value, bool *out_unfit);

/* Maximum nesting of values that are copied, compared, printed or converted. */
enum { VCL_TPL_MAX_NESTING = 200 };

#endif
