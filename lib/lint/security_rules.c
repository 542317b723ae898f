/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about rights: of pods inside, of tenants on the host's nodes, of the control plane on the
 * host, of images that nobody has looked at. */
#include <string.h>

#include "base/str.h"
#include "check/rule.h"
#include "lint/lint.h"

#define STANDARD "policies.podSecurityStandard"
#define BACK "sync.fromHost.nodes.syncBackChanges"
#define HOST "experimental.deploy.host"
#define REGISTRY "controlPlane.advanced.defaultImageRegistry"

void vcl_lint_pod_security_missing(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const char *standard = vcl_lint_text(subject, STANDARD);

    if (vcl_lint_is_upstream(subject) && (*standard == '\0' || vcl_streq(standard, "privileged")))
        vcl_lint_find(run, subject, STANDARD, "set " STANDARD " to baseline or restricted",
                      "no pod security standard: a tenant's pod may be privileged, and has the "
                      "host's node then");
}

void vcl_lint_sync_back(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (vcl_lint_on(subject, BACK))
        vcl_lint_find(run, subject, BACK, "take it out",
                      "what a tenant does to labels and taints of a node happens on the host");
}

static bool lists(const cJSON *list, const char *word)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, list) {
        if (cJSON_IsString(item) && vcl_streq(item->valuestring, word))
            return true;
    }
    return false;
}

/* What is wrong with one rule of a role; NULL: nothing. */
static const char *wrong_with_rule(const cJSON *rule, bool cluster_wide)
{
    static const char *const grave[] = { "escalate", "bind", "impersonate" };
    static const char *const readers[] = { "get", "list", "watch" };
    const cJSON *verbs = vcl_json_get(rule, "verbs");
    const cJSON *resources = vcl_json_get(rule, "resources");

    if (lists(verbs, "*"))
        return "it gives every verb";
    if (lists(resources, "*"))
        return "it gives every resource";
    for (size_t i = 0; i < sizeof(grave) / sizeof(grave[0]); i++) {
        if (lists(verbs, grave[i]))
            return "who may escalate, bind or impersonate has every right";
    }
    for (size_t i = 0; cluster_wide && i < sizeof(readers) / sizeof(readers[0]); i++) {
        if (lists(resources, "secrets") && lists(verbs, readers[i]))
            return "it lets the control plane read the Secrets of every namespace";
    }
    return NULL;
}

void vcl_lint_rights_too_wide(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    static const struct {
        const char *path;
        bool cluster_wide;
    } lists_of[] = { { "rbac.role.extraRules", false },
                     { "rbac.role.overwriteRules", false },
                     { "rbac.clusterRole.extraRules", true },
                     { "rbac.clusterRole.overwriteRules", true } };
    const cJSON *rule = NULL;

    for (size_t i = 0; i < sizeof(lists_of) / sizeof(lists_of[0]); i++) {
        int index = 0;
        cJSON_ArrayForEach (rule, vcl_lint_get(subject, lists_of[i].path)) {
            const char *wrong = wrong_with_rule(rule, lists_of[i].cluster_wide);
            vcl_auto_free char *path = vcl_format("%s[%d]", lists_of[i].path, index++);
            if (!path)
                return vcl_lint_fail(run);
            if (wrong)
                vcl_lint_find(run, subject, path, "name the verbs and resources that are needed",
                              "%s", wrong);
        }
    }
}

/* "registry/name" without a tag, or with "latest"; a digest pins whatever the tag is. */
static bool is_unpinned(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *tag = strchr(slash ? slash : image, ':');

    return *image && !strchr(image, '@') && (!tag || vcl_streq(tag, ":latest")) &&
           !strstr(image, "{{");
}

static void check_plugins(vcl_lint_run *run, const vcl_lint_subject *subject, const char *path)
{
    const cJSON *plugins = vcl_lint_get(subject, path);

    for (const cJSON *item = vcl_check_members(plugins); item; item = item->next) {
        const char *image = vcl_json_find_string(item, "image", NULL);
        vcl_auto_free char *at = vcl_format("%s.%s.image", path, vcl_str(item->string));
        if (!at)
            return vcl_lint_fail(run);
        if (image && is_unpinned(image))
            vcl_lint_find(run, subject, at, "give the image a tag, or better a digest",
                          "a plugin runs with the rights of the control plane, and its image is "
                          "whatever '%s' is that day",
                          image);
    }
}

void vcl_lint_host_code(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    static const char *const texts[] = { HOST ".manifests", HOST ".manifestsTemplate" };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (vcl_check_filled(vcl_lint_get(subject, texts[i])))
            vcl_lint_find(run, subject, texts[i], "apply them by what applies the rest to the host",
                          "the control plane applies manifests to the host, with all the rights "
                          "that they take");
    }
    check_plugins(run, subject, "plugins");
    check_plugins(run, subject, "plugin");
}

void vcl_lint_telemetry_undecided(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (vcl_lint_on(subject, "telemetry.enabled") &&
        !vcl_json_find(subject->values, "telemetry", "enabled", NULL))
        vcl_lint_find(run, subject, "telemetry.enabled", "set telemetry.enabled to true or false",
                      "upstream gets data about its use, and nobody has decided so");
}

/* A text "image", or the tag of an object "image"; plugins are another rule's. */
static void find_unpinned(vcl_lint_run *run,
                          const vcl_lint_subject *subject,
                          const char *path,
                          const cJSON *node)
{
    const char *text = cJSON_IsString(node) ? node->valuestring : "";
    bool is_image =
        vcl_streq(node->string, "image") && !vcl_starts_with(path, "plugin") && is_unpinned(text);
    bool is_tag = vcl_ends_with(path, ".image.tag") && vcl_streq(text, "latest");

    if (is_image || is_tag)
        vcl_lint_find(run, subject, path, "give the image a tag, or better a digest",
                      "what runs is whatever the image is that day");
}

/* With a registry for all images, one that comes from elsewhere. */
static void find_other_registry(vcl_lint_run *run,
                                const vcl_lint_subject *subject,
                                const char *path,
                                const cJSON *node)
{
    const char *text = cJSON_IsString(node) ? node->valuestring : "";
    const char *registry = vcl_lint_text(subject, REGISTRY);
    size_t size = strcspn(registry, "/");

    if (vcl_ends_with(path, ".image.registry") && *text && strncmp(text, registry, size) != 0)
        vcl_lint_find(run, subject, path, "take it out: " REGISTRY " is for all images",
                      "the image comes from '%s', all others from '%s'", text, registry);
}

void vcl_lint_image_unpinned(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    vcl_lint_walk(run, subject, find_unpinned);
    if (*vcl_lint_text(subject, REGISTRY))
        vcl_lint_walk(run, subject, find_other_registry);
}
