/* SPDX-License-Identifier: Apache-2.0 */
/* The thread of a connection: HTTP/1.1, one request after the other, and watches. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/str.h"
#include "fake/host.h"

enum { MAX_HEAD = 128 << 10, MAX_LOG = 100000 };

/* ---- Bytes ---- */

bool vcl_fake_send(const vcl_fake_conn *conn, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t sent = send(conn->fd, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool vcl_fake_receive(const vcl_fake_conn *conn, void *bytes, size_t size)
{
    char *at = bytes;

    while (size > 0) {
        ssize_t got = recv(conn->fd, at, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

/* Wait for so long, or until the other end is closed. */
static void rest(const vcl_fake_conn *conn, int64_t ms)
{
    struct pollfd closed = { .fd = conn->fd, .events = POLLRDHUP };

    (void)poll(&closed, 1, (int)ms);
}

/* ---- Requests ---- */

/* Byte by byte: what stands behind the head belongs to the body, or to a WebSocket. */
static bool read_head(const vcl_fake_conn *conn, vcl_buf *head)
{
    char c;

    while (vcl_fake_receive(conn, &c, 1)) {
        if (!vcl_buf_add_char(head, c))
            return false;
        if (c == '\n' && vcl_ends_with(vcl_buf_text(head), "\r\n\r\n"))
            return true;
    }
    return false;
}

static bool read_body(const vcl_fake_conn *conn, size_t size, vcl_buf *body)
{
    char piece[16384];

    while (size > 0) {
        size_t part = size < sizeof(piece) ? size : sizeof(piece);
        if (!vcl_fake_receive(conn, piece, part) || !vcl_buf_append(body, piece, part))
            return false;
        size -= part;
    }
    return true;
}

static bool read_request(const vcl_fake_conn *conn, vcl_fake_request *out)
{
    VCL_AUTO_BUF head = { 0 };
    size_t size = 0;

    vcl_buf_init(&head, MAX_HEAD);
    vcl_buf_init(&out->body, VCL_MAX_HTTP_BODY);
    return read_head(conn, &head) && vcl_fake_request_parse(vcl_buf_text(&head), out, &size) &&
           read_body(conn, size, &out->body);
}

/* ---- Answers ---- */

static bool send_answer(const vcl_fake_conn *conn, const vcl_fake_answer *answer, bool half)
{
    char *printed = answer->tree ? vcl_json_print(answer->tree) : NULL;
    const char *body = printed ? printed : vcl_str(answer->text);
    VCL_AUTO_BUF out = { 0 };

    vcl_buf_init(&out, 2 * (size_t)VCL_MAX_HTTP_BODY);
    vcl_buf_addf(&out, "HTTP/1.1 %d Answer\r\nContent-Type: %s\r\nContent-Length: %zu\r\n",
                 answer->status, answer->tree ? "application/json" : "text/plain", strlen(body));
    if (answer->retry_after)
        vcl_buf_addf(&out, "Retry-After: %lld\r\n", (long long)answer->retry_after);
    vcl_buf_add(&out, "\r\n");
    size_t head = out.size;
    vcl_buf_add(&out, body);
    vcl_free_secret(printed);
    if (vcl_buf_failed(&out))
        return false;
    size_t size = half ? head + (out.size - head) / 2 : out.size;
    return vcl_fake_send(conn, out.data, size) && !half;
}

/* Lets go of what is not written down for want of memory: a log is no promise. */
static void
note(vcl_fake *fake, const vcl_fake_conn *conn, const vcl_fake_request *request, int status)
{
    cJSON *line = cJSON_CreateObject();

    if (cJSON_GetArraySize(fake->log) >= MAX_LOG || !line ||
        !vcl_json_set_string(line, "cluster", conn->cluster) ||
        !vcl_json_set_string(line, "method", request->method) ||
        !vcl_json_set_string(line, "path", request->path) ||
        !vcl_json_set_int(line, "status", status)) {
        cJSON_Delete(line);
        return;
    }
    (void)vcl_json_append(fake->log, line);
}

/* ---- The connection ---- */

/* What the script, or the hook of a test, says of a request. */
typedef struct fault {
    int64_t delay_ms;
    vcl_fake_cut cut;
    vcl_fake_answer answer; /* status 0: none */
} fault;

/* Without the lock: a hook may use the fake. */
static fault ask_hook(vcl_fake *fake, const vcl_fake_request *request)
{
    fault found = { 0 };
    int status = fake->hooks.before
                     ? fake->hooks.before(fake->hooks.data, request->method, request->path)
                     : 0;

    if (status)
        vcl_fake_status(&found.answer, status, vcl_fake_reason(status), request->path);
    return found;
}

static fault ask_script(const vcl_fake_conn *conn, const vcl_fake_request *request)
{
    vcl_auto_free char *path = vcl_strndup(request->path, strcspn(request->path, "?"));
    const vcl_fake_rule *rule =
        path ? vcl_fake_script_next(&conn->fake->script, conn->cluster, request->method, path)
             : NULL;
    fault found = { 0 };

    if (!rule)
        return found;
    found.delay_ms = rule->delay_ms;
    found.cut = rule->cut;
    if (rule->status)
        vcl_fake_status(&found.answer, (int)rule->status,
                        rule->reason ? rule->reason : vcl_fake_reason((int)rule->status),
                        rule->message ? rule->message : "the fault script says so");
    found.answer.retry_after = rule->retry_after;
    return found;
}

static fault next_fault(const vcl_fake_conn *conn, const vcl_fake_request *request)
{
    fault found = ask_hook(conn->fake, request);

    if (found.answer.status)
        return found;
    (void)pthread_mutex_lock(&conn->fake->lock);
    found = ask_script(conn, request);
    (void)pthread_mutex_unlock(&conn->fake->lock);
    return found;
}

/* The answer to what is neither a watch nor a WebSocket. false: the connection is at its end. */
static bool answer(vcl_fake_conn *conn,
                   const vcl_fake_request *request,
                   const vcl_fake_target *target,
                   fault *wrong)
{
    vcl_fake *fake = conn->fake;
    vcl_fake_answer made = wrong->answer;

    (void)pthread_mutex_lock(&fake->lock);
    vcl_world *world = vcl_fake_world(fake, conn->cluster);
    bool alive = world && !fake->ending && wrong->cut != VCL_FAKE_CUT_BEFORE;
    if (alive && !made.status) {
        vcl_fake_handle(fake, world, request, target, &made);
        vcl_fake_ring(fake);
    }
    bool silent = !alive || wrong->cut == VCL_FAKE_CUT_AFTER;
    note(fake, conn, request, silent ? 0 : made.status);
    (void)pthread_mutex_unlock(&fake->lock);
    bool goes_on = !silent && send_answer(conn, &made, wrong->cut == VCL_FAKE_CUT_ANSWER);
    vcl_json_free_secret(made.tree);
    return goes_on;
}

/* Whether a request asks for a watch of something that is served. */
static bool
is_watch(vcl_fake_conn *conn, const vcl_fake_request *request, const vcl_fake_target *target)
{
    if (!target->watch || !target->plural || target->name || !vcl_streq(request->method, "GET"))
        return false;
    (void)pthread_mutex_lock(&conn->fake->lock);
    vcl_world *world = vcl_fake_world(conn->fake, conn->cluster);
    conn->watches = world && *vcl_fake_kind(world, target->api_version, target->plural, NULL);
    (void)pthread_mutex_unlock(&conn->fake->lock);
    return conn->watches;
}

static void note_open(vcl_fake_conn *conn, const vcl_fake_request *request, int status)
{
    (void)pthread_mutex_lock(&conn->fake->lock);
    note(conn->fake, conn, request, status);
    (void)pthread_mutex_unlock(&conn->fake->lock);
}

/* false: the connection is at its end. */
static bool
serve(vcl_fake_conn *conn, const vcl_fake_request *request, const vcl_fake_target *target)
{
    fault wrong = next_fault(conn, request);
    if (wrong.delay_ms)
        rest(conn, wrong.delay_ms);
    bool stream = !wrong.answer.status && !wrong.cut;
    if (stream && is_watch(conn, request, target)) {
        note_open(conn, request, 200);
        vcl_fake_watch(conn, request, target);
        return false;
    }
    if (stream && request->websocket_key && vcl_streq(target->subresource, "portforward")) {
        note_open(conn, request, 101);
        vcl_fake_portforward(conn, request, target);
        return false;
    }
    return answer(conn, request, target, &wrong);
}

static bool serve_one(vcl_fake_conn *conn)
{
    vcl_fake_request request = { 0 };
    vcl_fake_target target = { 0 };
    bool goes_on = read_request(conn, &request) && vcl_fake_target_read(request.path, &target) &&
                   serve(conn, &request, &target);

    vcl_fake_target_done(&target);
    vcl_fake_request_done(&request);
    return goes_on;
}

/* The one connection that comes; it is of this process, or of nobody that is welcome. */
static bool accept_one(vcl_fake_conn *conn)
{
    int fd = accept4(conn->fd, NULL, NULL, SOCK_CLOEXEC);
    bool own = fd >= 0;

#ifdef __linux__
    struct ucred peer = { 0 };
    socklen_t size = sizeof(peer);
    own = own && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
          peer.pid == conn->fake->pid;
#endif
    (void)pthread_mutex_lock(&conn->fake->lock);
    if (fd >= 0) {
        (void)close(conn->fd);
        conn->fd = fd;
    }
    own = own && !conn->fake->ending;
    (void)pthread_mutex_unlock(&conn->fake->lock);
    return own;
}

void *vcl_fake_conn_main(void *data)
{
    vcl_fake_conn *conn = data;
    bool goes_on = !conn->listens || accept_one(conn);

    while (goes_on)
        goes_on = serve_one(conn);
    (void)pthread_mutex_lock(&conn->fake->lock);
    (void)close(conn->fd);
    conn->fd = -1;
    conn->ended = true;
    (void)pthread_mutex_unlock(&conn->fake->lock);
    return NULL;
}
