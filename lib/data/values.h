/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values documents: merging as Helm merges them, JSON merge patches, and Helm's --set grammar.
 */
#ifndef VCL_DATA_VALUES_H
#define VCL_DATA_VALUES_H

#include "base/buf.h"
#include "data/json.h"

/* Merge `over` into `base`: maps key by key, everything else replaces; nulls are kept. (Several
 * values files.) */
int vcl_values_merge(cJSON *base, const cJSON *over, vcluster_error **error);

/* Lay the user's values over a chart's defaults as Helm coalesces them: a user's null deletes a
 * non-null default; a table is never overwritten by a default that is none. The result is new. */
int vcl_values_coalesce(const cJSON *defaults,
                        const cJSON *user,
                        cJSON **out_values,
                        vcluster_error **error);

/* The user's values that, laid over the defaults, give these values: to be freed as a secret. */
int vcl_values_difference(const cJSON *values,
                          const cJSON *defaults,
                          cJSON **out_user,
                          vcluster_error **error);

/* How the text of a value becomes a node. */
typedef enum vcl_set_mode {
    VCL_SET_TYPED,   /* --set: true, false, null and integers are themselves */
    VCL_SET_STRING,  /* --set-string: always text */
    VCL_SET_JSON,    /* --set-json */
    VCL_SET_FILE,    /* --set-file: the value is the name of a file, whose text is set */
    VCL_SET_LITERAL, /* --set-literal: the rest of the expression is the text */
} vcl_set_mode;

/* Apply "a.b=1,c[0]={x,y}" to an object. INVALID_ARGUMENT names the position. */
int vcl_values_set_expression(cJSON *values,
                              const char *expression,
                              vcl_set_mode mode,
                              vcluster_error **error);
/* Set one path to one value, whatever characters the value has. */
int vcl_values_set(
    cJSON *values, const char *path, const char *value, vcl_set_mode mode, vcluster_error **error);
/* Append a key to a path, with a backslash in front of what would end it. */
void vcl_values_add_key(vcl_buf *path, const char *key);
/* The node at a path, or NULL; INVALID_ARGUMENT for a path that cannot be read. */
int vcl_values_get(const cJSON *values,
                   const char *path,
                   const cJSON **out_node,
                   vcluster_error **error);

/* Take out of something's member "values" that a policy of the chart is on, if they say so: whether
 * it was. What is off stays, being the user's word. */
bool vcl_values_take_switch(cJSON *holder, const char *policy);

#endif
