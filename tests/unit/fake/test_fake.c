/* SPDX-License-Identifier: Apache-2.0 */
/* The fake host through the public interface: what a user's unit test does with it. */
#include "../vcluster/cm.h"

#include <libvcluster/vcluster.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "test_await.h"

static vcluster_client *host;
static vcluster_error *error;

static void start(const char *objects, const char *faults)
{
    vcluster_fake_options options = VCLUSTER_FAKE_OPTIONS_INIT;

    options.objects = objects;
    options.faults = faults;
    options.timeout_ms = patience_ms(20000);
    assert_works(vcluster_client_new_fake(&options, &host, &error), &error);
}

static int end(void **state)
{
    (void)state;
    vcluster_client_unref(host);
    host = NULL;
    vcl_error_clear(&error);
    return 0;
}

static int create(const char *name, vcluster_error **why)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_instance *instance = NULL;

    options.distribution = "embedded";
    int status = vcluster_instance_create(host, name, NULL, &options, &instance, why);
    assert_true(status < 0 || vcluster_instance_ready(instance));
    vcluster_instance_free(instance);
    return status;
}

static size_t count_instances(void)
{
    vcluster_instance_list *list = NULL;

    assert_works(vcluster_instance_list_new(host, NULL, &list, &error), &error);
    size_t count = vcluster_instance_list_size(list);
    vcluster_instance_list_free(list);
    return count;
}

/* The requests as text. */
static char *requests(bool forget)
{
    char *text = NULL;

    assert_works(vcluster_fake_requests(host, forget, &text, &error), &error);
    return text;
}

static int apply(vcluster_client *client,
                 const char *manifest,
                 const vcluster_resource_apply_options *options,
                 vcluster_error **why)
{
    return vcluster_resource_apply(client, manifest, options, NULL, why);
}

static char *get(vcluster_client *client, const char *kind, const char *ns, const char *name)
{
    const char *version = vcl_streq(kind, "StatefulSet") ? "apps/v1" : "v1";
    char *json = NULL;

    int status = vcluster_resource_get(client, version, kind, ns, name, NULL, &json, &error);
    if (status == VCLUSTER_E_NOT_FOUND)
        vcl_error_clear(&error);
    else
        assert_works(status, &error);
    return json;
}

static void assert_says(char *json, const char *part)
{
    assert_non_null(json);
    if (!strstr(json, part))
        fail_msg("'%s' is not in: %s", part, json);
    vcluster_free(json);
}

/* ---- Virtual clusters ---- */

static void a_virtual_cluster_is_ready_and_goes_without_a_trace(void **state)
{
    (void)state;
    start(NULL, NULL);
    assert_works(create("dev", &error), &error);
    assert_int_equal(count_instances(), 1);
    assert_works(vcluster_instance_delete(host, "dev", NULL, &error), &error);
    assert_int_equal(count_instances(), 0);
    assert_null(get(host, "Namespace", NULL, "vcluster-dev"));
    assert_null(get(host, "Secret", "vcluster-dev", "vc-dev"));
}

static void a_virtual_cluster_has_objects_of_its_own(void **state)
{
    vcluster_client *inside = NULL;

    (void)state;
    start(NULL, NULL);
    assert_works(create("dev", &error), &error);
    assert_works(vcluster_instance_open(host, "dev", NULL, &inside, &error), &error);
    assert_works(
        apply(inside, "{apiVersion: v1, kind: Namespace, metadata: {name: blue}}", NULL, &error),
        &error);
    assert_says(get(inside, "Namespace", NULL, "blue"), "\"phase\":\"Active\"");
    assert_null(get(host, "Namespace", NULL, "blue"));
    vcluster_client_unref(inside);
    assert_says(requests(false), "{\"cluster\":\"vcluster-dev/dev\",\"method\":\"GET\",\"path\":"
                                 "\"/readyz\",\"status\":200}");
}

static size_t count_forwards(void)
{
    char *text = requests(false);
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, "/portforward?")); at++)
        count++;
    vcluster_free(text);
    return count;
}

static vcluster_client *open_in(const char *namespace_name)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;

    options.namespace_name = namespace_name;
    assert_works(vcluster_instance_open(host, "dev", &options, &inside, &error), &error);
    return inside;
}

static void wait_for_a_forward(void)
{
    assert_true(test_await(count_forwards() > 0));
}

static size_t count_requests(void)
{
    char *text = requests(false);
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, "\"method\":")); at++)
        count++;
    vcluster_free(text);
    return count;
}

/* One whose namespace is known is not searched for where its pod answers: its Secret, the Service
 * that owns that, and whether it is paused, are all that is read. On a machine that is busy the pod
 * may be too slow to be waited for. */
static void a_pod_that_answers_says_enough(void **state)
{
    (void)state;
    start(NULL, NULL);
    assert_works(create("dev", &error), &error);
    for (int tries = 0; tries < 20; tries++) {
        vcluster_free(requests(true));
        vcluster_client *inside = open_in("vcluster-dev");
        size_t count = count_requests();

        vcluster_client_unref(inside);
        if (count == 4)
            return;
    }
    fail_msg("more than 4 requests each time");
}

/* Whose pod may run on for a while. */
static void one_that_was_just_paused_is_not_opened(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;

    (void)state;
    start(NULL, NULL);
    assert_works(create("dev", &error), &error);
    assert_works(
        vcluster_resource_patch(host, "apps/v1", "StatefulSet", "vcluster-dev", "dev",
                                "{\"metadata\":{\"annotations\":{\"loft.sh/paused\":\"true\"}}}",
                                NULL, NULL, &error),
        &error);
    assert_says(get(host, "Pod", "vcluster-dev", "dev-0"), "\"phase\":\"Running\"");
    options.namespace_name = "vcluster-dev";
    assert_fails(vcluster_instance_open(host, "dev", &options, &inside, &error),
                 VCLUSTER_E_PRECONDITION, &error, "is paused");
    assert_null(inside);
}

/* The way in is begun beside the search, and its first request takes it: the pod is asked once. */
static void opening_asks_the_pod_once(void **state)
{
    const char *const namespaces[] = { "vcluster-dev", NULL };

    (void)state;
    start(NULL, NULL);
    assert_works(create("dev", &error), &error);
    for (size_t i = 0; i < 2; i++) {
        char *version = NULL;

        vcluster_free(requests(true));
        vcluster_client *inside = open_in(namespaces[i]);
        wait_for_a_forward(); /* without any request of ours */
        assert_works(vcluster_client_server_version(inside, NULL, &version, &error), &error);
        assert_int_equal(count_forwards(), 1);
        vcluster_free(version);
        vcluster_client_unref(inside);
    }
}

/* Its way in may be anywhere between its first byte and its last. */
static void one_that_is_opened_may_stay_unused(void **state)
{
    (void)state;
    start(NULL, NULL);
    assert_works(create("dev", &error), &error);
    for (useconds_t us = 0; us < 20000; us += 1000) {
        vcluster_client *inside = open_in("vcluster-dev");

        (void)usleep(us);
        vcluster_client_unref(inside);
    }
}

/* What was begun ahead and fails is not repeated: the first request looks for the pod itself. */
static void a_way_that_is_not_there_is_looked_for_anew(void **state)
{
    char *version = NULL;

    (void)state;
    start(NULL, NULL);
    assert_works(create("dev", &error), &error);
    assert_works(vcluster_fake_set_faults(host, "[{path: '*/portforward', status: 500}]", &error),
                 &error);
    vcluster_free(requests(true));
    vcluster_client *inside = open_in("vcluster-dev");
    assert_works(vcluster_client_server_version(inside, NULL, &version, &error), &error);
    assert_int_equal(count_forwards(), 2);
    vcluster_free(version);
    vcluster_client_unref(inside);
}

static void a_read_that_fails_ends_the_way_that_was_begun(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;

    (void)state;
    start(NULL, NULL);
    assert_works(create("dev", &error), &error);
    options.namespace_name = "vcluster-dev";
    for (int ms = 0; ms < 20; ms++) {
        char *faults = vcl_format("[{path: '*/secrets/vc-dev', status: 403, delayMs: %d}]", ms);

        assert_works(vcluster_fake_set_faults(host, faults, &error), &error);
        assert_fails(vcluster_instance_open(host, "dev", &options, &inside, &error),
                     VCLUSTER_E_PERMISSION, &error, "vc-dev");
        free(faults);
    }
    assert_null(inside);
    vcluster_client_unref(open_in("vcluster-dev"));
}

static void *cancel_once_begun(void *data)
{
    wait_for_a_forward();
    vcluster_cancel_trigger(data);
    return NULL;
}

static void a_way_that_was_begun_ends_when_opening_is_cancelled(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_error *why = NULL;
    vcluster_client *inside = NULL;
    vcluster_cancel *cancel = NULL;
    pthread_t canceller;

    (void)state;
    start(NULL, NULL);
    assert_works(create("dev", &error), &error);
    assert_works(vcluster_fake_set_faults(
                     host, "[{path: '*/secrets/vc-dev', delayMs: 3600000, times: 0}]", &error),
                 &error);
    assert_works(vcluster_cancel_new(&cancel, &error), &error);
    vcluster_free(requests(true));
    assert_int_equal(pthread_create(&canceller, NULL, cancel_once_begun, cancel), 0);
    options.namespace_name = "vcluster-dev";
    options.cancel = cancel;
    assert_fails(vcluster_instance_open(host, "dev", &options, &inside, &why), VCLUSTER_E_CANCELLED,
                 &why, "cancelled");
    assert_int_equal(pthread_join(canceller, NULL), 0);
    assert_null(inside);
    vcluster_cancel_free(cancel);
}

static void an_upgrade_makes_the_pod_anew_and_keeps_what_is_inside(void **state)
{
    vcluster_client *inside = NULL;
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_config *config = NULL;

    (void)state;
    start(NULL, NULL);
    options.distribution = "embedded";
    assert_works(create("dev", &error), &error);
    assert_works(vcluster_instance_open(host, "dev", NULL, &inside, &error), &error);
    assert_works(
        apply(inside, "{apiVersion: v1, kind: Namespace, metadata: {name: blue}}", NULL, &error),
        &error);
    const char *yaml = "{controlPlane: {statefulSet: {pods: {labels: {tier: gold}}}}}";
    assert_works(vcluster_config_parse(yaml, &config, &error), &error);
    assert_works(vcluster_instance_ensure(host, "dev", config, &options, NULL, &error), &error);
    assert_says(get(host, "Pod", "vcluster-dev", "dev-0"), "\"tier\":\"gold\"");
    assert_says(get(inside, "Namespace", NULL, "blue"), "\"phase\":\"Active\"");
    vcluster_config_free(config);
    vcluster_client_unref(inside);
}

static void a_paused_virtual_cluster_has_no_pod_until_it_is_resumed(void **state)
{
    (void)state;
    start(NULL, NULL);
    assert_works(create("dev", &error), &error);
    assert_works(vcluster_instance_pause(host, "dev", NULL, &error), &error);
    assert_null(get(host, "Pod", "vcluster-dev", "dev-0"));
    assert_works(vcluster_instance_resume(host, "dev", NULL, &error), &error);
    assert_says(get(host, "Pod", "vcluster-dev", "dev-0"), "\"phase\":\"Running\"");
}

static void a_deleted_pod_comes_back(void **state)
{
    (void)state;
    start(
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: default}, spec: "
        "{replicas: 2, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, "
        "spec: {containers: [{name: c, image: d}]}}}}",
        NULL);
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    char *json = NULL;
    char *again = NULL;

    options.label_selector = "a in (b, c),!d";
    assert_works(vcluster_resource_list(host, "v1", "Pod", &options, &json, &error), &error);
    const char *name = strstr(json, "\"name\":\"web-");
    assert_non_null(name);
    char *first = vcl_strndup(name + 8, strcspn(name + 8, "\""));
    assert_works(vcluster_resource_delete(host, "v1", "Pod", "default", first, NULL, &error),
                 &error);
    assert_works(vcluster_resource_list(host, "v1", "Pod", &options, &again, &error), &error);
    assert_non_null(strstr(again, first));
    assert_string_not_equal(json, again); /* another uid */
    free(first);
    vcluster_free(json);
    vcluster_free(again);
}

/* ---- Objects ---- */

static const char settings[] = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: "
                               "default}, data: {x: '1', y: '2'}}";

static void an_apply_takes_away_what_its_manager_names_no_more(void **state)
{
    vcluster_resource_apply_options mine = VCLUSTER_RESOURCE_APPLY_OPTIONS_INIT;
    vcluster_resource_apply_options other = VCLUSTER_RESOURCE_APPLY_OPTIONS_INIT;

    (void)state;
    start(NULL, NULL);
    mine.field_manager = "me";
    other.field_manager = "you";
    assert_works(apply(host, settings, &mine, &error), &error);
    assert_works(apply(host,
                       "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, "
                       "data: {z: '3'}}",
                       &other, &error),
                 &error);
    assert_works(apply(host,
                       "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, "
                       "data: {x: '1'}}",
                       &mine, &error),
                 &error);
    assert_says(get(host, "ConfigMap", "default", "a"), "\"data\":{\"x\":\"1\",\"z\":\"3\"}");
}

static void an_apply_to_the_field_of_another_is_a_conflict_unless_forced(void **state)
{
    vcluster_resource_apply_options other = VCLUSTER_RESOURCE_APPLY_OPTIONS_INIT;
    const char *change = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: "
                         "default}, data: {x: '9'}}";

    (void)state;
    start(NULL, NULL);
    other.field_manager = "you";
    assert_works(apply(host, settings, NULL, &error), &error);
    assert_fails(apply(host, change, &other, &error), VCLUSTER_E_CONFLICT, &error, ".data.x");
    other.force = 1;
    assert_works(apply(host, change, &other, &error), &error);
    assert_says(get(host, "ConfigMap", "default", "a"), "\"x\":\"9\"");
}

static void an_object_in_a_namespace_that_is_not_there_is_refused(void **state)
{
    (void)state;
    start(NULL, NULL);
    assert_fails(apply(host,
                       "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: nowhere}}",
                       NULL, &error),
                 VCLUSTER_E_NOT_FOUND, &error, "namespaces \"nowhere\" not found");
}

static void what_has_an_owner_goes_with_it(void **state)
{
    char *json = NULL;

    (void)state;
    start(settings, NULL);
    json = get(host, "ConfigMap", "default", "a");
    const char *uid = strstr(json, "\"uid\":\"") + 7;
    char *owned =
        vcl_format("{apiVersion: v1, kind: Secret, metadata: {name: b, namespace: default,"
                   " ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: a, uid: "
                   "%.*s}]}}",
                   (int)strcspn(uid, "\""), uid);
    assert_works(vcluster_fake_put(host, owned, &error), &error);
    assert_works(vcluster_resource_delete(host, "v1", "ConfigMap", "default", "a", NULL, &error),
                 &error);
    assert_null(get(host, "Secret", "default", "b"));
    free(owned);
    vcluster_free(json);
}

static void an_object_with_a_finalizer_stays_until_that_is_gone(void **state)
{
    (void)state;
    start("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default, finalizers: "
          "[example.com/wait]}}",
          NULL);
    assert_works(vcluster_resource_delete(host, "v1", "ConfigMap", "default", "a", NULL, &error),
                 &error);
    assert_says(get(host, "ConfigMap", "default", "a"), "\"deletionTimestamp\"");
    assert_works(vcluster_resource_patch(host, "v1", "ConfigMap", "default", "a",
                                         "{\"metadata\":{\"finalizers\":null}}", NULL, NULL,
                                         &error),
                 &error);
    assert_null(get(host, "ConfigMap", "default", "a"));
}

/* Ends with the second thing that is told. */
static int count_two(const char *type, const char *json, void *data)
{
    int *count = data;

    (void)type;
    (void)json;
    if (++*count == 1)
        assert_works(vcluster_fake_put(host,
                                       "{apiVersion: v1, kind: ConfigMap, metadata: {name: b, "
                                       "namespace: default}}",
                                       &error),
                     &error);
    return *count == 2;
}

static void a_watch_tells_what_is_put_while_it_goes_on(void **state)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    int count = 0;

    (void)state;
    start(settings, NULL);
    options.namespace_name = "default";
    options.field_selector = "metadata.name!=kube-root-ca.crt";
    assert_works(
        vcluster_resource_watch(host, "v1", "ConfigMap", &options, count_two, &count, &error),
        &error);
    assert_int_equal(count, 2);
}

static void put_settings(const char *name, const char *tier)
{
    char *yaml = vcl_format("{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: "
                            "default, labels: {tier: %s}}}",
                            name, tier);

    assert_works(vcluster_fake_put(host, yaml, &error), &error);
    free(yaml);
}

/* What a watch told: types, and the tier of each object. */
typedef struct heard {
    char text[256];
    int count;
} heard;

/* After each event comes the next change; the last ends the watch. */
static int change_tiers(const char *type, const char *json, void *data)
{
    heard *seen = data;
    size_t used = strlen(seen->text);
    const char *tier = strstr(json, "\"tier\":\"") + 8;

    (void)snprintf(seen->text + used, sizeof(seen->text) - used, "%s %.*s, ", type,
                   (int)strcspn(tier, "\""), tier);
    switch (++seen->count) {
    case 1: /* it stops to match; another one never does */
        put_settings("b", "tin");
        put_settings("a", "tin");
        return 0;
    case 2: /* it begins to match; the other one changes unseen */
        put_settings("b", "lead");
        put_settings("a", "gold");
        return 0;
    case 3:
        assert_works(
            vcluster_resource_delete(host, "v1", "ConfigMap", "default", "a", NULL, &error),
            &error);
        return 0;
    default:
        return 1;
    }
}

static void a_watch_is_told_what_begins_and_stops_to_match(void **state)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    heard seen = { 0 };

    (void)state;
    start(NULL, NULL);
    put_settings("a", "gold");
    options.namespace_name = "default";
    options.label_selector = "tier=gold";
    assert_works(
        vcluster_resource_watch(host, "v1", "ConfigMap", &options, change_tiers, &seen, &error),
        &error);
    assert_string_equal(seen.text, "ADDED gold, DELETED gold, ADDED gold, DELETED gold, ");
}

static int end_at_once(int event, const vcluster_instance *instance, void *data)
{
    heard *seen = data;

    (void)snprintf(seen->text, sizeof(seen->text), "%d %s", event,
                   vcluster_instance_name(instance));
    return 1;
}

/* Such watches have the server tell its state as events. */
static void a_watch_of_virtual_clusters_begins_with_those_that_are(void **state)
{
    heard seen = { 0 };

    (void)state;
    start(NULL, NULL);
    assert_works(create("dev", &error), &error);
    vcluster_free(requests(true));
    assert_works(vcluster_instance_watch(host, NULL, end_at_once, &seen, &error), &error);
    assert_string_equal(seen.text, "1 dev");
    char *asked = requests(false);
    assert_non_null(strstr(asked, "sendInitialEvents=true"));
    assert_null(strstr(asked, "limit="));
    vcluster_free(asked);
}

/* ---- Faults ---- */

static void a_fault_answers_the_request_with_that_number(void **state)
{
    char *version = NULL;

    (void)state;
    start(NULL,
          "[{method: GET, path: /version, at: 2, status: 403, reason: Forbidden, message: not "
          "today}]");
    assert_works(vcluster_client_server_version(host, NULL, &version, &error), &error);
    vcluster_free(version);
    assert_works(apply(host, settings, NULL, &error), &error);
    assert_works(vcluster_fake_set_faults(host,
                                          "[{path: '*/configmaps/a', times: 0, status: 403, "
                                          "reason: Forbidden, message: not today}]",
                                          &error),
                 &error);
    assert_fails(apply(host, settings, NULL, &error), VCLUSTER_E_PERMISSION, &error, "not today");
    assert_works(vcluster_fake_set_faults(host, NULL, &error), &error);
    assert_works(apply(host, settings, NULL, &error), &error);
}

static void a_fault_without_a_reason_has_that_of_its_status(void **state)
{
    (void)state;
    start(NULL, "[{method: PATCH, status: 403}]");
    assert_int_equal(apply(host, settings, NULL, &error), VCLUSTER_E_PERMISSION);
    assert_string_equal(vcluster_error_reason(error), "Forbidden");
}

static void a_server_that_is_busy_once_is_asked_again(void **state)
{
    (void)state;
    start(NULL, "[{method: PATCH, status: 503, retryAfter: 1, delayMs: 1}]");
    assert_works(apply(host, settings, NULL, &error), &error);
    char *told = requests(true);
    assert_non_null(strstr(told, "\"status\":503"));
    assert_says(told, "\"status\":201");
    assert_says(requests(false), "[]");
}

static void a_create_goes_on_after_connections_that_were_cut(void **state)
{
    static const char *const cuts[] = { "before", "after", "answer" };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char *faults = vcl_format("[{method: PATCH, path: '*/statefulsets/*', cut: %s}, {method: "
                                  "GET, path: '/api/v1/*', at: 5, cut: %s}]",
                                  cuts[i], cuts[i]);
        start(NULL, faults);
        free(faults);
        assert_works(create("dev", &error), &error);
        vcluster_client_unref(host);
        host = NULL;
    }
}

static void every_mistake_in_a_script_is_a_finding(void **state)
{
    (void)state;
    start(NULL, NULL);
    int status = vcluster_fake_set_faults(
        host, "[{status: 99}, {metod: GET, status: 500}, {path: /x}, 7, {cut: maybe}]", &error);
    assert_int_equal(status, VCLUSTER_E_CONFIG);
    assert_int_equal(vcluster_error_finding_count(error), 5);
    vcl_error_clear(&error);
    assert_fails(vcluster_fake_set_faults(host, "{}", &error), VCLUSTER_E_CONFIG, &error,
                 "no list");
}

static void a_real_client_has_no_fake_host(void **state)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;

    (void)state;
    options.kubeconfig_text =
        "{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: "
        "'http://127.0.0.1:1'}}], users: [{name: c, user: {}}], contexts: [{name: c, context: "
        "{cluster: c, user: c}}]}";
    assert_works(vcluster_client_new(&options, &host, &error), &error);
    assert_fails(vcluster_fake_set_faults(host, NULL, &error), VCLUSTER_E_INVALID_ARGUMENT, &error,
                 "of a real cluster");
}

static void objects_of_unknown_kinds_are_refused(void **state)
{
    vcluster_fake_options options = VCLUSTER_FAKE_OPTIONS_INIT;

    (void)state;
    options.objects = "{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}}";
    assert_fails(vcluster_client_new_fake(&options, &host, &error), VCLUSTER_E_CONFIG, &error,
                 "'Thing'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_virtual_cluster_is_ready_and_goes_without_a_trace, end),
        cmocka_unit_test_teardown(a_virtual_cluster_has_objects_of_its_own, end),
        cmocka_unit_test_teardown(a_pod_that_answers_says_enough, end),
        cmocka_unit_test_teardown(one_that_was_just_paused_is_not_opened, end),
        cmocka_unit_test_teardown(opening_asks_the_pod_once, end),
        cmocka_unit_test_teardown(one_that_is_opened_may_stay_unused, end),
        cmocka_unit_test_teardown(a_way_that_is_not_there_is_looked_for_anew, end),
        cmocka_unit_test_teardown(a_read_that_fails_ends_the_way_that_was_begun, end),
        cmocka_unit_test_teardown(a_way_that_was_begun_ends_when_opening_is_cancelled, end),
        cmocka_unit_test_teardown(an_upgrade_makes_the_pod_anew_and_keeps_what_is_inside, end),
        cmocka_unit_test_teardown(a_paused_virtual_cluster_has_no_pod_until_it_is_resumed, end),
        cmocka_unit_test_teardown(a_deleted_pod_comes_back, end),
        cmocka_unit_test_teardown(an_apply_takes_away_what_its_manager_names_no_more, end),
        cmocka_unit_test_teardown(an_apply_to_the_field_of_another_is_a_conflict_unless_forced,
                                  end),
        cmocka_unit_test_teardown(an_object_in_a_namespace_that_is_not_there_is_refused, end),
        cmocka_unit_test_teardown(what_has_an_owner_goes_with_it, end),
        cmocka_unit_test_teardown(an_object_with_a_finalizer_stays_until_that_is_gone, end),
        cmocka_unit_test_teardown(a_watch_tells_what_is_put_while_it_goes_on, end),
        cmocka_unit_test_teardown(a_watch_is_told_what_begins_and_stops_to_match, end),
        cmocka_unit_test_teardown(a_watch_of_virtual_clusters_begins_with_those_that_are, end),
        cmocka_unit_test_teardown(a_fault_answers_the_request_with_that_number, end),
        cmocka_unit_test_teardown(a_fault_without_a_reason_has_that_of_its_status, end),
        cmocka_unit_test_teardown(a_server_that_is_busy_once_is_asked_again, end),
        cmocka_unit_test_teardown(a_create_goes_on_after_connections_that_were_cut, end),
        cmocka_unit_test_teardown(every_mistake_in_a_script_is_a_finding, end),
        cmocka_unit_test_teardown(a_real_client_has_no_fake_host, end),
        cmocka_unit_test_teardown(objects_of_unknown_kinds_are_refused, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
