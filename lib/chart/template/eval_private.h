/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the evaluator share. Each function returns 0 or a noted failure. */
#ifndef VCL_CHART_TEMPLATE_EVAL_PRIVATE_H
#define VCL_CHART_TEMPLATE_EVAL_PRIVATE_H

#include "chart/functions/funcs.h"
#include "chart/template/eval.h"

/* How a walk ended, besides failures: {{break}} and {{continue}} look for their range. */
enum { VCL_TPL_WALK_ON = 0, VCL_TPL_WALK_BREAK = 1, VCL_TPL_WALK_CONTINUE = 2 };

/* The deepest evaluation: every nested list, pipeline and call counts. */
enum { VCL_TPL_MAX_EVAL_DEPTH = 12000 };

/* Fail at the node where the state is. */
int vcl_tpl_fail_here(vcl_tpl_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Put the place where the state is before the reason that was noted. */
int vcl_tpl_fail_locate(vcl_tpl_state *state);

/* Count one step and one level; leave the level again. */
int vcl_tpl_enter(vcl_tpl_state *state);
void vcl_tpl_leave(vcl_tpl_state *state);

int vcl_tpl_walk(vcl_tpl_state *state, const vcl_tpl_value *dot, const vcl_tpl_node *node);

int vcl_tpl_push_variable(vcl_tpl_state *state, vcl_tpl_text name, const vcl_tpl_value *value);
int vcl_tpl_set_variable(vcl_tpl_state *state, vcl_tpl_text name, const vcl_tpl_value *value);

int vcl_tpl_eval_pipeline(vcl_tpl_state *state,
                          const vcl_tpl_value *dot,
                          const vcl_tpl_node *pipe,
                          vcl_tpl_value *out);
/* A word that stands alone. */
int vcl_tpl_eval_word(vcl_tpl_state *state,
                      const vcl_tpl_value *dot,
                      const vcl_tpl_node *word,
                      vcl_tpl_value *out);
/* A word as an argument for a parameter of a type letter (0: any, as it is). */
int vcl_tpl_eval_argument(vcl_tpl_state *state,
                          const vcl_tpl_value *dot,
                          char parameter,
                          const vcl_tpl_node *node,
                          vcl_tpl_value *out);

/* A call in work: the words behind the name (words[0] is the name itself, or there are none), and
 * the result of the command before, if any. */
typedef struct vcl_tpl_call {
    const vcl_tpl_value *dot;
    const vcl_tpl_node *node; /* for messages */
    vcl_tpl_text name;
    vcl_tpl_node *const *words;
    size_t word_count;
    const vcl_tpl_value *final;
    const vcl_tpl_value *receiver; /* of a method */
} vcl_tpl_call;

int vcl_tpl_eval_call(vcl_tpl_state *state,
                      const vcl_tpl_function *function,
                      const vcl_tpl_call *call,
                      vcl_tpl_value *out);

#endif
