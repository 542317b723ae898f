/* SPDX-License-Identifier: Apache-2.0 */
/* Private files; see private_file.h. */
#include "vcluster/connect/private_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "base/write.h"
#include "vcluster/connect/private_folder.h"

#define FILE_NAME "kubeconfig"

/* A sweeper can take a file away between its making and its locking. */
enum { MAX_TRIES = 10 };

/* Whether the file still has its name. */
static bool is_linked(int fd)
{
    struct stat info;

    return fstat(fd, &info) == 0 && info.st_nlink > 0;
}

static int make_once(vcl_private_file *file, vcluster_error **error)
{
    int status = vcl_private_folder_make(&file->folder, error);

    if (status < 0)
        return status;
    char *path = vcl_format("%s/" FILE_NAME, file->folder);
    if (!path)
        return vcl_no_memory(error);
    file->lock = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file->lock < 0) {
        status =
            vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot write '%s': %s", path, strerror(errno));
        free(path);
        return status;
    }
    file->path = path;
    while (flock(file->lock, LOCK_EX) != 0 && errno == EINTR)
        ;
    return VCLUSTER_OK;
}

int vcl_private_file_make(const char *text, vcl_private_file *file, vcluster_error **error)
{
    int status = VCLUSTER_OK;
    int tries = 0;

    vcl_private_file_sweep();
    do {
        vcl_private_file_remove(file);
        status = make_once(file, error);
    } while (status == VCLUSTER_OK && !is_linked(file->lock) && ++tries < MAX_TRIES);
    if (status < 0)
        return status;
    int number = is_linked(file->lock) ? vcl_write_all(file->lock, text, strlen(text)) : ENOENT;
    return number ? vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot write '%s': %s", file->path,
                             strerror(number))
                  : VCLUSTER_OK;
}

void vcl_private_file_remove(vcl_private_file *file)
{
    if (file->path) {
        (void)unlink(file->path);
        (void)close(file->lock);
    }
    free(file->path);
    vcl_private_folder_remove(file->folder);
    *file = (vcl_private_file){ 0 };
}

/* Remove the file of a folder that nobody uses any more, and the folder. */
static void sweep_folder(int base, const char *name)
{
    struct stat info;
    vcl_auto_close int folder = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (folder < 0 || fstat(folder, &info) != 0 || info.st_uid != geteuid())
        return;
    vcl_auto_close int file =
        openat(folder, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 || flock(file, LOCK_EX | LOCK_NB) != 0)
        return;
    (void)unlinkat(folder, FILE_NAME, 0);
    (void)unlinkat(base, name, AT_REMOVEDIR);
}

void vcl_private_file_sweep(void)
{
    DIR *entries = opendir(vcl_private_folder_base());

    if (!entries)
        return;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (vcl_starts_with(entry->d_name, VCL_PRIVATE_FOLDER_PREFIX))
            sweep_folder(dirfd(entries), entry->d_name);
    }
    (void)closedir(entries);
}
