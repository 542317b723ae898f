/* SPDX-License-Identifier: Apache-2.0 */
/* Writing to a descriptor that blocks; see write.h. */
#include "base/write.h"

#include <errno.h>
#include <unistd.h>

int vcl_write_all(int fd, const void *bytes, size_t size)
{
    const char *next = bytes;

    while (size > 0) {
        ssize_t written = write(fd, next, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? errno : EIO;
        next += written;
        size -= (size_t)written;
    }
    return 0;
}
