/* SPDX-License-Identifier: Apache-2.0 */
/* A kubeconfig that is locked, read, and written; see kubeconfig_store.h. */
#include "kube/kubeconfig_store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/kubeconfig_files.h"

enum { PAUSE_MS = 20 };

static int fail_file(const char *what, const char *path, int number, vcluster_error **error)
{
    int status = VCLUSTER_E_UNAVAILABLE;

    if (number == ENOMEM)
        return vcl_no_memory(error);
    if (number == EACCES || number == EPERM || number == EROFS)
        status = VCLUSTER_E_PERMISSION;
    else if (number == EISDIR || number == EFBIG || number == EILSEQ || number == ELOOP ||
             number == ENOTDIR)
        status = VCLUSTER_E_CONFIG;
    return vcl_fail(error, status, "cannot %s kubeconfig '%s': %s", what, path,
                    vcl_read_file_reason(number));
}

static bool may_write(const char *path)
{
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

/* Where the folder lets nobody make a lock, no kubectl can write either; we exclude each other by
 * a flock on the file itself, which is written in place then. */
static int lock_in_place(vcl_config_store *store,
                         const vcl_lock_times *times,
                         vcl_call *call,
                         vcluster_error **error)
{
    int64_t started = vcl_monotonic_ms();
    vcl_auto_close int fd = open(store->real_path, O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return fail_file("write", store->path, errno, error);
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (vcl_monotonic_ms() - started >= times->wait_ms)
            return fail_file("lock", store->path, errno, error);
        int status = vcl_call_sleep(call, PAUSE_MS, error);
        if (status < 0)
            return status;
    }
    store->in_place_fd = fd;
    fd = -1;
    return VCLUSTER_OK;
}

/* Two names of one file: the lock of each, in the same order for everybody. */
static int take_locks(vcl_config_store *store,
                      const vcl_lock_times *times,
                      vcl_call *call,
                      vcluster_error **error)
{
    int order = strcmp(store->path, store->real_path);
    const char *first = order <= 0 ? store->path : store->real_path;
    const char *second = order <= 0 ? store->real_path : store->path;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_file_lock_take(&store->locks[0], first, times, call, &why);
    if (status == VCLUSTER_OK && order != 0)
        status = vcl_file_lock_take(&store->locks[1], second, times, call, &why);
    if (status != VCLUSTER_E_PERMISSION || !may_write(store->real_path))
        return status < 0 ? vcl_error_pass(error, &why, status) : VCLUSTER_OK;
    return lock_in_place(store, times, call, error);
}

int vcl_config_store_lock(vcl_config_store *store,
                          const char *path,
                          const vcl_lock_times *times,
                          vcl_call *call,
                          vcluster_error **error)
{
    *store = (vcl_config_store){ .in_place_fd = -1 };
    store->path = vcl_strdup(path);
    store->real_path = store->path ? vcl_real_path(path) : NULL;
    int number = errno;
    if (store->path && !store->real_path && number == ELOOP) {
        vcl_config_store_close(store);
        return fail_file("find", path, ELOOP, error);
    }
    number = store->real_path ? vcl_make_folders(store->real_path) : ENOMEM;
    int status = number ? fail_file("make the folder of", path, number, error)
                        : take_locks(store, times, call, error);
    if (status < 0)
        vcl_config_store_close(store);
    return status;
}

static bool is_text_of(const vcl_config_index *known, const char *text, size_t size)
{
    return known && known->text && known->size == size && memcmp(known->text, text, size) == 0;
}

static int read_config(vcl_config_store *store, vcl_config_index *known, vcluster_error **error)
{
    char *text = NULL;
    size_t size = 0;
    int number = vcl_read_file(store->real_path, VCL_MAX_DOCUMENT, &text, &size);

    if (number && number != ENOENT)
        return fail_file("read", store->path, number, error);
    if (is_text_of(known, vcl_str(text), size)) {
        vcl_free_secret(text);
        store->config = *known;
        *known = (vcl_config_index){ .text = NULL };
        return VCLUSTER_OK;
    }
    int status = vcl_config_index_open(&store->config, text, size, NULL, error);
    return status < 0 ? vcl_wrap(error, status, "read kubeconfig '%s'", store->path) : status;
}

int vcl_config_store_open(vcl_config_store *store,
                          const char *path,
                          const vcl_lock_times *times,
                          vcl_config_index *known,
                          vcl_call *call,
                          vcluster_error **error)
{
    int status = vcl_config_store_lock(store, path, times, call, error);

    if (status < 0)
        return status;
    status = read_config(store, known, error);
    if (status < 0)
        vcl_config_store_close(store);
    return status;
}

static bool holds_locks(const void *data)
{
    const vcl_config_store *store = data;

    if (store->in_place_fd >= 0)
        return true;
    for (size_t i = 0; i < 2; i++) {
        if (store->locks[i].path && !vcl_file_lock_holds(&store->locks[i]))
            return false;
    }
    return true;
}

static int fail_lost(const vcl_config_store *store, vcluster_error **error)
{
    int status = vcl_fail(error, VCLUSTER_E_CONFLICT,
                          "the lock of kubeconfig '%s' was lost: the machine was too slow, or "
                          "somebody removed it; nothing was written",
                          store->path);

    vcl_error_set_retryable(error, true);
    return status;
}

int vcl_config_store_write(vcl_config_store *store,
                           const char *text,
                           size_t size,
                           bool private_only,
                           vcluster_error **error)
{
    return vcl_config_store_write_pieces(store, &(vcl_write_piece){ text, size }, 1, private_only,
                                         error);
}

int vcl_config_store_write_pieces(vcl_config_store *store,
                                  const vcl_write_piece *pieces,
                                  size_t count,
                                  bool private_only,
                                  vcluster_error **error)
{
    const vcl_write_guard guard = { holds_locks, store };

    if (!holds_locks(store))
        return fail_lost(store, error);
    if (access(store->real_path, F_OK) == 0 && !may_write(store->real_path))
        return fail_file("write", store->path, errno, error);
    if (store->in_place_fd < 0)
        vcl_drop_new_files(store->real_path);
    int number = vcl_write_pieces(store->real_path, pieces, count, private_only, &guard);
    if (number == ECANCELED)
        return fail_lost(store, error);
    return number ? fail_file("write", store->path, number, error) : VCLUSTER_OK;
}

void vcl_config_store_drop_locks(const char *path)
{
    vcl_auto_free char *real_path = vcl_real_path(path);

    vcl_file_lock_drop_dead(path);
    if (real_path && !vcl_streq(real_path, path))
        vcl_file_lock_drop_dead(real_path);
}

void vcl_config_store_close(vcl_config_store *store)
{
    vcl_file_lock_release(&store->locks[1]);
    vcl_file_lock_release(&store->locks[0]);
    if (store->in_place_fd >= 0)
        (void)close(store->in_place_fd);
    vcl_config_index_done(&store->config);
    free(store->path);
    free(store->real_path);
    *store = (vcl_config_store){ .in_place_fd = -1 };
}
