/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: operations on virtual clusters. */
#include "vcluster/instance.h"

#include "api/api.h"
#include "base/str.h"
#include "vcluster/connect/tunnel.h"
#include "vcluster/lifecycle/delete.h"
#include "vcluster/lifecycle/ensure.h"
#include "vcluster/lifecycle/pause.h"
#include "vcluster/lifecycle/wait.h"
#include "vcluster/names.h"
#include "vcluster/watch.h"

int vcl_api_ensure_request(vcluster_client *client,
                           const char *name,
                           const vcluster_config *config,
                           const vcluster_ensure_options *known,
                           vcl_ensure_request *out_request,
                           vcluster_error **error)
{
    int status = vcl_namespace_check(known->namespace_name, error);
    if (status == 0 && known->chart && (known->chart_source || known->chart_version))
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                          "chart_source and chart_version are for upstream's chart, but another "
                          "chart was given");
    vcl_lease lease = { .owner = known->owner };
    if (status == 0)
        status = vcl_lease_check(known->ttl_s, known->expires_at, false, &lease, error);
    if (status < 0)
        return status;
    *out_request = (vcl_ensure_request){ .client = client,
                                         .name = name,
                                         .config = config,
                                         .namespace_name = known->namespace_name,
                                         .distribution = known->distribution,
                                         .chart = known->chart,
                                         .chart_source = known->chart_source,
                                         .chart_version = known->chart_version,
                                         .lease = lease,
                                         .no_wait = known->no_wait != 0,
                                         .take_over = known->take_over != 0,
                                         .kubernetes_version = known->kubernetes_version,
                                         .profile = known->profile,
                                         .reset_values = known->reset_values != 0,
                                         .atomic = known->atomic != 0,
                                         .resume = known->resume != 0,
                                         .preflight = known->preflight != 0,
                                         .unchecked = known->unchecked != 0 };
    return VCLUSTER_OK;
}

static int ensure_request(vcluster_client *client,
                          const char *name,
                          const vcluster_config *config,
                          const vcluster_ensure_options *known,
                          vcl_ensure_request *out_request,
                          vcluster_error **error)
{
    int status = vcl_name_check(name, error);

    return status < 0 ? status
                      : vcl_api_ensure_request(client, name, config, known, out_request, error);
}

static int ensure(vcluster_client *client,
                  const char *name,
                  const vcluster_config *config,
                  const vcluster_ensure_options *options,
                  bool must_be_new,
                  vcluster_instance **out_instance,
                  vcluster_error **error)
{
    vcluster_ensure_options known = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcl_ensure_request request;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, name);
    if (status == 0)
        status = ensure_request(client, name, config, &known, &request, error);
    if (status < 0)
        return status;
    request.must_be_new = must_be_new;
    return vcl_ensure(&request, &call, out_instance, error);
}

int vcluster_instance_ensure(vcluster_client *client,
                             const char *name,
                             const vcluster_config *config,
                             const vcluster_ensure_options *options,
                             vcluster_instance **out_instance,
                             vcluster_error **error)
{
    int status = ensure(client, name, config, options, false, out_instance, error);

    return status < 0 ? vcl_wrap(error, status, "ensure virtual cluster '%s'", vcl_str(name))
                      : status;
}

int vcluster_instance_create(vcluster_client *client,
                             const char *name,
                             const vcluster_config *config,
                             const vcluster_ensure_options *options,
                             vcluster_instance **out_instance,
                             vcluster_error **error)
{
    int status = ensure(client, name, config, options, true, out_instance, error);

    return status < 0 ? vcl_wrap(error, status, "create virtual cluster '%s'", vcl_str(name))
                      : status;
}

int vcluster_instance_plan(vcluster_client *client,
                           const char *name,
                           const vcluster_config *config,
                           const vcluster_ensure_options *options,
                           vcluster_plan **out_plan,
                           vcluster_error **error)
{
    vcluster_ensure_options known = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcl_ensure_request request;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, name,
                               out_plan);
    if (status == 0)
        status = ensure_request(client, name, config, &known, &request, error);
    if (status == 0)
        status = vcl_ensure_plan(&request, &call, out_plan, error);
    return status < 0 ? vcl_wrap(error, status, "plan virtual cluster '%s'", vcl_str(name))
                      : status;
}

/* Common beginning of the calls on one existing virtual cluster. */
static int begin(vcluster_client *client,
                 const char *name,
                 int64_t timeout_ms,
                 const vcluster_instance_options *options,
                 vcluster_instance_options *known,
                 vcl_call *call,
                 vcluster_error **error)
{
    int status = VCL_REQUIRE(error, client, name);

    if (status == 0)
        status = vcl_api_begin(call, client, timeout_ms, known, sizeof(*known), options,
                               "vcluster_instance_options", error);
    return status < 0 ? status : vcl_api_check_names(name, known->namespace_name, error);
}

int vcluster_instance_get(vcluster_client *client,
                          const char *name,
                          const vcluster_instance_options *options,
                          vcluster_instance **out_instance,
                          vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_REQUIRE(error, out_instance);
    if (status == 0)
        status = begin(client, name, VCL_REQUEST_TIMEOUT_MS, options, &known, &call, error);
    if (status == 0)
        status = vcl_instance_find(client, &call, name, known.namespace_name, out_instance, error);
    return status < 0 ? vcl_wrap(error, status, "get virtual cluster '%s'", vcl_str(name)) : status;
}

int vcluster_instance_list_new(vcluster_client *client,
                               const vcluster_list_options *options,
                               vcluster_instance_list **out_list,
                               vcluster_error **error)
{
    vcluster_list_options known = VCLUSTER_LIST_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, out_list);
    if (status == 0)
        status = vcl_namespace_check(known.namespace_name, error);
    if (status == 0) {
        vcl_instance_query query = { .namespace_name = known.namespace_name };
        status = vcl_instances_list(client, &call, &query, out_list, error);
    }
    return status < 0 ? vcl_wrap(error, status, "list virtual clusters") : status;
}

/* Until the callback ends it, or an error does. */
static int watch_loop(vcl_instance_watcher *watcher,
                      vcl_call *call,
                      vcluster_instance_event_fn on_event,
                      void *event_data,
                      vcluster_error **error)
{
    int ended = 0;

    while (!ended) {
        VCL_AUTO_PTR(vcluster_instance) instance = NULL;
        int event = 0;
        int status = vcl_instance_watcher_next(watcher, call, &event, &instance, error);

        if (status < 0)
            return status;
        ended = on_event(event, instance, event_data);
    }
    return VCLUSTER_OK;
}

int vcluster_instance_watch(vcluster_client *client,
                            const vcluster_list_options *options,
                            vcluster_instance_event_fn on_event,
                            void *event_data,
                            vcluster_error **error)
{
    vcluster_list_options known = VCLUSTER_LIST_OPTIONS_INIT;
    VCL_AUTO_PTR(vcl_instance_watcher) watcher = NULL;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, -1, known, options, error);
    if (status == 0)
        status = vcl_namespace_check(known.namespace_name, error);
    if (status == 0 && !on_event)
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "on_event is NULL");
    if (status == 0) {
        vcl_instance_query query = { .namespace_name = known.namespace_name };
        status = vcl_instance_watcher_new(client, &query, &watcher, error);
    }
    if (status == 0)
        status = watch_loop(watcher, &call, on_event, event_data, error);
    return status < 0 ? vcl_wrap(error, status, "watch virtual clusters") : status;
}

static int wait_ready(vcluster_client *client,
                      const char *name,
                      const char *namespace_name,
                      vcl_call *call,
                      vcluster_instance **out_instance,
                      vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) found = NULL;

    int status = vcl_instance_find(client, call, name, namespace_name, &found, error);
    if (status < 0)
        return status;
    if (found->paused)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION, "it is paused: resume it first");
    vcl_wait_request request = { .client = client,
                                 .name = name,
                                 .namespace_name = found->namespace_name };
    status = vcl_wait_ready(&request, call, error);
    if (status < 0)
        return status;
    found->ready = true;
    if (!vcl_str_replace(&found->status, "Running"))
        return vcl_no_memory(error);
    if (out_instance)
        *out_instance = vcl_steal(&found);
    return VCLUSTER_OK;
}

int vcluster_instance_wait(vcluster_client *client,
                           const char *name,
                           const vcluster_instance_options *options,
                           vcluster_instance **out_instance,
                           vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcl_call call;

    int status = begin(client, name, VCL_OPERATION_TIMEOUT_MS, options, &known, &call, error);
    if (status == 0)
        status = wait_ready(client, name, known.namespace_name, &call, out_instance, error);
    return status < 0 ? vcl_wrap(error, status, "wait for virtual cluster '%s'", vcl_str(name))
                      : status;
}

/* The request that options stand for; it borrows from them. */
static vcl_delete_request
delete_request(vcluster_client *client, const char *name, const vcluster_delete_options *known)
{
    return (vcl_delete_request){ .client = client,
                                 .name = name,
                                 .namespace_name = known->namespace_name,
                                 .missing_ok = known->missing_ok != 0,
                                 .keep_volumes = known->keep_volumes != 0,
                                 .keep_namespace = known->keep_namespace != 0,
                                 .no_wait = known->no_wait != 0,
                                 .gitops_too = known->gitops_too != 0,
                                 .leftovers_too = known->leftovers_too != 0 };
}

static int
check_delete(const char *name, const vcluster_delete_options *known, vcluster_error **error)
{
    int status = vcl_api_check_names(name, known->namespace_name, error);
    if (status == 0 && known->leftovers_too && known->no_wait)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "leftovers are removed when the control plane has ended: 'leftovers_too' "
                        "and 'no_wait' exclude each other");
    return status;
}

int vcluster_instance_delete(vcluster_client *client,
                             const char *name,
                             const vcluster_delete_options *options,
                             vcluster_error **error)
{
    vcluster_delete_options known = VCLUSTER_DELETE_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, name);
    if (status == 0)
        status = check_delete(name, &known, error);
    if (status == 0) {
        vcl_delete_request request = delete_request(client, name, &known);
        status = vcl_delete(&request, &call, error);
    }
    return status < 0 ? vcl_wrap(error, status, "delete virtual cluster '%s'", vcl_str(name))
                      : status;
}

int vcluster_instance_plan_delete(vcluster_client *client,
                                  const char *name,
                                  const vcluster_delete_options *options,
                                  vcluster_plan **out_plan,
                                  vcluster_error **error)
{
    vcluster_delete_options known = VCLUSTER_DELETE_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, name,
                               out_plan);
    if (status == 0)
        status = check_delete(name, &known, error);
    if (status == 0) {
        const vcl_delete_request request = delete_request(client, name, &known);
        status = vcl_delete_plan(&request, &call, out_plan, error);
    }
    return status < 0
               ? vcl_wrap(error, status, "plan the deletion of virtual cluster '%s'", vcl_str(name))
               : status;
}

static int pause_or_resume(vcluster_client *client,
                           const char *name,
                           const vcluster_pause_options *options,
                           int (*act)(const vcl_pause_request *, vcl_call *, vcluster_error **),
                           vcluster_error **error)
{
    vcluster_pause_options known = VCLUSTER_PAUSE_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, name);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status < 0)
        return status;
    vcl_pause_request request = { .client = client,
                                  .name = name,
                                  .namespace_name = known.namespace_name,
                                  .no_wait = known.no_wait != 0 };
    return act(&request, &call, error);
}

int vcluster_instance_pause(vcluster_client *client,
                            const char *name,
                            const vcluster_pause_options *options,
                            vcluster_error **error)
{
    int status = pause_or_resume(client, name, options, vcl_pause, error);

    return status < 0 ? vcl_wrap(error, status, "pause virtual cluster '%s'", vcl_str(name))
                      : status;
}

int vcluster_instance_resume(vcluster_client *client,
                             const char *name,
                             const vcluster_pause_options *options,
                             vcluster_error **error)
{
    int status = pause_or_resume(client, name, options, vcl_resume, error);

    return status < 0 ? vcl_wrap(error, status, "resume virtual cluster '%s'", vcl_str(name))
                      : status;
}

int vcluster_instance_open(vcluster_client *client,
                           const char *name,
                           const vcluster_instance_options *options,
                           vcluster_client **out_client,
                           vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_REQUIRE(error, out_client);
    if (status == 0)
        status = begin(client, name, VCL_REQUEST_TIMEOUT_MS, options, &known, &call, error);
    if (status == 0)
        status = vcl_instance_open(client, &call, name, known.namespace_name, out_client, error);
    return status < 0 ? vcl_wrap(error, status, "open virtual cluster '%s'", vcl_str(name))
                      : status;
}
