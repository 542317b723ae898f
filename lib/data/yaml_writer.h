/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of the YAML printer, shared by yaml_print.c (maps, lists) and yaml_text.c (scalars) and
 * nobody else. The marks follow those of libyaml's emitter, which decide where lines break.
 */
#ifndef VCL_DATA_YAML_WRITER_H
#define VCL_DATA_YAML_WRITER_H

#include "base/buf.h"
#include "base/error.h"

enum { VCL_YAML_INDENT = 2, VCL_YAML_WIDTH = 80 };

typedef struct vcl_yaml_writer {
    vcl_buf buf;
    size_t column;   /* in characters */
    int indent;      /* of the current container; -1 outside all */
    bool whitespace; /* the last thing written was white space */
    bool indention;  /* nothing but indentation and indicators is on the line */
    int depth;
    bool pretty; /* by the rules of go-yaml v3, not v2 */
    int status;
    vcluster_error **error;
} vcl_yaml_writer;

/* Begin a new line unless at the start of one, and indent it. */
void vcl_yaml_write_indent(vcl_yaml_writer *writer);

/* Write punctuation, with a space before it if that is needed and there is none. */
void vcl_yaml_write_indicator(vcl_yaml_writer *writer,
                              const char *text,
                              bool need_space,
                              bool is_indention);

/* Write a scalar that needs no quotes whatever it looks like. */
void vcl_yaml_write_plain(vcl_yaml_writer *writer, const char *text);

/* Write base64 text behind its tag: as a block when it has lines, else as it is. */
void vcl_yaml_write_binary(vcl_yaml_writer *writer, const char *text);

/* Write a text in the form that it needs. False when YAML cannot hold it. */
bool vcl_yaml_write_text(vcl_yaml_writer *writer, const char *text);

/* The same for a key. A simple one stays on one line. */
bool vcl_yaml_write_key(vcl_yaml_writer *writer, const char *key, bool simple);

#endif
