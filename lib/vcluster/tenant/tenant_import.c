/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spec that was read back from files, and the TeamCluster document that it was made from, if it
 * was: what the team may use is the quota without the control plane's share. Several ways of
 * reading are tried; one counts if tenant_spec.c makes the very same spec of it again.
 */
#include "vcluster/tenant/tenant_spec.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "data/values.h"
#include "vcluster/tenant/tenant.h"

VCL_DEFINE_CLEANUP(vcluster_chart, vcluster_chart_free);

/* What may have been in the values before the tenant was. */
enum { OWN_VERSION = 1, OWN_ADDRESSES = 2, WAYS = 4 };

typedef struct reading {
    const cJSON *spec;
    const vcluster_chart *chart; /* NULL: upstream's, as known */
    cJSON *rest;                 /* the spec without what a tenant says */
    cJSON *quota;                /* what the team may use */
    bool sign; /* nobody writes it so but a tenant: another reading of the same values is quota */
} reading;

static void reading_done(reading *self)
{
    cJSON_Delete(self->rest);
    cJSON_Delete(self->quota);
}

static cJSON *take_policy(reading *self, const char *policy, const char *key)
{
    const char *const keys[] = { "values", "policies", policy, key, NULL };

    return vcl_json_take(self->rest, keys);
}

/* Amounts without the control plane's share of them, and without the nulls. */
static int read_amounts(reading *self, cJSON *taken, bool *out_fits, vcluster_error **error)
{
    VCL_AUTO_RESOURCES hard = { 0 };
    VCL_AUTO_RESOURCES share = { 0 };

    for (cJSON *member = taken->child, *next; member; member = next) {
        next = member->next;
        if (!cJSON_IsNull(member))
            continue;
        self->sign = true; /* write_quota() takes away the other key of two */
        cJSON_Delete(cJSON_DetachItemViaPointer(taken, member));
    }
    int status = vcl_resources_read(&hard, taken, error);
    if (status == 0)
        status =
            vcl_control_plane_share(vcl_json_get(self->spec, "values"), self->chart, &share, error);
    for (size_t i = 0; status == 0 && *out_fits && i < hard.size; i++) {
        const vcl_quantity *own = vcl_resources_get(&share, hard.items[i].name);
        *out_fits = !own || (vcl_quantity_subtract(&hard.items[i].amount, own) &&
                             hard.items[i].amount.nano >= 0);
    }
    if (status == 0 && !(self->quota = vcl_resources_to_json(&hard)))
        status = vcl_no_memory(error);
    return status;
}

/* "cpu: 8" for requests of 8 and limits of twice that, as set_both() of a tenant reads it. */
static bool shorten(reading *self, const char *key)
{
    vcl_auto_free char *requests = vcl_format("requests.%s", key);
    vcl_auto_free char *limits = vcl_format("limits.%s", key);
    const char *amount = vcl_json_find_string(self->quota, vcl_str(requests), NULL);
    const char *other = vcl_json_find_string(self->quota, vcl_str(limits), NULL);
    bool has_limits = strcmp(key, "storage") != 0;
    vcl_quantity twice;
    vcl_quantity most;

    if (!requests || !limits)
        return false;
    if (!amount || (has_limits && !other))
        return true;
    if (has_limits && (vcl_quantity_parse(amount, &twice, NULL) < 0 ||
                       vcl_quantity_parse(other, &most, NULL) < 0 ||
                       !vcl_quantity_multiply(&twice, 2) || vcl_quantity_compare(&twice, &most)))
        return true;
    if (!vcl_json_set_string(self->quota, key, amount))
        return false;
    vcl_json_remove(self->quota, requests);
    if (has_limits) {
        vcl_json_remove(self->quota, limits);
        self->sign = true;
    }
    return true;
}

static int read_quota(reading *self, bool *out_fits, vcluster_error **error)
{
    static const char *const amounts[] = { "cpu", "memory", "storage", "ephemeral-storage" };
    VCL_AUTO_JSON *taken = take_policy(self, "resourceQuota", "quota");

    *out_fits = vcl_values_take_switch(self->rest, "resourceQuota") &&
                vcl_values_take_switch(self->rest, "limitRange") && cJSON_IsObject(taken) &&
                taken->child;
    if (!*out_fits)
        return VCLUSTER_OK;
    int status = read_amounts(self, taken, out_fits, error);
    for (size_t i = 0; status == 0 && *out_fits && i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        if (!shorten(self, amounts[i]))
            status = vcl_no_memory(error);
    }
    return status;
}

/* Whether the network is that of the team alone; the addresses that it may not reach go with it,
 * unless they are the user's own. */
static bool read_isolation(reading *self, int way)
{
    static const char *const keys[] = { "values",   "policies",     "networkPolicy",
                                        "workload", "publicEgress", "except",
                                        NULL };

    if (!vcl_values_take_switch(self->rest, "networkPolicy"))
        return false;
    if (!(way & OWN_ADDRESSES)) {
        VCL_AUTO_JSON *addresses = vcl_json_take(self->rest, keys);
        self->sign = self->sign || addresses;
    }
    return true;
}

static bool set_version(reading *self, cJSON *tenant, int way)
{
    static const char *const keys[] = {
        "values", "controlPlane", "distro", "k8s", "version", NULL
    };
    VCL_AUTO_JSON *version = way & OWN_VERSION ? NULL : vcl_json_take(self->rest, keys);
    const char *tag = cJSON_GetStringValue(version);

    return !tag || vcl_json_set_string(tenant, "kubernetesVersion", tag + (*tag == 'v'));
}

/* Name and team move to where the document has them. */
static bool make_document(reading *self, int way)
{
    cJSON *document = self->rest;
    bool isolated = read_isolation(self, way);
    cJSON *metadata = vcl_json_object(document, "metadata");
    cJSON *tenant = vcl_json_object(document, "spec");
    cJSON *name = cJSON_DetachItemFromObjectCaseSensitive(document, "name");
    cJSON *team = cJSON_DetachItemFromObjectCaseSensitive(document, "team");

    if (name && !vcl_json_set(metadata, "name", name)) {
        cJSON_Delete(team);
        return false;
    }
    return (!team || vcl_json_set(tenant, "team", team)) &&
           vcl_json_set_string(document, "kind", "TeamCluster") &&
           vcl_json_set(tenant, "resourceQuota", vcl_steal(&self->quota)) &&
           (isolated || vcl_json_set(tenant, "networkIsolation", cJSON_CreateFalse())) &&
           set_version(self, tenant, way);
}

/* Whether the document stands for the spec it was read from. */
static int check(const reading *self, bool *out_same, vcluster_error **error)
{
    vcl_auto_free char *text = vcl_json_print(self->rest);
    vcl_auto_free char *again = NULL;
    VCL_AUTO_JSON *spec = NULL;

    if (!text)
        return vcl_no_memory(error);
    int status = vcl_tenant_spec(text, NULL, self->chart, &again, error);
    if (status == 0)
        status = vcl_json_parse(vcl_str(again), strlen(vcl_str(again)), &spec, error);
    *out_same = status == 0 && vcl_json_equal(spec, self->spec);
    return status;
}

static int try_way(const cJSON *spec,
                   const vcluster_chart *chart,
                   int way,
                   cJSON **out_document,
                   vcluster_error **error)
{
    __attribute__((cleanup(reading_done))) reading self = { .spec = spec, .chart = chart };
    bool same = false;

    self.rest = vcl_json_copy(spec);
    if (!self.rest)
        return vcl_no_memory(error);
    int status = read_quota(&self, &same, error);
    if (status < 0 || !same)
        return status;
    if (!make_document(&self, way))
        return vcl_no_memory(error);
    if (!self.sign)
        return VCLUSTER_OK;
    status = check(&self, &same, error);
    if (status == 0 && same)
        *out_document = vcl_steal(&self.rest);
    return status;
}

/* The chart that gave the share: upstream's is known, and the embedded one, if it is this one. */
static int find_chart(const cJSON *spec, vcluster_chart **out_embedded, bool *out_known)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;

    *out_known = !vcl_streq(vcl_json_find_string(spec, "format", NULL), "manifests");
    if (*out_known)
        return VCLUSTER_OK;
    int status = vcluster_chart_embedded(&chart, NULL);
    if (status < 0)
        return status;
    *out_known =
        vcl_streq(vcl_json_find_string(spec, "chart", "name", NULL), vcluster_chart_name(chart)) &&
        vcl_streq(vcl_json_find_string(spec, "chart", "version", NULL),
                  vcluster_chart_version(chart));
    if (*out_known)
        *out_embedded = vcl_steal(&chart);
    return VCLUSTER_OK;
}

int vcl_tenant_document(const cJSON *spec, cJSON **out_document, vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_chart) embedded = NULL;
    VCL_AUTO_JSON *document = NULL;
    bool known = false;
    int status = find_chart(spec, &embedded, &known);

    for (int way = 0; known && way < WAYS && !document && status != VCLUSTER_E_NO_MEMORY; way++)
        status = try_way(spec, embedded, way, &document, NULL);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    *out_document = vcl_steal(&document);
    return VCLUSTER_OK;
}
