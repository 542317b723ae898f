/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about what is synced: too little for what is used, or everything. */
#include <string.h>

#include "base/str.h"
#include "lint/lint.h"

#define INGRESSES "sync.toHost.ingresses.enabled"

/* Whether the values deploy an Ingress inside. */
static bool deploys_ingress(const vcl_lint_subject *subject)
{
    const cJSON *text = vcl_lint_get(subject, "experimental.deploy.vcluster.manifests");

    return cJSON_IsString(text) && strstr(text->valuestring, "kind: Ingress\n");
}

void vcl_lint_ingress_not_synced(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (vcl_lint_on(subject, INGRESSES))
        return;
    if (deploys_ingress(subject) || vcl_lint_beside(run, subject, "Ingress", true))
        vcl_lint_find(run, subject, INGRESSES, "set " INGRESSES " to true",
                      "there are Ingresses, and they are not synced: nobody outside reaches what "
                      "they lead to");
}

void vcl_lint_oversync(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    static const struct {
        const char *path;
        const char *what;
        const char *remedy;
    } all[] = {
        { "sync.toHost.configMaps.all", "every ConfigMap",
          "take it out: those that pods use are synced anyway" },
        { "sync.toHost.secrets.all", "every Secret",
          "take it out: those that pods and ingresses use are synced anyway" },
        { "sync.fromHost.nodes.selector.all", "every node of the host",
          "select nodes by labels, or take it out: nodes that pods run on are synced anyway" },
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (vcl_lint_on(subject, all[i].path))
            vcl_lint_find(run, subject, all[i].path, all[i].remedy, "%s is synced", all[i].what);
    }
}
