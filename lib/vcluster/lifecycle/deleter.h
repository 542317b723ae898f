/* SPDX-License-Identifier: Apache-2.0 */
/* What a delete works on, shared by the files of deletes and of their plans. */
#ifndef VCL_VCLUSTER_LIFECYCLE_DELETER_H
#define VCL_VCLUSTER_LIFECYCLE_DELETER_H

#include "release/apply.h"
#include "release/record.h"
#include "vcluster/instance.h"
#include "vcluster/lifecycle/delete.h"
#include "vcluster/lifecycle/namespace.h"
#include "vcluster/upkeep/audit.h"

typedef struct deleter {
    const vcl_delete_request *request;
    vcl_kube *kube;
    char *namespace_name;
    vcl_namespace_state place;
    vcluster_instance *instance; /* NULL: no workload (any more) */
    vcl_record *record;          /* NULL: no release record */
    cJSON *objects;              /* of the release, in install order */
    cJSON *claims;               /* names of volume claims: an array of strings */
    vcl_leftovers leaks;         /* what the request takes along besides, beforehand */
} deleter;

void vcl_deleter_done(deleter *self);

/* Look what there is; objects are not read. */
int vcl_deleter_find(deleter *self, vcl_call *call, vcluster_error **error);
/* 1: something is; 0: nothing, and that is fine; NOT_FOUND. */
int vcl_deleter_check_remains(deleter *self, vcl_call *call, vcluster_error **error);
/* The objects of the record, which was read whole. */
int vcl_deleter_read(deleter *self, vcluster_error **error);
/* The record while its lock is ours; NULL: there is none to be kept. */
vcl_record *vcl_deleter_lock(const deleter *self);
vcl_apply_set vcl_deleter_objects(const deleter *self);
/* Whether the namespace goes: it was made for a virtual cluster, and no other one is in it. */
int vcl_deleter_namespace_goes(deleter *self,
                               vcl_call *call,
                               bool *out_goes,
                               vcluster_error **error);
/* Whether a kind is deleted by its labels where there is no record. */
bool vcl_deleter_takes(const char *kind);

/* The requests of snapshots, of upstream's; in delete_requests.c. */
int vcl_deleter_drop_requests(deleter *self, vcl_call *call, vcluster_error **error);

#endif
