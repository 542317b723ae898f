/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host cluster in memory, as lib/fake has it, bare: nothing acts on the objects, there are no
 * controllers, and no namespace needs to be there. On top of it what unit tests want: a look at the
 * objects, failures, and functions in the right moment.
 */
#ifndef VCLUSTER_FAKE_HOST_H
#define VCLUSTER_FAKE_HOST_H

#include <libvcluster/client.h>

#include "data/json.h"

typedef struct fake_host fake_host;

fake_host *fake_host_start(void);
/* Its clients go before it. */
void fake_host_stop(fake_host *host);

/* A client whose context has the namespace (NULL: none). */
vcluster_client *fake_host_client(const fake_host *host, const char *namespace_name);

/* Store objects, given as YAML, of kinds that are built in, or of some more that stand in
 * fake_host.c: others need their CustomResourceDefinition first. */
void fake_host_put(fake_host *host, const char *yaml);
/* Remove an object that is there, by its path. */
void fake_host_remove(fake_host *host, const char *path);
/* Cut all watches; forget: what happened up to now is too old to be watched from. */
void fake_host_cut(fake_host *host, bool forget);
/* A copy of an object by its path, NULL if there is none. */
cJSON *fake_host_get(fake_host *host, const char *path);
/* Number of objects whose path contains part; what the host has from the start is not counted. */
int fake_host_count(fake_host *host, const char *part);

/* Answer requests of a method whose path contains part with this HTTP status from now on. */
void fake_host_fail(fake_host *host, const char *method, const char *part, int status);
/* Forget all of these. */
void fake_host_heal(fake_host *host);
/* What reviews of the user's own rights say, as YAML of a status of SelfSubjectRulesReview: in a
 * namespace that exists, and elsewhere. Until then everything is allowed. A SelfSubjectAccessReview
 * allows `asked`. */
void fake_host_allow(fake_host *host, const char *inside, const char *everywhere, bool asked);

/* Called, once, before a request of that method and path is answered. */
void fake_host_before(fake_host *host,
                      const char *method,
                      const char *part,
                      void (*fn)(fake_host *host, void *data),
                      void *data);

/* Called with each object that a request writes before it is stored: what a controller would do
 * with it. The host is locked. */
void fake_host_on_write(fake_host *host, void (*fn)(cJSON *object, void *data), void *data);

/* Number of requests of a method (NULL: any) whose path contains part. */
int fake_host_requests(fake_host *host, const char *method, const char *part);
/* Number of requests of a method with exactly this path. */
int fake_host_exact(fake_host *host, const char *method, const char *path);
/* Count from here. */
void fake_host_forget(fake_host *host);

#endif
