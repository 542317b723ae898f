/* SPDX-License-Identifier: Apache-2.0 */
/* The keywords for arrays. */
#include "data/schema_run.h"

enum { WORD_BITS = 64 };

static bool items_fit(vcl_schema_run *run, const vcl_schema_step *step)
{
    const vcl_schema_array *array = step->node->array;
    const vcl_schema_node *rest = array->rest;
    bool fits = true;
    size_t index = 0;

    for (const cJSON *item = step->value->child; item && !vcl_schema_enough(run, fits);
         item = item->next, index++) {
        if (index < array->prefix.count) {
            fits = vcl_schema_part_fits(run, step, array->prefix.nodes[index], item, index) && fits;
        } else if (rest && rest->kind == VCL_SCHEMA_NOTHING) {
            return vcl_schema_refuse(run, step, array->rest_keyword,
                                     "has more items than the %zu that are allowed",
                                     array->prefix.count);
        } else if (rest) {
            fits = vcl_schema_part_fits(run, step, rest, item, index) && fits;
        } else {
            break;
        }
    }
    return fits;
}

/* How many items fit "contains"; those count as looked at since 2020-12. */
static int64_t count_contained(vcl_schema_run *run, vcl_schema_step *step)
{
    int64_t count = 0;
    size_t index = 0;

    run->quiet++;
    for (const cJSON *item = step->value->child; item && run->status == VCLUSTER_OK;
         item = item->next, index++) {
        if (!vcl_schema_part_fits(run, step, step->node->array->contains, item, index))
            continue;
        count++;
        if (step->open && step->node->draft == VCL_DRAFT_2020)
            step->bits[index / WORD_BITS] &= ~(UINT64_C(1) << index % WORD_BITS);
    }
    run->quiet--;
    return count;
}

static bool contains_fits(vcl_schema_run *run, vcl_schema_step *step)
{
    const vcl_schema_array *array = step->node->array;

    if (!array->contains)
        return true;
    int64_t count = count_contained(run, step);
    if (run->status < 0)
        return false;
    int64_t least = array->min_contains < 0 ? 1 : array->min_contains;
    if (count < least)
        return vcl_schema_refuse(run, step, array->min_contains < 0 ? "contains" : "minContains",
                                 "%lld items have the form that %lld or more must have",
                                 (long long)count, (long long)least);
    if (array->max_contains >= 0 && count > array->max_contains)
        return vcl_schema_refuse(run, step, "maxContains",
                                 "%lld items have the form that at most %lld may have",
                                 (long long)count, (long long)array->max_contains);
    return true;
}

static bool unique_fits(vcl_schema_run *run, const vcl_schema_step *step)
{
    size_t first;
    size_t second;

    if (!step->node->array->unique)
        return true;
    int found = vcl_schema_find_equal(step->value, &first, &second);
    if (found < 0)
        return vcl_schema_stop_memory(run);
    return found == 0 || vcl_schema_refuse(run, step, "uniqueItems", "items %zu and %zu are equal",
                                           first, second);
}

static bool size_fits(vcl_schema_run *run, const vcl_schema_step *step)
{
    const vcl_schema_array *array = step->node->array;
    int64_t count = 0;
    bool fits = true;

    if (array->min < 0 && array->max < 0)
        return true;
    for (const cJSON *item = step->value->child; item; item = item->next)
        count++;
    if (count < array->min)
        fits = vcl_schema_refuse(run, step, "minItems", "has %lld items, needs %lld or more",
                                 (long long)count, (long long)array->min);
    if (array->max >= 0 && count > array->max)
        fits = vcl_schema_refuse(run, step, "maxItems", "has %lld items, at most %lld allowed",
                                 (long long)count, (long long)array->max);
    return fits;
}

bool vcl_schema_array_fits(vcl_schema_run *run, vcl_schema_step *step)
{
    bool fits = size_fits(run, step);

    if (!vcl_schema_enough(run, fits))
        fits = unique_fits(run, step) && fits;
    if (!vcl_schema_enough(run, fits))
        fits = items_fit(run, step) && fits;
    if (!vcl_schema_enough(run, fits))
        fits = contains_fits(run, step) && fits;
    return fits;
}
