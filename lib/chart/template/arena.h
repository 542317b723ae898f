/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of one rendering: allocated piece by piece, freed at once. It never passes the maximum it
 * was made with. Contents are wiped when it is freed, because values can hold secrets.
 */
#ifndef VCL_CHART_TEMPLATE_ARENA_H
#define VCL_CHART_TEMPLATE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

typedef struct vcl_arena_block vcl_arena_block;

typedef struct vcl_arena {
    vcl_arena_block *blocks;
    size_t used;
    size_t max;
    bool exceeded; /* an allocation failed because of the maximum, not for want of memory */
} vcl_arena;

void vcl_arena_init(vcl_arena *arena, size_t max);
void vcl_arena_done(vcl_arena *arena);

/* Zeroed memory, aligned for anything; NULL when memory is short or the maximum is reached. */
void *vcl_arena_alloc(vcl_arena *arena, size_t size);
/* A NUL-terminated copy. */
char *vcl_arena_copy(vcl_arena *arena, const char *data, size_t size);

#endif
