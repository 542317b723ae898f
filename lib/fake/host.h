/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share: the inside of a fake, its connections and its answers. */
#ifndef VCL_FAKE_HOST_H
#define VCL_FAKE_HOST_H

#include <pthread.h>
#include <sys/types.h>

#include "base/bell.h"
#include "fake/fake.h"
#include "fake/request.h"
#include "fake/script.h"
#include "fake/world.h"

/* One connection with its thread. */
typedef struct vcl_fake_conn {
    struct vcl_fake_conn *next;
    vcl_fake *fake;
    char *cluster; /* which world it leads to */
    pthread_t thread;
    vcl_bell bell; /* something has changed */
    int fd;        /* of this thread; others shut it down, with the lock */
    bool listens;  /* fd waits for the one connection that will be */
    bool watches;
    bool ended;
} vcl_fake_conn;

struct vcl_fake {
    vcl_dialer dialer; /* first: it is what endpoints hold */
    pid_t pid;         /* threads do not live on in a fork */
    bool bare;
    vcl_fake_hooks hooks;
    pthread_mutex_t lock; /* guards what follows */
    bool ending;
    vcl_world *worlds; /* the host first */
    vcl_fake_script script;
    cJSON *log;
    vcl_fake_conn *conns;
};

/* An answer: a tree or a text. */
typedef struct vcl_fake_answer {
    int status;
    int64_t retry_after; /* 0: none */
    cJSON *tree;         /* owned */
    const char *text;    /* not owned */
} vcl_fake_answer;

/* fake.c. With the lock: the world of that name, NULL: there is none (any more). */
vcl_world *vcl_fake_world(vcl_fake *fake, const char *name);
/* Serve a socket, owned from now on, by a thread of its own; one that listens once it has accepted
 * its first connection. */
bool vcl_fake_serve(vcl_fake *fake, const char *cluster, int fd, bool listens);
/* With the lock: wake all that wait for a change. */
void vcl_fake_ring(const vcl_fake *fake);

/* With the lock: end all watches. forget: from before now nothing can be watched. */
void vcl_fake_cut_watches(vcl_fake *fake, bool forget);

/* serve.c: the thread of a connection. */
void *vcl_fake_conn_main(void *conn);
bool vcl_fake_send(const vcl_fake_conn *conn, const void *bytes, size_t size);
/* Exactly so many bytes; false: the connection is at its end. */
bool vcl_fake_receive(const vcl_fake_conn *conn, void *bytes, size_t size);

/* watch.c: the rest of a connection that asked for a watch. */
void vcl_fake_watch(vcl_fake_conn *conn,
                    const vcl_fake_request *request,
                    const vcl_fake_target *target);

/* portforward.c: the rest of a connection that asked for one. */
void vcl_fake_portforward(vcl_fake_conn *conn,
                          const vcl_fake_request *request,
                          const vcl_fake_target *target);

/* answer.c, with the lock: what a request that is no watch and no WebSocket is answered. */
void vcl_fake_handle(vcl_fake *fake,
                     vcl_world *world,
                     const vcl_fake_request *request,
                     const vcl_fake_target *target,
                     vcl_fake_answer *out);
/* A Status, in place of what the answer is. "" as the reason: success. */
void vcl_fake_status(vcl_fake_answer *out, int status, const char *reason, const char *message);
/* What an API server calls an HTTP status, where that is not said. */
const char *vcl_fake_reason(int status);
/* A copy of an object, only its metadata where that was asked for. NULL: memory is short. */
cJSON *vcl_fake_form(const vcl_fake_request *request, const cJSON *tree);
void vcl_fake_not_found(vcl_fake_answer *out, const vcl_fake_target *target);

/* general.c, with the lock: what is no resource: /version, discovery, health, reviews. */
bool vcl_fake_handle_general(vcl_fake *fake,
                             vcl_world *world,
                             const vcl_fake_request *request,
                             const vcl_fake_target *target,
                             vcl_fake_answer *out);
/* The kind that a path stands for, "" if the cluster serves none. *out_namespaced may be NULL. */
const char *
vcl_fake_kind(vcl_world *world, const char *api_version, const char *plural, bool *out_namespaced);
/* The path of an object, freed by the caller; NULL: memory is short, or the kind is unknown. */
char *vcl_fake_path_of(vcl_world *world, const cJSON *tree);

/* controllers.c, with the lock: what controllers do after an object was written. */
void vcl_fake_written(vcl_fake *fake, vcl_world *world, vcl_fake_object *object);
/* Remove an object, and what it owns or holds. */
void vcl_fake_remove(vcl_fake *fake, vcl_world *world, vcl_fake_object *object);
/* What every cluster has. */
bool vcl_fake_furnish(vcl_fake *fake, vcl_world *world);

#endif
