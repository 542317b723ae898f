/* SPDX-License-Identifier: Apache-2.0 */
/* Sums, differences, products and quotients of fractions, calculated in decimals. */
#include "base/limits.h"
#include "chart/functions/funcs.h"
#include "chart/template/convert.h"
#include "data/decimal.h"

/* Numbers get longer with each operand, so that many cost more than their count. */
enum { OPERAND_STEPS = 50 };

static int calculate(vcl_tpl_state *state,
                     vcl_decimal_operation operation,
                     const double *numbers,
                     size_t count,
                     vcl_tpl_value *out)
{
    VCL_AUTO_ERROR *error = NULL;
    double result = 0;
    size_t cost = count < 1000 ? count * OPERAND_STEPS : count * count;
    int status = vcl_tpl_spend(state, cost);

    if (status < 0)
        return status;
    status = vcl_decimal_fold(operation, numbers, count, &result, &error);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_tpl_raise_memory(state);
    if (status < 0)
        return vcl_tpl_raise(state, "%s", vcluster_error_message(error));
    *out = vcl_tpl_float(result);
    return 0;
}

/* The arguments as numbers, behind a first one that is 0. */
static double *to_numbers(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count)
{
    double *numbers = vcl_arena_alloc(&state->engine->arena, (count + 1) * sizeof(*numbers));

    for (size_t i = 0; numbers && i < count; i++)
        numbers[i + 1] = vcl_tpl_to_float64(&args[i]);
    return numbers;
}

static int add1f(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const double numbers[] = { vcl_tpl_to_float64(&args[0]), 1 };

    (void)count;
    return calculate(state, VCL_DECIMAL_ADD, numbers, 2, out);
}

static int addf(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const double *numbers = to_numbers(state, args, count);

    return numbers ? calculate(state, VCL_DECIMAL_ADD, numbers, count + 1, out)
                   : vcl_tpl_raise_memory(state);
}

static int subf(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const double *numbers = to_numbers(state, args, count);

    return numbers ? calculate(state, VCL_DECIMAL_SUBTRACT, numbers + 1, count, out)
                   : vcl_tpl_raise_memory(state);
}

static int mulf(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const double *numbers = to_numbers(state, args, count);

    return numbers ? calculate(state, VCL_DECIMAL_MULTIPLY, numbers + 1, count, out)
                   : vcl_tpl_raise_memory(state);
}

static int divf(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const double *numbers = to_numbers(state, args, count);

    return numbers ? calculate(state, VCL_DECIMAL_DIVIDE, numbers + 1, count, out)
                   : vcl_tpl_raise_memory(state);
}

const vcl_tpl_function vcl_tpl_funcs_decimal[] = {
    { "add1f", "a", 0, add1f }, { "addf", "a*", 0, addf },  { "subf", "aa*", 0, subf },
    { "mulf", "aa*", 0, mulf }, { "divf", "aa*", 0, divf }, { NULL, NULL, 0, NULL },
};
