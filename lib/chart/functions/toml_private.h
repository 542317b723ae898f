/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing TOML 1.1 as BurntSushi/toml 1.6 does, down to its messages. On values, not on
 * JSON trees, because whole numbers, fractions and times are different things in TOML.
 */
#ifndef VCL_CHART_TEMPLATE_TOML_PRIVATE_H
#define VCL_CHART_TEMPLATE_TOML_PRIVATE_H

#include "chart/functions/funcs.h"

/* Parts of a dotted key, and values within values. */
enum { VCL_TOML_MAX_DEPTH = VCL_TPL_MAX_NESTING };

typedef struct vcl_toml_key {
    vcl_tpl_text parts[VCL_TOML_MAX_DEPTH];
    size_t count;
} vcl_toml_key;

/* A reader at work. The first failure counts; all functions do nothing more after it. */
typedef struct vcl_toml_reader {
    vcl_tpl_state *state;
    vcl_tpl_text text;
    size_t pos;
    int line;
    int key_line; /* of the key or table that was read last */
    int depth;
    vcl_toml_key context; /* of the table that is open */
    vcl_tpl_text current; /* the last part of the key whose value is read; "" outside */
    vcl_tpl_map *root;
    vcl_tpl_map *implicits; /* paths of tables that were never named by themselves */
    vcl_tpl_map *arrays;    /* paths that hold an array */
    bool failed;
    int status;      /* of a failure that is not the text's: already noted */
    vcl_buf message; /* of one that is */
} vcl_toml_reader;

/* What stands for the end of the text, and what a wrong byte is read as. */
enum { VCL_TOML_END = 0 };

/* Characters (toml_scan.c). */
uint32_t vcl_toml_peek(vcl_toml_reader *reader);
uint32_t vcl_toml_next(vcl_toml_reader *reader);
bool vcl_toml_accept(vcl_toml_reader *reader, uint32_t rune);
void vcl_toml_skip_blanks(vcl_toml_reader *reader);
/* Blanks, line ends and comments. */
void vcl_toml_skip_lines(vcl_toml_reader *reader);
bool vcl_toml_at_end(const vcl_toml_reader *reader);

/* Fail in a line, or at the character that was read last. */
void vcl_toml_fail(vcl_toml_reader *reader, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void vcl_toml_fail_here(vcl_toml_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The failure is one of memory, or of the budget: note what it is. */
void vcl_toml_fail_status(vcl_toml_reader *reader, int status);
/* A character or a text for a message: 'x', "x", as Go quotes them; in the arena. */
const char *vcl_toml_quoted_rune(vcl_toml_reader *reader, uint32_t rune);
const char *vcl_toml_quoted(vcl_toml_reader *reader, vcl_tpl_text text);
/* 'x', or "end of file". */
const char *vcl_toml_found(vcl_toml_reader *reader, uint32_t rune);

/* A dotted key up to its end, which is not read (toml_scan.c). in_header: between brackets. */
void vcl_toml_read_key(vcl_toml_reader *reader, bool in_header, vcl_toml_key *out_key);

/* Strings, from their opening quote on (toml_string.c). multiline: three quotes may open it. */
vcl_tpl_text vcl_toml_read_string(vcl_toml_reader *reader, bool multiline);

/* Numbers, words and times (toml_scalar.c). */
void vcl_toml_read_scalar(vcl_toml_reader *reader, vcl_tpl_value *out);
void vcl_toml_read_time(vcl_toml_reader *reader, vcl_tpl_text text, vcl_tpl_value *out);

/* Tables (toml_table.c). */
void vcl_toml_open(vcl_toml_reader *reader, const vcl_toml_key *key, bool is_array);
void vcl_toml_open_parents(vcl_toml_reader *reader, const vcl_toml_key *key);
void vcl_toml_add_implicit(vcl_toml_reader *reader, const vcl_toml_key *key);
void vcl_toml_set(vcl_toml_reader *reader, vcl_tpl_text key, vcl_tpl_value value);
/* Note whether the path of the context and a key holds an array. */
void vcl_toml_note_type(vcl_toml_reader *reader, vcl_tpl_text key, bool is_array);
vcl_tpl_map *vcl_toml_new_map(vcl_toml_reader *reader);
/* Append a part; fails when there are too many. */
void vcl_toml_key_add(vcl_toml_reader *reader, vcl_toml_key *key, vcl_tpl_text part);
/* The path as it is written: a."b c". */
void vcl_toml_print_key(vcl_buf *buf, const vcl_tpl_text *parts, size_t count);

/* A time as it stands in TOML (toml_time.c). */
void vcl_toml_print_time(vcl_buf *buf, const vcl_tpl_value *value);

/* The whole text into the root of the reader (toml_read.c). */
void vcl_toml_read(vcl_toml_reader *reader);
/* The value as TOML; a failure of the value leaves Helm's text for it in the buffer instead. */
int vcl_toml_print(vcl_tpl_state *state, const vcl_tpl_value *value, vcl_buf *buf);

#endif
