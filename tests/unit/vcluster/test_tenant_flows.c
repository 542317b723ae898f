/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network policies of two tenants on one host, as the embedded chart renders them: which pod
 * may reach what, as a table.
 */
#include "vcluster/tenant/tenant.h"

#include <string.h>

#include "base/cleanup.h"
#include "chart/render.h"
#include "cmocka_support.h"
#include "quota/flows.h"

VCL_DEFINE_CLEANUP(vcluster_chart, vcluster_chart_free);

static cJSON *policies;

static void add_policies(const char *name)
{
    __attribute__((cleanup(vcl_rendered_done))) vcl_rendered rendered = { 0 };
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_JSON *values = cJSON_CreateObject();
    VCL_AUTO_TENANT tenant = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(vcluster_chart_embedded(&chart, &error), error);
    assert_ok(
        vcl_tenant_parse("kind: TeamCluster\nspec: {team: a, preset: small}", &tenant, &error),
        error);
    assert_ok(vcl_tenant_apply(values, chart, &tenant, &error), error);
    const vcl_render_input input = { .release_name = name,
                                     .namespace_name = name,
                                     .revision = 1,
                                     .user_values = values,
                                     .kubernetes_version = "v1.35.4" };
    assert_ok(vcl_chart_render(chart, &input, &rendered, &error), error);
    for (const cJSON *object = rendered.objects->child; object; object = object->next) {
        if (strcmp(vcl_json_find_string(object, "kind", NULL), "NetworkPolicy") == 0)
            assert_true(vcl_json_append(policies, vcl_json_copy(object)));
    }
}

static int set_up(void **state)
{
    (void)state;
    policies = cJSON_CreateArray();
    add_policies("a");
    add_policies("b");
    return cJSON_GetArraySize(policies) == 4 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    cJSON_Delete(policies);
    return 0;
}

/* Who takes part. */
static const struct {
    const char *name;
    const char *namespace_name; /* NULL: outside */
    const char *labels;
    const char *address;
} parties[] = {
    { "control plane a", "a", "{\"app\":\"vcluster\",\"release\":\"a\"}", "10.1.0.1" },
    { "pod a1", "a", "{\"vcluster.loft.sh/managed-by\":\"a\"}", "10.1.0.2" },
    { "pod a2", "a", "{\"vcluster.loft.sh/managed-by\":\"a\"}", "10.1.0.3" },
    { "control plane b", "b", "{\"app\":\"vcluster\",\"release\":\"b\"}", "10.1.1.1" },
    { "pod b1", "b", "{\"vcluster.loft.sh/managed-by\":\"b\"}", "10.1.1.2" },
    { "host dns", "kube-system", "{\"k8s-app\":\"kube-dns\"}", "10.1.2.1" },
    { "host web", "default", "{\"app\":\"web\"}", "10.1.2.2" },
    { "host api", NULL, "{}", "192.168.0.10" },
    { "internet", NULL, "{}", "93.184.216.34" },
    { "metadata", NULL, "{}", "169.254.169.254" },
};

static const struct {
    const char *from;
    const char *to;
    const char *protocol;
    int port;
    bool allowed;
} table[] = {
    /* A tenant's own. */
    { "pod a1", "pod a2", "TCP", 80, true },
    { "pod a1", "control plane a", "TCP", 8443, true },
    { "pod a1", "control plane a", "TCP", 2379, false },
    { "control plane a", "host api", "TCP", 6443, true },
    { "control plane a", "host api", "TCP", 22, false },
    { "control plane a", "host dns", "UDP", 53, true },
    { "control plane a", "host dns", "TCP", 8080, false },
    /* The way in for users, and nothing else. */
    { "internet", "control plane a", "TCP", 8443, true },
    { "internet", "control plane a", "TCP", 2379, false },
    { "internet", "pod a1", "TCP", 80, false },
    /* Tenants apart. */
    { "pod a1", "pod b1", "TCP", 80, false },
    { "pod a1", "pod b1", "UDP", 53, false },
    { "pod a1", "control plane b", "TCP", 8443, false },
    { "control plane a", "pod b1", "TCP", 443, false },
    { "control plane a", "control plane b", "TCP", 2379, false },
    { "host web", "pod a1", "TCP", 80, false },
    { "pod a1", "host web", "TCP", 80, false },
    /* Out of the cluster. */
    { "pod a1", "internet", "TCP", 443, true },
    { "pod a1", "host api", "TCP", 6443, false },
    { "pod a1", "metadata", "TCP", 80, false },
};

typedef struct end {
    vcl_flow_end facts;
    cJSON *labels;
    cJSON *namespace_labels;
} end;

static end end_of(const char *name)
{
    end made = { 0 };

    for (size_t i = 0; i < sizeof(parties) / sizeof(parties[0]); i++) {
        VCL_AUTO_ERROR *error = NULL;

        if (strcmp(parties[i].name, name) != 0)
            continue;
        assert_ok(
            vcl_json_parse(parties[i].labels, strlen(parties[i].labels), &made.labels, &error),
            error);
        made.namespace_labels = cJSON_CreateObject();
        if (parties[i].namespace_name)
            assert_true(vcl_json_set_string(made.namespace_labels, "kubernetes.io/metadata.name",
                                            parties[i].namespace_name));
        made.facts = (vcl_flow_end){ parties[i].namespace_name, made.namespace_labels, made.labels,
                                     parties[i].address };
        return made;
    }
    fail_msg("no party '%s'", name);
    return made;
}

static void end_done(end *one)
{
    cJSON_Delete(one->labels);
    cJSON_Delete(one->namespace_labels);
}

static void tenants_reach_what_they_should_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        end from = end_of(table[i].from);
        end to = end_of(table[i].to);
        const vcl_flow flow = {
            .from = from.facts, .to = to.facts, .protocol = table[i].protocol, .port = table[i].port
        };
        bool allowed = vcl_flow_is_allowed(policies, &flow);

        end_done(&from);
        end_done(&to);
        if (allowed != table[i].allowed)
            fail_msg("%s to %s, %s %d is %s", table[i].from, table[i].to, table[i].protocol,
                     table[i].port, allowed ? "allowed" : "refused");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tenants_reach_what_they_should_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
