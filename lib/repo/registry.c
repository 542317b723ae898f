/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to a registry and logging in; see registry.h. The token flow is that of the distribution
 * project (spec/auth/token). */
#include "repo/registry.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "net/url.h"
#include "repo/oci_text.h"

enum { MAX_TOKEN_ANSWER = 1 << 20, MAX_FORM = 128 << 10 };

void vcl_registry_done(vcl_registry *registry)
{
    free(registry->origin);
    vcl_free_secret(registry->authorization);
    vcl_credentials_done(&registry->credentials);
    *registry = (vcl_registry){ 0 };
}

/* Docker Hub's registry is not where its name says. */
static const char *server_of(const char *host)
{
    return vcl_streq(host, "docker.io") || vcl_streq(host, "index.docker.io")
               ? "registry-1.docker.io"
               : host;
}

int vcl_registry_init(vcl_registry *registry,
                      vcl_transport *transport,
                      vcl_call *call,
                      const vcl_oci_reference *reference,
                      bool own_options,
                      vcluster_error **error)
{
    vcl_http_url url = { 0 };
    vcl_auto_free char *text = vcl_format(
        "%s://%s/", transport->options->plain_http ? "http" : "https", server_of(reference->host));

    *registry = (vcl_registry){
        .transport = transport, .call = call, .reference = reference, .own_options = own_options
    };
    if (!text)
        return vcl_no_memory(error);
    int status = vcl_http_url_parse(text, &url, error);
    if (status < 0)
        return status;
    registry->origin = vcl_steal(&url.origin);
    vcl_http_url_done(&url);
    return VCLUSTER_OK;
}

/* ---- Logging in ---- */

static int find_credentials(vcl_registry *registry, vcluster_error **error)
{
    const vcluster_chart_fetch_options *options = registry->transport->options;
    vcl_credentials *own = &registry->credentials;

    if (!registry->own_options || vcl_str_empty(options->username))
        return vcl_credentials_find(options->registry_config, registry->reference->host, own,
                                    error);
    own->username = vcl_strdup(options->username);
    own->password = vcl_strdup(vcl_str(options->password));
    return own->username && own->password ? VCLUSTER_OK : vcl_no_memory(error);
}

static int take_token(vcl_registry *registry, char *token, vcluster_error **error)
{
    registry->authorization = vcl_format("Bearer %s", token);
    vcl_free_secret(token);
    return registry->authorization ? VCLUSTER_OK : vcl_no_memory(error);
}

static void add_parameter(vcl_buf *buf, const char *name, const char *value, size_t size)
{
    vcl_auto_free char *text = vcl_strndup(value, size);

    if (buf->size > 0)
        vcl_buf_add_char(buf, '&');
    vcl_buf_add(buf, name);
    vcl_buf_add_char(buf, '=');
    if (!text || !vcl_url_escape(buf, text))
        buf->state = VCL_BUF_NO_MEMORY;
}

/* "service=...&scope=..." Each scope is a parameter of its own where one request is a GET. */
static void add_parameters(vcl_registry *registry, const vcl_challenge *challenge, vcl_buf *buf)
{
    vcl_auto_free char *standard = vcl_format("repository:%s:pull", registry->reference->path);
    const char *scope = vcl_str_empty(challenge->scope) ? standard : challenge->scope;

    if (!vcl_str_empty(challenge->service))
        add_parameter(buf, "service", challenge->service, strlen(challenge->service));
    if (!scope)
        buf->state = VCL_BUF_NO_MEMORY;
    for (const char *at = scope; at && *at;) {
        size_t size = strcspn(at, " ");
        if (size > 0)
            add_parameter(buf, "scope", at, size);
        at += size + (at[size] == ' ');
    }
}

static int refused_token(const vcl_registry *registry,
                         const vcl_http_response *response,
                         vcluster_error **error)
{
    vcl_auto_free char *what =
        vcl_format("token for 'oci://%s/%s'", registry->reference->host, registry->reference->path);

    return what ? vcl_registry_refused(registry, response, what, error) : vcl_no_memory(error);
}

/* Ask the token server: with a refresh token by POST, else by GET, as a user or as nobody. */
static int send_token_request(vcl_registry *registry,
                              const vcl_challenge *challenge,
                              const vcl_http_url *realm,
                              vcl_http_response *response,
                              vcluster_error **error)
{
    const vcl_credentials *own = &registry->credentials;
    VCL_AUTO_BUF query = { 0 };
    VCL_AUTO_BUF url = { 0 };

    vcl_buf_init(&query, MAX_FORM);
    vcl_buf_init(&url, MAX_FORM);
    if (own->identity_token) {
        add_parameter(&query, "grant_type", "refresh_token", strlen("refresh_token"));
        add_parameter(&query, "client_id", "libvcluster", strlen("libvcluster"));
        add_parameter(&query, "refresh_token", own->identity_token, strlen(own->identity_token));
    }
    add_parameters(registry, challenge, &query);
    vcl_buf_add(&url, realm->text);
    if (!own->identity_token)
        vcl_buf_addf(&url, "%s%s", strchr(realm->text, '?') ? "&" : "?", vcl_buf_text(&query));
    bool basic = own->username && !own->identity_token;
    char *authorization = basic ? vcl_basic_authorization(own->username, own->password) : NULL;
    if (vcl_buf_failed(&query) || vcl_buf_failed(&url) || (basic && !authorization)) {
        vcl_free_secret(authorization);
        return vcl_no_memory(error);
    }
    vcl_get get = { .url = vcl_buf_text(&url),
                    .accept = "application/json",
                    .authorization = authorization,
                    .origin = realm->origin,
                    .form = own->identity_token ? vcl_buf_text(&query) : NULL,
                    .max = MAX_TOKEN_ANSWER };
    int status = vcl_transport_get(registry->transport, registry->call, &get, response, error);
    vcl_free_secret(authorization);
    return status;
}

static int
fetch_token(vcl_registry *registry, const vcl_challenge *challenge, vcluster_error **error)
{
    __attribute__((cleanup(vcl_http_url_done))) vcl_http_url realm = { 0 };
    VCL_AUTO_RESPONSE response = { 0 };
    VCL_AUTO_ERROR *inner = NULL;
    char *token = NULL;

    int status = vcl_http_url_parse(vcl_str(challenge->realm), &realm, &inner);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    if (status < 0 || (!realm.tls && vcl_starts_with(registry->origin, "https:")))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "registry '%s' names a token server that cannot be used: it must be an "
                        "https URL",
                        registry->reference->host);
    status = send_token_request(registry, challenge, &realm, &response, error);
    if (status < 0)
        return status;
    if (response.status / 100 != 2)
        return refused_token(registry, &response, error);
    status = vcl_oci_token_parse(vcl_buf_text(&response.body), response.body.size, &token, error);
    return status < 0 ? status : take_token(registry, token, error);
}

/* Answer to a 401. Leaves authorization empty when there is nothing to log in with. */
static int log_in(vcl_registry *registry, const char *header, vcluster_error **error)
{
    __attribute__((cleanup(vcl_challenge_done))) vcl_challenge challenge = { 0 };
    vcl_credentials *own = &registry->credentials;

    registry->asked = true;
    if (!vcl_challenge_parse(header, &challenge))
        return vcl_no_memory(error);
    int status = find_credentials(registry, error);
    if (status < 0)
        return status;
    if (challenge.bearer && own->registry_token) {
        char *token = vcl_strdup(own->registry_token);
        return token ? take_token(registry, token, error) : vcl_no_memory(error);
    }
    if (challenge.bearer)
        return fetch_token(registry, &challenge, error);
    if (!challenge.basic || !own->username)
        return VCLUSTER_OK;
    registry->authorization = vcl_basic_authorization(own->username, own->password);
    return registry->authorization ? VCLUSTER_OK : vcl_no_memory(error);
}

/* ---- Requests ---- */

static int send_once(vcl_registry *registry,
                     const char *url,
                     const char *accept,
                     size_t max,
                     vcl_http_response *response,
                     vcluster_error **error)
{
    vcl_get get = { .url = url,
                    .accept = accept,
                    .authorization = registry->authorization,
                    .origin = registry->origin,
                    .max = max,
                    .as_stored = true };

    return vcl_transport_get(registry->transport, registry->call, &get, response, error);
}

int vcl_registry_get(vcl_registry *registry,
                     const char *suffix,
                     const char *accept,
                     size_t max,
                     vcl_http_response *response,
                     vcluster_error **error)
{
    vcl_auto_free char *url =
        vcl_format("%s/v2/%s/%s", registry->origin, registry->reference->path, suffix);
    VCL_AUTO_RESPONSE answer = { 0 };

    if (!url)
        return vcl_no_memory(error);
    int status = send_once(registry, url, accept, max, &answer, error);
    /* Whoever a redirect led to may not ask for what is the registry's. */
    if (status == VCLUSTER_OK && answer.status == 401 && !registry->asked &&
        vcl_streq(registry->transport->last_origin, registry->origin)) {
        status = log_in(registry, answer.www_authenticate, error);
        if (status == VCLUSTER_OK && registry->authorization) {
            vcl_http_response_done(&answer);
            status = send_once(registry, url, accept, max, &answer, error);
        }
    }
    if (status < 0)
        return status;
    *response = answer;
    answer = (vcl_http_response){ 0 };
    return VCLUSTER_OK;
}

int vcl_registry_refused(const vcl_registry *registry,
                         const vcl_http_response *response,
                         const char *what,
                         vcluster_error **error)
{
    vcl_auto_free char *detail =
        vcl_oci_error_text(vcl_buf_text(&response->body), response->body.size);

    if ((response->status == 401 || response->status == 403) && registry->credentials.helper) {
        int status = vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                              "the credentials of '%s' are kept by docker-credential-%s, which is "
                              "not run: pass username and password",
                              registry->reference->host, registry->credentials.helper);
        vcl_error_set_http(error, response->status);
        return status;
    }
    return vcl_transport_refused(response, what, detail, error);
}
