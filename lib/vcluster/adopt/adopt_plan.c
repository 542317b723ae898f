/* SPDX-License-Identifier: Apache-2.0 */
/* What an adoption would do, as a plan; what is refused stands in it, too. See adopter.h. */
#include "base/str.h"
#include "chart/release.h"
#include "release/operation.h"
#include "vcluster/adopt/adopter.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/upgrade.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/names.h"

/* What would make it again stands in the way, or stays. */
static int add_controller(vcl_adopter *self, vcluster_error **error)
{
    const vcl_origin *origin = &self->origin;
    bool let = self->request->take_over && origin->stands_still;
    const char *why = let ? "it stays, and would make the virtual cluster again if it were resumed"
                      : self->request->take_over ? "it is still at work, and would undo changes"
                                                 : "it makes the virtual cluster, and would undo "
                                                   "changes";
    vcl_auto_free char *advice = origin->kind ? vcl_origin_advice(origin) : NULL;

    if (!origin->kind)
        return VCLUSTER_OK;
    vcl_auto_free char *reason = let ? vcl_strdup(why) : vcl_format("%s: %s", why, vcl_str(advice));
    if (!advice || !reason)
        return vcl_no_memory(error);
    const vcl_change change = { .action = VCLUSTER_ACTION_KEEP,
                                .impact = let ? VCLUSTER_IMPACT_NONE : VCLUSTER_IMPACT_REFUSED,
                                .api_version = origin->api_version,
                                .kind = origin->kind,
                                .namespace_name = origin->object_namespace,
                                .name = origin->object_name,
                                .reason = reason };
    return vcl_plan_add(self->changes, &change, error);
}

static int add_mark(vcl_adopter *self,
                    const cJSON *object,
                    const cJSON *stored,
                    const char *map,
                    const char *key,
                    vcluster_error **error)
{
    const cJSON *value = vcl_json_find(stored, "metadata", map, key, NULL);

    if (!value)
        return VCLUSTER_OK;
    vcl_auto_free char *path = vcl_format(".metadata.%s.\"%s\"", map, key);
    if (!path)
        return vcl_no_memory(error);
    const vcl_change change = { .action = VCLUSTER_ACTION_MODIFY,
                                .impact = VCLUSTER_IMPACT_LIVE,
                                .api_version = vcl_json_find_string(object, "apiVersion", NULL),
                                .kind = vcl_json_find_string(object, "kind", NULL),
                                .namespace_name =
                                    vcl_json_find_string(stored, "metadata", "namespace", NULL),
                                .name = vcl_json_find_string(stored, "metadata", "name", NULL),
                                .path = path,
                                .before = value,
                                .reason = "the mark of its controller is removed" };
    return vcl_plan_add(self->changes, &change, error);
}

static int add_marks(vcl_adopter *self, vcluster_error **error)
{
    const vcl_apply_set set = vcl_adopter_objects(self);
    const cJSON *stored = self->live ? self->live->child : NULL;
    const cJSON *object;
    int status = VCLUSTER_OK;

    if (!self->request->take_over)
        return VCLUSTER_OK;
    cJSON_ArrayForEach (object, set.objects) {
        for (size_t i = 0; status == 0 && vcl_origin_labels[i]; i++)
            status = add_mark(self, object, stored, "labels", vcl_origin_labels[i], error);
        for (size_t i = 0; status == 0 && vcl_origin_annotations[i]; i++)
            status =
                add_mark(self, object, stored, "annotations", vcl_origin_annotations[i], error);
        stored = stored ? stored->next : NULL;
    }
    return status;
}

/* Whatever is not a label or an annotation of the object itself. */
static int refuse_differences(vcluster_plan *plan, size_t from, vcluster_error **error)
{
    for (size_t i = from; i < plan->count; i++) {
        vcluster_change *change = &plan->items[i];
        if (change->action == VCLUSTER_ACTION_MODIFY && vcl_starts_with(change->path, ".metadata."))
            continue;
        bool missing = change->action == VCLUSTER_ACTION_ADD;
        if (change->impact != VCLUSTER_IMPACT_REFUSED &&
            !vcl_str_replace(&change->reason, missing
                                                  ? "its chart makes it, but it is not there"
                                                  : "its chart makes something else of its values"))
            return vcl_no_memory(error);
        change->impact = VCLUSTER_IMPACT_REFUSED;
    }
    return VCLUSTER_OK;
}

/* What its chart makes, against what is there: by dry runs, as for an upgrade. */
static int add_differences(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    const vcl_release_inside inside = { 0 };
    vcl_release_request release = { .kube = self->kube,
                                    .name = self->request->name,
                                    .namespace_name = self->look.existing->namespace_name,
                                    .chart = self->plan.chart,
                                    .user_values = self->plan.user_values,
                                    .options = VCLUSTER_RELEASE_OPTIONS_INIT,
                                    .inside = &inside };
    size_t from = self->changes->count;
    cJSON *changes = NULL;

    if (self->look.record)
        return VCLUSTER_OK;
    release.options.install = 1;
    release.options.no_hooks = 1;
    release.options.skip_crds = 1;
    release.options.take_ownership = 1;
    release.options.force_conflicts = 1;
    int status = vcl_release_changes(&release, call, &changes, error);
    if (status == 0)
        status = vcl_upgrade_add_changes(self->changes, self->request->name, changes, error);
    vcl_json_free_secret(changes);
    if (status == 0 && !self->request->align)
        status = refuse_differences(self->changes, from, error);
    return status;
}

static int add_record(vcl_adopter *self, vcluster_error **error)
{
    bool fresh = !self->look.record;
    bool marked = !fresh && vcl_adopter_is_recorded(self) &&
                  vcl_adopter_annotation(self, VCL_ANNOTATION_WISH);
    vcl_auto_free char *first = vcl_release_secret_name(self->request->name, 1);

    if (marked)
        return VCLUSTER_OK;
    if (!first)
        return vcl_no_memory(error);
    const char *name =
        fresh ? first : vcl_json_find_string(self->look.record->secret, "metadata", "name", NULL);
    const vcl_change change = { .action = fresh ? VCLUSTER_ACTION_ADD : VCLUSTER_ACTION_MODIFY,
                                .impact = VCLUSTER_IMPACT_LIVE,
                                .api_version = "v1",
                                .kind = "Secret",
                                .namespace_name = self->look.existing->namespace_name,
                                .name = name,
                                .path = fresh ? NULL : ".metadata.annotations",
                                .reason = fresh ? "the record of a Helm release"
                                                : "a later ensure knows the release again" };
    return vcl_plan_add(self->changes, &change, error);
}

static int add_lease(vcl_adopter *self, vcluster_error **error)
{
    const vcluster_instance *existing = self->look.existing;
    const vcl_change change = { .action = VCLUSTER_ACTION_MODIFY,
                                .impact = VCLUSTER_IMPACT_LIVE,
                                .api_version = "apps/v1",
                                .kind = existing->workload_kind,
                                .namespace_name = existing->namespace_name,
                                .name = existing->workload_name,
                                .path = ".metadata.annotations",
                                .reason = "until when it is wanted, and by whom" };

    return vcl_lease_is_set(&self->request->lease) ? vcl_plan_add(self->changes, &change, error)
                                                   : VCLUSTER_OK;
}

static bool changes_anything(const vcluster_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->items[i].action != VCLUSTER_ACTION_KEEP)
            return true;
    }
    return false;
}

int vcl_adopter_plan(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    int status = vcl_plan_new("adopt", &self->changes, error);

    if (status < 0)
        return status;
    self->changes->origin = self->origin.name;
    status = add_controller(self, error);
    if (status == 0)
        status = add_marks(self, error);
    if (status == 0)
        status = add_differences(self, call, error);
    if (status == 0)
        status = add_record(self, error);
    if (status == 0)
        status = add_lease(self, error);
    if (status == 0 && !changes_anything(self->changes))
        self->changes->operation = "none";
    return status;
}
