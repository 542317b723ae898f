/* SPDX-License-Identifier: Apache-2.0 */
/* What a pod's own status, and the log of a container that ends, say about why it does not run. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "release/classify.h"
#include "release/classify_text.h"
#include "release/pod_state.h"

enum { MOMENT_MS = 5000, PULL_MS = 4000, EXPLAINED = 6, SETTLED_S = 30 };

/* Reasons for which a container waits. */
typedef struct waiting {
    const char *word;
    int reason;
    int64_t grace_ms; /* the state itself may pass */
    enum { PLAIN, IMAGE, CRASHED } more;
} waiting;

static const waiting *find_waiting(const char *word)
{
    static const waiting table[] = {
        { "CrashLoopBackOff", VCLUSTER_REASON_CRASH, 0, CRASHED },
        { "CreateContainerConfigError", VCLUSTER_REASON_CONFIG_MISSING, MOMENT_MS, PLAIN },
        { "CreateContainerError", VCLUSTER_REASON_CONTAINER_CREATE, MOMENT_MS, PLAIN },
        { "RunContainerError", VCLUSTER_REASON_CONTAINER_CREATE, MOMENT_MS, PLAIN },
        { "ErrImageNeverPull", VCLUSTER_REASON_IMAGE_NEVER_PULL, 0, PLAIN },
        { "InvalidImageName", VCLUSTER_REASON_IMAGE_NAME, 0, PLAIN },
        { "ErrImagePull", VCLUSTER_REASON_IMAGE_PULL, PULL_MS, IMAGE },
        { "ImagePullBackOff", VCLUSTER_REASON_IMAGE_PULL, 0, IMAGE },
        { "RegistryUnavailable", VCLUSTER_REASON_IMAGE_REGISTRY, PULL_MS, PLAIN },
        { "ImageInspectError", VCLUSTER_REASON_IMAGE_PULL, MOMENT_MS, IMAGE },
        { "SignatureValidationFailed", VCLUSTER_REASON_IMAGE_PULL, PULL_MS, PLAIN },
    };

    for (size_t i = 0; word && i < sizeof(table) / sizeof(table[0]); i++) {
        if (vcl_streq(table[i].word, word))
            return &table[i];
    }
    return NULL;
}

static const char *log_of(const vcl_scene *scene, const char *pod, const char *container)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, scene->logs) {
        if (vcl_streq(vcl_json_find_string(item, "pod", NULL), pod) &&
            vcl_streq(vcl_json_find_string(item, "container", NULL), container))
            return vcl_json_find_string(item, "text", NULL);
    }
    return NULL;
}

/* How a container that ended did so: killed for its memory, or as its last log line says. */
static void refine_crash(
    const vcl_scene *scene, const cJSON *status, bool init, vcl_clue *clue, char **out_line)
{
    const cJSON *ended = vcl_json_find(status, "state", "terminated", NULL);
    const char *log = log_of(scene, clue->name, clue->container);
    const char *line = NULL;
    size_t size = 0;

    if (!ended)
        ended = vcl_json_find(status, "lastState", "terminated", NULL);
    const char *why = vcl_json_find_string(ended, "reason", NULL);
    if (vcl_streq(why, "OOMKilled")) {
        clue->reason = VCLUSTER_REASON_OUT_OF_MEMORY;
        clue->reported = "OOMKilled";
        return;
    }
    if (vcl_streq(why, "StartError") || vcl_streq(why, "ContainerCannotRun")) {
        clue->reason = VCLUSTER_REASON_CONTAINER_CREATE;
        clue->detail = vcl_json_find_string(ended, "message", NULL);
        return;
    }
    if (init)
        clue->reason = VCLUSTER_REASON_INIT_FAILED;
    if (!log)
        return;
    int told = vcl_text_log(log, &line, &size);
    *out_line = size ? vcl_strndup(line, size) : NULL;
    clue->log = *out_line;
    if (told) {
        clue->reason = told;
        clue->certainty = VCLUSTER_CERTAINTY_LIKELY;
    }
}

/* What ends since the API server beside it does not answer is started again until that does. What
 * keeps the API server is found where it stands: in its own state, its log, its probes. */
static void refine_follower(const vcl_scene *scene, const cJSON *pod, vcl_clue *clue)
{
    const char *log = log_of(scene, clue->name, clue->container);

    if (clue->reason != VCLUSTER_REASON_CRASH || !log || !vcl_text_misses_api_server(log) ||
        !vcl_pod_container(pod, "kube-apiserver"))
        return;
    clue->reason = VCLUSTER_REASON_STARTING;
    clue->certainty = VCLUSTER_CERTAINTY_POSSIBLE;
}

static bool classify_container(
    const vcl_scene *scene, const cJSON *pod, const cJSON *status, bool init, vcl_causes *causes)
{
    const cJSON *state = vcl_json_find(status, "state", "waiting", NULL);
    const cJSON *ended = vcl_json_find(status, "state", "terminated", NULL);
    const waiting *known = find_waiting(vcl_json_find_string(state, "reason", NULL));
    vcl_auto_free char *line = NULL;
    vcl_clue clue = { .kind = "Pod",
                      .name = vcl_name_of(pod),
                      .container = vcl_json_find_string(status, "name", NULL) };

    if (known) {
        clue.reason = known->reason;
        clue.reported = known->word;
        clue.detail = vcl_json_find_string(state, "message", NULL);
        clue.grace_ms = known->grace_ms;
        clue.crashed = known->more == CRASHED;
        if (known->more == IMAGE)
            clue.reason = vcl_text_image(vcl_str(clue.detail), known->reason);
        if (clue.reason == VCLUSTER_REASON_IMAGE_AUTH)
            clue.certainty = VCLUSTER_CERTAINTY_LIKELY;
    } else if (scene->workload && vcl_json_find_int(ended, 0, "exitCode", NULL) != 0) {
        /* Between two runs. A wait looks again; who asks why, asks now. */
        clue.reason = VCLUSTER_REASON_CRASH;
        clue.reported = vcl_str(vcl_json_find_string(ended, "reason", NULL));
        clue.grace_ms = MOMENT_MS;
        clue.crashed = true;
    } else {
        return false;
    }
    if (clue.crashed) {
        refine_crash(scene, status, init, &clue, &line);
        refine_follower(scene, pod, &clue);
    }
    vcl_causes_add(causes, &clue);
    return true;
}

/* A container that runs and is not ready: its log may say what it waits for. At first every control
 * plane waits for its store and says so. */
static void
classify_unready(const vcl_scene *scene, const cJSON *pod, const cJSON *status, vcl_causes *causes)
{
    const cJSON *running = vcl_json_find(status, "state", "running", NULL);
    const char *container = vcl_json_find_string(status, "name", NULL);
    const char *log = log_of(scene, vcl_name_of(pod), container);
    const char *line = NULL;
    int64_t started = 0;
    size_t size = 0;

    int told = log && running && !vcl_json_find_bool(status, true, "ready", NULL)
                   ? vcl_text_log(log, &line, &size)
                   : VCLUSTER_REASON_NONE;
    if (!told)
        return;
    (void)vcl_parse_rfc3339(vcl_str(vcl_json_find_string(running, "startedAt", NULL)), &started);
    vcl_auto_free char *text = vcl_strndup(line, size);
    vcl_clue clue = { .reason = told,
                      .certainty = scene->now - started >= SETTLED_S ? VCLUSTER_CERTAINTY_LIKELY
                                                                     : VCLUSTER_CERTAINTY_POSSIBLE,
                      .kind = "Pod",
                      .name = vcl_name_of(pod),
                      .container = container,
                      .reported = "NotReady",
                      .log = vcl_str(text) };
    vcl_causes_add(causes, &clue);
}

static bool classify_containers(const vcl_scene *scene, const cJSON *pod, vcl_causes *causes)
{
    static const char *const lists[] = { "initContainerStatuses", "containerStatuses" };
    const cJSON *status;
    bool any = false;

    for (int i = 0; i < 2; i++) {
        cJSON_ArrayForEach (status, vcl_json_find(pod, "status", lists[i], NULL)) {
            any = classify_container(scene, pod, status, i == 0, causes) || any;
            if (i > 0)
                classify_unready(scene, pod, status, causes);
        }
    }
    return any;
}

static void classify_failed(const cJSON *pod, vcl_causes *causes)
{
    const char *why = vcl_str(vcl_json_find_string(pod, "status", "reason", NULL));
    vcl_clue clue = { .reason = vcl_streq(why, "Evicted") ? VCLUSTER_REASON_EVICTED
                                                          : VCLUSTER_REASON_POD_FAILED,
                      .kind = "Pod",
                      .name = vcl_name_of(pod),
                      .reported = why,
                      .detail = vcl_json_find_string(pod, "status", "message", NULL) };

    vcl_causes_add(causes, &clue);
}

static void classify_unscheduled(const cJSON *pod, const cJSON *scheduled, vcl_causes *causes)
{
    const char *message = vcl_str(vcl_json_find_string(scheduled, "message", NULL));
    const char *word = vcl_str(vcl_json_find_string(scheduled, "reason", NULL));
    vcl_clue clue = { .kind = "Pod",
                      .name = vcl_name_of(pod),
                      .reported = word,
                      .detail = message,
                      .reason = VCLUSTER_REASON_SCHEDULING_GATED };
    int found[EXPLAINED];

    if (vcl_streq(word, "SchedulingGated")) {
        vcl_causes_add(causes, &clue);
        return;
    }
    size_t count = vcl_text_unschedulable(message, found, EXPLAINED);
    for (size_t i = 0; i < count; i++) {
        clue.reason = found[i];
        clue.grace_ms = found[i] == VCLUSTER_REASON_VOLUME_UNBOUND ? 4 * (int64_t)MOMENT_MS : 0;
        /* Why a claim is not bound, the claim itself and its events know better; and what has no
         * name here may have one there. */
        bool vague =
            found[i] == VCLUSTER_REASON_VOLUME_UNBOUND || found[i] == VCLUSTER_REASON_UNSCHEDULABLE;
        clue.certainty = i > 0   ? VCLUSTER_CERTAINTY_POSSIBLE
                         : vague ? VCLUSTER_CERTAINTY_LIKELY
                                 : VCLUSTER_CERTAINTY_CERTAIN;
        vcl_causes_add(causes, &clue);
    }
}

/* A scheduler that is there says within a moment what it thinks of a pod. */
static void classify_ignored(const vcl_scene *scene, const cJSON *pod, vcl_causes *causes)
{
    const char *scheduler = vcl_str(vcl_json_find_string(pod, "spec", "schedulerName", NULL));
    int64_t made = 0;

    if (scene->now == 0 ||
        !vcl_parse_rfc3339(
            vcl_str(vcl_json_find_string(pod, "metadata", "creationTimestamp", NULL)), &made) ||
        scene->now - made < MOMENT_MS / 1000)
        return;
    vcl_auto_free char *sentence =
        vcl_format("pod '%s': scheduler '%s' has not looked at it", vcl_name_of(pod), scheduler);
    vcl_clue clue = { .reason = VCLUSTER_REASON_NO_SCHEDULER,
                      .certainty = VCLUSTER_CERTAINTY_LIKELY,
                      .kind = "Pod",
                      .name = vcl_name_of(pod),
                      .sentence = vcl_str(sentence) };
    vcl_causes_add(causes, &clue);
}

void vcl_classify_pod(const vcl_scene *scene, const cJSON *pod, vcl_causes *causes)
{
    const cJSON *scheduled = vcl_condition(pod, "PodScheduled");
    const char *phase = vcl_json_find_string(pod, "status", "phase", NULL);

    if (classify_containers(scene, pod, causes))
        return;
    if (vcl_streq(phase, "Failed"))
        classify_failed(pod, causes);
    else if (vcl_streq(vcl_json_find_string(scheduled, "status", NULL), "False"))
        classify_unscheduled(pod, scheduled, causes);
    else if (!scheduled && vcl_str_empty(vcl_json_find_string(pod, "spec", "nodeName", NULL)))
        classify_ignored(scene, pod, causes);
}
