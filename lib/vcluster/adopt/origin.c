/* SPDX-License-Identifier: Apache-2.0 */
/* Who made a virtual cluster; see origin.h. */
#include "vcluster/adopt/origin.h"

#include <string.h>

#include "base/str.h"
#include "vcluster/names.h"

#define FLUX_HELM_NAMESPACE "helm.toolkit.fluxcd.io/namespace"
#define FLUX_KUSTOMIZE_NAMESPACE "kustomize.toolkit.fluxcd.io/namespace"
#define CAPI_PAUSED "cluster.x-k8s.io/paused"

const char *const vcl_origin_labels[] = { VCL_LABEL_ARGO,           VCL_LABEL_FLUX_HELM,
                                          FLUX_HELM_NAMESPACE,      VCL_LABEL_FLUX_KUSTOMIZE,
                                          FLUX_KUSTOMIZE_NAMESPACE, NULL };
const char *const vcl_origin_annotations[] = { VCL_ANNOTATION_ARGO,
                                               "argocd.argoproj.io/installation-id", NULL };

void vcl_origin_done(vcl_origin *origin)
{
    free(origin->object_name);
    free(origin->object_namespace);
    *origin = (vcl_origin){ 0 };
}

static const char *label(const cJSON *object, const char *key)
{
    return vcl_json_find_string(object, "metadata", "labels", key, NULL);
}

static const char *annotation(const cJSON *object, const char *key)
{
    return vcl_json_find_string(object, "metadata", "annotations", key, NULL);
}

/* "APP:group/Kind:namespace/name", where APP is "NAMESPACE_APP" outside of Argo CD's own. */
static bool read_argo(const cJSON *workload, vcl_origin *origin)
{
    const char *tracking = annotation(workload, VCL_ANNOTATION_ARGO);
    const char *app = tracking ? tracking : label(workload, VCL_LABEL_ARGO);
    size_t size = app ? strcspn(app, ":") : 0;
    size_t space = app ? strcspn(app, "_:") : 0;
    bool named = space < size;

    origin->name = "argocd";
    origin->api_version = "argoproj.io/v1alpha1";
    origin->kind = "Application";
    origin->object_namespace = named ? vcl_format("%.*s", (int)space, app) : vcl_strdup("argocd");
    origin->object_name = named ? vcl_format("%.*s", (int)(size - space - 1), app + space + 1)
                                : vcl_format("%.*s", (int)size, vcl_str(app));
    return origin->object_name && origin->object_namespace;
}

static bool read_flux(const cJSON *workload, vcl_origin *origin)
{
    const char *helm = label(workload, VCL_LABEL_FLUX_HELM);
    const char *space = label(workload, helm ? FLUX_HELM_NAMESPACE : FLUX_KUSTOMIZE_NAMESPACE);

    origin->name = "flux";
    origin->api_version = helm ? "helm.toolkit.fluxcd.io/v2" : "kustomize.toolkit.fluxcd.io/v1";
    origin->kind = helm ? "HelmRelease" : "Kustomization";
    origin->object_name =
        vcl_strdup(vcl_str(helm ? helm : label(workload, VCL_LABEL_FLUX_KUSTOMIZE)));
    origin->object_namespace = vcl_strdup(space);
    return origin->object_name && (origin->object_namespace || !space);
}

static bool is_still(const cJSON *object, const char *kind)
{
    const cJSON *automated = vcl_json_find(object, "spec", "syncPolicy", "automated", NULL);

    if (vcl_streq(kind, "Application"))
        return !automated || cJSON_IsNull(automated) ||
               cJSON_IsFalse(vcl_json_get(automated, "enabled"));
    if (vcl_streq(kind, "VCluster"))
        return annotation(object, CAPI_PAUSED) != NULL;
    return vcl_json_find_bool(object, false, "spec", "suspend", NULL);
}

/* What is marked as made by a controller. Its object may lie where this user sees nothing, or on
 * another cluster: then whoever asks for a takeover must know. */
static int
look_at_controller(vcl_kube *kube, vcl_call *call, vcl_origin *origin, vcluster_error **error)
{
    const vcl_object_key key = { origin->api_version, origin->kind, origin->object_namespace,
                                 origin->object_name };
    VCL_AUTO_JSON *found = NULL;
    VCL_AUTO_ERROR *why = NULL;

    origin->stands_still = true;
    if (!origin->object_namespace)
        return VCLUSTER_OK;
    int status = vcl_kube_get(kube, call, &key, &found, &why);
    if (status == VCLUSTER_E_NOT_FOUND || status == VCLUSTER_E_PERMISSION)
        return VCLUSTER_OK;
    if (status == 0)
        origin->stands_still = is_still(found, origin->kind);
    return vcl_error_pass(error, &why, status);
}

/* Cluster API's provider leaves no marks: its object has the name of the release. Whoever may not
 * see whether there is one is refused. */
static int look_for_capi(vcl_kube *kube,
                         vcl_call *call,
                         const vcluster_instance *instance,
                         vcl_origin *origin,
                         vcluster_error **error)
{
    static const char version[] = "infrastructure.cluster.x-k8s.io/v1alpha1";
    const vcl_object_key key = { version, "VCluster", instance->namespace_name, instance->name };
    VCL_AUTO_JSON *found = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_get_metadata(kube, call, &key, &found, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    origin->name = "cluster-api";
    origin->api_version = version;
    origin->kind = "VCluster";
    origin->object_name = vcl_strdup(instance->name);
    origin->object_namespace = vcl_strdup(instance->namespace_name);
    origin->stands_still = is_still(found, origin->kind);
    return origin->object_name && origin->object_namespace ? VCLUSTER_OK : vcl_no_memory(error);
}

/* Upstream's CLI says so in its telemetry, and on namespaces that it made; this library marks those
 * with more. */
static int is_of_cli(
    vcl_kube *kube, vcl_call *call, const char *space, const cJSON *release, vcluster_error **error)
{
    const vcl_object_key key = { "v1", "Namespace", NULL, space };
    VCL_AUTO_JSON *found = NULL;
    VCL_AUTO_ERROR *why = NULL;

    if (vcl_streq(vcl_json_find_string(release, "config", "telemetry", "instanceCreator", NULL),
                  "vclusterctl"))
        return 1;
    int status = vcl_kube_get_metadata(kube, call, &key, &found, &why);
    if (status == VCLUSTER_E_PERMISSION || status == VCLUSTER_E_NOT_FOUND)
        return 0;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    return vcl_streq(annotation(found, VCL_ANNOTATION_CREATED), "true") &&
           !label(found, VCL_LABEL_INSTANCE);
}

int vcl_origin_find(vcl_kube *kube,
                    vcl_call *call,
                    const vcluster_instance *instance,
                    const cJSON *workload,
                    const cJSON *record,
                    const cJSON *release,
                    vcl_origin *out_origin,
                    vcluster_error **error)
{
    const char *gitops = instance->gitops;

    if (gitops) {
        bool read = vcl_streq(gitops, "Flux") ? read_flux(workload, out_origin)
                                              : read_argo(workload, out_origin);
        return read ? look_at_controller(kube, call, out_origin, error) : vcl_no_memory(error);
    }
    int status = look_for_capi(kube, call, instance, out_origin, error);
    if (status < 0 || out_origin->name)
        return status;
    out_origin->name = "manifests";
    if (!record)
        return VCLUSTER_OK;
    out_origin->name = "libvcluster";
    if (label(record, VCL_LABEL_INSTANCE))
        return VCLUSTER_OK;
    status = is_of_cli(kube, call, instance->namespace_name, release, error);
    out_origin->name = status > 0 ? "cli" : "helm";
    return status < 0 ? status : VCLUSTER_OK;
}

char *vcl_origin_advice(const vcl_origin *origin)
{
    const char *space = vcl_str(origin->object_namespace);
    const char *name = vcl_str(origin->object_name);

    if (vcl_streq(origin->kind, "Application"))
        return vcl_format("change it in the Git repository of the Application '%s'; or turn its "
                          "automated sync off and take the virtual cluster over, then delete the "
                          "Application without its objects (--cascade=orphan)",
                          name);
    if (vcl_streq(origin->kind, "VCluster"))
        return vcl_format(
            "change spec.helmRelease of VCluster '%s/%s'; or annotate it with " CAPI_PAUSED
            " and take the virtual cluster over",
            space, name);
    return vcl_format(
        "change %s '%s/%s' in its Git repository; or set its spec.suspend to true and "
        "take the virtual cluster over",
        origin->kind, space, name);
}
