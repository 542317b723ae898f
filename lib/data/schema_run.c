/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laying one schema on one value: the order of the keywords, references, the limits of a run and
 * the record of what was looked at. A value of the wrong type, or none of those that are allowed,
 * is one finding and nothing else is said of it.
 */
#include "data/schema_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"

enum { BEFORE_2019 = VCL_DRAFT_4 | VCL_DRAFT_6 | VCL_DRAFT_7, WORD_BITS = 64 };

bool vcl_schema_count(vcl_schema_run *run, const vcl_schema_step *step, size_t work)
{
    run->steps += (int64_t)work;
    if (run->steps > VCL_MAX_SCHEMA_STEPS)
        return vcl_schema_stop(run, step, "the schema takes more steps than the limit");
    return run->status == VCLUSTER_OK;
}

bool vcl_schema_matches(vcl_schema_run *run,
                        const vcl_schema_step *step,
                        const vcl_regex *regex,
                        const char *text)
{
    enum { FEW_SPANS = 8, TEXT_PER_STEP = 16 };
    vcl_regex_span few[FEW_SPANS];
    size_t size = strlen(text);
    size_t count = vcl_regex_groups(regex) + 1;

    if (!vcl_schema_count(run, step, 1 + size / TEXT_PER_STEP))
        return false;
    vcl_auto_free vcl_regex_span *many = count > FEW_SPANS ? calloc(count, sizeof(*many)) : NULL;
    if (count > FEW_SPANS && !many)
        return vcl_schema_stop_memory(run);
    int status = vcl_regex_search(regex, text, size, 0, many ? many : few, NULL);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_schema_stop_memory(run);
    if (status < 0)
        return vcl_schema_stop(run, step, "matching a pattern takes more steps than the limit");
    return status > 0;
}

/* Whether some schema says that all members or items are looked at. */
static bool looks_at_all(const vcl_schema_node *node, bool array)
{
    return array ? node->array && node->array->rest : node->object && node->object->additional;
}

static bool asks_for_rest(const vcl_schema_node *node, bool array)
{
    return array ? node->array && node->array->unevaluated
                 : node->object && node->object->unevaluated;
}

/* Begin the record of what is not looked at yet, where somebody will ask for it. */
static bool begin_record(vcl_schema_run *run, vcl_schema_step *step)
{
    bool array = cJSON_IsArray(step->value);
    bool asked = step->way == VCL_WAY_SAME && step->outer && step->outer->open;

    if ((!array && !cJSON_IsObject(step->value)) || looks_at_all(step->node, array) ||
        !(asked || asks_for_rest(step->node, array)))
        return true;
    size_t count = (size_t)cJSON_GetArraySize(step->value);
    size_t first = array && step->node->array ? step->node->array->prefix.count : 0;
    if (first >= count)
        return true;
    step->words = (count + WORD_BITS - 1) / WORD_BITS;
    step->bits = step->few;
    if (step->words > VCL_SCHEMA_FEW_BITS)
        step->bits = calloc(step->words, sizeof(step->bits[0]));
    if (!step->bits)
        return vcl_schema_stop_memory(run);
    step->open = true;
    for (size_t i = first; i < count; i++)
        step->bits[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
    return vcl_schema_count(run, step, step->words);
}

static void end_record(vcl_schema_step *step)
{
    if (step->bits != step->few)
        free(step->bits);
}

/* What an inner schema that fits has looked at, the outer one has looked at as well. */
static void merge_record(vcl_schema_step *outer, const vcl_schema_step *inner)
{
    uint64_t left = 0;

    if (!outer->open)
        return;
    for (size_t i = 0; inner->open && i < outer->words; i++) {
        outer->bits[i] &= inner->bits[i];
        left |= outer->bits[i];
    }
    outer->open = left != 0;
}

bool vcl_schema_same_fits(vcl_schema_run *run, vcl_schema_step *step, const vcl_schema_node *node)
{
    vcl_schema_step inner = { .outer = step, .node = node, .value = step->value };

    if (node->kind == VCL_SCHEMA_ANYTHING)
        return vcl_schema_count(run, step, 1);
    bool fits = vcl_schema_fits(run, &inner);
    if (fits)
        merge_record(step, &inner);
    end_record(&inner);
    return fits;
}

bool vcl_schema_part_fits(vcl_schema_run *run,
                          const vcl_schema_step *step,
                          const vcl_schema_node *node,
                          const cJSON *part,
                          size_t index)
{
    vcl_schema_step inner = { .outer = step, .node = node, .value = part, .index = index };

    if (node->kind == VCL_SCHEMA_ANYTHING)
        return vcl_schema_count(run, step, 1);
    inner.way = cJSON_IsArray(step->value) ? VCL_WAY_ITEM : VCL_WAY_MEMBER;
    bool fits = vcl_schema_fits(run, &inner);
    end_record(&inner);
    return fits;
}

/* "unevaluatedProperties" and "unevaluatedItems". */
static bool rest_fits(vcl_schema_run *run, vcl_schema_step *step)
{
    bool array = cJSON_IsArray(step->value);
    bool fits = true;
    size_t index = 0;

    if (!step->open || !asks_for_rest(step->node, array))
        return true;
    const vcl_schema_node *node =
        array ? step->node->array->unevaluated : step->node->object->unevaluated;
    for (const cJSON *part = step->value->child; part && !vcl_schema_enough(run, fits);
         part = part->next, index++) {
        if (!(step->bits[index / WORD_BITS] >> index % WORD_BITS & 1))
            continue;
        if (node->kind != VCL_SCHEMA_NOTHING)
            fits = vcl_schema_part_fits(run, step, node, part, index) && fits;
        else if (array)
            fits = vcl_schema_refuse(run, step, "unevaluatedItems",
                                     "item %zu is none of those that are allowed", index);
        else
            fits = vcl_schema_refuse_member(run, step, "unevaluatedProperties", part->string, NULL);
    }
    step->open = false;
    return fits;
}

/* Whether the same schema is laid on the same value already: a reference in a circle. */
static bool in_circle(vcl_schema_run *run, const vcl_schema_step *step)
{
    enum { HOPS_PER_STEP = 4 };
    size_t hops = 0;

    for (const vcl_schema_step *at = step; at->way == VCL_WAY_SAME && at->outer; at = at->outer) {
        if (at->outer->node == step->node)
            return true;
        hops++;
    }
    (void)vcl_schema_count(run, step, hops / HOPS_PER_STEP);
    return false;
}

static bool type_fits(vcl_schema_run *run, const vcl_schema_step *step)
{
    unsigned wanted = step->node->types;
    unsigned type = vcl_schema_type_of(step->value);
    char expected[VCL_SCHEMA_TYPES_SIZE];
    char got[VCL_SCHEMA_TYPES_SIZE];

    if (!wanted || wanted & type ||
        (wanted & VCL_TYPE_INTEGER && type == VCL_TYPE_NUMBER &&
         vcl_schema_is_integer(step->value)))
        return true;
    if (run->quiet)
        return false;
    vcl_schema_name_types(wanted, expected);
    vcl_schema_name_types(type, got);
    return vcl_schema_refuse(run, step, "type", "expected %s, got %s", expected, got);
}

static bool format_fits(vcl_schema_run *run, const vcl_schema_step *step)
{
    const char *format = step->node->format;

    if (!format || !cJSON_IsString(step->value))
        return true;
    int status = vcl_schema_has_format(format, step->value->valuestring, NULL);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_schema_stop_memory(run);
    return status > 0 ||
           vcl_schema_refuse(run, step, "format", "the text is no valid '%.100s'", format);
}

static bool keywords_fit(vcl_schema_run *run, vcl_schema_step *step)
{
    const vcl_schema_node *node = step->node;
    bool fits = true;

    if (!type_fits(run, step) || !vcl_schema_values_fit(run, step) || !format_fits(run, step))
        return false;
    if (node->ref) {
        fits = vcl_schema_same_fits(run, step, node->ref);
        if ((unsigned)node->draft & BEFORE_2019)
            return fits;
    }
    if (!vcl_schema_enough(run, fits) && node->object && cJSON_IsObject(step->value))
        fits = vcl_schema_object_fits(run, step) && fits;
    if (!vcl_schema_enough(run, fits) && node->array && cJSON_IsArray(step->value))
        fits = vcl_schema_array_fits(run, step) && fits;
    if (!vcl_schema_enough(run, fits) && node->scalar)
        fits = vcl_schema_scalar_fits(run, step) && fits;
    if (!vcl_schema_enough(run, fits))
        fits = vcl_schema_logic_fits(run, step) && fits;
    /* What is not looked at is not known while something else does not fit. */
    return fits && rest_fits(run, step);
}

bool vcl_schema_fits(vcl_schema_run *run, vcl_schema_step *step)
{
    bool fits = false;

    if (!vcl_schema_count(run, step, 1))
        return false;
    if (step->node->kind == VCL_SCHEMA_ANYTHING)
        return true;
    if (step->node->kind == VCL_SCHEMA_NOTHING)
        return vcl_schema_refuse(run, step, "false", "no value is allowed here");
    if (in_circle(run, step))
        return vcl_schema_refuse(run, step, "$ref", "the schema refers to itself without an end");
    if (run->depth == VCL_MAX_SCHEMA_DEPTH)
        return vcl_schema_stop(run, step, "schema and value are nested deeper than the limit");

    run->depth++;
    if (begin_record(run, step))
        fits = keywords_fit(run, step);
    run->depth--;
    return fits && run->status == VCLUSTER_OK;
}

int vcl_schema_validate(const vcl_schema *schema,
                        const cJSON *instance,
                        const char *prefix,
                        vcluster_error **error)
{
    vcl_schema_run run = { .prefix = vcl_str(prefix), .error = error, .quiet = !error };
    vcl_schema_step step = { .node = schema->root, .value = instance };

    bool fits = vcl_schema_fits(&run, &step);
    end_record(&step);
    if (run.status < 0)
        return run.status;
    return fits ? VCLUSTER_OK : VCLUSTER_E_CONFIG;
}
