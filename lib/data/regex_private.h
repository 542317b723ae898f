/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the parts of the regular expressions: the reader of Go's syntax (regex_parse.c), its
 * classes and escapes (regex_class.c), and the matcher (regex.c).
 */
#ifndef VCL_DATA_REGEX_PRIVATE_H
#define VCL_DATA_REGEX_PRIVATE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* The flags (?imsU). */
enum {
    VCL_REGEX_FOLD = 1,
    VCL_REGEX_MULTI_LINE = 2,
    VCL_REGEX_DOT_NEWLINE = 4,
    VCL_REGEX_UNGREEDY = 8,
};

enum {
    /* Bytes of a pattern; PCRE2 holds at most 64 KiB of what it becomes anyway. */
    VCL_REGEX_MAX_PATTERN = 64 << 10,
    /* Copies that {n,m} may ask for, with those around it multiplied: as in Go. */
    VCL_REGEX_MAX_COPIES = 1000,
    /* Groups in groups. Go allows 1000 levels of its tree, where a level is a group or a choice. */
    VCL_REGEX_MAX_NESTING = 500,
};

/* A named group: where its name stands in the pattern. */
typedef struct vcl_regex_name {
    const char *text;
    size_t size;
    size_t group;
} vcl_regex_name;

/* An open group, and what was true in front of it. */
typedef struct vcl_regex_open {
    unsigned flags;
    bool folds;
    size_t begin; /* in the output */
    int copies;   /* of what was read in the group around so far */
} vcl_regex_open;

typedef struct vcl_regex_parser {
    const char *pattern;
    const char *at;
    const char *end;
    vcl_buf out; /* the pattern for PCRE2 */
    unsigned flags;
    bool folds; /* whether the output has (?i) on at its end */

    /* The last item, that a repetition would repeat. */
    bool has_item;
    bool item_is_simple; /* can be repeated without a group around it */
    bool item_folds;     /* folds in front of it */
    size_t item_begin;
    int item_copies;
    int copies; /* the largest of this group so far */

    const char *last_repeat; /* the repetition that was read right before, or NULL */
    size_t groups;
    vcl_regex_open open[VCL_REGEX_MAX_NESTING];
    size_t depth;
    vcl_regex_name *names;
    size_t name_count;
    size_t name_capacity;
    bool no_memory; /* a look at a property found none */
    vcluster_error **error;
} vcl_regex_parser;

/* Translate the whole pattern into parser->out. The caller frees names and out. */
int vcl_regex_parse(vcl_regex_parser *parser);

/* CONFIG: "error parsing regexp: WHAT: `text`". */
int vcl_regex_bad(vcl_regex_parser *parser, const char *what, const char *text, size_t size);
/* The code point at the front, which is taken; what is no UTF-8 is an error. */
int vcl_regex_take_rune(vcl_regex_parser *parser, uint32_t *out_rune);
/* Start an item: what follows in the output is one, folded or not. */
void vcl_regex_start_item(vcl_regex_parser *parser, bool folds, bool simple);
void vcl_regex_add_rune(vcl_regex_parser *parser, uint32_t rune);

/* Read "*", "+" or "?". */
int vcl_regex_parse_repeat(vcl_regex_parser *parser);
/* Read "{n,m}"; what is in braces but no repetition is left where it is. */
int vcl_regex_parse_braces(vcl_regex_parser *parser, bool *out_is_one);
/* Read "[...]". */
int vcl_regex_parse_class(vcl_regex_parser *parser);
/* Read the backslash that is next, when it is of a class: \d, \pL. 1: it was one, 0: it is not. */
int vcl_regex_parse_class_escape(vcl_regex_parser *parser);
/* Read the backslash of a single character: \n, \x41, \. */
int vcl_regex_parse_escape(vcl_regex_parser *parser, uint32_t *out_rune);

/* A code point of bytes that may be no UTF-8: then 0xFFFD with size 1. */
uint32_t vcl_regex_rune(const char *text, size_t size, size_t *out_size);

#endif
