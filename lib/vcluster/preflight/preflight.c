/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The preflight of an ensure: look and render as the ensure would, ask the host at once for what
 * the configuration will meet there, compare. What can be told is a finding, whatever else was
 * found; what keeps the check from being made is an error.
 */
#include "vcluster/preflight/preflight.h"

#include "base/limits.h"
#include "base/parallel.h"
#include "base/str.h"
#include "check/rule.h"
#include "quota/fits.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/ensure_look.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/names.h"
#include "vcluster/preflight/pod_security.h"

enum { QUOTAS, LIMIT_RANGES, CLASSES, LISTS };
enum { HELD, LICENCE, MORE_JOBS };

typedef struct reading {
    vcl_kube *kube;
    vcl_list_query query;
    cJSON *items; /* NULL: it may not be listed, or was not asked for */
} reading;

typedef struct preflight {
    const vcl_ensure_request *request;
    vcl_kube *kube;
    vcluster_report *report;
    vcl_plan plan;
    vcl_ensure_look look;
    vcl_held held;
    reading lists[LISTS];
    char *host_version;
    bool has_key; /* upstream's platform has left its key, which a licence comes with */
} preflight;

/* Whether an error is about what was asked for: then it is a finding. */
static bool is_about_wish(const vcluster_error *why)
{
    int status = vcluster_error_code(why);

    return status == VCLUSTER_E_CONFIG || status == VCLUSTER_E_INVALID_ARGUMENT ||
           status == VCLUSTER_E_UNSUPPORTED || status == VCLUSTER_E_PRECONDITION;
}

/* An error as findings: its own, or it itself. */
static void tell(preflight *self, const char *rule, const char *remedy, const vcluster_error *why)
{
    size_t count = vcluster_error_finding_count(why);

    for (size_t i = 0; i < count; i++) {
        const vcluster_finding *one = vcluster_error_finding_at(why, i);
        vcl_report_add(self->report,
                       &(vcl_finding_facts){ .file = vcluster_finding_file(one),
                                             .line = vcluster_finding_line(one),
                                             .column = vcluster_finding_column(one),
                                             .path = vcluster_finding_path(one),
                                             .rule = vcluster_finding_rule(one),
                                             .severity = vcluster_finding_severity(one),
                                             .message = vcluster_finding_message(one),
                                             .remedy = vcluster_finding_remedy(one) });
    }
    if (count == 0)
        vcl_report_add(self->report, &(vcl_finding_facts){ .rule = rule,
                                                           .severity = VCLUSTER_SEVERITY_ERROR,
                                                           .message = vcluster_error_message(why),
                                                           .remedy = remedy });
}

/* Whoever may not read what is there is told so by the rights. */
static int look(preflight *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status =
        vcl_ensure_look_around(self->request, call, self->plan.namespace_name, &self->look, &why);
    if (status == VCLUSTER_E_PERMISSION)
        return VCLUSTER_OK;
    if (status < 0 && !is_about_wish(why))
        return vcl_error_pass(error, &why, status);
    if (status < 0)
        tell(self, "namespace-taken", "choose another namespace", why);
    if (self->look.place.going)
        vcl_report_addf(self->report,
                        &(vcl_finding_facts){ .rule = "namespace-going",
                                              .severity = VCLUSTER_SEVERITY_WARNING,
                                              .path = self->plan.namespace_name,
                                              .remedy = "see what keeps it, if it stays" },
                        "namespace '%s' is being deleted: an ensure waits until it is gone",
                        self->plan.namespace_name);
    return VCLUSTER_OK;
}

static bool is_new(const preflight *self)
{
    return !self->look.record && !self->look.existing;
}

static bool has_place(const preflight *self)
{
    return self->look.place.exists && !self->look.place.going;
}

static int render(preflight *self, vcl_call *call, vcluster_error **error)
{
    int status = vcl_kube_version(self->kube, call, &self->host_version, error);

    return status < 0
               ? status
               : vcl_plan_render(&self->plan, self->request, call,
                                 self->look.existing ? self->look.existing->distribution : NULL,
                                 self->host_version, error);
}

static int read_list(vcl_call *call, void *data, vcluster_error **error)
{
    reading *self = data;
    VCL_AUTO_JSON *list = NULL;

    int status = vcl_kube_list(self->kube, call, &self->query, &list, error);
    if (status == 0)
        self->items = cJSON_DetachItemFromObjectCaseSensitive(list, "items");
    return status;
}

static int read_held(vcl_call *call, void *data, vcluster_error **error)
{
    preflight *self = data;

    return vcl_held_read(&self->held, self->kube, call, self->plan.namespace_name, has_place(self),
                         error);
}

static int read_licence(vcl_call *call, void *data, vcluster_error **error)
{
    preflight *self = data;
    const cJSON *key = vcl_json_find(self->plan.rendered.values, "platform", "apiKey", NULL);
    const char *name = vcl_json_find_string(key, "secretName", NULL);
    const char *place = vcl_json_find_string(key, "namespace", NULL);
    vcl_object_key secret = { "v1", "Secret",
                              vcl_str_empty(place) ? self->plan.namespace_name : place,
                              vcl_str_empty(name) ? "vcluster-platform-api-key" : name };
    VCL_AUTO_JSON *found = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_get_metadata(self->kube, call, &secret, &found, &why);
    self->has_key = status == 0 || status == VCLUSTER_E_PERMISSION;
    return self->has_key || status == VCLUSTER_E_NOT_FOUND ? VCLUSTER_OK
                                                           : vcl_error_pass(error, &why, status);
}

/* What may not be read cannot be checked, which is told. */
static int settle_job(preflight *self, vcl_job *job, const char *what, vcluster_error **error)
{
    int status = job->status;

    if (status < 0 && status != VCLUSTER_E_PERMISSION)
        status = vcl_error_pass(error, &job->error, status);
    else if (status < 0)
        vcl_report_addf(self->report,
                        &(vcl_finding_facts){ .rule = "unchecked",
                                              .severity = VCLUSTER_SEVERITY_INFO,
                                              .path = what,
                                              .remedy = "let the user list them" },
                        "%s may not be read, so that nothing is checked against them", what);
    vcluster_error_free(job->error);
    return status == VCLUSTER_E_PERMISSION ? VCLUSTER_OK : status;
}

static int gather(preflight *self, vcl_call *call, vcluster_error **error)
{
    static const vcl_list_query queries[] = {
        { .api_version = "v1", .kind = "ResourceQuota" },
        { .api_version = "v1", .kind = "LimitRange" },
        { .api_version = "storage.k8s.io/v1", .kind = "StorageClass" },
    };
    vcl_job jobs[LISTS + MORE_JOBS] = {
        [HELD] = { .fn = read_held, .data = self }, [LICENCE] = { .fn = read_licence, .data = self }
    };
    const char *names[LISTS + MORE_JOBS] = { "the rights of the user", "Secret" };
    bool licensed = has_place(self) && vcl_streq(self->plan.distribution, "upstream");
    size_t count = licensed ? MORE_JOBS : LICENCE;

    for (int i = 0; i < LISTS; i++) {
        reading *one = &self->lists[i];
        *one = (reading){ .kube = self->kube, .query = queries[i] };
        if (i != CLASSES)
            one->query.namespace_name = self->plan.namespace_name;
        if (!is_new(self) || (i != CLASSES && !has_place(self)))
            continue;
        names[count] = queries[i].kind;
        jobs[count++] = (vcl_job){ .fn = read_list, .data = one };
    }
    int status = vcl_parallel_run(call, jobs, count, error);
    for (size_t i = 0; i < count; i++) {
        int settled = settle_job(self, &jobs[i], names[i], status == 0 ? error : NULL);
        if (status == 0)
            status = settled;
    }
    return status;
}

/* What the chart itself brings counts, too: a quota that leaves the control plane no room. */
static int check_quota(preflight *self, vcluster_error **error)
{
    static const char *const kinds[] = { "ResourceQuota", "LimitRange" };
    const cJSON *object;
    VCL_AUTO_ERROR *why = NULL;

    for (int i = 0; i < LISTS; i++) {
        if (!self->lists[i].items && i != CLASSES)
            self->lists[i].items = cJSON_CreateArray();
    }
    cJSON_ArrayForEach (object, self->plan.rendered.objects) {
        for (int i = 0; i < CLASSES; i++) {
            if (vcl_streq(vcl_json_find_string(object, "kind", NULL), kinds[i]) &&
                !vcl_json_append(self->lists[i].items, vcl_json_copy(object)))
                return vcl_no_memory(error);
        }
    }
    vcl_fits_request fits = { .quotas = self->lists[QUOTAS].items,
                              .limit_ranges = self->lists[LIMIT_RANGES].items,
                              .manifests = self->plan.rendered.objects,
                              .expand = { .nodes = 1 } };
    int status = vcl_fits(&fits, self->report, &why);
    if (status < 0 && !is_about_wish(why))
        return vcl_error_pass(error, &why, status);
    if (status < 0)
        tell(self, "config", "correct the quantity", why);
    return VCLUSTER_OK;
}

static int check_security(preflight *self, vcluster_error **error)
{
    const char *level = self->look.place.pod_security;
    const cJSON *object;

    cJSON_ArrayForEach (object, self->plan.rendered.objects) {
        const cJSON *spec = vcl_preflight_pod_spec(object);
        vcl_auto_free char *path = spec ? vcl_preflight_path(object) : NULL;
        VCL_AUTO_BUF wrong = { 0 };
        vcl_buf_init(&wrong, VCL_MAX_MESSAGE / 2);
        if (!spec)
            continue;
        vcl_pod_security_check(level, spec, &wrong);
        if (!path || wrong.state == VCL_BUF_NO_MEMORY)
            return vcl_no_memory(error);
        if (wrong.size > 0)
            vcl_report_addf(self->report,
                            &(vcl_finding_facts){
                                .path = path,
                                .rule = "pod-security",
                                .severity = VCLUSTER_SEVERITY_ERROR,
                                .remedy = "label the namespace with a lower "
                                          "pod-security.kubernetes.io/enforce level, or restrict "
                                          "the control plane's securityContext" },
                            "its pods are not admitted at the pod security level '%s' of the "
                            "namespace: %s",
                            level, vcl_buf_text(&wrong));
    }
    return VCLUSTER_OK;
}

/* The host must serve every kind that comes out. */
static int check_kinds(preflight *self, vcl_call *call, vcluster_error **error)
{
    const cJSON *object;

    cJSON_ArrayForEach (object, self->plan.rendered.objects) {
        const char *version = vcl_str(vcl_json_find_string(object, "apiVersion", NULL));
        vcl_auto_free char *path = vcl_preflight_path(object);
        VCL_AUTO_ERROR *why = NULL;
        vcl_resource resource;

        int status =
            vcl_kube_resource(self->kube, call, version,
                              vcl_str(vcl_json_find_string(object, "kind", NULL)), &resource, &why);
        if (status == VCLUSTER_E_NOT_FOUND)
            vcl_report_addf(self->report,
                            &(vcl_finding_facts){ .path = path,
                                                  .rule = "kind",
                                                  .severity = VCLUSTER_SEVERITY_ERROR,
                                                  .remedy = "install what defines it on the host, "
                                                            "or switch it off in the values" },
                            "the host does not serve this kind of %s", version);
        else if (status < 0)
            return vcl_error_pass(error, &why, status);
    }
    return VCLUSTER_OK;
}

static int check_rights(preflight *self, vcl_call *call, vcluster_error **error)
{
    vcl_rights_request wanted = { .objects = self->plan.rendered.objects,
                                  .makes_namespace = !has_place(self),
                                  .no_wait = self->request->no_wait };

    return self->held.inside ? vcl_preflight_rights(&self->held, &wanted, call, self->report, error)
                             : VCLUSTER_OK;
}

static int compare(preflight *self, vcl_call *call, vcluster_error **error)
{
    const cJSON *objects = self->plan.rendered.objects;

    vcl_preflight_names(objects, self->report);
    vcl_preflight_images(objects, self->report);
    int status = check_kinds(self, call, error);
    if (status == 0)
        status = check_rights(self, call, error);
    if (status == 0)
        status = check_security(self, error);
    if (status == 0 && is_new(self))
        status = check_quota(self, error);
    if (status == 0 && self->lists[CLASSES].items)
        status = vcl_preflight_storage(objects, self->lists[CLASSES].items, self->report, error);
    return status;
}

/* What the values alone tell. */
static int check_values(preflight *self, vcluster_error **error)
{
    VCL_AUTO_REPORT *found = NULL;
    const cJSON *path;
    const vcl_check_input input = { .chart = self->plan.chart,
                                    .values = self->plan.user_values,
                                    .name = self->request->name,
                                    .namespace_name = self->plan.namespace_name,
                                    .kubernetes_version = self->host_version,
                                    .licence = self->has_key ? NULL : "none" };

    cJSON_ArrayForEach (path, self->plan.no_effect)
        vcl_report_add(
            self->report,
            &(vcl_finding_facts){ .path = path->valuestring,
                                  .rule = "no-effect",
                                  .severity = VCLUSTER_SEVERITY_INFO,
                                  .message = "it has no effect in the embedded distribution" });
    int status = vcl_check_run(&input, vcl_check_rules, vcl_check_rule_count, &found, error);
    if (status == 0)
        vcl_report_move(self->report, found);
    return status;
}

/* 0: everything is known; 1: it cannot be rendered, and the reason was told. */
static int look_and_render(preflight *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = look(self, call, error);
    if (status < 0)
        return status;
    int rendered = render(self, call, &why);
    if (rendered < 0 && !is_about_wish(why))
        return vcl_error_pass(error, &why, rendered);
    status = self->plan.chart ? gather(self, call, error) : VCLUSTER_OK;
    if (status == 0 && self->plan.user_values)
        status = check_values(self, error);
    if (status < 0 || rendered == 0)
        return status;
    if (vcluster_report_severity(self->report) != VCLUSTER_SEVERITY_ERROR)
        tell(self, "config", "correct the values", why);
    return 1;
}

static int run(preflight *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_name_check(self->request->name, &why);
    if (status < 0) {
        tell(self, "name", "choose another name", why);
        return VCLUSTER_OK;
    }
    status = vcl_wanted_check(self->request, error);
    if (status == 0)
        status = vcl_plan_place(&self->plan, self->request, error);
    if (status == 0)
        status = look_and_render(self, call, error);
    return status == 0 ? compare(self, call, error) : status;
}

static void preflight_done(preflight *self)
{
    for (int i = 0; i < LISTS; i++)
        cJSON_Delete(self->lists[i].items);
    free(self->host_version);
    vcl_held_done(&self->held);
    vcl_ensure_look_done(&self->look);
    vcl_plan_done(&self->plan);
    vcluster_report_free(self->report);
}

int vcl_preflight(const vcl_ensure_request *request,
                  vcl_call *call,
                  vcluster_report **out_report,
                  vcluster_error **error)
{
    preflight self = { .request = request,
                       .kube = request->client->kube,
                       .report = vcl_report_new() };

    int status = self.report ? run(&self, call, error) : vcl_no_memory(error);
    if (status >= 0 && vcl_report_failed(self.report))
        status = vcl_no_memory(error);
    if (status >= 0)
        *out_report = vcl_steal(&self.report);
    preflight_done(&self);
    return status < 0 ? status : VCLUSTER_OK;
}

int vcl_preflight_refuse(const vcl_ensure_request *request, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_REPORT *report = NULL;

    int status = vcl_preflight(request, call, &report, error);
    return status < 0
               ? status
               : vcl_report_to_error(report, VCLUSTER_E_PRECONDITION,
                                     "the preflight found what would make it fail; nothing was "
                                     "touched",
                                     error);
}
