/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scope-bound clean-up: a variable that is declared with one of these frees what it holds when it
 * goes out of scope, so that every error path is a plain return.
 */
#ifndef VCL_BASE_CLEANUP_H
#define VCL_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

static inline void vcl_cleanup_free(void *pointer_to_pointer)
{
    void **slot = pointer_to_pointer;

    free(*slot);
}

static inline void vcl_cleanup_close(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* char *text: freed at the end of the scope. */
#define vcl_auto_free __attribute__((cleanup(vcl_cleanup_free)))
/* int fd: closed at the end of the scope unless negative. */
#define vcl_auto_close __attribute__((cleanup(vcl_cleanup_close)))

/* VCL_DEFINE_CLEANUP(thing, thing_free) lets VCL_AUTO_PTR(thing) x = NULL free itself. */
#define VCL_DEFINE_CLEANUP(type, free_fn)                                                          \
    static inline void vcl_cleanup_##type(type **slot)                                             \
    {                                                                                              \
        free_fn(*slot);                                                                            \
    }                                                                                              \
    struct vcl_cleanup_semicolon_##type
#define VCL_AUTO_PTR(type) __attribute__((cleanup(vcl_cleanup_##type))) type *

/* Hand ownership on: returns the value and leaves NULL behind. */
#define vcl_steal(slot)                                                                            \
    __extension__({                                                                                \
        __typeof__(*(slot)) vcl_stolen = *(slot);                                                  \
        *(slot) = NULL;                                                                            \
        vcl_stolen;                                                                                \
    })

#endif
