/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keywords for objects: one walk over the members, each looked up in the sorted table of names
 * that the schema knows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/schema_run.h"

enum { WORD_BITS = 64, FEW_WORDS = 4 };

/* Names of the table that the object has, one bit each. */
typedef struct seen_names {
    uint64_t *bits;
    uint64_t few[FEW_WORDS];
} seen_names;

static void seen_done(seen_names *seen)
{
    if (seen->bits != seen->few)
        free(seen->bits);
}

static bool is_seen(const seen_names *seen, size_t index)
{
    return seen->bits[index / WORD_BITS] >> index % WORD_BITS & 1;
}

static int compare_name(const void *name, const void *entry)
{
    return strcmp(name, ((const vcl_schema_name *)entry)->name);
}

static const vcl_schema_name *find_name(const vcl_schema_object *object, const char *name)
{
    if (object->name_count == 0)
        return NULL;
    return bsearch(name, object->names, object->name_count, sizeof(object->names[0]), compare_name);
}

static bool additional_fits(vcl_schema_run *run, const vcl_schema_step *step, const cJSON *member)
{
    const vcl_schema_object *object = step->node->object;

    if (object->additional->kind != VCL_SCHEMA_NOTHING)
        return vcl_schema_part_fits(run, step, object->additional, member, 0);
    if (run->quiet)
        return false;
    vcl_auto_free char *remedy = vcl_schema_suggest(object, member->string);
    return vcl_schema_refuse_member(run, step, "additionalProperties", member->string, remedy);
}

/* One member against "properties", "patternProperties" and "additionalProperties". */
static bool member_fits(vcl_schema_run *run,
                        const vcl_schema_step *step,
                        const vcl_schema_name *name,
                        const cJSON *member,
                        bool *out_looked_at)
{
    const vcl_schema_object *object = step->node->object;
    bool looked_at = name && name->property;
    bool fits = !looked_at || vcl_schema_part_fits(run, step, name->property, member, 0);

    for (size_t i = 0; i < object->pattern_count && !vcl_schema_enough(run, fits); i++) {
        if (!vcl_schema_matches(run, step, object->patterns[i].regex, member->string))
            continue;
        looked_at = true;
        fits = vcl_schema_part_fits(run, step, object->patterns[i].node, member, 0) && fits;
    }
    if (!looked_at && object->additional && !vcl_schema_enough(run, fits)) {
        looked_at = true;
        fits = additional_fits(run, step, member) && fits;
    }
    *out_looked_at = looked_at;
    return fits && run->status == VCLUSTER_OK;
}

static bool members_fit(vcl_schema_run *run, vcl_schema_step *step, seen_names *seen)
{
    const vcl_schema_object *object = step->node->object;
    bool fits = true;
    size_t index = 0;

    for (const cJSON *member = step->value->child; member; member = member->next, index++) {
        const vcl_schema_name *name = find_name(object, member->string);
        bool looked_at;
        if (name && seen->bits) {
            size_t at = (size_t)(name - object->names);
            seen->bits[at / WORD_BITS] |= UINT64_C(1) << at % WORD_BITS;
        }
        fits = member_fits(run, step, name, member, &looked_at) && fits;
        if (looked_at && step->open)
            step->bits[index / WORD_BITS] &= ~(UINT64_C(1) << index % WORD_BITS);
        if (vcl_schema_enough(run, fits) || !vcl_schema_count(run, step, 1))
            return false;
    }
    return fits;
}

/* The members that another member needs. */
static bool needs_fit(vcl_schema_run *run,
                      const vcl_schema_step *step,
                      const seen_names *seen,
                      const vcl_schema_name *name,
                      int which)
{
    const vcl_schema_object *object = step->node->object;
    const cJSON *needs = name->needs[which];
    bool fits = true;

    for (const cJSON *item = needs ? needs->child : NULL; item && !vcl_schema_enough(run, fits);
         item = item->next) {
        const vcl_schema_name *needed = find_name(object, item->valuestring);
        if (!is_seen(seen, (size_t)(needed - object->names)))
            fits = vcl_schema_refuse(run, step, which == 0 ? "dependencies" : "dependentRequired",
                                     "'%.200s' needs '%.200s', which is missing", name->name,
                                     needed->name);
        (void)vcl_schema_count(run, step, 1);
    }
    return fits;
}

static bool dependents_fit(vcl_schema_run *run,
                           vcl_schema_step *step,
                           const seen_names *seen,
                           const vcl_schema_name *name)
{
    bool fits = true;

    for (int which = 0; which < 2 && !vcl_schema_enough(run, fits); which++) {
        fits = needs_fit(run, step, seen, name, which) && fits;
        if (name->dependent[which] && !vcl_schema_enough(run, fits))
            fits = vcl_schema_same_fits(run, step, name->dependent[which]) && fits;
    }
    return fits;
}

/* "required" and all that one member asks of others. */
static bool names_fit(vcl_schema_run *run, vcl_schema_step *step, const seen_names *seen)
{
    const vcl_schema_object *object = step->node->object;
    bool fits = true;

    for (size_t i = 0; i < object->name_count && !vcl_schema_enough(run, fits); i++) {
        const vcl_schema_name *name = &object->names[i];
        if (is_seen(seen, i))
            fits = dependents_fit(run, step, seen, name) && fits;
        else if (name->required)
            fits =
                vcl_schema_refuse(run, step, "required", "the key '%.200s' is missing", name->name);
    }
    return fits && vcl_schema_count(run, step, object->name_count);
}

static bool property_names_fit(vcl_schema_run *run, const vcl_schema_step *step)
{
    bool fits = true;

    for (const cJSON *member = step->value->child; member && !vcl_schema_enough(run, fits);
         member = member->next) {
        cJSON name = { .type = cJSON_String, .valuestring = member->string };
        vcl_schema_step inner = { .outer = step,
                                  .node = step->node->object->property_names,
                                  .value = &name,
                                  .way = VCL_WAY_NAME };
        fits = vcl_schema_fits(run, &inner) && fits;
    }
    return fits;
}

static bool size_fits(vcl_schema_run *run, const vcl_schema_step *step)
{
    const vcl_schema_object *object = step->node->object;
    int64_t count = 0;
    bool fits = true;

    if (object->min < 0 && object->max < 0)
        return true;
    for (const cJSON *member = step->value->child; member; member = member->next)
        count++;
    if (count < object->min)
        fits = vcl_schema_refuse(run, step, "minProperties", "has %lld keys, needs %lld or more",
                                 (long long)count, (long long)object->min);
    if (object->max >= 0 && count > object->max)
        fits = vcl_schema_refuse(run, step, "maxProperties", "has %lld keys, at most %lld allowed",
                                 (long long)count, (long long)object->max);
    return fits;
}

static bool walk(vcl_schema_run *run, vcl_schema_step *step, seen_names *seen)
{
    bool fits = size_fits(run, step);

    if (!vcl_schema_enough(run, fits))
        fits = members_fit(run, step, seen) && fits;
    if (!vcl_schema_enough(run, fits) && seen->bits)
        fits = names_fit(run, step, seen) && fits;
    if (!vcl_schema_enough(run, fits) && step->node->object->property_names)
        fits = property_names_fit(run, step) && fits;
    return fits;
}

bool vcl_schema_object_fits(vcl_schema_run *run, vcl_schema_step *step)
{
    const vcl_schema_object *object = step->node->object;
    size_t words = object->needs ? object->name_count / WORD_BITS + 1 : 0;
    seen_names seen = { 0 };

    if (words > 0)
        seen.bits = words > FEW_WORDS ? calloc(words, sizeof(seen.bits[0])) : seen.few;
    if (words > 0 && !seen.bits)
        return vcl_schema_stop_memory(run);
    bool fits = walk(run, step, &seen);
    seen_done(&seen);
    return fits;
}
