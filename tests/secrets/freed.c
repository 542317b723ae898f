/* SPDX-License-Identifier: Apache-2.0 */
/* Scanning what is freed; see freed.h. */
#include "freed.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_TEXTS = 32, MAX_HITS = 512, FRAMES = 24 };

typedef void (*malloc_hook)(const volatile void *block, size_t size);
typedef void (*free_hook)(const volatile void *block);
extern int __sanitizer_install_malloc_and_free_hooks(malloc_hook on_malloc, free_hook on_free)
    __attribute__((weak));
extern size_t __sanitizer_get_allocated_size(const volatile void *block) __attribute__((weak));

typedef struct hit {
    void *stack[FRAMES];
    int count;
    const char *owner; /* file of the shared object */
} hit;

static const char *texts[MAX_TEXTS];
static atomic_size_t text_count;
static hit hits[MAX_HITS];
static size_t hit_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool busy;

static const char *file_of(void *address)
{
    Dl_info info;

    return dladdr(address, &info) && info.dli_fname ? info.dli_fname : "?";
}

/* Who called free(): behind backtrace(), which is the sanitizer's, this file, and the sanitizer's
 * free(). */
static const char *owner_of(const hit *seen)
{
    int i = 0;

    for (int turn = 0; turn < 3; turn++) {
        bool sanitizer = turn != 1;
        while (i < seen->count && (strstr(file_of(seen->stack[i]), "libasan") != NULL) == sanitizer)
            i++;
    }
    return i < seen->count ? file_of(seen->stack[i]) : "?";
}

static void remember(void)
{
    hit *seen = &hits[hit_count];

    if (hit_count == MAX_HITS)
        return;
    seen->count = backtrace(seen->stack, FRAMES);
    seen->owner = owner_of(seen);
    hit_count++;
}

static void on_malloc(const volatile void *block, size_t size)
{
    (void)block;
    (void)size;
}

static void on_free(const volatile void *block)
{
    if (!block || busy || text_count == 0)
        return;
    busy = true;
    size_t size = __sanitizer_get_allocated_size(block);
    const void *bytes = (const void *)(uintptr_t)block; /* nobody changes it any more */
    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < text_count; i++) {
        if (memmem(bytes, size, texts[i], strlen(texts[i]))) {
            remember();
            break;
        }
    }
    (void)pthread_mutex_unlock(&lock);
    busy = false;
}

bool freed_watch(void)
{
    void *stack[1];

    /* Other sanitizers have such hooks, too; callers are told apart by ASan's own shared object. */
    if (!__sanitizer_install_malloc_and_free_hooks || !__sanitizer_get_allocated_size ||
        !strstr(file_of((void *)(uintptr_t)__sanitizer_install_malloc_and_free_hooks), "libasan"))
        return false;
    (void)backtrace(stack, 1); /* loads what it needs now */
    return __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) != 0;
}

void freed_look_for(const char *text)
{
    (void)pthread_mutex_lock(&lock);
    if (text_count < MAX_TEXTS && strlen(text) >= 8)
        texts[text_count++] = text;
    (void)pthread_mutex_unlock(&lock);
}

void freed_forget(void)
{
    (void)pthread_mutex_lock(&lock);
    text_count = 0;
    hit_count = 0;
    (void)pthread_mutex_unlock(&lock);
}

int freed_by(const char *part)
{
    int count = 0;

    (void)pthread_mutex_lock(&lock);
    busy = true;
    for (size_t i = 0; i < hit_count; i++) {
        if (!strstr(hits[i].owner, part))
            continue;
        if (count++ == 0)
            backtrace_symbols_fd(hits[i].stack, hits[i].count, STDERR_FILENO);
    }
    busy = false;
    (void)pthread_mutex_unlock(&lock);
    return count;
}
