/* SPDX-License-Identifier: Apache-2.0 */
/* The syntax tree of templates. Nodes live in the arena of the rendering. */
#ifndef VCL_CHART_TEMPLATE_AST_H
#define VCL_CHART_TEMPLATE_AST_H

#include "base/buf.h"
#include "chart/template/value.h"

typedef enum vcl_tpl_node_type {
    VCL_TPL_NODE_LIST,     /* children */
    VCL_TPL_NODE_TEXT,     /* text */
    VCL_TPL_NODE_ACTION,   /* pipe */
    VCL_TPL_NODE_IF,       /* pipe, list, else_list */
    VCL_TPL_NODE_RANGE,    /* the same */
    VCL_TPL_NODE_WITH,     /* the same */
    VCL_TPL_NODE_TEMPLATE, /* text: its name; pipe or NULL */
    VCL_TPL_NODE_BREAK,
    VCL_TPL_NODE_CONTINUE,
    VCL_TPL_NODE_PIPE,       /* variables, is_assign, children: commands */
    VCL_TPL_NODE_COMMAND,    /* children: words */
    VCL_TPL_NODE_IDENTIFIER, /* text: name of a function */
    VCL_TPL_NODE_VARIABLE,   /* path: "$x", fields */
    VCL_TPL_NODE_DOT,
    VCL_TPL_NODE_NIL,
    VCL_TPL_NODE_FIELD, /* path */
    VCL_TPL_NODE_CHAIN, /* operand, path */
    VCL_TPL_NODE_BOOL,
    VCL_TPL_NODE_NUMBER, /* source */
    VCL_TPL_NODE_STRING, /* text; source: as written */
    VCL_TPL_NODE_END,    /* only while parsing */
    VCL_TPL_NODE_ELSE,
} vcl_tpl_node_type;

typedef struct vcl_tpl_node vcl_tpl_node;
typedef struct vcl_tpl_function vcl_tpl_function;

/* One template: a file, a define or a block. */
typedef struct vcl_tpl_tree {
    vcl_tpl_text name;
    vcl_tpl_text file; /* where it stands: for messages */
    vcl_tpl_text source;
    vcl_tpl_node *root;
} vcl_tpl_tree;

/* Nodes that grow while they are parsed. */
typedef struct vcl_tpl_nodes {
    vcl_tpl_node **items;
    size_t count;
    size_t capacity;
} vcl_tpl_nodes;

/* Names behind dots. */
typedef struct vcl_tpl_path {
    vcl_tpl_text *names;
    size_t count;
    size_t capacity;
} vcl_tpl_path;

/* Which value a number can be, by its syntax. */
typedef struct vcl_tpl_number {
    bool is_int;
    bool is_float;
    bool written_as_float; /* its own type is float64 */
    bool is_complex;
    bool overflows_int; /* fits an unsigned one only */
    int64_t integer;
    double number;
} vcl_tpl_number;

struct vcl_tpl_node {
    vcl_tpl_node_type type;
    int line;
    size_t pos;
    const vcl_tpl_tree *tree;
    vcl_tpl_text text;
    vcl_tpl_text source;
    vcl_tpl_nodes children;
    union {
        struct { /* IF, RANGE, WITH, ACTION, TEMPLATE */
            vcl_tpl_node *pipe;
            vcl_tpl_node *list;
            vcl_tpl_node *else_list;
        };
        struct { /* PIPE */
            vcl_tpl_node *variables[2];
            size_t variable_count;
            bool is_assign;
        };
        struct { /* FIELD, VARIABLE, CHAIN */
            vcl_tpl_path path;
            vcl_tpl_node *operand;
        };
        vcl_tpl_number number;
        bool boolean;
        const vcl_tpl_function *function; /* IDENTIFIER */
    };
};

/* Print a node as Go prints it in messages. */
void vcl_tpl_node_print(const vcl_tpl_node *node, vcl_buf *buf);
/* Whether there is nothing but white space (such a template never replaces another). */
bool vcl_tpl_node_is_empty(const vcl_tpl_node *node);

/* Line, and bytes since its start, of a node. */
void vcl_tpl_node_locate(const vcl_tpl_node *node, int *out_line, size_t *out_column);

#endif
