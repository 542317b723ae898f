/* SPDX-License-Identifier: Apache-2.0 */
/* What the controllers share: objects by their path, and pods. With the lock of the fake. */
#ifndef VCL_FAKE_CONTROLLERS_H
#define VCL_FAKE_CONTROLLERS_H

#include "fake/host.h"

#define VCL_FAKE_NODE "fake-node"

/* What a controller works on. */
typedef struct vcl_fake_control {
    vcl_fake *fake;
    vcl_world *world;
} vcl_fake_control;

/* "/GROUP/namespaces/NS/PLURAL/NAME", looked up. */
vcl_fake_object *vcl_fake_find(vcl_world *world,
                               const char *group,
                               const char *namespace_name,
                               const char *plural,
                               const char *name);
/* Store an object that YAML describes. NULL: memory is short. */
vcl_fake_object *vcl_fake_make(vcl_world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Give an object a status, owned from now on. */
bool vcl_fake_set_status(vcl_world *world, vcl_fake_object *object, cJSON *status);

/* pods.c: the status of a pod that runs on the fake's node, or has done its work. */
cJSON *vcl_fake_pod_status(const cJSON *pod);

/* workloads.c: the pods of a StatefulSet, a Deployment, a DaemonSet or a Job. */
void vcl_fake_run_workload(const vcl_fake_control *control, vcl_fake_object *workload);
/* Whether it is one of these. */
bool vcl_fake_is_workload(const cJSON *tree);

/* virtual.c: the virtual cluster of a control plane that was written or has gone. */
void vcl_fake_run_control_plane(const vcl_fake_control *control, const char *workload_path);
void vcl_fake_forget_control_planes(const vcl_fake_control *control);

#endif
