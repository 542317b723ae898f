/* SPDX-License-Identifier: Apache-2.0 */
/* Fetched charts on disk; see cache.h. */
#include "repo/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/write.h"
#include "repo/file.h"

enum { SUFFIX_SIZE = 16, LITTER_S = 3600 };

int vcl_cache_init(vcl_cache *cache, const char *directory, vcluster_error **error)
{
    vcl_auto_free char *base = vcl_str_empty(directory)
                                   ? vcl_repo_user_path("XDG_CACHE_HOME", ".cache", "libvcluster")
                                   : vcl_strdup(directory);

    *cache = (vcl_cache){ 0 };
    if (!base)
        return vcl_str_empty(directory) ? VCLUSTER_OK : vcl_no_memory(error);
    cache->root = vcl_format("%s/charts", base);
    return cache->root ? VCLUSTER_OK : vcl_no_memory(error);
}

void vcl_cache_done(vcl_cache *cache)
{
    free(cache->root);
    cache->root = NULL;
}

bool vcl_is_sha256(const char *text)
{
    return text && strlen(text) == VCL_SHA256_HEX_SIZE - 1 &&
           strspn(text, "0123456789abcdef") == VCL_SHA256_HEX_SIZE - 1;
}

/* ---- Writing ---- */

/* Make a directory and those above it, for this user alone. */
static bool make_directories(const char *path)
{
    vcl_auto_free char *copy = vcl_strdup(path);

    if (!copy)
        return false;
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0700) < 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return mkdir(copy, 0700) == 0 || errno == EEXIST;
}

/* What a killed process left. */
static void sweep(const char *directory)
{
    DIR *entries = opendir(directory);
    int64_t now = vcl_wall_seconds();

    if (!entries)
        return;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        struct stat info;
        if (*entry->d_name != '.' &&
            fstatat(dirfd(entries), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode) && now - info.st_mtime > LITTER_S)
            (void)unlinkat(dirfd(entries), entry->d_name, 0);
    }
    (void)closedir(entries);
}

/* Write a file under a name of its own and rename it. */
static bool write_file(const char *temporary, const char *path, const void *data, size_t size)
{
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool written = fd >= 0 && vcl_write_all(fd, data, size) == 0;

    if (fd >= 0 && close(fd) < 0)
        written = false;
    if (written && rename(temporary, path) == 0)
        return true;
    if (fd >= 0)
        (void)unlink(temporary);
    return false;
}

static void
put(const vcl_cache *cache, const char *folder, const char *name, const void *data, size_t size)
{
    char suffix[SUFFIX_SIZE + 1];
    vcl_auto_free char *directory = vcl_format("%s/%s", cache->root, folder);
    vcl_auto_free char *scratch = vcl_format("%s/tmp", cache->root);

    if (!directory || !scratch || vcl_random_hex(suffix, SUFFIX_SIZE, NULL) < 0 ||
        !make_directories(directory) || !make_directories(scratch))
        return;
    sweep(scratch);
    vcl_auto_free char *path = vcl_format("%s/%s", directory, name);
    vcl_auto_free char *temporary = vcl_format("%s/%s", scratch, suffix);
    if (path && temporary)
        (void)write_file(temporary, path, data, size);
}

/* ---- Reading ---- */

/* Only what this user, or root, has put there is believed. */
static bool is_trusted(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0 && S_ISREG(info.st_mode) &&
           (info.st_uid == geteuid() || info.st_uid == 0);
}

/* ---- Names ---- */

static bool hash_key(const char *key, char hex[VCL_SHA256_HEX_SIZE])
{
    return vcl_sha256_hex(key, strlen(key), hex, NULL) == VCLUSTER_OK;
}

bool vcl_cache_get_name(const vcl_cache *cache, const char *key, char digest[VCL_SHA256_HEX_SIZE])
{
    char hex[VCL_SHA256_HEX_SIZE];
    vcl_auto_free char *text = NULL;
    size_t size = 0;

    if (!cache->root || !hash_key(key, hex))
        return false;
    vcl_auto_free char *path = vcl_format("%s/names/%s", cache->root, hex);
    if (!path || !is_trusted(path) || vcl_repo_read_file(path, VCL_MAX_MESSAGE, &text, &size) != 0)
        return false;
    /* The digest, and the key for whoever looks. */
    char *end = strchr(text, '\n');
    if (!end || !vcl_streq(end + 1, key))
        return false;
    *end = '\0';
    if (!vcl_is_sha256(text))
        return false;
    memcpy(digest, text, VCL_SHA256_HEX_SIZE);
    return true;
}

void vcl_cache_put_name(const vcl_cache *cache, const char *key, const char *digest)
{
    char hex[VCL_SHA256_HEX_SIZE];

    if (!cache->root || !hash_key(key, hex))
        return;
    vcl_auto_free char *text = vcl_format("%s\n%s", digest, key);
    if (text)
        put(cache, "names", hex, text, strlen(text));
}

/* ---- Archives ---- */

bool vcl_cache_get(const vcl_cache *cache, const char *digest, char **out_data, size_t *out_size)
{
    char hex[VCL_SHA256_HEX_SIZE];
    vcl_auto_free char *data = NULL;
    size_t size = 0;

    if (!cache->root || !vcl_is_sha256(digest))
        return false;
    vcl_auto_free char *path = vcl_format("%s/sha256/%s.tgz", cache->root, digest);
    if (!path || !is_trusted(path) ||
        vcl_repo_read_file(path, VCL_MAX_CHART_TOTAL, &data, &size) != 0)
        return false;
    if (vcl_sha256_hex(data, size, hex, NULL) < 0 || !vcl_streq(hex, digest))
        return false; /* damaged: fetching it again replaces it */
    *out_data = vcl_steal(&data);
    *out_size = size;
    return true;
}

void vcl_cache_put(const vcl_cache *cache, const char *digest, const void *data, size_t size)
{
    vcl_auto_free char *name = vcl_format("%s.tgz", digest);

    if (cache->root && name && vcl_is_sha256(digest))
        put(cache, "sha256", name, data, size);
}
