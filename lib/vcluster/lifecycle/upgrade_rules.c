/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an upgrade must not do; see upgrade_rules.h. The order of stores is upstream's
 * (ValidateChanges, v0.36), but where upstream allows a change that moves no data it is refused: an
 * empty control plane is no upgrade.
 */
#include "vcluster/lifecycle/upgrade_rules.h"

#include <libvcluster/plan.h>

#include "base/str.h"
#include "data/semver.h"
#include "vcluster/lifecycle/wanted.h"

static bool is_on(const cJSON *values, const char *a, const char *b)
{
    const cJSON *node =
        vcl_json_find(values, "controlPlane", "backingStore", a, b, "enabled", NULL);

    return cJSON_IsTrue(node) || vcl_streq(cJSON_GetStringValue(node), "true");
}

const char *vcl_store_of(const cJSON *values)
{
    if (is_on(values, "etcd", "embedded"))
        return "embedded etcd";
    if (is_on(values, "etcd", "deploy"))
        return "deployed etcd";
    if (is_on(values, "etcd", "external"))
        return "external etcd";
    return is_on(values, "database", "external") ? "external database" : "SQLite";
}

static void add_finding(vcluster_error **found,
                        const char *path,
                        const char *rule,
                        const char *message,
                        const char *remedy)
{
    if (!*found)
        (void)vcl_fail(found, VCLUSTER_E_PRECONDITION,
                       "the virtual cluster cannot be changed in this way");
    vcl_error_add_finding(found, path, 0, rule, VCLUSTER_SEVERITY_ERROR, vcl_str(message), remedy);
}

/* The one change that takes the data along. */
static bool is_migrated(const char *before, const char *after, const cJSON *values, bool embedded)
{
    return !embedded && vcl_streq(before, "deployed etcd") && vcl_streq(after, "embedded etcd") &&
           vcl_json_find_bool(values, false, "controlPlane", "backingStore", "etcd", "embedded",
                              "migrateFromDeployedEtcd", NULL);
}

static void
check_store(const cJSON *before, const cJSON *after, bool embedded, vcluster_error **found)
{
    const char *was = vcl_store_of(before);
    const char *is = vcl_store_of(after);

    if (vcl_streq(was, is) || is_migrated(was, is, after, embedded))
        return;
    vcl_auto_free char *message = vcl_format(
        "the store would change from %s to %s, and its contents would stay behind", was, is);
    add_finding(found, "controlPlane.backingStore", "store-change", message,
                "keep the store, or create another virtual cluster and move the objects");
}

/* Paths that upstream does not let change either. */
static void check_fixed(const cJSON *before, const cJSON *after, vcluster_error **found)
{
    static const char *const paths[][5] = {
        { "sync", "toHost", "namespaces", "enabled", NULL },
        { "sync", "toHost", "namespaces", "mappings", "byName" },
        { "sync", "toHost", "namespaces", "mappingsOnly", NULL },
        { "sync", "toHost", "namespaces", "patches", NULL },
        { "privateNodes", "vpn", "enabled", NULL, NULL },
        { "privateNodes", "vpn", "nodeToNode", "enabled", NULL },
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const char *const *p = paths[i];
        const cJSON *was = vcl_json_find(before, p[0], p[1], p[2], p[3], p[4], NULL);
        const cJSON *is = vcl_json_find(after, p[0], p[1], p[2], p[3], p[4], NULL);
        /* Both off, or not there in one of two versions of the chart. */
        bool was_off = !was || cJSON_IsFalse(was) || (!was->child && !cJSON_IsTrue(was));
        bool is_off = !is || cJSON_IsFalse(is) || (!is->child && !cJSON_IsTrue(is));
        if ((was_off && is_off) || (was && is && vcl_json_equal(was, is)))
            continue;
        vcl_auto_free char *path = vcl_format("%s.%s.%s%s%s%s%s", p[0], p[1], p[2], p[3] ? "." : "",
                                              vcl_str(p[3]), p[4] ? "." : "", vcl_str(p[4]));
        add_finding(found, vcl_str(path), "fixed-value",
                    "it is decided when the cluster is created",
                    "leave it as it is, or create another virtual cluster");
    }
}

/* One that cannot be read as a version, a tag of somebody's own, is not compared. */
static bool read_version(const char *text, vcl_version *out_version)
{
    return !vcl_str_empty(text) && vcl_version_parse(text, false, out_version, NULL) == 0;
}

static void compare_versions(const vcl_version *from, const vcl_version *to, vcluster_error **found)
{
    static const char path[] = "controlPlane.distro.k8s.version";

    if (to->major == from->major && to->minor >= from->minor && to->minor <= from->minor + 1)
        return;
    bool back = to->major < from->major || (to->major == from->major && to->minor < from->minor);
    vcl_auto_free char *message =
        back ? vcl_format("Kubernetes %s cannot be turned back into %s", from->original,
                          to->original)
             : vcl_format("from Kubernetes %s to %s minor versions would be skipped",
                          from->original, to->original);
    vcl_auto_free char *remedy =
        back ? vcl_strdup("restore a snapshot into a new virtual cluster of that version")
             : vcl_format("upgrade to %llu.%llu first", (unsigned long long)from->major,
                          (unsigned long long)from->minor + 1);
    add_finding(found, path, back ? "version-downgrade" : "version-skip", message, vcl_str(remedy));
}

static void check_version(const char *running, const char *wanted, vcluster_error **found)
{
    vcl_version from = { 0 };
    vcl_version to = { 0 };

    if (read_version(running, &from) && read_version(wanted, &to))
        compare_versions(&from, &to, found);
    vcl_version_done(&from);
    vcl_version_done(&to);
}

int vcl_upgrade_check_values(const cJSON *before,
                             const cJSON *after,
                             const char *running,
                             bool embedded,
                             vcluster_error **error)
{
    VCL_AUTO_ERROR *found = NULL;

    check_version(vcl_str_empty(running) ? vcl_wanted_version(before) : running,
                  vcl_wanted_version(after), &found);
    check_store(before, after, embedded, &found);
    check_fixed(before, after, &found);
    return found ? vcl_error_pass(error, &found, VCLUSTER_E_PRECONDITION) : VCLUSTER_OK;
}

char *vcl_upgrade_host_skew(const char *wanted, const char *host)
{
    enum { TRIED_MINORS = 3 };
    vcl_version inside = { 0 };
    vcl_version outside = { 0 };
    char *text = NULL;

    if (read_version(wanted, &inside) && read_version(host, &outside) &&
        inside.major == outside.major &&
        (inside.minor > outside.minor + TRIED_MINORS ||
         outside.minor > inside.minor + TRIED_MINORS))
        text = vcl_format("Kubernetes %s on a host of %s: more than %d minor versions apart, pods "
                          "may not be synced as they are meant",
                          wanted, host, TRIED_MINORS);
    vcl_version_done(&inside);
    vcl_version_done(&outside);
    return text;
}

static bool is_workload(const char *kind)
{
    return vcl_streq(kind, "StatefulSet") || vcl_streq(kind, "Deployment");
}

/* A StatefulSet of the control plane or of its etcd has volumes. */
static bool has_data(const char *release, const char *kind, const char *name)
{
    if (vcl_streq(kind, "PersistentVolumeClaim"))
        return true;
    vcl_auto_free char *etcd = vcl_format("%s-etcd", release);
    return vcl_streq(kind, "StatefulSet") && (vcl_streq(name, release) || vcl_streq(name, etcd));
}

int vcl_upgrade_impact(const char *release,
                       const cJSON *change,
                       const char *path,
                       const char **out_reason)
{
    const char *kind = vcl_json_find_string(change, "kind", NULL);
    const char *name = vcl_json_find_string(change, "name", NULL);
    const char *what = vcl_json_find_string(change, "change", NULL);

    *out_reason = NULL;
    if (vcl_streq(what, "refused"))
        return VCLUSTER_IMPACT_REFUSED;
    if (vcl_streq(what, "delete") && has_data(release, kind, name)) {
        *out_reason = "what it holds is not taken along";
        return VCLUSTER_IMPACT_DATALOSS;
    }
    if (!is_workload(kind))
        return VCLUSTER_IMPACT_LIVE;
    if (path && !vcl_starts_with(path, ".spec.template"))
        return VCLUSTER_IMPACT_LIVE;
    if (vcl_streq(what, "add"))
        return VCLUSTER_IMPACT_LIVE;
    *out_reason = "its pods are made anew";
    return VCLUSTER_IMPACT_RESTART;
}
