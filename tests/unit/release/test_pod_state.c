/* SPDX-License-Identifier: Apache-2.0 */
/* Pods as YAML against the STATUS column of kubectl 1.35, and their troubles. */
#include "cm.h"

#include "base/limits.h"
#include "data/yaml.h"
#include "release/pod_state.h"

static cJSON *pod_of(const char *yaml)
{
    cJSON *pod = NULL;
    vcluster_error *error = NULL;

    assert_works(vcl_yaml_parse(yaml, strlen(yaml), &pod, &error), &error);
    return pod;
}

#define RUNNING(name) "{name: " name ", ready: true, state: {running: {}}}"
#define READY "conditions: [{type: Ready, status: 'True'}]"
#define DELETED "metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}, "

/* Each pod as kubectl shows it. */
static const struct {
    const char *pod, *status;
} cases[] = {
    { "{status: {phase: Pending}}", "Pending" },
    { "{status: {phase: Running, " READY ", containerStatuses: [" RUNNING("a") "]}}", "Running" },
    { "{status: {phase: Pending, containerStatuses: [{state: {waiting: {reason: "
      "ContainerCreating}}}]}}",
      "ContainerCreating" },
    { "{status: {phase: Running, containerStatuses: [{state: {waiting: {reason: "
      "CrashLoopBackOff}}}]}}",
      "CrashLoopBackOff" },
    { "{status: {phase: Pending, containerStatuses: [{state: {waiting: {reason: "
      "ImagePullBackOff}}}]}}",
      "ImagePullBackOff" },
    /* The first container's reason wins. */
    { "{status: {phase: Running, containerStatuses: [{state: {waiting: {reason: One}}}, {state: "
      "{waiting: {reason: Two}}}]}}",
      "One" },
    { "{status: {phase: Running, containerStatuses: [" RUNNING("a") ", {state: {waiting: {reason: "
                                                                    "CrashLoopBackOff}}}]}}",
      "CrashLoopBackOff" },
    /* Ended containers. */
    { "{status: {phase: Succeeded, containerStatuses: [{state: {terminated: {exitCode: 0, reason: "
      "Completed}}}]}}",
      "Completed" },
    { "{status: {phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 1, reason: "
      "Error}}}]}}",
      "Error" },
    { "{status: {phase: Running, containerStatuses: [{state: {terminated: {exitCode: 137, reason: "
      "OOMKilled}}}]}}",
      "OOMKilled" },
    { "{status: {phase: Running, containerStatuses: [{state: {terminated: {exitCode: 137, signal: "
      "9}}}]}}",
      "Signal:9" },
    { "{status: {phase: Running, containerStatuses: [{state: {terminated: {exitCode: 3}}}]}}",
      "ExitCode:3" },
    { "{status: {phase: Failed, reason: Evicted}}", "Evicted" },
    /* "Completed" of one container among others. */
    { "{status: {phase: Running, " READY ", containerStatuses: [{state: {terminated: {exitCode: 0, "
      "reason: Completed}}}, " RUNNING("b") "]}}",
      "Running" },
    { "{status: {phase: Running, containerStatuses: [{state: {terminated: {exitCode: 0, reason: "
      "Completed}}}, " RUNNING("b") "]}}",
      "NotReady" },
    { "{status: {phase: Running, containerStatuses: [{state: {terminated: {exitCode: 0, reason: "
      "Completed}}}, {state: {terminated: {exitCode: 2, reason: Error}}}]}}",
      "Error" },
    /* Init containers. */
    { "{spec: {initContainers: [{name: i}]}, status: {phase: Pending, initContainerStatuses: "
      "[{name: i, state: {running: {}}}]}}",
      "Init:0/1" },
    { "{spec: {initContainers: [{name: i}, {name: j}]}, status: {phase: Pending, "
      "initContainerStatuses: [{name: i, state: {terminated: {exitCode: 0}}}, {name: j, state: "
      "{waiting: {reason: PodInitializing}}}]}}",
      "Init:1/2" },
    { "{spec: {initContainers: [{name: i}]}, status: {phase: Pending, initContainerStatuses: "
      "[{name: i, state: {waiting: {reason: CrashLoopBackOff}}}]}}",
      "Init:CrashLoopBackOff" },
    { "{spec: {initContainers: [{name: i}]}, status: {phase: Pending, initContainerStatuses: "
      "[{name: i, state: {terminated: {exitCode: 1, reason: Error}}}]}}",
      "Init:Error" },
    { "{spec: {initContainers: [{name: i}]}, status: {phase: Pending, initContainerStatuses: "
      "[{name: i, state: {terminated: {exitCode: 4}}}]}}",
      "Init:ExitCode:4" },
    { "{spec: {initContainers: [{name: i}]}, status: {phase: Pending, initContainerStatuses: "
      "[{name: i, state: {terminated: {exitCode: 139, signal: 11}}}]}}",
      "Init:Signal:11" },
    { "{spec: {initContainers: [{name: i}]}, status: {phase: Running, " READY
      ", initContainerStatuses: [{name: i, state: {terminated: {exitCode: 0, reason: Completed}}}]"
      ", containerStatuses: [" RUNNING("a") "]}}",
      "Running" },
    /* Sidecars: init containers that stay. */
    { "{spec: {initContainers: [{name: s, restartPolicy: Always}]}, status: {phase: Running, " READY
      ", initContainerStatuses: [{name: s, started: true, state: {running: {}}}], "
      "containerStatuses: [" RUNNING("a") "]}}",
      "Running" },
    { "{spec: {initContainers: [{name: s, restartPolicy: Always}, {name: i}]}, status: {phase: "
      "Pending, initContainerStatuses: [{name: s, started: true, state: {running: {}}}, {name: i, "
      "state: {running: {}}}]}}",
      "Init:1/2" },
    { "{spec: {initContainers: [{name: s, restartPolicy: Always}]}, status: {phase: Pending, "
      "initContainerStatuses: [{name: s, started: false, state: {running: {}}}]}}",
      "Init:0/1" },
    /* A sidecar that crashes later does not hide what the pod does. */
    { "{spec: {initContainers: [{name: s, restartPolicy: Always}]}, status: {phase: Running, "
      "conditions: [{type: Initialized, status: 'True'}], initContainerStatuses: [{name: s, "
      "started: false, state: {waiting: {reason: CrashLoopBackOff}}}], containerStatuses: [{state: "
      "{waiting: {reason: ErrImagePull}}}]}}",
      "ErrImagePull" },
    { "{status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: "
      "SchedulingGated}]}}",
      "SchedulingGated" },
    /* Deletion. */
    { "{" DELETED "status: {phase: Running, " READY ", containerStatuses: [" RUNNING("a") "]}}",
      "Terminating" },
    { "{" DELETED "status: {phase: Running, reason: NodeLost}}", "Unknown" },
    { "{" DELETED "status: {phase: Succeeded, containerStatuses: [{state: {terminated: {exitCode: "
      "0, reason: Completed}}}]}}",
      "Completed" },
    /* Nothing at all. */
    { "{}", "" },
    { "{status: {containerStatuses: 5, initContainerStatuses: x}}", "" },
};

static void status_is_what_kubectl_shows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *pod = pod_of(cases[i].pod);
        VCL_AUTO_BUF status = { 0 };

        vcl_buf_init(&status, VCL_MAX_MESSAGE);
        assert_true(vcl_pod_status(pod, &status));
        if (!vcl_streq(vcl_buf_text(&status), cases[i].status))
            fail_msg("case %zu: '%s' instead of '%s' for %s", i, vcl_buf_text(&status),
                     cases[i].status, cases[i].pod);
    }
}

static void status_that_does_not_fit_is_told(void **state)
{
    VCL_AUTO_JSON *pod = pod_of("{status: {phase: Running}}");
    VCL_AUTO_BUF status = { 0 };

    (void)state;
    vcl_buf_init(&status, 3);
    assert_false(vcl_pod_status(pod, &status));
}

static void ready_is_the_condition_and_nothing_else(void **state)
{
    VCL_AUTO_JSON *ready = pod_of("{status: {" READY "}}");
    VCL_AUTO_JSON *not_ready = pod_of("{status: {conditions: [{type: Ready, status: 'False'}, "
                                      "{type: ContainersReady, status: 'True'}]}}");
    VCL_AUTO_JSON *without = pod_of("{status: {containerStatuses: [" RUNNING("a") "]}}");

    (void)state;
    assert_true(vcl_pod_ready(ready));
    assert_false(vcl_pod_ready(not_ready));
    assert_false(vcl_pod_ready(without));
    assert_false(vcl_pod_ready(NULL));
}

static void a_container_runs_when_its_state_says_so(void **state)
{
    VCL_AUTO_JSON *pod = pod_of("{status: {containerStatuses: [{name: a, state: {running: {}}}, "
                                "{name: b, state: {waiting: {}}}]}}");

    (void)state;
    assert_true(vcl_pod_container_running(pod, "a"));
    assert_false(vcl_pod_container_running(pod, "b"));
    assert_false(vcl_pod_container_running(pod, "c"));
}

static void image_tags_are_found_in_containers_and_init_containers(void **state)
{
    VCL_AUTO_JSON *spec = pod_of("{containers: [{name: syncer, image: 'r:5000/s:1.2'}], "
                                 "initContainers: [{name: kubernetes, image: 'k:v1.35.4'}]}");
    VCL_AUTO_BUF tag = { 0 };

    (void)state;
    vcl_buf_init(&tag, 64);
    assert_true(vcl_pod_spec_image_tag(spec, "syncer", &tag));
    assert_string_equal(vcl_buf_text(&tag), "1.2");
    assert_true(vcl_pod_spec_image_tag(spec, "kubernetes", &tag));
    assert_string_equal(vcl_buf_text(&tag), "v1.35.4");
    assert_true(vcl_pod_spec_image_tag(spec, "other", &tag));
    assert_string_equal(vcl_buf_text(&tag), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_is_what_kubectl_shows),
        cmocka_unit_test(status_that_does_not_fit_is_told),
        cmocka_unit_test(ready_is_the_condition_and_nothing_else),
        cmocka_unit_test(a_container_runs_when_its_state_says_so),
        cmocka_unit_test(image_tags_are_found_in_containers_and_init_containers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
