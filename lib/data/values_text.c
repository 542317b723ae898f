/* SPDX-License-Identifier: Apache-2.0 */
/* Where values of --set-json end, and what --set-file reads. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/values_private.h"

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* The size of the number at the start of a text as JSON reads it: "01" is 0 and something else. */
static size_t number_size(const char *text)
{
    size_t size = *text == '-';
    size_t more = text[size] == '0' ? 1 : digits(text + size);

    if (more == 0)
        return 0;
    size += more;
    if (text[size] == '.') {
        more = digits(text + size + 1);
        if (more == 0)
            return 0;
        size += 1 + more;
    }
    if (text[size] == 'e' || text[size] == 'E') {
        size_t sign = text[size + 1] == '+' || text[size + 1] == '-';
        more = digits(text + size + 1 + sign);
        if (more == 0)
            return 0;
        size += 1 + sign + more;
    }
    return size;
}

/* The size of "...", or 0 when it has no end. */
static size_t text_size(const char *text)
{
    size_t size = 1;

    while (text[size] && text[size] != '"')
        size += text[size] == '\\' && text[size + 1] ? 2 : 1;
    return text[size] ? size + 1 : 0;
}

/* The size of {...} or [...]; whether it is well formed is for the reader to say. */
static size_t container_size(const char *text)
{
    size_t depth = 0;

    for (size_t size = 0; text[size];) {
        size_t step = text[size] == '"' ? text_size(text + size) : 1;
        if (step == 0)
            return 0;
        depth += text[size] == '{' || text[size] == '[';
        depth -= text[size] == '}' || text[size] == ']';
        size += step;
        if (depth == 0)
            return size;
    }
    return 0;
}

size_t vcl_set_json_size(const char *text)
{
    static const char *const words[] = { "true", "false", "null" };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (vcl_starts_with(text, words[i]))
            return strlen(words[i]);
    }
    if (*text == '"')
        return text_size(text);
    return *text == '{' || *text == '[' ? container_size(text) : number_size(text);
}

static int read_all(int fd, vcl_buf *text, const char *path, vcluster_error **error)
{
    char block[4096];

    for (;;) {
        ssize_t got = read(fd, block, sizeof(block));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "cannot read '%s': %s", path,
                            strerror(errno));
        if (got == 0)
            return VCLUSTER_OK;
        if (!vcl_buf_append(text, block, (size_t)got))
            return text->state == VCL_BUF_NO_MEMORY
                       ? vcl_no_memory(error)
                       : vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%s' is larger than %d MiB",
                                  path, VCL_MAX_DOCUMENT >> 20);
    }
}

int vcl_set_read_file(const char *path, cJSON **out_value, vcluster_error **error)
{
    vcl_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    VCL_AUTO_BUF text = { .max = VCL_MAX_DOCUMENT };

    if (fd < 0)
        return vcl_fail(error,
                        errno == ENOENT || errno == ENOTDIR ? VCLUSTER_E_NOT_FOUND
                                                            : VCLUSTER_E_INVALID_ARGUMENT,
                        "cannot open '%s': %s", path, strerror(errno));

    int status = read_all(fd, &text, path, error);
    if (status < 0)
        return status;
    /* A tree holds texts only: no NUL, and nothing that JSON could not carry. */
    if ((text.size && memchr(text.data, '\0', text.size)) ||
        !vcl_utf8_valid(vcl_buf_text(&text), text.size))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%s' is no UTF-8 text", path);
    *out_value = cJSON_CreateString(vcl_buf_text(&text));
    return *out_value ? VCLUSTER_OK : vcl_no_memory(error);
}
