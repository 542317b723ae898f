/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server-side apply, by what each manager applied last instead of by managedFields: who owns a
 * field is who named it. Lists are one value, while an API server merges many of them by a key.
 */
#include <string.h>

#include "base/str.h"
#include "fake/patch.h"

/* Whether a manager but this one names the field that `path` (keys, ended by NULL) leads to. */
typedef struct place {
    const struct place *above;
    const char *key;
} place;

static const cJSON *look(const cJSON *tree, const place *where)
{
    const cJSON *above = where->above ? look(tree, where->above) : tree;

    return vcl_json_get(above, where->key);
}

static const char *other_owner(const vcl_fake_apply *how, const place *where)
{
    const cJSON *one;

    cJSON_ArrayForEach (one, how->applied) {
        if (!vcl_streq(one->string, how->manager) && look(one, where))
            return one->string;
    }
    return NULL;
}

/* Take away what the manager named before and does not name now. */
static void prune(cJSON *tree,
                  const cJSON *before,
                  const cJSON *wish,
                  const vcl_fake_apply *how,
                  const place *above)
{
    const cJSON *member;

    cJSON_ArrayForEach (member, before) {
        const place here = { above, member->string };
        const cJSON *wanted = vcl_json_get(wish, member->string);
        cJSON *present = vcl_json_get(tree, member->string);

        if (!present)
            continue;
        if (cJSON_IsObject(member) && cJSON_IsObject(present) && (!wanted || member->child)) {
            prune(present, member, wanted, how, &here);
            if (!wanted && !present->child && !other_owner(how, &here))
                vcl_json_remove(tree, member->string);
        } else if (!wanted && !other_owner(how, &here)) {
            vcl_json_remove(tree, member->string);
        }
    }
}

static char *path_text(const place *where)
{
    vcl_auto_free char *above = where->above ? path_text(where->above) : vcl_strdup("");

    return above ? vcl_format("%s.%s", above, where->key) : NULL;
}

/* The first field of others that the wish would change. 1: there is none. */
static int check(const cJSON *tree,
                 const cJSON *wish,
                 const vcl_fake_apply *how,
                 const place *above,
                 char **out_conflict,
                 const char **out_manager)
{
    const cJSON *member;

    cJSON_ArrayForEach (member, wish) {
        const place here = { above, member->string };
        const cJSON *present = vcl_json_get(tree, member->string);

        if (!present)
            continue;
        if (cJSON_IsObject(member) && cJSON_IsObject(present)) {
            int result = check(present, member, how, &here, out_conflict, out_manager);
            if (result <= 0)
                return result;
            continue;
        }
        const char *owner = vcl_json_equal(member, present) ? NULL : other_owner(how, &here);
        if (owner) {
            *out_conflict = path_text(&here);
            *out_manager = owner;
            return *out_conflict ? 0 : -1;
        }
    }
    return 1;
}

int vcl_fake_apply_to(cJSON *tree,
                      const cJSON *wish,
                      const vcl_fake_apply *how,
                      char **out_conflict,
                      const char **out_manager)
{
    const cJSON *before = how->manager ? vcl_json_get(how->applied, how->manager) : NULL;

    if (!how->force) {
        int result = check(tree, wish, how, NULL, out_conflict, out_manager);
        if (result <= 0)
            return result;
    }
    prune(tree, before, wish, how, NULL);
    return vcl_fake_merge(tree, wish) ? 1 : -1;
}
