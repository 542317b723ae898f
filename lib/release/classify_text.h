/* SPDX-License-Identifier: Apache-2.0 */
/* What the messages of Kubernetes, of container runtimes and of control planes point to. */
#ifndef VCL_RELEASE_CLASSIFY_TEXT_H
#define VCL_RELEASE_CLASSIFY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Why the scheduler found no node: up to max reasons, the most telling first. Returns how many. */
size_t vcl_text_unschedulable(const char *message, int *out_reasons, size_t max);

/* Why the host refused a pod ("FailedCreate"). */
int vcl_text_refused(const char *message);

/* Why an image could not be pulled; fallback where the message does not say. */
int vcl_text_image(const char *message, int fallback);

/* Why a volume claim is not bound, and why a volume is not mounted; 0: it does not say. */
int vcl_text_claim(const char *message);
int vcl_text_mount(const char *message);

/* What a log points to: the last line that points to anything. 0: none does. *out_line and
 * *out_size tell the line, or the last one that is not empty. */
int vcl_text_log(const char *log, const char **out_line, size_t *out_size);

/* Whether a part of a control plane ended because its API server did not answer: kube-controller-
 * manager gives it 10 s. */
bool vcl_text_misses_api_server(const char *log);

#endif
