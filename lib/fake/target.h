/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is for: its path and query taken apart, and its selectors. */
#ifndef VCL_FAKE_TARGET_H
#define VCL_FAKE_TARGET_H

#include "data/json.h"

typedef struct vcl_fake_target {
    char *group;       /* "/api/v1" or "/apis/GROUP/VERSION" */
    char *api_version; /* "v1" or "GROUP/VERSION" */
    char *namespace_name;
    char *plural;
    char *name; /* NULL: the collection */
    char *subresource;
    char *collection; /* path of the collection, and of the object (NULL without a name) */
    char *object;

    char *label_selector;
    char *field_selector;
    char *continue_token;
    char *manager;
    bool watch, dry_run, force;
    bool initial; /* the watch begins with all that is, and says where that ends */
    int64_t limit;
    int64_t since; /* resourceVersion; -1: none was given */
} vcl_fake_target;

/* false: memory is short. One that is no resource of the API has no plural. */
bool vcl_fake_target_read(const char *path_and_query, vcl_fake_target *out);
void vcl_fake_target_done(vcl_fake_target *target);

/* Selectors of labels ("a=b,c!=d,e,!f,g in (h,i),j notin (k)") and of fields ("metadata.name=a");
 * NULL or "" selects everything. */
bool vcl_fake_labels_match(const char *selector, const cJSON *tree);
bool vcl_fake_fields_match(const char *selector, const cJSON *tree);

#endif
