/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about what is around a virtual cluster: the network of its host, the objects of its tenant.
 */
#include <string.h>

#include "base/str.h"
#include "lint/lint.h"
#include "sync/knowledge.h"

/* Whether a DaemonSet of the host is one of some network plugins. */
static bool has_plugin(const vcl_lint_run *run, const char *const *names)
{
    const cJSON *set = NULL;

    while ((set = vcl_lint_next_kind(run, "DaemonSet", set))) {
        const char *name = vcl_str(vcl_json_find_string(set, "metadata", "name", NULL));
        for (size_t i = 0; names[i]; i++) {
            if (strstr(name, names[i]))
                return true;
        }
    }
    return false;
}

void vcl_lint_policies_ignored(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    static const char *const without[] = { "flannel", "kube-bridge", NULL };
    static const char *const with[] = { "calico", "cilium",      "canal",    "antrea", "weave",
                                        "romana", "kube-router", "kube-ovn", "npc",    NULL };

    if (vcl_lint_on(subject, "policies.networkPolicy.enabled") && has_plugin(run, without) &&
        !has_plugin(run, with))
        vcl_lint_find(run, subject, "policies.networkPolicy.enabled",
                      "install a network plugin that enforces them, such as Cilium or Calico",
                      "the host's network plugin does not enforce network policies: nothing is "
                      "isolated");
}

/* Whether workloads of a tenant are among the files: without them nothing can be told. */
static bool has_workloads(const vcl_lint_run *run, const vcl_lint_subject *subject)
{
    static const char *const kinds[] = { "Deployment", "StatefulSet", "Job", "CronJob", "Pod" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (vcl_lint_beside(run, subject, kinds[i], true))
            return true;
    }
    return false;
}

void vcl_lint_sync_unused(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (!has_workloads(run, subject))
        return;
    for (size_t i = 0; i < vcl_sync_fact_count; i++) {
        const vcl_sync_fact *fact = &vcl_sync_facts[i];
        vcl_auto_free char *path = vcl_format("sync.toHost.%s.enabled", fact->resource);
        if (!path)
            return vcl_lint_fail(run);
        if (vcl_streq(fact->direction, "toHost") && vcl_streq(fact->state, "false") &&
            !strchr(fact->resource, '.') && vcl_lint_on(subject, path) &&
            !vcl_lint_beside(run, subject, fact->kind, true))
            vcl_lint_find(run, subject, path, "take it out",
                          "there is no %s among the files: what is not synced cannot go wrong",
                          fact->kind);
    }
}
