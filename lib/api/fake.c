/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: clients of a fake host. */
#include <libvcluster/fake.h>

#include "api/api.h"
#include "base/str.h"
#include "fake/fake.h"

/* The client of an endpoint that leads to the fake. */
static int make_client(const vcluster_fake_options *known,
                       const vcl_endpoint *endpoint,
                       vcluster_client **out_client,
                       vcluster_error **error)
{
    char context_name[] = "fake";
    vcl_kubeconfig_context context = { .name = context_name,
                                       .namespace_name = vcl_strdup(known->namespace_name),
                                       .endpoint = *endpoint };
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    VCL_AUTO_PTR(vcluster_client) client = NULL;

    if (known->namespace_name && !context.namespace_name)
        return vcl_no_memory(error);
    options.timeout_ms = known->timeout_ms;
    options.log = known->log;
    options.log_user_data = known->log_user_data;
    options.log_destroy = known->log_destroy;
    options.kubeconfig_text = ""; /* no file leads another program here */
    int status = vcl_client_make(&context, &options, &client, error);
    free(context.namespace_name);
    if (status == VCLUSTER_OK)
        status = vcl_client_remember(client, &options, error);
    if (status == VCLUSTER_OK)
        *out_client = vcl_steal(&client);
    return status;
}

int vcluster_client_new_fake(const vcluster_fake_options *options,
                             vcluster_client **out_client,
                             vcluster_error **error)
{
    vcluster_fake_options known = VCLUSTER_FAKE_OPTIONS_INIT;
    vcl_endpoint endpoint = { 0 };
    vcluster_client *client = NULL;
    vcl_fake *fake = NULL;

    int status = VCL_REQUIRE(error, out_client);
    if (status == 0)
        status = vcl_options_copy(&known, sizeof(known), options, "vcluster_fake_options", error);
    if (status < 0)
        return status;
    vcl_fake_options how = { .version = known.kubernetes_version,
                             .objects = known.objects,
                             .faults = known.faults };
    status = vcl_fake_new(&how, &endpoint, &fake, error);
    if (status == VCLUSTER_OK)
        status = make_client(&known, &endpoint, &client, error);
    vcl_endpoint_done(&endpoint);
    if (!client)
        return vcl_wrap(error, status, "make a client of a fake host");
    client->fake = fake;
    *out_client = client;
    return VCLUSTER_OK;
}

static int require_fake(const vcluster_client *client, vcluster_error **error)
{
    if (client->fake)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                    "the client is of a real cluster: only those of vcluster_client_new_fake() "
                    "have a fake host");
}

int vcluster_fake_set_faults(vcluster_client *client, const char *script, vcluster_error **error)
{
    int status = VCL_REQUIRE(error, client);
    if (status == 0)
        status = require_fake(client, error);
    if (status == 0)
        status = vcl_fake_set_faults(client->fake, script, error);
    return status < 0 ? vcl_wrap(error, status, "set faults of a fake host") : status;
}

int vcluster_fake_put(vcluster_client *client, const char *manifests, vcluster_error **error)
{
    int status = VCL_REQUIRE(error, client, manifests);
    if (status == 0)
        status = require_fake(client, error);
    if (status == 0)
        status = vcl_fake_put(client->fake, manifests, error);
    return status < 0 ? vcl_wrap(error, status, "put objects on a fake host") : status;
}

int vcluster_fake_requests(vcluster_client *client,
                           int forget,
                           char **out_json,
                           vcluster_error **error)
{
    int status = VCL_REQUIRE(error, client, out_json);
    if (status == 0)
        status = require_fake(client, error);
    if (status == 0)
        status = vcl_fake_requests(client->fake, forget != 0, out_json, error);
    return status < 0 ? vcl_wrap(error, status, "list the requests of a fake host") : status;
}
