/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running templates. One engine renders one chart: arena, variables, budget and the reason of a
 * failure. One state is one running template.
 *
 * Mirrors text/template of Go 1.26 (exec.go, funcs.go) with missingkey=zero, as Helm 3.21 sets it.
 */
#ifndef VCL_CHART_TEMPLATE_EVAL_H
#define VCL_CHART_TEMPLATE_EVAL_H

#include "base/buf.h"
#include "base/error.h"
#include "chart/template/parse.h"

typedef struct vcl_tpl_variable {
    vcl_tpl_text name;
    vcl_tpl_value value;
} vcl_tpl_variable;

/* How often a template includes itself at the moment. */
typedef struct vcl_tpl_include_count {
    vcl_tpl_text name;
    int count;
} vcl_tpl_include_count;

/* Why a rendering failed. */
typedef struct vcl_tpl_failure {
    int status;       /* 0: it did not */
    vcl_buf message;  /* with every place on the way */
    vcl_buf reason;   /* without */
    bool is_message;  /* made by fail or required: Helm shows only the text */
    vcl_buf location; /* file:line:column of the outermost template */
    vcl_buf file;
    int line;
} vcl_tpl_failure;

/* Asks the host for what the function lookup names; see vcl_lookup_fn of chart/render.h. */
typedef int (*vcl_tpl_lookup_fn)(void *data,
                                 const char *api_version,
                                 const char *kind,
                                 const char *namespace_name,
                                 const char *name,
                                 cJSON **out_object,
                                 vcluster_error **error);

typedef struct vcl_tpl_engine {
    vcl_tpl_lookup_fn lookup; /* NULL: nothing is ever found */
    void *lookup_data;
    vcl_arena arena;
    vcl_tpl_set set;
    vcl_tpl_variable *variables; /* a stack */
    size_t variable_count;
    size_t variable_capacity;
    vcl_tpl_include_count *includes;
    size_t include_count;
    size_t include_capacity;
    int depth;          /* of evaluation: bounds the C stack */
    int64_t steps;      /* that are left */
    size_t output_left; /* bytes that may still be written */
    /* Time zones that were read: the local one, and the last of another name. */
    struct vcl_zone *local_zone;
    struct vcl_zone *named_zone;
    char *zone_name;
    vcl_tpl_failure failure;
} vcl_tpl_engine;

typedef struct vcl_tpl_state {
    vcl_tpl_engine *engine;
    const vcl_tpl_set *set;
    const vcl_tpl_tree *tree;
    vcl_buf *output;
    size_t first_variable;    /* of this template on the stack */
    const vcl_tpl_node *node; /* where it is, for messages */
} vcl_tpl_state;

void vcl_tpl_engine_init(vcl_tpl_engine *engine);
void vcl_tpl_engine_done(vcl_tpl_engine *engine);

/* Parse a file into the set of the engine; name and text must outlive it. */
int vcl_tpl_engine_parse(vcl_tpl_engine *engine, vcl_tpl_text name, vcl_tpl_text text);
/* Start from a set that others share, as a clone of it: it stays as it is and must outlive the
 * engine. Its size counts as memory of the engine; false when that is too much. */
bool vcl_tpl_engine_share(vcl_tpl_engine *engine, const vcl_tpl_set *set, size_t size);
/* Run one of the files; the output is appended, "<no value>" erased. */
int vcl_tpl_engine_execute(vcl_tpl_engine *engine,
                           vcl_tpl_text name,
                           const vcl_tpl_value *data,
                           vcl_buf *output);
/* The same on the stack of the caller, which must be deep (base/stack.h). */
int vcl_tpl_engine_execute_here(vcl_tpl_engine *engine,
                                vcl_tpl_text name,
                                const vcl_tpl_value *data,
                                vcl_buf *output);
/* Make the error of what was noted: CONFIG with a finding, or NO_MEMORY. */
int vcl_tpl_engine_error(vcl_tpl_engine *engine, vcluster_error **error);

/* Run a template. */
int vcl_tpl_execute(vcl_tpl_engine *engine,
                    const vcl_tpl_set *set,
                    const vcl_tpl_tree *tree,
                    const vcl_tpl_value *data,
                    vcl_buf *output);

/* For functions: note a reason; the evaluator adds the place. Returns the status. */
int vcl_tpl_raise(vcl_tpl_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Put text before the reason that was noted. */
int vcl_tpl_raise_context(vcl_tpl_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Memory is short, or the arena is full. */
int vcl_tpl_raise_memory(vcl_tpl_state *state);
int vcl_tpl_engine_memory(vcl_tpl_engine *engine);

/* Remove every "<no value>". */
void vcl_tpl_erase_no_value(vcl_buf *buf);

#endif
