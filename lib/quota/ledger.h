/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The books of a host: what each namespace is promised by its quotas and requests by its pods,
 * which virtual clusters live in it, and what the nodes have. Amounts go by one name a resource:
 * "requests.cpu", "pods".
 */
#ifndef VCL_QUOTA_LEDGER_H
#define VCL_QUOTA_LEDGER_H

#include "quota/resources.h"

/* One namespace. */
typedef struct vcl_account {
    char *namespace_name;
    cJSON *clusters;         /* an array of names; NULL: none lives there */
    vcl_resources bounds;    /* of quotas without scopes: of several, the least */
    vcl_resources counted;   /* what those quotas say is used */
    vcl_resources requested; /* by pods that run, or will */
} vcl_account;

typedef struct vcl_ledger {
    vcl_account *items;
    size_t size;
    size_t capacity;
    size_t last; /* where the last entry was made: lists come sorted by namespace */
} vcl_ledger;

void vcl_ledger_done(vcl_ledger *ledger);
#define VCL_AUTO_LEDGER __attribute__((cleanup(vcl_ledger_done))) vcl_ledger

int vcl_ledger_add_cluster(vcl_ledger *ledger,
                           const char *namespace_name,
                           const char *name,
                           vcluster_error **error);
int vcl_ledger_add_quota(vcl_ledger *ledger, const cJSON *quota, vcluster_error **error);
int vcl_ledger_add_pod(vcl_ledger *ledger, const cJSON *pod, vcluster_error **error);

/* What the account is promised, or uses, of a resource. NULL: nothing. */
const vcl_quantity *vcl_account_promised(const vcl_account *account, const char *resource);
const vcl_quantity *vcl_account_used(const vcl_account *account, const char *resource);

/* Add what a node has for pods, where it takes any. */
int vcl_nodes_add(vcl_resources *total, const cJSON *node, vcluster_error **error);

/* The bounds of a map such as spec.hard by their one name: of two, and of what is there, the least.
 */
int vcl_bounds_read(vcl_resources *bounds, const cJSON *hard, vcluster_error **error);

/* A budget by the one names; CONFIG with everything that is wrong as findings. */
int vcl_budget_parse(const char *text, vcl_resources *out_total, vcluster_error **error);

#endif
