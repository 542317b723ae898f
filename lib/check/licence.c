/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What upstream gives only to those who have a licence: without it the control plane ends as soon
 * as it starts, and in the image of the open source it is ignored.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "check/areas.h"

/* From nothing to everything. */
static const char *const tiers[] = { "none", "free", "dev", "prod", "scale" };
enum { TIERS = sizeof(tiers) / sizeof(tiers[0]) };

typedef enum need { IF_ON, IF_FILLED, IF_WRITTEN } need;

static const struct paid {
    const char *path;
    need need;
    const char *tier;
} paid[] = {
    { "networking.resolveDNS", IF_FILLED, "free" },
    { "controlPlane.coredns.embedded", IF_ON, "free" },
    { "controlPlane.backingStore.etcd.embedded.enabled", IF_ON, "free" },
    { "controlPlane.backingStore.database.external.enabled", IF_ON, "prod" },
    { "controlPlane.hostPathMapper.central", IF_ON, "free" },
    { "policies.centralAdmission.validatingWebhooks", IF_FILLED, "scale" },
    { "policies.centralAdmission.mutatingWebhooks", IF_FILLED, "scale" },
    { "experimental.denyProxyRequests", IF_FILLED, "free" },
    { "experimental.proxy.customResources", IF_FILLED, "scale" },
    { "sync.toHost.customResources", IF_FILLED, "free" },
    { "sync.fromHost.customResources", IF_FILLED, "free" },
    { "sync.toHost.namespaces.enabled", IF_ON, "free" },
    { "sync.toHost.pods.hybridScheduling.enabled", IF_ON, "scale" },
    { "sync.toHost.resourceClaims.enabled", IF_ON, "free" },
    { "sync.toHost.resourceClaimTemplates.enabled", IF_ON, "free" },
    { "sync.fromHost.deviceClasses.enabled", IF_ON, "free" },
    { "privateNodes.enabled", IF_ON, "free" },
    { "integrations.externalSecrets.enabled", IF_ON, "dev" },
    { "integrations.certManager.enabled", IF_ON, "dev" },
    { "integrations.istio.enabled", IF_ON, "prod" },
    { "integrations.kubeVirt.enabled", IF_ON, "scale" },
    { "sleep", IF_WRITTEN, "dev" },
    { "snapshots", IF_WRITTEN, "prod" },
    { "deletion", IF_WRITTEN, "dev" },
    { "platform", IF_WRITTEN, "free" },
};

static bool is_used(const vcl_check *check, const struct paid *row)
{
    if (row->need == IF_ON)
        return vcl_check_on(check, row->path);
    if (row->need == IF_FILLED)
        return vcl_check_filled(vcl_check_get(check, row->path));
    return vcl_check_filled(vcl_check_get_user(check, row->path));
}

/* -1 for what is not known. */
static int rank_of(const char *tier)
{
    for (int i = 0; i < TIERS; i++) {
        if (vcl_streq(tiers[i], tier))
            return i;
    }
    return -1;
}

static void find_missing(vcl_check *check, const char *path, const char *tier)
{
    const char *licence = check->input->licence;
    int severity = licence ? VCLUSTER_SEVERITY_ERROR : VCLUSTER_SEVERITY_WARNING;

    vcl_check_find_as(check, severity, path, "take it out, or get a licence for the control plane",
                      "it needs a licence of upstream (%s)%s: without one the control plane does "
                      "not start",
                      tier, licence ? "" : ", of which nothing is known here");
}

/* The first list of patches below a part of the values that has something in it; its path is freed
 * by the caller. */
static char *find_patches(vcl_check *check, const char *path, const cJSON *node, int depth)
{
    for (const cJSON *member = node->child; member && depth > 0; member = member->next) {
        vcl_auto_free char *at = vcl_check_member(check, path, member->string);

        if (!at)
            return NULL;
        if (vcl_streq(member->string, "patches") && vcl_check_filled(member))
            return vcl_steal(&at);
        char *inner = cJSON_IsObject(member) ? find_patches(check, at, member, depth - 1) : NULL;
        if (inner)
            return inner;
    }
    return NULL;
}

void vcl_check_licence(vcl_check *check)
{
    enum { DEEP_ENOUGH = 4 };
    int have = check->input->licence ? rank_of(check->input->licence) : -1;
    const cJSON *sync = vcl_check_get(check, "sync");
    vcl_auto_free char *patches =
        cJSON_IsObject(sync) ? find_patches(check, "sync", sync, DEEP_ENOUGH) : NULL;

    if (vcl_check_is_embedded(check) || vcl_check_is_open_source(check))
        return;
    for (size_t i = 0; i < sizeof(paid) / sizeof(paid[0]); i++) {
        if (rank_of(paid[i].tier) > have && is_used(check, &paid[i]))
            find_missing(check, paid[i].path, paid[i].tier);
    }
    if (patches && rank_of("free") > have)
        find_missing(check, patches, "free");
}

void vcl_check_open_source(vcl_check *check)
{
    if (vcl_check_is_embedded(check) || !vcl_check_is_open_source(check))
        return;
    for (size_t i = 0; i < sizeof(paid) / sizeof(paid[0]); i++) {
        if (is_used(check, &paid[i]))
            vcl_check_find(check, paid[i].path, "take it out, or use the image vcluster-pro",
                           "the image of the open source ignores it");
    }
}
