/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing of small files; see files.h. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/write.h"

static int failed(vcluster_error **error, const char *what, const char *path)
{
    int code = errno == ENOENT ? VCLUSTER_E_NOT_FOUND : VCLUSTER_E_CONFIG;

    return vcl_fail(error, code, "%s '%s': %s", what, path, strerror(errno));
}

int rt_file_read(const char *path, vcl_buf *buf, vcluster_error **error)
{
    char part[4096];
    vcl_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return failed(error, "cannot open", path);
    for (;;) {
        ssize_t size = read(fd, part, sizeof(part));
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return failed(error, "cannot read", path);
        if (size == 0)
            break;
        (void)vcl_buf_append(buf, part, (size_t)size);
        vcl_wipe(part, sizeof(part));
    }
    if (buf->state == VCL_BUF_TOO_LARGE)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "'%s' is larger than %zu bytes", path, buf->max);
    return vcl_buf_failed(buf) ? vcl_no_memory(error) : VCLUSTER_OK;
}

int rt_file_write(
    const char *folder, const char *name, const char *text, mode_t mode, vcluster_error **error)
{
    vcl_auto_free char *path = vcl_format("%s/%s", folder, name);
    vcl_auto_free char *draft = vcl_format("%s/.%s.new", folder, name);

    if (!path || !draft)
        return vcl_no_memory(error);
    (void)unlink(draft);

    vcl_auto_close int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return failed(error, "cannot make", draft);
    /* The umask is not ours: set the mode in any case. */
    int number = fchmod(fd, mode) < 0 ? errno : vcl_write_all(fd, text, strlen(text));
    if (number == 0 && rename(draft, path) < 0)
        number = errno;
    if (number) {
        errno = number;
        int status = failed(error, "cannot write", path);
        (void)unlink(draft);
        return status;
    }
    return VCLUSTER_OK;
}
