/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of one rendering; see arena.h. */
#include "chart/template/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { BLOCK_SIZE = 64 << 10, ALIGNMENT = alignof(max_align_t) };

struct vcl_arena_block {
    vcl_arena_block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) char data[];
};

void vcl_arena_init(vcl_arena *arena, size_t max)
{
    *arena = (vcl_arena){ .max = max };
}

void vcl_arena_done(vcl_arena *arena)
{
    vcl_arena_block *next;

    for (vcl_arena_block *block = arena->blocks; block; block = next) {
        next = block->next;
        vcl_wipe(block->data, block->used);
        free(block);
    }
    vcl_arena_init(arena, arena->max);
}

/* A block with room for size bytes. One for a large piece goes behind the current one, so that the
 * rest of the current one is not lost. */
static vcl_arena_block *add_block(vcl_arena *arena, size_t size)
{
    bool large = size > BLOCK_SIZE / 4;
    size_t capacity = large ? size : BLOCK_SIZE;

    if (capacity > arena->max - arena->used) {
        arena->exceeded = true;
        return NULL;
    }

    vcl_arena_block *block = calloc(1, sizeof(*block) + capacity);
    if (!block)
        return NULL;
    block->size = capacity;
    arena->used += capacity;
    if (large && arena->blocks) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

void *vcl_arena_alloc(vcl_arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT || size > arena->max) {
        arena->exceeded = true;
        return NULL;
    }
    size = size ? (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;

    vcl_arena_block *block = arena->blocks;
    if (!block || size > block->size - block->used)
        block = add_block(arena, size);
    if (!block)
        return NULL;

    char *data = block->data + block->used;
    block->used += size;
    return data;
}

char *vcl_arena_copy(vcl_arena *arena, const char *data, size_t size)
{
    char *copy = vcl_arena_alloc(arena, size + 1);

    if (!copy)
        return NULL;
    if (size)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}
