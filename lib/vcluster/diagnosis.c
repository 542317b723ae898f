/* SPDX-License-Identifier: Apache-2.0 */
/* A diagnosis as an object, and as JSON. */
#include "base/str.h"
#include "data/json.h"
#include "vcluster/why.h"

const char *vcluster_reason_code(int reason)
{
    const vcl_reason *found = vcl_reason_find(reason);

    return found ? found->code : "unknown";
}

const char *vcluster_certainty_name(int certainty)
{
    static const char *const names[] = { "unknown", "possible", "likely", "certain" };
    bool known =
        certainty >= VCLUSTER_CERTAINTY_POSSIBLE && certainty <= VCLUSTER_CERTAINTY_CERTAIN;

    return names[known ? certainty : 0];
}

void vcluster_diagnosis_free(vcluster_diagnosis *diagnosis)
{
    if (!diagnosis)
        return;
    free(diagnosis->name);
    free(diagnosis->namespace_name);
    free(diagnosis->note);
    vcl_causes_done(&diagnosis->causes);
    free(diagnosis);
}

bool vcluster_diagnosis_ready(const vcluster_diagnosis *diagnosis)
{
    return diagnosis && diagnosis->ready;
}

const char *vcluster_diagnosis_namespace(const vcluster_diagnosis *diagnosis)
{
    return diagnosis ? diagnosis->namespace_name : "";
}

const char *vcluster_diagnosis_note(const vcluster_diagnosis *diagnosis)
{
    return diagnosis ? diagnosis->note : "";
}

size_t vcluster_diagnosis_size(const vcluster_diagnosis *diagnosis)
{
    return diagnosis ? diagnosis->causes.count : 0;
}

const vcluster_cause *vcluster_diagnosis_at(const vcluster_diagnosis *diagnosis, size_t index)
{
    return index < vcluster_diagnosis_size(diagnosis) ? &diagnosis->causes.items[index] : NULL;
}

int vcluster_cause_reason(const vcluster_cause *cause)
{
    return cause ? cause->reason->id : VCLUSTER_REASON_NONE;
}

int vcluster_cause_certainty(const vcluster_cause *cause)
{
    return cause ? cause->certainty : 0;
}

int vcluster_cause_status(const vcluster_cause *cause)
{
    return cause ? cause->reason->status : VCLUSTER_OK;
}

const char *vcluster_cause_message(const vcluster_cause *cause)
{
    return cause ? cause->message : "";
}

const char *vcluster_cause_object(const vcluster_cause *cause)
{
    return cause ? cause->object : "";
}

const char *vcluster_cause_container(const vcluster_cause *cause)
{
    return cause ? cause->container : "";
}

const char *vcluster_cause_event(const vcluster_cause *cause)
{
    return cause ? cause->event : "";
}

const char *vcluster_cause_evidence(const vcluster_cause *cause)
{
    return cause ? cause->evidence : "";
}

const char *vcluster_cause_remedy(const vcluster_cause *cause)
{
    return cause ? cause->reason->remedy : "";
}

bool vcluster_cause_waiting_helps(const vcluster_cause *cause)
{
    return cause && cause->reason->helps;
}

static bool add_cause(cJSON *causes, const vcluster_cause *cause)
{
    cJSON *one = cJSON_CreateObject();

    if (!one || !vcl_json_append(causes, one))
        return false;
    return vcl_json_set_string(one, "reason", cause->reason->code) &&
           vcl_json_set_string(one, "certainty", vcluster_certainty_name(cause->certainty)) &&
           vcl_json_set_string(one, "status", vcluster_status_name(cause->reason->status)) &&
           vcl_json_set_string(one, "message", cause->message) &&
           vcl_json_set_string(one, "object", cause->object) &&
           vcl_json_set_string(one, "container", cause->container) &&
           vcl_json_set_string(one, "event", cause->event) &&
           vcl_json_set_string(one, "evidence", cause->evidence) &&
           vcl_json_set_string(one, "remedy", cause->reason->remedy) &&
           vcl_json_set(one, "waitingHelps", cJSON_CreateBool(cause->reason->helps));
}

cJSON *vcl_causes_to_json(const vcl_causes *causes)
{
    VCL_AUTO_JSON *list = cJSON_CreateArray();

    for (size_t i = 0; list && i < causes->count; i++) {
        if (!add_cause(list, &causes->items[i]))
            return NULL;
    }
    return vcl_steal(&list);
}

static bool fill(cJSON *tree, const vcluster_diagnosis *diagnosis)
{
    return tree && vcl_json_set_string(tree, "name", diagnosis->name) &&
           vcl_json_set_string(tree, "namespace", diagnosis->namespace_name) &&
           vcl_json_set(tree, "ready", cJSON_CreateBool(diagnosis->ready)) &&
           vcl_json_set_string(tree, "note", diagnosis->note) &&
           vcl_json_set(tree, "causes", vcl_causes_to_json(&diagnosis->causes));
}

int vcluster_diagnosis_to_json(const vcluster_diagnosis *diagnosis,
                               char **out_json,
                               vcluster_error **error)
{
    if (!diagnosis || !out_json)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s is NULL",
                        diagnosis ? "out_json" : "diagnosis");
    VCL_AUTO_JSON *tree = cJSON_CreateObject();
    char *text = fill(tree, diagnosis) ? vcl_json_print(tree) : NULL;
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return VCLUSTER_OK;
}
