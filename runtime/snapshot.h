/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a snapshot of the store while it is in use, run by an exec in the syncer's container:
 *
 *     {"size":N}\n            of the data
 *     N bytes                 the data: an SQLite database, or an etcd snapshot as etcdctl has it
 *     32 bytes                SHA-256 of the data
 *
 * An API server may drop output that its client is slow to take, so that the receiver tells each
 * piece it has taken by one byte on standard input, and no more than a window is on its way.
 */
#ifndef RUNTIME_SNAPSHOT_H
#define RUNTIME_SNAPSHOT_H

#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum { RT_PIECE = 256 << 10, RT_WINDOW_PIECES = 4, RT_SHA256_SIZE = 32 };

/* Where a snapshot goes. */
typedef struct rt_sink {
    int output;
    int input; /* of acknowledgements */
    int64_t size;
    int64_t sent;
    int64_t taken; /* pieces */
    EVP_MD_CTX *digest;
} rt_sink;

int rt_sink_begin(rt_sink *sink, int output, int input, int64_t size, vcluster_error **error);
int rt_sink_write(rt_sink *sink, const void *bytes, size_t size, vcluster_error **error);
/* Also checks that it was as much as announced. */
int rt_sink_end(rt_sink *sink, vcluster_error **error);
void rt_sink_done(rt_sink *sink);

typedef struct rt_snapshot_options {
    const char *store;  /* "sqlite", "etcd", "etcd-deploy" */
    const char *name;   /* of the virtual cluster */
    const char *data;   /* folder of the store's data: /data */
    const char *socket; /* of an etcd in the pod: /run/store/store.sock */
    const char *pki;    /* folder of the certificates: /pki */
    int output;
    int input;
} rt_snapshot_options;

int rt_snapshot(const rt_snapshot_options *options, vcluster_error **error);

/* The two kinds. */
int rt_snapshot_sqlite(const rt_snapshot_options *options, rt_sink *sink, vcluster_error **error);
int rt_snapshot_etcd(const rt_snapshot_options *options, rt_sink *sink, vcluster_error **error);

#endif
