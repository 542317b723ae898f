/* SPDX-License-Identifier: Apache-2.0 */
/* Small questions about names and texts that several rules ask. */
#ifndef VCL_CHECK_NAME_H
#define VCL_CHECK_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a text is the value of a label: at most 63 of A-Z a-z 0-9 - _ ., which begins and ends
 * with a letter or a digit; "" is one. */
bool vcl_is_label_value(const char *text);
/* The key of a label: such a text that is not empty, perhaps behind a DNS subdomain and '/'. */
bool vcl_is_label_key(const char *text);

/* How often a character is in a text. */
size_t vcl_count_char(const char *text, char c);

/* One of a list that ends with NULL. */
bool vcl_is_one_of(const char *text, const char *const *list);

#endif
