/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that the host tells about one virtual cluster, from all the other rooms. */
#ifndef VCL_VCLUSTER_DESCRIBE_DESCRIBE_H
#define VCL_VCLUSTER_DESCRIBE_DESCRIBE_H

#include <libvcluster/description.h>

#include "sync/rules.h"
#include "vcluster/connect/endpoint.h"
#include "vcluster/instance.h"
#include "vcluster/tenant/usage.h"
#include "vcluster/why.h"

struct vcluster_component {
    char *pod;
    char *name;
    char *image;
    char *state;
    bool ready;
    int64_t restarts;
};

typedef struct vcl_components {
    vcluster_component *items;
    size_t count;
} vcl_components;

struct vcluster_description {
    vcluster_instance *instance;
    const char *maker; /* a constant, or of the instance; NULL: not known */
    char *chart_name;
    char *chart_version;
    char *release_status;
    int64_t revision;
    const char *store; /* a constant; NULL: not known */
    char *user_values; /* JSON without secrets; NULL: not known */
    char *effective_values;
    vcl_components components;
    vcl_ways ways;
    vcluster_usage *usage;
    vcluster_sync_rules *rules;
    vcluster_diagnosis *diagnosis;
    char *note;
};

VCL_DEFINE_CLEANUP(vcluster_description, vcluster_description_free);

/* namespace_name NULL: wherever it is. */
int vcl_describe(vcluster_client *client,
                 vcl_call *call,
                 const char *name,
                 const char *namespace_name,
                 vcluster_description **out_description,
                 vcluster_error **error);

/* The containers of pods; sidecars among the init containers count. */
int vcl_components_of(const cJSON *pods, vcl_components *out, vcluster_error **error);
void vcl_components_done(vcl_components *components);

/* Values as JSON text in which no secret stands; NULL: memory is short. */
char *vcl_values_shown(const cJSON *values);

#endif
