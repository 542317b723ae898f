/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the chart says of the values: its schema, keys that it has no more, and whatever its
 * templates refuse.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "chart/chart.h"
#include "chart/render.h"
#include "check/areas.h"
#include "data/semver.h"

/* A finding of the schema, with the place in the text. */
static void add_violation(vcl_check *check, const vcluster_finding *finding)
{
    const char *path = vcluster_finding_path(finding);
    const char *remedy = vcluster_finding_remedy(finding);

    vcl_check_find(check, path, vcl_str_empty(remedy) ? NULL : remedy, "%s",
                   vcluster_finding_message(finding));
}

void vcl_check_schema(vcl_check *check)
{
    VCL_AUTO_ERROR *error = NULL;

    if (!check->input->chart)
        return;
    int status = vcl_chart_validate(check->input->chart, check->input->values, &error);
    if (status == 0)
        return;
    size_t count = vcluster_error_finding_count(error);
    if (status != VCLUSTER_E_CONFIG || count == 0) {
        vcl_check_fail(check, status, &error);
        return;
    }
    for (size_t i = 0; i < count; i++)
        add_violation(check, vcluster_error_finding_at(error, i));
}

/* Keys that are gone, by the version that dropped them. */
static const struct removed {
    const char *path;
    const char *since;
    const char *remedy;
} removed[] = {
    { "sync.toHost.volumeSnapshots", "0.36", "take it out: snapshots of volumes are not synced" },
    { "sync.toHost.volumeSnapshotContents", "0.36",
      "take it out: snapshots of volumes are not synced" },
    { "sync.fromHost.volumeSnapshotClasses", "0.36",
      "take it out: snapshots of volumes are not synced" },
    { "deploy.volumeSnapshotController", "0.36", "take it out" },
    { "rbac.enableVolumeSnapshotRules", "0.36", "take it out" },
    { "external.platform", "0.32", "move it to platform, sleep, snapshots and deletion" },
    { "sleepMode", "0.32", "move it to sleep" },
    { "experimental.multiNamespaceMode", "0.24", "use sync.toHost.namespaces" },
    { "experimental.genericSync", "0.24", "use sync.toHost.customResources" },
    { "experimental.isolatedControlPlane", "0.27", "take it out" },
    { "syncer", "0.20", "rewrite the values: the format changed in 0.20" },
    { "vcluster", "0.20", "rewrite the values: the format changed in 0.20" },
    { "isolation", "0.20", "use policies" },
    { "mapServices", "0.20", "use networking.replicateServices" },
    { "fallbackHostDns", "0.20", "use networking.advanced.fallbackHostCluster" },
    { "multiNamespaceMode", "0.20", "use sync.toHost.namespaces" },
    { "enableHA", "0.20", "use controlPlane.statefulSet.highAvailability.replicas" },
    { "storage", "0.20", "use controlPlane.statefulSet.persistence" },
    { "init", "0.20", "use experimental.deploy.vcluster" },
    { "embeddedEtcd", "0.20", "use controlPlane.backingStore.etcd.embedded" },
    { "serviceCIDR", "0.25", "use networking.serviceCIDR" },
};

/* Charts that are older have the key still. */
static bool is_gone(const vcl_check *check, const char *since)
{
    const vcluster_chart *chart = check->input->chart;
    vcl_version version;
    vcl_version first;

    if (!chart || !vcl_streq(vcluster_chart_name(chart), "vcluster") ||
        vcl_version_parse(vcluster_chart_version(chart), false, &version, NULL) < 0)
        return true;
    bool older = vcl_version_parse(since, false, &first, NULL) == 0;
    if (older) {
        older = vcl_version_compare(&version, &first) < 0;
        vcl_version_done(&first);
    }
    vcl_version_done(&version);
    return !older;
}

void vcl_check_removed(vcl_check *check)
{
    for (size_t i = 0; i < sizeof(removed) / sizeof(removed[0]); i++) {
        const struct removed *key = &removed[i];
        int severity = vcl_streq(key->path, "serviceCIDR") ? VCLUSTER_SEVERITY_WARNING
                                                           : VCLUSTER_SEVERITY_ERROR;
        const cJSON *node = vcl_check_get_user(check, key->path);

        if (node && is_gone(check, key->since))
            vcl_check_find_as(check, severity, key->path, key->remedy,
                              "the key is gone since %s of the chart", key->since);
    }
}

/* Another rule says it better, and where. */
static bool is_known(const char *message)
{
    static const char *const known[] = { "one backingStore", "was removed in",
                                         "exportKubeConfig.secret and",
                                         "additional secret must have" };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strstr(message, known[i]))
            return true;
    }
    return false;
}

void vcl_check_render(vcl_check *check)
{
    VCL_AUTO_ERROR *error = NULL;
    const vcl_check_input *input = check->input;
    __attribute__((cleanup(vcl_rendered_done))) vcl_rendered rendered = { 0 };
    const vcl_render_input options = {
        .release_name = input->name ? input->name : "vcluster",
        .namespace_name = input->namespace_name ? input->namespace_name : "vcluster",
        .revision = 1,
        .user_values = input->values,
        .kubernetes_version = input->kubernetes_version ? input->kubernetes_version : "v1.35.4",
        .skip_schema = true,
    };

    if (!input->chart || input->skip_render)
        return;
    int status = vcl_chart_render(input->chart, &options, &rendered, &error);
    if (status == 0)
        return;
    if (status != VCLUSTER_E_CONFIG)
        vcl_check_fail(check, status, &error);
    else if (!is_known(vcluster_error_to_string(error)))
        vcl_check_find(check, "", NULL, "the chart refuses the values: %s",
                       vcluster_error_to_string(error));
}
