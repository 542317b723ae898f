/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificates and the key of a kubeconfig. Mistakes in them are told by name, now and not with
 * the first connection; what was read for that is kept for the connections.
 */
#include "base/clock.h"
#include "kube/certificate.h"
#include "kube/kubeconfig_user.h"

static int check_end(const vcl_config_entry *user, int64_t not_after, vcluster_error **error)
{
    char date[VCL_RFC3339_SIZE];

    if (not_after >= vcl_wall_seconds())
        return VCLUSTER_OK;
    vcl_rfc3339(not_after, -1, date);
    return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED,
                    "kubeconfig '%s': the client certificate of user '%s' expired on %s: log in "
                    "again, or renew it",
                    vcl_config_file_name(user->file), user->name, date);
}

/* Text by text: what is wrong with them, if it is not something that curl still makes do with. */
static int check_texts(const vcl_config_entry *user,
                       const vcl_config_entry *cluster,
                       vcl_endpoint *endpoint,
                       vcluster_error **error)
{
    int64_t not_after;

    if (endpoint->ca_pem && !vcl_certificate_read(endpoint->ca_pem, &not_after))
        return vcl_config_fail(cluster, "certificate-authority", error,
                               "holds no certificate in PEM form");
    if (!endpoint->client_cert_pem)
        return VCLUSTER_OK;
    switch (vcl_certificate_key(endpoint->client_cert_pem, endpoint->client_key_pem,
                                &endpoint->client_cert_not_after)) {
    case VCL_CERTIFICATE_UNREADABLE:
        return vcl_config_fail(user, "client-certificate", error,
                               "holds no certificate in PEM form");
    case VCL_KEY_UNREADABLE:
        return vcl_config_fail(user, "client-key", error,
                               "holds no private key in PEM form (encrypted ones cannot be used)");
    case VCL_KEY_OTHER:
        return vcl_config_fail(user, "client-key", error, "does not belong to client-certificate");
    default:
        return check_end(user, endpoint->client_cert_not_after, error);
    }
}

/* An empty file says neither whom to trust nor who we are; without a text, the system's authorities
 * would be trusted. */
static bool is_blank(const char *text)
{
    return text && !*text;
}

static vcl_tls_parts *read_parts(const vcl_endpoint *endpoint)
{
    if (is_blank(endpoint->ca_pem) || is_blank(endpoint->client_cert_pem))
        return NULL;
    return vcl_tls_parts_new(endpoint->ca_pem, endpoint->client_cert_pem, endpoint->client_key_pem);
}

int vcl_kubeconfig_read_tls(const vcl_config_entry *user,
                            const vcl_config_entry *cluster,
                            vcl_endpoint *endpoint,
                            vcluster_error **error)
{
    if (!endpoint->ca_pem && !endpoint->client_cert_pem)
        return VCLUSTER_OK;
    endpoint->tls_parts = read_parts(endpoint);
    if (!endpoint->tls_parts)
        return check_texts(user, cluster, endpoint, error);
    if (!vcl_tls_parts_not_after(endpoint->tls_parts, &endpoint->client_cert_not_after))
        return VCLUSTER_OK;
    return check_end(user, endpoint->client_cert_not_after, error);
}
