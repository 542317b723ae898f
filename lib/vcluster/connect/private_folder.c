/* SPDX-License-Identifier: Apache-2.0 */
/* Private folders; see private_folder.h. */
#include "vcluster/connect/private_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

/* sun_path has room for 107 bytes: a long path cannot be used for a socket. */
enum { MAX_BASE = 60 };

static bool is_usable(const char *base)
{
    struct stat info;

    return !vcl_str_empty(base) && base[0] == '/' && strlen(base) <= MAX_BASE &&
           stat(base, &info) == 0 && S_ISDIR(info.st_mode) && access(base, W_OK | X_OK) == 0;
}

const char *vcl_private_folder_base(void)
{
    const char *base = secure_getenv("XDG_RUNTIME_DIR");

    if (!is_usable(base))
        base = secure_getenv("TMPDIR");
    return is_usable(base) ? base : "/tmp";
}

int vcl_private_folder_make(char **out_path, vcluster_error **error)
{
    const char *base = vcl_private_folder_base();
    char *path = vcl_format("%s/" VCL_PRIVATE_FOLDER_PREFIX "XXXXXX", base);
    if (!path)
        return vcl_no_memory(error);
    if (!mkdtemp(path)) {
        int status = vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                              "cannot make a private folder in '%s': %s", base, strerror(errno));
        free(path);
        return status;
    }
    *out_path = path;
    return VCLUSTER_OK;
}

void vcl_private_folder_remove(char *path)
{
    if (!path)
        return;
    (void)rmdir(path);
    free(path);
}
