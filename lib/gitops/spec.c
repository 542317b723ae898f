/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a spec: which keys there are, of which type, with which defaults; see spec.h. A table
 * decides, so that a key that is mistyped and a value of a wrong type are told alike.
 */
#include "gitops/spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libvcluster/chart.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/nearest.h"
#include "data/semver.h"
#include "data/values.h"
#include "data/yaml.h"

const char *const vcl_gitops_format_names[VCL_GITOPS_FORMATS] = {
    "argocd", "argocd-applicationset", "argocd-cluster", "flux", "manifests",
};

enum { OBJECT = cJSON_Object, TEXT = cJSON_String, SWITCH = cJSON_True };

/* The keys: group is "" at the top. */
static const struct key {
    const char *group;
    const char *name;
    int type;
    const char *otherwise; /* NULL: none */
} keys[] = {
    { "", "name", TEXT, NULL },
    { "", "namespace", TEXT, NULL },
    { "", "team", TEXT, NULL },
    { "", "owner", TEXT, NULL },
    { "", "expires", TEXT, NULL },
    { "", "format", TEXT, NULL },
    { "", "chart", OBJECT, NULL },
    { "", "git", OBJECT, NULL },
    { "", "argocd", OBJECT, NULL },
    { "", "flux", OBJECT, NULL },
    { "", "quota", OBJECT, NULL },
    { "", "limitRange", OBJECT, NULL },
    { "", "networkPolicy", SWITCH, NULL },
    { "", "values", OBJECT, NULL },
    { "", "kubeconfig", TEXT, NULL },
    { "chart", "repository", TEXT, "https://charts.loft.sh" },
    { "chart", "name", TEXT, "vcluster" },
    { "chart", "version", TEXT, NULL },
    { "git", "repository", TEXT, NULL },
    { "git", "revision", TEXT, "main" },
    { "git", "path", TEXT, "clusters" },
    { "argocd", "namespace", TEXT, "argocd" },
    { "argocd", "project", TEXT, "default" },
    { "argocd", "server", TEXT, "https://kubernetes.default.svc" },
    { "flux", "interval", TEXT, "10m" },
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

void vcl_gitops_finding(vcluster_report *report,
                        const char *path,
                        const char *rule,
                        const char *remedy,
                        const char *format,
                        ...)
{
    char message[400];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    vcl_report_add(report, &(vcl_finding_facts){ .path = path,
                                                 .rule = rule,
                                                 .severity = VCLUSTER_SEVERITY_ERROR,
                                                 .message = message,
                                                 .remedy = remedy });
}

static const struct key *find_key(const char *group, const char *name)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (vcl_streq(keys[i].group, group) && vcl_streq(keys[i].name, name))
            return &keys[i];
    }
    return NULL;
}

static void
check_unknown(const char *group, const char *path, const char *name, vcluster_report *report)
{
    vcl_nearest nearest;
    char remedy[120] = "take it out, or put it below 'values'";

    vcl_nearest_begin(&nearest, name);
    for (size_t i = 0; i < KEYS; i++) {
        if (vcl_streq(keys[i].group, group))
            vcl_nearest_try(&nearest, keys[i].name);
    }
    if (nearest.found)
        (void)snprintf(remedy, sizeof(remedy), "did you mean '%s'?", nearest.found);
    vcl_gitops_finding(report, path, "gitops-unknown-key", remedy, "the key '%.100s' is not known",
                       name);
}

static void
check_type(const struct key *key, const char *path, const cJSON *value, vcluster_report *report)
{
    bool right = key->type == SWITCH ? cJSON_IsBool(value) : (value->type & 0xff) == key->type;

    if (!right)
        vcl_gitops_finding(report, path, "gitops-type",
                           key->type == TEXT ? "put it in quotes" : NULL, "it must be %s",
                           key->type == TEXT     ? "text"
                           : key->type == SWITCH ? "true or false"
                                                 : "a map");
}

/* Keys and types of one map; those below keys that have known keys themselves, too. */
static void check_keys(const char *group, const cJSON *map, vcluster_report *report)
{
    const cJSON *member = NULL;

    cJSON_ArrayForEach (member, map) {
        const struct key *key = find_key(group, member->string);
        vcl_auto_free char *path =
            vcl_format("%s%s%.100s", group, *group ? "." : "", member->string);
        if (!key)
            check_unknown(group, vcl_str(path), member->string, report);
        else
            check_type(key, vcl_str(path), member, report);
        if (!*group && key && key->type == OBJECT && !vcl_streq(key->name, "values") &&
            !vcl_streq(key->name, "quota") && !vcl_streq(key->name, "limitRange"))
            check_keys(key->name, member, report);
    }
}

static bool set_text(cJSON *map, const char *name, const char *text)
{
    return vcl_json_get(map, name) || vcl_json_set_string(map, name, text);
}

static bool complete(cJSON *tree, const char *format)
{
    const char *name = vcl_json_find_string(tree, "name", NULL);
    vcl_auto_free char *namespace_name = vcl_format("vcluster-%s", vcl_str(name));
    bool good = namespace_name && vcl_json_object(tree, "values");

    for (size_t i = 0; good && i < KEYS; i++) {
        if (keys[i].otherwise)
            good = set_text(vcl_json_object(tree, keys[i].group), keys[i].name, keys[i].otherwise);
    }
    if (good && format)
        good = vcl_json_set_string(tree, "format", format);
    return good && set_text(tree, "namespace", namespace_name) &&
           set_text(tree, "format", "argocd");
}

static int find_format(vcl_gitops_spec *spec, vcluster_error **error)
{
    const char *name = vcl_json_find_string(spec->tree, "format", NULL);

    for (int i = 0; i < VCL_GITOPS_FORMATS; i++) {
        if (vcl_streq(vcl_gitops_format_names[i], name)) {
            spec->format = (vcl_gitops_format)i;
            return VCLUSTER_OK;
        }
    }
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                    "the format '%.100s' is none of argocd, argocd-applicationset, argocd-cluster, "
                    "flux, manifests",
                    name);
}

static void borrow(vcl_gitops_spec *spec)
{
    const cJSON *tree = spec->tree;

    spec->name = vcl_json_find_string(tree, "name", NULL);
    spec->namespace_name = vcl_json_find_string(tree, "namespace", NULL);
    spec->team = vcl_json_find_string(tree, "team", NULL);
    spec->chart_repository = vcl_json_find_string(tree, "chart", "repository", NULL);
    spec->chart_name = vcl_json_find_string(tree, "chart", "name", NULL);
    spec->chart_version = vcl_json_find_string(tree, "chart", "version", NULL);
    spec->git_repository = vcl_json_find_string(tree, "git", "repository", NULL);
    spec->git_revision = vcl_json_find_string(tree, "git", "revision", NULL);
    spec->git_path = vcl_json_find_string(tree, "git", "path", NULL);
    spec->argocd_namespace = vcl_json_find_string(tree, "argocd", "namespace", NULL);
    spec->argocd_project = vcl_json_find_string(tree, "argocd", "project", NULL);
    spec->argocd_server = vcl_json_find_string(tree, "argocd", "server", NULL);
    spec->flux_interval = vcl_json_find_string(tree, "flux", "interval", NULL);
    spec->kubeconfig = vcl_json_find_string(tree, "kubeconfig", NULL);
    spec->values = vcl_json_get(tree, "values");
}

static void check_names(const vcl_gitops_spec *spec, vcluster_report *report)
{
    if (!spec->name)
        vcl_gitops_finding(report, "name", "gitops-name", "name: team-alpha",
                           "a virtual cluster needs a name");
    else if (!vcl_is_dns1035_label(spec->name) || strlen(spec->name) > VCL_MAX_NAME)
        vcl_gitops_finding(report, "name", "gitops-name", NULL,
                           "'%.100s' is no name: at most %d of a-z, 0-9 and '-', beginning with a "
                           "letter",
                           spec->name, (int)VCL_MAX_NAME);
    else if (!vcl_is_dns_label(spec->namespace_name))
        vcl_gitops_finding(report, "namespace", "gitops-name", NULL,
                           "'%.100s' is no name of a namespace", spec->namespace_name);
    if (spec->team && !vcl_is_dns_label(spec->team))
        vcl_gitops_finding(report, "team", "gitops-name", NULL,
                           "'%.100s' is no label: a-z, 0-9 and '-'", spec->team);
}

static void check_chart(const vcl_gitops_spec *spec, vcluster_report *report)
{
    static const char *const schemes[] = { "https://", "oci://", NULL };
    VCL_AUTO_ERROR *why = NULL;
    vcl_version version = { 0 };

    vcl_gitops_check_url("chart.repository", spec->chart_repository, schemes, report);
    if (!spec->chart_version)
        return;
    if (vcl_version_parse(spec->chart_version, true, &version, &why) < 0)
        vcl_gitops_finding(report, "chart.version", "version-unpinned",
                           "name one version, such as " VCLUSTER_UPSTREAM_CHART_VERSION,
                           "'%.100s' is no exact version: what runs would change without a commit",
                           spec->chart_version);
    vcl_version_done(&version);
}

static void check_git(const vcl_gitops_spec *spec, vcluster_report *report)
{
    static const char *const schemes[] = { "https://", "ssh://", "git@", NULL };

    if (spec->git_repository)
        vcl_gitops_check_url("git.repository", spec->git_repository, schemes, report);
    if (spec->format != VCL_GITOPS_APPLICATIONSET)
        return;
    if (!spec->git_repository)
        vcl_gitops_finding(report, "git.repository", "gitops-missing", NULL,
                           "an ApplicationSet needs the repository whose folders it reads");
    if (spec->team)
        vcl_gitops_finding(report, "team", "gitops-applicationset", "use the format argocd",
                           "an ApplicationSet knows of a virtual cluster its folder only");
    if (spec->name && strncmp(spec->namespace_name, "vcluster-", 9) == 0 &&
        vcl_streq(spec->namespace_name + 9, spec->name))
        return;
    vcl_gitops_finding(report, "namespace", "gitops-applicationset",
                       "leave it out, or use the format argocd",
                       "an ApplicationSet makes the namespace vcluster-%.60s", vcl_str(spec->name));
}

static int check(const vcl_gitops_spec *spec, vcluster_report *report, vcluster_error **error)
{
    check_names(spec, report);
    check_chart(spec, report);
    check_git(spec, report);
    if (spec->format == VCL_GITOPS_CLUSTER && !spec->kubeconfig)
        vcl_gitops_finding(report, "kubeconfig", "gitops-missing",
                           "put the text of 'vcl connect NAME --print' there",
                           "a cluster Secret is made from a kubeconfig");
    vcl_gitops_check_safe(spec, report);
    if (vcl_report_failed(report))
        return vcl_no_memory(error);
    return vcl_report_to_error(report, VCLUSTER_E_CONFIG, "the spec cannot be rendered", error);
}

static int read_tree(const char *text, cJSON **out_tree, vcluster_error **error)
{
    int status = vcl_yaml_parse(text, strlen(text), out_tree, error);

    if (status == 0 && !cJSON_IsObject(*out_tree))
        status =
            vcl_fail(error, VCLUSTER_E_CONFIG, "the spec is no map: it begins with 'name: ...'");
    return status;
}

static int
read_spec(vcl_gitops_spec *spec, const char *text, const char *format, vcluster_error **error)
{
    VCL_AUTO_REPORT *report = vcl_report_new();
    int status = read_tree(text, &spec->tree, error);

    if (status == 0 && !report)
        status = vcl_no_memory(error);
    if (status < 0)
        return status;
    check_keys("", spec->tree, report);
    status = vcl_report_to_error(report, VCLUSTER_E_CONFIG, "the spec cannot be read", error);
    if (status == 0 && !complete(spec->tree, format))
        status = vcl_no_memory(error);
    if (status == 0)
        status = find_format(spec, error);
    if (status == 0 && spec->format != VCL_GITOPS_MANIFESTS &&
        !set_text(vcl_json_get(spec->tree, "chart"), "version", VCLUSTER_UPSTREAM_CHART_VERSION))
        status = vcl_no_memory(error);
    if (status < 0)
        return status;
    borrow(spec);
    vcl_gitops_check_lease(spec, report);
    status = vcl_gitops_fill_values(spec, error);
    return status < 0 ? status : check(spec, report, error);
}

int vcl_gitops_spec_read(const char *text,
                         const char *format,
                         vcl_gitops_spec *out_spec,
                         vcluster_error **error)
{
    VCL_AUTO_GITOPS_SPEC spec = { 0 };

    int status = read_spec(&spec, text, format, error);
    if (status < 0)
        return status;
    *out_spec = spec;
    spec = (vcl_gitops_spec){ 0 };
    return VCLUSTER_OK;
}

void vcl_gitops_spec_done(vcl_gitops_spec *spec)
{
    vcl_json_free_secret(spec->tree);
    spec->tree = NULL;
}
