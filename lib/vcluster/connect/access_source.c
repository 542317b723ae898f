/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The administrator's credentials of a virtual cluster as a source that outlives them: upstream's
 * syncer and ours renew certificates, and a virtual cluster that is deleted and made again under
 * its name has another CA. See access.h.
 */
#include "base/str.h"
#include "vcluster/connect/access.h"

typedef struct access_source {
    vcl_login_source source; /* first: it is what others hold */
    vcluster_client *host;
    char *name;
    char *namespace_name;
} access_source;

static void destroy(vcl_login_source *source)
{
    access_source *access = (access_source *)source;

    vcluster_client_unref(access->host);
    free(access->name);
    free(access->namespace_name);
    free(access);
}

/* A certificate says itself until when it is good. */
static int take_login(const vcl_access *access, vcl_login *out_login, vcluster_error **error)
{
    const vcl_endpoint *endpoint = &access->context.endpoint;
    vcl_login login = { .token = endpoint->bearer_token,
                        .client_cert_pem = endpoint->client_cert_pem,
                        .client_key_pem = endpoint->client_key_pem,
                        .ca_pem = endpoint->ca_pem,
                        .tls_parts = endpoint->tls_parts,
                        .expires_at = INT64_MAX };

    if (login.client_cert_pem)
        login.expires_at = endpoint->client_cert_not_after;
    return vcl_login_copy(&login, out_login) ? VCLUSTER_OK : vcl_no_memory(error);
}

static int
fetch(const vcl_login_source *source, vcl_call *call, vcl_login *login, vcluster_error **error)
{
    const access_source *known = (const access_source *)source;
    VCL_AUTO_PTR(vcl_access) access = NULL;
    int status = vcl_access_read(known->host->kube, call, known->name, known->namespace_name,
                                 &access, error);

    return status < 0 ? status : take_login(access, login, error);
}

int vcl_access_source_new(vcluster_client *host,
                          const vcl_access *access,
                          vcl_login_source **out_source,
                          vcluster_error **error)
{
    access_source *made = calloc(1, sizeof(*made));

    if (!made)
        return vcl_no_memory(error);
    atomic_init(&made->source.references, 1);
    made->source.fetch = fetch;
    made->source.destroy = destroy;
    made->host = vcluster_client_ref(host);
    made->name = vcl_strdup(access->name);
    made->namespace_name = vcl_strdup(access->namespace_name);
    int status = made->name && made->namespace_name ? take_login(access, &made->source.first, error)
                                                    : vcl_no_memory(error);
    if (status < 0) {
        vcl_login_source_unref(&made->source);
        return status;
    }
    *out_source = &made->source;
    return VCLUSTER_OK;
}
