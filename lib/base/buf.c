/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a mandatory maximum; see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { FIRST_CAPACITY = 256 };

void vcl_buf_init(vcl_buf *buf, size_t max)
{
    *buf = (vcl_buf){ .max = max };
}

void vcl_buf_done(vcl_buf *buf)
{
    vcl_wipe(buf->data, buf->size);
    free(buf->data);
    vcl_buf_init(buf, buf->max);
}

void vcl_buf_reset(vcl_buf *buf)
{
    buf->size = 0;
    buf->state = VCL_BUF_OK;
    if (buf->data)
        buf->data[0] = '\0';
}

/* Make room for more bytes and the terminating NUL. Memory is copied by hand, not by realloc, so
 * that no unwiped copy of a secret is left behind. */
static bool reserve(vcl_buf *buf, size_t more)
{
    if (buf->state == VCL_BUF_OK && more < buf->capacity - buf->size &&
        more <= buf->max - buf->size)
        return true;
    if (buf->state != VCL_BUF_OK)
        return false;
    if (more > buf->max - buf->size) {
        buf->state = VCL_BUF_TOO_LARGE;
        return false;
    }

    size_t needed = buf->size + more + 1;
    if (needed <= buf->capacity)
        return true;

    size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;

    char *data = malloc(capacity);
    if (!data) {
        buf->state = VCL_BUF_NO_MEMORY;
        return false;
    }
    if (buf->data) {
        memcpy(data, buf->data, buf->size + 1);
        vcl_wipe(buf->data, buf->size);
        free(buf->data);
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

bool vcl_buf_append(vcl_buf *buf, const void *data, size_t size)
{
    if (!reserve(buf, size))
        return false;
    if (size)
        memcpy(buf->data + buf->size, data, size);
    buf->size += size;
    buf->data[buf->size] = '\0';
    return true;
}

bool vcl_buf_add(vcl_buf *buf, const char *text)
{
    return vcl_buf_append(buf, text, strlen(text));
}

bool vcl_buf_add_char(vcl_buf *buf, char c)
{
    return vcl_buf_append(buf, &c, 1);
}

bool vcl_buf_addf(vcl_buf *buf, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vcl_auto_free char *text = vcl_vformat(format, arguments);
    va_end(arguments);
    if (!text) {
        buf->state = VCL_BUF_NO_MEMORY;
        return false;
    }
    return vcl_buf_add(buf, text);
}

void vcl_buf_consume(vcl_buf *buf, size_t size)
{
    if (size > buf->size)
        size = buf->size;
    if (size == 0)
        return;
    memmove(buf->data, buf->data + size, buf->size - size + 1);
    buf->size -= size;
}

void vcl_buf_truncate(vcl_buf *buf, size_t size)
{
    if (size >= buf->size)
        return;
    buf->size = size;
    buf->data[size] = '\0';
}

const char *vcl_buf_text(const vcl_buf *buf)
{
    return buf->data ? buf->data : "";
}

char *vcl_buf_steal(vcl_buf *buf)
{
    if (vcl_buf_failed(buf)) {
        vcl_buf_done(buf);
        return NULL;
    }
    if (!buf->data && !reserve(buf, 0))
        return NULL;
    buf->data[buf->size] = '\0';

    char *text = buf->data;
    vcl_buf_init(buf, buf->max);
    return text;
}

bool vcl_buf_failed(const vcl_buf *buf)
{
    return buf->state != VCL_BUF_OK;
}
