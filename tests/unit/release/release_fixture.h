/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of releases share: a host in memory, a client, the chart "life". */
#ifndef VCLUSTER_RELEASE_FIXTURE_H
#define VCLUSTER_RELEASE_FIXTURE_H

#include <libvcluster/vcluster.h>

#include "cm.h"
#include "fake_host.h"

/* Release "r" in namespace "ns". */
#define RELEASE "r"
#define NAMESPACE "ns"

typedef struct fixture {
    fake_host *host;
    vcluster_client *client;
    vcluster_chart *chart;
    vcluster_release_options options; /* set anew for each test */
} fixture;

extern fixture fx;

int fixture_begin(void **state);
int fixture_end(void **state);
/* Make the namespace. */
void fixture_namespace(void);

/* Operations with fx.options; set is like --set ("a=1,b=2"), NULL: no values. */
void install_works(const char *set);
void upgrade_works(const char *set);
void rollback_works(int64_t revision);
void uninstall_works(void);
void install_fails(const char *set, int expected, const char *part);
void upgrade_fails(const char *set, int expected, const char *part);
void rollback_fails(int64_t revision, int expected, const char *part);
void uninstall_fails(int expected, const char *part);
/* The difference as JSON; freed by the caller. */
cJSON *diff_of(const char *set);

/* "deployed", and so on, of a revision; "" when there is no record. */
const char *status_of(int revision);
/* The JSON of a recorded release. */
cJSON *record_of(int revision);
/* Make an existing record one that a dead process of ours (expires_s < 0), a living one, or (NULL)
 * Helm left. */
void leave_pending(int revision, const char *status, const char *holder, int64_t expires_s);

/* Text of data.KEY of ConfigMap r-NAME; "" without one. Valid until the next call. */
const char *text_in(const char *name, const char *key);
bool exists(const char *path);
/* Requests so far; and those of a method since then. */
void count_from_here(void);
int counted(const char *method, const char *part);

#endif
