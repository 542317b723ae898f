/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a .helmignore file. */
#ifndef VCL_CHART_HELMIGNORE_H
#define VCL_CHART_HELMIGNORE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a path relative to the chart is left out. rules is the text of the file, or ""; dot files
 * below templates/ are always left out. */
bool vcl_helmignore(const char *rules, const char *path, bool is_directory);

#endif
