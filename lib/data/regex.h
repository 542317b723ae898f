/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions with the syntax and the meaning of Go's regexp (RE2), on PCRE2. What RE2 does
 * not have (look-around, back references, possessive and atomic groups, recursion, \C, ...) is
 * refused, so that a pattern means the same here and in Helm, or is an error. Matching is bounded
 * in steps and memory: a pattern that would explode is an error, not a hang.
 */
#ifndef VCL_DATA_REGEX_H
#define VCL_DATA_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct vcl_regex vcl_regex;

/* CONFIG with a reason in the words of Go's: "error parsing regexp: missing closing ): `(a`". */
int vcl_regex_compile(const char *pattern, vcl_regex **out_regex, vcluster_error **error);
void vcl_regex_free(vcl_regex *regex);
/* Number of capturing groups. */
size_t vcl_regex_groups(const vcl_regex *regex);
/* Index of a named group, 0 when there is none. */
size_t vcl_regex_group_named(const vcl_regex *regex, const char *name, size_t size);

/* One place: bytes [begin, end); begin is (size_t)-1 for a group that took no part. */
typedef struct vcl_regex_span {
    size_t begin;
    size_t end;
} vcl_regex_span;

/* The leftmost match at or behind `from`: 1, 0 for none, or CONFIG when the limits are reached.
 * out_spans has room for 1 + groups. */
int vcl_regex_search(const vcl_regex *regex,
                     const char *text,
                     size_t size,
                     size_t from,
                     vcl_regex_span *out_spans,
                     vcluster_error **error);

/* Who gets the matches. */
typedef struct vcl_regex_visitor {
    /* 0 to go on, 1 to stop, or a status that the call then returns. */
    int (*match)(const vcl_regex_span *spans, void *user_data);
    void *user_data;
    size_t steps; /* receives how much work it was, after a failure too */
} vcl_regex_visitor;

/* All matches that do not overlap, as Go finds them: none that is empty right behind another. Much
 * faster than one search after another, and the limits count all of it. */
int vcl_regex_each(const vcl_regex *regex,
                   const char *text,
                   size_t size,
                   vcl_regex_visitor *visitor,
                   vcluster_error **error);

#endif
