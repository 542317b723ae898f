/* SPDX-License-Identifier: Apache-2.0 */
/* What the user may not do, and may not grant; see preflight.h. */
#include "base/limits.h"
#include "base/str.h"
#include "vcluster/preflight/preflight.h"

static const char *first_of(const cJSON *rule, const char *list)
{
    return cJSON_GetStringValue(cJSON_GetArrayItem(vcl_json_get(rule, list), 0));
}

static char *resource_of(const cJSON *rule)
{
    const char *group = vcl_str(first_of(rule, "apiGroups"));
    const char *resource = vcl_str(first_of(rule, "resources"));
    const char *url = first_of(rule, "nonResourceURLs");

    if (url)
        return vcl_strdup(url);
    return vcl_format("%s%s%s", resource, *group ? "." : "", group);
}

/* "get, list" of an array of rules with one verb each. */
static void list_verbs(const cJSON *missing, vcl_buf *text)
{
    const cJSON *one;

    cJSON_ArrayForEach (one, missing)
        vcl_buf_addf(text, "%s%s", text->size > 0 ? ", " : "", vcl_str(first_of(one, "verbs")));
}

/* One rule of a resource that an operation needs. */
static int check_need(const vcl_held *held,
                      vcl_call *call,
                      const cJSON *rule,
                      bool everywhere,
                      bool helpful,
                      vcluster_report *report,
                      vcluster_error **error)
{
    VCL_AUTO_JSON *missing = NULL;
    VCL_AUTO_BUF verbs = { 0 };
    vcl_auto_free char *resource = resource_of(rule);

    int status = vcl_held_missing(held, call, rule, everywhere, &missing, error);
    if (status < 0 || cJSON_GetArraySize(missing) == 0)
        return status;
    vcl_buf_init(&verbs, VCL_MAX_MESSAGE);
    list_verbs(missing, &verbs);
    vcl_finding_facts facts = { .path = resource,
                                .rule = "rights",
                                .severity =
                                    helpful ? VCLUSTER_SEVERITY_WARNING : VCLUSTER_SEVERITY_ERROR,
                                .remedy = everywhere ? "bind a ClusterRole with this right to the "
                                                       "user, or act as somebody who has it"
                                                     : "bind a Role with this right to the user, "
                                                       "or act as somebody who has it" };
    vcl_report_addf(report, &facts, "the user may not %s %s %s%s%s%s", vcl_buf_text(&verbs),
                    vcl_str(resource), everywhere ? "on the whole host" : "in namespace '",
                    everywhere ? "" : held->namespace_name, everywhere ? "" : "'",
                    helpful ? "; what is wrong can be told less well without it" : "");
    return resource && !vcl_buf_failed(&verbs) ? VCLUSTER_OK : vcl_no_memory(error);
}

/* Whether the user may do a thing to roles as such, whatever is in them. */
static int may_with_roles(const vcl_held *held,
                          vcl_call *call,
                          bool everywhere,
                          bool *out_allowed,
                          vcluster_error **error)
{
    VCL_AUTO_JSON *rules = cJSON_CreateArray();
    VCL_AUTO_JSON *missing = NULL;

    if (!rules || !vcl_rights_add(rules, "rbac.authorization.k8s.io",
                                  everywhere ? "clusterroles" : "roles", "escalate bind"))
        return vcl_no_memory(error);
    int status = vcl_held_missing(held, call, rules->child, everywhere, &missing, error);
    *out_allowed = status == 0 && cJSON_GetArraySize(missing) == 0;
    return status;
}

static bool describe(const cJSON *missing,
                     const char *namespace_name,
                     const char *path,
                     vcluster_report *report)
{
    VCL_AUTO_BUF text = { 0 };
    const cJSON *one;
    const char *before = "";

    vcl_buf_init(&text, VCL_MAX_MESSAGE / 2);
    cJSON_ArrayForEach (one, missing) {
        vcl_auto_free char *resource = resource_of(one);
        const char *name = first_of(one, "resourceNames");
        if (!resource)
            return false;
        vcl_buf_addf(&text, "%s%s %s%s%s", before, vcl_str(first_of(one, "verbs")), resource,
                     name ? "/" : "", vcl_str(name));
        before = ", ";
    }
    vcl_report_addf(report,
                    &(vcl_finding_facts){ .path = path,
                                          .rule = "rights-escalation",
                                          .severity = VCLUSTER_SEVERITY_ERROR,
                                          .remedy = "give the user these rights, or the verbs "
                                                    "escalate and bind on roles" },
                    "it grants rights %s%s that the user does not hold, which the host refuses: %s",
                    namespace_name ? "in namespace " : "on the whole host", vcl_str(namespace_name),
                    vcl_buf_text(&text));
    return true;
}

/* The host refuses a role with rights that its maker lacks. */
static int check_granted(const vcl_held *held,
                         vcl_call *call,
                         const cJSON *object,
                         vcluster_report *report,
                         vcluster_error **error)
{
    bool everywhere = vcl_streq(vcl_json_find_string(object, "kind", NULL), "ClusterRole");
    vcl_auto_free char *path = vcl_preflight_path(object);
    VCL_AUTO_JSON *all = cJSON_CreateArray();
    bool allowed = false;
    const cJSON *rule;

    if (!all || !path)
        return vcl_no_memory(error);
    cJSON_ArrayForEach (rule, vcl_rights_granted(object)) {
        VCL_AUTO_JSON *missing = NULL;
        int status = vcl_held_unlisted(held, rule, everywhere, &missing, error);
        if (status < 0)
            return status;
        while (missing->child) {
            if (!vcl_json_append(all, cJSON_DetachItemFromArray(missing, 0)))
                return vcl_no_memory(error);
        }
    }
    if (!all->child)
        return VCLUSTER_OK;
    int status = may_with_roles(held, call, everywhere, &allowed, error);
    if (status == 0 && !allowed &&
        !describe(all, everywhere ? NULL : held->namespace_name, path, report))
        status = vcl_no_memory(error);
    return status;
}

int vcl_preflight_rights(const vcl_held *held,
                         const vcl_rights_request *wanted,
                         vcl_call *call,
                         vcluster_report *report,
                         vcluster_error **error)
{
    VCL_AUTO_RIGHTS rights = { 0 };
    const cJSON *item;

    int status = vcl_rights_of(wanted, held->kube, call, &rights, error);
    cJSON_ArrayForEach (item, rights.everywhere) {
        if (status == 0)
            status = check_need(held, call, item, true, false, report, error);
    }
    cJSON_ArrayForEach (item, rights.inside) {
        if (status == 0)
            status = check_need(held, call, item, false, false, report, error);
    }
    cJSON_ArrayForEach (item, rights.helpful) {
        if (status == 0)
            status = check_need(held, call, item, false, true, report, error);
    }
    cJSON_ArrayForEach (item, wanted->objects) {
        if (status == 0)
            status = check_granted(held, call, item, report, error);
    }
    return status;
}
