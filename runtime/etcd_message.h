/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What etcd's Maintenance.Snapshot answers: messages of gRPC (a flag, four bytes of length, the
 * message), each an etcdserverpb.SnapshotResponse (remaining_bytes 2, blob 3). The blobs together
 * are the file that `etcdctl snapshot save` writes; the last one is their SHA-256.
 */
#ifndef RUNTIME_ETCD_MESSAGE_H
#define RUNTIME_ETCD_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

typedef struct rt_etcd_part {
    int64_t remaining; /* bytes that follow this part, without the closing SHA-256 */
    const char *blob;  /* borrowed from the buffer */
    size_t blob_size;
} rt_etcd_part;

/* The message at the front of a buffer: 1, with its whole size; 0: more bytes are needed; PROTOCOL
 * when it is none. */
int rt_etcd_next(const vcl_buf *buf,
                 rt_etcd_part *out_part,
                 size_t *out_size,
                 vcluster_error **error);

#endif
