/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a snapshot in the place of the store's data; see restore.h. */
#include "restore.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "data/json.h"
#include "files.h"
#include "log.h"
#include "snapshot.h"
#include "sqlite.h"

enum { LOOK_MS = 50, MAX_LINE = 64, OPEN_FILES = 16 };

static int failed(const char *what, const char *path, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "%s '%s': %s", what, path, strerror(errno));
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about, (void)kind, (void)place;
    return remove(path);
}

/* A folder with all that is in it; none there is fine. */
static int remove_tree(const char *path, vcluster_error **error)
{
    if (nftw(path, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0 ||
        errno == ENOENT)
        return VCLUSTER_OK;
    return failed("cannot remove", path, error);
}

static int wait_for_file(const char *path, vcl_call *call, vcluster_error **error)
{
    while (access(path, F_OK) < 0) {
        int status = vcl_call_sleep(call, LOOK_MS, error);
        if (status < 0)
            return vcl_wrap(error, status, "wait for '%s'", path);
    }
    return VCLUSTER_OK;
}

int rt_restore_hold(const rt_restore_options *options, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *folder = vcl_format("%s/.restore", options->data);
    vcl_auto_free char *received = vcl_format("%s/received", options->signs);

    if (!folder || !received)
        return vcl_no_memory(error);
    int status = remove_tree(folder, error);
    if (status < 0)
        return status;
    if (mkdir(folder, 0700) < 0)
        return failed("cannot make", folder, error);
    status = rt_file_write(options->signs, "open", "", 0600, error);
    if (status < 0)
        return status;
    rt_log("restore: waiting for the data");
    return wait_for_file(received, call, error);
}

/* ---- receive ---- */

/* Fill a buffer whole. */
static int read_all(int fd, void *bytes, size_t size, vcluster_error **error)
{
    char *next = bytes;

    while (size > 0) {
        ssize_t got = read(fd, next, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "the data end too early");
        next += got;
        size -= (size_t)got;
    }
    return VCLUSTER_OK;
}

static int read_size(int fd, int64_t *out_size, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    char line[MAX_LINE];
    size_t size = 0;

    while (size < sizeof(line)) {
        int status = read_all(fd, line + size, 1, error);
        if (status < 0)
            return status;
        if (line[size] == '\n')
            break;
        size++;
    }
    if (vcl_json_parse(line, size, &tree, NULL) == VCLUSTER_OK)
        *out_size = vcl_json_find_int(tree, -1, "size", NULL);
    return *out_size >= 0
               ? VCLUSTER_OK
               : vcl_fail(error, VCLUSTER_E_PROTOCOL, "the data do not begin with their size");
}

static int write_piece(int fd, const char *bytes, size_t size, vcluster_error **error)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot write the data: %s",
                            strerror(errno));
        bytes += written;
        size -= (size_t)written;
    }
    return VCLUSTER_OK;
}

VCL_DEFINE_CLEANUP(EVP_MD_CTX, EVP_MD_CTX_free);

/* The bytes into a file, checked against the digest behind them. */
static int take(int input, int fd, int64_t size, vcluster_error **error)
{
    vcl_auto_free char *piece = malloc(RT_PIECE);
    VCL_AUTO_PTR(EVP_MD_CTX) digest = EVP_MD_CTX_new();
    unsigned char own[EVP_MAX_MD_SIZE];
    unsigned char told[RT_SHA256_SIZE];

    if (!piece || !digest || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        return vcl_no_memory(error);
    while (size > 0) {
        size_t part = size < RT_PIECE ? (size_t)size : RT_PIECE;
        int status = read_all(input, piece, part, error);
        if (status == VCLUSTER_OK)
            status = write_piece(fd, piece, part, error);
        if (status < 0)
            return status;
        if (EVP_DigestUpdate(digest, piece, part) != 1)
            return vcl_no_memory(error);
        size -= (int64_t)part;
    }
    int status = read_all(input, told, sizeof(told), error);
    if (status < 0)
        return status;
    if (EVP_DigestFinal_ex(digest, own, NULL) != 1)
        return vcl_no_memory(error);
    if (memcmp(own, told, sizeof(told)) != 0)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the data were damaged on their way");
    return fsync(fd) == 0 ? VCLUSTER_OK : failed("cannot write", "the data", error);
}

int rt_restore_receive(const rt_restore_options *options, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *sign = vcl_format("%s/open", options->signs);
    vcl_auto_free char *draft = vcl_format("%s/.restore/draft", options->data);
    vcl_auto_free char *final = vcl_format("%s/.restore/data", options->data);
    int64_t size = -1;

    if (!sign || !draft || !final)
        return vcl_no_memory(error);
    int status = wait_for_file(sign, call, error);
    if (status == VCLUSTER_OK)
        status = read_size(options->input, &size, error);
    if (status < 0)
        return status;

    vcl_auto_close int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed("cannot make", draft, error);
    status = take(options->input, fd, size, error);
    if (status == VCLUSTER_OK && vcl_streq(options->store, "sqlite"))
        status = rt_sqlite_check(draft, error);
    if (status < 0)
        return status;
    if (rename(draft, final) < 0)
        return failed("cannot rename", draft, error);
    return rt_file_write(options->signs, "received", "", 0600, error);
}

/* ---- commit ---- */

static int sync_folder(const char *path, vcluster_error **error)
{
    vcl_auto_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 && fsync(fd) == 0 ? VCLUSTER_OK : failed("cannot write", path, error);
}

static int commit_sqlite(const char *data, vcluster_error **error)
{
    vcl_auto_free char *from = vcl_format("%s/.restore/data", data);
    vcl_auto_free char *to = vcl_format("%s/state.db", data);
    vcl_auto_free char *log = vcl_format("%s/state.db-wal", data);
    vcl_auto_free char *index = vcl_format("%s/state.db-shm", data);

    if (!from || !to || !log || !index)
        return vcl_no_memory(error);
    /* The old database needs no journal any more, so that none meets the new one. */
    rt_sqlite_settle(to);
    (void)unlink(log);
    (void)unlink(index);
    return rename(from, to) == 0 ? VCLUSTER_OK : failed("cannot put in place", to, error);
}

static int commit_etcd(const char *data, vcluster_error **error)
{
    vcl_auto_free char *from = vcl_format("%s/.restore/etcd", data);
    vcl_auto_free char *to = vcl_format("%s/etcd", data);

    if (!from || !to)
        return vcl_no_memory(error);
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) == 0)
        return VCLUSTER_OK;
    /* Nothing there yet. */
    return errno == ENOENT && rename(from, to) == 0 ? VCLUSTER_OK
                                                    : failed("cannot put in place", to, error);
}

int rt_restore_commit(const rt_restore_options *options, vcluster_error **error)
{
    vcl_auto_free char *folder = vcl_format("%s/.restore", options->data);

    if (!folder)
        return vcl_no_memory(error);
    int status = vcl_streq(options->store, "sqlite") ? commit_sqlite(options->data, error)
                                                     : commit_etcd(options->data, error);
    if (status == VCLUSTER_OK)
        status = sync_folder(options->data, error);
    if (status == VCLUSTER_OK)
        status = remove_tree(folder, error);
    if (status == VCLUSTER_OK)
        rt_log("restore: the new data are in place");
    return status;
}
