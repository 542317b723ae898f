/* SPDX-License-Identifier: Apache-2.0 */
/* Names that are resolved, requests that are denied, webhooks that are asked. */
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "check/areas.h"
#include "check/name.h"
#include "data/encoding.h"
#include "data/x509.h"

#define RESOLVE "networking.resolveDNS"
#define DENY "experimental.denyProxyRequests"
#define ADMISSION "policies.centralAdmission"

static const char *text_of(const cJSON *node, const char *key)
{
    return vcl_str(vcl_json_find_string(node, key, NULL));
}

/* '*' at most once, at the beginning or at the end. */
static bool is_pattern(const char *text)
{
    size_t stars = vcl_count_char(text, '*');

    return stars == 0 || (stars == 1 && (*text == '*' || vcl_ends_with(text, "*")));
}

static const char *wrong_with_target(const cJSON *target)
{
    const char *service = text_of(target, "hostService");
    const char *other = text_of(target, "vClusterService");
    int count = (*text_of(target, "hostname") != 0) + (*text_of(target, "ip") != 0) +
                (*text_of(target, "hostNamespace") != 0) + (*service != 0) + (*other != 0);

    if (count != 1)
        return "target needs exactly one of hostname, ip, hostNamespace, hostService and "
               "vClusterService";
    if (*service && vcl_count_char(service, '/') != 1)
        return "target.hostService is not NAMESPACE/NAME";
    if (*other && vcl_count_char(other, '/') != 3)
        return "target.vClusterService is not HOSTNAMESPACE/VCLUSTER/NAMESPACE/NAME";
    if (!is_pattern(text_of(target, "hostname")))
        return "target.hostname has '*' elsewhere than once at its beginning or end";
    return NULL;
}

static const char *wrong_with_record(const cJSON *record)
{
    const cJSON *target = vcl_json_get(record, "target");
    const char *service = text_of(record, "service");
    const char *hostname = text_of(record, "hostname");
    const char *space = text_of(record, "namespace");
    int count = (*service != 0) + (*hostname != 0) + (*space != 0);

    if (count != 1)
        return "it needs exactly one of service, hostname and namespace";
    if (*service && vcl_count_char(service, '/') != 1)
        return "service is not NAMESPACE/NAME";
    if (!is_pattern(hostname))
        return "hostname has '*' elsewhere than once at its beginning or end";
    if (strchr(hostname, '*') && !strchr(text_of(target, "hostname"), '*'))
        return "hostname has '*', but target.hostname has none";
    if ((*space != 0) != (*text_of(target, "hostNamespace") != 0))
        return "namespace and target.hostNamespace need each other";
    return wrong_with_target(target);
}

void vcl_check_resolve_dns(vcl_check *check)
{
    const cJSON *record = NULL;
    int index = 0;

    cJSON_ArrayForEach (record, vcl_check_get(check, RESOLVE)) {
        const char *wrong = wrong_with_record(record);
        vcl_auto_free char *path = wrong ? vcl_check_item(check, RESOLVE, index) : NULL;

        if (wrong)
            vcl_check_find(check, path, NULL, "the record cannot be used: %s", wrong);
        index++;
    }
}

/* "*" alone, or values without it, all of `known` unless that is NULL. */
static bool is_choice(const cJSON *list, const char *const *known)
{
    const cJSON *value = NULL;
    bool alone = cJSON_GetArraySize(list) == 1;

    cJSON_ArrayForEach (value, list) {
        const char *text = cJSON_IsString(value) ? value->valuestring : "";
        if (vcl_streq(text, "*") ? !alone : known && !vcl_is_one_of(text, known))
            return false;
    }
    return true;
}

static const char *wrong_with_deny_rule(const cJSON *rule)
{
    static const char *const verbs[] = { "create", "get", "update", "patch", "delete", NULL };
    static const char *const scopes[] = { "Cluster", "Namespaced", "*", NULL };
    const char *scope = vcl_json_find_string(rule, "scope", NULL);

    if (!is_choice(vcl_json_get(rule, "verbs"), verbs))
        return "verbs are '*' alone, or some of create, get, update, patch and delete";
    if (!is_choice(vcl_json_get(rule, "apiGroups"), NULL) ||
        !is_choice(vcl_json_get(rule, "apiVersions"), NULL))
        return "'*' must be alone among apiGroups and apiVersions";
    if (scope && !vcl_is_one_of(scope, scopes))
        return "scope is none of Cluster, Namespaced and *";
    return NULL;
}

static const char *wrong_with_deny(const cJSON *entry)
{
    const cJSON *item = NULL;
    const char *wrong = NULL;

    cJSON_ArrayForEach (item, vcl_json_get(entry, "namespaces")) {
        if (!cJSON_IsString(item) || !vcl_is_dns_label(item->valuestring))
            return "one of its namespaces has no valid name";
    }
    cJSON_ArrayForEach (item, vcl_json_get(entry, "rules"))
        wrong = wrong ? wrong : wrong_with_deny_rule(item);
    return wrong;
}

void vcl_check_deny_proxy(vcl_check *check)
{
    const cJSON *entry = NULL;
    int index = 0;

    cJSON_ArrayForEach (entry, vcl_check_get(check, DENY)) {
        const char *wrong = wrong_with_deny(entry);
        vcl_auto_free char *path = wrong ? vcl_check_item(check, DENY, index) : NULL;

        if (wrong)
            vcl_check_find(check, path, NULL, "the check cannot be used: %s", wrong);
        index++;
    }
}

/* A bundle is PEM in base64, as in the objects of Kubernetes. */
static bool is_bundle(const char *text)
{
    vcl_auto_free char *data = NULL;
    size_t size = 0;
    VCL_AUTO_PEM block = { 0 };

    if (vcl_base64_decode(text, &data, &size, NULL) < 0)
        return false;
    if (!vcl_pem_read(data, size, &block))
        return false;
    VCL_AUTO_PTR(X509) certificate = vcl_pem_to_certificate(&block);
    return certificate != NULL;
}

static const char *wrong_with_client(const cJSON *client)
{
    const cJSON *service = vcl_json_get(client, "service");
    const char *url = vcl_json_find_string(client, "url", NULL);
    const char *bundle = text_of(client, "caBundle");

    if (*bundle && !is_bundle(bundle))
        return "caBundle holds no certificate";
    if (!cJSON_IsObject(service) && !url)
        return "clientConfig has neither a service nor a url";
    if (cJSON_IsObject(service) && (!*text_of(service, "name") || !*text_of(service, "namespace")))
        return "clientConfig.service needs a name and a namespace";
    if (url && !vcl_starts_with(url, "https://"))
        return "clientConfig.url does not begin with https://";
    return NULL;
}

static void check_hooks(vcl_check *check, const char *path)
{
    const cJSON *configuration = NULL;
    int index = 0;

    cJSON_ArrayForEach (configuration, vcl_check_get(check, path)) {
        vcl_auto_free char *at = vcl_format("%s[%d].webhooks", path, index++);
        const cJSON *hook = NULL;
        int number = 0;

        if (!at)
            return;
        cJSON_ArrayForEach (hook, vcl_json_get(configuration, "webhooks")) {
            const char *wrong = wrong_with_client(vcl_json_get(hook, "clientConfig"));
            vcl_auto_free char *item = vcl_check_item(check, at, number++);
            if (wrong)
                vcl_check_find(check, item, NULL, "the webhook cannot be asked: %s", wrong);
        }
    }
}

void vcl_check_admission(vcl_check *check)
{
    check_hooks(check, ADMISSION ".validatingWebhooks");
    check_hooks(check, ADMISSION ".mutatingWebhooks");
}
