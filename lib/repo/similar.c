/* SPDX-License-Identifier: Apache-2.0 */
/* The distance of Levenshtein; see similar.h. */
#include "repo/similar.h"

#include <string.h>

enum { MAX_SIZE = 64 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t two = a < b ? a : b;

    return two < c ? two : c;
}

size_t vcl_distance(const char *a, const char *b)
{
    size_t row[MAX_SIZE + 1];
    size_t a_size = strnlen(a, MAX_SIZE);
    size_t b_size = strnlen(b, MAX_SIZE);

    for (size_t k = 0; k <= b_size; k++)
        row[k] = k;
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= b_size; k++) {
            size_t above = row[k];
            row[k] = least(above + 1, row[k - 1] + 1, diagonal + (a[i - 1] != b[k - 1]));
            diagonal = above;
        }
    }
    return row[b_size];
}
