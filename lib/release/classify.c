/* SPDX-License-Identifier: Apache-2.0 */
/* From what was read to causes; see classify.h. Here: the place, the workload, and the order. */
#include "release/classify.h"

#include "base/clock.h"
#include "base/str.h"
#include "release/record.h"

void vcl_scene_of(const cJSON *recording, vcl_scene *out_scene)
{
    int64_t now = 0;

    (void)vcl_parse_rfc3339(vcl_str(vcl_json_find_string(recording, "now", NULL)), &now);
    *out_scene = (vcl_scene){
        .name = vcl_json_find_string(recording, "name", NULL),
        .namespace_name = vcl_json_find_string(recording, "namespaceName", NULL),
        .context = vcl_json_find_string(recording, "context", NULL),
        .place = vcl_json_get(recording, "place"),
        .workload = vcl_json_get(recording, "workload"),
        .pods = vcl_json_get(recording, "pods"),
        .events = vcl_json_get(recording, "events"),
        .claims = vcl_json_get(recording, "claims"),
        .classes = vcl_json_get(recording, "classes"),
        .nodes = vcl_json_get(recording, "nodes"),
        .records = vcl_json_get(recording, "records"),
        .logs = vcl_json_get(recording, "logs"),
        .now = now,
    };
}

const cJSON *vcl_condition(const cJSON *object, const char *type)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_find(object, "status", "conditions", NULL)) {
        if (vcl_streq(vcl_json_find_string(item, "type", NULL), type))
            return item;
    }
    return NULL;
}

const char *vcl_name_of(const cJSON *object)
{
    return vcl_str(vcl_json_find_string(object, "metadata", "name", NULL));
}

const cJSON *vcl_by_name(const cJSON *array, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, array) {
        if (vcl_streq(vcl_name_of(item), name))
            return item;
    }
    return NULL;
}

static bool is_going(const cJSON *object)
{
    return vcl_json_find_string(object, "metadata", "deletionTimestamp", NULL) != NULL;
}

static const char *annotation(const cJSON *object, const char *name)
{
    return vcl_json_find_string(object, "metadata", "annotations", name, NULL);
}

/* One sentence about the virtual cluster, or where it should be. */
static void add_state(vcl_causes *causes,
                      int certainty,
                      int reason,
                      const char *kind,
                      const char *name,
                      char *sentence)
{
    vcl_clue clue = {
        .reason = reason, .certainty = certainty, .kind = kind, .name = name, .sentence = sentence
    };

    if (sentence)
        vcl_causes_add(causes, &clue);
    else
        causes->failed = true;
    free(sentence);
}

static const char *in_context(const vcl_scene *scene)
{
    return vcl_str_empty(scene->context) ? "the host" : scene->context;
}

/* The namespace. true: there is nothing more to look at. */
static bool classify_place(const vcl_scene *scene, vcl_causes *causes)
{
    if (!scene->place)
        return false;
    if (cJSON_IsNull(scene->place)) {
        add_state(causes, VCLUSTER_CERTAINTY_CERTAIN, VCLUSTER_REASON_NAMESPACE_MISSING,
                  "Namespace", scene->namespace_name,
                  vcl_format("namespace '%s' does not exist in '%s'",
                             vcl_str(scene->namespace_name), in_context(scene)));
        return true;
    }
    if (is_going(scene->place)) {
        add_state(causes, VCLUSTER_CERTAINTY_CERTAIN, VCLUSTER_REASON_NAMESPACE_GOING, "Namespace",
                  scene->namespace_name,
                  vcl_format("namespace '%s' is being deleted", vcl_str(scene->namespace_name)));
        return true;
    }
    return false;
}

/* An operation that has not ended: at work, or killed. Of several revisions the newest counts. */
static void classify_record(const vcl_scene *scene, int certainty, vcl_causes *causes)
{
    const cJSON *last = NULL;
    const cJSON *item;
    int64_t newest = -1;

    cJSON_ArrayForEach (item, scene->records) {
        const char *text = vcl_json_find_string(item, "metadata", "labels", "version", NULL);
        int64_t version = 0;
        if (vcl_parse_i64(vcl_str(text), &version) && version > newest) {
            newest = version;
            last = item;
        }
    }
    const char *status = vcl_json_find_string(last, "metadata", "labels", "status", NULL);
    if (!vcl_starts_with(vcl_str(status), "pending-") && !vcl_streq(status, "uninstalling"))
        return;
    add_state(causes, certainty, VCLUSTER_REASON_UNFINISHED, "Secret", vcl_name_of(last),
              vcl_format("an operation on release '%s' has not ended: its record says '%s'",
                         vcl_str(scene->name), status));
}

static int64_t replicas(const cJSON *workload)
{
    return vcl_json_find_int(workload, 1, "spec", "replicas", NULL);
}

/* States that somebody wanted. */
static bool classify_wanted(const vcl_scene *scene, vcl_causes *causes)
{
    const cJSON *workload = scene->workload;
    const char *kind = vcl_str(vcl_json_find_string(workload, "kind", NULL));
    const char *name = vcl_name_of(workload);

    if (is_going(workload))
        add_state(causes, VCLUSTER_CERTAINTY_CERTAIN, VCLUSTER_REASON_DELETING, kind, name,
                  vcl_format("virtual cluster '%s' is being deleted", name));
    else if (vcl_streq(annotation(workload, "loft.sh/paused"), "true"))
        add_state(causes, VCLUSTER_CERTAINTY_CERTAIN, VCLUSTER_REASON_PAUSED, kind, name,
                  vcl_format("virtual cluster '%s' is paused", name));
    else if (vcl_streq(
                 vcl_json_find_string(workload, "metadata", "labels", "loft.sh/sleep-mode", NULL),
                 "true") ||
             annotation(workload, "sleepmode.loft.sh/sleep-type"))
        add_state(causes, VCLUSTER_CERTAINTY_CERTAIN, VCLUSTER_REASON_SLEEPING, kind, name,
                  vcl_format("virtual cluster '%s' was put to sleep", name));
    else if (replicas(workload) == 0 && (annotation(workload, VCL_ANNOTATION_RESTORING) ||
                                         annotation(workload, VCL_ANNOTATION_RESTORING_UPSTREAM)))
        add_state(causes, VCLUSTER_CERTAINTY_CERTAIN, VCLUSTER_REASON_UNFINISHED, kind, name,
                  vcl_format("a restore of virtual cluster '%s' is not finished: its control plane "
                             "is scaled to 0 replicas meanwhile",
                             name));
    else if (replicas(workload) == 0)
        add_state(causes, VCLUSTER_CERTAINTY_CERTAIN, VCLUSTER_REASON_SCALED_DOWN, kind, name,
                  vcl_format("%s '%s' is scaled to 0 replicas, though the virtual cluster is not "
                             "paused",
                             kind, name));
    else
        return false;
    return true;
}

/* true: there is nothing more to look at. */
static bool classify_workload(const vcl_scene *scene, vcl_causes *causes)
{
    if (!scene->workload)
        return false;
    if (!cJSON_IsNull(scene->workload))
        return classify_wanted(scene, causes);
    classify_record(scene, VCLUSTER_CERTAINTY_CERTAIN, causes);
    if (causes->count)
        return true;
    add_state(causes, VCLUSTER_CERTAINTY_CERTAIN, VCLUSTER_REASON_NOT_FOUND, "Namespace",
              scene->namespace_name,
              vcl_format("there is no virtual cluster '%s' in namespace '%s' of '%s'",
                         vcl_str(scene->name), vcl_str(scene->namespace_name), in_context(scene)));
    return true;
}

/* A Deployment says itself what keeps it from making pods. */
static void classify_replica_failure(const vcl_scene *scene, vcl_causes *causes)
{
    const cJSON *condition = vcl_condition(scene->workload, "ReplicaFailure");

    if (!vcl_streq(vcl_json_find_string(condition, "status", NULL), "True"))
        return;
    vcl_event_refused(vcl_json_find_string(scene->workload, "kind", NULL),
                      vcl_name_of(scene->workload),
                      vcl_str(vcl_json_find_string(condition, "message", NULL)), NULL, causes);
}

static int going_pods(const vcl_scene *scene)
{
    const cJSON *pod;
    int count = 0;

    cJSON_ArrayForEach (pod, scene->pods)
        count += is_going(pod);
    return count;
}

/* Nothing else was found: either nobody makes the pod, or it takes its time. */
static void classify_rest(const vcl_scene *scene, vcl_causes *causes)
{
    const char *name = vcl_name_of(scene->workload);
    const char *kind = vcl_str(vcl_json_find_string(scene->workload, "kind", NULL));
    vcl_clue clue = { .kind = kind, .name = name, .certainty = VCLUSTER_CERTAINTY_LIKELY };
    vcl_auto_free char *sentence = NULL;

    if (!scene->workload || causes->count)
        return;
    if (cJSON_GetArraySize(scene->pods) > 0) {
        clue.reason = VCLUSTER_REASON_STARTING;
        sentence = going_pods(scene)
                       ? vcl_format("virtual cluster '%s' is waiting for its old pod to end", name)
                       : vcl_format("virtual cluster '%s' is starting", name);
    } else {
        clue.reason = VCLUSTER_REASON_POD_NOT_MADE;
        sentence = vcl_format("%s '%s' has no pod, and no event says why", kind, name);
    }
    clue.sentence = sentence;
    if (sentence)
        vcl_causes_add(causes, &clue);
    else
        causes->failed = true;
}

int vcl_classify(const vcl_scene *scene, vcl_causes *out_causes, vcluster_error **error)
{
    const cJSON *pod;

    if (!classify_place(scene, out_causes) && !classify_workload(scene, out_causes)) {
        cJSON_ArrayForEach (pod, scene->pods) {
            if (!is_going(pod))
                vcl_classify_pod(scene, pod, out_causes);
        }
        vcl_classify_events(scene, out_causes);
        vcl_classify_claims(scene, out_causes);
        vcl_classify_nodes(scene, out_causes);
        classify_replica_failure(scene, out_causes);
        classify_record(scene, VCLUSTER_CERTAINTY_LIKELY, out_causes);
        classify_rest(scene, out_causes);
    }
    vcl_causes_rank(out_causes);
    return out_causes->failed ? vcl_no_memory(error) : VCLUSTER_OK;
}
