/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot on its way out of the pod; see snapshot_receiver.h. */
#include "vcluster/state/snapshot_receiver.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"

enum { MAX_COMPLAINT = 4096, POLL_MS = 100 };

int vcl_snapshot_receiver_init(vcl_snapshot_receiver *self, vcl_call *call, vcluster_error **error)
{
    *self = (vcl_snapshot_receiver){ .call = call,
                                     .whole = EVP_MD_CTX_new(),
                                     .data = EVP_MD_CTX_new() };
    vcl_buf_init(&self->complaint, MAX_COMPLAINT);
    return self->whole && self->data && EVP_DigestInit_ex(self->whole, EVP_sha256(), NULL) == 1 &&
                   EVP_DigestInit_ex(self->data, EVP_sha256(), NULL) == 1
               ? VCLUSTER_OK
               : vcl_no_memory(error);
}

void vcl_snapshot_receiver_done(vcl_snapshot_receiver *self)
{
    EVP_MD_CTX_free(self->whole);
    EVP_MD_CTX_free(self->data);
    vcl_buf_done(&self->complaint);
    vcluster_error_free(self->error);
}

/* Write to whatever it is, and never wait for a reader beyond deadline and token. */
static int write_out(vcl_snapshot_receiver *self, const void *bytes, size_t size)
{
    const char *next = bytes;

    while (size > 0) {
        struct pollfd ready = { .fd = self->fd, .events = POLLOUT };
        int status = vcl_call_check(self->call, &self->error);
        if (status < 0)
            return status;
        if (!self->regular && poll(&ready, 1, POLL_MS) <= 0)
            continue;
        /* So much never blocks a pipe that has just been called writable. */
        size_t part = self->regular || size < 4096 ? size : 4096;
        ssize_t written = write(self->fd, next, part);
        if (written < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (written < 0)
            return vcl_fail(&self->error, VCLUSTER_E_UNAVAILABLE, "cannot write the snapshot: %s",
                            strerror(errno));
        next += written;
        size -= (size_t)written;
    }
    return VCLUSTER_OK;
}

static int write_counted(vcl_snapshot_receiver *self, const void *bytes, size_t size)
{
    if (EVP_DigestUpdate(self->whole, bytes, size) != 1)
        return vcl_no_memory(&self->error);
    return write_out(self, bytes, size);
}

static int take_line(vcl_snapshot_receiver *self)
{
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_BUF head = { 0 };

    self->size = -1;
    if (vcl_json_parse(self->line, self->line_size, &tree, NULL) == VCLUSTER_OK)
        self->size = vcl_json_find_int(tree, -1, "size", NULL);
    if (self->size < 0)
        return vcl_fail(&self->error, VCLUSTER_E_PROTOCOL,
                        "the control plane answers something else than a snapshot");
    if (!vcl_json_set_int(self->about, "size", self->size))
        return vcl_no_memory(&self->error);
    vcl_buf_init(&head, VCL_SNAPSHOT_START + VCL_MAX_DOCUMENT);
    int status = vcl_snapshot_head_encode(self->about, &head, &self->error);
    if (status == VCLUSTER_OK)
        status = write_counted(self, head.data, head.size);
    self->state = self->size > 0 ? IN_DATA : IN_DIGEST;
    return status;
}

static int take_data(vcl_snapshot_receiver *self, const char *bytes, size_t size)
{
    int64_t pieces = self->taken / VCL_SNAPSHOT_PIECE;

    if (EVP_DigestUpdate(self->data, bytes, size) != 1)
        return vcl_no_memory(&self->error);
    int status = write_counted(self, bytes, size);
    if (status < 0)
        return status;
    self->taken += (int64_t)size;
    for (; pieces < self->taken / VCL_SNAPSHOT_PIECE; pieces++) {
        /* The pipe has room for many more than the window has pieces. */
        if (write(self->acknowledge, "+", 1) != 1)
            return vcl_fail(&self->error, VCLUSTER_E_INTERNAL, "cannot acknowledge: %s",
                            strerror(errno));
    }
    if (self->taken == self->size)
        self->state = IN_DIGEST;
    return VCLUSTER_OK;
}

static int take_some(vcl_snapshot_receiver *self, const char *bytes, size_t size, size_t *out_taken)
{
    size_t part = 1;
    int status = VCLUSTER_OK;

    switch (self->state) {
    case IN_LINE:
        if (*bytes == '\n')
            status = take_line(self);
        else if (self->line_size < VCL_SNAPSHOT_LINE)
            self->line[self->line_size++] = *bytes;
        else
            status = vcl_fail(&self->error, VCLUSTER_E_PROTOCOL,
                              "the control plane answers something else than a snapshot");
        break;
    case IN_DATA:
        part = self->size - self->taken < (int64_t)size ? (size_t)(self->size - self->taken) : size;
        status = take_data(self, bytes, part);
        break;
    case IN_DIGEST:
        self->told[self->told_size++] = (unsigned char)*bytes;
        if (self->told_size == VCL_SNAPSHOT_DIGEST)
            self->state = IN_NOTHING;
        break;
    case IN_NOTHING:
        status = vcl_fail(&self->error, VCLUSTER_E_PROTOCOL,
                          "something follows the end of the snapshot");
    }
    *out_taken = part;
    return status;
}

int vcl_snapshot_on_output(const void *bytes, size_t size, void *data)
{
    vcl_snapshot_receiver *self = data;
    const char *next = bytes;

    while (size > 0) {
        size_t taken = 0;
        if (take_some(self, next, size, &taken) < 0)
            return 1;
        next += taken;
        size -= taken;
    }
    return 0;
}

int vcl_snapshot_on_complaint(const void *bytes, size_t size, void *data)
{
    vcl_snapshot_receiver *self = data;

    if (self->complaint.size + size <= MAX_COMPLAINT)
        (void)vcl_buf_append(&self->complaint, bytes, size);
    return 0;
}

int vcl_snapshot_received(vcl_snapshot_receiver *self, vcluster_error **error)
{
    unsigned char own[EVP_MAX_MD_SIZE];
    unsigned char whole[EVP_MAX_MD_SIZE];

    if (self->state != IN_NOTHING)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "the snapshot was cut off on its way out of the pod");
    if (EVP_DigestFinal_ex(self->data, own, NULL) != 1 ||
        EVP_DigestFinal_ex(self->whole, whole, NULL) != 1)
        return vcl_no_memory(error);
    if (memcmp(own, self->told, VCL_SNAPSHOT_DIGEST) != 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "the snapshot was damaged on its way out of the pod");
    int status = write_out(self, whole, VCL_SNAPSHOT_DIGEST);
    return status < 0 ? vcl_error_pass(error, &self->error, status) : VCLUSTER_OK;
}
