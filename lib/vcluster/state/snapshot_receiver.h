/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the runtime sends of a snapshot: a line with the size, the data, their checksum (the form is
 * in runtime/snapshot.h). It gets a head and goes to a file; each piece that was taken is said so,
 * and the checksum of both ends has to agree.
 */
#ifndef VCL_VCLUSTER_SNAPSHOT_RECEIVER_H
#define VCL_VCLUSTER_SNAPSHOT_RECEIVER_H

#include "base/buf.h"
#include "base/call.h"
#include "vcluster/state/snapshot_file.h"

enum { VCL_SNAPSHOT_LINE = 64 };

typedef enum vcl_receiving { IN_LINE, IN_DATA, IN_DIGEST, IN_NOTHING } vcl_receiving;

typedef struct vcl_snapshot_receiver {
    vcl_call *call;
    cJSON *about;
    int fd;
    int acknowledge; /* the pipe to the command's input */
    bool regular;    /* a file takes everything at once */
    vcl_receiving state;
    char line[VCL_SNAPSHOT_LINE];
    size_t line_size;
    int64_t size;
    int64_t taken;
    unsigned char told[VCL_SNAPSHOT_DIGEST];
    size_t told_size;
    EVP_MD_CTX *whole; /* of the file */
    EVP_MD_CTX *data;
    vcl_buf complaint; /* the command's error output */
    vcluster_error *error;
} vcl_snapshot_receiver;

int vcl_snapshot_receiver_init(vcl_snapshot_receiver *self, vcl_call *call, vcluster_error **error);
void vcl_snapshot_receiver_done(vcl_snapshot_receiver *self);

/* Callbacks of the exec, data is the receiver: what comes, and what the command complains of. */
int vcl_snapshot_on_output(const void *bytes, size_t size, void *data);
int vcl_snapshot_on_complaint(const void *bytes, size_t size, void *data);
/* Whether it came whole; the checksum of the file is written then. */
int vcl_snapshot_received(vcl_snapshot_receiver *self, vcluster_error **error);

#endif
