/* SPDX-License-Identifier: Apache-2.0 */
/* TeamCluster documents: read, checked whole, presets filled in; see tenant.h. */
#include "quota/tenant.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "data/report.h"
#include "data/yaml.h"

/* What a team of a size may use. */
static const struct {
    const char *name;
    const char *quota;
} presets[] = {
    { "small", "{\"cpu\":\"2\",\"memory\":\"4Gi\",\"storage\":\"20Gi\",\"count/pods\":\"20\"}" },
    { "medium", "{\"cpu\":\"8\",\"memory\":\"16Gi\",\"storage\":\"100Gi\",\"count/pods\":\"60\"}" },
    { "large",
      "{\"cpu\":\"32\",\"memory\":\"64Gi\",\"storage\":\"500Gi\",\"count/pods\":\"200\"}" },
};

/* Objects that quotas count by two keys. */
static const char *const counted[][2] = {
    { "pods", "count/pods" },
    { "services", "count/services" },
    { "secrets", "count/secrets" },
    { "configmaps", "count/configmaps" },
    { "persistentvolumeclaims", "count/persistentvolumeclaims" },
    { "replicationcontrollers", "count/replicationcontrollers" },
    { "resourcequotas", "count/resourcequotas" },
};
enum { COUNTED = sizeof(counted) / sizeof(counted[0]) };

static const char *const amounts[] = { "cpu", "memory", "storage", "ephemeral-storage" };
enum { AMOUNTS = sizeof(amounts) / sizeof(amounts[0]) };

void vcl_tenant_done(vcl_tenant *tenant)
{
    free(tenant->name);
    free(tenant->kubernetes_version);
    vcl_resources_done(&tenant->hard);
    *tenant = (vcl_tenant){ 0 };
}

const char *vcl_quota_other_key(const char *key)
{
    for (size_t i = 0; i < COUNTED; i++) {
        if (strcmp(key, counted[i][0]) == 0)
            return counted[i][1];
        if (strcmp(key, counted[i][1]) == 0)
            return counted[i][0];
    }
    return NULL;
}

typedef struct reader {
    vcl_tenant *tenant;
    vcluster_report *report;
} reader;

static void
find(reader *self, const char *path, const char *key, const char *message, const char *remedy)
{
    vcl_auto_free char *whole = key ? vcl_format("%s.%s", path, key) : vcl_strdup(path);

    vcl_report_add(self->report, &(vcl_finding_facts){ .path = whole,
                                                       .rule = "tenant",
                                                       .severity = VCLUSTER_SEVERITY_ERROR,
                                                       .message = message,
                                                       .remedy = remedy });
}

/* Keys of a map that are none of the known ones, which end with NULL. */
static void check_keys(reader *self, const char *path, const cJSON *map, const char *const *known)
{
    for (const cJSON *member = cJSON_IsObject(map) ? map->child : NULL; member;
         member = member->next) {
        vcl_nearest nearest;
        bool found = false;

        vcl_nearest_begin(&nearest, member->string);
        for (size_t i = 0; known[i]; i++) {
            vcl_nearest_try(&nearest, known[i]);
            found = found || strcmp(known[i], member->string) == 0;
        }
        if (found)
            continue;
        vcl_auto_free char *remedy =
            nearest.found ? vcl_format("did you mean '%s'?", nearest.found) : NULL;
        find(self, path, member->string, "there is no such key", remedy);
    }
}

static bool is_amount(const char *key)
{
    for (size_t i = 0; i < AMOUNTS; i++) {
        if (strcmp(key, amounts[i]) == 0)
            return true;
    }
    return false;
}

/* Keys with a dot or a slash are resources of some server; the others are known. */
bool vcl_quota_key_is_known(const char *key, vcl_nearest *out_nearest)
{
    vcl_nearest_begin(out_nearest, key);
    if (strpbrk(key, "./") || is_amount(key) || vcl_quota_other_key(key))
        return true;
    for (size_t i = 0; i < AMOUNTS; i++)
        vcl_nearest_try(out_nearest, amounts[i]);
    for (size_t i = 0; i < COUNTED; i++)
        vcl_nearest_try(out_nearest, counted[i][0]);
    return false;
}

static bool check_quota_key(reader *self, const char *key)
{
    vcl_nearest nearest;

    if (vcl_quota_key_is_known(key, &nearest))
        return true;
    vcl_auto_free char *remedy =
        nearest.found ? vcl_format("did you mean '%s'?", nearest.found) : NULL;
    find(self, "spec.resourceQuota", key, "quotas have no such resource", remedy);
    return false;
}

static bool is_below(const vcl_quantity *amount, const char *limit)
{
    vcl_quantity bound;

    return vcl_quantity_parse(limit, &bound, NULL) == 0 && vcl_quantity_compare(amount, &bound) < 0;
}

const char *vcl_quota_absurdity(const char *key, const vcl_quantity *amount)
{
    bool bytes = strstr(key, "memory") || strstr(key, "storage");
    bool count = vcl_starts_with(key, "count/") || vcl_quota_other_key(key) ||
                 vcl_starts_with(key, "services.");

    if (amount->nano < 0)
        return "it is negative";
    if (count && amount->nano % 1000000000 != 0)
        return "a number of objects is no fraction";
    if (count && !is_below(amount, "10M"))
        return "no namespace has so many objects";
    if (!count && bytes && amount->nano > 0 && is_below(amount, "1Mi"))
        return "that is less than one MiB: is a suffix such as Gi missing?";
    if (!count && bytes && !is_below(amount, "1Ei"))
        return "no host has so many bytes";
    if (!count && strstr(key, "cpu") && !is_below(amount, "1M"))
        return "no host has so many CPUs";
    return NULL;
}

static bool read_amount(reader *self, const cJSON *member, vcl_quantity *out_amount)
{
    VCL_AUTO_RESOURCES one = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *map = cJSON_CreateObject();

    if (!map || !vcl_json_set(map, member->string, vcl_json_copy(member)) ||
        vcl_resources_read(&one, map, &error) < 0) {
        const vcluster_error *cause = vcluster_error_cause(error);
        find(self, "spec.resourceQuota", member->string,
             vcluster_error_message(cause ? cause : error), NULL);
        return false;
    }
    *out_amount = one.items[0].amount;
    const char *wrong = vcl_quota_absurdity(member->string, out_amount);
    if (wrong)
        find(self, "spec.resourceQuota", member->string, wrong, NULL);
    return !wrong;
}

static void set_unless_said(reader *self,
                            const cJSON *quota,
                            const char *prefix,
                            const char *key,
                            const vcl_quantity *amount)
{
    vcl_auto_free char *name = vcl_format("%s.%s", prefix, key);

    if (!name)
        self->tenant->hard.failed = true;
    else if (!vcl_json_get(quota, name))
        vcl_resources_set(&self->tenant->hard, name, amount);
}

/* "cpu: 8": the team may request that much, and its limits may be twice that, as in upstream's
 * defaults. Storage has no limits. */
static void set_both(reader *self, const cJSON *quota, const char *key, const vcl_quantity *amount)
{
    vcl_quantity twice = *amount;

    set_unless_said(self, quota, "requests", key, amount);
    if (strcmp(key, "storage") != 0 && vcl_quantity_multiply(&twice, 2))
        set_unless_said(self, quota, "limits", key, &twice);
}

static void read_quota(reader *self, const cJSON *quota)
{
    if (quota && !cJSON_IsObject(quota)) {
        find(self, "spec.resourceQuota", NULL, "it is no map of resources to quantities", NULL);
        return;
    }
    for (const cJSON *member = quota ? quota->child : NULL; member; member = member->next) {
        vcl_quantity amount;

        if (!check_quota_key(self, member->string) || !read_amount(self, member, &amount))
            continue;
        if (is_amount(member->string))
            set_both(self, quota, member->string, &amount);
        else
            vcl_resources_set(&self->tenant->hard, member->string, &amount);
    }
}

/* The preset under what is said beside it. */
static void read_preset(reader *self, const char *name)
{
    vcl_nearest nearest;

    vcl_nearest_begin(&nearest, name);
    for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
        VCL_AUTO_JSON *quota = NULL;

        vcl_nearest_try(&nearest, presets[i].name);
        if (strcmp(presets[i].name, name) != 0)
            continue;
        if (vcl_json_parse(presets[i].quota, strlen(presets[i].quota), &quota, NULL) == 0)
            read_quota(self, quota);
        else
            self->tenant->hard.failed = true;
        return;
    }
    find(self, "spec.preset", NULL, "there are 'small', 'medium' and 'large'",
         nearest.found ? nearest.found : NULL);
}

/* A text, or NULL: it is not there, or was found to be none. */
static const char *
text_of(reader *self, const cJSON *map, const char *path, const char *key, const char *remedy)
{
    const cJSON *node = vcl_json_get(map, key);

    if (node && (!cJSON_IsString(node) || !*node->valuestring)) {
        find(self, path, key, "it is no text", remedy);
        return NULL;
    }
    return node ? node->valuestring : NULL;
}

static void read_spec(reader *self, const cJSON *spec)
{
    static const char *const known[] = { "team",          "kubernetesVersion", "preset",
                                         "resourceQuota", "networkIsolation",  NULL };
    const cJSON *isolation = vcl_json_get(spec, "networkIsolation");
    const cJSON *quota = vcl_json_get(spec, "resourceQuota");

    check_keys(self, "spec", spec, known);
    const char *version = text_of(self, spec, "spec", "kubernetesVersion",
                                  "put it in quotes: YAML reads 1.30 as the number 1.3");
    const char *preset = text_of(self, spec, "spec", "preset", NULL);
    if (preset)
        read_preset(self, preset);
    read_quota(self, quota);
    if (!preset && !quota)
        find(self, "spec.resourceQuota", NULL, "a tenant needs a quota",
             "say resourceQuota: {cpu: ..., memory: ...}, or preset: small");
    if (isolation && !cJSON_IsBool(isolation))
        find(self, "spec.networkIsolation", NULL, "it is neither true nor false", NULL);
    self->tenant->shared_network = cJSON_IsFalse(isolation);
    if (version && !vcl_str_replace(&self->tenant->kubernetes_version, version))
        self->tenant->hard.failed = true;
}

static void read_document(reader *self, const cJSON *document)
{
    static const char *const known[] = { "apiVersion", "kind", "metadata", "spec", NULL };
    const cJSON *spec = vcl_json_get(document, "spec");
    const char *kind = text_of(self, document, "", "kind", NULL);
    const char *name = vcl_json_find_string(document, "metadata", "name", NULL);

    check_keys(self, "", document, known);
    if (!kind || strcmp(kind, "TeamCluster") != 0)
        find(self, "kind", NULL, "it is not 'TeamCluster'", NULL);
    if (!cJSON_IsObject(spec)) {
        find(self, "spec", NULL, "it is missing", NULL);
        return;
    }
    read_spec(self, spec);
    const char *team = text_of(self, spec, "spec", "team", NULL);
    if (!name)
        name = team;
    if (vcl_str_empty(name) || !vcl_is_dns_label(name))
        find(self, "metadata.name", NULL, "neither it nor spec.team is a name of a-z, 0-9 and '-'",
             NULL);
    else if (!vcl_str_replace(&self->tenant->name, name))
        self->tenant->hard.failed = true;
}

int vcl_tenant_parse(const char *text, vcl_tenant *out_tenant, vcluster_error **error)
{
    VCL_AUTO_JSON *document = NULL;
    VCL_AUTO_REPORT *report = vcl_report_new();
    VCL_AUTO_TENANT tenant = { 0 };
    reader self = { &tenant, report };

    if (!report)
        return vcl_no_memory(error);
    int status = vcl_yaml_parse(text, strlen(text), &document, error);
    if (status < 0)
        return status;
    read_document(&self, document);
    if (tenant.hard.failed || vcl_report_failed(report))
        return vcl_no_memory(error);
    status = vcl_report_to_error(report, VCLUSTER_E_CONFIG, "the tenant cannot be read", error);
    if (status == 0) {
        *out_tenant = tenant;
        tenant = (vcl_tenant){ 0 };
    }
    return status;
}
