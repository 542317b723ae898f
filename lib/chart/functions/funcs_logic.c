/* SPDX-License-Identifier: Apache-2.0 */
/* Truth, defaults, and questions about types. */
#include "chart/functions/funcs.h"

static int not_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_bool(!vcl_tpl_truth(&args[0]));
    return 0;
}

static int
default_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    *out = count < 2 || vcl_tpl_empty(&args[1]) ? args[0] : args[1];
    return 0;
}

static int empty(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_bool(vcl_tpl_empty(&args[0]));
    return 0;
}

static int
coalesce(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    for (size_t i = 0; i < count; i++) {
        if (!vcl_tpl_empty(&args[i])) {
            *out = args[i];
            return 0;
        }
    }
    return 0;
}

static int all(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    bool result = true;

    (void)state;
    for (size_t i = 0; i < count; i++)
        result = result && !vcl_tpl_empty(&args[i]);
    *out = vcl_tpl_bool(result);
    return 0;
}

static int any(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    bool result = false;

    (void)state;
    for (size_t i = 0; i < count; i++)
        result = result || !vcl_tpl_empty(&args[i]);
    *out = vcl_tpl_bool(result);
    return 0;
}

static int
ternary(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = args[2].boolean ? args[0] : args[1];
    return 0;
}

static int
type_of(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_cstring(vcl_tpl_type_of(&args[0])->name);
    return 0;
}

static int
type_is(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_bool(vcl_tpl_text_is(args[0].text, vcl_tpl_type_of(&args[1])->name));
    return 0;
}

/* The type itself or a pointer to it. */
static int
type_is_like(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const char *name = vcl_tpl_type_of(&args[1])->name;

    (void)state;
    (void)count;
    *out = vcl_tpl_bool(vcl_tpl_text_is(args[0].text, name) ||
                        (*name == '*' && vcl_tpl_text_is(args[0].text, name + 1)));
    return 0;
}

static int
kind_of(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_cstring(vcl_tpl_type_of(&args[0])->kind);
    return 0;
}

static int
kind_is(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_bool(vcl_tpl_text_is(args[0].text, vcl_tpl_type_of(&args[1])->kind));
    return 0;
}

static int
deep_equal(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_bool(vcl_tpl_deep_equal(&args[0], &args[1]));
    return 0;
}

static int
deep_copy(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    if (args[0].kind == VCL_TPL_NIL) /* sprig trips over it too */
        return vcl_tpl_raise(state, "reflect: call of reflect.Value.Type on zero Value");
    bool unfit = false;
    if (vcl_tpl_deep_copy(&state->engine->arena, &args[0], out, &unfit))
        return 0;
    if (!unfit)
        return vcl_tpl_raise_memory(state);
    return vcl_tpl_raise(state, "the value is too large, or nested too deep, to be copied");
}

const vcl_tpl_function vcl_tpl_funcs_logic[] = {
    { "and", "rr*", 0, NULL }, /* the evaluator does these two: they need not look at all words */
    { "or", "rr*", 0, NULL },
    { "not", "r", 0, not_ },
    { "default", "aa*", 'a', default_ },
    { "empty", "a", 0, empty },
    { "coalesce", "a*", 'a', coalesce },
    { "all", "a*", 0, all },
    { "any", "a*", 0, any },
    { "ternary", "aab", 'a', ternary },
    { "typeOf", "a", 0, type_of },
    { "typeIs", "sa", 0, type_is },
    { "typeIsLike", "sa", 0, type_is_like },
    { "kindOf", "a", 0, kind_of },
    { "kindIs", "sa", 0, kind_is },
    { "deepEqual", "aa", 0, deep_equal },
    { "deepCopy", "a", 'a', deep_copy },
    { "mustDeepCopy", "a", 'a', deep_copy },
    { NULL, NULL, 0, NULL },
};
