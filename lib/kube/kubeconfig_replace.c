/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replacing a file so that readers see the old or the new one: a new file in the same folder,
 * synced and renamed. In place where that cannot be: a folder that is not ours to write, a file
 * that is mounted, an owner that we cannot give it. See kubeconfig_store.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/write.h"
#include "kube/kubeconfig_store.h"

/* What is written, and how. */
typedef struct new_file {
    const vcl_write_piece *pieces;
    size_t count;
    const struct stat *old; /* NULL: there was none */
    mode_t mode;
    const vcl_write_guard *guard; /* may be NULL */
} new_file;

static int write_through(int fd, const new_file *file)
{
    int number = 0;

    for (size_t i = 0; i < file->count && number == 0; i++)
        number = vcl_write_all(fd, file->pieces[i].data, file->pieces[i].size);
    return number == 0 && fsync(fd) != 0 ? errno : number;
}

/* The old bytes are overwritten before the rest is cut off: a reader in between sees a text that
 * is wrong, but never an empty one. */
static int write_in_place(const char *path, const new_file *file, bool set_mode)
{
    size_t size = 0;
    vcl_auto_close int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

    if (fd < 0)
        return errno;
    if (set_mode && fchmod(fd, file->mode) != 0)
        return errno;
    for (size_t i = 0; i < file->count; i++)
        size += file->pieces[i].size;
    int number = write_through(fd, file);
    if (number == 0 && ftruncate(fd, (off_t)size) != 0)
        number = errno;
    return number;
}

static int sync_folder(const char *path)
{
    vcl_auto_free char *folder = vcl_folder_of(path);
    vcl_auto_close int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    /* What cannot be opened or synced (some file systems) is as safe as it gets. */
    if (fd >= 0)
        (void)fsync(fd);
    return 0;
}

/* Give the new file the owner, group and mode of the old one. */
static int take_after(int fd, const struct stat *old, mode_t mode)
{
    struct stat info;

    if (fstat(fd, &info) != 0)
        return errno;
    if ((info.st_uid != old->st_uid || info.st_gid != old->st_gid) &&
        fchown(fd, old->st_uid, old->st_gid) != 0)
        return EPERM;
    return fchmod(fd, mode) == 0 ? 0 : errno;
}

/* ---- The new file ---- */

enum { RANDOM_BYTES = 8 };
#define NEW_FILE_SUFFIX ".tmp"

/* A name that nobody has yet, beside the file. */
static char *new_name(const char *path)
{
    unsigned char random[RANDOM_BYTES] = { 0 };

    if (getentropy(random, sizeof(random)) != 0)
        return NULL;
    return vcl_format("%s.%02x%02x%02x%02x%02x%02x%02x%02x" NEW_FILE_SUFFIX, path, random[0],
                      random[1], random[2], random[3], random[4], random[5], random[6], random[7]);
}

static bool is_new_name(const char *name, const char *of)
{
    size_t size = strlen(of);
    const char *random = name + size + 1;

    return strncmp(name, of, size) == 0 && name[size] == '.' &&
           strspn(random, "0123456789abcdef") == 2 * RANDOM_BYTES &&
           strcmp(random + 2 * RANDOM_BYTES, NEW_FILE_SUFFIX) == 0;
}

void vcl_drop_new_files(const char *real_path)
{
    const char *slash = strrchr(real_path, '/');
    const char *name = slash ? slash + 1 : real_path;
    vcl_auto_free char *folder = vcl_folder_of(real_path);
    DIR *entries = folder ? opendir(folder) : NULL;

    for (struct dirent *entry; entries && (entry = readdir(entries)) != NULL;) {
        if (is_new_name(entry->d_name, name))
            (void)unlinkat(dirfd(entries), entry->d_name, 0);
    }
    if (entries)
        (void)closedir(entries);
}

/* A new file in the folder, without a name where the file system can: it vanishes with us. */
static int make_file(const char *path, const char *beside, bool unnamed)
{
    vcl_auto_free char *folder = vcl_folder_of(path);

    if (!unnamed)
        return open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    return folder ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) : -1;
}

static int name_file(int fd, const char *beside)
{
    char name[32];

    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, name, AT_FDCWD, beside, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

/* *out_again: not possible this way, but perhaps with a name from the start. */
static int write_beside(
    const char *path, const char *beside, const new_file *file, bool unnamed, bool *out_again)
{
    vcl_auto_close int fd = make_file(path, beside, unnamed);

    *out_again = unnamed && fd < 0;
    if (fd < 0)
        return errno;
    int number = 0;
    if (file->old)
        number = take_after(fd, file->old, file->mode);
    else if (fchmod(fd, file->mode) != 0)
        number = errno;
    if (number == 0)
        number = write_through(fd, file);
    if (number == 0 && unnamed) {
        number = name_file(fd, beside);
        *out_again = number != 0;
        if (number)
            return number;
    }
    if (number == 0 && file->guard && !file->guard->holds(file->guard->data))
        number = ECANCELED;
    if (number == 0 && rename(beside, path) != 0)
        number = errno;
    if (number)
        (void)unlink(beside);
    return number ? number : sync_folder(path);
}

/* Failures to make or to place the new file that writing in place may get around. */
static bool may_write_in_place(int number)
{
    return number == EACCES || number == EPERM || number == EROFS || number == EBUSY ||
           number == EXDEV;
}

int vcl_write_file(const char *real_path,
                   const char *text,
                   size_t size,
                   bool private_only,
                   const vcl_write_guard *guard)
{
    return vcl_write_pieces(real_path, &(vcl_write_piece){ text, size }, 1, private_only, guard);
}

int vcl_write_pieces(const char *real_path,
                     const vcl_write_piece *pieces,
                     size_t count,
                     bool private_only,
                     const vcl_write_guard *guard)
{
    struct stat old;
    bool exists = stat(real_path, &old) == 0;
    mode_t mode = exists ? old.st_mode & 0777 : 0600;
    vcl_auto_free char *beside = new_name(real_path);

    if (!beside)
        return ENOMEM;
    if (private_only)
        mode &= 0600;
    new_file file = { pieces, count, exists ? &old : NULL, mode, guard };
    if (exists && !S_ISREG(old.st_mode)) /* /dev/stdout, a pipe */
        return S_ISDIR(old.st_mode) ? EISDIR : write_in_place(real_path, &file, false);
    bool again = false;
    int number = write_beside(real_path, beside, &file, true, &again);
    if (number && again)
        number = write_beside(real_path, beside, &file, false, &again);
    if (exists && may_write_in_place(number))
        number = write_in_place(real_path, &file, private_only);
    return number;
}
