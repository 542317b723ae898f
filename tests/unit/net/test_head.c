/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing of answer heads and of WebSocket handshakes, without a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "net/handshake.h"
#include "net/head.h"

static bool feed(vcl_head *head, const char *text)
{
    for (const char *line = text; *line;) {
        const char *end = strchr(line, '\n') + 1;
        if (!vcl_head_line(head, line, (size_t)(end - line)))
            return false;
        line = end;
    }
    return true;
}

static void head_keeps_the_final_answer(void **state)
{
    vcl_head head;

    (void)state;
    vcl_head_init(&head);
    assert_true(feed(&head, "HTTP/1.1 100 Continue\r\nRetry-After: 7\r\n\r\n"));
    assert_false(head.complete);
    assert_true(feed(&head, "HTTP/2 503 \r\nCONTENT-TYPE:  text/plain \r\nretry-after: 3\r\n"));
    assert_false(head.complete);
    assert_true(feed(&head, "\r\nContent-Type: trailer\r\n"));
    assert_true(head.complete);
    assert_int_equal(head.status, 503);
    assert_int_equal(head.retry_after_s, 3);
    assert_string_equal(head.content_type, "text/plain");
    vcl_head_done(&head);
}

static void retry_after_must_be_a_number(void **state)
{
    static const char *const values[] = { "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "", "1.5" };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        vcl_head head;
        char *text = vcl_format("HTTP/1.1 429 x\r\nRetry-After: %s\r\n\r\n", values[i]);
        vcl_head_init(&head);
        assert_true(feed(&head, text));
        assert_int_equal(head.retry_after_s, -1);
        vcl_head_done(&head);
        free(text);
    }
}

static void malformed_warnings_are_ignored(void **state)
{
    vcl_head head;

    (void)state;
    vcl_head_init(&head);
    assert_true(feed(&head, "HTTP/1.1 200 OK\r\n"
                            "Warning: 299 - \"no end\r\n"
                            "Warning: 299\r\n"
                            "Warning: \"\r\n"
                            "Warning: 299 - \"with\x1b date\" \"Sat, 25 Aug 2012\", 299 x \"b\"\r\n"
                            "no colon\r\n\r\n"));
    assert_int_equal(head.warning_count, 2);
    assert_string_equal(head.warnings[0], "with? date");
    assert_string_equal(head.warnings[1], "b");
    vcl_head_done(&head);
}

static void warnings_are_limited(void **state)
{
    vcl_head head;

    (void)state;
    vcl_head_init(&head);
    for (int i = 0; i < VCL_MAX_WARNINGS + 5; i++) {
        char *line = vcl_format("Warning: 299 - \"number %d\"\r\n", i);
        assert_true(feed(&head, line));
        free(line);
    }
    assert_int_equal(head.warning_count, VCL_MAX_WARNINGS);
    vcl_head_done(&head);
}

static void head_has_a_limit(void **state)
{
    static char line[1024];
    vcl_head head;
    size_t lines = VCL_MAX_HTTP_HEADERS / sizeof(line);

    (void)state;
    memset(line, 'x', sizeof(line));
    line[1] = ':';
    vcl_head_init(&head);
    for (size_t i = 0; i < lines; i++)
        assert_true(vcl_head_line(&head, line, sizeof(line)));
    assert_false(vcl_head_line(&head, "\r\n", 2));
    vcl_head_done(&head);
}

static void accept_is_that_of_the_rfc(void **state)
{
    char text[64];

    (void)state;
    assert_true(vcl_handshake_accept("dGhlIHNhbXBsZSBub25jZQ==", text));
    assert_string_equal(text, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

/* A handshake that has sent the key of the RFC's example. */
static vcl_handshake make_handshake(const char *protocols)
{
    vcl_handshake handshake = { .key = "dGhlIHNhbXBsZSBub25jZQ==",
                                .protocols = vcl_strdup(protocols) };

    vcl_buf_init(&handshake.request, 100);
    vcl_buf_init(&handshake.answer, 64 << 10);
    return handshake;
}

#define GOOD_HEAD                                                                                  \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, "           \
    "Upgrade\r\n"                                                                                  \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

static void handshake_is_read_byte_by_byte(void **state)
{
    static const char answer[] = GOOD_HEAD "Sec-WebSocket-Protocol: v4\r\n\r\n";
    vcl_handshake handshake = make_handshake("v5, v4");

    (void)state;
    for (size_t i = 0; i < sizeof(answer) - 2; i++)
        assert_int_equal(vcl_handshake_take(&handshake, answer + i, 1), VCL_HANDSHAKE_MORE);
    assert_int_equal(vcl_handshake_take(&handshake, "\nxy", 3), VCL_HANDSHAKE_DONE);
    assert_string_equal(handshake.protocol, "v4");
    assert_string_equal(handshake.answer.data + handshake.head_size, "xy");
    vcl_handshake_done(&handshake);
}

static void assert_refused(const char *protocols, const char *answer, int status, const char *part)
{
    vcl_handshake handshake = make_handshake(protocols);
    VCL_AUTO_ERROR *error = NULL;

    assert_int_not_equal(vcl_handshake_take(&handshake, answer, strlen(answer)),
                         VCL_HANDSHAKE_DONE);
    assert_int_equal(vcl_handshake_take(&handshake, "", 0), VCL_HANDSHAKE_FAILED);
    assert_int_equal(vcl_handshake_fail(&handshake, &error), status);
    if (!strstr(vcluster_error_to_string(error), part))
        fail_msg("'%s' does not say '%s'", vcluster_error_to_string(error), part);
    vcl_handshake_done(&handshake);
}

static void wrong_handshakes_are_refused(void **state)
{
    (void)state;
    assert_refused("v4", GOOD_HEAD "\r\n", VCLUSTER_E_PROTOCOL, "subprotocol ''");
    assert_refused("v4", GOOD_HEAD "Sec-WebSocket-Protocol: v5\r\n\r\n", VCLUSTER_E_PROTOCOL,
                   "subprotocol 'v5'");
    assert_refused("", GOOD_HEAD "Sec-WebSocket-Protocol: v5\r\n\r\n", VCLUSTER_E_PROTOCOL,
                   "not valid");
    assert_refused("",
                   "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: AAAA\r\n\r\n",
                   VCLUSTER_E_PROTOCOL, "not valid");
    assert_refused("", "nonsense\r\n\r\n", VCLUSTER_E_PROTOCOL, "HTTP status 0");
    assert_refused("", "HTTP/1.1 1", VCLUSTER_E_UNAVAILABLE, "was lost");
    assert_refused("", "HTTP/1.1 404 x\r\n\r\n404 page not found", VCLUSTER_E_NOT_FOUND,
                   "404: 404 page not found");
    assert_refused("", "HTTP/1.1 403 x\r\n\r\n{\"message\":\"a \\\"b\\\" \\u0041\\",
                   VCLUSTER_E_PERMISSION, "a \"b\" ?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_keeps_the_final_answer),
        cmocka_unit_test(retry_after_must_be_a_number),
        cmocka_unit_test(malformed_warnings_are_ignored),
        cmocka_unit_test(warnings_are_limited),
        cmocka_unit_test(head_has_a_limit),
        cmocka_unit_test(accept_is_that_of_the_rfc),
        cmocka_unit_test(handshake_is_read_byte_by_byte),
        cmocka_unit_test(wrong_handshakes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
