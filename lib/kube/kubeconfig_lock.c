/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking, giving back and breaking FILE.lock; see kubeconfig_lock.h. Where the file system can, the
 * lock is a file without a name that is filled and flocked first and then linked: whoever sees a
 * lock of ours sees its flock, too.
 */
#include "kube/kubeconfig_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

enum {
    FIRST_PAUSE_MS = 4,
    LAST_PAUSE_MS = 100,
    WATCHED_MS = 1000,
    SIGNATURE_SIZE = 96,
    LIVE_FACTOR = 10 /* so many times older a lock gets whose holder is known to live */
};

/* "libvcluster BOOT-ID\n": a flock tells something only on the machine where it was taken. Empty
 * where the machine does not say who it is. */
static void make_signature(char text[SIGNATURE_SIZE])
{
    char boot[37] = "";
    vcl_auto_close int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

    text[0] = '\0';
    if (fd >= 0 && read(fd, boot, sizeof(boot) - 1) == sizeof(boot) - 1)
        (void)snprintf(text, SIGNATURE_SIZE, "libvcluster %s\n", boot);
}

char *vcl_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return vcl_strdup(".");
    return slash == path ? vcl_strdup("/") : vcl_strndup(path, (size_t)(slash - path));
}

/* Flock the new lock file and sign it; without a flock there is no signature. */
static void sign(int fd)
{
    char signature[SIGNATURE_SIZE];

    make_signature(signature);
    if (*signature && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        ssize_t written = write(fd, signature, strlen(signature));
        (void)written; /* an unsigned lock is one, too */
    }
}

/* Make the lock out of a file without a name. Returns an errno; EOPNOTSUPP: not possible here. */
static int make_linked(const char *folder, const char *path, int *out_fd)
{
    char name[32];
    vcl_auto_close int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno == EACCES || errno == EROFS || errno == ENOSPC || errno == EDQUOT ? errno
                                                                                       : EOPNOTSUPP;
    sign(fd);
    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0)
        return errno == EEXIST ? EEXIST : EOPNOTSUPP;
    *out_fd = fd;
    fd = -1;
    return 0;
}

static int make_named(const char *path, int *out_fd)
{
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return errno;
    sign(fd);
    *out_fd = fd;
    return 0;
}

static int make_lock(const char *folder, const char *path, int *out_fd)
{
    int number = make_linked(folder, path, out_fd);

    return number == EOPNOTSUPP ? make_named(path, out_fd) : number;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

typedef enum holder { HOLDER_UNKNOWN, HOLDER_LIVES, HOLDER_IS_GONE } holder;

/* What is known of a lock's process. Signed ones are flocked as long as they are held, hence one
 * that we can flock is held by nobody; it has to be there still once we have done so, or its holder
 * has just given it back. *out_fd keeps the flock. */
static holder look_at_holder(const char *path, int *out_fd)
{
    char ours[SIGNATURE_SIZE];
    char text[SIGNATURE_SIZE] = "";
    struct stat opened;
    struct stat now;
    vcl_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    make_signature(ours);
    if (fd < 0 || !*ours || fstat(fd, &opened) != 0 || !S_ISREG(opened.st_mode) ||
        read(fd, text, sizeof(text) - 1) <= 0 || !vcl_streq(text, ours))
        return HOLDER_UNKNOWN;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return HOLDER_LIVES;
    if (lstat(path, &now) != 0 || !is_same(&opened, &now))
        return HOLDER_UNKNOWN;
    *out_fd = fd;
    fd = -1;
    return HOLDER_IS_GONE;
}

/* What a waiting caller knows about the lock that is in its way. */
typedef struct watched_lock {
    ino_t inode;
    int64_t modified_ms;
    int64_t since_ms; /* monotonic; 0: none was seen yet */
} watched_lock;

static int64_t modified_ms(const struct stat *info)
{
    return (int64_t)info->st_mtim.tv_sec * 1000 + info->st_mtim.tv_nsec / 1000000;
}

/* A lock that is old, and has not changed while we looked on: clocks of file servers may differ. */
static bool is_stale(watched_lock *watched, const struct stat *info, int64_t stale_ms)
{
    int64_t modified = modified_ms(info);
    int64_t now = vcl_monotonic_ms();
    int64_t least = stale_ms < WATCHED_MS ? stale_ms : WATCHED_MS;

    if (watched->since_ms == 0 || watched->inode != info->st_ino ||
        watched->modified_ms != modified)
        *watched = (watched_lock){ info->st_ino, modified, now };
    return vcl_wall_ms() - modified > stale_ms && now - watched->since_ms >= least;
}

/* Remove the lock if its holder is dead. Whoever does so holds the gate, so that the lock that is
 * looked at is the one that is removed. */
static void
break_dead(const char *folder, const char *path, const vcl_lock_times *times, watched_lock *watched)
{
    struct stat info;
    vcl_auto_close int gate = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    vcl_auto_close int dead = -1;

    if (gate < 0 || flock(gate, LOCK_EX | LOCK_NB) != 0 || lstat(path, &info) != 0)
        return;
    holder who = look_at_holder(path, &dead);
    int64_t stale_ms = who == HOLDER_LIVES ? times->stale_ms * LIVE_FACTOR : times->stale_ms;
    if (who == HOLDER_IS_GONE || is_stale(watched, &info, stale_ms))
        (void)unlink(path);
}

void vcl_file_lock_drop_dead(const char *path)
{
    static const vcl_lock_times never = { .stale_ms = INT64_MAX / LIVE_FACTOR };
    vcl_auto_free char *folder = vcl_folder_of(path);
    vcl_auto_free char *lock_path = vcl_format("%s.lock", path);
    watched_lock watched = { 0 };

    if (folder && lock_path)
        break_dead(folder, lock_path, &never, &watched);
}

static int fail_held(const char *path, vcluster_error **error)
{
    struct stat info;
    int64_t age = 0;

    if (lstat(path, &info) == 0)
        age = (vcl_wall_ms() - modified_ms(&info)) / 1000;
    int status = vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                          "the lock '%s' is held by another program since %lld s: try again, or "
                          "remove it when no kubectl or vcl is running",
                          path, (long long)(age > 0 ? age : 0));
    vcl_error_set_retryable(error, true);
    return status;
}

static int fail_make(const char *path, int number, vcluster_error **error)
{
    const char *text = strerrordesc_np(number);

    return vcl_fail(error,
                    number == EACCES || number == EPERM || number == EROFS ? VCLUSTER_E_PERMISSION
                                                                           : VCLUSTER_E_UNAVAILABLE,
                    "cannot make the lock '%s': %s", path, text ? text : "unknown error");
}

/* Many that wait shall not try at the same moments. */
static int64_t jitter(int64_t pause)
{
    unsigned char random = 128;

    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
        random = 128;
    return pause / 2 + pause * random / 255;
}

static int wait_and_make(const char *folder,
                         const char *path,
                         const vcl_lock_times *times,
                         vcl_call *call,
                         int *out_fd,
                         vcluster_error **error)
{
    int64_t started = vcl_monotonic_ms();
    int64_t pause = FIRST_PAUSE_MS;
    watched_lock watched = { 0 };

    for (;;) {
        int number = make_lock(folder, path, out_fd);
        if (number == 0)
            return VCLUSTER_OK;
        if (number != EEXIST)
            return fail_make(path, number, error);
        break_dead(folder, path, times, &watched);
        if (vcl_monotonic_ms() - started >= times->wait_ms)
            return fail_held(path, error);
        int status = vcl_call_sleep(call, jitter(pause), error);
        if (status < 0)
            return status;
        pause = pause * 3 / 2 < LAST_PAUSE_MS ? pause * 3 / 2 : LAST_PAUSE_MS;
    }
}

int vcl_file_lock_take(vcl_file_lock *lock,
                       const char *path,
                       const vcl_lock_times *times,
                       vcl_call *call,
                       vcluster_error **error)
{
    vcl_auto_free char *folder = vcl_folder_of(path);
    vcl_auto_free char *lock_path = vcl_format("%s.lock", path);
    vcl_auto_close int fd = -1;
    struct stat info;

    if (!folder || !lock_path)
        return vcl_no_memory(error);
    int status = wait_and_make(folder, lock_path, times, call, &fd, error);
    if (status < 0)
        return status;
    if (fstat(fd, &info) != 0) {
        (void)unlink(lock_path);
        return fail_make(lock_path, errno, error);
    }
    int64_t stale_ms = info.st_size > 0 ? times->stale_ms * LIVE_FACTOR : times->stale_ms;
    *lock = (vcl_file_lock){ .path = vcl_steal(&lock_path),
                             .fd = fd,
                             .device = info.st_dev,
                             .inode = info.st_ino,
                             .until_ms = vcl_monotonic_ms() + stale_ms / 2 };
    fd = -1;
    return VCLUSTER_OK;
}

static bool is_ours(const vcl_file_lock *lock)
{
    struct stat info;

    return lstat(lock->path, &info) == 0 && info.st_ino == lock->inode &&
           info.st_dev == lock->device;
}

bool vcl_file_lock_holds(const vcl_file_lock *lock)
{
    return lock->path && vcl_monotonic_ms() < lock->until_ms && is_ours(lock);
}

void vcl_file_lock_release(vcl_file_lock *lock)
{
    if (!lock->path)
        return;
    /* Behind its time the lock may be broken at any moment: only under the gate is it sure that
     * what is removed is still ours. */
    vcl_auto_free char *folder = vcl_folder_of(lock->path);
    vcl_auto_close int gate = -1;
    if (folder && vcl_monotonic_ms() >= lock->until_ms) {
        gate = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (gate >= 0)
            (void)flock(gate, LOCK_EX);
    }
    if (is_ours(lock))
        (void)unlink(lock->path);
    (void)close(lock->fd);
    free(lock->path);
    *lock = (vcl_file_lock){ .fd = -1 };
}
