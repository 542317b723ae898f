/* SPDX-License-Identifier: Apache-2.0 */
/* Lists. Each function makes a new list: those of the caller never change. */
#include <math.h>
#include <string.h>

#include "chart/functions/funcs.h"
#include "chart/template/convert.h"

static int need_list(vcl_tpl_state *state, const vcl_tpl_value *value, const char *what)
{
    if (value->kind == VCL_TPL_LIST)
        return 0;
    if (value->kind == VCL_TPL_NIL)
        return vcl_tpl_raise(state, "runtime error: invalid memory address or nil pointer "
                                    "dereference");
    return vcl_tpl_raise(state, "Cannot %s type %s", what, vcl_tpl_type_of(value)->kind);
}

/* A part of a list as a new one. */
static int copy_part(
    vcl_tpl_state *state, const vcl_tpl_value *list, size_t start, size_t end, vcl_tpl_value *out)
{
    int result = vcl_tpl_new_list(state, end - start, VCL_TPL_T_LIST, out);

    for (size_t i = start; result == 0 && i < end; i++)
        out->list->items[i - start] = list->list->items[i];
    return result;
}

static int list(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = vcl_tpl_new_list(state, count, VCL_TPL_T_LIST, out);

    for (size_t i = 0; result == 0 && i < count; i++)
        out->list->items[i] = args[i];
    return result;
}

/* The list with one more item, in front or behind. */
static int
with_item(vcl_tpl_state *state, const vcl_tpl_value *args, bool front, vcl_tpl_value *out)
{
    size_t size = vcl_tpl_list_size(&args[0]);
    int result = vcl_tpl_new_list(state, size + 1, VCL_TPL_T_LIST, out);

    if (result < 0)
        return result;
    for (size_t i = 0; i < size; i++)
        out->list->items[i + front] = args[0].list->items[i];
    out->list->items[front ? 0 : size] = args[1];
    return 0;
}

static int append(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = need_list(state, &args[0], "push on");

    (void)count;
    return result < 0 ? result : with_item(state, args, false, out);
}

static int
prepend(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = need_list(state, &args[0], "prepend on");

    (void)count;
    return result < 0 ? result : with_item(state, args, true, out);
}

static int first(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = need_list(state, &args[0], "find first on");

    (void)count;
    if (result == 0 && vcl_tpl_list_size(&args[0]))
        *out = vcl_tpl_list_at(&args[0], 0);
    return result;
}

static int last(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    size_t size = args[0].kind == VCL_TPL_LIST ? vcl_tpl_list_size(&args[0]) : 0;
    int result = need_list(state, &args[0], "find last on");

    (void)count;
    if (result == 0 && size)
        *out = vcl_tpl_list_at(&args[0], size - 1);
    return result;
}

/* A list without its first, or last, item; of an empty one a nil list. */
static int
without_end(vcl_tpl_state *state, const vcl_tpl_value *list, bool front, vcl_tpl_value *out)
{
    size_t size = vcl_tpl_list_size(list);

    if (size == 0) {
        *out = vcl_tpl_list_value(NULL, VCL_TPL_T_LIST);
        return 0;
    }
    return copy_part(state, list, front, size - !front, out);
}

static int rest(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = need_list(state, &args[0], "find rest on");

    (void)count;
    return result < 0 ? result : without_end(state, &args[0], true, out);
}

static int
initial(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = need_list(state, &args[0], "find initial on");

    (void)count;
    return result < 0 ? result : without_end(state, &args[0], false, out);
}

static int
reverse(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = need_list(state, &args[0], "find reverse on");

    (void)count;
    if (result == 0)
        result = copy_part(state, &args[0], 0, vcl_tpl_list_size(&args[0]), out);
    for (size_t i = 0; result == 0 && i < out->list->count; i++)
        out->list->items[i] = args[0].list->items[out->list->count - 1 - i];
    return result;
}

static bool is_in(const vcl_tpl_value *items, size_t count, const vcl_tpl_value *wanted)
{
    for (size_t i = 0; i < count; i++) {
        if (vcl_tpl_deep_equal(wanted, &items[i]))
            return true;
    }
    return false;
}

static int uniq(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = need_list(state, &args[0], "find uniq on");
    size_t kept = 0;

    (void)count;
    if (result == 0)
        result = vcl_tpl_new_list(state, vcl_tpl_list_size(&args[0]), VCL_TPL_T_LIST, out);
    if (result < 0)
        return result;
    for (size_t i = 0; result == 0 && i < vcl_tpl_list_size(&args[0]); i++) {
        result = vcl_tpl_spend(state, kept);
        if (!is_in(out->list->items, kept, &args[0].list->items[i]))
            out->list->items[kept++] = args[0].list->items[i];
    }
    out->list->count = kept;
    return result;
}

static int
compact(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = need_list(state, &args[0], "compact on");
    size_t kept = 0;

    (void)count;
    if (result == 0)
        result = vcl_tpl_new_list(state, vcl_tpl_list_size(&args[0]), VCL_TPL_T_LIST, out);
    if (result < 0)
        return result;
    for (size_t i = 0; i < vcl_tpl_list_size(&args[0]); i++) {
        if (!vcl_tpl_empty(&args[0].list->items[i]))
            out->list->items[kept++] = args[0].list->items[i];
    }
    out->list->count = kept;
    return 0;
}

static int
without(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = need_list(state, &args[0], "find without on");
    size_t kept = 0;

    if (result == 0)
        result = vcl_tpl_new_list(state, vcl_tpl_list_size(&args[0]), VCL_TPL_T_LIST, out);
    if (result < 0)
        return result;
    for (size_t i = 0; result == 0 && i < vcl_tpl_list_size(&args[0]); i++) {
        result = vcl_tpl_spend(state, count);
        if (!is_in(args + 1, count - 1, &args[0].list->items[i]))
            out->list->items[kept++] = args[0].list->items[i];
    }
    out->list->count = kept;
    return result;
}

static int has(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    *out = vcl_tpl_bool(false);
    if (args[1].kind == VCL_TPL_NIL)
        return 0;

    int result = need_list(state, &args[1], "find has on");
    if (result == 0 && args[1].list)
        *out = vcl_tpl_bool(is_in(args[1].list->items, args[1].list->count, &args[0]));
    return result;
}

static int slice(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    if (args[0].kind != VCL_TPL_LIST && args[0].kind != VCL_TPL_NIL)
        return vcl_tpl_raise(state, "list should be type of slice or array but %s",
                             vcl_tpl_type_of(&args[0])->kind);

    int result = need_list(state, &args[0], "slice");
    if (result < 0)
        return result;

    int64_t size = (int64_t)vcl_tpl_list_size(&args[0]);
    int64_t start = count > 1 ? vcl_tpl_to_int64(&args[1]) : 0;
    int64_t end = count > 2 ? vcl_tpl_to_int64(&args[2]) : size;
    if (size == 0)
        return 0;
    if (start < 0 || end < start || end > size)
        return vcl_tpl_raise(state, "reflect.Value.Slice: slice index out of bounds");
    result = copy_part(state, &args[0], (size_t)start, (size_t)end, out);
    out->type = args[0].type;
    return result;
}

static int concat(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    size_t size = 0;
    int result = 0;

    for (size_t i = 0; result == 0 && i < count; i++) {
        if (args[i].kind == VCL_TPL_LIST)
            size += vcl_tpl_list_size(&args[i]);
        else if (args[i].kind == VCL_TPL_NIL)
            result = need_list(state, &args[i], "concat");
        else
            result = vcl_tpl_raise(state, "Cannot concat type %s as list",
                                   vcl_tpl_type_of(&args[i])->kind);
    }
    if (result < 0)
        return result;
    if (size == 0) {
        *out = vcl_tpl_list_value(NULL, VCL_TPL_T_LIST);
        return 0;
    }
    result = vcl_tpl_new_list(state, size, VCL_TPL_T_LIST, out);
    size = 0;
    for (size_t i = 0; result == 0 && i < count; i++) {
        for (size_t j = 0; j < vcl_tpl_list_size(&args[i]); j++)
            out->list->items[size++] = args[i].list->items[j];
    }
    return result;
}

/* How many pieces there are; of a size below 1 whatever sprig's arithmetic makes of it, -1 where Go
 * would panic. */
static int64_t piece_count(int64_t size, int64_t piece)
{
    double count = piece ? floor((double)(size - 1) / (double)piece) + 1 : -1;

    return count < 0 || count > (double)size ? -1 : (int64_t)count;
}

static int chunk(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = need_list(state, &args[1], "chunk");

    (void)count;
    if (result < 0)
        return result;

    size_t size = vcl_tpl_list_size(&args[1]);
    int64_t pieces = piece_count((int64_t)size, args[0].integer);
    size_t piece = args[0].integer > 0 ? (size_t)args[0].integer : size;
    if (pieces < 0 || (pieces > 0 && args[0].integer < 0 && !(size == 1 && args[0].integer < -1)))
        return vcl_tpl_raise(state, "runtime error: makeslice: len out of range");
    result = vcl_tpl_new_list(state, (size_t)pieces, VCL_TPL_T_LISTS, out);
    for (size_t i = 0; result == 0 && i < (size_t)pieces; i++) {
        size_t end = piece < size - i * piece ? (i + 1) * piece : size;
        result = copy_part(state, &args[1], i * piece, end, &out->list->items[i]);
    }
    return result;
}

const vcl_tpl_function vcl_tpl_funcs_list[] = {
    { "list", "a*", 0, list },        { "tuple", "a*", 0, list },
    { "append", "aa", 0, append },    { "mustAppend", "aa", 0, append },
    { "push", "aa", 0, append },      { "mustPush", "aa", 0, append },
    { "prepend", "aa", 0, prepend },  { "mustPrepend", "aa", 0, prepend },
    { "first", "a", 'a', first },     { "mustFirst", "a", 'a', first },
    { "last", "a", 'a', last },       { "mustLast", "a", 'a', last },
    { "rest", "a", 0, rest },         { "mustRest", "a", 0, rest },
    { "initial", "a", 0, initial },   { "mustInitial", "a", 0, initial },
    { "reverse", "a", 0, reverse },   { "mustReverse", "a", 0, reverse },
    { "uniq", "a", 0, uniq },         { "mustUniq", "a", 0, uniq },
    { "compact", "a", 0, compact },   { "mustCompact", "a", 0, compact },
    { "without", "aa*", 0, without }, { "mustWithout", "aa*", 0, without },
    { "has", "aa", 0, has },          { "mustHas", "aa", 0, has },
    { "slice", "aa*", 'a', slice },   { "mustSlice", "aa*", 'a', slice },
    { "concat", "a*", 'a', concat },  { "chunk", "ia", 0, chunk },
    { "mustChunk", "ia", 0, chunk },  { NULL, NULL, 0, NULL },
};
