/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an HTTP answer; see head.h. */
#include "net/head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

void vcl_head_init(vcl_head *head)
{
    *head = (vcl_head){ .retry_after_s = -1 };
}

void vcl_head_done(vcl_head *head)
{
    free(head->content_type);
    free(head->location);
    free(head->etag);
    free(head->www_authenticate);
    free(head->content_digest);
    free(head->link);
    for (size_t i = 0; i < head->warning_count; i++)
        free(head->warnings[i]);
    vcl_head_init(head);
}

static const char *skip_space(const char *text)
{
    return text + strspn(text, " \t");
}

/* "HTTP/1.1 200 OK", "HTTP/2 200": begin anew. The size stays, it counts all heads together. */
static void take_status(vcl_head *head, const char *line)
{
    size_t size = head->size;
    const char *digits = skip_space(line + strcspn(line, " "));

    vcl_head_done(head);
    head->size = size;
    for (int i = 0; i < 3 && digits[i] >= '0' && digits[i] <= '9'; i++)
        head->status = head->status * 10 + (digits[i] - '0');
}

/* Read a quoted string with its escapes into text; returns what follows it, or NULL. */
static const char *read_quoted(const char *at, vcl_buf *text)
{
    if (*at++ != '"')
        return NULL;
    for (; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1])
            at++;
        if (!vcl_buf_add_char(text, *at))
            return NULL;
    }
    return *at == '"' ? at + 1 : NULL;
}

static bool add_warning(vcl_head *head, vcl_buf *text)
{
    for (size_t i = 0; i < head->warning_count; i++) {
        if (vcl_streq(head->warnings[i], vcl_buf_text(text)))
            return true;
    }
    if (head->warning_count == VCL_MAX_WARNINGS)
        return true;

    char *warning = vcl_buf_steal(text);
    if (!warning)
        return false;
    vcl_sanitize(warning);
    head->warnings[head->warning_count++] = warning;
    return true;
}

/* `299 - "text"[ "date"][, ...]` (RFC 7234, 5.5). What cannot be read is ignored. */
static bool take_warnings(vcl_head *head, const char *value)
{
    while (value && *value) {
        VCL_AUTO_BUF text = { 0 };
        VCL_AUTO_BUF date = { 0 };
        bool wanted = vcl_starts_with(value, "299 ");

        vcl_buf_init(&text, VCL_MAX_MESSAGE);
        vcl_buf_init(&date, VCL_MAX_MESSAGE);
        value = strchr(value, '"');
        if (!value)
            return true;
        value = read_quoted(value, &text);
        if (value && *(value = skip_space(value)) == '"')
            value = read_quoted(value, &date);
        if (value && wanted && !add_warning(head, &text))
            return false;
        if (value)
            value += strspn(value, " \t,");
    }
    return true;
}

static bool is_named(const char *line, size_t size, const char *name)
{
    return size == strlen(name) && strncasecmp(line, name, size) == 0;
}

/* A field that may come several times. */
static bool join(char **slot, const char *value)
{
    if (!*slot)
        return vcl_str_replace(slot, value);
    char *joined = vcl_format("%s, %s", *slot, value);
    if (!joined)
        return false;
    free(*slot);
    *slot = joined;
    return true;
}

static bool take_field(vcl_head *head, const char *line)
{
    const char *colon = strchr(line, ':');
    if (!colon)
        return true;

    size_t name_size = (size_t)(colon - line);
    const char *value = skip_space(colon + 1);
    if (is_named(line, name_size, "content-type"))
        return vcl_str_replace(&head->content_type, value);
    if (is_named(line, name_size, "etag"))
        return vcl_str_replace(&head->etag, value);
    if (is_named(line, name_size, "location"))
        return vcl_str_replace(&head->location, value);
    if (is_named(line, name_size, "docker-content-digest"))
        return vcl_str_replace(&head->content_digest, value);
    if (is_named(line, name_size, "www-authenticate"))
        return join(&head->www_authenticate, value);
    if (is_named(line, name_size, "link"))
        return join(&head->link, value);
    if (is_named(line, name_size, "warning"))
        return take_warnings(head, value);
    if (is_named(line, name_size, "retry-after")) {
        int64_t seconds;
        if (vcl_parse_i64(value, &seconds) && seconds >= 0)
            head->retry_after_s = seconds;
    }
    return true;
}

bool vcl_head_line(vcl_head *head, const char *line, size_t size)
{
    if (head->complete)
        return true;
    if (size > VCL_MAX_HTTP_HEADERS - head->size)
        return false;
    head->size += size;

    while (size > 0 && strchr("\r\n \t", line[size - 1]))
        size--;
    if (size == 0) {
        head->complete = head->status >= 200;
        return true;
    }

    vcl_auto_free char *copy = vcl_strndup(line, size);
    if (!copy)
        return false;
    if (vcl_starts_with(copy, "HTTP/")) {
        take_status(head, copy);
        return true;
    }
    return take_field(head, copy);
}

int64_t vcl_head_retry_after(const vcl_head *head)
{
    return head->retry_after_s > 0 ? head->retry_after_s : 0;
}
