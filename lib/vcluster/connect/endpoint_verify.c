/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trying a way to a virtual cluster out; see endpoint.h. The certificate must be signed by the CA
 * in the published kubeconfig, which no other virtual cluster has, and the request carries its
 * credentials: whoever ends TLS in between fails at the one, a stale Secret at the other.
 */
#include <string.h>

#include "base/str.h"
#include "vcluster/connect/endpoint.h"

/* In the certificate of every API server, upstream's and ours: what is verified where an address is
 * not in it. */
#define COMMON_NAME "kubernetes.default.svc"

/* What failed, in words that fit behind the URL. */
static int explain(const vcluster_endpoint_candidate *candidate,
                   const vcluster_error *why,
                   int status,
                   vcluster_error **error)
{
    const char *reason = vcluster_error_reason(why);

    if (status == VCLUSTER_E_TIMEOUT)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "it does not answer in time");
    if (vcl_streq(reason, "CertificateUntrusted"))
        return vcl_fail(error, status,
                        "its certificate is not of this virtual cluster: something else answers "
                        "there, or ends TLS on the way");
    if (vcl_streq(reason, "CertificateName"))
        return vcl_fail(error, status,
                        "'%s' is not in its certificate: put it into "
                        "controlPlane.proxy.extraSANs",
                        candidate->tls_server_name ? candidate->tls_server_name
                                                   : candidate->url + strlen("https://"));
    return vcl_fail(error, status, "%s",
                    why ? vcluster_error_message(why) : vcluster_status_name(status));
}

static int check_answer(int http_status, bool insecure, vcluster_error **error)
{
    if (http_status == 200)
        return VCLUSTER_OK;
    if (http_status == 401 && !insecure)
        return vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED,
                        "it refuses the credentials of the kubeconfig Secret");
    if (insecure && (http_status == 401 || http_status == 403))
        return VCLUSTER_OK; /* nobody has logged in */
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "it answers with HTTP status %d", http_status);
}

/* One handshake and one request. *out_http_status is 0 when there was no answer. */
static int ask(const vcl_endpoint_trial *trial,
               const vcluster_endpoint_candidate *candidate,
               vcl_call *call,
               int *out_http_status,
               vcluster_error **error)
{
    const vcl_endpoint *known = &trial->access->context.endpoint;
    vcl_endpoint endpoint = { .server = candidate->url, /* all borrowed: vcl_http_new() copies */
                              .tls_server_name = candidate->tls_server_name,
                              .ca_pem = known->ca_pem,
                              .insecure = trial->insecure };
    vcl_http_request request = { .method = "GET", .path = "/version" };
    vcl_http_response response = { 0 };
    vcl_http *http = NULL;

    if (!trial->insecure) {
        endpoint.client_cert_pem = known->client_cert_pem;
        endpoint.client_key_pem = known->client_key_pem;
        endpoint.bearer_token = known->bearer_token;
    }
    *out_http_status = 0;
    int status = vcl_http_new(&endpoint, NULL, NULL, &http, error);
    if (status == 0)
        status = vcl_http_send(http, call, &request, &response, error);
    *out_http_status = status == 0 ? response.status : 0;
    vcl_http_response_done(&response);
    vcl_http_free(http);
    return status;
}

/* Behind an Ingress or a TLSRoute it is the name that leads the way: it cannot be another one. */
static bool may_have_other_name(const vcl_endpoint_trial *trial,
                                const vcluster_endpoint_candidate *candidate)
{
    return !trial->tls_server_name && !candidate->tls_server_name &&
           candidate->kind != VCLUSTER_ENDPOINT_INGRESS &&
           candidate->kind != VCLUSTER_ENDPOINT_TLS_ROUTE;
}

/* The status of the first try stays where this one is not let in either. */
static int ask_by_common_name(const vcl_endpoint_trial *trial,
                              vcluster_endpoint_candidate *candidate,
                              vcl_call *call,
                              int *out_http_status,
                              int first)
{
    candidate->tls_server_name = vcl_strdup(COMMON_NAME);
    if (!candidate->tls_server_name)
        return VCLUSTER_E_NO_MEMORY;
    int status = ask(trial, candidate, call, out_http_status, NULL);
    if (status == 0)
        return VCLUSTER_OK;
    free(vcl_steal(&candidate->tls_server_name));
    return status == VCLUSTER_E_CANCELLED ? status : first;
}

static int set_given_name(const vcl_endpoint_trial *trial,
                          vcluster_endpoint_candidate *candidate,
                          vcluster_error **error)
{
    if (!trial->tls_server_name || candidate->kind == VCLUSTER_ENDPOINT_INGRESS ||
        candidate->kind == VCLUSTER_ENDPOINT_TLS_ROUTE)
        return VCLUSTER_OK;
    return vcl_str_replace(&candidate->tls_server_name, trial->tls_server_name)
               ? VCLUSTER_OK
               : vcl_no_memory(error);
}

int vcl_endpoint_verify(const vcl_endpoint_trial *trial,
                        vcluster_endpoint_candidate *candidate,
                        vcl_call *call,
                        vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;
    int http_status = 0;

    if (!vcl_starts_with(candidate->url, "https://"))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "it is not https: credentials are never sent over anything else");
    int status = set_given_name(trial, candidate, error);
    if (status < 0)
        return status;
    status = ask(trial, candidate, call, &http_status, &why);
    if (status < 0 && vcl_streq(vcluster_error_reason(why), "CertificateName") &&
        may_have_other_name(trial, candidate))
        status = ask_by_common_name(trial, candidate, call, &http_status, status);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    if (status == VCLUSTER_E_CANCELLED)
        return vcl_fail(error, status, "it was given up");
    return status < 0 ? explain(candidate, why, status, error)
                      : check_answer(http_status, trial->insecure, error);
}
