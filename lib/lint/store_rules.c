/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the control plane's data and its pod: how long data lives, on what, what the pod may
 * use, when it counts as dead. */
#include <string.h>

#include "base/str.h"
#include "lint/lint.h"

#define CLAIM "controlPlane.statefulSet.persistence.volumeClaim"
#define EMBEDDED "controlPlane.backingStore.etcd.embedded"
#define DEPLOYED "controlPlane.backingStore.etcd.deploy"
#define RESOURCES "controlPlane.statefulSet.resources"
#define ENV "controlPlane.statefulSet.env"
#define PROBE "controlPlane.statefulSet.probes.startupProbe"

static const char *const production[] = { "prod", "production", "live", NULL };

void vcl_lint_prod_single(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const char *path = "controlPlane.statefulSet.highAvailability.replicas";
    int64_t replicas = 1;

    if (!vcl_lint_is_for(run, subject, production))
        return;
    (void)vcl_json_to_int(vcl_lint_get(subject, path), &replicas);
    if (replicas <= 1)
        vcl_lint_find(run, subject, path, "set it to 3, with embedded etcd or an external database",
                      "one replica for production: the API is gone while its pod is");
    if (cJSON_IsFalse(vcl_lint_get(subject, CLAIM ".enabled")) &&
        !vcl_lint_on(subject, DEPLOYED ".enabled") &&
        !vcl_lint_on(subject, "controlPlane.backingStore.database.external.enabled"))
        vcl_lint_find(run, subject, CLAIM ".enabled", "take it out",
                      "data for production without a volume: it is gone with the pod");
}

void vcl_lint_etcd_class(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    static const struct {
        const char *on;
        const char *class_path;
    } stores[] = { { EMBEDDED ".enabled", CLAIM ".storageClass" },
                   { DEPLOYED ".enabled",
                     DEPLOYED ".statefulSet.persistence.volumeClaim.storageClass" } };

    if (!vcl_lint_is_for(run, subject, production))
        return;
    for (size_t i = 0; i < 2; i++) {
        if (vcl_lint_on(subject, stores[i].on) &&
            *vcl_lint_text(subject, stores[i].class_path) == '\0')
            vcl_lint_find(run, subject, stores[i].class_path, "name a storage class on SSDs",
                          "etcd is as fast as its disk writes (99 of 100 within 25 ms), and gets "
                          "whatever the default class is");
    }
}

void vcl_lint_claim_retained(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (vcl_lint_is_short_lived(run, subject) &&
        !cJSON_IsFalse(vcl_lint_get(subject, CLAIM ".enabled")) &&
        vcl_streq(vcl_lint_text(subject, CLAIM ".retentionPolicy"), "Retain"))
        vcl_lint_find(run, subject, CLAIM ".retentionPolicy",
                      "set " CLAIM ".retentionPolicy to Delete",
                      "its volume outlives it: one of the same name goes on with the old data");
}

/* The least that the control plane runs with. */
static const struct least {
    const char *path;
    const char *least;
} least[] = {
    { RESOURCES ".requests.cpu", "200m" },
    { RESOURCES ".requests.memory", "256Mi" },
};

static bool read_at(const vcl_lint_subject *subject, const char *path, vcl_quantity *out_quantity)
{
    return vcl_lint_read_quantity(vcl_lint_get(subject, path), out_quantity);
}

/* "3GiB", as Go reads GOMEMLIMIT, as a quantity. */
static bool read_memory_limit(const char *text, vcl_quantity *out_quantity)
{
    vcl_auto_free char *cut = vcl_strdup(text);
    size_t size = strlen(text);

    if (!cut)
        return false;
    if (size > 0 && cut[size - 1] == 'B')
        cut[size - 1] = '\0';
    return vcl_quantity_parse(cut, out_quantity, NULL) == 0;
}

static void check_memory_limit(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const cJSON *item = NULL;
    int index = 0;
    vcl_quantity limit;
    vcl_quantity wanted;

    if (!read_at(subject, RESOURCES ".limits.memory", &limit)) {
        vcl_lint_find(run, subject, RESOURCES ".limits.memory", "set it, to 4Gi for a start",
                      "no memory limit: the control plane can use up its node");
        return;
    }
    cJSON_ArrayForEach (item, vcl_lint_get(subject, ENV)) {
        const char *value = vcl_json_find_string(item, "value", NULL);
        vcl_auto_free char *path = vcl_format(ENV "[%d].value", index++);
        if (!path)
            return vcl_lint_fail(run);
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), "GOMEMLIMIT") && value &&
            read_memory_limit(value, &wanted) && vcl_quantity_compare(&wanted, &limit) > 0)
            vcl_lint_find(run, subject, path, "set it to nine tenths of the limit",
                          "GOMEMLIMIT is more than the memory limit: the pod is killed before "
                          "memory is collected");
    }
}

void vcl_lint_resources_tiny(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    vcl_quantity has;
    vcl_quantity need;

    if (!vcl_lint_get(subject, RESOURCES) || !vcl_lint_is_upstream(subject))
        return;
    for (size_t i = 0; i < sizeof(least) / sizeof(least[0]); i++) {
        bool set = read_at(subject, least[i].path, &has);
        if (vcl_quantity_parse(least[i].least, &need, NULL) == 0 &&
            (!set || vcl_quantity_compare(&has, &need) < 0))
            vcl_lint_find(run, subject, least[i].path, "leave it at the chart's, or above",
                          "%s %s: the control plane is starved by its neighbours",
                          set ? "less than" : "nothing, where it takes", least[i].least);
    }
    check_memory_limit(run, subject);
}

/* Nine tenths of the memory limit, as Go reads it. */
static char *below_limit(const vcl_lint_subject *subject)
{
    enum { MEBI = 1 << 20, NANO = 1000000000 };
    vcl_quantity limit;

    if (!read_at(subject, RESOURCES ".limits.memory", &limit))
        return NULL;
    int64_t size = (int64_t)(limit.nano / NANO / MEBI * 9 / 10);
    return size > 0 ? vcl_format("%lldMiB", (long long)size) : NULL;
}

char *vcl_lint_enough(const vcl_lint_subject *subject, const char *path)
{
    for (size_t i = 0; i < sizeof(least) / sizeof(least[0]); i++) {
        if (vcl_streq(least[i].path, path))
            return vcl_strdup(least[i].least);
    }
    if (vcl_starts_with(path, ENV))
        return below_limit(subject);
    return vcl_streq(path, RESOURCES ".limits.memory") ? vcl_strdup("4Gi") : NULL;
}

void vcl_lint_probe_relaxed(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    enum { LONGEST_S = 30 * 60, MAX_FACTOR = 1000000 };
    int64_t failures = 0;
    int64_t period = 0;

    if (vcl_json_to_int(vcl_lint_get(subject, PROBE ".failureThreshold"), &failures) &&
        vcl_json_to_int(vcl_lint_get(subject, PROBE ".periodSeconds"), &period) && failures > 0 &&
        period > 0 &&
        (failures > MAX_FACTOR || period > MAX_FACTOR || failures * period > LONGEST_S))
        vcl_lint_find(run, subject, PROBE ".failureThreshold",
                      "keep failureThreshold times periodSeconds below 30 minutes",
                      "a control plane that never starts is noticed after more than half an hour");
}
