/* SPDX-License-Identifier: Apache-2.0 */
/* The bearer token of an endpoint; see token.h. */
#include "net/token.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "net/server.h"

enum {
    MAX_TOKEN = 64 << 10, /* more than any header that a server takes */
    TOKEN_AGE_MS = 60000
};

bool vcl_token_init(vcl_token *token, const vcl_endpoint *endpoint)
{
    *token = (vcl_token){ .endpoint = endpoint };
    return pthread_mutex_init(&token->lock, NULL) == 0;
}

void vcl_token_done(vcl_token *token)
{
    vcl_free_secret(token->text);
    token->text = NULL;
    (void)pthread_mutex_destroy(&token->lock);
}

static bool read_all(int fd, vcl_buf *text)
{
    char chunk[4096];
    ssize_t size;

    do {
        size = read(fd, chunk, sizeof(chunk));
        if (size > 0 && !vcl_buf_append(text, chunk, (size_t)size)) {
            errno = EFBIG;
            size = -1;
            break;
        }
    } while (size > 0 || (size < 0 && errno == EINTR));
    vcl_wipe(chunk, sizeof(chunk));
    return size == 0;
}

/* The file's contents without the white space around them. */
static char *read_file(const char *path, vcluster_error **error)
{
    VCL_AUTO_BUF text = { 0 };
    vcl_buf_init(&text, MAX_TOKEN);

    vcl_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || !read_all(fd, &text)) {
        (void)vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED, "token file '%s' cannot be read: %s",
                       path, strerror(errno));
        return NULL;
    }
    while (text.size > 0 && (unsigned char)text.data[text.size - 1] <= ' ')
        vcl_buf_truncate(&text, text.size - 1);
    vcl_buf_consume(&text, strspn(vcl_buf_text(&text), " \t\r\n"));
    if (text.size == 0 || strlen(text.data) != text.size || !vcl_is_header_token(text.data)) {
        (void)vcl_fail(error, VCLUSTER_E_UNAUTHENTICATED, "token file '%s' holds no token", path);
        return NULL;
    }

    char *token = vcl_buf_steal(&text);
    if (!token)
        (void)vcl_no_memory(error);
    return token;
}

/* With the lock held. A file that cannot be read for a moment leaves the old token in use. */
static void refresh(vcl_token *token, vcluster_error **error)
{
    char *text = read_file(token->endpoint->token_file, error);

    token->read_ms = vcl_monotonic_ms();
    if (!text)
        return;
    if (vcl_streq(text, token->text)) {
        vcl_free_secret(text);
        return;
    }
    vcl_free_secret(token->text);
    token->text = text;
    token->edition++;
}

static int copy_of(const char *text, char **out_text, vcluster_error **error)
{
    *out_text = vcl_strdup(text);
    return *out_text || !text ? VCLUSTER_OK : vcl_no_memory(error);
}

int vcl_token_get(vcl_token *token, char **out_text, uint64_t *out_edition, vcluster_error **error)
{
    const vcl_endpoint *endpoint = token->endpoint;
    VCL_AUTO_ERROR *reason = NULL;

    *out_edition = 0;
    if (vcl_str_empty(endpoint->token_file))
        return copy_of(vcl_str_empty(endpoint->bearer_token) ? NULL : endpoint->bearer_token,
                       out_text, error);

    (void)pthread_mutex_lock(&token->lock);
    if (!token->text || vcl_monotonic_ms() - token->read_ms > TOKEN_AGE_MS)
        refresh(token, &reason);
    int status = token->text ? copy_of(token->text, out_text, error) : VCLUSTER_E_UNAUTHENTICATED;
    *out_edition = token->edition;
    (void)pthread_mutex_unlock(&token->lock);

    if (status == VCLUSTER_E_UNAUTHENTICATED) {
        if (!vcl_str_empty(endpoint->bearer_token))
            return copy_of(endpoint->bearer_token, out_text, error);
        return vcl_fail(error, vcluster_error_code(reason), "%s", vcluster_error_message(reason));
    }
    return status;
}

bool vcl_token_renewed(vcl_token *token, uint64_t edition)
{
    if (vcl_str_empty(token->endpoint->token_file))
        return false;

    (void)pthread_mutex_lock(&token->lock);
    if (token->edition == edition)
        refresh(token, NULL);
    bool renewed = token->edition != edition;
    (void)pthread_mutex_unlock(&token->lock);
    return renewed;
}
