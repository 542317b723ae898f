/* SPDX-License-Identifier: Apache-2.0 */
/* What a pod is doing, in the words of kubectl. Why it does not become ready: classify.h. */
#ifndef VCL_RELEASE_POD_STATE_H
#define VCL_RELEASE_POD_STATE_H

#include "data/json.h"

/* The STATUS column of `kubectl get pods`: "Running", "Init:0/1", "CrashLoopBackOff", ... */
bool vcl_pod_status(const cJSON *pod, vcl_buf *out_status);

/* Whether the condition Ready is true. */
bool vcl_pod_ready(const cJSON *pod);

/* The status of a container by its name; NULL: there is none of that name. */
const cJSON *vcl_pod_container(const cJSON *pod, const char *container);

/* Whether a named container runs. */
bool vcl_pod_container_running(const cJSON *pod, const char *container);

/* Tag of an image reference: behind the ':' of the last path segment, without digest; "" if none.
 * Copied into buf. */
bool vcl_image_tag(const char *image, vcl_buf *buf);
/* Tag of the image of a container (init containers too), or "". */
bool vcl_pod_spec_image_tag(const cJSON *pod_spec, const char *container, vcl_buf *out_tag);

#endif
