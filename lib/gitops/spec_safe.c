/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rendering refuses: credentials in what goes into a repository, connections that verify
 * nothing, a Kubernetes version that is no image tag. See spec.h.
 */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "data/semver.h"
#include "gitops/spec.h"

/* Names that hold a credential where they hold text. */
static const char *const secret_names[] = {
    "password", "passwd", "token", "apikey", "accesskey", "secretkey", "privatekey", "clientsecret",
};
static const char *const insecure_names[] = {
    "insecure",      "insecureskipverify",       "insecureskiptlsverify",
    "skiptlsverify", "insecure-skip-tls-verify",
};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* Whether a URL, or a data source with one inside, names a user with a password. */
static bool has_password(const char *text)
{
    const char *begin = strstr(text, "://");
    if (!begin)
        return false;
    begin += 3;
    size_t size = strcspn(begin, "/ \t\n");
    const char *at = memchr(begin, '@', size);
    return at && memchr(begin, ':', (size_t)(at - begin)) != NULL;
}

static bool is_true(const cJSON *node)
{
    return cJSON_IsTrue(node) || (cJSON_IsString(node) && vcl_streq(node->valuestring, "true"));
}

static void check_node(const cJSON *node, const char *path, vcluster_report *report)
{
    const char *name = vcl_str(node->string);

    if (is_one_of(name, insecure_names, sizeof(insecure_names) / sizeof(char *)) && is_true(node))
        vcl_gitops_finding(report, path, "insecure-kubeconfig",
                           "name the address in controlPlane.proxy.extraSANs",
                           "whoever stands between could read and change everything");
    if (!cJSON_IsString(node) || !*node->valuestring)
        return;
    if (is_one_of(name, secret_names, sizeof(secret_names) / sizeof(char *)) ||
        has_password(node->valuestring))
        vcl_gitops_finding(report, path, "secret-in-values",
                           "keep it in a Secret, and refer to that",
                           "a credential would be in the repository for good");
}

static void walk(const cJSON *node, const char *path, vcluster_report *report)
{
    const cJSON *child = NULL;
    int index = 0;

    cJSON_ArrayForEach (child, node) {
        vcl_auto_free char *below = cJSON_IsArray(node)
                                        ? vcl_format("%s[%d]", path, index++)
                                        : vcl_format("%s.%s", path, vcl_str(child->string));
        check_node(child, vcl_str(below), report);
        walk(child, vcl_str(below), report);
    }
}

void vcl_gitops_check_url(const char *path,
                          const char *url,
                          const char *const *schemes,
                          vcluster_report *report)
{
    bool known = false;

    for (size_t i = 0; schemes[i]; i++)
        known = known || vcl_starts_with(url, schemes[i]);
    if (has_password(url))
        vcl_gitops_finding(report, path, "secret-in-values",
                           "keep it in a Secret of Argo CD or Flux",
                           "a credential would be in the repository for good");
    else if (!known)
        vcl_gitops_finding(report, path, "gitops-url", NULL,
                           "'%.200s' does not begin with %s or %s: nothing would be verified", url,
                           schemes[0], schemes[1]);
}

/* It becomes the tag of an image as it is. */
static void check_kubernetes_version(const vcl_gitops_spec *spec, vcluster_report *report)
{
    const char *path = "values.controlPlane.distro.k8s.version";
    const char *version =
        vcl_json_find_string(spec->values, "controlPlane", "distro", "k8s", "version", NULL);
    VCL_AUTO_ERROR *why = NULL;
    vcl_version parsed = { 0 };

    if (vcl_str_empty(version) || spec->format == VCL_GITOPS_MANIFESTS)
        return;
    if (*version != 'v' || vcl_version_parse(version + 1, true, &parsed, &why) < 0)
        vcl_gitops_finding(report, path, "k8s-version-format", "write it like v1.35.4",
                           "'%.60s' is the tag of no image", version);
    vcl_version_done(&parsed);
}

void vcl_gitops_check_safe(const vcl_gitops_spec *spec, vcluster_report *report)
{
    static const char *const schemes[] = { "https://", "https://", NULL };

    walk(spec->values, "values", report);
    check_kubernetes_version(spec, report);
    if (spec->format == VCL_GITOPS_ARGOCD || spec->format == VCL_GITOPS_APPLICATIONSET)
        vcl_gitops_check_url("argocd.server", spec->argocd_server, schemes, report);
}
