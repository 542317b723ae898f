/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and checking snapshot files; see snapshot_file.h. */
#include "vcluster/state/snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"

static const char magic[] = "VCLSNAP\n";

VCL_DEFINE_CLEANUP(EVP_MD_CTX, EVP_MD_CTX_free);

static void put_number(char *to, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (char)(number >> (24 - 8 * i));
}

static uint32_t get_number(const char *from)
{
    const unsigned char *bytes = (const unsigned char *)from;

    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

int vcl_snapshot_head_encode(const cJSON *about, vcl_buf *out, vcluster_error **error)
{
    char *json = vcl_json_print(about);
    char start[VCL_SNAPSHOT_START];
    size_t size = json ? strlen(json) : 0;

    if (!json)
        return vcl_no_memory(error);
    if (size > VCL_MAX_DOCUMENT) {
        vcl_free_secret(json);
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the values of the virtual cluster are too large");
    }
    memcpy(start, magic, 8);
    put_number(start + 8, VCL_SNAPSHOT_VERSION);
    put_number(start + 12, (uint32_t)size);
    bool done = vcl_buf_append(out, start, sizeof(start)) && vcl_buf_append(out, json, size);
    vcl_free_secret(json);
    return done ? VCLUSTER_OK : vcl_no_memory(error);
}

static int no_snapshot(vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_PROTOCOL, "it is no snapshot of a virtual cluster");
}

static int check_about(const cJSON *about, vcluster_error **error)
{
    static const char *const texts[] = { "name",  "namespace", "distribution", "kubernetesVersion",
                                         "store", "created" };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (vcl_str_empty(vcl_json_find_string(about, texts[i], NULL)))
            return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the head of the snapshot has no '%s'",
                            texts[i]);
    }
    if (vcl_json_find_int(about, -1, "size", NULL) < 0)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the head of the snapshot has no 'size'");
    return VCLUSTER_OK;
}

int vcl_snapshot_head_parse(
    const char *bytes, size_t size, cJSON **out_about, size_t *out_size, vcluster_error **error)
{
    size_t known = size < 8 ? size : 8;
    cJSON *about = NULL;

    if (memcmp(bytes, magic, known) != 0)
        return no_snapshot(error);
    *out_size = VCL_SNAPSHOT_START;
    if (size < VCL_SNAPSHOT_START)
        return 0;
    if (get_number(bytes + 8) != VCL_SNAPSHOT_VERSION)
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "the snapshot has version %u of the form, and this library knows %d",
                        get_number(bytes + 8), VCL_SNAPSHOT_VERSION);
    uint32_t length = get_number(bytes + 12);
    if (length > VCL_MAX_DOCUMENT)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the head of the snapshot is too large");
    *out_size += length;
    if (size < *out_size)
        return 0;
    int status = vcl_json_parse(bytes + VCL_SNAPSHOT_START, length, &about, error);
    if (status == VCLUSTER_OK)
        status = check_about(about, error);
    if (status < 0) {
        vcl_json_free_secret(about);
        return status;
    }
    *out_about = about;
    return 1;
}

/* ---- A whole file ---- */

void vcl_snapshot_file_done(vcl_snapshot_file *file)
{
    if (file->about && file->fd >= 0)
        (void)close(file->fd);
    vcl_json_free_secret(file->about);
    *file = (vcl_snapshot_file){ .fd = -1 };
}

static int read_failed(vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot read it: %s", strerror(errno));
}

/* As much as there is, at most size; negative: errno. */
static ssize_t read_some(int fd, void *bytes, size_t size, off_t offset)
{
    ssize_t got;

    do
        got = pread(fd, bytes, size, offset);
    while (got < 0 && errno == EINTR);
    return got;
}

static int read_head(int fd, vcl_snapshot_file *file, vcl_buf *head, vcluster_error **error)
{
    char piece[4096];
    size_t size = VCL_SNAPSHOT_START;
    int status;

    while ((status = vcl_snapshot_head_parse(vcl_buf_text(head), head->size, &file->about, &size,
                                             error)) == 0) {
        size_t part = size - head->size < sizeof(piece) ? size - head->size : sizeof(piece);
        ssize_t got = read_some(fd, piece, part, (off_t)head->size);
        if (got < 0)
            return read_failed(error);
        if (got == 0)
            return head->size < 8 ? no_snapshot(error)
                                  : vcl_fail(error, VCLUSTER_E_PROTOCOL, "the snapshot is cut off");
        if (!vcl_buf_append(head, piece, (size_t)got))
            return vcl_no_memory(error);
        vcl_wipe(piece, sizeof(piece));
    }
    if (status < 0)
        return status;
    file->offset = (int64_t)size;
    file->size = vcl_json_find_int(file->about, 0, "size", NULL);
    return VCLUSTER_OK;
}

/* The data, into both digests. */
static int read_data(int fd,
                     const vcl_snapshot_file *file,
                     EVP_MD_CTX *whole,
                     EVP_MD_CTX *data,
                     vcl_call *call,
                     vcluster_error **error)
{
    vcl_auto_free char *piece = malloc(VCL_SNAPSHOT_PIECE);
    int64_t at = 0;

    if (!piece)
        return vcl_no_memory(error);
    while (at < file->size) {
        int64_t left = file->size - at;
        size_t part = left < VCL_SNAPSHOT_PIECE ? (size_t)left : VCL_SNAPSHOT_PIECE;
        int status = call ? vcl_call_check(call, error) : VCLUSTER_OK;
        if (status < 0)
            return status;
        ssize_t got = read_some(fd, piece, part, (off_t)(file->offset + at));
        if (got < 0)
            return read_failed(error);
        if (got == 0)
            return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                            "the snapshot is cut off: %lld of its %lld bytes of data are there",
                            (long long)at, (long long)file->size);
        if (EVP_DigestUpdate(whole, piece, (size_t)got) != 1 ||
            EVP_DigestUpdate(data, piece, (size_t)got) != 1)
            return vcl_no_memory(error);
        at += got;
    }
    return VCLUSTER_OK;
}

static int
check_end(int fd, const vcl_snapshot_file *file, EVP_MD_CTX *whole, vcluster_error **error)
{
    unsigned char own[EVP_MAX_MD_SIZE];
    unsigned char told[VCL_SNAPSHOT_DIGEST + 1];

    ssize_t got = read_some(fd, told, sizeof(told), (off_t)(file->offset + file->size));
    if (got < 0)
        return read_failed(error);
    if (got < VCL_SNAPSHOT_DIGEST)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the snapshot is cut off at its end");
    if (EVP_DigestFinal_ex(whole, own, NULL) != 1)
        return vcl_no_memory(error);
    if (got > VCL_SNAPSHOT_DIGEST || memcmp(own, told, VCL_SNAPSHOT_DIGEST) != 0)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the snapshot is damaged: its checksum is not that of its content");
    return VCLUSTER_OK;
}

static int check(int fd, vcl_call *call, vcl_snapshot_file *file, vcluster_error **error)
{
    VCL_AUTO_BUF head = { 0 };
    VCL_AUTO_PTR(EVP_MD_CTX) whole = EVP_MD_CTX_new();
    VCL_AUTO_PTR(EVP_MD_CTX) data = EVP_MD_CTX_new();

    vcl_buf_init(&head, VCL_SNAPSHOT_START + VCL_MAX_DOCUMENT);
    if (!whole || !data || EVP_DigestInit_ex(whole, EVP_sha256(), NULL) != 1 ||
        EVP_DigestInit_ex(data, EVP_sha256(), NULL) != 1)
        return vcl_no_memory(error);
    int status = read_head(fd, file, &head, error);
    if (status == VCLUSTER_OK && EVP_DigestUpdate(whole, head.data, head.size) != 1)
        status = vcl_no_memory(error);
    if (status == VCLUSTER_OK)
        status = read_data(fd, file, whole, data, call, error);
    if (status == VCLUSTER_OK)
        status = check_end(fd, file, whole, error);
    if (status < 0)
        return status;
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (EVP_DigestFinal_ex(data, digest, NULL) != 1)
        return vcl_no_memory(error);
    memcpy(file->digest, digest, VCL_SNAPSHOT_DIGEST);
    return VCLUSTER_OK;
}

/* A file without a name. */
static int open_nameless(vcluster_error **error)
{
    const char *folder = secure_getenv("TMPDIR");
    vcl_auto_free char *path =
        vcl_format("%s/vcluster-snapshot-XXXXXX", vcl_str_empty(folder) ? "/tmp" : folder);

    if (!path)
        return vcl_no_memory(error);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot make '%s': %s", path,
                        strerror(errno));
    (void)unlink(path);
    return fd;
}

/* What comes from a pipe has to be checked before it is used, so it is kept meanwhile. */
static int spool(int from, vcl_call *call, int *out_fd, vcluster_error **error)
{
    vcl_auto_free char *piece = malloc(VCL_SNAPSHOT_PIECE);
    vcl_auto_close int fd = open_nameless(error);

    if (fd < 0)
        return fd;
    if (!piece)
        return vcl_no_memory(error);
    for (;;) {
        int status = vcl_call_poll(call, from, -1, error);
        if (status < 0)
            return status;
        ssize_t got = read(from, piece, VCL_SNAPSHOT_PIECE);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            return read_failed(error);
        if (got == 0)
            break;
        for (ssize_t at = 0, written; at < got; at += written) {
            written = write(fd, piece + at, (size_t)(got - at));
            if (written < 0)
                return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot keep the snapshot: %s",
                                strerror(errno));
        }
    }
    *out_fd = fd;
    fd = -1;
    return VCLUSTER_OK;
}

int vcl_snapshot_file_open(
    const char *path, int fd, vcl_call *call, vcl_snapshot_file *out_file, vcluster_error **error)
{
    VCL_AUTO_SNAPSHOT file = { .fd = -1 };
    vcl_auto_close int own = -1;
    int status = VCLUSTER_OK;

    if (path) {
        own = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (own < 0)
            status = vcl_fail(error,
                              errno == ENOENT ? VCLUSTER_E_NOT_FOUND : VCLUSTER_E_INVALID_ARGUMENT,
                              "cannot open it: %s", strerror(errno));
    } else {
        status = spool(fd, call, &own, error);
    }
    if (status == VCLUSTER_OK)
        status = check(own, call, &file, error);
    if (status < 0)
        return vcl_wrap(error, status, "read the snapshot%s%s%s", path ? " '" : "", vcl_str(path),
                        path ? "'" : "");
    file.fd = own;
    own = -1;
    *out_file = file;
    file = (vcl_snapshot_file){ .fd = -1 };
    return VCLUSTER_OK;
}

int vcl_snapshot_file_describe(const vcl_snapshot_file *file,
                               char **out_json,
                               vcluster_error **error)
{
    static const char *const texts[] = { "name",  "namespace", "distribution", "kubernetesVersion",
                                         "store", "created" };
    VCL_AUTO_JSON *tree = cJSON_CreateObject();
    char hex[2 * VCL_SNAPSHOT_DIGEST + 1];
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < VCL_SNAPSHOT_DIGEST; i++) {
        hex[2 * i] = digits[file->digest[i] >> 4];
        hex[2 * i + 1] = digits[file->digest[i] & 15];
    }
    hex[sizeof(hex) - 1] = '\0';
    bool done = tree != NULL;
    for (size_t i = 0; done && i < sizeof(texts) / sizeof(texts[0]); i++)
        done =
            vcl_json_set_string(tree, texts[i], vcl_json_find_string(file->about, texts[i], NULL));
    done = done && vcl_json_set_int(tree, "size", file->size) &&
           vcl_json_set_string(tree, "sha256", hex);
    char *json = done ? vcl_json_print(tree) : NULL;
    if (!json)
        return vcl_no_memory(error);
    *out_json = json;
    return VCLUSTER_OK;
}
