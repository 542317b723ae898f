/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tenant's document, quotas and limit ranges, and objects that shall fit into them, by strangers:
 * three texts with a record separator (0x1e) between them. A tenant that is taken has a name; what
 * is told of objects is told again when it is asked again.
 */
#include <libvcluster/vcluster.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "fuzz.h"
#include "quota/tenant.h"

static void tenant(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_TENANT tenant = { 0 };
    int status = vcl_tenant_parse(text, &tenant, &error);

    FUZZ_CHECK((status < 0) == (error != NULL));
    FUZZ_CHECK(status == VCLUSTER_OK || !tenant.name);
    FUZZ_CHECK(status < 0 || !vcl_str_empty(tenant.name));
}

static char *judge(const char *constraints, const char *manifests, int *out_status)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_report *report = NULL;
    char *json = NULL;

    *out_status = vcluster_quota_fits(constraints, manifests, NULL, NULL, &report, &error);
    FUZZ_CHECK((*out_status < 0) == (error != NULL));
    FUZZ_CHECK((*out_status < 0) == (report == NULL));
    if (report)
        FUZZ_CHECK(vcluster_report_to_json(report, &json, NULL) == VCLUSTER_OK);
    vcluster_report_free(report);
    return json;
}

static void fits(const char *constraints, const char *manifests)
{
    int first_status = 0;
    int second_status = 0;
    char *first = judge(constraints, manifests, &first_status);
    char *second = judge(constraints, manifests, &second_status);

    FUZZ_CHECK(first_status == second_status);
    FUZZ_CHECK(vcl_streq(first, second) || (!first && !second));
    vcluster_free(first);
    vcluster_free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = vcl_strndup((const char *)data, size);
    char *rest = text;

    if (!text)
        return 0;
    const char *document = strsep(&rest, "\x1e");
    const char *constraints = rest ? strsep(&rest, "\x1e") : "";
    tenant(document);
    fits(constraints, rest ? rest : "");
    free(text);
    return 0;
}
