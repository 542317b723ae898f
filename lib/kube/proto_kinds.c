/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of fields; see proto_kinds.h. */
#include "kube/proto_kinds.h"

#define TABLE(fields) VCL_PROTO_MESSAGE_OF(fields)

static const vcl_proto_field metadata_fields[] = {
    { 1, VCL_PROTO_STRING, "name", NULL },
    { 3, VCL_PROTO_STRING, "namespace", NULL },
    { 5, VCL_PROTO_STRING, "uid", NULL },
    { 6, VCL_PROTO_STRING, "resourceVersion", NULL },
    { 7, VCL_PROTO_INT, "generation", NULL },
    { 8, VCL_PROTO_TIME, "creationTimestamp", NULL },
    { 9, VCL_PROTO_TIME, "deletionTimestamp", NULL },
    { 11, VCL_PROTO_MAP, "labels", NULL },
    { 12, VCL_PROTO_MAP, "annotations", NULL },
};
static const vcl_proto_message metadata = TABLE(metadata_fields);

static const vcl_proto_field container_fields[] = {
    { 1, VCL_PROTO_STRING, "name", NULL },
    { 2, VCL_PROTO_STRING, "image", NULL },
    { 24, VCL_PROTO_STRING, "restartPolicy", NULL },
};
static const vcl_proto_message container = TABLE(container_fields);

static const vcl_proto_field gate_fields[] = { { 1, VCL_PROTO_STRING, "conditionType", NULL } };
static const vcl_proto_message gate = TABLE(gate_fields);

static const vcl_proto_field pod_spec_fields[] = {
    { 2, VCL_PROTO_MESSAGES, "containers", &container },
    { 10, VCL_PROTO_STRING, "nodeName", NULL },
    { 20, VCL_PROTO_MESSAGES, "initContainers", &container },
    { 28, VCL_PROTO_MESSAGES, "readinessGates", &gate },
};
static const vcl_proto_message pod_spec = TABLE(pod_spec_fields);

static const vcl_proto_field template_fields[] = { { 2, VCL_PROTO_MESSAGE, "spec", &pod_spec } };
static const vcl_proto_message template = TABLE(template_fields);

/* Of a StatefulSet and of a Deployment. */
static const vcl_proto_field workload_spec_fields[] = {
    { 1, VCL_PROTO_INT, "replicas", NULL },
    { 3, VCL_PROTO_MESSAGE, "template", &template },
};
static const vcl_proto_message workload_spec = TABLE(workload_spec_fields);

static const vcl_proto_field stateful_set_status_fields[] = {
    { 1, VCL_PROTO_INT, "observedGeneration", NULL },
    { 2, VCL_PROTO_INT, "replicas", NULL },
    { 3, VCL_PROTO_INT, "readyReplicas", NULL },
    { 5, VCL_PROTO_INT, "updatedReplicas", NULL },
};
static const vcl_proto_message stateful_set_status = TABLE(stateful_set_status_fields);

static const vcl_proto_field stateful_set_fields[] = {
    { 1, VCL_PROTO_MESSAGE, "metadata", &metadata },
    { 2, VCL_PROTO_MESSAGE, "spec", &workload_spec },
    { 3, VCL_PROTO_MESSAGE, "status", &stateful_set_status },
};
const vcl_proto_message vcl_proto_stateful_set = TABLE(stateful_set_fields);

static const vcl_proto_field deployment_status_fields[] = {
    { 1, VCL_PROTO_INT, "observedGeneration", NULL },
    { 2, VCL_PROTO_INT, "replicas", NULL },
    { 3, VCL_PROTO_INT, "updatedReplicas", NULL },
    { 7, VCL_PROTO_INT, "readyReplicas", NULL },
};
static const vcl_proto_message deployment_status = TABLE(deployment_status_fields);

static const vcl_proto_field deployment_fields[] = {
    { 1, VCL_PROTO_MESSAGE, "metadata", &metadata },
    { 2, VCL_PROTO_MESSAGE, "spec", &workload_spec },
    { 3, VCL_PROTO_MESSAGE, "status", &deployment_status },
};
const vcl_proto_message vcl_proto_deployment = TABLE(deployment_fields);

static const vcl_proto_field waiting_fields[] = { { 1, VCL_PROTO_STRING, "reason", NULL } };
static const vcl_proto_message waiting = TABLE(waiting_fields);

static const vcl_proto_field running_fields[] = { { 1, VCL_PROTO_TIME, "startedAt", NULL } };
static const vcl_proto_message running = TABLE(running_fields);

static const vcl_proto_field terminated_fields[] = {
    { 1, VCL_PROTO_INT, "exitCode", NULL },
    { 2, VCL_PROTO_INT, "signal", NULL },
    { 3, VCL_PROTO_STRING, "reason", NULL },
};
static const vcl_proto_message terminated = TABLE(terminated_fields);

static const vcl_proto_field state_fields[] = {
    { 1, VCL_PROTO_MESSAGE, "waiting", &waiting },
    { 2, VCL_PROTO_MESSAGE, "running", &running },
    { 3, VCL_PROTO_MESSAGE, "terminated", &terminated },
};
static const vcl_proto_message state = TABLE(state_fields);

static const vcl_proto_field container_status_fields[] = {
    { 1, VCL_PROTO_STRING, "name", NULL },  { 2, VCL_PROTO_MESSAGE, "state", &state },
    { 4, VCL_PROTO_BOOL, "ready", NULL },   { 5, VCL_PROTO_INT, "restartCount", NULL },
    { 9, VCL_PROTO_BOOL, "started", NULL },
};
static const vcl_proto_message container_status = TABLE(container_status_fields);

static const vcl_proto_field condition_fields[] = {
    { 1, VCL_PROTO_STRING, "type", NULL },
    { 2, VCL_PROTO_STRING, "status", NULL },
    { 5, VCL_PROTO_STRING, "reason", NULL },
};
static const vcl_proto_message condition = TABLE(condition_fields);

static const vcl_proto_field pod_status_fields[] = {
    { 1, VCL_PROTO_STRING, "phase", NULL },
    { 2, VCL_PROTO_MESSAGES, "conditions", &condition },
    { 4, VCL_PROTO_STRING, "reason", NULL },
    { 8, VCL_PROTO_MESSAGES, "containerStatuses", &container_status },
    { 10, VCL_PROTO_MESSAGES, "initContainerStatuses", &container_status },
};
static const vcl_proto_message pod_status = TABLE(pod_status_fields);

static const vcl_proto_field pod_fields[] = {
    { 1, VCL_PROTO_MESSAGE, "metadata", &metadata },
    { 2, VCL_PROTO_MESSAGE, "spec", &pod_spec },
    { 3, VCL_PROTO_MESSAGE, "status", &pod_status },
};
const vcl_proto_message vcl_proto_pod = TABLE(pod_fields);

static const vcl_proto_field object_fields[] = {
    { 1, VCL_PROTO_MESSAGE, "metadata", &metadata },
};
const vcl_proto_message vcl_proto_metadata = TABLE(object_fields);

static const vcl_proto_field list_metadata_fields[] = {
    { 2, VCL_PROTO_STRING, "resourceVersion", NULL },
    { 3, VCL_PROTO_STRING, "continue", NULL },
    { 4, VCL_PROTO_INT, "remainingItemCount", NULL },
};
static const vcl_proto_message list_metadata = TABLE(list_metadata_fields);

static const vcl_proto_field list_fields[] = {
    { 1, VCL_PROTO_MESSAGE, "metadata", &list_metadata },
};
const vcl_proto_message vcl_proto_list = TABLE(list_fields);

static const vcl_proto_field cause_fields[] = {
    { 1, VCL_PROTO_STRING, "reason", NULL },
    { 2, VCL_PROTO_STRING, "message", NULL },
    { 3, VCL_PROTO_STRING, "field", NULL },
};
static const vcl_proto_message cause = TABLE(cause_fields);

static const vcl_proto_field details_fields[] = {
    { 1, VCL_PROTO_STRING, "name", NULL },           { 2, VCL_PROTO_STRING, "group", NULL },
    { 3, VCL_PROTO_STRING, "kind", NULL },           { 4, VCL_PROTO_MESSAGES, "causes", &cause },
    { 5, VCL_PROTO_INT, "retryAfterSeconds", NULL }, { 6, VCL_PROTO_STRING, "uid", NULL },
};
static const vcl_proto_message details = TABLE(details_fields);

static const vcl_proto_field status_fields[] = {
    { 1, VCL_PROTO_MESSAGE, "metadata", &list_metadata },
    { 2, VCL_PROTO_STRING, "status", NULL },
    { 3, VCL_PROTO_STRING, "message", NULL },
    { 4, VCL_PROTO_STRING, "reason", NULL },
    { 5, VCL_PROTO_MESSAGE, "details", &details },
    { 6, VCL_PROTO_INT, "code", NULL },
};
const vcl_proto_message vcl_proto_status = TABLE(status_fields);
