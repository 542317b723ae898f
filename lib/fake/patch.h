/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of objects: merge patches, JSON patches, server-side apply. Pure functions on trees. */
#ifndef VCL_FAKE_PATCH_H
#define VCL_FAKE_PATCH_H

#include "data/json.h"

/* RFC 7386, which is also what a strategic merge patch is taken for. false: memory is short. */
bool vcl_fake_merge(cJSON *into, const cJSON *patch);

/* RFC 6902: add, remove, replace, test. 1: done; 0: it does not apply (*out_why says what; not
 * owned); -1: memory is short. The tree is of no use then. */
int vcl_fake_json_patch(cJSON *tree, const cJSON *patch, const char **out_why);

/* Server-side apply of a manager's wish. What it applied before and does not name any more goes,
 * unless another manager applied it too; lists are one value. `applied` is what each manager
 * applied last, by its name. 1: done; 0: another manager holds a field that would change, whose
 * path is in *out_conflict (owned by the caller) and whose name in *out_manager (borrowed);
 * -1: memory is short. */
typedef struct vcl_fake_apply {
    const cJSON *applied; /* may be NULL */
    const char *manager;
    bool force;
} vcl_fake_apply;

int vcl_fake_apply_to(cJSON *tree,
                      const cJSON *wish,
                      const vcl_fake_apply *how,
                      char **out_conflict,
                      const char **out_manager);

#endif
