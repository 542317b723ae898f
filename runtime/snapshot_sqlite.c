/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot of SQLite: a copy beside the database, which has no name any more while it is sent. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "snapshot.h"
#include "sqlite.h"

static int failed(const char *what, const char *path, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "%s '%s': %s", what, path, strerror(errno));
}

/* One copy at a time, so that what a killed one left can be removed. */
static int lock(const char *folder, vcluster_error **error)
{
    vcl_auto_free char *path = vcl_format("%s/.snapshot.lock", folder);

    if (!path)
        return vcl_no_memory(error);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) < 0) {
        int status = failed("cannot lock", path, error);
        if (fd >= 0)
            (void)close(fd);
        return status;
    }
    return fd;
}

/* The copy has no name any more when this returns: whoever sends it, however slowly, is in nobody's
 * way. */
static int copy(const char *folder, int *out_fd, vcluster_error **error)
{
    vcl_auto_close int guard = lock(folder, error);
    vcl_auto_free char *from = vcl_format("%s/state.db", folder);
    vcl_auto_free char *to = vcl_format("%s/.snapshot.db", folder);
    vcl_auto_free char *journal = vcl_format("%s/.snapshot.db-journal", folder);

    if (guard < 0)
        return guard;
    if (!from || !to || !journal)
        return vcl_no_memory(error);
    (void)unlink(to);
    (void)unlink(journal);
    int status = rt_sqlite_copy(from, to, error);
    int fd = status == VCLUSTER_OK ? open(to, O_RDONLY | O_CLOEXEC) : -1;
    if (status == VCLUSTER_OK && fd < 0)
        status = failed("cannot open", to, error);
    (void)unlink(to);
    if (status == VCLUSTER_OK)
        *out_fd = fd;
    return status;
}

int rt_snapshot_sqlite(const rt_snapshot_options *options, rt_sink *sink, vcluster_error **error)
{
    vcl_auto_free char *piece = malloc(RT_PIECE);
    struct stat about = { 0 };
    vcl_auto_close int fd = -1;

    if (!piece)
        return vcl_no_memory(error);
    int status = copy(options->data, &fd, error);
    if (status == VCLUSTER_OK && fstat(fd, &about) < 0)
        status = failed("cannot look at the copy in", options->data, error);
    if (status == VCLUSTER_OK)
        status = rt_sink_begin(sink, options->output, options->input, about.st_size, error);
    while (status == VCLUSTER_OK) {
        ssize_t got = read(fd, piece, RT_PIECE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed("cannot read the copy in", options->data, error);
        if (got == 0)
            break;
        status = rt_sink_write(sink, piece, (size_t)got, error);
    }
    return status;
}
