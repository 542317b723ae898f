/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the e2e programs share. They use the public API and the cluster in VCLUSTER_TEST_KUBECONFIG;
 * without it they say so and end with 77, which CTest shows as skipped.
 */
#ifndef TESTS_E2E_H
#define TESTS_E2E_H

#include "cmocka_support.h"

#include <libvcluster/vcluster.h>

/* Returns 77 from main when there is no cluster. */
#define E2E_NEEDS_HOST()                                                                           \
    do {                                                                                           \
        if (!e2e_has_host())                                                                       \
            return 77;                                                                             \
    } while (0)
bool e2e_has_host(void);

/* The client of the host, made once; never NULL. */
vcluster_client *e2e_host(void);
void e2e_done(void);

/* Fail the test with the error's text unless the call returns 0. The call comes first: it sets the
 * error. */
#define e2e_ok(call, error)                                                                        \
    do {                                                                                           \
        int e2e_status = (call);                                                                   \
        e2e_check_ok(e2e_status, error, __FILE__, __LINE__);                                       \
    } while (0)
void e2e_check_ok(int status, vcluster_error *error, const char *file, int line);
/* Fail unless the status is the expected one and the message has the part; frees the error. */
#define e2e_fails(status, expected, error, part)                                                   \
    e2e_check_fails(status, expected, error, part, __FILE__, __LINE__)
void e2e_check_fails(
    int status, int expected, vcluster_error *error, const char *part, const char *file, int line);

/* Under `on-upstream`: the file with values for upstream's control plane. NULL: the embedded one.
 */
const char *e2e_upstream_values(void);
/* Options with that distribution and a namespace. */
vcluster_ensure_options e2e_ensure_options(const char *namespace_name);
/* Those values, NULL for the embedded one; and with them, values for short-lived clusters: no
 * volume claim. */
vcluster_config *e2e_values(void);
vcluster_config *e2e_config(void);

/* Delete a virtual cluster and whatever is left in a namespace; nothing there is fine. */
void e2e_remove(const char *name, const char *namespace_name);
/* Make, or delete, a plain namespace on the host. */
void e2e_make_namespace(const char *name);
void e2e_remove_namespace(const char *name);
/* Whether an object exists. */
bool e2e_exists(vcluster_client *client,
                const char *api_version,
                const char *kind,
                const char *namespace_name,
                const char *name);
/* Apply a manifest. */
void e2e_apply(vcluster_client *client, const char *manifest);
/* Path of the vcl program of this build. */
const char *e2e_vcl(void);

#endif
