/* SPDX-License-Identifier: Apache-2.0 */
/* Deletion: at once, or once the finalizers are gone. */
#include "base/clock.h"
#include "base/str.h"
#include "fake/answer.h"

static bool meets(const cJSON *conditions, const cJSON *tree, const char *member)
{
    const char *wanted = vcl_json_find_string(conditions, member, NULL);

    return !wanted || vcl_streq(wanted, vcl_json_find_string(tree, "metadata", member, NULL));
}

/* What has finalizers stays until they are gone. */
static void mark_deleted(const vcl_fake_asked *a, vcl_fake_object *stored)
{
    cJSON *tree = vcl_json_copy(stored->tree);
    char now[VCL_RFC3339_SIZE];

    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    if (tree && !vcl_json_find(tree, "metadata", "deletionTimestamp", NULL) &&
        vcl_json_set_string(vcl_json_object(tree, "metadata"), "deletionTimestamp", now))
        (void)vcl_world_store(a->world, stored->path, vcl_steal(&tree));
    cJSON_Delete(tree);
}

static void delete_stored(const vcl_fake_asked *a, vcl_fake_object *stored)
{
    if (cJSON_GetArraySize(vcl_json_find(stored->tree, "metadata", "finalizers", NULL)) > 0)
        mark_deleted(a, stored);
    else
        vcl_fake_remove(a->fake, a->world, stored);
}

void vcl_fake_delete_one(const vcl_fake_asked *a, const cJSON *options)
{
    const cJSON *conditions = vcl_json_get(options, "preconditions");

    if (!meets(conditions, a->stored->tree, "uid") ||
        !meets(conditions, a->stored->tree, "resourceVersion")) {
        vcl_fake_refuse(a, 409, "Conflict", "cannot be deleted: a precondition failed");
        return;
    }
    vcl_fake_show(a, 200, a->stored->tree);
    if (!a->target->dry_run)
        delete_stored(a, a->stored);
}

void vcl_fake_delete_all(const vcl_fake_asked *a)
{
    vcl_fake_object *o = a->world->objects;

    vcl_fake_list(a);
    while (o && a->out->status == 200) {
        bool wanted = vcl_world_selects(a->target, o->path, o->tree) &&
                      !vcl_json_find(o->tree, "metadata", "deletionTimestamp", NULL);
        if (wanted)
            delete_stored(a, o);
        o = wanted ? a->world->objects : o->next; /* others may have gone along */
    }
}

void vcl_fake_evict(const vcl_fake_asked *a)
{
    delete_stored(a, a->stored);
    vcl_fake_status(a->out, 201, "", "");
}
