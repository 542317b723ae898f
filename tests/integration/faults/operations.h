/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations on a virtual cluster as a table, so that kills and faults can strike each of them
 * in the same way: what leads to where it begins, the call, and what is to be true after it. All
 * without `has_pods` work on a virtual cluster whose pods a quota forbids, so that nothing but the
 * library is waited for.
 */
#ifndef TESTS_OPERATIONS_H
#define TESTS_OPERATIONS_H

#include "faults.h"

/* What a call came to. */
typedef struct answer {
    int status;
    char text[2048]; /* the error's chain, "" without one */
    char *told;      /* what a reading operation says, to be compared; freed by answer_done() */
} answer;

typedef struct operation {
    const char *name;
    const char *says; /* part of each of its errors */
    const char *namespace_name;
    bool has_pods;          /* works on a running virtual cluster */
    bool is_local;          /* works on this machine too, between requests or without any */
    bool asks_nothing;      /* no request that comes meanwhile is its own */
    bool is_slow;           /* takes seconds where nothing is in its way */
    bool ends_with_nothing; /* nothing to do is NOT_FOUND */
    bool hides;             /* what the user may not read is told as unknown, or not told */
    void (*prepare)(void);
    void (*run)(vcluster_client *client, int64_t timeout_ms, answer *out);
    void (*check)(void); /* beyond the state of the host; NULL: nothing */
} operation;

extern const operation operations[];
extern const size_t operation_count;
/* Those that change nothing; in reads.c. */
extern const operation read_operations[];
extern const size_t read_operation_count;

enum { OPERATION_PATIENCE_MS = 300000 };

const operation *operation_find(const char *name);
/* What the proxy was asked, "METHOD PATH", without what is another in the next call. */
void operation_request(int number, char *line, size_t size);
void answer_set(answer *self, int status, vcluster_error *error);
void answer_done(answer *self);
/* Fail the test with the error's text unless it worked. */
void operation_must(const answer *given);

/* Before all else: what the names of the namespaces begin with. */
void operations_begin(const char *prefix);
/* Name of the virtual cluster, and the namespace that forbids pods. */
#define OPERATION_NAME "op"
const char *operations_space(void);
/* Make one there, as it is before an upgrade. */
void operations_make_one(void);
/* Remove whatever the operations left. */
void operations_clean(void);

#endif
