/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reasons replayed from recorded objects: each file of tests/fixtures/why is what
 * vcluster_instance_why() read from a host ("made": "recorded"), or was written by hand where the
 * trouble cannot be provoked on a test host ("made": "by hand"). Its "expect" must be the first
 * cause. Together they have every reason of the catalogue, and docs/diagnosis.md has each of them.
 */
#include "cmocka_support.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "release/classify.h"
#include "release/classify_text.h"

enum { MAX_FILE = 1 << 20, MAX_REASONS = 128 };

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(MAX_FILE);

    assert_non_null(file);
    assert_non_null(text);
    size_t size = fread(text, 1, MAX_FILE - 1, file);
    text[size] = '\0';
    (void)fclose(file);
    return text;
}

static cJSON *load(const char *name)
{
    vcl_auto_free char *path = vcl_format("%s/%s", VCLUSTER_FIXTURES_WHY, name);
    vcl_auto_free char *text = read_file(path);
    vcluster_error *error = NULL;
    cJSON *tree = NULL;

    if (vcl_json_parse(text, strlen(text), &tree, &error) < 0)
        fail_msg("%s: %s", name, vcluster_error_to_string(error));
    return tree;
}

/* Whether the recording gives the reason that it says. */
static bool replay(const char *file, bool seen[MAX_REASONS * 2])
{
    VCL_AUTO_JSON *recording = load(file);
    VCL_AUTO_CAUSES causes = { 0 };
    vcluster_error *error = NULL;
    vcl_scene scene;
    const char *wanted = vcl_json_find_string(recording, "expect", NULL);
    const char *made = vcl_json_find_string(recording, "made", NULL);

    assert_true(vcl_streq(made, "recorded") || vcl_streq(made, "by hand"));
    vcl_scene_of(recording, &scene);
    assert_int_equal(vcl_classify(&scene, &causes, &error), 0);
    const vcluster_cause *first = causes.count ? &causes.items[0] : NULL;
    bool right = first && vcl_streq(first->reason->code, wanted);
    print_message("%-26s %-9s %s\n", wanted, made, first ? first->message : "nothing found");
    if (!right)
        print_error("%s: expected %s, found %s\n", file, wanted,
                    first ? first->reason->code : "nothing");
    else
        seen[first->reason->id] = true;
    return right;
}

static void each_recording_gives_its_reason_and_each_reason_has_one(void **state)
{
    bool seen[MAX_REASONS * 2] = { false };
    DIR *folder = opendir(VCLUSTER_FIXTURES_WHY);
    const struct dirent *entry;
    size_t count = 0;
    int wrong = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        if (vcl_ends_with(entry->d_name, ".json"))
            wrong += !replay(entry->d_name, seen);
    }
    (void)closedir(folder);
    const vcl_reason *all = vcl_reason_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (!seen[all[i].id]) {
            print_error("no recording gives %s\n", all[i].code);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void the_table_of_the_documentation_is_the_catalogue(void **state)
{
    vcl_auto_free char *text = read_file(VCLUSTER_DIAGNOSIS_MD);
    size_t count = 0;
    size_t rows = 0;
    const vcl_reason *all = vcl_reason_all(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        vcl_auto_free char *row =
            vcl_format("| `%s` | %s | %s | %s |", all[i].code, vcluster_status_name(all[i].status),
                       all[i].helps ? "yes" : "no", all[i].remedy);
        if (!strstr(text, row))
            fail_msg("docs/diagnosis.md lacks: %s", row);
    }
    for (const char *at = text; (at = strstr(at, "\n| `")); at++)
        rows++;
    assert_int_equal(rows, count);
}

static void a_healthy_pod_has_no_cause(void **state)
{
    static const char *const pods[] = {
        "[{\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"a\",\"state\":"
        "{\"running\":{}}}]}}]",
        "[{\"status\":{\"phase\":\"Pending\",\"containerStatuses\":[{\"name\":\"a\",\"state\":"
        "{\"waiting\":{\"reason\":\"ContainerCreating\"}}}]}}]",
        "[{\"status\":{\"phase\":\"Pending\",\"conditions\":[{\"type\":\"PodScheduled\","
        "\"status\":\"True\"}]}}]",
        "[{}]",
        "[]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pods) / sizeof(pods[0]); i++) {
        VCL_AUTO_CAUSES causes = { 0 };
        VCL_AUTO_JSON *tree = NULL;
        assert_int_equal(vcl_json_parse(pods[i], strlen(pods[i]), &tree, NULL), 0);
        vcl_scene scene = { .pods = tree };
        assert_int_equal(vcl_classify(&scene, &causes, NULL), 0);
        assert_int_equal(causes.count, 0);
    }
}

/* The first cause of a wait that sees one pod with this status, and these events. */
static void classify(const char *status, const char *events, vcl_causes *out_causes)
{
    vcl_auto_free char *text =
        vcl_format("{\"pods\":[{\"metadata\":{\"name\":\"dev-0\",\"uid\":\"u\"},\"status\":%s}],"
                   "\"events\":%s}",
                   status, events);
    VCL_AUTO_JSON *tree = NULL;
    vcl_scene scene;

    assert_int_equal(vcl_json_parse(text, strlen(text), &tree, NULL), 0);
    vcl_scene_of(tree, &scene);
    assert_int_equal(vcl_classify(&scene, out_causes, NULL), 0);
}

#define MOUNT_EVENT                                                                                \
    "{\"reason\":\"FailedMount\",\"message\":\"secret \\\"x\\\" not found\",\"firstTimestamp\":"   \
    "\"2026-01-01T00:00:00Z\",\"lastTimestamp\":\"2026-01-01T00:00:08Z\",\"involvedObject\":"      \
    "{\"kind\":\"Pod\",\"name\":\"dev-0\",\"uid\":\"%s\"}}"
#define PULL_EVENT(second)                                                                         \
    "{\"reason\":\"Pulling\",\"lastTimestamp\":\"2026-01-01T00:00:" second                         \
    "Z\",\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"dev-0\",\"uid\":\"u\"}}"

static void an_event_counts_only_while_its_object_is_as_it_says(void **state)
{
    static const char pending[] = "{\"phase\":\"Pending\"}";
    static const struct {
        const char *status, *uid, *more;
        bool counts;
    } cases[] = {
        { pending, "u", "", true },
        { pending, "another", "", false },
        { pending, "u", "," PULL_EVENT("09"), false },
        { pending, "u", "," PULL_EVENT("01"), true },
        { "{\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"a\",\"state\":{\"running\":{}}"
          "}]}",
          "u", "", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_CAUSES causes = { 0 };
        char first[512];
        (void)snprintf(first, sizeof(first), MOUNT_EVENT, cases[i].uid);
        vcl_auto_free char *events = vcl_format("[%s%s]", first, cases[i].more);
        classify(cases[i].status, events, &causes);
        assert_int_equal(causes.count, cases[i].counts);
        if (cases[i].counts) {
            assert_string_equal(causes.items[0].reason->code, "config-missing");
            assert_int_equal(causes.items[0].lasted_ms, 8000);
        }
    }
}

static void an_error_names_pod_container_word_and_remedy(void **state)
{
    VCL_AUTO_CAUSES causes = { 0 };
    vcluster_error *error = NULL;

    (void)state;
    classify("{\"containerStatuses\":[{\"name\":\"a\",\"state\":{\"waiting\":{\"reason\":"
             "\"ImagePullBackOff\",\"message\":\"not found\"}}}],\"initContainerStatuses\":[{"
             "\"name\":\"i\",\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}}]}",
             "[]", &causes);
    assert_int_equal(causes.count, 2);
    assert_string_equal(causes.items[0].container, "i");
    assert_true(causes.items[0].crashed);
    assert_int_equal(vcl_cause_fail(&causes.items[1], &error), VCLUSTER_E_UNAVAILABLE);
    assert_string_equal(vcluster_error_reason(error), "ImagePullBackOff");
    assert_true(vcl_starts_with(vcluster_error_message(error),
                                "container 'a' of pod 'dev-0': ImagePullBackOff: not found ("));
    assert_string_equal(vcluster_finding_rule(vcluster_error_finding_at(error, 0)),
                        "image-not-found");
    vcluster_error_free(error);
}

static void what_a_log_holds_is_made_harmless(void **state)
{
    VCL_AUTO_CAUSES causes = { 0 };

    (void)state;
    classify("{\"containerStatuses\":[{\"name\":\"a\",\"state\":{\"waiting\":{\"reason\":"
             "\"RunContainerError\",\"message\":\"a\\u001b[2Jb\\nc\"}}}]}",
             "[]", &causes);
    assert_int_equal(causes.count, 1);
    assert_null(strpbrk(causes.items[0].message, "\x1b\n"));
}

static void the_last_telling_line_of_a_log_is_found(void **state)
{
    const char *line = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(
        vcl_text_log("x\nlisten tcp :1: bind: address already in use\r\nbye\n\n", &line, &size),
        VCLUSTER_REASON_PORT_IN_USE);
    assert_int_equal(size, strlen("listen tcp :1: bind: address already in use"));
    assert_int_equal(vcl_text_log("x\nbye\n", &line, &size), VCLUSTER_REASON_NONE);
    assert_int_equal(size, 3);
    assert_int_equal(vcl_text_log("", &line, &size), VCLUSTER_REASON_NONE);
    assert_int_equal(size, 0);
}

/* The end of what kube-apiserver 1.35 said whose store, beside it in the pod, was stopped. */
static void an_api_server_that_ended_without_its_store_tells_it(void **state)
{
    const char *line = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(
        vcl_text_log("W1123 13:28:22.117792       1 logging.go:55] [core] [Channel #1 SubChannel "
                     "#4]grpc: addrConn.createTransport failed to connect to {Addr: "
                     "\"unix:///run/store/store.sock\", ServerName: \"store.sock\", }. Err: "
                     "connection error: desc = \"transport: Error while dialing: dial unix "
                     "/run/store/store.sock: connect: no such file or directory\"\n"
                     "E1123 13:28:25.398364       1 run.go:72] \"command failed\" err=\"context "
                     "deadline exceeded\"\n",
                     &line, &size),
        VCLUSTER_REASON_STORE_UNREACHABLE);
}

/* The code is the name of the constant: a caller who knows one knows the other. */
static void codes_are_the_names_of_the_constants(void **state)
{
    vcl_auto_free char *header = read_file(VCLUSTER_DIAGNOSIS_H);
    size_t count = 0;
    const vcl_reason *all = vcl_reason_all(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        vcl_auto_free char *line = vcl_format("VCLUSTER_REASON_%s = %d,", all[i].code, all[i].id);
        for (char *c = line + strlen("VCLUSTER_REASON_"); *c && *c != ' '; c++)
            *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
        if (i + 1 == count)
            line[strlen(line) - 1] = '\0';
        if (!strstr(header, line))
            fail_msg("diagnosis.h lacks %s", line);
        assert_true(i == 0 || all[i].id > all[i - 1].id);
    }
    assert_string_equal(vcluster_reason_code(VCLUSTER_REASON_CRASH), "crash");
    assert_string_equal(vcluster_reason_code(9999), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recording_gives_its_reason_and_each_reason_has_one),
        cmocka_unit_test(the_table_of_the_documentation_is_the_catalogue),
        cmocka_unit_test(a_healthy_pod_has_no_cause),
        cmocka_unit_test(an_event_counts_only_while_its_object_is_as_it_says),
        cmocka_unit_test(an_error_names_pod_container_word_and_remedy),
        cmocka_unit_test(what_a_log_holds_is_made_harmless),
        cmocka_unit_test(the_last_telling_line_of_a_log_is_found),
        cmocka_unit_test(an_api_server_that_ended_without_its_store_tells_it),
        cmocka_unit_test(codes_are_the_names_of_the_constants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
