/* SPDX-License-Identifier: Apache-2.0 */
/* Kubeconfigs of strangers, given as text: every context of them. */
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "kube/kubeconfig.h"

static void resolve(const char *text, const char *context_name)
{
    vcl_kubeconfig_source source = { .text = text, .context = context_name };
    vcl_kubeconfig_context context = { 0 };
    vcluster_error *error = NULL;

    if (vcl_kubeconfig_resolve(&source, &context, &error) == 0) {
        FUZZ_CHECK(context.name && context.endpoint.server);
        FUZZ_CHECK(!context.endpoint.token_file); /* a text may not name files of this machine */
        vcl_kubeconfig_context_done(&context);
    } else {
        FUZZ_CHECK(error && *vcluster_error_to_string(error));
    }
    vcluster_error_free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = vcl_strndup((const char *)data, size);

    if (!text)
        return 0;
    resolve(text, NULL);
    resolve(text, "c");
    free(text);
    return 0;
}
