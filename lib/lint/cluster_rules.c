/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about a virtual cluster as a whole: its name and namespace, its store, its end, its
 * isolation. */
#include <string.h>

#include "base/str.h"
#include "lint/lint.h"

#define DEPLOYED "controlPlane.backingStore.etcd.deploy.enabled"
#define NETWORK "policies.networkPolicy.enabled"

void vcl_lint_store_too_heavy(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    static const char *const light[] = { "dev", "ci",  "test",    "tests", "preview",
                                         "pr",  "e2e", "sandbox", "demo",  NULL };

    if (vcl_lint_on(subject, DEPLOYED) && vcl_lint_is_for(run, subject, light))
        vcl_lint_find(run, subject, DEPLOYED, "switch it off: SQLite does",
                      "an etcd of its own costs more than a virtual cluster for development or "
                      "tests needs");
}

static bool expires_by(const cJSON *annotations)
{
    for (const cJSON *item = annotations ? annotations->child : NULL; item; item = item->next) {
        if (item->string && vcl_ends_with(item->string, "/expires-at"))
            return true;
    }
    return false;
}

void vcl_lint_no_ttl(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const cJSON *after = vcl_lint_get(subject, "deletion.auto.afterInactivity");

    if (!vcl_lint_is_short_lived(run, subject) ||
        (cJSON_IsString(after) && after->valuestring[0]) ||
        expires_by(vcl_lint_get(subject, "controlPlane.statefulSet.annotations")) ||
        expires_by(vcl_lint_get(subject, "controlPlane.advanced.globalMetadata.annotations")) ||
        expires_by(vcl_json_find(subject->manifest, "metadata", "annotations", NULL)))
        return;
    vcl_lint_find(run, subject, "controlPlane.statefulSet.annotations",
                  "let it expire (annotation libvcluster.dev/expires-at, or a lease at create), or "
                  "delete it at the end of the job",
                  "nothing deletes this virtual cluster for CI or tests when its job dies");
}

void vcl_lint_shared_namespace(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (!subject->namespace_name)
        return;
    for (const vcl_lint_subject *other = run->subjects; other != subject; other = other->next) {
        if (vcl_streq(other->namespace_name, subject->namespace_name) &&
            !vcl_streq(other->name, subject->name)) {
            vcl_lint_find(run, subject, "", "give each virtual cluster a namespace of its own",
                          "namespace '%s' has the virtual cluster '%s', too",
                          subject->namespace_name, vcl_str(other->name));
            return;
        }
    }
}

static const char *wrong_with_name(const char *name)
{
    static const char *const reserved[] = { "default", "kube-system", "kube-public",
                                            "kube-node-lease" };
    enum { LONGEST = 40 };

    if (!vcl_is_dns1035_label(name))
        return "it is none of lower case letters, digits and '-' that begins with a letter";
    if (strlen(name) > LONGEST)
        return "it has more than 40 characters, and names of synced objects become hashes";
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (vcl_streq(name, reserved[i]))
            return "Kubernetes has that name for itself";
    }
    return NULL;
}

/* The name of an ApplicationSet is a template. */
static bool is_template(const char *name)
{
    return strstr(name, "{{") != NULL;
}

void vcl_lint_name_invalid(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const char *wrong =
        subject->name && !is_template(subject->name) ? wrong_with_name(subject->name) : NULL;

    if (wrong)
        vcl_lint_find(run, subject, "", "choose a name such as team-a-dev",
                      "'%s' is no good name: %s", subject->name, wrong);
}

void vcl_lint_no_isolation(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (!vcl_lint_on(subject, NETWORK) && !vcl_lint_beside(run, subject, "NetworkPolicy", false))
        vcl_lint_find(run, subject, NETWORK, "set " NETWORK " to true",
                      "no network policy: pods of other virtual clusters can be reached on the "
                      "host's network");
}
