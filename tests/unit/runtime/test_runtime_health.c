/* SPDX-License-Identifier: Apache-2.0 */
/* The probes' server: its answers, and its loop over real sockets. */
#include "runtime/health.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "runtime_fixture.h"

static void answers_tell_state(void **state)
{
    static const struct {
        const char *request;
        bool published;
        int64_t age_ms;
        const char *wanted;
    } cases[] = {
        { "GET /healthz HTTP/1.1\r\n\r\n", false, 0, "HTTP/1.1 200 " },
        { "GET /livez?verbose HTTP/1.1\r\n\r\n", false, 0, "HTTP/1.1 200 " },
        { "GET /healthz HTTP/1.1\r\n\r\n", true, RT_STUCK_MS + 1, "HTTP/1.1 500 " },
        { "GET /readyz HTTP/1.1\r\n\r\n", false, 0, "HTTP/1.1 503 " },
        { "GET /readyz HTTP/1.1\r\n\r\n", true, 0, "HTTP/1.1 200 " },
        { "GET /readyzz HTTP/1.1\r\n\r\n", true, 0, "HTTP/1.1 404 " },
        { "GET / HTTP/1.1\r\n\r\n", true, 0, "HTTP/1.1 404 " },
        { "GET \r\n\r\n", true, 0, "HTTP/1.1 404 " },
        { "POST /healthz HTTP/1.1\r\n\r\n", true, 0, "HTTP/1.1 405 " },
        { "\r\n\r\n", true, 0, "HTTP/1.1 405 " },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rt_state facts;
        VCL_AUTO_BUF out;
        vcl_buf_init(&out, 512);
        atomic_init(&facts.published, cases[i].published);
        atomic_init(&facts.beat_ms, 1000);
        rt_health_answer(cases[i].request, &facts, 1000 + cases[i].age_ms, &out);
        assert_false(vcl_buf_failed(&out));
        if (!vcl_starts_with(vcl_buf_text(&out), cases[i].wanted))
            fail_msg("'%s' answered '%s'", cases[i].request, vcl_buf_text(&out));
    }
}

typedef struct running {
    int listener;
    int port;
    rt_state facts;
    vcluster_cancel *cancel;
    pthread_t thread;
    int status;
} running;

static void *serve(void *data)
{
    running *self = data;

    self->status = rt_health_run(self->listener, &self->facts, self->cancel, NULL);
    return NULL;
}

static int start(void **state)
{
    running *self = calloc(1, sizeof(*self));

    atomic_init(&self->facts.published, true);
    atomic_init(&self->facts.beat_ms, (long long)vcl_monotonic_ms());
    if (rt_health_listen(0, &self->listener, NULL) < 0 ||
        vcluster_cancel_new(&self->cancel, NULL) < 0 ||
        pthread_create(&self->thread, NULL, serve, self) != 0)
        return -1;
    self->port = rt_health_port(self->listener);
    *state = self;
    return 0;
}

static int finish(void **state)
{
    running *self = *state;

    vcluster_cancel_trigger(self->cancel);
    (void)pthread_join(self->thread, NULL);
    int status = self->status;
    vcluster_cancel_free(self->cancel);
    (void)close(self->listener);
    free(self);
    return status;
}

static int dial(const running *self)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)self->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* All that the server says until it hangs up. */
static void hear(int fd, char *text, size_t size)
{
    size_t used = 0;
    ssize_t got;

    while (used + 1 < size && (got = recv(fd, text + used, size - used - 1, 0)) > 0)
        used += (size_t)got;
    text[used] = '\0';
    (void)close(fd);
}

static void request_in_pieces_is_answered(void **state)
{
    char text[600];
    int fd = dial(*state);

    say(fd, "GET /rea");
    say(fd, "dyz HTTP/1.1\r\nHost: x\r\n");
    say(fd, "\r\n");
    hear(fd, text, sizeof(text));
    assert_true(vcl_starts_with(text, "HTTP/1.1 200 OK\r\n"));
    assert_true(vcl_ends_with(text, "\r\n\r\nok\n"));
}

static void silent_peers_do_not_keep_others_waiting(void **state)
{
    int silent[40];
    char text[600];

    for (size_t i = 0; i < 10; i++)
        silent[i] = dial(*state);
    int fd = dial(*state);
    say(fd, "GET /healthz HTTP/1.0\r\n\r\n");
    hear(fd, text, sizeof(text));
    assert_true(vcl_starts_with(text, "HTTP/1.1 200 "));
    for (size_t i = 0; i < 10; i++)
        (void)close(silent[i]);
}

static void endless_header_is_cut_off(void **state)
{
    char text[600];
    char line[4096];
    int fd = dial(*state);

    memset(line, 'a', sizeof(line));
    ssize_t sent = send(fd, line, sizeof(line), MSG_NOSIGNAL);
    (void)sent;
    hear(fd, text, sizeof(text));
    assert_text_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_tell_state),
        cmocka_unit_test_setup_teardown(request_in_pieces_is_answered, start, finish),
        cmocka_unit_test_setup_teardown(silent_peers_do_not_keep_others_waiting, start, finish),
        cmocka_unit_test_setup_teardown(endless_header_is_cut_off, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
