/* SPDX-License-Identifier: Apache-2.0 */
/* Did you mean ...? For the members that a schema knows. */
#include "base/str.h"
#include "data/nearest.h"
#include "data/schema_run.h"

enum { MAX_NAMES = 2000 };

char *vcl_schema_suggest(const vcl_schema_object *object, const char *unknown)
{
    vcl_nearest nearest;

    if (object->name_count > MAX_NAMES)
        return NULL;
    vcl_nearest_begin(&nearest, unknown);
    for (size_t i = 0; i < object->name_count; i++) {
        if (object->names[i].property)
            vcl_nearest_try(&nearest, object->names[i].name);
    }
    return nearest.found ? vcl_format("did you mean '%s'?", nearest.found) : NULL;
}
