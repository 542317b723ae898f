/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charts that were fetched, kept below a directory of the user:
 *
 *   charts/sha256/DIGEST.tgz   archives, named by what they contain
 *   charts/names/KEY           the digest of a version of a chart in a repository; KEY is a digest
 *   charts/tmp/                files on their way, renamed when they are whole
 *
 * Any number of processes may use it at once: a file is whole or not there, and an archive whose
 * digest is not its name counts as not there. A cache that cannot be written is no error.
 */
#ifndef VCL_REPO_CACHE_H
#define VCL_REPO_CACHE_H

#include <stdbool.h>

#include "base/error.h"
#include "data/encoding.h"

typedef struct vcl_cache {
    char *root; /* NULL: there is none */
} vcl_cache;

/* directory NULL: the user's. */
int vcl_cache_init(vcl_cache *cache, const char *directory, vcluster_error **error);
void vcl_cache_done(vcl_cache *cache);

/* The digest that was remembered for a key of any text. */
bool vcl_cache_get_name(const vcl_cache *cache, const char *key, char digest[VCL_SHA256_HEX_SIZE]);
void vcl_cache_put_name(const vcl_cache *cache, const char *key, const char *digest);

/* An archive by its digest; the caller frees it. */
bool vcl_cache_get(const vcl_cache *cache, const char *digest, char **out_data, size_t *out_size);
void vcl_cache_put(const vcl_cache *cache, const char *digest, const void *data, size_t size);

/* Whether text is 64 lower-case hexadecimal digits. */
bool vcl_is_sha256(const char *text);

#define VCL_AUTO_CACHE __attribute__((cleanup(vcl_cache_done))) vcl_cache

#endif
