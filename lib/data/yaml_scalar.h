/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plain YAML 1.1 scalar means, as go-yaml v2 resolves it. Private to the data layer: the
 * reader asks for the value, the printer whether a text must be quoted.
 */
#ifndef VCL_DATA_YAML_SCALAR_H
#define VCL_DATA_YAML_SCALAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum vcl_yaml_kind {
    VCL_YAML_TEXT,
    VCL_YAML_NULL,
    VCL_YAML_BOOL,
    VCL_YAML_INT,
    VCL_YAML_FLOAT, /* also .inf and .nan */
    VCL_YAML_TIME   /* only of interest to the printer: it is read as a text */
} vcl_yaml_kind;

typedef struct vcl_yaml_value {
    vcl_yaml_kind kind;
    bool truth;         /* VCL_YAML_BOOL */
    bool negative;      /* VCL_YAML_INT */
    uint64_t magnitude; /* VCL_YAML_INT */
    double number;      /* VCL_YAML_INT and VCL_YAML_FLOAT */
} vcl_yaml_value;

void vcl_yaml_resolve(const char *text, vcl_yaml_value *out_value);

/* Whether text looks like 1:30, a number to the base of 60: a text for us, but quoted for others.
 */
bool vcl_yaml_is_base60(const char *text);

/* Order of map keys when they are printed: letters behind everything else, runs of digits as
 * numbers. Takes code points. letters_behind_digits: go-yaml v3, to which a letter that follows the
 * same digits comes before anything else (1a < 1-). */
int vcl_yaml_compare_keys(
    const uint32_t *a, size_t a_size, const uint32_t *b, size_t b_size, bool letters_behind_digits);

#endif
