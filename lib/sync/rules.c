/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the sync rules out of a chart's defaults with the user's values on them. */
#include "sync/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "chart/chart.h"
#include "data/values.h"
#include "sync/schema_text.h"

#define CUSTOM "customResources"

enum { MAX_RULES = 10000, MAX_PATH = 1024 };

static const char *const directions[] = { "toHost", "fromHost" };

typedef struct reader {
    vcluster_sync_rules *rules;
    const vcluster_chart *chart; /* NULL: what the library knows */
    cJSON *defaults;             /* an object with "sync" */
    cJSON *values;               /* the user's over them */
    vcluster_error *findings;
} reader;

static void reader_done(reader *r)
{
    cJSON_Delete(r->defaults);
    vcl_json_free_secret(r->values);
    vcluster_error_free(r->findings);
    vcluster_sync_rules_free(r->rules);
}

int vcl_sync_state_of(const cJSON *enabled)
{
    if (!enabled || cJSON_IsFalse(enabled))
        return VCLUSTER_SYNC_OFF;
    if (cJSON_IsTrue(enabled))
        return VCLUSTER_SYNC_ON;
    if (!cJSON_IsString(enabled))
        return -1;
    if (strcmp(enabled->valuestring, "true") == 0)
        return VCLUSTER_SYNC_ON;
    if (strcmp(enabled->valuestring, "false") == 0)
        return VCLUSTER_SYNC_OFF;
    return strcmp(enabled->valuestring, "auto") == 0 ? VCLUSTER_SYNC_AUTO : -1;
}

static bool is_on(const cJSON *node, const char *path)
{
    const cJSON *found = NULL;

    return vcl_values_get(node, path, &found, NULL) == 0 && found &&
           vcl_sync_state_of(found) == VCLUSTER_SYNC_ON;
}

static bool has_scheduler(const cJSON *values)
{
    return is_on(values, "controlPlane.distro.k8s.scheduler.enabled") ||
           is_on(values, "controlPlane.advanced.virtualScheduler.enabled");
}

/* What "auto" comes to. What only a newer chart knows stays off: nothing is promised for it. */
static bool decide_auto(const vcluster_sync_rule *rule, const cJSON *values)
{
    if (strcmp(rule->resource, "gatewayApi.referenceGrants") == 0)
        return is_on(values, "sync.toHost.namespaces.enabled") &&
               (is_on(values, "sync.toHost.gatewayApi.enabled") ||
                is_on(values, "sync.toHost.gatewayApi.httpRoutes.enabled") ||
                is_on(values, "sync.toHost.gatewayApi.tlsRoutes.enabled") ||
                is_on(values, "sync.toHost.gatewayApi.backendTLSPolicies.enabled"));
    if (strcmp(rule->direction, "fromHost") != 0 || !rule->fact || !has_scheduler(values) ||
        !is_on(values, "sync.toHost.persistentVolumeClaims.enabled"))
        return false;
    return strcmp(rule->resource, "storageClasses") != 0 ||
           !is_on(values, "sync.toHost.storageClasses.enabled");
}

static bool decide(const vcluster_sync_rule *rule, const cJSON *values)
{
    bool switched_by_parent = strcmp(rule->resource, "gatewayApi.gateways") == 0 ||
                              strcmp(rule->resource, "gatewayApi.httpRoutes") == 0;

    if (rule->state == VCLUSTER_SYNC_ON)
        return true;
    if (switched_by_parent && is_on(values, "sync.toHost.gatewayApi.enabled"))
        return true;
    return rule->state == VCLUSTER_SYNC_AUTO && decide_auto(rule, values);
}

/* A rule inside another, as those of gatewayApi are: it has a switch and patches of its own, which
 * tells it from a setting such as rewriteHosts. */
static bool is_inner_rule(const cJSON *parent, const cJSON *node)
{
    return parent->string && strcmp(parent->string, "gatewayApi") == 0 && cJSON_IsObject(node) &&
           vcl_json_get(node, "enabled");
}

/* Everything of a rule but its switch and the rules inside it. */
static char *settings_of(const cJSON *node)
{
    VCL_AUTO_JSON *rest = cJSON_CreateObject();

    if (!rest)
        return NULL;
    for (const cJSON *member = node ? node->child : NULL; member; member = member->next) {
        if (!member->string || strcmp(member->string, "enabled") == 0 ||
            is_inner_rule(node, member))
            continue;
        if (!vcl_json_set(rest, member->string, vcl_json_copy(member)))
            return NULL;
    }
    return vcl_json_print(rest);
}

static char *path_of(const char *direction, const char *outer, const char *key)
{
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, MAX_PATH);
    vcl_buf_addf(&path, "sync.%s.", direction);
    if (outer)
        vcl_buf_addf(&path, "%s.", outer);
    vcl_values_add_key(&path, key);
    return vcl_buf_steal(&path);
}

static vcluster_sync_rule *new_rule(vcluster_sync_rules *rules)
{
    if (rules->size == rules->capacity) {
        size_t capacity = rules->capacity * 2 + 64;
        vcluster_sync_rule *grown = NULL;

        if (capacity <= MAX_RULES)
            grown = realloc(rules->items, capacity * sizeof(*grown));
        if (!grown)
            return NULL;
        rules->items = grown;
        rules->capacity = capacity;
    }
    vcluster_sync_rule *rule = &rules->items[rules->size++];
    *rule = (vcluster_sync_rule){ 0 };
    return rule;
}

static void find_wrong_state(reader *r, const vcluster_sync_rule *rule)
{
    if (!r->findings)
        vcl_fail(&r->findings, VCLUSTER_E_CONFIG, "sync rules that are neither on nor off");
    vcl_error_add_finding(&r->findings, rule->path, 0, "sync-state", VCLUSTER_SEVERITY_ERROR,
                          "'enabled' is none of true, false and \"auto\"",
                          "set it to true or false");
}

/* Where a rule is: its node, that of the defaults (NULL: only the user has it), its names. */
typedef struct place {
    const char *direction;
    const char *outer; /* NULL, "gatewayApi" or "customResources" */
    const char *key;
    const cJSON *node;
    const cJSON *standard;
} place;

static bool name_rule(vcluster_sync_rule *rule, const reader *r, const place *at)
{
    rule->direction = at->direction;
    rule->custom = at->outer && strcmp(at->outer, CUSTOM) == 0;
    rule->resource = at->outer ? vcl_format("%s.%s", at->outer, at->key) : vcl_strdup(at->key);
    rule->path = path_of(at->direction, at->outer, at->key);
    rule->settings = settings_of(at->node);
    if (!rule->resource || !rule->path || !rule->settings)
        return false;
    rule->fact = vcl_sync_fact_find(at->direction, rule->resource);
    if (rule->fact || rule->custom)
        return true;
    rule->description = vcl_schema_text(r->chart, at->direction, at->outer, at->key);
    return rule->description != NULL;
}

static bool add_rule(reader *r, const place *at)
{
    vcluster_sync_rule *rule = new_rule(r->rules);

    if (!rule || !name_rule(rule, r, at))
        return false;
    rule->state = vcl_sync_state_of(vcl_json_get(at->node, "enabled"));
    rule->default_state =
        at->standard ? vcl_sync_state_of(vcl_json_get(at->standard, "enabled")) : 0;
    if (rule->state < 0)
        find_wrong_state(r, rule);
    rule->active = decide(rule, r->values);
    return true;
}

static bool add_custom(reader *r, const char *direction, const cJSON *node)
{
    for (const cJSON *member = node->child; member; member = member->next) {
        const place at = { direction, CUSTOM, member->string, member, NULL };

        if (cJSON_IsObject(member) && !add_rule(r, &at))
            return false;
    }
    return true;
}

/* A key of the chart and what is inside it. node may be missing: a null of the user took it. */
static bool
add_key_of_chart(reader *r, const char *direction, const cJSON *standard, const cJSON *node)
{
    const place at = { direction, NULL, standard->string, node, standard };

    if (strcmp(standard->string, CUSTOM) == 0)
        return !cJSON_IsObject(node) || add_custom(r, direction, node);
    if (!cJSON_IsObject(standard))
        return true;
    if (!add_rule(r, &at))
        return false;
    for (const cJSON *inner = standard->child; inner; inner = inner->next) {
        const place below = { direction, standard->string, inner->string,
                              vcl_json_get(node, inner->string), inner };

        if (is_inner_rule(standard, inner) && !add_rule(r, &below))
            return false;
    }
    return true;
}

static bool add_direction(reader *r, const char *direction)
{
    const cJSON *standard = vcl_json_find(r->defaults, "sync", direction, NULL);
    const cJSON *values = vcl_json_find(r->values, "sync", direction, NULL);

    for (const cJSON *key = standard ? standard->child : NULL; key; key = key->next) {
        if (!add_key_of_chart(r, direction, key, vcl_json_get(values, key->string)))
            return false;
    }
    return true;
}

/* The chart's defaults where it has rules, or else what the library knows. */
static cJSON *find_defaults(const vcluster_chart *chart)
{
    if (chart && vcl_json_find(chart->values, "sync", "toHost", NULL))
        return vcl_json_copy(chart->values);

    cJSON *defaults = chart ? vcl_json_copy(chart->values) : cJSON_CreateObject();
    if (defaults && vcl_json_set(defaults, "sync", vcl_sync_known_defaults()))
        return defaults;
    cJSON_Delete(defaults);
    return NULL;
}

int vcl_sync_rules_read(const vcluster_chart *chart,
                        const cJSON *values,
                        vcluster_sync_rules **out_rules,
                        vcluster_error **error)
{
    __attribute__((cleanup(reader_done))) reader r = { .chart = chart };
    VCL_AUTO_JSON *none = values ? NULL : cJSON_CreateObject();

    r.rules = calloc(1, sizeof(*r.rules));
    r.defaults = find_defaults(chart);
    if (!r.rules || !r.defaults || (!values && !none))
        return vcl_no_memory(error);
    int status = vcl_values_coalesce(r.defaults, values ? values : none, &r.values, error);
    if (status < 0)
        return status;
    for (size_t i = 0; i < sizeof(directions) / sizeof(directions[0]); i++) {
        if (!add_direction(&r, directions[i]))
            return vcl_no_memory(error);
    }
    if (r.findings)
        return vcl_error_pass(error, &r.findings, VCLUSTER_E_CONFIG);
    *out_rules = r.rules;
    r.rules = NULL;
    return 0;
}

void vcluster_sync_rules_free(vcluster_sync_rules *rules)
{
    if (!rules)
        return;
    for (size_t i = 0; i < rules->size; i++) {
        free(rules->items[i].resource);
        free(rules->items[i].path);
        free(rules->items[i].settings);
        free(rules->items[i].description);
    }
    free(rules->items);
    free(rules);
}
