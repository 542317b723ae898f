/* SPDX-License-Identifier: Apache-2.0 */
/* Small files; see file.h. */
#include "repo/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/str.h"

enum { CHUNK = 64 << 10 };

static int read_all(int fd, vcl_buf *buf)
{
    vcl_auto_free char *chunk = malloc(CHUNK);

    if (!chunk)
        return ENOMEM;
    for (;;) {
        ssize_t got = read(fd, chunk, CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        if (!vcl_buf_append(buf, chunk, (size_t)got))
            return buf->state == VCL_BUF_NO_MEMORY ? ENOMEM : EFBIG;
    }
    vcl_wipe(chunk, CHUNK);
    return 0;
}

int vcl_repo_read_file(const char *path, size_t max, char **out_data, size_t *out_size)
{
    VCL_AUTO_BUF buf = { 0 };
    struct stat info;

    vcl_buf_init(&buf, max);
    /* Opening a pipe must not wait for its other end. */
    vcl_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) < 0)
        return errno;
    if (S_ISDIR(info.st_mode))
        return EISDIR;
    if (!S_ISREG(info.st_mode))
        return EINVAL;
    if (info.st_size > 0 && (size_t)info.st_size > max)
        return EFBIG;
    int number = read_all(fd, &buf);
    if (number)
        return number;
    size_t size = buf.size;
    char *data = vcl_buf_steal(&buf);
    if (!data)
        return ENOMEM;
    *out_data = data;
    *out_size = size;
    return 0;
}

const char *vcl_repo_file_reason(int number)
{
    if (number == EFBIG)
        return "it is too large";
    if (number == EINVAL)
        return "it is no file";
    return strerror(number);
}

char *vcl_repo_user_path(const char *variable, const char *fallback, const char *path)
{
    const char *base = secure_getenv(variable);
    const char *home = secure_getenv("HOME");

    /* The specification of these variables has relative ones ignored. */
    if (!vcl_str_empty(base) && *base == '/')
        return vcl_format("%s/%s", base, path);
    return vcl_str_empty(home) ? NULL : vcl_format("%s/%s/%s", home, fallback, path);
}
