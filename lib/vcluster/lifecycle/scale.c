/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scaling one workload; see scale.h. Annotation and replicas may disagree: an upgrade by Helm
 * scales a paused one up and leaves the annotation, somebody scales one down by hand. Either is
 * mended on the way.
 */
#include "vcluster/lifecycle/scale.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "release/record.h"
#include "vcluster/names.h"

#define ANNOTATION_REPLICAS "loft.sh/paused-replicas"
#define ANNOTATION_DATE "loft.sh/paused-date"

enum { TRIES = 10 };

static const char *annotation(const cJSON *workload, const char *key)
{
    return vcl_json_find_string(workload, "metadata", "annotations", key, NULL);
}

static const char *mark_of(const vcl_scale_request *request)
{
    return request->restoring ? VCL_ANNOTATION_RESTORING_UPSTREAM : VCL_ANNOTATION_PAUSED;
}

static bool is_marked(const vcl_scale_request *request, const cJSON *workload)
{
    return vcl_streq(annotation(workload, mark_of(request)), "true");
}

/* Upstream's layout has milliseconds; its clock is the local one, here it is UTC as the Z says. */
static bool set_date(cJSON *annotations, int64_t now)
{
    char text[VCL_RFC3339_SIZE];

    vcl_rfc3339(now, -1, text);
    vcl_auto_free char *date = vcl_format("%.*s.000Z", (int)strcspn(text, ".Z"), text);
    return date && vcl_json_set_string(annotations, ANNOTATION_DATE, date);
}

static bool
set_marks(const vcl_scale_request *request, cJSON *annotations, int64_t replicas, int64_t now)
{
    vcl_auto_free char *count = vcl_format("%lld", (long long)replicas);

    return count && vcl_json_set_string(annotations, mark_of(request), "true") &&
           vcl_json_set_string(annotations, ANNOTATION_REPLICAS, count) &&
           set_date(annotations, now);
}

static bool remove_marks(const vcl_scale_request *request, cJSON *annotations)
{
    const char *const keys[] = { mark_of(request), ANNOTATION_REPLICAS, ANNOTATION_DATE };

    for (size_t i = 0; i < 3; i++) {
        if (!vcl_json_set(annotations, keys[i], cJSON_CreateNull()))
            return false;
    }
    return true;
}

static int64_t former_replicas(const cJSON *workload, int64_t configured)
{
    int64_t replicas = 0;

    if (!vcl_parse_i64(annotation(workload, ANNOTATION_REPLICAS), &replicas) || replicas < 1)
        return configured;
    return replicas;
}

int vcl_scale_patch(const vcl_scale_request *request,
                    const cJSON *workload,
                    bool down,
                    int64_t now,
                    cJSON **out_patch,
                    vcluster_error **error)
{
    int64_t replicas = vcl_json_find_int(workload, 1, "spec", "replicas", NULL);
    bool marked = is_marked(request, workload);
    const char *version = vcl_json_find_string(workload, "metadata", "resourceVersion", NULL);

    *out_patch = NULL;
    if (vcl_streq(vcl_json_find_string(workload, "metadata", "labels", VCL_LABEL_SLEEP, NULL),
                  "true"))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "the platform has put it to sleep (label " VCL_LABEL_SLEEP
                        "): wake it up there");
    if (down ? marked && replicas == 0 : !marked && replicas > 0)
        return VCLUSTER_OK;

    VCL_AUTO_JSON *patch = cJSON_CreateObject();
    cJSON *metadata = patch ? vcl_json_object(patch, "metadata") : NULL;
    cJSON *annotations = metadata ? vcl_json_object(metadata, "annotations") : NULL;
    cJSON *spec = annotations ? vcl_json_object(patch, "spec") : NULL;
    int64_t former = replicas > 0 ? replicas : former_replicas(workload, request->configured);
    bool ok = spec && (!version || vcl_json_set_string(metadata, "resourceVersion", version)) &&
              (down ? set_marks(request, annotations, former, now)
                    : remove_marks(request, annotations)) &&
              vcl_json_set_int(spec, "replicas", down ? 0 : former);
    if (!ok)
        return vcl_no_memory(error);
    *out_patch = vcl_steal(&patch);
    return VCLUSTER_OK;
}

static int tell(const vcl_scale_request *request,
                vcl_call *call,
                const cJSON *workload,
                const cJSON *patch,
                vcluster_error **error)
{
    int64_t was = vcl_json_find_int(workload, 1, "spec", "replicas", NULL);
    int64_t is = vcl_json_find_int(patch, 0, "spec", "replicas", NULL);
    bool drift = is_marked(request, workload) == (was > 0);
    vcl_auto_free char *shown = vcl_format("%s/%s", request->kind, request->name);

    return vcl_call_report(call, error, VCLUSTER_STEP_SCALE, shown, "scaled from %lld to %lld%s",
                           (long long)was, (long long)is,
                           drift ? "; its annotation had said something else" : "");
}

/* 1: it was changed in between, look again. */
static int
try_scale(const vcl_scale_request *request, vcl_call *call, bool down, vcluster_error **error)
{
    vcl_object_key key = { "apps/v1", request->kind, request->namespace_name, request->name };
    vcl_apply_options options = { .field_manager = request->manager };
    VCL_AUTO_JSON *workload = NULL;
    VCL_AUTO_JSON *patch = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_get(request->kube, call, &key, &workload, error);
    if (status == 0)
        status = vcl_scale_patch(request, workload, down, vcl_wall_seconds(), &patch, error);
    if (status < 0 || !patch)
        return status;
    vcl_auto_free char *text = vcl_json_print(patch);
    if (!text)
        return vcl_no_memory(error);
    status = vcl_kube_patch(request->kube, call, &key, "application/merge-patch+json", text,
                            &options, NULL, &why);
    if (status == VCLUSTER_E_CONFLICT)
        return 1;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    return tell(request, call, workload, patch, error);
}

int vcl_scale(const vcl_scale_request *request, vcl_call *call, bool down, vcluster_error **error)
{
    int status = 1;

    for (int tries = 0; status > 0 && tries < TRIES; tries++)
        status = try_scale(request, call, down, error);
    if (status > 0)
        return vcl_fail(error, VCLUSTER_E_CONFLICT,
                        "%s '%s' was changed by somebody else again and again", request->kind,
                        request->name);
    return status;
}
