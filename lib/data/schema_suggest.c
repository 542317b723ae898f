/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Did you mean ...? The known name that differs in case only, or else in the fewest letters; a swap
 * of two neighbours counts as one.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "data/schema_run.h"

enum { MAX_NAME = 64, MAX_DISTANCE = 3, MAX_NAMES = 2000 };

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

char *vcl_schema_suggest(const vcl_schema_object *object, const char *unknown)
{
    size_t size = strlen(unknown);
    /* A short name is near to too many others. */
    int nearest = least(MAX_DISTANCE, (int)(size / 3)) + 1;
    const char *found = NULL;

    if (size > MAX_NAME || object->name_count > MAX_NAMES)
        return NULL;
    for (size_t i = 0; i < object->name_count && nearest > 0; i++) {
        const vcl_schema_name *name = &object->names[i];
        size_t other = name->property ? strlen(name->name) : MAX_NAME + 1;
        if (other > MAX_NAME || abs((int)other - (int)size) >= nearest)
            continue;
        int far = distance(unknown, name->name);
        if (far < nearest) {
            nearest = far;
            found = name->name;
        }
    }
    return found ? vcl_format("did you mean '%s'?", found) : NULL;
}
