/* SPDX-License-Identifier: Apache-2.0 */
/* Text files that commands are given, "-" being standard input. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcl.h"

/* What does not fit is noticed by the byte behind it. */
static char *read_stream(FILE *stream, size_t max, size_t *out_size)
{
    char *text = malloc(max + 1);

    if (!text)
        return NULL;
    size_t size = fread(text, 1, max + 1, stream);
    if (!ferror(stream) && size <= max && !memchr(text, '\0', size)) {
        text[size] = '\0';
        *out_size = size;
        return text;
    }
    if (!ferror(stream))
        errno = size > max ? EFBIG : EILSEQ;
    free(text);
    return NULL;
}

char *vcl_read_text(const char *path, size_t max, size_t *out_size)
{
    if (strcmp(path, "-") == 0)
        return read_stream(stdin, max, out_size);
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    char *text = read_stream(file, max, out_size);
    int number = errno;
    (void)fclose(file);
    errno = number;
    return text;
}

char *vcl_need_text(const char *path, size_t max, size_t *out_size)
{
    char *text = vcl_read_text(path, max, out_size);

    if (!text && errno == EFBIG)
        (void)fprintf(stderr, "vcl: cannot read '%s': longer than %zu MiB\n", path, max >> 20);
    else if (!text)
        (void)fprintf(stderr, "vcl: cannot read '%s': %s\n", path,
                      errno == EILSEQ ? "not a text" : strerror(errno));
    return text;
}
