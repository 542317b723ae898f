/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of a snapshot file (docs/snapshots.md): magic, version, length of the head, the head as
 * JSON, the data, SHA-256 of all that.
 */
#ifndef VCL_VCLUSTER_STATE_SNAPSHOT_FILE_H
#define VCL_VCLUSTER_STATE_SNAPSHOT_FILE_H

#include <openssl/evp.h>

#include "base/call.h"
#include "data/json.h"

enum {
    VCL_SNAPSHOT_VERSION = 1,
    VCL_SNAPSHOT_START = 16, /* magic, version, length */
    VCL_SNAPSHOT_DIGEST = 32,
    VCL_SNAPSHOT_PIECE = 256 << 10
};

/* The start and the head. `about` has size; it is written as it is. */
int vcl_snapshot_head_encode(const cJSON *about, vcl_buf *out, vcluster_error **error);

/* The head at the front of some bytes: 1; 0: more bytes are needed, *out_size tells how many there
 * must be; PROTOCOL, or UNSUPPORTED for another version. */
int vcl_snapshot_head_parse(
    const char *bytes, size_t size, cJSON **out_about, size_t *out_size, vcluster_error **error);

/* A file that was checked whole. */
typedef struct vcl_snapshot_file {
    int fd; /* owned */
    cJSON *about;
    int64_t offset; /* of the data */
    int64_t size;
    unsigned char digest[VCL_SNAPSHOT_DIGEST]; /* of the data */
} vcl_snapshot_file;

void vcl_snapshot_file_done(vcl_snapshot_file *file);
#define VCL_AUTO_SNAPSHOT __attribute__((cleanup(vcl_snapshot_file_done))) vcl_snapshot_file

/* Open and check; path NULL: what can be read from fd, by way of a file without a name. */
int vcl_snapshot_file_open(
    const char *path, int fd, vcl_call *call, vcl_snapshot_file *out_file, vcluster_error **error);

/* What may be told about it: no values, no keys, with the digest. */
int vcl_snapshot_file_describe(const vcl_snapshot_file *file,
                               char **out_json,
                               vcluster_error **error);

#endif
