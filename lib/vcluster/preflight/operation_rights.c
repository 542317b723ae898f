/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of what each operation asks the host for, apart from the objects of the chart; see
 * operation_rights.h. An end-to-end test carries each operation out with these rights alone.
 */
#include "vcluster/preflight/operation_rights.h"

#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/kinds.h"
#include "vcluster/preflight/rights.h"

enum {
    LIST = 1 << 0,
    WAIT = 1 << 1,
    WHY = 1 << 2,
    DESCRIBE = 1 << 3,
    CONNECT = 1 << 4,
    ENDPOINT = 1 << 5,
    CREATE = 1 << 6,
    ENSURE = 1 << 7,
    PAUSE = 1 << 8,
    RESUME = 1 << 9,
    EXTEND = 1 << 10,
    DELETE = 1 << 11,
    REAP = 1 << 12,
    SNAPSHOT = 1 << 13,
    RESTORE = 1 << 14,
    QUOTA = 1 << 15,
    AUDIT = 1 << 16,
    ADOPT = 1 << 17,
    REQUEST = 1 << 18, /* of upstream's control plane, as the next one */
    RESTORE_FROM = 1 << 19,
    ALL = (1 << 20) - 1, /* those of virtual clusters */
    LOGS = 1 << 20,      /* of any pod, as the two that follow */
    EXEC = 1 << 21,
    FORWARD = 1 << 22,
};

static const struct {
    const char *name;
    uint64_t bit;
} operations_known[] = {
    { "list", LIST },
    { "wait", WAIT },
    { "why", WHY },
    { "describe", DESCRIBE },
    { "connect", CONNECT },
    { "endpoint", ENDPOINT },
    { "create", CREATE },
    { "ensure", ENSURE },
    { "pause", PAUSE },
    { "resume", RESUME },
    { "extend", EXTEND },
    { "delete", DELETE },
    { "reap", REAP },
    { "snapshot", SNAPSHOT },
    { "restore", RESTORE },
    { "quota", QUOTA },
    { "audit", AUDIT },
    { "adopt", ADOPT },
    { "request-snapshot", REQUEST },
    { "restore-from", RESTORE_FROM },
    { "logs", LOGS },
    { "exec", EXEC },
    { "port-forward", FORWARD },
};
enum { KNOWN = sizeof(operations_known) / sizeof(operations_known[0]) };

#define MAKES (CREATE | ENSURE)
#define APPLIES (MAKES | ADOPT)
#define REMOVES (DELETE | REAP)
#define SCALES (PAUSE | RESUME | RESTORE | RESTORE_FROM)
/* Those that wait until the API server inside answers. */
#define WAITS (WAIT | MAKES | RESUME | RESTORE | RESTORE_FROM)
#define REACHES (WAITS | CONNECT | ENDPOINT)

typedef struct need {
    uint64_t operations;
    bool everywhere;
    const char *group;
    const char *resource;
    const char *verbs;
} need;

static const need needs[] = {
    /* Finding it. */
    { ALL, false, "apps", "statefulsets", "list" },
    { ALL, false, "apps", "deployments", "list" },
    { ALL, false, "", "pods", "list" },
    { ALL, false, "", "secrets", "list" },
    { LIST, false, "apps", "statefulsets", "watch" },
    { LIST, false, "apps", "deployments", "watch" },
    { LIST | WAITS, false, "", "pods", "watch" },
    { LIST, false, "", "secrets", "watch" },

    /* Reaching it; its Service says whether a kubeconfig is of a namesake that was deleted. */
    { REACHES | DESCRIBE, false, "", "secrets", "get" },
    { REACHES | DESCRIBE, false, "", "services", "get" },
    { WAITS | CONNECT, false, "", "pods/portforward", "get create" },
    { WAITS, false, "", "pods", "get" },
    { WAITS, false, "", "events", "list watch" },
    { WHY | DESCRIBE, false, "", "events", "list" },
    { WAITS | WHY | DESCRIBE, false, "", "pods/log", "get" },
    { ENDPOINT | DESCRIBE, false, "networking.k8s.io", "ingresses", "list" },
    { ENDPOINT | DESCRIBE, false, "gateway.networking.k8s.io", "tlsroutes", "list" },
    { ENDPOINT | DESCRIBE, false, "gateway.networking.k8s.io", "gateways", "get" },
    { ENDPOINT | DESCRIBE, true, "", "nodes", "get" },

    /* Why it is not ready, and what it uses. */
    { WHY | DESCRIBE, false, "", "namespaces", "get" },
    { WHY | DESCRIBE, false, "", "persistentvolumeclaims", "list" },
    { WHY | DESCRIBE, true, "", "nodes", "list" },
    { WHY | DESCRIBE, true, "storage.k8s.io", "storageclasses", "list" },
    { QUOTA | DESCRIBE, false, "", "resourcequotas", "list" },
    { QUOTA | DESCRIBE, false, "", "services", "list" },
    { QUOTA | DESCRIBE, false, "", "configmaps", "list" },
    { QUOTA | DESCRIBE, false, "", "persistentvolumeclaims", "list" },
    { QUOTA, false, "", "limitranges", "list" },
    { QUOTA, false, "", "secrets", "get" },
    { QUOTA, true, "", "nodes", "list" },

    /* The release record, which is the lock. */
    { MAKES, false, "", "secrets", "get create update" },
    { ENSURE, false, "", "secrets", "patch delete" },
    { SCALES, false, "", "secrets", "get update" },
    { EXTEND | REAP, false, "", "secrets", "get patch" },
    { REMOVES, false, "", "secrets", "get update delete" },

    /* Changing it. */
    { SCALES, false, "apps", "statefulsets", "get patch" },
    { SCALES, false, "apps", "deployments", "get patch" },
    { ENSURE, false, "apps", "statefulsets", "get patch watch" },
    { ENSURE, false, "apps", "deployments", "get patch watch" },
    { EXTEND | REAP | MAKES, false, "apps", "statefulsets", "patch" },
    { EXTEND | REAP | MAKES, false, "apps", "deployments", "patch" },
    { PAUSE | RESTORE | RESTORE_FROM, false, "", "pods", "get watch delete" },
    { PAUSE | RESTORE_FROM, true, "", "namespaces", "list" },
    { SNAPSHOT | RESTORE, false, "apps", "statefulsets", "get" },
    { SNAPSHOT | RESTORE, false, "", "secrets", "get" },
    { SNAPSHOT | RESTORE, false, "", "pods", "get" },
    { SNAPSHOT | RESTORE, false, "", "pods/exec", "get create" },
    { RESTORE | RESTORE_FROM, false, "", "pods", "create" },
    { RESTORE | RESTORE_FROM, false, "", "persistentvolumeclaims", "get" },
    { REQUEST, false, "", "configmaps", "list watch create" },
    { REQUEST, false, "", "secrets", "get create delete" }, /* settings of the store */
    { RESTORE_FROM, false, "", "secrets", "create patch delete" },
    { REQUEST, false, "", "pods/exec", "get create" }, /* lists of what is kept */

    /* Taking it over: who made it, and the record. Controllers' objects lie where they like. */
    { ADOPT, false, "", "namespaces", "get" },
    { ADOPT, false, "infrastructure.cluster.x-k8s.io", "vclusters", "get" },
    { ADOPT, true, "argoproj.io", "applications", "get" },
    { ADOPT, true, "helm.toolkit.fluxcd.io", "helmreleases", "get" },
    { ADOPT, true, "kustomize.toolkit.fluxcd.io", "kustomizations", "get" },
    { ADOPT, false, "", "secrets", "get create update patch delete" },
    { ADOPT, false, "apps", "statefulsets", "get patch" },
    { ADOPT, false, "apps", "deployments", "get patch" },

    /* Pods. Their containers are looked up unless one is named. */
    { LOGS | EXEC, false, "", "pods", "get" },
    { LOGS, false, "", "pods/log", "get" },
    { EXEC, false, "", "pods/exec", "get create" },
    { FORWARD, false, "", "pods", "get list" },
    { FORWARD, false, "", "pods/portforward", "get create" },

    /* Removing it: also by its labels, where it has no record. */
    { REMOVES, false, "apps", "statefulsets", "get watch delete" },
    { REMOVES, false, "apps", "deployments", "get watch delete" },
    { REMOVES, false, "", "pods", "get watch" },
    { REMOVES, false, "", "configmaps", "list get patch delete" }, /* requests of snapshots */
    { REMOVES, false, "", "secrets", "patch" },
    { REMOVES, false, "", "services", "list get watch delete" },
    { REMOVES, false, "", "serviceaccounts", "list get watch delete" },
    { REMOVES, false, "", "resourcequotas", "list get watch delete" },
    { REMOVES, false, "", "limitranges", "list get watch delete" },
    { REMOVES, false, "", "persistentvolumeclaims", "list get watch delete" },
    { REMOVES, false, "networking.k8s.io", "networkpolicies", "list get watch delete" },
    { REMOVES, false, "rbac.authorization.k8s.io", "roles", "list get watch delete" },
    { REMOVES, false, "rbac.authorization.k8s.io", "rolebindings", "list get watch delete" },

    /* Looking for what is left over, and removing it. */
    { AUDIT, true, "apps", "statefulsets", "list get delete" },
    { AUDIT, true, "apps", "deployments", "list get delete" },
    { AUDIT, true, "", "pods", "list get delete" },
    { AUDIT, true, "", "secrets", "list get delete" },
    { AUDIT, true, "", "services", "list get delete" },
    { AUDIT, true, "", "serviceaccounts", "list get delete" },
    { AUDIT, true, "", "configmaps", "list get delete" },
    { AUDIT, true, "", "resourcequotas", "list get delete" },
    { AUDIT, true, "", "limitranges", "list get delete" },
    { AUDIT, true, "", "persistentvolumeclaims", "list get delete" },
    { AUDIT, true, "", "persistentvolumes", "list get delete" },
    { AUDIT, true, "", "namespaces", "list get delete" },
    { AUDIT, true, "networking.k8s.io", "networkpolicies", "list get delete" },
    { AUDIT, true, "networking.k8s.io", "ingresses", "list get delete" },
    { AUDIT, true, "policy", "poddisruptionbudgets", "list get delete" },
    { AUDIT, true, "rbac.authorization.k8s.io", "roles", "list get delete" },
    { AUDIT, true, "rbac.authorization.k8s.io", "rolebindings", "list get delete" },
    { AUDIT, true, "rbac.authorization.k8s.io", "clusterroles", "list get delete" },
    { AUDIT, true, "rbac.authorization.k8s.io", "clusterrolebindings", "list get delete" },
    { AUDIT, true, "scheduling.k8s.io", "priorityclasses", "list get delete" },
    { AUDIT, true, "storage.k8s.io", "storageclasses", "list get delete" },
};

void vcl_operation_rights_done(vcl_operation_rights *rights)
{
    cJSON_Delete(rights->inside);
    cJSON_Delete(rights->everywhere);
    *rights = (vcl_operation_rights){ 0 };
}

static int unknown(const char *name, size_t size, vcluster_error **error)
{
    VCL_AUTO_BUF all = { 0 };

    vcl_buf_init(&all, VCL_MAX_MESSAGE);
    for (size_t i = 0; i < KNOWN; i++)
        (void)vcl_buf_addf(&all, "%s%s", i ? ", " : "", operations_known[i].name);
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "no operation '%.*s': there are %s",
                    (int)(size < 64 ? size : 64), name, vcl_buf_text(&all));
}

int vcl_operations_parse(const char *names, uint64_t *out_operations, vcluster_error **error)
{
    uint64_t found = 0;

    for (names += strspn(names, ", "); *names; names += strspn(names, ", ")) {
        size_t size = strcspn(names, ", ");
        uint64_t bit = 0;
        for (size_t i = 0; i < KNOWN; i++) {
            const char *name = operations_known[i].name;
            if (strlen(name) == size && strncmp(name, names, size) == 0)
                bit = operations_known[i].bit;
        }
        if (bit == 0)
            return unknown(names, size, error);
        found |= bit;
        names += size;
    }
    if (found == 0)
        return unknown("", 0, error);
    *out_operations = found;
    return VCLUSTER_OK;
}

bool vcl_operations_touch_charts(uint64_t operations)
{
    return (operations & (APPLIES | REMOVES)) != 0;
}

/* "TLSRoute" is "tlsroutes" unless the table of kinds knows better. */
static char *plural_of(const char *api_version, const char *kind, bool *out_namespaced)
{
    const vcl_resource *known = vcl_kinds_find(api_version, kind);

    *out_namespaced = known ? known->namespaced : !vcl_starts_with(kind, "Cluster");
    if (known)
        return vcl_strdup(known->plural);
    char *plural = vcl_format("%ss", kind);
    for (char *c = plural; c && *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return plural;
}

/* An object of the chart: applied, looked at, removed. */
static bool add_object(uint64_t operations, const cJSON *object, vcl_operation_rights *rights)
{
    const char *version = vcl_str(vcl_json_find_string(object, "apiVersion", NULL));
    const char *slash = strchr(version, '/');
    bool namespaced = true;
    vcl_auto_free char *group = vcl_strndup(version, slash ? (size_t)(slash - version) : 0);
    vcl_auto_free char *plural =
        plural_of(version, vcl_str(vcl_json_find_string(object, "kind", NULL)), &namespaced);

    if (!group || !plural)
        return false;
    cJSON *rules = namespaced ? rights->inside : rights->everywhere;
    return (!(operations & APPLIES) || vcl_rights_add(rules, group, plural, "get create patch")) &&
           (!(operations & (ENSURE | REMOVES)) ||
            vcl_rights_add(rules, group, plural, "get watch list delete"));
}

/* Who makes or changes a role must hold what it grants. */
static bool add_granted(const cJSON *object, vcl_operation_rights *rights)
{
    bool everywhere = vcl_streq(vcl_json_find_string(object, "kind", NULL), "ClusterRole");
    const cJSON *rule;

    cJSON_ArrayForEach (rule, vcl_rights_granted(object)) {
        if (!vcl_json_append(everywhere ? rights->everywhere : rights->inside, vcl_json_copy(rule)))
            return false;
    }
    return true;
}

static bool add_needs(uint64_t operations, bool makes_namespaces, vcl_operation_rights *rights)
{
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof(needs) / sizeof(needs[0]); i++) {
        const need *one = &needs[i];
        if (one->operations & operations)
            ok = vcl_rights_add(one->everywhere ? rights->everywhere : rights->inside, one->group,
                                one->resource, one->verbs);
    }
    if (makes_namespaces && (operations & MAKES))
        ok = ok && vcl_rights_add(rights->everywhere, "", "namespaces", "get create");
    if (makes_namespaces && (operations & REMOVES))
        ok = ok && vcl_rights_add(rights->everywhere, "", "namespaces", "get list watch delete");
    return ok;
}

int vcl_operation_rights_of(uint64_t operations,
                            const cJSON *objects,
                            bool makes_namespaces,
                            vcl_operation_rights *out_rights,
                            vcluster_error **error)
{
    VCL_AUTO_OPERATION_RIGHTS rights = { cJSON_CreateArray(), cJSON_CreateArray() };
    const cJSON *object;

    bool ok =
        rights.inside && rights.everywhere && add_needs(operations, makes_namespaces, &rights);
    cJSON_ArrayForEach (object, objects)
        ok = ok && add_object(operations, object, &rights);
    cJSON_ArrayForEach (object, objects) {
        if (operations & APPLIES)
            ok = ok && add_granted(object, &rights);
    }
    if (!ok)
        return vcl_no_memory(error);
    *out_rights = rights;
    rights = (vcl_operation_rights){ 0 };
    return VCLUSTER_OK;
}
