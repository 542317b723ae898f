/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One validation, shared by the schema_*.c files that take part in it: the state, the way to the
 * value that is looked at, and how findings are made. The compiled schema is never changed.
 */
#ifndef VCL_DATA_SCHEMA_RUN_H
#define VCL_DATA_SCHEMA_RUN_H

#include "data/schema_node.h"

enum { VCL_SCHEMA_FEW_BITS = 2 };

/* How a step came to its value from that of the step outside it. */
typedef enum vcl_schema_way {
    VCL_WAY_SAME, /* it is the same one */
    VCL_WAY_MEMBER,
    VCL_WAY_ITEM,
    VCL_WAY_NAME /* it is the name of a member */
} vcl_schema_way;

/* One schema and one value that it is laid on. Lives on the stack. */
typedef struct vcl_schema_step {
    const struct vcl_schema_step *outer;
    const vcl_schema_node *node;
    const cJSON *value;
    vcl_schema_way way;
    size_t index; /* of an item */
    /* Members or items that no schema has looked at yet, one bit each; only kept where
     * "unevaluatedProperties" or "unevaluatedItems" will ask. */
    bool open;
    size_t words;
    uint64_t *bits;
    uint64_t few[VCL_SCHEMA_FEW_BITS];
} vcl_schema_step;

typedef struct vcl_schema_run {
    const char *prefix;
    vcluster_error **error; /* findings go here; NULL: nobody wants them */
    size_t findings;
    int quiet; /* > 0: only whether it fits matters, so that the first problem is enough */
    int depth;
    int64_t steps;
    int status; /* < 0: the run is over */
} vcl_schema_run;

/* Whether the value of a step fits its schema. False as well once the run is over. */
bool vcl_schema_fits(vcl_schema_run *run, vcl_schema_step *step);
/* Whether the same value fits another schema; what that one has looked at counts for this one. */
bool vcl_schema_same_fits(vcl_schema_run *run, vcl_schema_step *step, const vcl_schema_node *node);
/* A member or item of the value. */
bool vcl_schema_part_fits(vcl_schema_run *run,
                          const vcl_schema_step *step,
                          const vcl_schema_node *node,
                          const cJSON *part,
                          size_t index);

bool vcl_schema_object_fits(vcl_schema_run *run, vcl_schema_step *step);
bool vcl_schema_array_fits(vcl_schema_run *run, vcl_schema_step *step);
bool vcl_schema_scalar_fits(vcl_schema_run *run, const vcl_schema_step *step);
/* "const" and "enum". */
bool vcl_schema_values_fit(vcl_schema_run *run, const vcl_schema_step *step);
/* "allOf", "anyOf", "oneOf", "not", "if". */
bool vcl_schema_logic_fits(vcl_schema_run *run, vcl_schema_step *step);

/* Whether there is a reason to look no further: a problem is known and one is enough. */
static inline bool vcl_schema_enough(const vcl_schema_run *run, bool fits)
{
    return run->status < 0 || (!fits && run->quiet > 0);
}

/* Count work; false, and the run is over, when it was too much. */
bool vcl_schema_count(vcl_schema_run *run, const vcl_schema_step *step, size_t work);
/* Whether text has a match; false as well when the run is over. */
bool vcl_schema_matches(vcl_schema_run *run,
                        const vcl_schema_step *step,
                        const vcl_regex *regex,
                        const char *text);

/* Make a finding, unless it is quiet; always false. member is a name to add to the path, or NULL;
 * remedy may be NULL. */
bool vcl_schema_refuse(vcl_schema_run *run,
                       const vcl_schema_step *step,
                       const char *rule,
                       const char *format,
                       ...) __attribute__((format(printf, 4, 5)));
bool vcl_schema_refuse_member(vcl_schema_run *run,
                              const vcl_schema_step *step,
                              const char *rule,
                              const char *member,
                              const char *remedy);
/* End the run because of a limit, or of memory; always false. */
bool vcl_schema_stop(vcl_schema_run *run, const vcl_schema_step *step, const char *message);
bool vcl_schema_stop_memory(vcl_schema_run *run);

/* "string or null" for a set of types. */
enum { VCL_SCHEMA_TYPES_SIZE = 80 };
void vcl_schema_name_types(unsigned types, char text[VCL_SCHEMA_TYPES_SIZE]);

/* "did you mean 'x'?" for the name that is nearest to an unknown one; NULL when none is near. */
char *vcl_schema_suggest(const vcl_schema_object *object, const char *unknown);

#endif
