/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings: comparison, making, parsing of numbers, and wiping of secrets. No locale anywhere.
 */
#ifndef VCL_BASE_STR_H
#define VCL_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Equality; NULL equals only NULL. */
bool vcl_streq(const char *a, const char *b);

/* Whether text begins, or ends, with the given part. */
bool vcl_starts_with(const char *text, const char *prefix);
bool vcl_ends_with(const char *text, const char *suffix);

/* text, or "" for NULL. */
const char *vcl_str(const char *text);

/* Whether text is NULL or "". */
bool vcl_str_empty(const char *text);

/* Copies; NULL when memory is short or the input is NULL. */
char *vcl_strdup(const char *text);
char *vcl_strndup(const char *text, size_t size);

/* printf into a new string; NULL when memory is short. */
char *vcl_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *vcl_vformat(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* Replace *slot by a copy of text (NULL clears it). Returns false when memory is short. */
bool vcl_str_replace(char **slot, const char *text);

/* A whole decimal number with an optional sign; false for anything else or out of range. */
bool vcl_parse_i64(const char *text, int64_t *out_value);

/* Whether text is a DNS-1123 label (a-z, 0-9, '-', at most 63), or DNS-1035 (starts with a-z). */
bool vcl_is_dns_label(const char *text);
bool vcl_is_dns1035_label(const char *text);
/* Whether text is a DNS-1123 subdomain: labels joined by '.', at most 253. */
bool vcl_is_dns_subdomain(const char *text);

/* Whether the bytes are valid UTF-8. */
bool vcl_utf8_valid(const char *text, size_t size);

/* Wipe and free a string that may hold a secret; NULL is allowed. */
void vcl_free_secret(char *text);
/* Wipe bytes in a way that the compiler keeps. */
void vcl_wipe(void *data, size_t size);

/* Replace control characters of a text that came from a server by '?', in place. */
void vcl_sanitize(char *text);

#endif
