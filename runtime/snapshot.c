/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a snapshot out of the pod; see snapshot.h. */
#include "snapshot.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

/* A receiver that went away without a word leaves the pipes of an exec open: what gets no further
 * for so long is given up. */
enum { PATIENCE_MS = 300000, PART = 4096 };

static int await_end(int fd, short events, vcluster_error **error)
{
    struct pollfd ready = { .fd = fd, .events = events };
    int found;

    do {
        found = poll(&ready, 1, PATIENCE_MS);
    } while (found < 0 && errno == EINTR);
    if (found > 0)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "the receiver takes nothing any more");
}

static int write_all(int fd, const void *bytes, size_t size, vcluster_error **error)
{
    const char *next = bytes;

    while (size > 0) {
        /* So much never blocks a pipe that has just been called writable. */
        size_t part = size < PART ? size : PART;
        int status = await_end(fd, POLLOUT, error);
        if (status < 0)
            return status;
        ssize_t written = write(fd, next, part);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "the receiver is gone: %s",
                            strerror(errno));
        next += written;
        size -= (size_t)written;
    }
    return VCLUSTER_OK;
}

/* Wait until the window has room again. */
static int await_room(rt_sink *sink, vcluster_error **error)
{
    char marks[64];

    while (sink->sent / RT_PIECE - sink->taken >= RT_WINDOW_PIECES) {
        int status = await_end(sink->input, POLLIN, error);
        if (status < 0)
            return status;
        ssize_t got = read(sink->input, marks, sizeof(marks));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                            "the receiver went away in the middle of the snapshot");
        sink->taken += got;
    }
    return VCLUSTER_OK;
}

int rt_sink_begin(rt_sink *sink, int output, int input, int64_t size, vcluster_error **error)
{
    char line[64];

    *sink = (rt_sink){ .output = output, .input = input, .size = size };
    sink->digest = EVP_MD_CTX_new();
    if (!sink->digest || EVP_DigestInit_ex(sink->digest, EVP_sha256(), NULL) != 1)
        return vcl_no_memory(error);
    int length = snprintf(line, sizeof(line), "{\"size\":%lld}\n", (long long)size);
    return write_all(output, line, (size_t)length, error);
}

int rt_sink_write(rt_sink *sink, const void *bytes, size_t size, vcluster_error **error)
{
    const char *next = bytes;

    if (sink->sent + (int64_t)size > sink->size)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the store gave more than it announced");
    while (size > 0) {
        size_t part = RT_PIECE - (size_t)(sink->sent % RT_PIECE);
        if (part > size)
            part = size;
        int status = await_room(sink, error);
        if (status == VCLUSTER_OK)
            status = write_all(sink->output, next, part, error);
        if (status < 0)
            return status;
        if (EVP_DigestUpdate(sink->digest, next, part) != 1)
            return vcl_no_memory(error);
        sink->sent += (int64_t)part;
        next += part;
        size -= part;
    }
    return VCLUSTER_OK;
}

int rt_sink_end(rt_sink *sink, vcluster_error **error)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    if (sink->sent != sink->size)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the store gave less than it announced");
    if (EVP_DigestFinal_ex(sink->digest, digest, &size) != 1 || size != RT_SHA256_SIZE)
        return vcl_no_memory(error);
    return write_all(sink->output, digest, size, error);
}

void rt_sink_done(rt_sink *sink)
{
    EVP_MD_CTX_free(sink->digest);
    sink->digest = NULL;
}

int rt_snapshot(const rt_snapshot_options *options, vcluster_error **error)
{
    rt_sink sink = { 0 };
    int status;

    if (vcl_streq(options->store, "sqlite"))
        status = rt_snapshot_sqlite(options, &sink, error);
    else if (vcl_streq(options->store, "etcd") || vcl_streq(options->store, "etcd-deploy"))
        status = rt_snapshot_etcd(options, &sink, error);
    else
        status = vcl_fail(error, VCLUSTER_E_UNSUPPORTED, "no snapshots of a store '%s' here",
                          vcl_str(options->store));
    if (status == VCLUSTER_OK)
        status = rt_sink_end(&sink, error);
    rt_sink_done(&sink);
    return status;
}
