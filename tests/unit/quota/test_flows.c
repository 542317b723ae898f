/* SPDX-License-Identifier: Apache-2.0 */
/* NetworkPolicies, one feature at a time: who is restricted, and by what a rule lets through. */
#include "quota/flows.h"

#include <string.h>

#include "cmocka_support.h"

static cJSON *json(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    return tree;
}

/* From pod app=web in namespace "one" to app=db in a namespace, with labels team=NAMESPACE. */
static bool web_reaches(const char *policies, const char *namespace_name, int64_t port)
{
    VCL_AUTO_JSON *all = json(policies);
    VCL_AUTO_JSON *web = json("{\"app\":\"web\"}");
    VCL_AUTO_JSON *db = json("{\"app\":\"db\",\"tier\":\"back\"}");
    VCL_AUTO_JSON *one = json("{\"team\":\"one\"}");
    VCL_AUTO_JSON *two = json("{\"team\":\"two\"}");
    bool same = strcmp(namespace_name, "one") == 0;
    const vcl_flow flow = { .from = { "one", one, web, "10.1.0.1" },
                            .to = { namespace_name, same ? one : two, db, "10.1.0.2" },
                            .port = port,
                            .port_name = port == 5432 ? "sql" : NULL };

    return vcl_flow_is_allowed(all, &flow);
}

static bool web_reaches_outside(const char *policies, const char *address)
{
    VCL_AUTO_JSON *all = json(policies);
    VCL_AUTO_JSON *web = json("{\"app\":\"web\"}");
    const vcl_flow flow = { .from = { "one", NULL, web, "10.1.0.1" },
                            .to = { .address = address },
                            .port = 443 };

    return vcl_flow_is_allowed(all, &flow);
}

#define POLICY(spec) "[{\"metadata\":{\"name\":\"p\",\"namespace\":\"one\"},\"spec\":{" spec "}}]"

static void pods_that_no_policy_selects_are_not_restricted(void **state)
{
    (void)state;
    assert_true(web_reaches("[]", "one", 80));
    assert_true(
        web_reaches(POLICY("\"podSelector\":{\"matchLabels\":{\"app\":\"x\"}}"), "one", 80));
    /* Both ends are selected; the policy is one of ingress alone. */
    assert_false(web_reaches(POLICY("\"podSelector\":{}"), "one", 80));
    assert_true(web_reaches(POLICY("\"podSelector\":{}"), "two", 80));
    assert_false(web_reaches(POLICY("\"podSelector\":{},\"policyTypes\":[\"Egress\"]"), "two", 80));
}

static void a_peer_without_a_namespace_selector_is_one_of_the_same_namespace(void **state)
{
    static const char same[] = POLICY("\"policyTypes\":[\"Egress\"],\"egress\":[{\"to\":[{"
                                      "\"podSelector\":{\"matchLabels\":{\"app\":\"db\"}}}]}]");
    static const char other[] =
        POLICY("\"egress\":[{\"to\":[{\"namespaceSelector\":{\"matchLabels\":{\"team\":\"two\"}},"
               "\"podSelector\":{\"matchLabels\":{\"app\":\"db\"}}}]}],\"policyTypes\":["
               "\"Egress\"]");
    (void)state;

    assert_true(web_reaches(same, "one", 80));
    assert_false(web_reaches(same, "two", 80));
    assert_false(web_reaches(other, "one", 80));
    assert_true(web_reaches(other, "two", 80));
}

#define INGRESS(ports) POLICY("\"podSelector\":{},\"ingress\":[{\"ports\":[" ports "]}]")

static void ports_are_numbers_ranges_names_and_protocols(void **state)
{
    (void)state;
    assert_true(web_reaches(INGRESS("{\"port\":80}"), "one", 80));
    assert_false(web_reaches(INGRESS("{\"port\":80}"), "one", 81));
    assert_true(web_reaches(INGRESS("{\"port\":80,\"endPort\":90}"), "one", 81));
    assert_false(web_reaches(INGRESS("{\"port\":80,\"endPort\":90}"), "one", 91));
    assert_true(web_reaches(INGRESS("{\"port\":\"sql\"}"), "one", 5432));
    assert_false(web_reaches(INGRESS("{\"port\":\"sql\"}"), "one", 80));
    assert_false(web_reaches(INGRESS("{\"protocol\":\"UDP\"}"), "one", 80));
    assert_true(web_reaches(INGRESS("{\"protocol\":\"TCP\"}"), "one", 80));
}

#define FROM(expression)                                                                           \
    POLICY("\"podSelector\":{\"matchExpressions\":[" expression "]},\"policyTypes\":["             \
           "\"Ingress\"]")

static void expressions_select_by_what_labels_are(void **state)
{
    (void)state;
    /* The policy lets nothing in: a flow that passes is one that it does not select. */
    assert_false(web_reaches(FROM("{\"key\":\"tier\",\"operator\":\"Exists\"}"), "one", 80));
    assert_true(web_reaches(FROM("{\"key\":\"tier\",\"operator\":\"DoesNotExist\"}"), "one", 80));
    assert_false(web_reaches(
        FROM("{\"key\":\"tier\",\"operator\":\"In\",\"values\":[\"front\",\"back\"]}"), "one", 80));
    assert_true(web_reaches(FROM("{\"key\":\"tier\",\"operator\":\"NotIn\",\"values\":[\"back\"]}"),
                            "one", 80));
    assert_false(web_reaches(
        FROM("{\"key\":\"zone\",\"operator\":\"NotIn\",\"values\":[\"back\"]}"), "one", 80));
}

#define BLOCK(block)                                                                               \
    POLICY("\"policyTypes\":[\"Egress\"],\"egress\":[{\"to\":[{\"ipBlock\":{" block "}}]}]")

static void blocks_contain_addresses_that_are_not_excepted(void **state)
{
    static const char public[] =
        BLOCK("\"cidr\":\"0.0.0.0/0\",\"except\":[\"10.0.0.0/8\",\"172.16.0.0/12\"]");
    (void)state;

    assert_true(web_reaches_outside(public, "8.8.8.8"));
    assert_false(web_reaches_outside(public, "10.255.0.1"));
    assert_false(web_reaches_outside(public, "172.31.0.1"));
    assert_true(web_reaches_outside(public, "172.32.0.1"));
    assert_false(web_reaches_outside(public, "2001:db8::1"));
    assert_true(web_reaches_outside(BLOCK("\"cidr\":\"2001:db8::/33\""), "2001:db8::1"));
    assert_false(web_reaches_outside(BLOCK("\"cidr\":\"2001:db8::/33\""), "2001:db8:8000::1"));
    assert_false(web_reaches_outside(BLOCK("\"cidr\":\"8.8.8.8\""), "8.8.8.8"));
    assert_false(web_reaches_outside(BLOCK("\"cidr\":\"8.8.8.8/64\""), "8.8.8.8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pods_that_no_policy_selects_are_not_restricted),
        cmocka_unit_test(a_peer_without_a_namespace_selector_is_one_of_the_same_namespace),
        cmocka_unit_test(ports_are_numbers_ranges_names_and_protocols),
        cmocka_unit_test(expressions_select_by_what_labels_are),
        cmocka_unit_test(blocks_contain_addresses_that_are_not_excepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
