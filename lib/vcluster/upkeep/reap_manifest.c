/* SPDX-License-Identifier: Apache-2.0 */
/* The reaper as a CronJob of the host, with the rights that its requests need and no more. */
#include "vcluster/upkeep/reap_manifest.h"

#include "base/limits.h"
#include "base/str.h"
#include "data/json.h"

/* What reading, claiming and deleting a virtual cluster asks for, chart by chart: the kinds are
 * those of upstream's chart and of the embedded one. */
static const char rules[] =
    "rules:\n"
    "- apiGroups: [apps]\n"
    "  resources: [statefulsets, deployments]\n"
    "  verbs: [get, list, watch, patch, delete]\n"
    "- apiGroups: [\"\"]\n"
    "  resources: [secrets]\n"
    "  verbs: [get, list, watch, update, patch, delete]\n"
    "- apiGroups: [\"\"]\n"
    "  resources: [pods, services, configmaps, serviceaccounts, persistentvolumeclaims, "
    "resourcequotas, limitranges]\n"
    "  verbs: [get, list, watch, delete]\n"
    "- apiGroups: [networking.k8s.io]\n"
    "  resources: [networkpolicies, ingresses]\n"
    "  verbs: [get, list, watch, delete]\n"
    "- apiGroups: [policy]\n"
    "  resources: [poddisruptionbudgets]\n"
    "  verbs: [get, list, watch, delete]\n"
    "- apiGroups: [rbac.authorization.k8s.io]\n"
    "  resources: [roles, rolebindings%s]\n"
    "  verbs: [get, list, watch, delete]\n"
    "%s";

/* Of the whole cluster: namespaces that were made for a virtual cluster go with it. */
static const char namespace_rule[] = "- apiGroups: [\"\"]\n"
                                     "  resources: [namespaces]\n"
                                     "  verbs: [get, list, watch, delete]\n";

/* A text of the caller as YAML: JSON's form of it. */
static char *quote(const char *text)
{
    VCL_AUTO_JSON *node = cJSON_CreateString(text);

    return node ? vcl_json_print(node) : NULL;
}

static void add_account(vcl_buf *out, const char *space)
{
    (void)vcl_buf_addf(out,
                       "apiVersion: v1\n"
                       "kind: ServiceAccount\n"
                       "metadata: {name: vcluster-reaper, namespace: %s}\n"
                       "---\n",
                       space);
}

static void add_role(vcl_buf *out, const char *space, const char *only)
{
    const char *prefix = only ? "" : "Cluster";

    (void)vcl_buf_addf(out, "apiVersion: rbac.authorization.k8s.io/v1\nkind: %sRole\n", prefix);
    (void)vcl_buf_addf(out, "metadata: {name: vcluster-reaper%s%s}\n", only ? ", namespace: " : "",
                       vcl_str(only));
    (void)vcl_buf_addf(out, rules, only ? "" : ", clusterroles, clusterrolebindings",
                       only ? "" : namespace_rule);
    (void)vcl_buf_addf(out, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: %sRoleBinding\n",
                       prefix);
    (void)vcl_buf_addf(out, "metadata: {name: vcluster-reaper%s%s}\n", only ? ", namespace: " : "",
                       vcl_str(only));
    (void)vcl_buf_addf(out,
                       "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: %sRole, name: "
                       "vcluster-reaper}\n"
                       "subjects: [{kind: ServiceAccount, name: vcluster-reaper, namespace: %s}]\n"
                       "---\n",
                       prefix, space);
}

static void add_job(vcl_buf *out,
                    const vcl_reap_manifest_request *request,
                    const char *image,
                    const char *schedule)
{
    (void)vcl_buf_addf(out,
                       "apiVersion: batch/v1\n"
                       "kind: CronJob\n"
                       "metadata: {name: vcluster-reaper, namespace: %s}\n"
                       "spec:\n"
                       "  schedule: %s\n"
                       "  concurrencyPolicy: Forbid\n"
                       "  jobTemplate:\n"
                       "    spec:\n"
                       "      backoffLimit: 0\n"
                       "      template:\n"
                       "        spec:\n"
                       "          serviceAccountName: vcluster-reaper\n"
                       "          restartPolicy: Never\n"
                       "          securityContext:\n"
                       "            runAsNonRoot: true\n"
                       "            runAsUser: 65532\n"
                       "            seccompProfile: {type: RuntimeDefault}\n"
                       "          containers:\n"
                       "          - name: reaper\n"
                       "            image: %s\n",
                       request->namespace_name, schedule, image);
    (void)vcl_buf_add(out, "            command: [vcl, reap");
    if (request->grace_s > 0)
        (void)vcl_buf_addf(out, ", \"--grace=%llds\"", (long long)request->grace_s);
    if (request->only_namespace)
        (void)vcl_buf_addf(out, ", \"--namespace=%s\"", request->only_namespace);
    (void)vcl_buf_add(out, "]\n"
                           "            resources:\n"
                           "              requests: {cpu: 10m, memory: 32Mi}\n"
                           "              limits: {memory: 64Mi}\n"
                           "            securityContext:\n"
                           "              allowPrivilegeEscalation: false\n"
                           "              readOnlyRootFilesystem: true\n"
                           "              capabilities: {drop: [ALL]}\n");
}

int vcl_reap_manifest(const vcl_reap_manifest_request *request,
                      char **out_yaml,
                      vcluster_error **error)
{
    vcl_auto_free char *image = quote(request->image);
    vcl_auto_free char *schedule = quote(request->schedule);
    VCL_AUTO_BUF out = { 0 };

    if (!image || !schedule)
        return vcl_no_memory(error);
    vcl_buf_init(&out, VCL_MAX_DOCUMENT);
    add_account(&out, request->namespace_name);
    add_role(&out, request->namespace_name, request->only_namespace);
    add_job(&out, request, image, schedule);
    char *text = vcl_buf_steal(&out);
    if (!text)
        return vcl_no_memory(error);
    *out_yaml = text;
    return VCLUSTER_OK;
}
