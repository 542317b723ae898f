/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A life of virtual clusters, from a plan to the reaper, and what is refused on the way. The same
 * scenario as run.py and run_test.go, with the same transcript (expected.txt). The host is one in
 * memory.
 */
#include <libvcluster/vcluster.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char less_memory[] =
    "controlPlane: {statefulSet: {resources: {limits: {memory: 3Gi}}}}";
static const char two_stores[] =
    "controlPlane: {backingStore: {etcd: {deploy: {enabled: true}, embedded: {enabled: true}}}}";
static const char ingresses[] = "sync: {toHost: {ingresses: {enabled: true}}}";
static const char full[] = "{apiVersion: v1, kind: Namespace, metadata: {name: full}}\n---\n"
                           "{apiVersion: v1, kind: ResourceQuota, metadata: {name: none, "
                           "namespace: full}, spec: {hard: {pods: 0}}}\n";
static const char expires[] = "libvcluster.dev/expires-at";
static const char reaping[] = "libvcluster.dev/reaping";
static const char argo[] = "argocd.argoproj.io/tracking-id";
static const char guard[] = "loft.sh/non-deletable";
static const char long_ago[] = "2020-01-01T00:00:00Z";

static const vcluster_ensure_options embedded = { .struct_size = sizeof(embedded),
                                                  .distribution = "embedded" };

static vcluster_client *host;
static vcluster_error *error;

/* What must not fail ends the program where it does. */
static void check(int status)
{
    if (status >= 0)
        return;
    fprintf(stderr, "%s\n", vcluster_error_to_string(error));
    exit(1);
}

/* What must fail, and the code it fails with. */
static void refused(const char *what, int status)
{
    printf("%s: %s\n", what, status < 0 ? vcluster_status_name(status) : "not refused");
    for (size_t i = 0; i < vcluster_error_finding_count(error); i++) {
        const vcluster_finding *one = vcluster_error_finding_at(error, i);
        printf("%s: %s %s %s\n", what, vcluster_severity_name(vcluster_finding_severity(one)),
               vcluster_finding_rule(one), vcluster_finding_path(one));
    }
    vcluster_error_free(error);
    error = NULL;
}

/* As somebody else would; NULL takes the annotation away. */
static void annotate(const char *name, const char *key, const char *value)
{
    char namespace_name[64];
    char patch[256];
    const char *quote = value ? "\"" : "";

    snprintf(namespace_name, sizeof(namespace_name), "vcluster-%s", name);
    snprintf(patch, sizeof(patch), "{\"metadata\": {\"annotations\": {\"%s\": %s%s%s}}}", key,
             quote, value ? value : "null", quote);
    check(vcluster_resource_patch(host, "apps/v1", "StatefulSet", namespace_name, name, patch, NULL,
                                  NULL, &error));
}

static void tell(const char *what, const vcluster_instance *instance)
{
    printf("%s: %s, %s, owner '%s'\n", what, vcluster_instance_status(instance),
           vcluster_instance_expires_at(instance) ? "expires" : "for ever",
           vcluster_instance_owner(instance));
}

static void tell_one(const char *what, const char *name)
{
    vcluster_instance *instance = NULL;

    check(vcluster_instance_get(host, name, NULL, &instance, &error));
    tell(what, instance);
    vcluster_instance_free(instance);
}

static void expect_none(const char *what)
{
    vcluster_instance *instance = NULL;

    refused(what, vcluster_instance_get(host, "dev", NULL, &instance, &error));
    vcluster_instance_free(instance);
}

static void tell_list(void)
{
    vcluster_instance_list *list = NULL;

    check(vcluster_instance_list_new(host, NULL, &list, &error));
    for (size_t i = 0; i < vcluster_instance_list_size(list); i++) {
        const vcluster_instance *one = vcluster_instance_list_at(list, i);
        char what[80];

        snprintf(what, sizeof(what), "list: %s", vcluster_instance_name(one));
        tell(what, one);
    }
    vcluster_instance_list_free(list);
}

static void tell_summary(const char *what, const vcluster_plan *plan)
{
    int impact = vcluster_plan_impact(plan);

    printf("%s: %s, %s\n", what, vcluster_plan_operation(plan),
           impact ? vcluster_impact_name(impact) : "nothing");
}

static void tell_plan(const char *what, const vcluster_plan *plan)
{
    tell_summary(what, plan);
    for (size_t i = 0; i < vcluster_plan_size(plan); i++) {
        const vcluster_change *one = vcluster_plan_at(plan, i);
        const char *path = vcluster_change_path(one);

        printf("  %s %s %s/%s%s%s\n", vcluster_action_name(vcluster_change_action(one)),
               vcluster_impact_name(vcluster_change_impact(one)), vcluster_change_kind(one),
               vcluster_change_name(one), *path ? " " : "", path);
    }
}

static int tell_result(const vcluster_result *result, void *data)
{
    int status = vcluster_result_status(result);

    printf("%s: %zu %s %s %s\n", (const char *)data, vcluster_result_index(result),
           vcluster_result_operation(result), vcluster_result_name(result),
           status < 0 ? vcluster_status_name(status) : "OK");
    return 0;
}

/* ---- Making and changing one ---- */

static int ensure(const char *name,
                  const char *values,
                  const vcluster_ensure_options *options,
                  vcluster_instance **out_instance)
{
    vcluster_config *config = NULL;

    if (values)
        check(vcluster_config_parse(values, &config, &error));
    int status = vcluster_instance_ensure(host, name, config, options, out_instance, &error);
    vcluster_config_free(config);
    return status;
}

static void
tell_ensure(const char *what, const char *values, const vcluster_ensure_options *options)
{
    vcluster_instance *instance = NULL;

    check(ensure("dev", values, options, &instance));
    tell(what, instance);
    vcluster_instance_free(instance);
}

/* How many of the requests since the last time were not only to read. */
static size_t count_writes(void)
{
    static const char get[] = "\"method\":\"GET\"";
    static const char any[] = "\"method\":";
    char *requests = NULL;
    size_t writes = 0;

    check(vcluster_fake_requests(host, 1, &requests, &error));
    for (const char *at = requests; (at = strstr(at, any)); at++)
        writes += strncmp(at, get, sizeof(get) - 1) != 0;
    vcluster_free(requests);
    return writes;
}

static void make(void)
{
    vcluster_ensure_options first = embedded;
    vcluster_plan *plan = NULL;

    check(vcluster_instance_plan(host, "dev", NULL, &embedded, &plan, &error));
    tell_summary("plan", plan);
    vcluster_plan_free(plan);
    expect_none("before it is there");
    first.ttl_s = 3600;
    first.owner = "shop";
    tell_ensure("ensure", NULL, &first);
    (void)count_writes();
    tell_ensure("again", NULL, &embedded);
    printf("again: %zu writes\n", count_writes());
    refused("create", vcluster_instance_create(host, "dev", NULL, &embedded, NULL, &error));
    refused("a name", ensure("Dev_1", NULL, &embedded, NULL));
    refused("values", ensure("other", two_stores, &embedded, NULL));
}

static void describe(void)
{
    static const char limit[] = "\"memory\":\"";
    vcluster_description *found = NULL;

    check(vcluster_instance_describe(host, "dev", NULL, &found, &error));
    printf("describe: revision %lld %s by %s, %s\n",
           (long long)vcluster_description_revision(found),
           vcluster_description_release_status(found), vcluster_description_maker(found),
           vcluster_description_store(found));
    for (size_t i = 0; i < vcluster_description_component_count(found); i++) {
        const vcluster_component *one = vcluster_description_component_at(found, i);
        printf("describe: %s %s %lld\n", vcluster_component_name(one),
               vcluster_component_state(one), (long long)vcluster_component_restarts(one));
    }
    const char *memory = strstr(vcluster_description_user_values(found), limit);
    if (memory)
        memory += sizeof(limit) - 1;
    printf("describe: the user's memory is %.*s\n", memory ? (int)strcspn(memory, "\"") : 0,
           memory ? memory : "");
    vcluster_description_free(found);
}

static void change(void)
{
    vcluster_config *config = NULL;
    vcluster_plan *plan = NULL;

    check(vcluster_instance_plan(host, "dev", NULL, &embedded, &plan, &error));
    tell_plan("same", plan);
    vcluster_plan_free(plan);
    plan = NULL;
    check(vcluster_config_parse(less_memory, &config, &error));
    check(vcluster_instance_plan(host, "dev", config, NULL, &plan, &error));
    tell_plan("less memory", plan);
    const vcluster_change *last = vcluster_plan_at(plan, vcluster_plan_size(plan) - 1);
    printf("  from %s to %s\n", vcluster_change_before(last), vcluster_change_after(last));
    vcluster_plan_free(plan);
    vcluster_config_free(config);
    tell_ensure("less memory", less_memory, NULL);
    describe();
}

/* ---- Pause and lease ---- */

static void tell_why(const char *what, const char *name)
{
    vcluster_diagnosis *diagnosis = NULL;

    check(vcluster_instance_why(host, name, NULL, &diagnosis, &error));
    printf("%s: %s\n", what, vcluster_diagnosis_ready(diagnosis) ? "ready" : "not ready");
    for (size_t i = 0; i < vcluster_diagnosis_size(diagnosis); i++) {
        const vcluster_cause *one = vcluster_diagnosis_at(diagnosis, i);

        printf("%s: %s %s %s %s, %s\n", what, vcluster_reason_code(vcluster_cause_reason(one)),
               vcluster_certainty_name(vcluster_cause_certainty(one)),
               vcluster_status_name(vcluster_cause_status(one)), vcluster_cause_object(one),
               vcluster_cause_waiting_helps(one) ? "passes" : "stays");
    }
    vcluster_diagnosis_free(diagnosis);
}

/* The folder of a file that no call here writes. */
static const char *make_folder(char *folder, char *file, size_t size)
{
    if (!mkdtemp(folder)) {
        perror(folder);
        exit(1);
    }
    snprintf(file, size, "%s/file", folder);
    return file;
}

static void sleep_a_while(void)
{
    char folder[] = "/tmp/rosetta-XXXXXX";
    char file[64];

    tell_why("why", "dev");
    check(vcluster_instance_pause(host, "dev", NULL, &error));
    tell_one("pause", "dev");
    tell_why("why paused", "dev");
    refused("ensure of a paused one", ensure("dev", ingresses, NULL, NULL));
    make_folder(folder, file, sizeof(file));
    refused("snapshot of a paused one",
            vcluster_instance_snapshot(host, "dev", file, NULL, NULL, &error));
    (void)rmdir(folder);
    check(vcluster_instance_resume(host, "dev", NULL, &error));
    tell_one("resume", "dev");
    tell_why("why nothing", "ghost");
}

static void tell_extend(const char *what, const vcluster_extend_options *options)
{
    vcluster_instance *instance = NULL;

    check(vcluster_instance_extend(host, "dev", options, &instance, &error));
    tell(what, instance);
    vcluster_instance_free(instance);
}

static void lease(void)
{
    const vcluster_extend_options none = VCLUSTER_EXTEND_OPTIONS_INIT;
    vcluster_extend_options options = VCLUSTER_EXTEND_OPTIONS_INIT;

    options.ttl_s = 7200;
    options.owner = "";
    tell_extend("nobody's", &options);
    options = none;
    options.never = 1;
    options.owner = "shop";
    tell_extend("for ever", &options);
    options = none;
    options.expires_at = 1577836800;
    refused("into the past", vcluster_instance_extend(host, "dev", &options, NULL, &error));
    refused("neither", vcluster_instance_extend(host, "dev", &none, NULL, &error));
    options = none;
    options.ttl_s = 60;
    refused("extend of nothing", vcluster_instance_extend(host, "ghost", &options, NULL, &error));
}

/* ---- Many ---- */

static void run(vcluster_batch *batch, const char *what, bool stop_on_error)
{
    vcluster_batch_options options = VCLUSTER_BATCH_OPTIONS_INIT;

    options.parallel = 1;
    options.stop_on_error = stop_on_error;
    check(vcluster_batch_run(host, batch, &options, tell_result, (void *)(uintptr_t)what, &error));
    vcluster_batch_free(batch);
}

static void add_makings(vcluster_batch *batch)
{
    static const vcluster_ensure_options lean = {
        .struct_size = sizeof(lean), .distribution = "embedded", .profile = "lean", .ttl_s = 3600
    };
    static const vcluster_ensure_options in_full = { .struct_size = sizeof(in_full),
                                                     .distribution = "embedded",
                                                     .namespace_name = "full",
                                                     .preflight = 1 };

    check(vcluster_batch_add_ensure(batch, "one", NULL, &lean, &error));
    check(vcluster_batch_add_ensure(batch, "two", NULL, &embedded, &error));
    check(vcluster_batch_add_ensure(batch, "full", NULL, &in_full, &error));
}

static void many(void)
{
    vcluster_extend_options hour = VCLUSTER_EXTEND_OPTIONS_INIT;
    vcluster_delete_options missing_ok = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_batch *batch = NULL;
    vcluster_batch *stopping = NULL;

    hour.ttl_s = 3600;
    missing_ok.missing_ok = 1;
    check(vcluster_batch_new(&batch, &error));
    add_makings(batch);
    check(vcluster_batch_add_pause(batch, "two", NULL, &error));
    check(vcluster_batch_add_pause(batch, "ghost", NULL, &error));
    check(vcluster_batch_add_resume(batch, "two", NULL, &error));
    check(vcluster_batch_add_extend(batch, "two", &hour, &error));
    check(vcluster_batch_add_wait(batch, "one", NULL, &error));
    check(vcluster_batch_add_delete(batch, "ghost", &missing_ok, &error));
    run(batch, "batch", false);
    check(vcluster_batch_new(&stopping, &error));
    check(vcluster_batch_add_delete(stopping, "ghost", NULL, &error));
    check(vcluster_batch_add_delete(stopping, "dev", NULL, &error));
    run(stopping, "stop", true);
    tell_list();
}

/* ---- Before, and the end of one's time ---- */

static void preflight(const char *name, const vcluster_ensure_options *options)
{
    vcluster_report *report = NULL;

    check(vcluster_instance_preflight(host, name, NULL, options, &report, &error));
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        const vcluster_finding *one = vcluster_report_at(report, i);
        printf("preflight: %s %s %s: %s\n", vcluster_severity_name(vcluster_finding_severity(one)),
               vcluster_finding_rule(one), vcluster_finding_path(one),
               vcluster_finding_message(one));
    }
    vcluster_report_free(report);
}

static void check_first(void)
{
    vcluster_ensure_options in_full = embedded;

    in_full.namespace_name = "full";
    preflight("full", &in_full);
    preflight("1st", &embedded);
    in_full.preflight = 1;
    refused("full", vcluster_instance_create(host, "full", NULL, &in_full, NULL, &error));
}

static void reap(void)
{
    static char would_reap[] = "would reap";
    static char reaped[] = "reap";
    vcluster_reap_options look = VCLUSTER_REAP_OPTIONS_INIT;
    vcluster_extend_options minute = VCLUSTER_EXTEND_OPTIONS_INIT;

    annotate("one", expires, long_ago);
    look.dry_run = 1;
    check(vcluster_reap(host, &look, tell_result, would_reap, &error));
    annotate("one", reaping, long_ago);
    minute.ttl_s = 60;
    refused("too late", vcluster_instance_extend(host, "one", &minute, NULL, &error));
    check(vcluster_reap(host, NULL, tell_result, reaped, &error));
    tell_list();
}

/* ---- Adoption ---- */

static void tell_adoption(const vcluster_adopt_options *options)
{
    vcluster_plan *plan = NULL;
    char what[64];

    check(vcluster_instance_adopt(host, "two", NULL, options, &plan, &error));
    snprintf(what, sizeof(what), "adopt of %s", vcluster_plan_origin(plan));
    tell_summary(what, plan);
    vcluster_plan_free(plan);
}

/* Its release is lost, and Argo CD's mark is on it. */
static void adopt(void)
{
    vcluster_adopt_options look = VCLUSTER_ADOPT_OPTIONS_INIT;
    vcluster_adopt_options owned = VCLUSTER_ADOPT_OPTIONS_INIT;

    check(vcluster_resource_delete(host, "v1", "Secret", "vcluster-two",
                                   "sh.helm.release.v1.two.v1", NULL, &error));
    annotate("two", argo, "two:apps/StatefulSet:vcluster-two/two");
    look.dry_run = 1;
    tell_adoption(&look);
    refused("adopt", vcluster_instance_adopt(host, "two", NULL, NULL, NULL, &error));
    refused("delete of Argo CD's", vcluster_instance_delete(host, "two", NULL, &error));
    annotate("two", argo, NULL);
    owned.owner = "shop";
    tell_adoption(&owned);
    tell_adoption(NULL);
    owned.owner = "";
    tell_adoption(&owned);
    tell_one("nobody's", "two");
}

/* ---- State, rights, and the end ---- */

/* Nothing runs in pods of this host: what can be told is what is refused. */
static void state(void)
{
    char folder[] = "/tmp/rosetta-XXXXXX";
    char path[64];
    const char *file = make_folder(folder, path, sizeof(path));
    vcluster_batch *batch = NULL;

    refused("snapshot of nothing",
            vcluster_instance_snapshot(host, "ghost", file, NULL, NULL, &error));
    refused("no such file", vcluster_instance_restore(host, "dev", file, NULL, NULL, &error));
    FILE *out = fopen(file, "w");
    if (!out || fputs("none", out) < 0 || fclose(out) != 0) {
        perror(file);
        exit(1);
    }
    refused("no snapshot", vcluster_instance_restore(host, "dev", file, NULL, NULL, &error));
    check(vcluster_batch_new(&batch, &error));
    check(vcluster_batch_add_snapshot(batch, "ghost", file, NULL, &error));
    check(vcluster_batch_add_restore(batch, "dev", file, NULL, &error));
    run(batch, "batch", false);
    (void)unlink(file);
    (void)rmdir(folder);
}

static void rights(void)
{
    vcluster_rights_options options = VCLUSTER_RIGHTS_OPTIONS_INIT;
    char *yaml = NULL;

    options.namespace_name = "team";
    options.service_account = "robot";
    check(vcluster_rights("pause", NULL, &options, &yaml, &error));
    printf("%s", yaml);
    vcluster_free(yaml);
    refused("rights", vcluster_rights("fly", NULL, NULL, &yaml, &error));
}

static void tell_delete(const char *what, const vcluster_delete_options *options)
{
    vcluster_plan *plan = NULL;

    check(vcluster_instance_plan_delete(host, "dev", options, &plan, &error));
    tell_plan(what, plan);
    vcluster_plan_free(plan);
}

static void tell_guard(void)
{
    vcluster_plan *plan = NULL;

    check(vcluster_instance_plan_delete(host, "dev", NULL, &plan, &error));
    for (size_t i = 0; i < vcluster_plan_size(plan); i++) {
        const vcluster_change *one = vcluster_plan_at(plan, i);
        if (vcluster_change_impact(one) == VCLUSTER_IMPACT_REFUSED)
            printf("guarded: %s refused %s/%s\n", vcluster_action_name(vcluster_change_action(one)),
                   vcluster_change_kind(one), vcluster_change_name(one));
    }
    vcluster_plan_free(plan);
}

/* What is left on the host, and what of it nobody owns. */
static void tell_left(void)
{
    vcluster_audit_options options = VCLUSTER_AUDIT_OPTIONS_INIT;
    vcluster_instance_list *list = NULL;
    vcluster_plan *leaks = NULL;

    options.grace_s = -1;
    check(vcluster_instance_list_new(host, NULL, &list, &error));
    check(vcluster_audit(host, &options, &leaks, &error));
    printf("left: %zu, leaks: %zu\n", vcluster_instance_list_size(list), vcluster_plan_size(leaks));
    vcluster_instance_list_free(list);
    vcluster_plan_free(leaks);
}

static void end(void)
{
    vcluster_delete_options missing_ok = VCLUSTER_DELETE_OPTIONS_INIT;

    missing_ok.missing_ok = 1;
    annotate("dev", guard, "true");
    tell_guard();
    refused("guarded", vcluster_instance_delete(host, "dev", NULL, &error));
    annotate("dev", guard, NULL);
    tell_delete("delete", NULL);
    check(vcluster_instance_delete(host, "dev", NULL, &error));
    expect_none("after it is gone");
    refused("once more", vcluster_instance_delete(host, "dev", NULL, &error));
    check(vcluster_instance_delete(host, "dev", &missing_ok, &error));
    tell_delete("nothing there", &missing_ok);
    check(vcluster_instance_delete(host, "two", NULL, &error));
    tell_left();
}

int main(void)
{
    check(vcluster_client_new_fake(NULL, &host, &error));
    check(vcluster_fake_put(host, full, &error));
    make();
    change();
    sleep_a_while();
    lease();
    many();
    check_first();
    reap();
    adopt();
    state();
    rights();
    end();
    vcluster_client_unref(host);
    return 0;
}
