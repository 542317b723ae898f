/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Schema: draft 4, 6, 7, 2019-09 and 2020-12 as far as they agree with what Helm accepts;
 * `$schema` chooses, 2020-12 is the default. References go within the document only ("#/...",
 * anchors, ids of embedded schemas); remote ones and $dynamicRef are refused when the schema is
 * compiled. Nesting, steps and findings are bounded.
 */
#ifndef VCL_DATA_SCHEMA_H
#define VCL_DATA_SCHEMA_H

#include "data/json.h"

typedef struct vcl_schema vcl_schema;

/* CONFIG: no JSON, a keyword with a value of the wrong kind, a reference that leads nowhere.
 * UNSUPPORTED: another draft, a reference out of the document, a dynamic one. The message has the
 * place in the schema. A compiled schema is never changed: threads can share it. */
int vcl_schema_compile(const char *text,
                       size_t size,
                       vcl_schema **out_schema,
                       vcluster_error **error);
void vcl_schema_free(vcl_schema *schema);

/* CONFIG with one finding for each violation (VCL_MAX_SCHEMA_FINDINGS at most): the path of the
 * value in values' notation ("controlPlane.replicas"), with `prefix` in front (a subchart's name,
 * or ""), the rule (the keyword), what is wrong and, for an unknown key, the nearest known one as
 * remedy. Several checks may go into one *error: findings are appended to one that is there. */
int vcl_schema_validate(const vcl_schema *schema,
                        const cJSON *instance,
                        const char *prefix,
                        vcluster_error **error);

#endif
