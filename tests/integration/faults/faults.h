/* SPDX-License-Identifier: Apache-2.0 */
/* What the fault tests share: the proxy, clients through it, a namespace that no pod can be in. */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include "e2e.h"
#include "fault_proxy.h"

/* How much later than its deadline a call may end before it counts as hanging. */
enum { HANGS_MS = 5000 };

/* Started with the first call, ended by faults_done(). */
fault_proxy *faults_proxy(void);
void faults_done(void);

/* Path of the kubeconfig that leads to the proxy. */
const char *faults_kubeconfig(void);
/* A new client through the proxy, made of that: it knows nothing yet. */
vcluster_client *faults_client(void);
/* A client with a kubeconfig text. */
vcluster_client *faults_client_of(const char *kubeconfig);

/* A namespace on the host with a quota of no pods: virtual clusters in it come and go quickly. */
void faults_make_namespace(const char *name);
/* Delete a virtual cluster there without waiting: without pods its objects are gone at once. */
void faults_remove(const char *name, const char *namespace_name);
/* Fail unless nothing of a virtual cluster is in the namespace. */
void faults_check_empty(const char *namespace_name);

/* A walk over 0 .. total-1 that has seen a bit of everything whenever it ends. */
int faults_spread(int i, int total);
/* How long such a walk may take: VCLUSTER_TEST_FAULT_SECONDS, or 20 s. */
int64_t faults_budget_ms(void);
int64_t faults_now_ms(void);
/* Which of how many equal parts of all cases, from the PART/PARTS in a variable; false: it is not
 * set. Aborts the program where it says something else. */
bool faults_part(const char *variable, int *out_part, int *out_parts);
/* Whether a failed call has one error that says what failed, and ended in time. Prints what is
 * wrong with it. */
bool faults_is_good_error(int status,
                          const vcluster_error *error,
                          const char *operation,
                          int64_t took_ms,
                          int64_t timeout_ms);

#endif
