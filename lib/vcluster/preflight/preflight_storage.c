/* SPDX-License-Identifier: Apache-2.0 */
/* Volume claims of a new virtual cluster against the host's storage classes; see preflight.h. */
#include "base/str.h"
#include "quota/expand.h"
#include "vcluster/preflight/preflight.h"

static bool is_default(const cJSON *class)
{
    return vcl_streq(vcl_json_find_string(class, "metadata", "annotations",
                                          "storageclass.kubernetes.io/is-default-class", NULL),
                     "true");
}

/* Whether there is one of that name; NULL: a default one. */
static bool has_class(const cJSON *classes, const char *name)
{
    const cJSON *class;

    cJSON_ArrayForEach (class, classes) {
        if (name ? vcl_streq(vcl_json_find_string(class, "metadata", "name", NULL), name)
                 : is_default(class))
            return true;
    }
    return false;
}

static void check_claim(const vcl_expanded *claim, const cJSON *classes, vcluster_report *report)
{
    const char *name = vcl_json_find_string(claim->object, "spec", "storageClassName", NULL);
    vcl_finding_facts facts = { .path = claim->name,
                                .rule = "storage-class",
                                .severity = VCLUSTER_SEVERITY_ERROR };

    if (vcl_json_find_string(claim->object, "spec", "volumeName", NULL) || vcl_streq(name, "") ||
        has_class(classes, name))
        return;
    if (name) {
        facts.remedy = "name one that exists, in controlPlane.statefulSet.persistence.volumeClaim";
        vcl_report_addf(report, &facts, "the host has no StorageClass '%s'", name);
    } else {
        facts.remedy = "make one of the host's the default, name one in "
                       "controlPlane.statefulSet.persistence.volumeClaim, or disable the claim";
        vcl_report_addf(report, &facts,
                        "no StorageClass is named, and the host has no default one");
    }
}

int vcl_preflight_storage(const cJSON *objects,
                          const cJSON *classes,
                          vcluster_report *report,
                          vcluster_error **error)
{
    VCL_AUTO_EXPANSION expansion = { 0 };
    const vcl_expand_options options = { .nodes = 1 };
    const cJSON *object;

    cJSON_ArrayForEach (object, objects) {
        int status = vcl_expand(&expansion, object, &options, error);
        if (status < 0)
            return status;
    }
    for (size_t i = 0; i < expansion.size; i++) {
        if (vcl_streq(vcl_json_find_string(expansion.items[i].object, "kind", NULL),
                      "PersistentVolumeClaim"))
            check_claim(&expansion.items[i], classes, report);
    }
    return VCLUSTER_OK;
}
