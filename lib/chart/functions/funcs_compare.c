/* SPDX-License-Identifier: Apache-2.0 */
/* eq ne lt le gt ge, by the basic kinds of Go: an int and a float64 cannot be compared. */
#include "base/limits.h"
#include "chart/functions/funcs.h"
#include "chart/template/print.h"

/* Whether a kind is one that can be compared by value. Bytes count as a slice. */
static bool is_basic(const vcl_tpl_value *value)
{
    return value->kind >= VCL_TPL_BOOL && value->kind <= VCL_TPL_STRING &&
           value->type != VCL_TPL_T_BYTES;
}

static int incompatible(vcl_tpl_state *state, const vcl_tpl_value *a, const vcl_tpl_value *b)
{
    return vcl_tpl_raise(state, "incompatible types for comparison: %s and %s",
                         vcl_tpl_type_of(a)->name, vcl_tpl_type_of(b)->name);
}

static bool is_nil(const vcl_tpl_value *value)
{
    return value->kind == VCL_TPL_NIL || (value->kind == VCL_TPL_LIST && !value->list) ||
           (value->kind == VCL_TPL_MAP && !value->map);
}

static int not_comparable(vcl_tpl_state *state, const vcl_tpl_value *a, const vcl_tpl_value *b)
{
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, VCL_MAX_MESSAGE);
    vcl_tpl_sprintf(&text, vcl_tpl_literal("%s"), a->kind == b->kind ? b : a, 1);
    if (a->kind == b->kind)
        return vcl_tpl_raise(state, "non-comparable type %s: %s", vcl_buf_text(&text),
                             vcl_tpl_type_of(b)->name);
    vcl_buf_addf(&text, ": %s, %s: ", vcl_tpl_type_of(a)->name, vcl_tpl_type_of(b)->name);
    vcl_tpl_print(&text, b);
    return vcl_tpl_raise(state, "non-comparable types %s", vcl_buf_text(&text));
}

static int equal(vcl_tpl_state *state, const vcl_tpl_value *a, const vcl_tpl_value *b, bool *out)
{
    bool both_basic = is_basic(a) && is_basic(b);

    *out = false;
    if (both_basic && a->kind == b->kind) {
        *out = a->type == b->type || a->kind == VCL_TPL_INT
                   ? (a->kind == VCL_TPL_INT ? a->integer == b->integer : vcl_tpl_deep_equal(a, b))
                   : false;
        return 0;
    }
    if (is_basic(a) || is_basic(b))
        return a->kind == VCL_TPL_NIL || b->kind == VCL_TPL_NIL ? 0 : incompatible(state, a, b);
    if (a->kind != b->kind && a->kind != VCL_TPL_NIL && b->kind != VCL_TPL_NIL)
        return not_comparable(state, a, b);
    if (is_nil(a) || is_nil(b)) {
        *out = is_nil(a) == is_nil(b);
        return 0;
    }
    if (a->type == VCL_TPL_T_TIME && b->type == VCL_TPL_T_TIME) {
        *out = vcl_tpl_deep_equal(a, b);
        return 0;
    }
    return not_comparable(state, a, b);
}

static int less(vcl_tpl_state *state, const vcl_tpl_value *a, const vcl_tpl_value *b, bool *out)
{
    if (!is_basic(a) || !is_basic(b))
        return vcl_tpl_raise(state, "invalid type for comparison");
    if (a->kind != b->kind)
        return incompatible(state, a, b);
    switch ((vcl_tpl_kind)a->kind) {
    case VCL_TPL_INT:
        *out = a->integer < b->integer;
        return 0;
    case VCL_TPL_FLOAT:
        *out = a->number < b->number;
        return 0;
    case VCL_TPL_STRING:
        *out = vcl_tpl_text_compare(a->text, b->text) < 0;
        return 0;
    default:
        return vcl_tpl_raise(state, "invalid type for comparison");
    }
}

static int
less_or_equal(vcl_tpl_state *state, const vcl_tpl_value *a, const vcl_tpl_value *b, bool *out)
{
    int result = less(state, a, b, out);

    return result < 0 || *out ? result : equal(state, a, b, out);
}

static int eq(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    bool found = false;

    if (count < 2)
        return vcl_tpl_raise(state, "missing argument for comparison");
    for (size_t i = 1; i < count && !found; i++) {
        int result = equal(state, &args[0], &args[i], &found);
        if (result < 0)
            return result;
    }
    *out = vcl_tpl_bool(found);
    return 0;
}

static int ne(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    bool same = false;
    int result = equal(state, &args[0], &args[1], &same);

    (void)count;
    *out = vcl_tpl_bool(!same);
    return result;
}

static int lt(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    bool yes = false;
    int result = less(state, &args[0], &args[1], &yes);

    (void)count;
    *out = vcl_tpl_bool(yes);
    return result;
}

static int ge(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    bool yes = false;
    int result = less(state, &args[0], &args[1], &yes);

    (void)count;
    *out = vcl_tpl_bool(!yes);
    return result;
}

static int le(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    bool yes = false;
    int result = less_or_equal(state, &args[0], &args[1], &yes);

    (void)count;
    *out = vcl_tpl_bool(yes);
    return result;
}

static int gt(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    bool yes = false;
    int result = less_or_equal(state, &args[0], &args[1], &yes);

    (void)count;
    *out = vcl_tpl_bool(!yes);
    return result;
}

const vcl_tpl_function vcl_tpl_funcs_compare[] = {
    { "eq", "rr*", 0, eq }, { "ne", "rr", 0, ne }, { "lt", "rr", 0, lt },   { "le", "rr", 0, le },
    { "gt", "rr", 0, gt },  { "ge", "rr", 0, ge }, { NULL, NULL, 0, NULL },
};
