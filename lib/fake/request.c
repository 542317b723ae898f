/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as HTTP/1.1 has them: a head, and a body whose size it says. */
#include "fake/request.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"

/* A header's value, freed by the caller; NULL: there is none. */
static char *header(const char *head, const char *name)
{
    size_t size = strlen(name);

    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, size) != 0 || line[size] != ':')
            continue;
        const char *value = line + size + 1 + strspn(line + size + 1, " \t");
        return vcl_strndup(value, strcspn(value, "\r"));
    }
    return NULL;
}

bool vcl_fake_request_parse(const char *head, vcl_fake_request *out, size_t *out_body_size)
{
    vcl_auto_free char *length = header(head, "Content-Length");
    size_t method = strcspn(head, " \r");
    const char *path = head + method + (head[method] == ' ');
    int64_t size = 0;

    if (length && (!vcl_parse_i64(length, &size) || size < 0 || size > VCL_MAX_HTTP_BODY))
        return false;
    out->method = vcl_strndup(head, method);
    out->path = vcl_strndup(path, strcspn(path, " \r"));
    out->content_type = header(head, "Content-Type");
    out->accept = header(head, "Accept");
    out->websocket_key = header(head, "Sec-WebSocket-Key");
    *out_body_size = (size_t)size;
    return out->method && out->path;
}

void vcl_fake_request_done(vcl_fake_request *request)
{
    free(request->method);
    free(request->path);
    free(request->content_type);
    free(request->accept);
    free(request->websocket_key);
    vcl_buf_done(&request->body);
}
