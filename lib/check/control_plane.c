/* SPDX-License-Identifier: Apache-2.0 */
/* The control plane: its version, its kubeconfig, budgets and pod security. */
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "chart/chart.h"
#include "check/areas.h"
#include "check/name.h"
#include "data/semver.h"

#define VERSION "controlPlane.distro.k8s.version"
#define BUDGET "controlPlane.advanced.podDisruptionBudget"
#define EXPORT "exportKubeConfig"
#define SECRETS EXPORT ".additionalSecrets"

bool vcl_check_is_embedded(const vcl_check *check)
{
    return check->input->chart &&
           !vcl_json_find(check->input->chart->values, "sync", "toHost", NULL);
}

bool vcl_check_is_open_source(const vcl_check *check)
{
    return strstr(vcl_check_text(check, "controlPlane.statefulSet.image.repository"),
                  "vcluster-oss") != NULL;
}

void vcl_check_pod_security(vcl_check *check)
{
    static const char *const known[] = { "", "privileged", "baseline", "restricted", NULL };
    const char *standard = vcl_check_text(check, "policies.podSecurityStandard");

    if (!vcl_is_one_of(standard, known))
        vcl_check_find(check, "policies.podSecurityStandard",
                       "use privileged, baseline or restricted", "'%s' is no pod security standard",
                       standard);
}

void vcl_check_disruption_budget(vcl_check *check)
{
    if (vcl_check_on(check, BUDGET ".enabled") && vcl_check_get(check, BUDGET ".minAvailable") &&
        vcl_check_get(check, BUDGET ".maxUnavailable"))
        vcl_check_find(check, BUDGET, "take one of the two out",
                       "minAvailable and maxUnavailable exclude each other");
}

static void check_server(vcl_check *check, const char *path, const char *server)
{
    bool http = vcl_starts_with(server, "http://") || vcl_starts_with(server, "https://");
    const char *host = strstr(server, "://");

    if (*server && (!http || host[3] == '\0' || host[3] == '/' || strpbrk(server, " \t\r\n")))
        vcl_check_find(check, path, "write it as in https://dev.example.com",
                       "'%s' is no URL that begins with https:// or http://", server);
}

void vcl_check_export_kubeconfig(vcl_check *check)
{
    const cJSON *secret = vcl_check_get(check, EXPORT ".secret");
    const cJSON *more = vcl_check_get(check, SECRETS);
    bool named = !vcl_str_empty(vcl_json_find_string(secret, "name", NULL)) ||
                 !vcl_str_empty(vcl_json_find_string(secret, "namespace", NULL));
    const cJSON *item = NULL;
    int index = 0;

    if (named && vcl_check_filled(more))
        vcl_check_find(check, EXPORT ".secret", "move it into additionalSecrets",
                       "secret and additionalSecrets exclude each other");
    check_server(check, EXPORT ".server", vcl_check_text(check, EXPORT ".server"));
    cJSON_ArrayForEach (item, more) {
        vcl_auto_free char *path = vcl_check_item(check, SECRETS, index++);

        if (!path)
            return;
        if (vcl_str_empty(vcl_json_find_string(item, "name", NULL)) &&
            vcl_str_empty(vcl_json_find_string(item, "namespace", NULL)))
            vcl_check_find(check, path, "give it a name, a namespace, or both",
                           "the secret has neither a name nor a namespace");
        check_server(check, path, vcl_str(vcl_json_find_string(item, "server", NULL)));
    }
}

/* vMAJOR.MINOR.PATCH, perhaps with more behind it. */
static bool is_full_version(const char *text)
{
    vcl_version version;

    if (*text != 'v' || vcl_version_parse(text + 1, true, &version, NULL) < 0)
        return false;
    vcl_version_done(&version);
    return true;
}

void vcl_check_version_format(vcl_check *check)
{
    const cJSON *node = vcl_check_get(check, VERSION);
    const char *version = cJSON_IsString(node) ? node->valuestring : "";

    if (vcl_check_is_embedded(check))
        return;
    if (cJSON_IsNumber(node) || cJSON_IsRaw(node))
        vcl_check_find(check, VERSION, "write it as in \"v1.35.4\", in quotes",
                       "a version without quotes is a number");
    else if (*version && !is_full_version(version))
        vcl_check_find(check, VERSION, "write it as in v1.35.4",
                       "'%s' is taken as the tag of an image, which has a 'v' and a patch release",
                       version);
}

/* The version of Kubernetes that values ask for, by version or tag. */
static bool read_version(const cJSON *values, vcl_version *out_version)
{
    const cJSON *k8s = vcl_json_find(values, "controlPlane", "distro", "k8s", NULL);
    const char *text = vcl_str(vcl_json_find_string(k8s, "version", NULL));

    if (*text == '\0')
        text = vcl_str(vcl_json_find_string(k8s, "image", "tag", NULL));
    return *text && vcl_version_parse(text, false, out_version, NULL) == 0;
}

static void check_downgrade(vcl_check *check, const vcl_version *version)
{
    vcl_version old;

    if (!check->old || !read_version(check->old, &old))
        return;
    bool lower = version->major == old.major && version->minor < old.minor;
    bool skips = version->major == old.major && version->minor > old.minor + 1;
    if (lower || skips)
        vcl_check_find(check, VERSION,
                       lower ? "keep the version, or make a new virtual cluster"
                             : "go one minor release at a time",
                       "Kubernetes would go from 1.%llu to 1.%llu", (unsigned long long)old.minor,
                       (unsigned long long)version->minor);
    vcl_version_done(&old);
}

void vcl_check_version_skew(vcl_check *check)
{
    enum { MAX_SKEW = 3 };
    const char *host = check->input->kubernetes_version;
    vcl_version version;
    vcl_version of_host;

    if (!read_version(check->values, &version))
        return;
    check_downgrade(check, &version);
    if (host && vcl_version_parse(host, false, &of_host, NULL) == 0) {
        uint64_t skew = version.minor > of_host.minor ? version.minor - of_host.minor
                                                      : of_host.minor - version.minor;
        if (version.major == of_host.major && skew > MAX_SKEW)
            vcl_check_find(check, VERSION, "choose one within three minor releases of the host",
                           "Kubernetes 1.%llu is %llu minor releases away from the host's 1.%llu",
                           (unsigned long long)version.minor, (unsigned long long)skew,
                           (unsigned long long)of_host.minor);
        vcl_version_done(&of_host);
    }
    vcl_version_done(&version);
}
