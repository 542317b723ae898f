/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks: what annotations say, the record of a release, and back. */
#include "chart/hook.h"

#include <string.h>

#include "base/str.h"
#include "chart_fixture.h"
#include "cmocka_support.h"

/* A Job with these annotations. */
static char *job(const char *annotations)
{
    return vcl_format("kind: Job\nmetadata: {name: j, annotations: %s}\n", annotations);
}

static void add(vcl_hooks *hooks, const char *annotations)
{
    vcl_auto_free char *text = job(annotations);

    assert_int_equal(vcl_hooks_add(hooks, "c/templates/j.yaml", text, fixture_values(text), NULL),
                     0);
}

static void annotations_are_read(void **state)
{
    vcl_hooks hooks = { 0 };

    (void)state;
    add(&hooks, "{helm.sh/hook: ' Pre-Install,test-success', helm.sh/hook-weight: -3,"
                " helm.sh/hook-delete-policy: 'hook-failed, Hook-Succeeded,x',"
                " helm.sh/hook-output-log-policy: hook-failed}");
    add(&hooks, "{helm.sh/hook: post-delete, helm.sh/hook-weight: many}");
    assert_int_equal(hooks.count, 2);
    assert_string_equal(hooks.items[0].name, "j");
    assert_string_equal(hooks.items[0].kind, "Job");
    assert_int_equal(hooks.items[0].events, VCL_HOOK_PRE_INSTALL | VCL_HOOK_TEST);
    assert_int_equal(hooks.items[0].weight, -3);
    assert_int_equal(hooks.items[0].delete_policies, VCL_HOOK_ON_FAILURE | VCL_HOOK_ON_SUCCESS);
    assert_int_equal(hooks.items[0].output_log_policies, VCL_HOOK_ON_FAILURE);
    assert_int_equal(hooks.items[1].weight, 0);
    assert_int_equal(hooks.items[1].delete_policies, VCL_HOOK_BEFORE_CREATION);
    vcl_hooks_done(&hooks);
}

static void unknown_events_are_told_from_known_ones(void **state)
{
    (void)state;
    assert_true(vcl_hook_events_known("pre-install"));
    assert_true(vcl_hook_events_known(" PRE-install , post-rollback,test"));
    assert_false(vcl_hook_events_known(""));
    assert_false(vcl_hook_events_known("pre-install,"));
    assert_false(vcl_hook_events_known("pre-install,pre-instal"));
    assert_false(vcl_hook_events_known("a-very-long-name-that-no-event-has"));
    assert_string_equal(vcl_hook_event_name(VCL_HOOK_TEST), "test");
    assert_null(vcl_hook_event_name((vcl_hook_event)0));
}

static void hooks_survive_the_record_of_a_release(void **state)
{
    vcl_hooks hooks = { 0 };
    vcl_hooks again = { 0 };

    (void)state;
    add(&hooks, "{helm.sh/hook: 'test-success,pre-delete', helm.sh/hook-weight: '7',"
                " helm.sh/hook-delete-policy: strange}");
    assert_true(vcl_hook_ran(&hooks.items[0], 1767322800, 0, "Running"));
    VCL_AUTO_JSON *json = vcl_hooks_to_json(&hooks);
    vcl_auto_free char *text = vcl_json_print_go(json);
    assert_non_null(strstr(text, "\"path\":\"c/templates/j.yaml\",\"manifest\":"));
    assert_non_null(strstr(text,
                           "\"events\":[\"test\",\"pre-delete\"],\"last_run\":{\"started_at\":"
                           "\"2026-01-02T03:00:00Z\",\"completed_at\":\"\",\"phase\":"
                           "\"Running\"},\"weight\":7,\"delete_policies\":[\"strange\"]}"));
    assert_int_equal(vcl_hooks_from_json(json, &again, NULL), 0);
    assert_int_equal(again.count, 1);
    assert_int_equal(again.items[0].events, VCL_HOOK_TEST | VCL_HOOK_PRE_DELETE);
    assert_int_equal(again.items[0].delete_policies, 0);
    assert_string_equal(vcl_json_find_string(again.items[0].object, "kind", NULL), "Job");
    VCL_AUTO_JSON *twice = vcl_hooks_to_json(&again);
    vcl_auto_free char *second = vcl_json_print_go(twice);
    assert_string_equal(text, second);
    vcl_hooks_done(&hooks);
    vcl_hooks_done(&again);
}

static void records_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = { "{}", "[1]", "[{}]", "[{name: a, manifest: 'x: ['}]",
                                       "[{manifest: []}]" };
    vcl_hooks hooks = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        VCL_AUTO_JSON *json = fixture_values(bad[i]);
        assert_true(vcl_hooks_from_json(json, &hooks, NULL) < 0);
        assert_int_equal(hooks.count, 0);
    }
    assert_int_equal(vcl_hooks_from_json(NULL, &hooks, NULL), 0);
    assert_int_equal(hooks.count, 0);
}

static void tests_can_be_left_out_of_the_print(void **state)
{
    vcl_hooks hooks = { 0 };

    (void)state;
    add(&hooks, "{helm.sh/hook: test}");
    add(&hooks, "{helm.sh/hook: pre-install}");
    vcl_auto_free char *all = vcl_hooks_print(&hooks, false);
    vcl_auto_free char *some = vcl_hooks_print(&hooks, true);
    assert_non_null(strstr(all, "---\n# Source: c/templates/j.yaml\nkind: Job"));
    assert_non_null(strstr(all, "helm.sh/hook: test"));
    assert_null(strstr(some, "helm.sh/hook: test"));
    assert_non_null(strstr(some, "pre-install"));
    vcl_hooks_done(&hooks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(annotations_are_read),
        cmocka_unit_test(unknown_events_are_told_from_known_ones),
        cmocka_unit_test(hooks_survive_the_record_of_a_release),
        cmocka_unit_test(records_that_are_none_are_refused),
        cmocka_unit_test(tests_can_be_left_out_of_the_print),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
