/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at everything that tells why a virtual cluster is not ready. */
#ifndef VCL_VCLUSTER_WHY_H
#define VCL_VCLUSTER_WHY_H

#include <libvcluster/diagnosis.h>

#include "base/call.h"
#include "data/json.h"
#include "release/cause.h"

struct vcluster_diagnosis {
    char *name;
    char *namespace_name;
    char *note;
    bool ready;
    vcl_causes causes;
};

VCL_DEFINE_CLEANUP(vcluster_diagnosis, vcluster_diagnosis_free);

/* An array of causes; NULL: memory is short. */
cJSON *vcl_causes_to_json(const vcl_causes *causes);

/* namespace_name NULL: wherever it is. */
int vcl_why(vcluster_client *client,
            vcl_call *call,
            const char *name,
            const char *namespace_name,
            vcluster_diagnosis **out_diagnosis,
            vcluster_error **error);

#endif
