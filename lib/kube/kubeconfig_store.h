/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of kubeconfigs that are written: which one, under its lock, and so that a reader never sees
 * half of it. Not for other layers.
 */
#ifndef VCL_KUBE_KUBECONFIG_STORE_H
#define VCL_KUBE_KUBECONFIG_STORE_H

#include "base/write.h"
#include "kube/kubeconfig_index.h"
#include "kube/kubeconfig_lock.h"

/* The files that are looked at, in order, and the one that new entries go to. */
typedef struct vcl_config_paths {
    char **paths;
    size_t count;
    size_t target;
} vcl_config_paths;

/* Only path, or those of $KUBECONFIG, or ~/.kube/config. As in kubectl new entries go to the first
 * that exists, and to the last when none does. */
int vcl_config_paths_find(vcl_config_paths *paths, const char *path, vcluster_error **error);
void vcl_config_paths_done(vcl_config_paths *paths);

/* A file that is locked, and what it says. */
typedef struct vcl_config_store {
    char *path;      /* as it was named */
    char *real_path; /* behind symbolic links */
    vcl_file_lock locks[2];
    int in_place_fd; /* flocked, where the folder lets nobody make a lock; else -1 */
    vcl_config_index config;
} vcl_config_store;

/* Lock a file and read it; one that is missing is empty. known: what it was read as before, which
 * is taken over when the text is still the same; may be NULL. */
int vcl_config_store_open(vcl_config_store *store,
                          const char *path,
                          const vcl_lock_times *times,
                          vcl_config_index *known,
                          vcl_call *call,
                          vcluster_error **error);
/* The same without reading it. */
int vcl_config_store_lock(vcl_config_store *store,
                          const char *path,
                          const vcl_lock_times *times,
                          vcl_call *call,
                          vcluster_error **error);

/* Write a text in the place of the file's: whole or not at all wherever the folder can be written.
 * A file that exists keeps owner and mode (private_only: nobody else's bits of it); a new one is
 * 0600. CONFLICT when the lock was lost meanwhile. */
int vcl_config_store_write(vcl_config_store *store,
                           const char *text,
                           size_t size,
                           bool private_only,
                           vcluster_error **error);
int vcl_config_store_write_pieces(vcl_config_store *store,
                                  const vcl_write_piece *pieces,
                                  size_t count,
                                  bool private_only,
                                  vcluster_error **error);

/* Remove the locks of a file that killed writers of ours have left; others wait for their age. */
void vcl_config_store_drop_locks(const char *path);

/* Give the lock back and forget everything. */
void vcl_config_store_close(vcl_config_store *store);

/* Behind symbolic links, the last of which may lead to nothing; NULL when memory is short or there
 * are too many. */
char *vcl_real_path(const char *path);
/* Make the folders in which a file will be; returns an errno. */
int vcl_make_folders(const char *path);
/* Asked when the new file is complete on the disk, which may take long, and right before it takes
 * the old one's place. */
typedef struct vcl_write_guard {
    bool (*holds)(const void *data);
    const void *data;
} vcl_write_guard;

/* Remove what killed writers left beside a file, between the name of a new one and its place. Under
 * the lock, where nobody else is at work. */
void vcl_drop_new_files(const char *real_path);

/* Write a file as above, without a lock; returns an errno. ECANCELED: the guard, which may be NULL,
 * holds no more. */
int vcl_write_file(const char *real_path,
                   const char *text,
                   size_t size,
                   bool private_only,
                   const vcl_write_guard *guard);
int vcl_write_pieces(const char *real_path,
                     const vcl_write_piece *pieces,
                     size_t count,
                     bool private_only,
                     const vcl_write_guard *guard);

#endif
