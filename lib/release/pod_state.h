/* SPDX-License-Identifier: Apache-2.0 */
/* What a pod is doing: in the words of kubectl, and as a reason why it will not become ready. */
#ifndef VCL_RELEASE_POD_STATE_H
#define VCL_RELEASE_POD_STATE_H

#include "data/json.h"

/* The STATUS column of `kubectl get pods`: "Running", "Init:0/1", "CrashLoopBackOff", ... */
bool vcl_pod_status(const cJSON *pod, vcl_buf *out_status);

/* Whether the condition Ready is true. */
bool vcl_pod_ready(const cJSON *pod);

/* Whether a named container runs. */
bool vcl_pod_container_running(const cJSON *pod, const char *container);

/* Tag of an image reference: behind the ':' of the last path segment, without digest; "" if none.
 * Copied into buf. */
bool vcl_image_tag(const char *image, vcl_buf *buf);
/* Tag of the image of a container (init containers too), or "". */
bool vcl_pod_spec_image_tag(const cJSON *pod_spec, const char *container, vcl_buf *out_tag);

/* Why a pod does not start. */
typedef struct vcl_trouble {
    int status;            /* ::vcluster_status to fail with */
    const char *reason;    /* "ImagePullBackOff"; borrowed from the pod */
    const char *container; /* borrowed; NULL when it is the pod itself */
    const char *message;   /* borrowed; "" if there is none */
    const char *remedy;    /* constant */
    int64_t grace_ms;      /* how long it may pass by itself; 0: certain */
    bool crashed;          /* the container's last log line tells more */
} vcl_trouble;

/* The worst trouble of a pod; false when there is none. */
bool vcl_pod_trouble(const cJSON *pod, vcl_trouble *out_trouble);

#endif
