/* SPDX-License-Identifier: Apache-2.0 */
/* What values_set.c and values_path.c have in common. */
#ifndef VCL_DATA_VALUES_PRIVATE_H
#define VCL_DATA_VALUES_PRIVATE_H

#include "data/values.h"

enum {
    VCL_SET_MAX_STEPS = 64,
    VCL_SET_MAX_NAMES = 30, /* inside each other: Helm's limit */
    VCL_SET_MAX_INDEX = 65536,
    VCL_SET_MAX_EXPRESSION = 1 << 20,
    VCL_SET_MAX_SHOWN = 200,
};

/* The node for the text of a value; NULL when memory is short. */
cJSON *vcl_set_typed(const char *text, vcl_set_mode mode);
/* A copy of a document, which must be a map or null, to work on. */
int vcl_set_start(const cJSON *values, cJSON **out_copy, vcluster_error **error);
/* The size of the JSON value at the start of a text, 0 when there is none. */
size_t vcl_set_json_size(const char *text);
/* The text of a file as a node; NOT_FOUND, INVALID_ARGUMENT. */
int vcl_set_read_file(const char *path, cJSON **out_value, vcluster_error **error);

#endif
