/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at replacements of a kubeconfig; see writers_audit.h. */
#include "writers_audit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/kubeconfig_files.h"

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

static atomic_int *looked;
static const char *expected;

bool writers_audit_begin(void)
{
    if (!looked) {
        void *shared =
            mmap(NULL, sizeof(*looked), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        looked = shared == MAP_FAILED ? NULL : shared;
    }
    if (looked)
        atomic_store(looked, 0);
    return looked != NULL;
}

int writers_audit_count(void)
{
    return atomic_load(looked);
}

void writers_audit_expect(const char *entry)
{
    expected = entry;
}

/* ---- What a text names ---- */

/* The value of each "name: ", cut out of a text that is kept beside them. */
typedef struct names {
    char *text;
    char **items;
    size_t count;
} names;

static void names_done(names *list)
{
    free(list->items);
    free(list->text);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_names(names *list)
{
    static const char key[] = "name: ";
    char *at = list->text;

    while ((at = strstr(at, key)) != NULL) {
        at += sizeof(key) - 1;
        size_t size = strcspn(at, ",}\n");
        list->items[list->count++] = at;
        at += size;
        if (*at)
            *at++ = '\0';
    }
    qsort(list->items, list->count, sizeof(char *), compare);
}

static bool read_names(const char *path, names *list)
{
    size_t size = 0;

    *list = (names){ 0 };
    if (vcl_read_file(path, VCL_MAX_DOCUMENT, &list->text, &size) != 0)
        return false;
    list->items = calloc(size / 6 + 1, sizeof(char *));
    if (!list->items)
        return false;
    find_names(list);
    return true;
}

/* The first name that stands more often in the old file than in the new one; NULL for none. */
static const char *lost_name(const names *old_names, const names *new_names)
{
    size_t k = 0;

    for (size_t i = 0; i < old_names->count; i++) {
        while (k < new_names->count && strcmp(new_names->items[k], old_names->items[i]) < 0)
            k++;
        if (k == new_names->count || strcmp(new_names->items[k], old_names->items[i]) != 0)
            return old_names->items[i];
        k++;
    }
    return NULL;
}

static int count_of(const names *list, const char *name)
{
    int count = 0;

    for (size_t i = 0; i < list->count; i++)
        count += strcmp(list->items[i], name) == 0;
    return count;
}

/* ---- The replacement ---- */

static void fail(const char *what, const char *which)
{
    (void)fprintf(stderr, "writing '%s': %s%s\n", vcl_str(expected), what, which);
    _exit(WRITERS_AUDIT_FAILED);
}

/* A lock of kubectl is an empty file. */
static void check_lock(const char *path)
{
    vcl_auto_free char *lock = vcl_format("%s.lock", path);
    char *text = NULL;
    size_t size = 0;

    if (vcl_read_file(lock, VCL_MAX_DOCUMENT, &text, &size) != 0)
        fail("there is no lock", "");
    if (strncmp(text, "libvcluster ", 12) != 0)
        fail("the lock is somebody else's: ", text);
    free(text);
}

static void check_names(const char *from, const char *to)
{
    names new_names;
    names old_names;

    if (!read_names(from, &new_names))
        fail("the new file is not readable", "");
    if (count_of(&new_names, expected) != 3)
        fail("the new file has no cluster, user and context of it", "");
    if (access(to, F_OK) == 0) {
        if (!read_names(to, &old_names))
            fail("the old file is not readable", "");
        const char *lost = lost_name(&old_names, &new_names);
        if (lost)
            fail("the new file lacks ", lost);
        names_done(&old_names);
    }
    names_done(&new_names);
}

int __wrap_rename(const char *from, const char *to)
{
    if (expected) {
        check_lock(to);
        check_names(from, to);
        (void)atomic_fetch_add(looked, 1);
    }
    return __real_rename(from, to);
}
