/* SPDX-License-Identifier: Apache-2.0 */
/* A fault script by strangers, and requests against the rules that are in it. */
#include "base/error.h"
#include "base/str.h"
#include "fake/script.h"
#include "fuzz.h"

static void ask(vcl_fake_script *script)
{
    static const char *const paths[] = { "/version", "/api/v1/pods", "/", "" };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const vcl_fake_rule *rule = vcl_fake_script_next(script, "", "GET", paths[i]);
        FUZZ_CHECK(!rule || rule->status || rule->cut || rule->delay_ms);
        FUZZ_CHECK(!rule || (rule->seen >= rule->at && rule->delay_ms >= 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = vcl_strndup((const char *)data, size);
    VCL_AUTO_ERROR *error = NULL;
    vcl_fake_script script = { 0 };

    if (!text)
        return 0;
    int status = vcl_fake_script_read(text, &script, &error);
    FUZZ_CHECK((status < 0) == (error != NULL));
    FUZZ_CHECK(status == 0 || !script.rules);
    ask(&script);
    vcl_fake_script_done(&script);
    free(text);
    return 0;
}
