/* SPDX-License-Identifier: Apache-2.0 */
/* The opening handshake of a WebSocket; see handshake.h. */
#include "net/handshake.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "net/client.h"
#include "net/easy.h"

enum { MAX_ANSWER = 64 << 10, KEY_BYTES = 16 };

/* ---- The request ---- */

static bool make_key(char key[32])
{
    unsigned char bytes[KEY_BYTES];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    (void)EVP_EncodeBlock((unsigned char *)key, bytes, sizeof(bytes));
    return true;
}

static bool write_request(vcl_handshake *handshake,
                          const vcl_http *http,
                          const char *path,
                          const char *authorization)
{
    vcl_buf *request = &handshake->request;

    vcl_buf_addf(request, "GET %s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n",
                 http->server.prefix, path, http->server.authority, vcl_easy_user_agent(http));
    vcl_buf_addf(request,
                 "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: %s\r\n",
                 handshake->key);
    if (*handshake->protocols)
        vcl_buf_addf(request, "Sec-WebSocket-Protocol: %s\r\n", handshake->protocols);
    if (authorization) { /* piece by piece: no copy of it is left unwiped */
        vcl_buf_add(request, "Authorization: ");
        vcl_buf_add(request, authorization);
        vcl_buf_add(request, "\r\n");
    }
    for (char **header = http->endpoint.headers; header && *header; header++)
        vcl_buf_addf(request, "%s\r\n", *header);
    vcl_buf_add(request, "\r\n");
    return !vcl_buf_failed(request);
}

int vcl_handshake_init(vcl_handshake *handshake,
                       vcl_http *http,
                       const vcl_identity *identity,
                       const char *path,
                       const char *protocols,
                       vcluster_error **error)
{
    char *authorization = NULL;

    *handshake = (vcl_handshake){ 0 };
    vcl_buf_init(&handshake->request, 2 * MAX_ANSWER);
    vcl_buf_init(&handshake->answer, MAX_ANSWER);
    handshake->protocols = vcl_strdup(vcl_str(protocols));
    if (!handshake->protocols)
        return vcl_no_memory(error);
    if (strpbrk(handshake->protocols, "\r\n"))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "the subprotocols cannot be sent");
    if (!make_key(handshake->key))
        return vcl_fail(error, VCLUSTER_E_INTERNAL, "no random numbers for a WebSocket key");

    int status =
        vcl_easy_authorization(http, identity, &authorization, &handshake->token_edition, error);
    if (status < 0)
        return status;
    bool written = write_request(handshake, http, path, authorization);
    vcl_free_secret(authorization);
    return written ? VCLUSTER_OK : vcl_no_memory(error);
}

void vcl_handshake_done(vcl_handshake *handshake)
{
    vcl_buf_done(&handshake->request);
    vcl_buf_done(&handshake->answer);
    free(handshake->protocols);
    free(handshake->protocol);
    *handshake = (vcl_handshake){ 0 };
}

/* ---- The answer ---- */

bool vcl_handshake_accept(const char *key, char out_text[64])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455, 1.3 */
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[128];
    unsigned size = 0;

    int text_size = snprintf(text, sizeof(text), "%s%s", key, guid);
    if (text_size < 0 || (size_t)text_size >= sizeof(text) ||
        EVP_Digest(text, (size_t)text_size, digest, &size, EVP_sha1(), NULL) != 1)
        return false;
    (void)EVP_EncodeBlock((unsigned char *)out_text, digest, (int)size);
    return true;
}

/* Value of a header of the answer, without white space around it; NULL if there is none. */
static char *header(const vcl_handshake *handshake, const char *name)
{
    const char *end = handshake->answer.data + handshake->head_size;
    size_t name_size = strlen(name);

    for (const char *line = handshake->answer.data; line && line < end;) {
        const char *line_end = strstr(line, "\r\n");
        if (!line_end)
            return NULL;
        if (strncasecmp(line, name, name_size) == 0 && line[name_size] == ':') {
            const char *value = line + name_size + 1;
            value += strspn(value, " \t");
            size_t size = line_end > value ? (size_t)(line_end - value) : 0;
            while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t'))
                size--;
            return vcl_strndup(value, size);
        }
        line = line_end + 2;
    }
    return NULL;
}

static bool was_asked_for(const char *protocols, const char *protocol)
{
    size_t size = strlen(protocol);

    for (const char *at = protocols; *at;) {
        at += strspn(at, ", ");
        size_t length = strcspn(at, ", ");
        if (length == size && strncmp(at, protocol, size) == 0)
            return true;
        at += length;
    }
    return false;
}

static vcl_handshake_state check_upgrade(vcl_handshake *handshake)
{
    vcl_auto_free char *upgrade = header(handshake, "Upgrade");
    vcl_auto_free char *connection = header(handshake, "Connection");
    vcl_auto_free char *accept = header(handshake, "Sec-WebSocket-Accept");
    char expected[64];

    free(handshake->protocol);
    handshake->protocol = header(handshake, "Sec-WebSocket-Protocol");
    if (!handshake->protocol)
        handshake->protocol = vcl_strdup("");
    bool good = handshake->protocol && upgrade && strcasecmp(upgrade, "websocket") == 0 &&
                connection && strcasestr(connection, "upgrade") && accept &&
                vcl_handshake_accept(handshake->key, expected) && vcl_streq(accept, expected);
    bool wanted = *handshake->protocols
                      ? was_asked_for(handshake->protocols, vcl_str(handshake->protocol))
                      : vcl_str_empty(handshake->protocol);
    return good && wanted ? VCL_HANDSHAKE_DONE : VCL_HANDSHAKE_FAILED;
}

static void find_head(vcl_handshake *handshake)
{
    const char *end = handshake->answer.data ? strstr(handshake->answer.data, "\r\n\r\n") : NULL;
    const char *space = end ? strchr(handshake->answer.data, ' ') : NULL;
    int64_t status = 0;
    char digits[4] = "";

    if (!end)
        return;
    handshake->head_size = (size_t)(end - handshake->answer.data) + 4;
    if (vcl_starts_with(handshake->answer.data, "HTTP/1.") && space && space < end) {
        memcpy(digits, space + 1, 3);
        (void)vcl_parse_i64(digits, &status);
    }
    handshake->status = (int)status;
}

/* Whether as much of the body of a refusal is there as an error will show. */
static bool has_body(const vcl_handshake *handshake)
{
    vcl_auto_free char *length = header(handshake, "Content-Length");
    int64_t size = VCL_MAX_ERROR_TEXT;

    if (length && vcl_parse_i64(length, &size) && size > VCL_MAX_ERROR_TEXT)
        size = VCL_MAX_ERROR_TEXT;
    return size < 0 || handshake->answer.size - handshake->head_size >= (size_t)size;
}

vcl_handshake_state vcl_handshake_take(vcl_handshake *handshake, const void *bytes, size_t size)
{
    if (!vcl_buf_append(&handshake->answer, bytes, size))
        return VCL_HANDSHAKE_FAILED;
    if (handshake->head_size == 0)
        find_head(handshake);
    if (handshake->head_size == 0)
        return size > 0 ? VCL_HANDSHAKE_MORE : VCL_HANDSHAKE_FAILED;
    if (handshake->status == 101)
        return check_upgrade(handshake);
    return size == 0 || has_body(handshake) ? VCL_HANDSHAKE_FAILED : VCL_HANDSHAKE_MORE;
}

/* ---- Errors ---- */

static char unescape(const char **at)
{
    static const char from[] = "bfnrt";
    static const char to[] = "\b\f\n\r\t";
    char c = *++*at;
    const char *known = c ? strchr(from, c) : NULL;

    if (c != 'u')
        return known ? to[known - from] : c;
    for (int i = 0; i < 4 && (*at)[1]; i++) /* not worth decoding for one line of an error */
        ++*at;
    return '?';
}

/* The first string member of that name in a Kubernetes Status; NULL if there is none. This layer
 * knows no JSON, and a wrong guess spoils nothing but a text. */
static char *status_member(const char *body, const char *name)
{
    vcl_auto_free char *label = vcl_format("\"%s\":", name);
    const char *at = label ? strstr(body, label) : NULL;
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, VCL_MAX_ERROR_TEXT);
    if (!at)
        return NULL;
    at += strlen(label);
    at += strspn(at, " ");
    if (*at++ != '"')
        return NULL;
    for (; *at && *at != '"'; at++) {
        if (!vcl_buf_add_char(&text, *at == '\\' ? unescape(&at) : *at))
            return NULL;
        if (!*at)
            break;
    }
    return vcl_buf_steal(&text);
}

static int code_of(int http_status)
{
    switch (http_status) {
    case 400:
        return VCLUSTER_E_INVALID_ARGUMENT;
    case 401:
        return VCLUSTER_E_UNAUTHENTICATED;
    case 403:
        return VCLUSTER_E_PERMISSION;
    case 404:
        return VCLUSTER_E_NOT_FOUND;
    case 409:
        return VCLUSTER_E_CONFLICT;
    default:
        return http_status == 429 || http_status >= 500 ? VCLUSTER_E_UNAVAILABLE
                                                        : VCLUSTER_E_PROTOCOL;
    }
}

static int fail_refused(const vcl_handshake *handshake, vcluster_error **error)
{
    vcl_auto_free char *body =
        vcl_strndup(handshake->answer.data + handshake->head_size, VCL_MAX_ERROR_TEXT);
    if (!body)
        return vcl_no_memory(error);

    vcl_auto_free char *message = status_member(body, "message");
    vcl_auto_free char *reason = status_member(body, "reason");
    const char *text = message ? message : body;
    int status = vcl_fail(error, code_of(handshake->status),
                          "the server refused the WebSocket with HTTP status %d%s%s",
                          handshake->status, *text ? ": " : "", text);
    vcl_error_set_http(error, handshake->status);
    if (reason && *reason)
        vcl_error_set_reason(error, reason);
    return status;
}

int vcl_handshake_fail(const vcl_handshake *handshake, vcluster_error **error)
{
    if (handshake->answer.state == VCL_BUF_NO_MEMORY)
        return vcl_no_memory(error);
    if (vcl_buf_failed(&handshake->answer))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the answer to the WebSocket handshake is too large");
    if (handshake->head_size == 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                        "the connection was lost during the WebSocket handshake");
    if (handshake->status == 101 && *handshake->protocols &&
        !was_asked_for(handshake->protocols, vcl_str(handshake->protocol)))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the server chose the WebSocket subprotocol '%s', not one of '%s'",
                        vcl_str(handshake->protocol), handshake->protocols);
    if (handshake->status == 101)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the server's answer to the WebSocket handshake is not valid");
    return fail_refused(handshake, error);
}
