/* SPDX-License-Identifier: Apache-2.0 */
/* Upgrading releases and rolling them back, on a host in memory; what an upgrade would change. */
#include "release_fixture.h"

#define EXTRA "/api/v1/namespaces/ns/configmaps/r-extra"
#define TEXT "/api/v1/namespaces/ns/configmaps/r-text"
#define KEPT "/api/v1/namespaces/ns/configmaps/r-kept"

static void give_address(cJSON *object, void *data)
{
    (void)data;
    if (vcl_streq(vcl_json_find_string(object, "kind", NULL), "Service"))
        assert_true(vcl_json_set_string(vcl_json_object(object, "spec"), "clusterIP", "10.0.0.1"));
}

static int begin(void **state)
{
    int status = fixture_begin(state);

    fake_host_on_write(fx.host, give_address, NULL);
    fixture_namespace();
    fx.options.skip_crds = 1;
    return status;
}

static void an_upgrade_makes_a_new_revision(void **state)
{
    (void)state;
    install_works(NULL);
    count_from_here();
    upgrade_works("text=two,extra=false");

    assert_string_equal(status_of(1), "superseded");
    assert_string_equal(status_of(2), "deployed");
    assert_string_equal(text_in("text", "text"), "two");
    assert_string_equal(text_in("text", "revision"), "2");
    assert_string_equal(text_in("text", "more"), "");
    assert_false(exists(EXTRA));
    VCL_AUTO_JSON *record = record_of(2);
    assert_string_equal(vcl_json_find_string(record, "info", "description", NULL),
                        "Upgrade complete");
    /* One write an object, one for what goes, three of records. */
    assert_int_equal(counted("PATCH", ""), 3);
    assert_int_equal(counted("DELETE", ""), 1);
    assert_int_equal(counted("POST", "/secrets"), 1);
    assert_int_equal(counted("PUT", "/secrets"), 2);
    assert_int_equal(counted("GET", "/configmaps/r-text"), 1);
}

static void without_a_release_it_is_refused_or_installs(void **state)
{
    (void)state;
    upgrade_fails(NULL, VCLUSTER_E_NOT_FOUND, "does not exist");
    fx.options.install = 1;
    upgrade_works(NULL);
    assert_string_equal(status_of(1), "deployed");
    VCL_AUTO_JSON *record = record_of(1);
    assert_string_equal(vcl_json_find_string(record, "info", "description", NULL),
                        "Install complete");
    assert_string_equal(text_in("extra", "upgrade"), "false");
    upgrade_works(NULL);
    assert_string_equal(text_in("extra", "upgrade"), "true");
}

static void values_stay_unless_others_are_given(void **state)
{
    (void)state;
    install_works("text=a,extra=false");
    upgrade_works(NULL);
    assert_string_equal(text_in("text", "text"), "a");
    assert_false(exists(EXTRA));
    upgrade_works("text=b"); /* the given ones alone count */
    assert_string_equal(text_in("text", "text"), "b");
    assert_true(exists(EXTRA));
}

static void values_by_policy(void **state)
{
    (void)state;
    install_works("text=a,extra=false");
    fx.options.value_policy = VCLUSTER_VALUES_REUSE;
    upgrade_works("kept=true");
    assert_string_equal(text_in("text", "text"), "a");
    assert_false(exists(EXTRA));
    assert_true(exists(KEPT));

    fx.options.value_policy = VCLUSTER_VALUES_RESET_THEN_REUSE;
    upgrade_works("text=b");
    assert_string_equal(text_in("text", "text"), "b");
    assert_false(exists(EXTRA));
    VCL_AUTO_JSON *record = record_of(3);
    VCL_AUTO_JSON *config = vcl_json_copy(vcl_json_get(record, "config"));
    char *text = vcl_json_print_go(config);
    assert_string_equal(text, "{\"extra\":false,\"kept\":true,\"text\":\"b\"}");
    free(text);

    fx.options.value_policy = VCLUSTER_VALUES_RESET;
    upgrade_works(NULL);
    assert_string_equal(text_in("text", "text"), "one");
    assert_true(exists(EXTRA));

    fx.options.value_policy = 9;
    upgrade_fails(NULL, VCLUSTER_E_INVALID_ARGUMENT, "value_policy");
}

static void what_is_to_be_kept_stays(void **state)
{
    (void)state;
    install_works("kept=true");
    upgrade_works("kept=false");
    assert_true(exists(KEPT));
}

static void what_another_release_has_taken_meanwhile_stays(void **state)
{
    (void)state;
    install_works(NULL);
    fake_host_put(fx.host,
                  "{apiVersion: v1, kind: ConfigMap, metadata: {name: r-extra, namespace: ns, "
                  "labels: {app.kubernetes.io/managed-by: Helm}, annotations: "
                  "{meta.helm.sh/release-name: other, meta.helm.sh/release-namespace: ns}}}");
    upgrade_works("extra=false");
    assert_true(exists(EXTRA));
    upgrade_fails("extra=true", VCLUSTER_E_ALREADY_EXISTS, "");
}

static void an_object_that_lost_its_marks_is_marked_again(void **state)
{
    (void)state;
    install_works(NULL);
    fake_host_put(fx.host, "{apiVersion: v1, kind: ConfigMap, metadata: {name: r-text, namespace: "
                           "ns}, data: {}}");
    upgrade_works(NULL);
    VCL_AUTO_JSON *object = fake_host_get(fx.host, TEXT);
    assert_string_equal(
        vcl_json_find_string(object, "metadata", "annotations", "meta.helm.sh/release-name", NULL),
        RELEASE);
}

static void what_helm_wrote_is_moved_to_server_side_apply_first(void **state)
{
    (void)state;
    install_works(NULL);
    fake_host_put(fx.host,
                  "{apiVersion: v1, kind: ConfigMap, metadata: {name: r-text, namespace: ns, "
                  "managedFields: [{manager: helm, operation: Update, apiVersion: v1, fieldsType: "
                  "FieldsV1, fieldsV1: {'f:data': {'f:text': {}}}}]}}");
    count_from_here();
    upgrade_works(NULL);
    assert_int_equal(counted("PATCH", TEXT), 2);
    assert_int_equal(counted("PATCH", EXTRA), 1);
}

static void a_failed_upgrade_leaves_the_old_one_deployed(void **state)
{
    (void)state;
    install_works("text=a");
    fake_host_fail(fx.host, "PATCH", "/services/", 422);
    upgrade_fails("text=b", VCLUSTER_E_INVALID_ARGUMENT, "apply Service 'r'");
    assert_string_equal(status_of(1), "deployed");
    assert_string_equal(status_of(2), "failed");
    fake_host_heal(fx.host);
    upgrade_works(NULL); /* with the values of the one that is deployed */
    assert_string_equal(status_of(1), "superseded");
    assert_string_equal(status_of(2), "failed");
    assert_string_equal(status_of(3), "deployed");
    assert_string_equal(text_in("text", "text"), "a");
}

static void what_a_failed_upgrade_made_goes_with_the_next(void **state)
{
    (void)state;
    install_works("extra=false");
    fake_host_fail(fx.host, "PATCH", "/services/", 422);
    upgrade_fails("extra=true", VCLUSTER_E_INVALID_ARGUMENT, "");
    assert_true(exists(EXTRA));
    fake_host_heal(fx.host);
    upgrade_works("extra=false");
    assert_false(exists(EXTRA));
}

static void a_failed_install_can_be_upgraded(void **state)
{
    (void)state;
    fake_host_fail(fx.host, "PATCH", "/services/", 422);
    install_fails(NULL, VCLUSTER_E_INVALID_ARGUMENT, "");
    fake_host_heal(fx.host);
    upgrade_works(NULL);
    assert_string_equal(status_of(1), "failed");
    assert_string_equal(status_of(2), "deployed");
}

static void an_atomic_upgrade_that_fails_is_rolled_back(void **state)
{
    (void)state;
    install_works("text=a,extra=false");
    fx.options.atomic = 1;
    /* No ConfigMap of the new text is ever accepted. */
    fake_host_fail(fx.host, "PATCH", "/configmaps/r-kept", 422);
    upgrade_fails("text=b,kept=true", VCLUSTER_E_INVALID_ARGUMENT, "was rolled back");
    assert_string_equal(status_of(2), "failed");
    assert_string_equal(status_of(3), "deployed");
    assert_string_equal(text_in("text", "text"), "a");
    assert_false(exists(EXTRA));
}

static void an_upgrade_that_was_killed_is_completed(void **state)
{
    (void)state;
    install_works("text=a");
    upgrade_works("text=b");
    leave_pending(2, "pending-upgrade", "dead", -1);
    install_fails(NULL, VCLUSTER_E_ALREADY_EXISTS, "pending-upgrade");
    upgrade_works("text=c,extra=false");
    assert_string_equal(status_of(1), "superseded");
    assert_string_equal(status_of(2), "deployed");
    assert_string_equal(status_of(3), "");
    assert_string_equal(text_in("text", "text"), "c");
    assert_false(exists(EXTRA));
}

static void what_helm_left_pending_is_taken_over_only_when_asked(void **state)
{
    (void)state;
    install_works(NULL);
    upgrade_works(NULL);
    leave_pending(2, "pending-upgrade", NULL, 0);
    upgrade_fails(NULL, VCLUSTER_E_CONFLICT, "take_over");
    rollback_fails(0, VCLUSTER_E_CONFLICT, "take_over");
    fx.options.take_over = 1;
    upgrade_works("text=c");
    assert_string_equal(status_of(2), "deployed");
}

static void another_one_is_faster(fake_host *host, void *data)
{
    (void)data;
    fake_host_put(host, "{apiVersion: v1, kind: Secret, metadata: {name: "
                        "sh.helm.release.v1.r.v2, namespace: ns, labels: {owner: helm, name: r, "
                        "version: '2', status: pending-upgrade}}}");
}

static void of_two_upgrades_at_once_one_has_to_wait(void **state)
{
    (void)state;
    install_works(NULL);
    fake_host_before(fx.host, "POST", "/secrets", another_one_is_faster, NULL);
    upgrade_fails("text=b", VCLUSTER_E_CONFLICT, "take_over");
    assert_string_equal(text_in("text", "text"), "one");
}

static void being_uninstalled(fake_host *host, void *data)
{
    (void)host;
    (void)data;
    leave_pending(1, "uninstalling", "alive", 60);
}

static void an_upgrade_gives_way_to_an_uninstall(void **state)
{
    (void)state;
    install_works(NULL);
    fake_host_before(fx.host, "POST", "/secrets", being_uninstalled, NULL);
    upgrade_fails("text=b", VCLUSTER_E_CONFLICT, "being uninstalled");
    assert_string_equal(status_of(2), "");
    assert_string_equal(text_in("text", "text"), "one");
}

static void being_restored(fake_host *host, void *data)
{
    (void)host;
    (void)data;
    leave_pending(1, "pending-upgrade", "alive", 60);
}

/* A restore makes no revision: it holds that from which the upgrade starts. */
static void an_upgrade_gives_way_to_a_restore(void **state)
{
    (void)state;
    install_works(NULL);
    fake_host_before(fx.host, "POST", "/secrets", being_restored, NULL);
    fx.options.timeout_ms = 800;
    upgrade_fails("text=b", VCLUSTER_E_CONFLICT, "still at work");
    assert_string_equal(status_of(2), "");
    assert_string_equal(text_in("text", "text"), "one");
}

static void gone(fake_host *host, void *data)
{
    (void)data;
    fake_host_remove(host, "/api/v1/namespaces/ns/secrets/sh.helm.release.v1.r.v1");
}

static void an_upgrade_of_what_was_just_uninstalled_leaves_nothing(void **state)
{
    (void)state;
    install_works(NULL);
    fake_host_before(fx.host, "POST", "/secrets", gone, NULL);
    upgrade_fails("text=b", VCLUSTER_E_CONFLICT, "removed at this moment");
    assert_string_equal(status_of(2), "");
    assert_string_equal(text_in("text", "text"), "one");
}

static void a_rollback_gives_way_to_an_uninstall(void **state)
{
    (void)state;
    install_works(NULL);
    upgrade_works("text=b");
    fake_host_before(fx.host, "POST", "/secrets", being_uninstalled, NULL);
    rollback_fails(0, VCLUSTER_E_CONFLICT, "being uninstalled");
    assert_string_equal(status_of(3), "");
    assert_string_equal(text_in("text", "text"), "b");
}

static void old_revisions_are_dropped(void **state)
{
    (void)state;
    fx.options.history_max = 3;
    install_works(NULL);
    for (int i = 0; i < 4; i++)
        upgrade_works(NULL);
    assert_string_equal(status_of(2), "");
    assert_string_equal(status_of(3), "superseded");
    assert_string_equal(status_of(5), "deployed");
    fx.options.history_max = -1;
    for (int i = 0; i < 8; i++)
        upgrade_works(NULL);
    assert_string_equal(status_of(3), "superseded");
    fx.options.history_max = 0;
    upgrade_works(NULL);
    assert_string_equal(status_of(4), "");
    assert_string_equal(status_of(5), "superseded");
    assert_string_equal(status_of(14), "deployed");
}

static void the_deployed_revision_is_never_dropped(void **state)
{
    (void)state;
    fx.options.history_max = 2;
    install_works(NULL);
    fake_host_fail(fx.host, "PATCH", "/services/", 422);
    for (int i = 0; i < 4; i++)
        upgrade_fails(NULL, VCLUSTER_E_INVALID_ARGUMENT, "");
    assert_string_equal(status_of(1), "deployed");
}

static void a_rollback_makes_the_earlier_one_the_newest(void **state)
{
    (void)state;
    install_works("text=a");
    upgrade_works("text=b,extra=false");
    rollback_works(0);
    assert_string_equal(status_of(2), "superseded");
    assert_string_equal(status_of(3), "deployed");
    assert_string_equal(text_in("text", "text"), "a");
    assert_string_equal(text_in("text", "revision"), "1"); /* nothing is rendered again */
    assert_true(exists(EXTRA));
    VCL_AUTO_JSON *record = record_of(3);
    VCL_AUTO_JSON *first = record_of(1);
    assert_string_equal(vcl_json_find_string(record, "info", "description", NULL), "Rollback to 1");
    assert_int_equal(vcl_json_find_int(record, 0, "version", NULL), 3);
    assert_string_equal(vcl_json_find_string(record, "info", "first_deployed", NULL),
                        vcl_json_find_string(first, "info", "first_deployed", NULL));
    rollback_works(2);
    assert_string_equal(text_in("text", "text"), "b");
    assert_false(exists(EXTRA));
}

static void a_rollback_to_nowhere_is_refused(void **state)
{
    (void)state;
    rollback_fails(0, VCLUSTER_E_NOT_FOUND, "does not exist");
    install_works(NULL);
    rollback_fails(0, VCLUSTER_E_NOT_FOUND, "no revision before");
    rollback_fails(7, VCLUSTER_E_NOT_FOUND, "no revision 7");
    rollback_fails(-1, VCLUSTER_E_INVALID_ARGUMENT, "-1");
}

static void a_rollback_that_was_killed_is_completed(void **state)
{
    (void)state;
    install_works("text=a");
    upgrade_works("text=b");
    rollback_works(0);
    leave_pending(3, "pending-rollback", "dead", -1);
    rollback_works(0);
    assert_string_equal(status_of(3), "deployed");
    assert_string_equal(status_of(4), "");
    assert_string_equal(text_in("text", "text"), "a");
}

static void a_dry_run_writes_nothing(void **state)
{
    (void)state;
    install_works(NULL);
    upgrade_works("text=b");
    fx.options.dry_run = 1;
    count_from_here();
    upgrade_works("text=c");
    rollback_works(0);
    uninstall_works();
    assert_int_equal(counted("POST", "") + counted("PUT", "") + counted("DELETE", ""), 0);
    assert_int_equal(counted("PATCH", ""), counted("PATCH", "dryRun=All"));
    assert_string_equal(text_in("text", "text"), "b");
}

static const cJSON *change_of(const cJSON *changes, const char *name)
{
    const cJSON *change;

    cJSON_ArrayForEach (change, changes) {
        if (vcl_streq(vcl_json_find_string(change, "name", NULL), name))
            return change;
    }
    return NULL;
}

static void a_diff_tells_what_would_change(void **state)
{
    (void)state;
    install_works(NULL);
    count_from_here();
    VCL_AUTO_JSON *changes = diff_of("text=second,extra=false,kept=true");

    assert_int_equal(counted("POST", "") + counted("PUT", "") + counted("DELETE", ""), 0);
    assert_int_equal(counted("PATCH", ""), counted("PATCH", "dryRun=All"));
    assert_int_equal(cJSON_GetArraySize(changes), 4); /* the Service stays the same */
    assert_string_equal(vcl_json_find_string(change_of(changes, "r-extra"), "change", NULL),
                        "delete");
    assert_string_equal(vcl_json_find_string(change_of(changes, "r-kept"), "change", NULL), "add");
    const cJSON *text = change_of(changes, "r-text");
    assert_string_equal(vcl_json_find_string(text, "change", NULL), "modify");
    assert_string_equal(vcl_json_find_string(text, "namespace", NULL), NAMESPACE);
    assert_int_equal(cJSON_GetArraySize(vcl_json_get(text, "fields")), 3);
    const cJSON *secret =
        cJSON_GetArrayItem(vcl_json_get(change_of(changes, "r-secret"), "fields"), 0);
    assert_string_equal(vcl_json_find_string(secret, "path", NULL), ".data.text");
    assert_string_equal(vcl_json_find_string(secret, "old", NULL), "(secret, 3 bytes)");
    assert_string_equal(vcl_json_find_string(secret, "new", NULL), "(secret, 6 bytes)");
}

static void a_diff_of_nothing_is_empty(void **state)
{
    (void)state;
    install_works(NULL);
    VCL_AUTO_JSON *changes = diff_of(NULL);
    /* The chart writes its revision. */
    assert_int_equal(cJSON_GetArraySize(changes), 2);
    assert_non_null(change_of(changes, "r-text"));
    assert_non_null(change_of(changes, "r-extra"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_upgrade_makes_a_new_revision),
        TEST(without_a_release_it_is_refused_or_installs),
        TEST(values_stay_unless_others_are_given),
        TEST(values_by_policy),
        TEST(what_is_to_be_kept_stays),
        TEST(what_another_release_has_taken_meanwhile_stays),
        TEST(an_object_that_lost_its_marks_is_marked_again),
        TEST(what_helm_wrote_is_moved_to_server_side_apply_first),
        TEST(a_failed_upgrade_leaves_the_old_one_deployed),
        TEST(what_a_failed_upgrade_made_goes_with_the_next),
        TEST(a_failed_install_can_be_upgraded),
        TEST(an_atomic_upgrade_that_fails_is_rolled_back),
        TEST(an_upgrade_that_was_killed_is_completed),
        TEST(what_helm_left_pending_is_taken_over_only_when_asked),
        TEST(of_two_upgrades_at_once_one_has_to_wait),
        TEST(an_upgrade_gives_way_to_an_uninstall),
        TEST(an_upgrade_gives_way_to_a_restore),
        TEST(an_upgrade_of_what_was_just_uninstalled_leaves_nothing),
        TEST(a_rollback_gives_way_to_an_uninstall),
        TEST(old_revisions_are_dropped),
        TEST(the_deployed_revision_is_never_dropped),
        TEST(a_rollback_makes_the_earlier_one_the_newest),
        TEST(a_rollback_to_nowhere_is_refused),
        TEST(a_rollback_that_was_killed_is_completed),
        TEST(a_dry_run_writes_nothing),
        TEST(a_diff_tells_what_would_change),
        TEST(a_diff_of_nothing_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
