/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers. Whatever an operand says as a number counts: "12", true, 1.9; everything else is 0. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "chart/functions/funcs.h"
#include "chart/template/convert.h"

/* Go's integers wrap around. */
static int64_t wrap(uint64_t number)
{
    int64_t value;

    memcpy(&value, &number, sizeof(value));
    return value;
}

static int to_int(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_int(vcl_tpl_to_int64(&args[0]));
    return 0;
}

static int
to_int64(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_int64(vcl_tpl_to_int64(&args[0]));
    return 0;
}

static int
to_float64(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_float(vcl_tpl_to_float64(&args[0]));
    return 0;
}

static int atoi_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int64_t number = 0;
    bool large = false;

    (void)state;
    (void)count;
    if (!vcl_tpl_parse_int(args[0].text, 10, &number)) {
        /* Of a number that is too large, strconv gives the largest there is. */
        double value = 0;
        bool digits = args[0].text.size > 0;
        for (size_t i = 0; i < args[0].text.size; i++)
            digits =
                digits && ((args[0].text.data[i] >= '0' && args[0].text.data[i] <= '9') ||
                           (i == 0 && args[0].text.size > 1 && strchr("+-", args[0].text.data[0])));
        large = digits && vcl_tpl_parse_float(args[0].text, &value);
        number = !large ? 0 : value < 0 ? INT64_MIN : INT64_MAX;
    }
    *out = vcl_tpl_int(number);
    return 0;
}

/* The number that octal digits say. */
static int
to_decimal(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text text;
    int64_t number = 0;
    int result = vcl_tpl_text_of(state, &args[0], &text);

    (void)count;
    if (result == 0 && !vcl_tpl_parse_int(text, 8, &number))
        number = 0;
    *out = vcl_tpl_int64(number);
    return result;
}

static int add(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    uint64_t sum = 0;

    (void)state;
    for (size_t i = 0; i < count; i++)
        sum += (uint64_t)vcl_tpl_to_int64(&args[i]);
    *out = vcl_tpl_int64(wrap(sum));
    return 0;
}

static int add1(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_int64(wrap((uint64_t)vcl_tpl_to_int64(&args[0]) + 1));
    return 0;
}

static int sub(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_int64(
        wrap((uint64_t)vcl_tpl_to_int64(&args[0]) - (uint64_t)vcl_tpl_to_int64(&args[1])));
    return 0;
}

static int mul(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    uint64_t product = (uint64_t)vcl_tpl_to_int64(&args[0]);

    (void)state;
    for (size_t i = 1; i < count; i++)
        product *= (uint64_t)vcl_tpl_to_int64(&args[i]);
    *out = vcl_tpl_int64(wrap(product));
    return 0;
}

static int divide(vcl_tpl_state *state, const vcl_tpl_value *args, bool rest, vcl_tpl_value *out)
{
    int64_t a = vcl_tpl_to_int64(&args[0]);
    int64_t b = vcl_tpl_to_int64(&args[1]);

    if (b == 0)
        return vcl_tpl_raise(state, "runtime error: integer divide by zero");
    if (b == -1) /* the smallest number has no positive one */
        *out = vcl_tpl_int64(rest ? 0 : wrap(0 - (uint64_t)a));
    else
        *out = vcl_tpl_int64(rest ? a % b : a / b);
    return 0;
}

static int div_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return divide(state, args, false, out);
}

static int mod(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return divide(state, args, true, out);
}

static int max(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int64_t best = vcl_tpl_to_int64(&args[0]);

    (void)state;
    for (size_t i = 1; i < count; i++) {
        int64_t number = vcl_tpl_to_int64(&args[i]);
        best = number > best ? number : best;
    }
    *out = vcl_tpl_int64(best);
    return 0;
}

static int min(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int64_t best = vcl_tpl_to_int64(&args[0]);

    (void)state;
    for (size_t i = 1; i < count; i++) {
        int64_t number = vcl_tpl_to_int64(&args[i]);
        best = number < best ? number : best;
    }
    *out = vcl_tpl_int64(best);
    return 0;
}

static int maxf(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    double best = vcl_tpl_to_float64(&args[0]);

    (void)state;
    for (size_t i = 1; i < count; i++)
        best = fmax(best, vcl_tpl_to_float64(&args[i]));
    *out = vcl_tpl_float(best);
    return 0;
}

static int minf(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    double best = vcl_tpl_to_float64(&args[0]);

    (void)state;
    for (size_t i = 1; i < count; i++)
        best = fmin(best, vcl_tpl_to_float64(&args[i]));
    *out = vcl_tpl_float(best);
    return 0;
}

static int floor_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_float(floor(vcl_tpl_to_float64(&args[0])));
    return 0;
}

static int ceil_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_float(ceil(vcl_tpl_to_float64(&args[0])));
    return 0;
}

/* round x places [from which fraction on]. */
static int round_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    double round_on = count > 2 ? args[2].number : 0.5;
    double power = pow(10, (double)args[1].integer);
    double digits = power * vcl_tpl_to_float64(&args[0]);
    double whole;
    double fraction = modf(digits, &whole);

    (void)state;
    *out = vcl_tpl_float((fraction >= round_on ? ceil(digits) : floor(digits)) / power);
    return 0;
}

/* The numbers from start to before stop. */
static int
steps(vcl_tpl_state *state, int64_t start, int64_t stop, int64_t step, vcl_tpl_value *out)
{
    uint64_t distance =
        stop < start ? (uint64_t)start - (uint64_t)stop : (uint64_t)stop - (uint64_t)start;
    uint64_t size = step < 0 ? 0 - (uint64_t)step : (uint64_t)step;
    bool runs = stop < start ? step < 0 : step > 0;
    uint64_t count = runs ? distance / size + (distance % size != 0) : 0;
    int result = vcl_tpl_new_list(state, (size_t)count, VCL_TPL_T_INTS, out);

    for (uint64_t i = 0; result == 0 && i < count; i++)
        out->list->items[i] = vcl_tpl_int(wrap((uint64_t)start + i * (uint64_t)step));
    return result;
}

static int until(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return steps(state, 0, args[0].integer, args[0].integer < 0 ? -1 : 1, out);
}

static int
until_step(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return steps(state, args[0].integer, args[1].integer, args[2].integer, out);
}

/* Like the program seq: last, first last, or first step last; as one text. */
static int seq(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int64_t start = count > 1 ? args[0].integer : 1;
    int64_t end = count ? args[count - 1].integer : 0;
    int64_t increment = end < start ? -1 : 1;
    int64_t step = count == 3 ? args[1].integer : increment;
    vcl_tpl_value list;
    VCL_AUTO_BUF buf = { 0 };

    *out = vcl_tpl_cstring("");
    if (count == 0 || count > 3 || (count == 3 && end < start && step > 0))
        return 0;

    int result = steps(state, start, wrap((uint64_t)end + (uint64_t)increment), step, &list);
    if (result < 0)
        return result;
    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    for (size_t i = 0; i < list.list->count; i++)
        vcl_buf_addf(&buf, "%s%lld", i ? " " : "", (long long)list.list->items[i].integer);
    return vcl_tpl_return_buf(state, &buf, out);
}

const vcl_tpl_function vcl_tpl_funcs_math[] = {
    { "int", "a", 0, to_int },
    { "int64", "a", 0, to_int64 },
    { "float64", "a", 0, to_float64 },
    { "atoi", "s", 0, atoi_ },
    { "toDecimal", "a", 0, to_decimal },
    { "add", "a*", 0, add },
    { "add1", "a", 0, add1 },
    { "sub", "aa", 0, sub },
    { "mul", "aa*", 0, mul },
    { "div", "aa", 0, div_ },
    { "mod", "aa", 0, mod },
    { "max", "aa*", 0, max },
    { "biggest", "aa*", 0, max },
    { "min", "aa*", 0, min },
    { "maxf", "aa*", 0, maxf },
    { "minf", "aa*", 0, minf },
    { "floor", "a", 0, floor_ },
    { "ceil", "a", 0, ceil_ },
    { "round", "aif*", 0, round_ },
    { "until", "i", 0, until },
    { "untilStep", "iii", 0, until_step },
    { "seq", "i*", 0, seq },
    { NULL, NULL, 0, NULL },
};
