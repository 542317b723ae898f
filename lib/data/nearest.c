/* SPDX-License-Identifier: Apache-2.0 */
/* Edit distance of short names. */
#include "data/nearest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_NAME = 64, MAX_DISTANCE = 3 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    return strncasecmp(&a, &b, 1) == 0;
}

/* Letters to change between two names of at most MAX_NAME bytes. */
static int distance(const char *a, const char *b)
{
    int rows[3][MAX_NAME + 1] = { 0 };
    int *before = rows[0];
    int *last = rows[1];
    int *row = rows[2];
    int width = (int)strlen(b);

    for (int j = 0; j <= width; j++)
        last[j] = j;
    for (int i = 1; a[i - 1]; i++) {
        row[0] = i;
        for (int j = 1; j <= width; j++) {
            int change = last[j - 1] + !same_letter(a[i - 1], b[j - 1]);
            row[j] = least(change, least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
        int *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[width];
}

void vcl_nearest_begin(vcl_nearest *nearest, const char *unknown)
{
    size_t size = strlen(unknown);

    /* A short name is near to too many others. */
    *nearest =
        (vcl_nearest){ .unknown = unknown,
                       .size = size,
                       .distance = size > MAX_NAME ? 0 : least(MAX_DISTANCE, (int)(size / 3)) + 1 };
}

void vcl_nearest_try(vcl_nearest *nearest, const char *known)
{
    size_t size = strlen(known);

    if (nearest->distance == 0 || size > MAX_NAME ||
        abs((int)size - (int)nearest->size) >= nearest->distance)
        return;
    int far = distance(nearest->unknown, known);
    if (far < nearest->distance) {
        nearest->distance = far;
        nearest->found = known;
    }
}
