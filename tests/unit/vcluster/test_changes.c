/* SPDX-License-Identifier: Apache-2.0 */
/* Plans: putting one together, its gravest impact, its two printed forms. */
#include "cmocka_support.h"

#include <string.h>

#include "vcluster/changes.h"

static vcluster_plan *plan_of(const vcl_change *changes, size_t count)
{
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    assert_int_equal(vcl_plan_new("upgrade", &plan, &error), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(vcl_plan_add(plan, &changes[i], &error), 0);
    return plan;
}

static void an_empty_plan_has_no_impact(void **state)
{
    vcluster_plan *plan = plan_of(NULL, 0);
    vcluster_error *error = NULL;
    char *text = NULL;

    (void)state;
    assert_int_equal(vcluster_plan_impact(plan), 0);
    assert_null(vcluster_plan_at(plan, 0));
    assert_int_equal(vcluster_plan_to_json(plan, &text, &error), 0);
    assert_string_equal(text, "{\"operation\":\"upgrade\",\"impact\":\"none\",\"changes\":[]}");
    free(text);
    assert_int_equal(vcluster_plan_to_text(plan, &text, &error), 0);
    assert_string_equal(text, "upgrade: 0 changes, impact none\n");
    free(text);
    vcluster_plan_free(plan);
}

static void the_gravest_change_is_the_impact_of_the_plan(void **state)
{
    const vcl_change changes[] = {
        { .action = VCLUSTER_ACTION_ADD, .impact = VCLUSTER_IMPACT_LIVE },
        { .action = VCLUSTER_ACTION_MODIFY, .impact = VCLUSTER_IMPACT_DATALOSS },
        { .action = VCLUSTER_ACTION_MODIFY, .impact = VCLUSTER_IMPACT_RESTART },
    };
    vcluster_plan *plan = plan_of(changes, 3);

    (void)state;
    assert_int_equal(vcluster_plan_impact(plan), VCLUSTER_IMPACT_DATALOSS);
    assert_int_equal((int)vcluster_plan_size(plan), 3);
    assert_string_equal(vcluster_change_kind(vcluster_plan_at(plan, 0)), "");
    vcluster_plan_free(plan);
}

static void both_forms_tell_object_field_and_reason(void **state)
{
    cJSON *one = cJSON_CreateNumber(1);
    cJSON *text_value = cJSON_CreateString("v1.35.4");
    const vcl_change changes[] = {
        { .action = VCLUSTER_ACTION_MODIFY,
          .impact = VCLUSTER_IMPACT_LIVE,
          .api_version = "apps/v1",
          .kind = "StatefulSet",
          .namespace_name = "team-a",
          .name = "dev",
          .path = ".spec.replicas",
          .before = one },
        { .action = VCLUSTER_ACTION_MODIFY,
          .impact = VCLUSTER_IMPACT_RESTART,
          .api_version = "apps/v1",
          .kind = "StatefulSet",
          .namespace_name = "team-a",
          .name = "dev",
          .path = ".spec.x",
          .after = text_value,
          .reason = "a new pod" },
        { .action = VCLUSTER_ACTION_REMOVE,
          .impact = VCLUSTER_IMPACT_LIVE,
          .api_version = "v1",
          .kind = "Namespace",
          .name = "team-a" },
    };
    vcluster_plan *plan = plan_of(changes, 3);
    vcluster_error *error = NULL;
    char *text = NULL;

    (void)state;
    assert_int_equal(vcluster_plan_to_text(plan, &text, &error), 0);
    assert_string_equal(text, "upgrade: 3 changes, impact restart\n"
                              "~ StatefulSet team-a/dev\n"
                              "    .spec.replicas: 1 -> (none)  [live]\n"
                              "    .spec.x: (none) -> \"v1.35.4\"  [restart] a new pod\n"
                              "- Namespace team-a  [live]\n");
    free(text);
    assert_int_equal(vcluster_plan_to_json(plan, &text, &error), 0);
    assert_non_null(strstr(text, "{\"action\":\"modify\",\"impact\":\"restart\",\"apiVersion\":"
                                 "\"apps/v1\",\"kind\":\"StatefulSet\",\"namespace\":\"team-a\","
                                 "\"name\":\"dev\",\"path\":\".spec.x\",\"after\":\"v1.35.4\","
                                 "\"reason\":\"a new pod\"}"));
    assert_non_null(strstr(text, "\"before\":1}"));
    free(text);
    vcluster_plan_free(plan);
    cJSON_Delete(one);
    cJSON_Delete(text_value);
}

static void names_are_told_for_every_value(void **state)
{
    (void)state;
    assert_string_equal(vcluster_action_name(VCLUSTER_ACTION_LEAK), "leak");
    assert_string_equal(vcluster_action_name(99), "unknown");
    assert_string_equal(vcluster_impact_name(VCLUSTER_IMPACT_REFUSED), "refused");
    assert_string_equal(vcluster_impact_name(99), "unknown");
}

static void nothing_may_be_null_but_what_is_freed(void **state)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    (void)state;
    vcluster_plan_free(NULL);
    assert_int_equal(vcluster_plan_to_json(NULL, &text, &error), VCLUSTER_E_INVALID_ARGUMENT);
    vcluster_error_free(error);
    error = NULL;
    assert_int_equal(vcluster_plan_to_text(NULL, &text, &error), VCLUSTER_E_INVALID_ARGUMENT);
    vcluster_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_plan_has_no_impact),
        cmocka_unit_test(the_gravest_change_is_the_impact_of_the_plan),
        cmocka_unit_test(both_forms_tell_object_field_and_reason),
        cmocka_unit_test(names_are_told_for_every_value),
        cmocka_unit_test(nothing_may_be_null_but_what_is_freed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
