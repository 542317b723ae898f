/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over all files of the folders that are named as arguments: how the corpora
 * are replayed by any compiler, without libFuzzer.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/str.h"
#include "fuzz.h"

enum { MAX_FILE = 16 << 20 };

static int run_file(const char *path)
{
    VCL_AUTO_BUF input;
    char chunk[4096];
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        return -1;
    }
    vcl_buf_init(&input, MAX_FILE);
    for (size_t size; (size = fread(chunk, 1, sizeof(chunk), file)) > 0;)
        vcl_buf_append(&input, chunk, size);
    (void)fclose(file);
    if (vcl_buf_failed(&input))
        return -1;
    return LLVMFuzzerTestOneInput((const uint8_t *)vcl_buf_text(&input), input.size);
}

/* Run all files of a folder; their number, or -1. */
static int run_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    int count = 0;

    if (!dir) {
        perror(folder);
        return -1;
    }
    for (struct dirent *entry = readdir(dir); entry && count >= 0; entry = readdir(dir)) {
        struct stat info;
        vcl_auto_free char *path = vcl_format("%s/%s", folder, entry->d_name);
        if (!path || stat(path, &info) < 0 || !S_ISREG(info.st_mode))
            continue;
        count = run_file(path) < 0 ? -1 : count + 1;
    }
    (void)closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int count = run_folder(argv[i]);
        (void)printf("%s: %d inputs\n", argv[i], count);
        if (count <= 0)
            return 1;
    }
    return argc > 1 ? 0 : 1;
}
