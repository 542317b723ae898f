/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer that never passes the maximum it was made with. Always NUL-terminated, so
 * that its contents can be used as a string. A failed append leaves the contents as they were and
 * is remembered: append many times, check vcl_buf_failed() once. Declare a VCL_AUTO_BUF with
 * "= { 0 }", so that a return before vcl_buf_init() frees nothing.
 */
#ifndef VCL_BASE_BUF_H
#define VCL_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

typedef enum vcl_buf_state { VCL_BUF_OK, VCL_BUF_NO_MEMORY, VCL_BUF_TOO_LARGE } vcl_buf_state;

typedef struct vcl_buf {
    char *data; /* never NULL after a successful append; NULL while empty */
    size_t size;
    size_t capacity;
    size_t max;
    vcl_buf_state state;
} vcl_buf;

/* An empty buffer that may grow to max bytes. No memory is taken before the first append. */
void vcl_buf_init(vcl_buf *buf, size_t max);
/* Free the contents, wiping them first; the buffer is empty and usable again. */
void vcl_buf_done(vcl_buf *buf);
/* Forget the contents but keep the memory. */
void vcl_buf_reset(vcl_buf *buf);

bool vcl_buf_append(vcl_buf *buf, const void *data, size_t size);
bool vcl_buf_add(vcl_buf *buf, const char *text);
bool vcl_buf_add_char(vcl_buf *buf, char c);
bool vcl_buf_addf(vcl_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Drop the first bytes, or all behind a size. */
void vcl_buf_consume(vcl_buf *buf, size_t size);
void vcl_buf_truncate(vcl_buf *buf, size_t size);

/* The contents as a string: "" while empty. Borrowed. */
const char *vcl_buf_text(const vcl_buf *buf);
/* Hand the contents on as a string that the caller frees; NULL when an append failed or memory is
 * short. The buffer is empty afterwards. */
char *vcl_buf_steal(vcl_buf *buf);
/* Whether an append failed since the last reset. */
bool vcl_buf_failed(const vcl_buf *buf);

#define VCL_AUTO_BUF __attribute__((cleanup(vcl_buf_done))) vcl_buf

#endif
