/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of resources with exact quantities ("requests.cpu": 500m), as quotas, limit ranges and
 * containers have them. A failure (memory, a sum out of range) is remembered: change many times,
 * check `failed` once.
 */
#ifndef VCL_QUOTA_RESOURCES_H
#define VCL_QUOTA_RESOURCES_H

#include "data/json.h"
#include "data/quantity.h"

typedef struct vcl_amount {
    char *name;
    vcl_quantity amount;
} vcl_amount;

typedef struct vcl_resources {
    vcl_amount *items; /* in the order in which they came */
    size_t size;
    size_t capacity;
    bool failed;
} vcl_resources;

void vcl_resources_done(vcl_resources *list);
#define VCL_AUTO_RESOURCES __attribute__((cleanup(vcl_resources_done))) vcl_resources

/* NULL: it is not in the list. */
const vcl_quantity *vcl_resources_get(const vcl_resources *list, const char *name);

void vcl_resources_set(vcl_resources *list, const char *name, const vcl_quantity *amount);
/* amount more of it; what is not in the list counts as zero. */
void vcl_resources_add(vcl_resources *list, const char *name, const vcl_quantity *amount);
void vcl_resources_add_count(vcl_resources *list, const char *name, int64_t count);
void vcl_resources_add_all(vcl_resources *list, const vcl_resources *more);
/* The larger amount of each resource of both lists. */
void vcl_resources_max_all(vcl_resources *list, const vcl_resources *other);
void vcl_resources_multiply(vcl_resources *list, int64_t factor);

/* Read {"cpu": "500m", "memory": 1024}; NULL is empty. INVALID_ARGUMENT names the resource. Members
 * of the list that are there stay, those of the same name are replaced. */
int vcl_resources_read(vcl_resources *list, const cJSON *object, vcluster_error **error);

/* The list as {"cpu": "500m"}, or NULL without memory. */
cJSON *vcl_resources_to_json(const vcl_resources *list);

#endif
