/* SPDX-License-Identifier: Apache-2.0 */
/* What there is of a virtual cluster that is to be adopted; see adopter.h. */
#include "vcluster/adopt/adopter.h"

#include <string.h>

#include "base/str.h"
#include "chart/release.h"
#include "data/values.h"
#include "data/yaml.h"
#include "vcluster/client.h"
#include "vcluster/effective.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/names.h"

void vcl_adopter_done(vcl_adopter *self)
{
    vcl_json_free_secret(self->values.values);
    vcl_ensure_look_done(&self->look);
    vcl_json_free_secret(self->release);
    vcl_json_free_secret(self->objects);
    vcl_plan_done(&self->plan);
    vcluster_chart_free(self->chart);
    vcl_origin_done(&self->origin);
    cJSON_Delete(self->live);
    vcluster_plan_free(self->changes);
}

const char *vcl_adopter_annotation(const vcl_adopter *self, const char *key)
{
    const cJSON *secret = self->look.record ? self->look.record->secret : NULL;

    return vcl_json_find_string(secret, "metadata", "annotations", key, NULL);
}

bool vcl_adopter_is_recorded(const vcl_adopter *self)
{
    return self->look.record && !vcl_adopter_annotation(self, VCL_ANNOTATION_ADOPTING);
}

bool vcl_adopter_takes_objects(const vcl_adopter *self)
{
    return !vcl_adopter_is_recorded(self) || (self->origin.kind && self->request->take_over);
}

vcl_apply_set vcl_adopter_objects(const vcl_adopter *self)
{
    return (vcl_apply_set){ .kube = self->kube,
                            .release = self->request->name,
                            .namespace_name = self->look.existing->namespace_name,
                            .objects =
                                self->look.record ? self->objects : self->plan.rendered.objects,
                            .take_ownership = true,
                            .force = true };
}

int vcl_adopter_read(vcl_adopter *self, vcluster_error **error)
{
    vcl_json_free_secret(vcl_steal(&self->release));
    vcl_json_free_secret(vcl_steal(&self->objects));
    int status = vcl_release_decode(self->look.record->secret, &self->release, error);
    if (status < 0)
        return status;
    const char *manifest = vcl_str(vcl_json_find_string(self->release, "manifest", NULL));
    return vcl_yaml_parse_all(manifest, strlen(manifest), &self->objects, error);
}

/* There, alone in its namespace, and running: what is paused has other objects than its chart. */
static int find(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    const vcl_adopt_request *request = self->request;
    VCL_AUTO_PTR(vcluster_instance) found = NULL;

    int status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &found, error);
    if (status == 0)
        status =
            vcl_ensure_look_around(&self->wish, call, found->namespace_name, &self->look, error);
    if (status < 0)
        return status;
    const vcluster_instance *existing = self->look.existing;
    if (!existing)
        return vcl_fail(error, VCLUSTER_E_CONFLICT, "virtual cluster '%s' went away at this moment",
                        request->name);
    if (!self->look.record && (existing->paused || existing->replicas == 0))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "virtual cluster '%s' is %s: resume it first", request->name,
                        existing->paused ? "paused" : "scaled down");
    return VCLUSTER_OK;
}

/* The wish of a release is what is recorded. */
static int read_record(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    vcl_record *record = self->look.record;
    const vcluster_config *given = self->request->config;

    if (!vcl_record_is_deployed(record))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "its release is '%s': complete it first, by what began it or by an ensure",
                        record->status);
    int status = vcl_record_read(self->kube, call, record, error);
    if (status == 0)
        status = vcl_adopter_read(self, error);
    if (status < 0)
        return status;
    const cJSON *config = vcl_json_get(self->release, "config");
    self->values.values = cJSON_IsObject(config) ? vcl_json_copy(config) : cJSON_CreateObject();
    if (!self->values.values)
        return vcl_no_memory(error);
    if (given && !vcl_json_equal(given->values, self->values.values))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "its release was made with other values than those given: leave them out, "
                        "and change them by an ensure afterwards");
    return VCLUSTER_OK;
}

/* "vcluster-0.36.1" becomes "0.36.1"; NULL for other charts. */
static const char *labelled_version(const cJSON *workload)
{
    const char *chart = vcl_json_find_string(workload, "metadata", "labels", "chart", NULL);
    static const char prefix[] = "vcluster-";

    if (!chart || !vcl_starts_with(chart, prefix))
        return NULL;
    const char *version = chart + strlen(prefix);
    return *version >= '0' && *version <= '9' ? version : NULL;
}

static int find_values(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    const vcluster_config *given = self->request->config;
    cJSON *effective = NULL;

    if (given) {
        self->values.values = vcl_json_copy(given->values);
        return self->values.values ? VCLUSTER_OK : vcl_no_memory(error);
    }
    int status = vcl_effective_values(self->kube, call, self->request->name,
                                      self->look.existing->namespace_name, &effective, error);
    if (status == 0)
        status =
            vcl_values_difference(effective, self->plan.chart->values, &self->values.values, error);
    vcl_json_free_secret(effective);
    return status;
}

/* What has no release is rendered anew. */
static int render(vcl_adopter *self, vcl_call *call, const cJSON *workload, vcluster_error **error)
{
    const char *distribution = self->look.existing->distribution;
    vcl_auto_free char *version = NULL;

    if (!self->wish.chart && !self->wish.chart_version && vcl_streq(distribution, "upstream"))
        self->wish.chart_version = labelled_version(workload);
    int status = vcl_plan_choose(&self->plan, &self->wish, call, distribution, error);
    if (status == 0)
        status = find_values(self, call, error);
    if (status == 0)
        status = vcl_kube_version(self->kube, call, &version, error);
    if (status < 0)
        return status;
    self->chart = vcl_steal(&self->plan.own_chart);
    self->wish.chart = self->plan.chart;
    self->wish.chart_source = NULL;
    self->wish.chart_version = NULL;
    self->wish.config = &self->values;
    return vcl_plan_render(&self->plan, &self->wish, call, distribution, version, error);
}

int vcl_adopter_look(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    const vcl_adopt_request *request = self->request;
    VCL_AUTO_JSON *workload = NULL;

    self->kube = request->client->kube;
    self->wish = (vcl_ensure_request){ .client = request->client,
                                       .name = request->name,
                                       .chart = request->chart,
                                       .chart_source = request->chart_source,
                                       .chart_version = request->chart_version };
    int status = find(self, call, error);
    if (status < 0)
        return status;
    const vcluster_instance *existing = self->look.existing;
    const vcl_object_key key = { "apps/v1", existing->workload_kind, existing->namespace_name,
                                 existing->workload_name };
    self->plan.namespace_name = vcl_strdup(existing->namespace_name);
    if (!self->plan.namespace_name)
        return vcl_no_memory(error);
    status = vcl_kube_get_metadata(self->kube, call, &key, &workload, error);
    if (status == 0)
        status = self->look.record ? read_record(self, call, error)
                                   : render(self, call, workload, error);
    if (status == 0)
        status = vcl_origin_find(self->kube, call, existing, workload,
                                 self->look.record ? self->look.record->secret : NULL,
                                 self->release, &self->origin, error);
    if (status < 0 || !vcl_adopter_takes_objects(self))
        return status;
    const vcl_apply_set set = vcl_adopter_objects(self);
    return vcl_apply_look(&set, call, &self->live, error);
}
