/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: releases of charts. What only hands out parts of a release is in release/release.c. */
#include <libvcluster/release.h>

#include "api/api.h"
#include "base/str.h"
#include "release/operation.h"
#include "vcluster/names.h"

/* One call on a release: its copied options, clock, values and request. */
typedef struct release_call {
    vcluster_release_options known;
    vcl_call call;
    cJSON *values;
    vcl_release_request request;
} release_call;

static void release_call_done(release_call *self)
{
    vcl_json_free_secret(self->values);
}
#define AUTO_RELEASE_CALL __attribute__((cleanup(release_call_done))) release_call

static const char *choose_namespace(const vcluster_client *client, const char *given)
{
    if (given)
        return given;
    return vcl_str_empty(client->namespace_name) ? "default" : client->namespace_name;
}

static int check_options(const vcluster_release_options *known, vcluster_error **error)
{
    if (known->value_policy > VCLUSTER_VALUES_RESET_THEN_REUSE)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "value_policy %llu is unknown",
                        (unsigned long long)known->value_policy);
    if (known->history_max < -1)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "history_max %lld is neither a number of revisions nor -1 for all",
                        (long long)known->history_max);
    return VCLUSTER_OK;
}

static int check_names(const char *name, const char *namespace_name, vcluster_error **error)
{
    int status = vcl_release_name_check(name, error);

    return status < 0 ? status : vcl_namespace_check(namespace_name, error);
}

/* Start a call that changes a release; the chart and config are checked by those that have them. */
static int begin(release_call *self,
                 vcluster_client *client,
                 const char *name,
                 const vcluster_release_options *options,
                 vcluster_error **error)
{
    *self = (release_call){ .known = VCLUSTER_RELEASE_OPTIONS_INIT };
    int status = VCL_REQUIRE(error, client, name);
    if (status == 0)
        status = vcl_api_begin(&self->call, client, VCL_OPERATION_TIMEOUT_MS, &self->known,
                               sizeof(self->known), options, "vcluster_release_options", error);
    if (status == 0)
        status = check_options(&self->known, error);
    if (status == 0)
        status = check_names(name, self->known.namespace_name, error);
    if (status < 0)
        return status;
    self->request = (vcl_release_request){
        .kube = client->kube,
        .name = name,
        .namespace_name = choose_namespace(client, self->known.namespace_name),
        .options = self->known,
    };
    return VCLUSTER_OK;
}

/* The same for a call that takes a chart and values. */
static int begin_with_chart(release_call *self,
                            vcluster_client *client,
                            const char *name,
                            const vcluster_chart *chart,
                            const vcluster_config *config,
                            const vcluster_release_options *options,
                            vcluster_error **error)
{
    int status = begin(self, client, name, options, error);
    if (status == 0)
        status = VCL_REQUIRE(error, chart);
    if (status == 0)
        status = vcl_api_values(chart, config, &self->values, error);
    self->request.chart = chart;
    self->request.user_values = self->values;
    return status;
}

int vcluster_release_install(vcluster_client *client,
                             const char *name,
                             const vcluster_chart *chart,
                             const vcluster_config *config,
                             const vcluster_release_options *options,
                             vcluster_release **out_release,
                             vcluster_error **error)
{
    AUTO_RELEASE_CALL self = { 0 };

    int status = begin_with_chart(&self, client, name, chart, config, options, error);
    if (status == 0)
        status = vcl_release_install(&self.request, &self.call, out_release, error);
    return status < 0 ? vcl_wrap(error, status, "install release '%s'", vcl_str(name)) : status;
}

int vcluster_release_upgrade(vcluster_client *client,
                             const char *name,
                             const vcluster_chart *chart,
                             const vcluster_config *config,
                             const vcluster_release_options *options,
                             vcluster_release **out_release,
                             vcluster_error **error)
{
    AUTO_RELEASE_CALL self = { 0 };

    int status = begin_with_chart(&self, client, name, chart, config, options, error);
    if (status == 0)
        status = vcl_release_upgrade(&self.request, &self.call, out_release, error);
    return status < 0 ? vcl_wrap(error, status, "upgrade release '%s'", vcl_str(name)) : status;
}

static int check_revision(int64_t revision, vcluster_error **error)
{
    if (revision >= 0)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "revision %lld is negative",
                    (long long)revision);
}

int vcluster_release_rollback(vcluster_client *client,
                              const char *name,
                              int64_t revision,
                              const vcluster_release_options *options,
                              vcluster_release **out_release,
                              vcluster_error **error)
{
    AUTO_RELEASE_CALL self = { 0 };

    int status = begin(&self, client, name, options, error);
    if (status == 0)
        status = check_revision(revision, error);
    self.request.revision = revision;
    if (status == 0)
        status = vcl_release_rollback(&self.request, &self.call, out_release, error);
    return status < 0 ? vcl_wrap(error, status, "roll release '%s' back", vcl_str(name)) : status;
}

int vcluster_release_uninstall(vcluster_client *client,
                               const char *name,
                               const vcluster_release_options *options,
                               vcluster_error **error)
{
    AUTO_RELEASE_CALL self = { 0 };

    int status = begin(&self, client, name, options, error);
    if (status == 0)
        status = vcl_release_uninstall(&self.request, &self.call, error);
    return status < 0 ? vcl_wrap(error, status, "uninstall release '%s'", vcl_str(name)) : status;
}

int vcluster_release_diff(vcluster_client *client,
                          const char *name,
                          const vcluster_chart *chart,
                          const vcluster_config *config,
                          const vcluster_release_options *options,
                          char **out_json,
                          vcluster_error **error)
{
    AUTO_RELEASE_CALL self = { 0 };

    int status = VCL_REQUIRE(error, out_json);
    if (status == 0)
        status = begin_with_chart(&self, client, name, chart, config, options, error);
    if (status == 0)
        status = vcl_release_diff(&self.request, &self.call, out_json, error);
    return status < 0 ? vcl_wrap(error, status, "compare release '%s'", vcl_str(name)) : status;
}

int vcluster_release_get(vcluster_client *client,
                         const char *name,
                         int64_t revision,
                         const vcluster_release_query_options *options,
                         vcluster_release **out_release,
                         vcluster_error **error)
{
    vcluster_release_query_options known = VCLUSTER_RELEASE_QUERY_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name,
                               out_release);
    if (status == 0)
        status = check_names(name, known.namespace_name, error);
    if (status == 0)
        status = check_revision(revision, error);
    if (status == 0)
        status = vcl_release_get(client->kube, &call, name,
                                 choose_namespace(client, known.namespace_name), revision,
                                 out_release, error);
    return status < 0 ? vcl_wrap(error, status, "get release '%s'", vcl_str(name)) : status;
}

int vcluster_release_history(vcluster_client *client,
                             const char *name,
                             const vcluster_release_query_options *options,
                             vcluster_release_list **out_list,
                             vcluster_error **error)
{
    vcluster_release_query_options known = VCLUSTER_RELEASE_QUERY_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name, out_list);
    if (status == 0)
        status = check_names(name, known.namespace_name, error);
    if (status == 0)
        status =
            vcl_release_history(client->kube, &call, name,
                                choose_namespace(client, known.namespace_name), out_list, error);
    return status < 0 ? vcl_wrap(error, status, "read the history of release '%s'", vcl_str(name))
                      : status;
}
