/* SPDX-License-Identifier: Apache-2.0 */
/* Release records and the lock on them, against a host in memory. */
#include "cm.h"

#include "base/clock.h"
#include "chart/release.h"
#include "fake_host.h"
#include "release/record.h"
#include "small_chart.h"
#include "vcluster/client.h"

static const char path[] = "/api/v1/namespaces/ns/secrets/sh.helm.release.v1.dev.v1";

static fake_host *host;
static vcluster_client *client;
static vcluster_chart *chart;
static vcl_call call;

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    chart = small_chart_new("vcluster-embedded");
    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_chart_free(chart);
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static cJSON *encoded(int revision, const char *status)
{
    vcl_release_info info = { .name = "dev",
                              .namespace_name = "ns",
                              .revision = revision,
                              .status = status,
                              .description = "d" };
    vcluster_error *error = NULL;
    cJSON *secret = NULL;

    assert_works(vcl_release_encode(&info, chart, NULL, "", NULL, &secret, &error), &error);
    assert_true(vcl_json_set_string(vcl_json_object(secret, "metadata"), "namespace", "ns"));
    return secret;
}

/* Put a record on the host; expires is relative to now, holder NULL: no lock. */
static void put_record(int revision, const char *status, const char *holder, int64_t expires_s)
{
    VCL_AUTO_JSON *secret = encoded(revision, status);
    char until[VCL_RFC3339_SIZE];

    if (holder) {
        cJSON *annotations = vcl_json_object(vcl_json_object(secret, "metadata"), "annotations");
        vcl_rfc3339(vcl_wall_seconds() + expires_s, -1, until);
        assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_HOLDER, holder));
        assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_EXPIRES, until));
    }
    char *json = vcl_json_print(secret);
    fake_host_put(host, json);
    free(json);
}

static vcl_record *found(void)
{
    vcl_record *record = NULL;
    vcluster_error *error = NULL;

    assert_works(vcl_record_find(client->kube, &call, "dev", "ns", &record, &error), &error);
    return record;
}

/* What the host has: an annotation (NULL: none), and the status label. */
static void assert_stored(const char *holder, const char *status)
{
    VCL_AUTO_JSON *secret = fake_host_get(host, path);
    VCL_AUTO_JSON *release = NULL;
    vcluster_error *error = NULL;

    assert_non_null(secret);
    const char *held =
        vcl_json_find_string(secret, "metadata", "annotations", VCL_ANNOTATION_HOLDER, NULL);
    if (!vcl_streq(held, holder))
        fail_msg("held by '%s' instead of '%s'", vcl_str(held), vcl_str(holder));
    assert_string_equal(vcl_json_find_string(secret, "metadata", "labels", "status", NULL), status);
    assert_works(vcl_release_decode(secret, &release, &error), &error);
    assert_string_equal(vcl_json_find_string(release, "info", "status", NULL), status);
}

static void create_writes_the_record_with_our_lock(void **state)
{
    vcl_record *record = NULL;
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcl_record_create(client->kube, &call, "dev", "ns", encoded(1, "pending-install"),
                                   &record, &error),
                 &error);
    assert_true(vcl_record_is_pending(record));
    assert_false(vcl_record_is_deployed(record));
    assert_non_null(record->holder);
    assert_stored(record->holder, "pending-install");

    VCL_AUTO_JSON *secret = fake_host_get(host, path);
    int64_t until = 0;
    assert_string_equal(vcl_json_find_string(secret, "type", NULL), "helm.sh/release.v1");
    assert_true(vcl_parse_rfc3339(
        vcl_json_find_string(secret, "metadata", "annotations", VCL_ANNOTATION_EXPIRES, NULL),
        &until));
    assert_in_range(until - vcl_wall_seconds(), 13, 15);
    vcl_record_free(record);
}

static void create_fails_when_another_was_faster(void **state)
{
    vcl_record *record = NULL;
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "pending-install", "other", 15);
    assert_fails(vcl_record_create(client->kube, &call, "dev", "ns", encoded(1, "pending-install"),
                                   &record, &error),
                 VCLUSTER_E_ALREADY_EXISTS, &error, "sh.helm.release.v1.dev.v1");
    assert_null(record);
    assert_stored("other", "pending-install");
}

static void find_gives_the_newest_revision_or_nothing(void **state)
{
    (void)state;
    assert_null(found());
    put_record(2, "superseded", NULL, 0);
    put_record(10, "deployed", NULL, 0);
    put_record(9, "failed", NULL, 0);

    vcl_record *record = found();
    assert_string_equal(record->status, "deployed");
    assert_true(vcl_record_is_deployed(record));
    assert_string_equal(record->namespace_name, "ns");
    vcl_record_free(record);
}

static void lock_is_taken_when_nobody_holds_it(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "deployed", NULL, 0);
    vcl_record *record = found();
    assert_works(vcl_record_lock(client->kube, &call, record, "uninstalling", false, &error),
                 &error);
    assert_stored(record->holder, "uninstalling");
    vcl_record_free(record);
}

static void lock_from_a_status_is_refused_for_any_other(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "uninstalling", "dead", -1);
    vcl_record *record = found();
    assert_fails(
        vcl_record_lock_from(client->kube, &call, record, "deployed", "pending-upgrade", &error),
        VCLUSTER_E_CONFLICT, &error, "its release has the status 'uninstalling'");
    assert_stored("dead", "uninstalling");
    put_record(1, "pending-upgrade", "dead", -1);
    assert_works(
        vcl_record_lock_from(client->kube, &call, record, "deployed", "pending-upgrade", &error),
        &error);
    assert_stored(record->holder, "pending-upgrade");
    vcl_record_free(record);
}

static void lock_of_another_is_a_conflict_at_the_deadline(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "pending-install", "other", 15);
    vcl_record *record = found();
    vcl_call_init(&call, 200, 200, NULL, NULL, NULL);
    assert_fails(vcl_record_lock(client->kube, &call, record, "pending-install", false, &error),
                 VCLUSTER_E_CONFLICT, &error, "another operation on 'dev' was still at work");
    assert_stored("other", "pending-install");
    assert_int_equal(fake_host_requests(host, "PUT", ""), 0);
    vcl_record_free(record);
}

static void lock_of_another_is_taken_over_when_it_expires(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "pending-install", "other", 1);
    vcl_record *record = found();
    assert_works(vcl_record_lock(client->kube, &call, record, "pending-install", false, &error),
                 &error);
    assert_stored(record->holder, "pending-install");
    vcl_record_free(record);
}

static void lock_that_expired_long_ago_costs_no_waiting(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "uninstalling", "other", -3600);
    vcl_record *record = found();
    vcl_call_init(&call, 400, 400, NULL, NULL, NULL);
    assert_works(vcl_record_lock(client->kube, &call, record, "pending-install", false, &error),
                 &error);
    assert_int_equal(fake_host_requests(host, "PUT", ""), 1);
    vcl_record_free(record);
}

static void give_back(fake_host *of, void *data)
{
    (void)of;
    (void)data;
    put_record(1, "failed", NULL, 0);
}

static void give_back_before_the_next_look(fake_host *of, void *data)
{
    (void)data;
    fake_host_before(of, "GET", "/secrets/sh.helm", give_back, NULL);
}

static void lock_is_taken_as_soon_as_it_is_given_back(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "pending-install", "other", 15);
    vcl_record *record = found();
    fake_host_before(host, "GET", "/secrets/sh.helm", give_back_before_the_next_look, NULL);
    vcl_call_init(&call, 5000, 5000, NULL, NULL, NULL);
    assert_works(vcl_record_lock(client->kube, &call, record, "pending-install", false, &error),
                 &error);
    assert_stored(record->holder, "pending-install");
    assert_int_equal(fake_host_requests(host, "GET", "/secrets/sh.helm"), 2);
    vcl_record_free(record);
}

static void cancelling_ends_the_wait_for_a_lock(void **state)
{
    vcluster_cancel *cancel = NULL;
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "pending-install", "other", 15);
    vcl_record *record = found();
    assert_works(vcluster_cancel_new(&cancel, &error), &error);
    vcl_call_init(&call, 5000, 5000, cancel, NULL, NULL);
    vcluster_cancel_trigger(cancel);
    assert_fails(vcl_record_lock(client->kube, &call, record, "pending-install", false, &error),
                 VCLUSTER_E_CANCELLED, &error, "cancelled");
    vcl_record_free(record);
    vcluster_cancel_free(cancel);
}

static void pending_by_helm_is_refused_unless_taken_over(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "pending-upgrade", NULL, 0);
    vcl_record *record = found();
    assert_int_equal(vcl_record_lock(client->kube, &call, record, "pending-install", false, &error),
                     VCLUSTER_E_CONFLICT);
    assert_error_says(error, "take_over");
    assert_string_equal(vcluster_error_reason(error), "pending-upgrade");
    vcl_error_clear(&error);
    assert_stored(NULL, "pending-upgrade");

    assert_works(vcl_record_lock(client->kube, &call, record, "pending-install", true, &error),
                 &error);
    assert_stored(record->holder, "pending-install");
    vcl_record_free(record);
}

static void somebody_else_takes_it(fake_host *of, void *data)
{
    (void)of;
    (void)data;
    put_record(1, "pending-install", "faster", 15);
}

static void of_two_takers_one_waits(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "failed", NULL, 0);
    vcl_record *record = found();
    fake_host_before(host, "PUT", "/secrets/", somebody_else_takes_it, NULL);
    vcl_call_init(&call, 300, 300, NULL, NULL, NULL);
    assert_fails(vcl_record_lock(client->kube, &call, record, "pending-install", false, &error),
                 VCLUSTER_E_CONFLICT, &error, "still at work");
    assert_stored("faster", "pending-install");
    vcl_record_free(record);
}

static void lock_of_a_record_that_is_gone_is_not_found(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "deployed", NULL, 0);
    vcl_record *record = found();
    assert_works(vcl_record_delete(client->kube, &call, "dev", "ns", &error), &error);
    assert_fails(vcl_record_lock(client->kube, &call, record, "uninstalling", false, &error),
                 VCLUSTER_E_NOT_FOUND, &error, "sh.helm.release.v1.dev.v1");
    vcl_record_free(record);
}

static vcl_record *locked(void)
{
    vcl_record *record = NULL;
    vcluster_error *error = NULL;

    assert_works(vcl_record_create(client->kube, &call, "dev", "ns", encoded(1, "pending-install"),
                                   &record, &error),
                 &error);
    return record;
}

static void renew_writes_only_when_it_is_due(void **state)
{
    vcl_record *record = locked();
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcl_record_renew(client->kube, &call, record, &error), &error);
    assert_int_equal(fake_host_requests(host, "PUT", ""), 0);
    record->renewed_ms -= 6000;
    assert_works(vcl_record_renew(client->kube, &call, record, &error), &error);
    assert_int_equal(fake_host_requests(host, "PUT", ""), 1);
    assert_works(vcl_record_renew(client->kube, &call, record, &error), &error);
    assert_int_equal(fake_host_requests(host, "PUT", ""), 1);
    vcl_record_free(record);
}

static void renew_of_a_lost_lock_is_a_conflict(void **state)
{
    vcl_record *record = locked();
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "pending-install", "other", 15);
    record->renewed_ms -= 6000;
    assert_fails(vcl_record_renew(client->kube, &call, record, &error), VCLUSTER_E_CONFLICT, &error,
                 "another operation has taken over");
    assert_stored("other", "pending-install");
    vcl_record_free(record);
}

static void replace_keeps_the_lock_and_changes_the_release(void **state)
{
    VCL_AUTO_JSON *other = encoded(1, "pending-upgrade");
    vcl_record *record = locked();
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcl_record_replace(client->kube, &call, record, other, &error), &error);
    assert_stored(record->holder, "pending-upgrade");
    vcl_record_free(record);
}

static void finish_gives_the_lock_back(void **state)
{
    vcl_record *record = locked();
    vcluster_error *error = NULL;

    (void)state;
    assert_works(
        vcl_record_finish(client->kube, &call, record, "deployed", "Install complete", &error),
        &error);
    assert_stored(NULL, "deployed");
    vcl_record_free(record);
}

static void delete_takes_all_revisions_and_no_namesakes(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_record(1, "superseded", NULL, 0);
    put_record(2, "deployed", NULL, 0);
    fake_host_put(host, "{apiVersion: v1, kind: Secret, metadata: {name: "
                        "sh.helm.release.v1.dev-1.v1, namespace: ns, labels: {owner: helm, name: "
                        "dev-1}}}");
    assert_works(vcl_record_delete(client->kube, &call, "dev", "ns", &error), &error);
    assert_int_equal(fake_host_count(host, "/secrets/"), 1);
    assert_works(vcl_record_delete(client->kube, &call, "dev", "ns", &error), &error);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(create_writes_the_record_with_our_lock),
        CASE(create_fails_when_another_was_faster),
        CASE(find_gives_the_newest_revision_or_nothing),
        CASE(lock_is_taken_when_nobody_holds_it),
        CASE(lock_from_a_status_is_refused_for_any_other),
        CASE(lock_of_another_is_a_conflict_at_the_deadline),
        CASE(lock_of_another_is_taken_over_when_it_expires),
        CASE(lock_that_expired_long_ago_costs_no_waiting),
        CASE(lock_is_taken_as_soon_as_it_is_given_back),
        CASE(cancelling_ends_the_wait_for_a_lock),
        CASE(pending_by_helm_is_refused_unless_taken_over),
        CASE(of_two_takers_one_waits),
        CASE(lock_of_a_record_that_is_gone_is_not_found),
        CASE(renew_writes_only_when_it_is_due),
        CASE(renew_of_a_lost_lock_is_a_conflict),
        CASE(replace_keeps_the_lock_and_changes_the_release),
        CASE(finish_gives_the_lock_back),
        CASE(delete_takes_all_revisions_and_no_namesakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
