/* SPDX-License-Identifier: Apache-2.0 */
/* Printing the roles of operations. */
#include "cm.h"

#include <libvcluster/rights.h>
#include <string.h>

static char *print(const char *operations, const vcluster_rights_options *options)
{
    vcluster_error *error = NULL;
    char *yaml = NULL;

    assert_works(vcluster_rights(operations, NULL, options, &yaml, &error), &error);
    return yaml;
}

static void a_list_is_a_role_of_four_rules(void **state)
{
    vcluster_rights_options options = VCLUSTER_RIGHTS_OPTIONS_INIT;

    (void)state;
    options.namespace_name = "team";
    options.role_name = "reader";
    char *yaml = print("list", &options);
    assert_non_null(strstr(yaml, "kind: Role\n"));
    assert_non_null(strstr(yaml, "namespace: team\n"));
    assert_non_null(strstr(yaml, "name: reader\n"));
    assert_non_null(strstr(yaml, "  - statefulsets\n  verbs:\n  - list\n  - watch\n"));
    assert_null(strstr(yaml, "ClusterRole"));
    assert_null(strstr(yaml, "Binding"));
    assert_null(strstr(yaml, "create"));
    vcluster_free(yaml);
}

static void without_a_namespace_it_is_a_cluster_role(void **state)
{
    (void)state;
    char *yaml = print("create, delete", NULL);
    assert_non_null(strstr(yaml, "kind: ClusterRole\n"));
    assert_null(strstr(yaml, "kind: Role\n"));
    assert_non_null(strstr(yaml, "  - namespaces\n  verbs:\n  - get\n  - create\n  - list\n"));
    assert_non_null(strstr(yaml, "name: vcluster-operator\n"));
    vcluster_free(yaml);
}

static void an_account_is_bound_to_each_role(void **state)
{
    vcluster_rights_options options = VCLUSTER_RIGHTS_OPTIONS_INIT;

    (void)state;
    options.namespace_name = "team";
    options.service_account = "bot";
    char *yaml = print("why", &options);
    assert_non_null(strstr(yaml, "kind: ClusterRoleBinding\n"));
    assert_non_null(strstr(yaml, "kind: RoleBinding\n"));
    assert_non_null(strstr(yaml, "kind: ServiceAccount\n  name: bot\n  namespace: team\n"));
    vcluster_free(yaml);
}

static void the_configuration_decides_on_a_creation(void **state)
{
    vcluster_rights_options options = VCLUSTER_RIGHTS_OPTIONS_INIT;
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;
    char *yaml = NULL;

    (void)state;
    options.namespace_name = "team";
    char *plain = print("create", &options);
    assert_null(strstr(plain, "limitranges"));
    assert_works(
        vcluster_config_parse("{policies: {limitRange: {enabled: true}}}", &config, &error),
        &error);
    assert_works(vcluster_rights("create", config, &options, &yaml, &error), &error);
    assert_non_null(strstr(yaml, "  - limitranges\n  verbs:\n  - get\n  - create\n  - patch\n"));
    vcluster_config_free(config);
    vcluster_free(plain);
    vcluster_free(yaml);
}

static void an_adoption_applies_what_the_chart_makes_and_deletes_none_of_it(void **state)
{
    vcluster_rights_options options = VCLUSTER_RIGHTS_OPTIONS_INIT;

    (void)state;
    options.namespace_name = "team";
    char *yaml = print("adopt", &options);
    assert_non_null(strstr(yaml, "  - services\n  verbs:\n  - get\n  - create\n  - patch\n"));
    assert_non_null(strstr(yaml, "  - roles\n  verbs:\n  - get\n  - create\n  - patch\n"));
    assert_non_null(strstr(yaml, "  - vclusters\n  verbs:\n  - get\n"));
    assert_non_null(strstr(yaml, "  - applications\n  verbs:\n  - get\n"));
    assert_null(strstr(yaml, "portforward"));
    vcluster_free(yaml);
}

static void who_asks_upstreams_control_plane_for_snapshots_brings_none_back(void **state)
{
    vcluster_rights_options options = VCLUSTER_RIGHTS_OPTIONS_INIT;

    (void)state;
    options.namespace_name = "team";
    char *keeper = print("request-snapshot", &options);
    char *restorer = print("restore-from", &options);
    char *file = print("restore", &options);
    assert_non_null(strstr(keeper, "  - configmaps\n  verbs:\n  - list\n  - watch\n  - create\n"));
    assert_null(strstr(keeper, "patch"));
    assert_non_null(strstr(restorer, "  - persistentvolumeclaims\n  verbs:\n  - get\n"));
    assert_null(strstr(restorer, "configmaps"));
    assert_null(strstr(restorer, "pods/exec"));
    assert_non_null(strstr(file, "  - secrets\n  verbs:\n  - list\n  - get\n  - update\n- "));
    vcluster_free(keeper);
    vcluster_free(restorer);
    vcluster_free(file);
}

static void an_unknown_operation_is_refused_with_those_there_are(void **state)
{
    static const char *const wrong[] = { "lst", "", ",", "list creat" };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        vcluster_error *error = NULL;
        char *yaml = NULL;
        assert_int_equal(vcluster_rights(wrong[i], NULL, NULL, &yaml, &error),
                         VCLUSTER_E_INVALID_ARGUMENT);
        assert_null(yaml);
        assert_non_null(strstr(vcluster_error_to_string(error), "list, wait, why"));
        vcluster_error_free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_a_role_of_four_rules),
        cmocka_unit_test(without_a_namespace_it_is_a_cluster_role),
        cmocka_unit_test(an_account_is_bound_to_each_role),
        cmocka_unit_test(the_configuration_decides_on_a_creation),
        cmocka_unit_test(an_adoption_applies_what_the_chart_makes_and_deletes_none_of_it),
        cmocka_unit_test(who_asks_upstreams_control_plane_for_snapshots_brings_none_back),
        cmocka_unit_test(an_unknown_operation_is_refused_with_those_there_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
