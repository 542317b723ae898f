/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests against a real cluster share: the cluster named by $VCLUSTER_TEST_KUBECONFIG, a
 * namespace of the test's own, calls with a deadline.
 */
#ifndef KUBE_TEST_SUPPORT_H
#define KUBE_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/call.h"
#include "kube/api.h"

/* CTest's SKIP_RETURN_CODE. */
enum { TEST_SKIPPED = 77 };

typedef struct test_cluster {
    vcl_kube *kube;
    vcl_endpoint endpoint; /* how it was reached */
    char namespace_name[64];
} test_cluster;

/* NULL, with a line that says why, when there is no cluster to test against. */
const char *test_kubeconfig(void);

/* Connect and make a namespace whose name begins with prefix. Aborts when the cluster fails. */
void test_cluster_init(test_cluster *cluster, const char *prefix);
/* Delete the namespace (not waiting for it) and disconnect. */
void test_cluster_done(test_cluster *cluster);

/* A call with a deadline. */
vcl_call test_call(int64_t timeout_ms);

/* Fail the test with the error's text unless status is 0 or more. Clears the error. By pointer,
 * because the call that makes the error is an argument too. */
void test_ok(int status, vcluster_error **error);

/* Parse JSON written with ' for ", %-formatted. */
cJSON *test_json(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Create an object in the test's namespace. */
void test_create(test_cluster *cluster, cJSON *object);

#endif
