/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of an HTTP answer: status and the few header fields that somebody asks for, with the
 * limits on what a server may send. Private to lib/net.
 */
#ifndef VCL_NET_HEAD_H
#define VCL_NET_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VCL_MAX_WARNINGS = 16 };

typedef struct vcl_head {
    int status;
    int64_t retry_after_s; /* -1: none, or not a number */
    char *content_type;    /* may be NULL, as may all of these */
    char *location;
    char *etag;
    char *www_authenticate; /* several fields joined by ", " */
    char *content_digest;
    char *link;                       /* likewise joined */
    char *warnings[VCL_MAX_WARNINGS]; /* texts of `Warning: 299`, each once */
    size_t warning_count;
    size_t size;
    bool complete; /* the empty line of the final answer was seen */
} vcl_head;

void vcl_head_init(vcl_head *head);
void vcl_head_done(vcl_head *head);

/* Take one line, with or without its line end. Heads of 1xx answers are forgotten when the next
 * status line comes, lines behind the head (trailers) are ignored. Returns false beyond the limit
 * or when memory is short. */
bool vcl_head_line(vcl_head *head, const char *line, size_t size);

/* Seconds after which the server wants to be asked again; 0: it did not say. */
int64_t vcl_head_retry_after(const vcl_head *head);

#endif
