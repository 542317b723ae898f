/* SPDX-License-Identifier: Apache-2.0 */
/* The files of crds/: made where they do not exist, never changed or removed; see apply.h. */
#include "base/clock.h"
#include "base/str.h"
#include "release/apply.h"
#include "release/ready.h"

/* Helm's own patience. */
enum { ESTABLISH_MS = 60000, FIRST_PAUSE_MS = 50, LONGEST_PAUSE_MS = 1000 };

static vcl_object_key key_of(const cJSON *definition)
{
    return (vcl_object_key){ .api_version = vcl_json_find_string(definition, "apiVersion", NULL),
                             .kind = vcl_json_find_string(definition, "kind", NULL),
                             .name = vcl_json_find_string(definition, "metadata", "name", NULL) };
}

/* 1: made; 0: it was there. */
static int make(vcl_kube *kube, vcl_call *call, const cJSON *definition, vcluster_error **error)
{
    vcl_object_key key = key_of(definition);
    vcl_apply_options options = { .field_manager = VCL_MANAGER_HELM };
    VCL_AUTO_ERROR *why = NULL;
    VCL_AUTO_JSON *stored = NULL;

    if (vcl_str_empty(key.api_version) || vcl_str_empty(key.kind) || vcl_str_empty(key.name))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "a file of crds/ has an object without apiVersion, kind or metadata.name");
    int status = vcl_kube_get_metadata(kube, call, &key, &stored, &why);
    if (status == 0)
        return 0;
    if (status != VCLUSTER_E_NOT_FOUND)
        return vcl_error_pass(error, &why, status);
    status = vcl_kube_apply(kube, call, definition, &options, NULL, error);
    if (status < 0)
        return vcl_wrap(error, status, "install %s '%s'", key.kind, key.name);

    vcl_auto_free char *shown = vcl_format("%s/%s", key.kind, key.name);
    status = vcl_call_report(call, error, VCLUSTER_STEP_OBJECT, shown, "installed");
    return status < 0 ? status : 1;
}

static int
wait_established(vcl_kube *kube, vcl_call *call, const cJSON *definition, vcluster_error **error)
{
    vcl_object_key key = key_of(definition);
    int64_t pause_ms = FIRST_PAUSE_MS;
    VCL_AUTO_BUF why = { 0 };

    vcl_buf_init(&why, 1024);
    if (!vcl_ready_has_rule(key.api_version, key.kind, false))
        return VCLUSTER_OK;
    for (;;) {
        VCL_AUTO_JSON *stored = NULL;
        int status = vcl_kube_get(kube, call, &key, &stored, error);
        if (status < 0 || vcl_ready_check(stored, NULL, &why) == VCL_READY)
            return status;
        status = vcl_call_sleep(call, pause_ms, error);
        if (status < 0)
            return vcl_wrap(error, status, "wait until %s '%s' is established", key.kind, key.name);
        pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
    }
}

int vcl_apply_definitions(vcl_kube *kube,
                          vcl_call *call,
                          const cJSON *definitions,
                          vcluster_error **error)
{
    const cJSON *definition;
    vcl_call part;
    bool any = false;

    cJSON_ArrayForEach (definition, definitions) {
        int status = make(kube, call, definition, error);
        if (status < 0)
            return status;
        any = any || status > 0;
    }
    vcl_call_init_part(&part, call, ESTABLISH_MS);
    if (!any)
        return VCLUSTER_OK;
    vcl_kube_forget_api_versions(kube);
    cJSON_ArrayForEach (definition, definitions) {
        int status = wait_established(kube, &part, definition, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}
