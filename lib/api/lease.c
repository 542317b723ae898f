/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: leases and the reaper. */
#include "vcluster/lease.h"

#include "api/api.h"
#include "base/limits.h"
#include "base/str.h"
#include "vcluster/names.h"
#include "vcluster/upkeep/reap.h"
#include "vcluster/upkeep/reap_manifest.h"

enum { REAP_PARALLEL = 4, MAX_PARALLEL = 256 };

int vcluster_instance_extend(vcluster_client *client,
                             const char *name,
                             const vcluster_extend_options *options,
                             vcluster_instance **out_instance,
                             vcluster_error **error)
{
    vcluster_extend_options known = VCLUSTER_EXTEND_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0) {
        vcl_lease lease = { .never = known.never != 0,
                            .only_later = known.only_later != 0,
                            .owner = known.owner };
        status = vcl_lease_check(known.ttl_s, known.expires_at, true, &lease, error);
        if (status == 0)
            status = vcl_lease_extend(client, &call, name, known.namespace_name, &lease,
                                      out_instance, error);
    }
    return status < 0 ? vcl_wrap(error, status, "extend virtual cluster '%s'", vcl_str(name))
                      : status;
}

const char *vcluster_result_name(const vcluster_result *result)
{
    return result ? vcl_str(result->name) : "";
}

const char *vcluster_result_namespace(const vcluster_result *result)
{
    return result ? vcl_str(result->namespace_name) : "";
}

const char *vcluster_result_operation(const vcluster_result *result)
{
    return result ? vcl_str(result->operation) : "";
}

size_t vcluster_result_index(const vcluster_result *result)
{
    return result ? result->index : 0;
}

int vcluster_result_status(const vcluster_result *result)
{
    return result ? result->status : 0;
}

const vcluster_error *vcluster_result_error(const vcluster_result *result)
{
    return result ? result->error : NULL;
}

static int check_reap(const vcluster_reap_options *known, vcluster_error **error)
{
    int status = vcl_namespace_check(known->namespace_name, error);

    if (status < 0)
        return status;
    if (known->grace_s < 0 || known->interval_ms < 0)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "grace_s or interval_ms is negative");
    if (known->parallel < 0 || known->parallel > MAX_PARALLEL)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "parallel is %lld; it must be between 0 and %d", (long long)known->parallel,
                        MAX_PARALLEL);
    return VCLUSTER_OK;
}

/* A round that could not look is no end of a reaper that looks again. */
static bool may_go_on(int status)
{
    return status == VCLUSTER_E_UNAVAILABLE || status == VCLUSTER_E_PROTOCOL;
}

static int reap_rounds(const vcl_reap_request *request,
                       vcl_call *call,
                       int64_t interval_ms,
                       vcluster_error **error)
{
    for (;;) {
        VCL_AUTO_ERROR *why = NULL;
        int status = vcl_reap(request, call, &why);

        if (status == 1)
            return VCLUSTER_OK;
        if (interval_ms == 0 || (status < 0 && !may_go_on(status)))
            return vcl_error_pass(error, &why, status);
        status = vcl_call_sleep(call, interval_ms, error);
        if (status < 0)
            return status;
    }
}

int vcluster_reap(vcluster_client *client,
                  const vcluster_reap_options *options,
                  vcluster_result_fn on_result,
                  void *result_data,
                  vcluster_error **error)
{
    vcluster_reap_options known = VCLUSTER_REAP_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error);
    if (status == 0)
        status = check_reap(&known, error);
    if (status == 0) {
        const vcl_reap_request request = { .client = client,
                                           .namespace_name = known.namespace_name,
                                           .owner = known.owner,
                                           .grace_s = known.grace_s,
                                           .parallel = known.parallel ? (size_t)known.parallel
                                                                      : REAP_PARALLEL,
                                           .dry_run = known.dry_run != 0,
                                           .on_result = on_result,
                                           .result_data = result_data };
        if (known.interval_ms > 0 && known.timeout_ms == 0)
            vcl_call_init(&call, -1, -1, known.cancel, known.progress, known.user_data);
        status = reap_rounds(&request, &call, known.interval_ms, error);
    }
    return status < 0 ? vcl_wrap(error, status, "reap virtual clusters") : status;
}

int vcluster_reap_manifest(const vcluster_reap_manifest_options *options,
                           char **out_yaml,
                           vcluster_error **error)
{
    vcluster_reap_manifest_options known = VCLUSTER_REAP_MANIFEST_OPTIONS_INIT;

    int status = VCL_REQUIRE(error, out_yaml);
    if (status == 0)
        status = vcl_options_copy(&known, sizeof(known), options, "vcluster_reap_manifest_options",
                                  error);
    if (status == 0)
        status = vcl_namespace_check(known.namespace_name, error);
    if (status == 0)
        status = vcl_namespace_check(known.only_namespace, error);
    if (status == 0 && vcl_str_empty(known.image))
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                          "an image is needed: one that has vcl in its path");
    if (status == 0 && known.grace_s < 0)
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "grace_s is negative");
    if (status == 0) {
        const vcl_reap_manifest_request request = {
            .namespace_name = known.namespace_name ? known.namespace_name : "default",
            .image = known.image,
            .schedule = known.schedule ? known.schedule : "*/5 * * * *",
            .grace_s = known.grace_s,
            .only_namespace = known.only_namespace
        };
        status = vcl_reap_manifest(&request, out_yaml, error);
    }
    return status < 0 ? vcl_wrap(error, status, "print the manifest of a reaper") : status;
}
