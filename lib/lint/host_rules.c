/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about what is around a virtual cluster: the network of its host, the objects of its tenant.
 */
#include <string.h>

#include "base/str.h"
#include "check/rule.h"
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

/* Whether a rule copies to the host what is not copied by default. What every virtual cluster has
 * is left out, and so is what has no kind of its own. */
static bool is_extra(const vcl_sync_fact *fact)
{
    return vcl_streq(fact->direction, "toHost") && vcl_streq(fact->state, "false") && *fact->kind &&
           !strchr(fact->resource, '.') && !vcl_streq(fact->kind, "Namespace") &&
           !vcl_streq(fact->kind, "ServiceAccount");
}

cJSON *vcl_lint_kinds_asked(const cJSON *values)
{
    VCL_AUTO_JSON *asked = cJSON_CreateObject();
    bool ok = asked != NULL;

    const cJSON *rules = vcl_json_find(values, "sync", "toHost", NULL);

    /* With namespaces of their own on the host, copies are not where they are looked for. */
    if (vcl_check_node_on(vcl_json_find(rules, "namespaces", "enabled", NULL)))
        rules = NULL;
    for (size_t i = 0; ok && i < vcl_sync_fact_count; i++) {
        const vcl_sync_fact *fact = &vcl_sync_facts[i];
        const cJSON *enabled = vcl_json_find(rules, fact->resource, "enabled", NULL);
        if (is_extra(fact) && vcl_check_node_on(enabled))
            ok = vcl_json_set(asked, fact->kind, cJSON_CreateTrue()) &&
                 vcl_json_set(asked, "Pod", cJSON_CreateTrue());
    }
    return ok ? vcl_steal(&asked) : NULL;
}

/* Whether there is something of a kind: of one that runs, on its host; else among the files. */
static bool
is_there(const vcl_lint_run *run, const vcl_lint_subject *subject, const char *kind, bool unknown)
{
    const cJSON *synced = vcl_json_get(subject->file->synced, kind);

    if (!subject->file->live)
        return vcl_lint_beside(run, subject, kind, true);
    return synced ? cJSON_IsTrue(synced) : unknown;
}

/* Whether workloads of a tenant are there: without them nothing can be told. */
static bool has_workloads(const vcl_lint_run *run, const vcl_lint_subject *subject)
{
    static const char *const kinds[] = { "Deployment", "StatefulSet", "Job", "CronJob", "Pod" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (is_there(run, subject, kinds[i], false))
            return true;
    }
    return false;
}

void vcl_lint_sync_unused(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const char *place = subject->file->live ? "what it has on its host" : "the files";

    if (!has_workloads(run, subject))
        return;
    for (size_t i = 0; i < vcl_sync_fact_count; i++) {
        const vcl_sync_fact *fact = &vcl_sync_facts[i];
        vcl_auto_free char *path = vcl_format("sync.toHost.%s.enabled", fact->resource);
        if (!path)
            return vcl_lint_fail(run);
        if (is_extra(fact) && vcl_lint_on(subject, path) &&
            !is_there(run, subject, fact->kind, true))
            vcl_lint_find(run, subject, path, "take it out",
                          "there is no %s among %s: what is not synced cannot go wrong", fact->kind,
                          place);
    }
}
