/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether memory that is freed still holds one of some texts, and who freed it: the shared object
 * that called free(). Needs the hooks of AddressSanitizer.
 */
#ifndef TEST_FREED_H
#define TEST_FREED_H

#include <stdbool.h>

/* false: this is not a build with AddressSanitizer. */
bool freed_watch(void);
/* Look for this text from now on; at most 32, each at least 8 bytes. Not copied. */
void freed_look_for(const char *text);
/* Forget texts and counts. */
void freed_forget(void);
/* Blocks with one of the texts that the shared object whose file name contains the part freed; the
 * stack of the first is printed. */
int freed_by(const char *part);

#endif
