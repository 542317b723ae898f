/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text and trees. The tree is cJSON's; reading and printing are ours, because cJSON loses
 * digits of large numbers, cuts strings at \u0000, ignores the case of keys and has no limit but
 * depth. A number that a double would not print again as written (9007199254740993, 1e400) becomes
 * a cJSON_Raw node with its text; every other number is a cJSON_Number. Never call cJSON's own
 * parse, print, compare or case-insensitive functions.
 */
#ifndef VCL_DATA_JSON_H
#define VCL_DATA_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* A bit of the type of a number: an integer of --set, which templates see as int64, where numbers
 * of documents are float64. Copies keep it, texts do not. */
enum { VCL_JSON_INT64 = 1 << 17 };
/* A bit of the type of an object: its members stay in their order where others are sorted (it was a
 * struct in Go). */
enum { VCL_JSON_ORDERED = 1 << 18 };

/* cJSON trees that free themselves: VCL_AUTO_JSON *tree = NULL; */
static inline void vcl_cleanup_json(cJSON **tree)
{
    cJSON_Delete(*tree);
}
#define VCL_AUTO_JSON __attribute__((cleanup(vcl_cleanup_json))) cJSON

/* Read one JSON value; white space around it is allowed, anything else behind it is not. Limits:
 * VCL_MAX_JSON_DEPTH, VCL_MAX_JSON_NODES. Duplicate keys: the last wins. Invalid UTF-8 and \u0000
 * are errors. Fails with PROTOCOL and line:column. Strings of the tree can hold secrets: use
 * vcl_json_free_secret() for those that do. */
int vcl_json_parse(const char *text, size_t size, cJSON **out_tree, vcluster_error **error);
/* Whether that would succeed but for memory: json_check.c. */
bool vcl_json_is_valid(const char *text, size_t size);

/* Print compactly, keys in the order of the tree; NULL when memory is short. HTML characters are
 * not escaped. Integers below 1e21 never get an exponent. */
char *vcl_json_print(const cJSON *tree);
/* The same with keys sorted bytewise and <>& escaped as Go's encoding/json does (Helm's toJson). */
char *vcl_json_print_go(const cJSON *tree);
/* As vcl_json_print_go(), with two spaces of indent a level (Helm's toPrettyJson). */
char *vcl_json_print_pretty(const cJSON *tree);

/* Wipe all strings of a tree, then delete it. */
void vcl_json_free_secret(cJSON *tree);

/* Deep copy; NULL when memory is short. */
cJSON *vcl_json_copy(const cJSON *tree);

/* Member of an object, exact case; NULL when there is none or node is no object. */
cJSON *vcl_json_get(const cJSON *node, const char *key);
/* Walk several keys down: vcl_json_find(pod, "status", "phase", NULL). */
cJSON *vcl_json_find(const cJSON *node, const char *key, ...) __attribute__((sentinel));
/* The same, ending in a string (borrowed, NULL if it is none), an integer or a boolean. */
const char *vcl_json_find_string(const cJSON *node, const char *key, ...) __attribute__((sentinel));
int64_t vcl_json_find_int(const cJSON *node, int64_t otherwise, const char *key, ...)
    __attribute__((sentinel));
bool vcl_json_find_bool(const cJSON *node, bool otherwise, const char *key, ...)
    __attribute__((sentinel));

/* The value of an integer node (number or raw); false when it is none or does not fit. */
bool vcl_json_to_int(const cJSON *node, int64_t *out_value);

/* Set a member, replacing one of that name (in its place). value is owned by the object from now
 * on, and freed when memory is short (returns false); a NULL value is such a failure. */
bool vcl_json_set(cJSON *object, const char *key, cJSON *value);
bool vcl_json_set_string(cJSON *object, const char *key, const char *value);
/* An integer that keeps all its digits. */
bool vcl_json_set_int(cJSON *object, const char *key, int64_t value);
cJSON *vcl_json_new_int(int64_t value);
/* Append to an array; value as in vcl_json_set(). */
bool vcl_json_append(cJSON *array, cJSON *value);
/* The object member of that name, made when it is missing or no object; NULL: memory is short. */
cJSON *vcl_json_object(cJSON *object, const char *key);
/* Remove and free a member, if there is one. */
void vcl_json_remove(cJSON *object, const char *key);
/* Detach the member that keys, up to a NULL, lead to, and remove the maps that are empty without
 * it; NULL when there is none. */
cJSON *vcl_json_take(cJSON *object, const char *const *path);

/* Let two values change places; each keeps its key and its place in its own tree. */
void vcl_json_exchange(cJSON *a, cJSON *b);

/* Whether two trees are equal; the order of keys does not matter, 1 equals 1.0. */
bool vcl_json_equal(const cJSON *a, const cJSON *b);

#endif
