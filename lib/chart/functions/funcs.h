/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that templates can call. Each group is a table in a file of its own; a new function
 * is a new line there. The evaluator checks arguments by the signature before it calls.
 *
 * Signature: one letter for each parameter, the last one with '*' when any number may follow:
 * a interface {}, r any value as it is, s string, i int, l int64, u uint32, f float64, b bool,
 * m map[string]interface {}, L []interface {}, c sprig.certificate, v *semver.Version,
 * t time.Time, d time.Duration.
 */
#ifndef VCL_CHART_TEMPLATE_FUNCS_H
#define VCL_CHART_TEMPLATE_FUNCS_H

#include "chart/template/ast.h"
#include "chart/template/eval.h"

/* Result into *out; a failure is noted by vcl_tpl_raise() or vcl_tpl_raise_memory(). */
typedef int vcl_tpl_function_fn(vcl_tpl_state *state,
                                const vcl_tpl_value *args,
                                size_t count,
                                vcl_tpl_value *out);

struct vcl_tpl_function {
    const char *name;
    const char *signature;
    char result; /* 'a': an interface {}; 0: a value of its own type */
    vcl_tpl_function_fn *call;
};

/* A function by name, NULL when there is none. known: it is one of Helm's that is left out. */
const vcl_tpl_function *vcl_tpl_function_find(vcl_tpl_text name, bool *out_known);
/* All groups of functions, each ending with a NULL name. */
const vcl_tpl_function *const *vcl_tpl_function_groups(size_t *out_count);
/* A method of a type of value, or NULL. Its first argument is the value. */
const vcl_tpl_function *vcl_tpl_method_find(vcl_tpl_type type, vcl_tpl_text name);

/* The groups. Each table ends with a NULL name. */
extern const vcl_tpl_function vcl_tpl_funcs_logic[];
extern const vcl_tpl_function vcl_tpl_funcs_compare[];
extern const vcl_tpl_function vcl_tpl_funcs_index[];
extern const vcl_tpl_function vcl_tpl_funcs_string[];
extern const vcl_tpl_function vcl_tpl_funcs_split[];
extern const vcl_tpl_function vcl_tpl_funcs_case[];
extern const vcl_tpl_function vcl_tpl_funcs_list[];
extern const vcl_tpl_function vcl_tpl_funcs_dict[];
extern const vcl_tpl_function vcl_tpl_funcs_merge[];
extern const vcl_tpl_function vcl_tpl_funcs_math[];
extern const vcl_tpl_function vcl_tpl_funcs_encode[];
extern const vcl_tpl_function vcl_tpl_funcs_data[];
extern const vcl_tpl_function vcl_tpl_funcs_path[];
extern const vcl_tpl_function vcl_tpl_funcs_helm[];
extern const vcl_tpl_function vcl_tpl_funcs_date[];
extern const vcl_tpl_function vcl_tpl_funcs_url[];
extern const vcl_tpl_function vcl_tpl_funcs_random[];
extern const vcl_tpl_function vcl_tpl_funcs_words[];
extern const vcl_tpl_function vcl_tpl_funcs_regex[];
extern const vcl_tpl_function vcl_tpl_funcs_crypto[];
extern const vcl_tpl_function vcl_tpl_funcs_cert[];
extern const vcl_tpl_function vcl_tpl_funcs_decimal[];
extern const vcl_tpl_function vcl_tpl_funcs_semver[];
extern const vcl_tpl_function vcl_tpl_funcs_toml[];
extern const vcl_tpl_function vcl_tpl_funcs_yaml[];

/* For the functions: results that need memory. Each returns 0 or a failure already noted. */
int vcl_tpl_return_text(vcl_tpl_state *state, const char *data, size_t size, vcl_tpl_value *out);
/* The contents of a buffer, which is done with. */
int vcl_tpl_return_buf(vcl_tpl_state *state, vcl_buf *buf, vcl_tpl_value *out);
int vcl_tpl_new_list(vcl_tpl_state *state, size_t count, vcl_tpl_type type, vcl_tpl_value *out);
int vcl_tpl_new_map(vcl_tpl_state *state, vcl_tpl_type type, vcl_tpl_value *out);
int vcl_tpl_put(vcl_tpl_state *state, vcl_tpl_map *map, vcl_tpl_text key, vcl_tpl_value value);
/* Count work that no other step counts; a failure when the budget is used up. */
int vcl_tpl_spend(vcl_tpl_state *state, size_t steps);
/* A value as text: strings as they are, everything else printed (sprig's strval). */
int vcl_tpl_text_of(vcl_tpl_state *state, const vcl_tpl_value *value, vcl_tpl_text *out_text);
/* A list as texts, without its nils; a value that is no list as the only one (sprig's strslice). */
int vcl_tpl_texts_of(vcl_tpl_state *state, const vcl_tpl_value *value, vcl_tpl_value *out_list);
/* Decode base64 as Go does, into a buffer. False: the position of the first wrong byte. */
bool vcl_tpl_decode_base64(vcl_tpl_text text, vcl_buf *buf, size_t *out_position);

#endif
