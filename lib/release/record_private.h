/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of release records share. Not for others. */
#ifndef VCL_RELEASE_RECORD_PRIVATE_H
#define VCL_RELEASE_RECORD_PRIVATE_H

#include "release/record.h"

/* How long a claim holds. */
enum { VCL_LOCK_SECONDS = 15 };

/* Takes secret over, also on failure. */
int vcl_record_make(const char *name,
                    const char *namespace_name,
                    cJSON *secret,
                    vcl_record **out_record,
                    vcluster_error **error);
/* Take over what the server says the Secret is now. */
int vcl_record_adopt(vcl_record *record, cJSON *secret, vcluster_error **error);
const char *vcl_record_annotation(const vcl_record *record, const char *key);
vcl_object_key vcl_record_key(const vcl_record *record);

/* A name for whoever works, made up. */
int vcl_record_new_holder(char **out_holder, vcluster_error **error);
/* Annotate a Secret with our claim, or remove it for holder == NULL. */
bool vcl_record_claim(cJSON *secret, const char *holder);
/* Write the record's Secret in the place of the stored one. */
int vcl_record_put(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error);

#endif
