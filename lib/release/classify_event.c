/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What events say: a workload that is refused its pod, a pod whose volumes or network are not made
 * or whose probes fail, a volume claim. An event outlives its cause by an hour: one counts only
 * while the object that it is about is still in the state that it speaks of. Claims and nodes are
 * looked at here too, because events tell most about them.
 */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "release/classify.h"
#include "release/classify_text.h"

static const char *field(const cJSON *event, const char *name)
{
    return vcl_str(vcl_json_find_string(event, name, NULL));
}

static const char *about(const cJSON *event, const char *name)
{
    return vcl_str(vcl_json_find_string(event, "involvedObject", name, NULL));
}

static const char *last_seen(const cJSON *event)
{
    const char *last = field(event, "lastTimestamp");

    if (!*last)
        last = vcl_str(vcl_json_find_string(event, "series", "lastObservedTime", NULL));
    return *last ? last : field(event, "eventTime");
}

/* From the first to the last time that it happened. */
static int64_t lasted_ms(const cJSON *event)
{
    int64_t first_seconds = 0;
    int64_t last_seconds = 0;

    if (!vcl_parse_rfc3339(field(event, "firstTimestamp"), &first_seconds) ||
        !vcl_parse_rfc3339(last_seen(event), &last_seconds) || last_seconds < first_seconds)
        return 0;
    return (last_seconds - first_seconds) * 1000;
}

static char *text_of(const cJSON *event)
{
    return vcl_format("%s: %s", field(event, "reason"), field(event, "message"));
}

static const char *who_refuses(int reason)
{
    switch (reason) {
    case VCLUSTER_REASON_QUOTA_EXCEEDED:
    case VCLUSTER_REASON_QUOTA_UNSPECIFIED:
        return "a ResourceQuota refuses it";
    case VCLUSTER_REASON_LIMIT_RANGE:
        return "a LimitRange refuses it";
    case VCLUSTER_REASON_POD_SECURITY:
        return "the pod security level of the namespace refuses it";
    case VCLUSTER_REASON_ADMISSION_DENIED:
        return "a policy of the host refuses it";
    case VCLUSTER_REASON_WEBHOOK_UNREACHABLE:
        return "a webhook of the host does not answer";
    default:
        return "the host refuses it";
    }
}

/* Kubernetes' word would be FailedCreate for all of these. */
static const char *word_for(int reason)
{
    return reason == VCLUSTER_REASON_QUOTA_EXCEEDED || reason == VCLUSTER_REASON_QUOTA_UNSPECIFIED
               ? "QuotaExceeded"
           : reason == VCLUSTER_REASON_LIMIT_RANGE ? "LimitRange"
                                                   : "FailedCreate";
}

static void add_refused(const char *kind,
                        const char *name,
                        const char *message,
                        const char *event,
                        int64_t lasted,
                        vcl_causes *causes)
{
    int reason = vcl_text_refused(message);
    vcl_auto_free char *sentence = vcl_format("%s '%s' cannot make its pod: %s: %s", vcl_str(kind),
                                              name, who_refuses(reason), message);
    vcl_clue clue = { .reason = reason,
                      .kind = kind,
                      .name = name,
                      .reported = word_for(reason),
                      .detail = message,
                      .sentence = sentence,
                      .event = event,
                      .lasted_ms = lasted };

    if (!sentence)
        causes->failed = true;
    else
        vcl_causes_add(causes, &clue);
}

void vcl_event_refused(
    const char *kind, const char *name, const char *message, const char *event, vcl_causes *causes)
{
    add_refused(kind, name, message, event, 0, causes);
}

static bool lacks_pods(const vcl_scene *scene)
{
    return !scene->workload || cJSON_GetArraySize(scene->pods) <
                                   vcl_json_find_int(scene->workload, 1, "spec", "replicas", NULL);
}

static bool has_started(const cJSON *pod)
{
    static const char *const lists[] = { "initContainerStatuses", "containerStatuses" };
    const cJSON *status;

    for (int i = 0; i < 2; i++) {
        cJSON_ArrayForEach (status, vcl_json_find(pod, "status", lists[i], NULL)) {
            if (vcl_json_find(status, "state", "running", NULL) ||
                vcl_json_find(status, "state", "terminated", NULL) ||
                vcl_json_find_int(status, 0, "restartCount", NULL) > 0)
                return true;
        }
    }
    return false;
}

static bool is_running_unready(const cJSON *pod)
{
    return vcl_streq(vcl_json_find_string(pod, "status", "phase", NULL), "Running") &&
           vcl_streq(vcl_json_find_string(vcl_condition(pod, "Ready"), "status", NULL), "False");
}

/* Volumes and network come before the images: whoever pulls one has them. */
static bool was_overcome(const vcl_scene *scene, const cJSON *event)
{
    const cJSON *other;

    cJSON_ArrayForEach (other, scene->events) {
        const char *word = field(other, "reason");
        if (vcl_streq(about(other, "uid"), about(event, "uid")) &&
            (vcl_streq(word, "Pulling") || vcl_streq(word, "Pulled") ||
             vcl_streq(word, "Created")) &&
            strcmp(last_seen(other), last_seen(event)) >= 0)
            return true;
    }
    return false;
}

/* What an event about a pod points to while the pod is as it is; 0: nothing. */
static int of_pod_event(const vcl_scene *scene, const cJSON *event, const cJSON *pod)
{
    const char *word = field(event, "reason");

    if (!has_started(pod) && !was_overcome(scene, event)) {
        if (vcl_streq(word, "FailedMount") || vcl_streq(word, "FailedAttachVolume") ||
            vcl_streq(word, "FailedMapVolume"))
            return vcl_text_mount(field(event, "message"));
        if (vcl_streq(word, "FailedCreatePodSandBox") || vcl_streq(word, "NetworkNotReady"))
            return VCLUSTER_REASON_SANDBOX;
    }
    if (vcl_streq(word, "Unhealthy") && is_running_unready(pod))
        return VCLUSTER_REASON_PROBE_FAILING;
    if (vcl_streq(word, "NodeNotReady"))
        return VCLUSTER_REASON_NODE_NOT_READY;
    return VCLUSTER_REASON_NONE;
}

static void classify_pod_event(const vcl_scene *scene, const cJSON *event, vcl_causes *causes)
{
    const cJSON *pod = vcl_by_name(scene->pods, about(event, "name"));
    const char *uid = vcl_json_find_string(pod, "metadata", "uid", NULL);

    if (!pod || (*about(event, "uid") && !vcl_streq(uid, about(event, "uid"))))
        return;
    int reason = of_pod_event(scene, event, pod);
    if (!reason)
        return;
    vcl_auto_free char *text = text_of(event);
    vcl_clue clue = { .reason = reason,
                      .certainty = reason == VCLUSTER_REASON_PROBE_FAILING
                                       ? VCLUSTER_CERTAINTY_LIKELY
                                       : VCLUSTER_CERTAINTY_CERTAIN,
                      .kind = "Pod",
                      .name = about(event, "name"),
                      .reported = field(event, "reason"),
                      .detail = field(event, "message"),
                      .event = text,
                      .lasted_ms = lasted_ms(event) };
    vcl_causes_add(causes, &clue);
}

static bool is_pending(const vcl_scene *scene, const char *claim)
{
    const cJSON *found = vcl_by_name(scene->claims, claim);

    /* A wait does not read the claims: while their pod does not run, an event about one counts. */
    return !scene->claims ||
           vcl_streq(vcl_json_find_string(found, "status", "phase", NULL), "Pending");
}

static void classify_claim_event(const vcl_scene *scene, const cJSON *event, vcl_causes *causes)
{
    const char *name = about(event, "name");
    int reason = vcl_text_claim(field(event, "message"));

    if (!reason || !is_pending(scene, name))
        return;
    vcl_auto_free char *text = text_of(event);
    vcl_clue clue = { .reason = reason,
                      .certainty = reason == VCLUSTER_REASON_VOLUME_UNBOUND
                                       ? VCLUSTER_CERTAINTY_LIKELY
                                       : VCLUSTER_CERTAINTY_CERTAIN,
                      .kind = "PersistentVolumeClaim",
                      .name = name,
                      .reported = field(event, "reason"),
                      .detail = field(event, "message"),
                      .event = text,
                      .lasted_ms = lasted_ms(event) };
    vcl_causes_add(causes, &clue);
}

/* Of the objects of this workload? A namespace may hold others. */
static bool is_ours(const vcl_scene *scene, const cJSON *event)
{
    const char *name = about(event, "name");
    size_t size = strlen(vcl_str(scene->name));

    if (!scene->name || vcl_by_name(scene->claims, name) || vcl_by_name(scene->pods, name))
        return true;
    if (vcl_starts_with(name, "data-"))
        name += strlen("data-");
    return vcl_starts_with(name, scene->name) && (name[size] == '\0' || name[size] == '-');
}

void vcl_classify_events(const vcl_scene *scene, vcl_causes *causes)
{
    const cJSON *event;

    cJSON_ArrayForEach (event, scene->events) {
        const char *kind = about(event, "kind");

        if (!is_ours(scene, event))
            continue;
        if (vcl_streq(kind, "Pod")) {
            classify_pod_event(scene, event, causes);
        } else if (vcl_streq(kind, "PersistentVolumeClaim")) {
            classify_claim_event(scene, event, causes);
        } else if (vcl_streq(field(event, "reason"), "FailedCreate") && lacks_pods(scene)) {
            vcl_auto_free char *text = text_of(event);
            add_refused(kind, about(event, "name"), field(event, "message"), text, lasted_ms(event),
                        causes);
        }
    }
}

static bool has_default(const cJSON *classes)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, classes) {
        if (vcl_streq(vcl_json_find_string(item, "metadata", "annotations",
                                           "storageclass.kubernetes.io/is-default-class", NULL),
                      "true"))
            return true;
    }
    return false;
}

/* Why a claim is still pending, as far as claims and classes tell; 0: it waits for its pod. */
static int of_pending_claim(const vcl_scene *scene, const cJSON *claim)
{
    const char *class_name = vcl_json_find_string(claim, "spec", "storageClassName", NULL);
    const cJSON *class = vcl_by_name(scene->classes, class_name);

    if (!scene->classes)
        return VCLUSTER_REASON_VOLUME_UNBOUND;
    if (vcl_str_empty(class_name))
        return class_name || has_default(scene->classes) ? VCLUSTER_REASON_VOLUME_UNBOUND
                                                         : VCLUSTER_REASON_VOLUME_NO_CLASS;
    if (!class)
        return VCLUSTER_REASON_VOLUME_CLASS_MISSING;
    return vcl_streq(vcl_json_find_string(class, "volumeBindingMode", NULL),
                     "WaitForFirstConsumer") &&
                   !vcl_json_find_string(claim, "metadata", "annotations",
                                         "volume.kubernetes.io/selected-node", NULL)
               ? VCLUSTER_REASON_NONE
               : VCLUSTER_REASON_VOLUME_UNBOUND;
}

void vcl_classify_claims(const vcl_scene *scene, vcl_causes *causes)
{
    const cJSON *claim;

    cJSON_ArrayForEach (claim, scene->claims) {
        const char *phase = vcl_json_find_string(claim, "status", "phase", NULL);
        int reason = vcl_streq(phase, "Lost")      ? VCLUSTER_REASON_VOLUME_LOST
                     : vcl_streq(phase, "Pending") ? of_pending_claim(scene, claim)
                                                   : VCLUSTER_REASON_NONE;
        vcl_clue clue = { .reason = reason,
                          .certainty = reason == VCLUSTER_REASON_VOLUME_UNBOUND
                                           ? VCLUSTER_CERTAINTY_POSSIBLE
                                           : VCLUSTER_CERTAINTY_CERTAIN,
                          .kind = "PersistentVolumeClaim",
                          .name = vcl_name_of(claim),
                          .reported = phase,
                          .detail = vcl_json_find_string(claim, "spec", "storageClassName", NULL) };
        if (reason)
            vcl_causes_add(causes, &clue);
    }
}

static bool says_true(const cJSON *node, const char *type)
{
    return vcl_streq(vcl_json_find_string(vcl_condition(node, type), "status", NULL), "True");
}

static void classify_node(const cJSON *node, int certainty, vcl_causes *causes)
{
    static const char *const pressures[] = { "MemoryPressure", "DiskPressure", "PIDPressure" };
    const cJSON *ready = vcl_condition(node, "Ready");
    vcl_clue clue = { .kind = "Node", .name = vcl_name_of(node), .certainty = certainty };

    for (size_t i = 0; i < sizeof(pressures) / sizeof(pressures[0]); i++) {
        if (!says_true(node, pressures[i]))
            continue;
        clue.reason = VCLUSTER_REASON_NODE_PRESSURE;
        clue.reported = pressures[i];
        clue.detail = vcl_json_find_string(vcl_condition(node, pressures[i]), "message", NULL);
        vcl_causes_add(causes, &clue);
    }
    if (ready && !says_true(node, "Ready")) {
        clue.reason = VCLUSTER_REASON_NODE_NOT_READY;
        clue.reported = "NotReady";
        clue.detail = vcl_json_find_string(ready, "message", NULL);
        vcl_causes_add(causes, &clue);
    }
}

/* The node that a pod is on counts; where it is on none, any node may be why. */
void vcl_classify_nodes(const vcl_scene *scene, vcl_causes *causes)
{
    const cJSON *node;
    const cJSON *pod;

    cJSON_ArrayForEach (node, scene->nodes) {
        cJSON_ArrayForEach (pod, scene->pods) {
            const char *on = vcl_json_find_string(pod, "spec", "nodeName", NULL);
            if (vcl_str_empty(on))
                classify_node(node, VCLUSTER_CERTAINTY_POSSIBLE, causes);
            else if (vcl_streq(on, vcl_name_of(node)))
                classify_node(node, VCLUSTER_CERTAINTY_CERTAIN, causes);
        }
    }
}
