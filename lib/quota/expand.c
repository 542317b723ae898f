/* SPDX-License-Identifier: Apache-2.0 */
/* Workloads and what they make; see expand.h. */
#include "quota/expand.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { MAX_OBJECTS = 100000, MAX_REPLICAS = 1000000 };

void vcl_expansion_done(vcl_expansion *expansion)
{
    for (size_t i = 0; i < expansion->size; i++) {
        cJSON_Delete(expansion->items[i].object);
        free(expansion->items[i].name);
    }
    free(expansion->items);
    *expansion = (vcl_expansion){ 0 };
}

/* Owns object and name, also on failure; either may be NULL for want of memory. */
static int
add(vcl_expansion *expansion, cJSON *object, char *name, int64_t count, vcluster_error **error)
{
    vcl_expanded item = { .object = object, .name = name, .count = count };

    if (object && name && expansion->size == expansion->capacity &&
        expansion->capacity < MAX_OBJECTS) {
        size_t capacity = expansion->capacity * 2 + 16;
        vcl_expanded *grown = realloc(expansion->items, capacity * sizeof(*grown));
        if (grown) {
            expansion->items = grown;
            expansion->capacity = capacity;
        }
    }
    if (!object || !name || expansion->size == expansion->capacity) {
        cJSON_Delete(object);
        free(name);
        return vcl_no_memory(error);
    }
    expansion->items[expansion->size++] = item;
    return 0;
}

static const char *kind_of(const cJSON *object)
{
    return vcl_str(vcl_json_find_string(object, "kind", NULL));
}

static const char *name_of(const cJSON *object)
{
    const char *name = vcl_json_find_string(object, "metadata", "name", NULL);

    return name ? name : vcl_str(vcl_json_find_string(object, "metadata", "generateName", NULL));
}

/* An object of core/v1 with a spec. */
static cJSON *make(const char *kind, const cJSON *spec)
{
    cJSON *object = cJSON_CreateObject();

    if (object && vcl_json_set_string(object, "apiVersion", "v1") &&
        vcl_json_set_string(object, "kind", kind) &&
        vcl_json_set(object, "spec", spec ? vcl_json_copy(spec) : cJSON_CreateObject()))
        return object;
    cJSON_Delete(object);
    return NULL;
}

static int add_made(vcl_expansion *expansion,
                    const cJSON *owner,
                    const char *kind,
                    const cJSON *spec,
                    int64_t count,
                    vcluster_error **error)
{
    return count == 0
               ? 0
               : add(expansion, make(kind, spec),
                     vcl_format("%s of %s/%s", kind, kind_of(owner), name_of(owner)), count, error);
}

static bool is_workload(const char *kind)
{
    static const char *const kinds[] = { "Deployment",  "ReplicaSet", "ReplicationController",
                                         "StatefulSet", "DaemonSet",  "Job",
                                         "CronJob" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i], kind) == 0)
            return true;
    }
    return false;
}

/* How many pods a workload has at once, or -1 for a number that is none. */
static int64_t pods_of(const cJSON *object, const vcl_expand_options *options)
{
    const char *kind = kind_of(object);
    int64_t count = 1;

    if (strcmp(kind, "CronJob") == 0)
        return 0; /* it makes them later, and one after the other */
    if (strcmp(kind, "DaemonSet") == 0)
        return options->nodes;
    if (strcmp(kind, "Job") == 0)
        count = vcl_json_find_int(object, 1, "spec", "parallelism", NULL);
    else
        count = vcl_json_find_int(object, 1, "spec", "replicas", NULL);
    return count >= 0 && count <= MAX_REPLICAS ? count : -1;
}

const vcluster_sync_rule *vcl_copying_rule(const vcluster_sync_rules *rules, const char *kind)
{
    for (size_t i = 0; i < vcluster_sync_rules_size(rules); i++) {
        const vcluster_sync_rule *rule = vcluster_sync_rules_at(rules, i);
        if (vcluster_sync_rule_active(rule) &&
            strcmp(vcluster_sync_rule_direction(rule), "toHost") == 0 &&
            strcmp(vcluster_sync_rule_kind(rule), kind) == 0)
            return rule;
    }
    return NULL;
}

static bool reaches_host(const vcl_expand_options *options, const char *kind)
{
    return !options->rules || vcl_copying_rule(options->rules, kind);
}

static int
add_claims(vcl_expansion *expansion, const cJSON *object, int64_t replicas, vcluster_error **error)
{
    const cJSON *claims = vcl_json_find(object, "spec", "volumeClaimTemplates", NULL);
    int status = 0;

    for (const cJSON *claim = claims ? claims->child : NULL; status == 0 && claim;
         claim = claim->next)
        status = add_made(expansion, object, "PersistentVolumeClaim", vcl_json_get(claim, "spec"),
                          replicas, error);
    return status;
}

/* A Deployment has a ReplicaSet. */
static int add_replica_set(vcl_expansion *expansion, const cJSON *object, vcluster_error **error)
{
    cJSON *set = make("ReplicaSet", NULL);

    if (set && !vcl_json_set_string(set, "apiVersion", "apps/v1")) {
        cJSON_Delete(set);
        set = NULL;
    }
    return add(expansion, set, vcl_format("ReplicaSet of Deployment/%s", name_of(object)), 1,
               error);
}

static int add_workload(vcl_expansion *expansion,
                        const cJSON *object,
                        const vcl_expand_options *options,
                        vcluster_error **error)
{
    const cJSON *spec = vcl_json_find(object, "spec", "template", "spec", NULL);
    int64_t pods = pods_of(object, options);

    if (pods < 0)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "%s '%s' has a number of replicas that is none", kind_of(object),
                        name_of(object));
    int status = 0;
    if (!options->rules && strcmp(kind_of(object), "Deployment") == 0)
        status = add_replica_set(expansion, object, error);
    if (status == 0 && reaches_host(options, "Pod"))
        status = add_made(expansion, object, "Pod", spec, pods, error);
    if (status == 0 && reaches_host(options, "PersistentVolumeClaim"))
        status = add_claims(expansion, object, pods, error);
    return status;
}

int vcl_expand(vcl_expansion *expansion,
               const cJSON *object,
               const vcl_expand_options *options,
               vcluster_error **error)
{
    const char *kind = kind_of(object);
    bool workload = is_workload(kind);

    if (!*kind)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "a manifest has no kind");
    if (reaches_host(options, kind)) {
        int status = add(expansion, vcl_json_copy(object),
                         vcl_format("%s/%s", kind, name_of(object)), 1, error);
        if (status < 0)
            return status;
    }
    return workload ? add_workload(expansion, object, options, error) : 0;
}
