/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about who reaches what: hosts of Ingresses, the control plane from outside, the host's
 * metadata service from inside. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "check/rule.h"
#include "lint/lint.h"
#include "quota/flows.h"

#define INGRESSES "sync.toHost.ingresses"
#define CLASSES "sync.fromHost.ingressClasses"
#define EGRESS "policies.networkPolicy.workload.publicEgress"
#define SERVICE "controlPlane.service.spec"
#define ROUTE "controlPlane.tlsRoute"
#define METADATA "169.254.169.254"

/* Whether anything but the library looks at what tenants create. */
static bool has_admission(const vcl_lint_run *run, const vcl_lint_subject *subject)
{
    static const char *const kinds[] = { "ValidatingAdmissionPolicy", "ClusterPolicy", "Policy",
                                         "ValidatingWebhookConfiguration" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (vcl_lint_beside(run, subject, kinds[i], false))
            return true;
    }
    return vcl_check_filled(
               vcl_lint_get(subject, "policies.centralAdmission.validatingWebhooks")) ||
           vcl_check_filled(vcl_lint_get(subject, "policies.centralAdmission.mutatingWebhooks"));
}

void vcl_lint_ingress_unrestricted(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    bool selected = vcl_lint_on(subject, CLASSES ".enabled") &&
                    vcl_check_filled(vcl_lint_get(subject, CLASSES ".selector"));

    if (vcl_lint_on(subject, INGRESSES ".enabled") && !selected &&
        !vcl_check_filled(vcl_lint_get(subject, INGRESSES ".patches")) &&
        !has_admission(run, subject))
        vcl_lint_find(run, subject, INGRESSES ".enabled",
                      "select ingress classes (" CLASSES
                      ".selector), patch the host in, or have an "
                      "admission policy decide",
                      "Ingresses of any host are synced: a tenant can take the host of another");
}

void vcl_lint_ingress_class_missing(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    if (vcl_lint_on(subject, INGRESSES ".enabled") && !vcl_lint_on(subject, CLASSES ".enabled"))
        vcl_lint_find(run, subject, CLASSES ".enabled", "set " CLASSES ".enabled to true",
                      "Ingresses are synced, and tenants do not see which ingress classes there "
                      "are");
}

void vcl_lint_metadata_reached(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const cJSON *except = vcl_lint_get(subject, EGRESS ".except");
    const cJSON *item = NULL;

    if (!vcl_lint_on(subject, "policies.networkPolicy.enabled") ||
        !vcl_lint_on(subject, EGRESS ".enabled") ||
        !vcl_cidr_contains(vcl_lint_text(subject, EGRESS ".cidr"), METADATA))
        return;
    cJSON_ArrayForEach (item, except) {
        if (cJSON_IsString(item) && vcl_cidr_contains(item->valuestring, METADATA))
            return;
    }
    vcl_lint_find(run, subject, EGRESS ".except", "add " METADATA "/32 to " EGRESS ".except",
                  "pods reach " METADATA ", where clouds give out the credentials of the node");
}

/* What clouds ask for to keep a load balancer inside. */
static bool is_internal(const vcl_lint_subject *subject)
{
    const cJSON *annotations = vcl_lint_get(subject, "controlPlane.service.annotations");

    for (const cJSON *item = vcl_check_members(annotations); item; item = item->next) {
        if (strstr(vcl_str(item->string), "internal") ||
            (cJSON_IsString(item) && strcasecmp(item->valuestring, "internal") == 0))
            return true;
    }
    return false;
}

static bool has_extra_name(const vcl_lint_subject *subject, const char *host)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, vcl_lint_get(subject, "controlPlane.proxy.extraSANs")) {
        if (cJSON_IsString(item) && vcl_streq(item->valuestring, host))
            return true;
    }
    return false;
}

void vcl_lint_control_plane_exposed(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const char *host = vcl_lint_text(subject, ROUTE ".host");

    if (vcl_streq(vcl_lint_text(subject, SERVICE ".type"), "LoadBalancer") &&
        !vcl_check_filled(vcl_lint_get(subject, SERVICE ".loadBalancerSourceRanges")) &&
        !is_internal(subject))
        vcl_lint_find(run, subject, SERVICE ".type",
                      "write who may: " SERVICE ".loadBalancerSourceRanges",
                      "the control plane gets a load balancer that everybody reaches");
    if (vcl_lint_on(subject, ROUTE ".enabled") && !has_extra_name(subject, host))
        vcl_lint_find(run, subject, ROUTE ".enabled",
                      "add the route's host to controlPlane.proxy.extraSANs",
                      "the route leads to a control plane whose certificate lacks its host '%s': "
                      "clients refuse it",
                      host);
}

char *vcl_lint_host_of(const char *server)
{
    const char *host = strstr(server, "://");

    host = host ? host + 3 : server;
    if (*host == '[')
        return vcl_strndup(host + 1, strcspn(host + 1, "]"));
    return vcl_strndup(host, strcspn(host, ":/"));
}

/* Names that the certificate has anyway. */
static bool is_own_name(const vcl_lint_subject *subject, const char *host)
{
    static const char *const own[] = {
        "localhost",  "127.0.0.1",          "::1",
        "kubernetes", "kubernetes.default", "kubernetes.default.svc"
    };
    size_t size = strlen(vcl_str(subject->name));

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (vcl_streq(own[i], host))
            return true;
    }
    return vcl_streq(host, vcl_lint_text(subject, "controlPlane.ingress.host")) ||
           (size > 0 && vcl_starts_with(host, subject->name) &&
            (host[size] == '\0' || host[size] == '.')) ||
           vcl_ends_with(host, ".svc") || vcl_ends_with(host, ".svc.cluster.local");
}

void vcl_lint_san_missing(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const char *server = vcl_lint_text(subject, "exportKubeConfig.server");
    vcl_auto_free char *host = vcl_lint_host_of(server);

    if (!host)
        return vcl_lint_fail(run);
    if (*host == '\0' || strstr(server, "{{") ||
        vcl_lint_on(subject, "exportKubeConfig.insecure") || is_own_name(subject, host) ||
        has_extra_name(subject, host))
        return;
    vcl_auto_free char *remedy = vcl_format("add '%s' to controlPlane.proxy.extraSANs", host);
    if (!remedy)
        return vcl_lint_fail(run);
    vcl_lint_find(run, subject, "exportKubeConfig.server", remedy,
                  "the kubeconfig names a server that the certificate does not: clients refuse it");
}
