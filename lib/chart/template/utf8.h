/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 as Go treats it. Tables of letters are not complete: case is known for Latin-1, Latin
 * Extended-A, Greek and Cyrillic; what is printable is approximated by ranges.
 */
#ifndef VCL_CHART_TEMPLATE_UTF8_H
#define VCL_CHART_TEMPLATE_UTF8_H

#include "base/buf.h"
#include "chart/template/value.h"

enum { VCL_TPL_BAD_RUNE = 0xFFFD };

/* The code point at the start of the text and its size in bytes. What is not UTF-8 gives
 * VCL_TPL_BAD_RUNE with size 1; the end of the text gives size 0. */
uint32_t vcl_tpl_rune(vcl_tpl_text text, size_t *out_size);
bool vcl_tpl_add_rune(vcl_buf *buf, uint32_t rune);
size_t vcl_tpl_rune_count(vcl_tpl_text text);

/* A C string in which what is not UTF-8 is U+FFFD; it ends at the first NUL. */
char *vcl_tpl_utf8_repair(vcl_tpl_text text);

/* The last code point, and its size. */
uint32_t vcl_tpl_last_rune(vcl_tpl_text text, size_t *out_size);
/* Without the white space at both ends (strings.TrimSpace). */
vcl_tpl_text vcl_tpl_trim_space(vcl_tpl_text text);

bool vcl_tpl_is_print(uint32_t rune);
bool vcl_tpl_is_letter(uint32_t rune);
bool vcl_tpl_is_space(uint32_t rune);
uint32_t vcl_tpl_to_upper(uint32_t rune);
uint32_t vcl_tpl_to_lower(uint32_t rune);

/* strconv.Quote: double quotes, Go's escapes. ascii: escape everything that is not ASCII. */
bool vcl_tpl_quote(vcl_buf *buf, vcl_tpl_text text, bool ascii);
/* Undo quotes of a literal ("...", `...` or '...'). False when it is malformed, or (then
 * out_no_memory is set) when memory is short. */
bool vcl_tpl_unquote(vcl_arena *arena,
                     vcl_tpl_text literal,
                     vcl_tpl_text *out_text,
                     bool *out_no_memory);
/* The code point of a character literal 'x'. */
bool vcl_tpl_unquote_char(vcl_tpl_text literal, uint32_t *out_rune);

#endif
