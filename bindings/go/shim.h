/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the Go files see of libvcluster: its headers, the Go functions that serve as callbacks, and
 * small static helpers for what cgo cannot say itself.
 */
#ifndef VCLUSTER_GO_SHIM_H
#define VCLUSTER_GO_SHIM_H

#include <stdlib.h>
#include <string.h>

#include <libvcluster/vcluster.h>

#if VCLUSTER_VERSION_NUM < 100
#error "this version of the Go binding needs libvcluster 0.1.0 or later"
#endif

/* cgo drops const from the parameters of exported functions, but keeps it inside a typedef. */
typedef const vcluster_progress vclgo_progress;
typedef const char vclgo_char;
typedef const vcluster_instance vclgo_instance;
typedef const vcluster_result vclgo_result;

/* Implemented in Go. user_data is always a slot made by vclgo_slot_new(). */
int vclgoProgress(vclgo_progress *progress, void *user_data);
int vclgoEvent(vclgo_char *type, vclgo_char *json, void *user_data);
int vclgoInstanceEvent(int event, vclgo_instance *instance, void *user_data);
int vclgoResult(vclgo_result *result, void *user_data);
int vclgoOutput(int stream, void *bytes, size_t size, void *user_data);
int vclgoTerminalSize(int64_t *columns, int64_t *rows, void *user_data);
void vclgoLog(int level, vclgo_char *message, void *user_data);
void vclgoWarning(vclgo_char *request, vclgo_char *text, void *user_data);
void vclgoLogDestroy(void *user_data);

/*
 * A cgo.Handle is a small number; kept as a void * in Go memory it would be taken for a bad pointer
 * by the garbage collector. So callbacks get a pointer to C memory that holds the number.
 */
static inline void *vclgo_slot_new(uintptr_t handle)
{
    uintptr_t *slot = malloc(sizeof(*slot));

    if (!slot)
        abort(); /* as C.CString does */
    *slot = handle;
    return slot;
}

static inline uintptr_t vclgo_slot_handle(const void *slot)
{
    return *(const uintptr_t *)slot;
}

/* Wipes and frees a C string that was made from a Go string: it may hold credentials. */
static inline void vclgo_free_secret(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

#endif
