/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of service accounts; see token.h. */
#include "vcluster/connect/token.h"

#include "base/clock.h"
#include "base/str.h"
#include "kube/exec_credential.h"

struct vcluster_token {
    char *text;
    char *user;
    char expires[VCL_RFC3339_SIZE];
    int64_t expires_at;
};

void vcluster_token_free(vcluster_token *token)
{
    if (!token)
        return;
    vcl_free_secret(token->text);
    free(token->user);
    free(token);
}

const char *vcluster_token_text(const vcluster_token *token)
{
    return token ? token->text : "";
}

const char *vcluster_token_user(const vcluster_token *token)
{
    return token ? token->user : "";
}

const char *vcluster_token_expires(const vcluster_token *token)
{
    return token ? token->expires : "";
}

int64_t vcluster_token_expires_at(const vcluster_token *token)
{
    return token ? token->expires_at : 0;
}

int vcl_token_get_for(vcluster_client *admin,
                      vcl_call *call,
                      const vcl_account *account,
                      vcluster_token **out_token,
                      vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_token) token = calloc(1, sizeof(*token));
    vcl_login login = { 0 };

    if (!token)
        return vcl_no_memory(error);
    token->user = vcl_format("system:serviceaccount:%s:%s", account->namespace_name, account->name);
    if (!token->user)
        return vcl_no_memory(error);
    int status = vcl_account_token(admin->kube, call, account, &login, error);
    if (status < 0)
        return status;
    token->text = vcl_steal(&login.token);
    token->expires_at = login.expires_at;
    vcl_rfc3339(login.expires_at, -1, token->expires);
    *out_token = vcl_steal(&token);
    return VCLUSTER_OK;
}

/* ---- A client that renews its token ---- */

typedef struct token_source {
    vcl_login_source source; /* first: it is what others hold */
    vcluster_client *admin;
    char *instance;
    char *instance_namespace;
    vcl_account account;
} token_source;

static void destroy(vcl_login_source *source)
{
    token_source *tokens = (token_source *)source;

    vcluster_client_unref(tokens->admin);
    vcl_account_done(&tokens->account);
    free(tokens->instance);
    free(tokens->instance_namespace);
    free(tokens);
}

/* Renewed when a fifth of its time is left, as kubelets do. */
static int get_token(const token_source *tokens,
                     vcl_call *call,
                     const char *ca_pem,
                     vcl_login *login,
                     vcluster_error **error)
{
    int status = vcl_account_token(tokens->admin->kube, call, &tokens->account, login, error);

    if (status < 0)
        return vcl_wrap(error, status, "get a token of service account '%s'", tokens->account.name);
    int64_t left = login->expires_at - vcl_wall_seconds();
    login->expires_at -= left > 0 ? left / 5 : 0;
    login->ca_pem = vcl_strdup(ca_pem);
    return ca_pem && !login->ca_pem ? vcl_no_memory(error) : VCLUSTER_OK;
}

/* The virtual cluster may have been made anew meanwhile, with another CA. */
static int
fetch(const vcl_login_source *source, vcl_call *call, vcl_login *login, vcluster_error **error)
{
    const token_source *tokens = (const token_source *)source;
    VCL_AUTO_PTR(vcl_access) access = NULL;
    int status = vcl_access_read(tokens->admin->host->kube, call, tokens->instance,
                                 tokens->instance_namespace, &access, error);

    return status < 0 ? status
                      : get_token(tokens, call, access->context.endpoint.ca_pem, login, error);
}

static int new_source(vcluster_client *admin,
                      const vcl_access *access,
                      vcl_account *account,
                      token_source **out_source,
                      vcluster_error **error)
{
    token_source *tokens = calloc(1, sizeof(*tokens));

    if (!tokens)
        return vcl_no_memory(error);
    atomic_init(&tokens->source.references, 1);
    tokens->source.fetch = fetch;
    tokens->source.destroy = destroy;
    tokens->admin = vcluster_client_ref(admin);
    tokens->account = *account;
    *account = (vcl_account){ 0 };
    tokens->instance = vcl_strdup(access->name);
    tokens->instance_namespace = vcl_strdup(access->namespace_name);
    if (!tokens->instance || !tokens->instance_namespace) {
        vcl_login_source_unref(&tokens->source);
        return vcl_no_memory(error);
    }
    *out_source = tokens;
    return VCLUSTER_OK;
}

/* Same server, same socket, another login. */
static int make_beside(vcluster_client *admin,
                       const vcl_access *access,
                       vcl_login_source *source,
                       vcluster_client **out_client,
                       vcluster_error **error)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcl_kubeconfig_context context = access->context; /* strings are copied by the client */
    vcluster_client *client = NULL;

    options.timeout_ms = admin->timeout_ms;
    context.endpoint.unix_socket = admin->socket_path;
    context.endpoint.client_cert_pem = NULL;
    context.endpoint.client_key_pem = NULL;
    context.endpoint.bearer_token = NULL;
    context.endpoint.login = source;
    int status = vcl_client_make(&context, &options, &client, error);
    if (status < 0)
        return status;
    client->host = vcluster_client_ref(admin);
    *out_client = client;
    return VCLUSTER_OK;
}

int vcl_token_client(vcluster_client *host,
                     vcl_call *call,
                     const vcl_access *access,
                     vcl_account *account,
                     vcluster_client **out_client,
                     vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_client) admin = NULL;
    token_source *tokens = NULL;

    int status = vcl_access_open(host, access, NULL, &admin, error);
    if (status == VCLUSTER_OK)
        status = new_source(admin, access, account, &tokens, error);
    vcl_account_done(account);
    if (!tokens)
        return status;
    /* What cannot work is told now, and a WebSocket may be the first thing that is opened. */
    status = get_token(tokens, call, access->context.endpoint.ca_pem, &tokens->source.first, error);
    if (status == VCLUSTER_OK)
        status = make_beside(admin, access, &tokens->source, out_client, error);
    vcl_login_source_unref(&tokens->source);
    return status;
}

/* ---- Answers of exec plugins ---- */

static cJSON *exec_credential(const vcluster_token *token, const char *api_version)
{
    cJSON *credential = cJSON_CreateObject();

    if (vcl_json_set_string(credential, "kind", "ExecCredential") &&
        vcl_json_set_string(credential, "apiVersion", api_version) &&
        vcl_json_object(credential, "spec")) {
        cJSON *status = vcl_json_object(credential, "status");
        if (status && vcl_json_set_string(status, "expirationTimestamp", token->expires) &&
            vcl_json_set_string(status, "token", token->text))
            return credential;
    }
    vcl_json_free_secret(credential);
    return NULL;
}

int vcluster_token_exec_credential(const vcluster_token *token,
                                   const char *api_version,
                                   char **out_json,
                                   vcluster_error **error)
{
    if (!token || !out_json)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s is NULL",
                        token ? "out_json" : "token");
    if (!api_version)
        api_version = VCL_EXEC_V1;
    if (!vcl_streq(api_version, VCL_EXEC_V1) && !vcl_streq(api_version, VCL_EXEC_V1BETA1))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "'%s' is no version of ExecCredential: '%s' and '%s' are", api_version,
                        VCL_EXEC_V1, VCL_EXEC_V1BETA1);
    cJSON *credential = exec_credential(token, api_version);
    char *json = credential ? vcl_json_print(credential) : NULL;
    vcl_json_free_secret(credential);
    if (!json)
        return vcl_no_memory(error);
    *out_json = json;
    return VCLUSTER_OK;
}
