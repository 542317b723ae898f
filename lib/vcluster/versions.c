/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes versions of the embedded distribution: those that this release was tested with. A
 * version is never passed on as it is written: "1.31" as an image tag is upstream's best-known
 * source of ImagePullBackOff.
 */
#include "vcluster/versions.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

static const char *const embedded_versions[] = { "1.35.4", "1.34.4" };
enum { EMBEDDED_COUNT = sizeof(embedded_versions) / sizeof(embedded_versions[0]) };

/* "1.34" matches 1.34.4, "1.34.4" matches itself; never "1.3" 1.34.4. */
static bool matches(const char *known, const char *wanted)
{
    size_t size = strlen(wanted);

    if (strncmp(known, wanted, size) != 0)
        return false;
    return known[size] == '\0' || (known[size] == '.' && strchr(wanted, '.'));
}

static int unknown_version(const char *version, vcluster_error **error)
{
    static const char path[] = "controlPlane.distro.k8s.version";

    int status = vcl_fail(error, VCLUSTER_E_CONFIG,
                          "Kubernetes version '%s' is not available in the embedded distribution; "
                          "known are v1.35.4 and v1.34.4",
                          version);
    vcl_error_set_field(error, path);
    vcl_error_add_finding(error, path, 0, "kubernetes-version", VCLUSTER_SEVERITY_ERROR,
                          "not a version of the embedded distribution",
                          "use 1.35 or 1.34, or leave it out");
    return status;
}

int vcl_version_resolve_embedded(cJSON *values, vcluster_error **error)
{
    cJSON *k8s = vcl_json_find(values, "controlPlane", "distro", "k8s", NULL);
    const cJSON *node = vcl_json_get(k8s, "version");
    char number[32];

    if (!node || cJSON_IsNull(node))
        return VCLUSTER_OK;

    const char *wanted = cJSON_GetStringValue(node);
    if (!wanted) {
        /* `version: 1.34` without quotes is a number in YAML. */
        (void)snprintf(number, sizeof(number), "%g", cJSON_IsNumber(node) ? node->valuedouble : 0);
        wanted = number;
    }
    if (!*wanted)
        return VCLUSTER_OK;

    const char *bare = *wanted == 'v' ? wanted + 1 : wanted;
    for (size_t i = 0; i < EMBEDDED_COUNT; i++) {
        if (!matches(embedded_versions[i], bare))
            continue;
        vcl_auto_free char *tag = vcl_format("v%s", embedded_versions[i]);
        if (!tag || !vcl_json_set_string(k8s, "version", tag))
            return vcl_no_memory(error);
        return VCLUSTER_OK;
    }
    return unknown_version(wanted, error);
}

/* Versions that upstream's images are published for, by minor version (v0.36). */
static const char *const upstream_versions[] = { "1.36.0", "1.35.0", "1.34.0", "1.33.4",
                                                 "1.32.1", "1.31.1", "1.30.2" };

int vcl_version_resolve_upstream(cJSON *values, vcluster_error **error)
{
    cJSON *k8s = vcl_json_find(values, "controlPlane", "distro", "k8s", NULL);
    const char *wanted = vcl_json_find_string(k8s, "version", NULL);
    const char *bare = wanted && *wanted == 'v' ? wanted + 1 : wanted;
    const char *dot = bare ? strchr(bare, '.') : NULL;

    /* Anything but a minor version is upstream's to judge: it may be a tag of somebody's own. */
    if (!dot || !dot[1] || strspn(bare, "0123456789.") != strlen(bare))
        return VCLUSTER_OK;
    if (strchr(dot + 1, '.')) {
        vcl_auto_free char *tag = *wanted == 'v' ? NULL : vcl_format("v%s", bare);
        return *wanted == 'v' || (tag && vcl_json_set_string(k8s, "version", tag))
                   ? VCLUSTER_OK
                   : vcl_no_memory(error);
    }
    for (size_t i = 0; i < sizeof(upstream_versions) / sizeof(upstream_versions[0]); i++) {
        if (!matches(upstream_versions[i], bare))
            continue;
        vcl_auto_free char *tag = vcl_format("v%s", upstream_versions[i]);
        return tag && vcl_json_set_string(k8s, "version", tag) ? VCLUSTER_OK : vcl_no_memory(error);
    }
    int status = vcl_fail(error, VCLUSTER_E_CONFIG,
                          "for Kubernetes '%s' no image of upstream's is known: name the whole "
                          "version, such as v%s.1",
                          wanted, bare);
    vcl_error_set_field(error, "controlPlane.distro.k8s.version");
    return status;
}
