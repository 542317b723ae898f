/* SPDX-License-Identifier: Apache-2.0 */
/* Kubeconfigs of strangers, given as text: every context of them. And answers of exec plugins. */
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "kube/exec_credential.h"
#include "kube/kubeconfig.h"

/* Nothing is sent, so that no program runs. */
static void resolve(const char *text, const char *context_name, vcl_exec_policy policy)
{
    vcl_kubeconfig_source source = { .text = text, .context = context_name, .exec_policy = policy };
    vcl_kubeconfig_context context = { 0 };
    vcluster_error *error = NULL;

    if (vcl_kubeconfig_resolve(&source, &context, &error) == 0) {
        FUZZ_CHECK(context.name && context.endpoint.server);
        FUZZ_CHECK(!context.endpoint.token_file); /* a text may not name files of this machine */
        FUZZ_CHECK(!context.endpoint.login || policy == VCL_EXEC_ALLOW);
        for (char **header = context.endpoint.headers; header && *header; header++)
            FUZZ_CHECK(!strpbrk(*header, "\r\n"));
        vcl_kubeconfig_context_done(&context);
    } else {
        FUZZ_CHECK(error && *vcluster_error_to_string(error));
    }
    vcluster_error_free(error);
}

static void parse_answer(const char *text, size_t size)
{
    vcl_login login = { 0 };
    vcluster_error *error = NULL;

    if (vcl_exec_credential_parse(text, size, VCL_EXEC_V1, &login, &error) == 0) {
        FUZZ_CHECK(login.token || login.client_cert_pem);
        FUZZ_CHECK(!login.client_cert_pem == !login.client_key_pem);
    } else {
        FUZZ_CHECK(error && !login.token && !login.client_key_pem);
    }
    vcl_login_done(&login);
    vcluster_error_free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = vcl_strndup((const char *)data, size);

    if (!text)
        return 0;
    resolve(text, NULL, VCL_EXEC_DEFAULT);
    resolve(text, "c", VCL_EXEC_ALLOW);
    parse_answer(text, strlen(text));
    free(text);
    return 0;
}
