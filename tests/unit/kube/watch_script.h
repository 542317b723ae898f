/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An API server that plays a script, answers to lists and to watches one after the other, and a
 * cache in front of it.
 */
#ifndef WATCH_SCRIPT_H
#define WATCH_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/cache.h"
#include "test_server.h"

enum { MAX_ANSWERS = 8 };

/* How an answer ends. CUT: inside the chunk that was announced. */
typedef enum watch_end { HOLD, END_STREAM, RESET, CUT } watch_end;

/* What the server answers to a watch: all pieces, each in a write of its own. */
typedef struct watch_answer {
    int status;          /* 0: 200 */
    const char *headers; /* of another one */
    const char *body;    /* events; NULL: none */
    size_t piece;        /* bytes a write; 0: all at once */
    watch_end then;
} watch_answer;

typedef struct script {
    const char *lists[MAX_ANSWERS];
    int list_status[MAX_ANSWERS];
    watch_answer watches[MAX_ANSWERS];
    int list_count;
    int watch_count;
    int initial_count;     /* of the watches: that asked for the whole state */
    char last_version[32]; /* resourceVersion of the last watch request */
} script;

typedef struct fixture {
    test_server *server;
    vcl_kube *kube;
    vcl_cache *cache;
    cJSON *object; /* a copy of the last one told */
} fixture;

/* A cache of the pods of namespace x. */
void open_source(fixture *f, script *plan, bool keep, bool lasting);
/* One for a short time that keeps none. */
void open_fixture(fixture *f, script *plan);
void close_fixture(fixture *f);

/* The next change, past the moment at which the first state is complete. */
int next(fixture *f, int64_t wait_ms, vcl_event_type *type, vcluster_error **error);
/* Name of the object that it told. */
const char *name_of(const fixture *f);
void expect(fixture *f, vcl_event_type type, const char *name);
void expect_nothing(fixture *f);

#define OBJECT(name, version)                                                                      \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"x\",\"uid\":\"u-" name                   \
    "\",\"resourceVersion\":\"" version "\"}}"
#define LIST(version, items)                                                                       \
    "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"" version "\"},\"items\":[" items   \
    "]}"
#define PAGE(version, token, items)                                                                \
    "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"" version                           \
    "\",\"continue\":\"" token "\"},\"items\":[" items "]}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define EXPIRED                                                                                    \
    "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Expired\",\"code\":410,"             \
    "\"message\":\"too old\"}"

#endif
