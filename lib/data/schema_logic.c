/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schemas that are put together: allOf, anyOf, oneOf, not, if. Of several alternatives none of
 * which fits, the only one that is meant for the type of the value says what it misses; otherwise
 * there is one finding for all of them.
 */
#include "base/str.h"
#include "data/schema_run.h"

enum { MAX_HOPS = 8 };

/* Whether a value fits a schema, without findings. */
static bool fits_quietly(vcl_schema_run *run, vcl_schema_step *step, const vcl_schema_node *node)
{
    run->quiet++;
    bool fits = vcl_schema_same_fits(run, step, node);
    run->quiet--;
    return fits;
}

static bool all_fit(vcl_schema_run *run, vcl_schema_step *step)
{
    const vcl_schema_list *list = &step->node->all_of;
    bool fits = true;

    for (size_t i = 0; i < list->count && !vcl_schema_enough(run, fits); i++)
        fits = vcl_schema_same_fits(run, step, list->nodes[i]) && fits;
    return fits;
}

/* The types that an alternative is meant for, as far as that is easy to see. */
static unsigned types_of(const vcl_schema_node *node)
{
    const unsigned all = VCL_TYPE_OBJECT * 2 - 1;

    for (int hops = 0; hops < MAX_HOPS && node->ref && !node->types; hops++)
        node = node->ref;
    if (node->kind == VCL_SCHEMA_NOTHING)
        return 0;
    if (node->types)
        return node->types;
    if (node->constant)
        return vcl_schema_type_of(node->constant);
    return node->values ? node->value_types : all;
}

/* No alternative fits: say why. */
static bool refuse_all(vcl_schema_run *run,
                       vcl_schema_step *step,
                       const char *rule,
                       const vcl_schema_list *list)
{
    unsigned type = vcl_schema_type_of(step->value);
    const vcl_schema_node *meant = NULL;
    unsigned wanted = 0;
    size_t count = 0;
    char expected[VCL_SCHEMA_TYPES_SIZE];
    char got[VCL_SCHEMA_TYPES_SIZE];

    if (run->quiet || run->status < 0)
        return false;
    for (size_t i = 0; i < list->count; i++) {
        unsigned types = types_of(list->nodes[i]);
        wanted |= types;
        if (types & type || (types & VCL_TYPE_INTEGER && type == VCL_TYPE_NUMBER)) {
            meant = list->nodes[i];
            count++;
        }
    }
    if (count == 1)
        return vcl_schema_same_fits(run, step, meant);
    if (count > 0 || wanted == 0)
        return vcl_schema_refuse(run, step, rule, "the value fits none of the %zu allowed forms",
                                 list->count);
    vcl_schema_name_types(wanted, expected);
    vcl_schema_name_types(type, got);
    return vcl_schema_refuse(run, step, rule, "expected %s, got %s", expected, got);
}

static bool any_fits(vcl_schema_run *run, vcl_schema_step *step)
{
    const vcl_schema_list *list = &step->node->any_of;
    bool fits = list->count == 0;

    for (size_t i = 0; i < list->count && run->status == VCLUSTER_OK; i++) {
        fits = fits_quietly(run, step, list->nodes[i]) || fits;
        /* All are asked only where it matters what they have looked at. */
        if (fits && !step->open)
            return true;
    }
    return fits || refuse_all(run, step, "anyOf", list);
}

static bool one_fits(vcl_schema_run *run, vcl_schema_step *step)
{
    const vcl_schema_list *list = &step->node->one_of;
    size_t fitting = 0;
    size_t first = 0;

    if (list->count == 0)
        return true;
    for (size_t i = 0; i < list->count && run->status == VCLUSTER_OK; i++) {
        if (!fits_quietly(run, step, list->nodes[i]))
            continue;
        if (++fitting > 1)
            return vcl_schema_refuse(run, step, "oneOf",
                                     "the value fits several forms (number %zu and %zu of %zu), "
                                     "but only one is allowed",
                                     first + 1, i + 1, list->count);
        first = i;
    }
    return fitting == 1 || refuse_all(run, step, "oneOf", list);
}

static bool not_fits(vcl_schema_run *run, vcl_schema_step *step)
{
    if (!step->node->never)
        return true;
    if (fits_quietly(run, step, step->node->never))
        return vcl_schema_refuse(run, step, "not", "the value has the form that is not allowed");
    return run->status == VCLUSTER_OK;
}

static bool condition_fits(vcl_schema_run *run, vcl_schema_step *step)
{
    const vcl_schema_node *node = step->node;

    if (!node->condition)
        return true;
    const vcl_schema_node *next =
        fits_quietly(run, step, node->condition) ? node->then : node->otherwise;
    if (run->status < 0)
        return false;
    return !next || vcl_schema_same_fits(run, step, next);
}

bool vcl_schema_logic_fits(vcl_schema_run *run, vcl_schema_step *step)
{
    static bool (*const checks[])(vcl_schema_run *, vcl_schema_step *) = { not_fits, all_fit,
                                                                           any_fits, one_fits,
                                                                           condition_fits };
    bool fits = true;

    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (vcl_schema_enough(run, fits))
            break;
        fits = checks[i](run, step) && fits;
    }
    return fits;
}
