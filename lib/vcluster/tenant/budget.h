/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all virtual clusters of a host are promised, against a budget or its nodes: read from the
 * host into books (quota/ledger.h), and made a public budget of them.
 */
#ifndef VCL_VCLUSTER_TENANT_BUDGET_H
#define VCL_VCLUSTER_TENANT_BUDGET_H

#include <libvcluster/budget.h>

#include "base/call.h"
#include "data/report.h"
#include "quota/ledger.h"

struct vcluster_budget_entry {
    char *resource;
    char *total;
    char *elsewhere;
    char *promised;
    char *used;
    char *left;
    char *asked;
};

struct vcluster_budget {
    vcluster_budget_entry *items;
    size_t size;
    vcluster_report *report; /* NULL: nothing was asked for */
    cJSON *tree;             /* what vcluster_budget_to_json() prints */
};

VCL_DEFINE_CLEANUP(vcluster_budget, vcluster_budget_free);

/* What is known before the public form is made. Owns its members. */
typedef struct vcl_books {
    vcl_ledger ledger;
    vcl_resources total; /* in the order of the entries */
    bool of_nodes;       /* what is outside of virtual clusters takes from them */
} vcl_books;

void vcl_books_done(vcl_books *books);
#define VCL_AUTO_BOOKS __attribute__((cleanup(vcl_books_done))) vcl_books

/* budget_read.c: all lists at once. A total that is there is the budget; without one, the nodes are
 * asked, and what they have is scaled by percent. */
int vcl_books_read(vcluster_client *client,
                   vcl_call *call,
                   int64_t percent,
                   vcl_books *books,
                   vcluster_error **error);

/* One resource, added up over all accounts but the one that is to be changed. */
typedef struct vcl_sums {
    vcl_quantity total;
    vcl_quantity elsewhere;
    vcl_quantity promised;
    vcl_quantity used;
    vcl_quantity left; /* below zero where it is too much */
} vcl_sums;

int vcl_books_sum(const vcl_books *books,
                  const char *resource,
                  vcl_sums *out_sums,
                  vcluster_error **error);

/* budget_admit.c */
typedef struct vcl_ask {
    vcl_resources bounds; /* of its quota */
    vcl_resources share;  /* of its control plane: counts where no bound does */
} vcl_ask;

void vcl_ask_done(vcl_ask *ask);
#define VCL_AUTO_ASK __attribute__((cleanup(vcl_ask_done))) vcl_ask

/* What a virtual cluster with these values of the user's asks for. */
int vcl_ask_read(const cJSON *values,
                 const vcluster_chart *chart,
                 vcl_ask *out_ask,
                 vcluster_error **error);
/* NULL: nothing. */
const vcl_quantity *vcl_ask_amount(const vcl_ask *ask, const char *resource);

/* Take the virtual cluster of that name out of the books; namespace_name NULL: wherever it is. */
int vcl_books_set_aside(vcl_books *books,
                        const char *name,
                        const char *namespace_name,
                        vcluster_error **error);

int vcl_books_judge(const vcl_books *books,
                    const vcl_ask *ask,
                    vcluster_report *report,
                    vcluster_error **error);

/* budget.c: the public form. ask NULL: nothing is asked for; report is taken over on success. */
int vcl_budget_make(const vcl_books *books,
                    const vcl_ask *ask,
                    vcluster_report **report,
                    vcluster_budget **out_budget,
                    vcluster_error **error);

#endif
