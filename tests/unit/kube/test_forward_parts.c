/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a forward that need no cluster: messages, the choice of a pod, the local address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "kube/forward_frames.h"
#include "kube/forward_listen.h"
#include "kube/forward_resolver.h"

static vcl_frame_kind take(vcl_forward_frames *frames,
                           const char *bytes,
                           size_t size,
                           const uint8_t **payload,
                           size_t *payload_size)
{
    return vcl_forward_frame(frames, (const uint8_t *)bytes, size, payload, payload_size);
}

static void first_message_of_each_channel_is_checked_and_dropped(void **state)
{
    vcl_forward_frames frames = { .port = 18080 };
    const uint8_t *payload = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(take(&frames, "\0\xa0\x46", 3, &payload, &size), VCL_FRAME_NOTHING);
    assert_int_equal(take(&frames, "\0\xa0\x46", 3, &payload, &size), VCL_FRAME_DATA);
    assert_int_equal(size, 2);
    assert_memory_equal(payload, "\xa0\x46", 2);
    assert_int_equal(take(&frames, "\1\xa0\x46", 3, &payload, &size), VCL_FRAME_NOTHING);
    assert_int_equal(take(&frames, "\1oh", 3, &payload, &size), VCL_FRAME_ERROR);
    assert_memory_equal(payload, "oh", 2);
    assert_int_equal(take(&frames, "\0", 1, &payload, &size), VCL_FRAME_NOTHING);
    assert_int_equal(take(&frames, "", 0, &payload, &size), VCL_FRAME_NOTHING);
}

static void messages_against_the_protocol_are_broken(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } messages[] = { { "\2\xa0\x46", 3 },  { "\0\xa1\x46", 3 }, { "\0\xa0", 2 },
                     { "\0\xa0\x46x", 4 }, { "\xff", 1 },       { "\0", 1 } };

    (void)state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        vcl_forward_frames frames = { .port = 18080 };
        const uint8_t *payload = NULL;
        size_t size = 0;

        assert_int_equal(take(&frames, messages[i].bytes, messages[i].size, &payload, &size),
                         VCL_FRAME_BROKEN);
    }
}

static void refusals_are_told_from_broken_connections(void **state)
{
    (void)state;
    assert_true(vcl_forward_was_refused("error forwarding port 9: dial tcp4 127.0.0.1:9: connect: "
                                        "connection refused"));
    assert_true(vcl_forward_was_refused("failed to connect to localhost:9 inside namespace x"));
    assert_false(vcl_forward_was_refused("read tcp4 127.0.0.1:1->127.0.0.1:2: read: connection "
                                         "reset by peer"));
    assert_false(vcl_forward_was_refused("write: broken pipe"));
}

static void only_what_nobody_acts_on_is_harmless(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        bool harmless;
    } cases[] = {
        { "", 0, true },
        { "\x16\x03\x01\x00\x04\x01\x00\x00\x00", 9, true },
        { "\x16\x03\x01\x00\x04\x01\x00\x00", 8, false },          /* not whole */
        { "\x16\x03\x01\x00\x04\x01\x00\x00\x00\x17", 10, false }, /* early data */
        { "\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9, false },      /* not the client's first */
        { "\x16\x03\x01\x00\x00", 5, false },
        { "GET / HTTP/1.0\r\n\r\n", 18, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(vcl_forward_is_harmless((const uint8_t *)cases[i].bytes, cases[i].size),
                         cases[i].harmless);
}

#define POD(name, made, phase, ready, more)                                                        \
    "{\"metadata\":{\"name\":\"" name "\",\"creationTimestamp\":\"2026-01-01T00:00:" made          \
    "Z\"" more "},\"status\":{\"phase\":\"" phase                                                  \
    "\",\"conditions\":[{\"type\":\"X\",\"status\":\"True\"},{\"type\":\"Ready\",\"status\":"      \
    "\"" ready "\"}]}}"
#define DYING ",\"deletionTimestamp\":\"2026-01-01T00:01:00Z\""

static void best_pod_is_picked(void **state)
{
    static const struct {
        const char *items;
        const char *name;
        bool ready;
    } cases[] = {
        { "", NULL, false },
        { POD("pending", "01", "Pending", "False", ""), NULL, false },
        { POD("done", "01", "Succeeded", "False", ""), NULL, false },
        { POD("dying", "01", "Running", "True", DYING), NULL, false },
        { POD("starting", "01", "Running", "False", ""), "starting", false },
        { POD("new", "09", "Running", "False", "") "," POD("old", "01", "Running", "True", ""),
          "old", true },
        { POD("old", "01", "Running", "True", "") "," POD("new", "09", "Running", "False", ""),
          "old", true },
        { POD("a", "01", "Running", "True", "") "," POD("b", "02", "Running", "True", "") "," POD(
              "c", "01", "Running", "True", ""),
          "b", true },
        { POD("dying", "09", "Running", "True", DYING) "," POD("b", "01", "Running", "False", ""),
          "b", false },
        { "{}", NULL, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_auto_free char *text = vcl_format("{\"items\":[%s]}", cases[i].items);
        cJSON *list = NULL;
        bool ready = true;

        assert_int_equal(vcl_json_parse(text, strlen(text), &list, NULL), 0);
        const char *name = vcl_resolver_pick(list, &ready);
        if (!vcl_streq(name, cases[i].name))
            fail_msg("%zu: %s instead of %s", i, vcl_str(name), vcl_str(cases[i].name));
        assert_int_equal(ready, cases[i].ready);
        cJSON_Delete(list);
    }
}

static void leftover_socket_is_replaced_but_no_other_file(void **state)
{
    char path[] = "/tmp/test-forward-XXXXXX";
    vcluster_error *error = NULL;
    struct stat info;
    int file = mkstemp(path);
    int fd = -1;

    (void)state;
    assert_true(file >= 0);
    assert_int_equal(vcl_forward_listen_unix(path, &fd, &error), VCLUSTER_E_UNAVAILABLE);
    vcl_error_clear(&error);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(close(file), 0);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(vcl_forward_listen_unix(path, &fd, &error), 0);
    int second = -1;
    assert_int_equal(vcl_forward_listen_unix(path, &second, &error), VCLUSTER_E_UNAVAILABLE);
    vcl_error_clear(&error);
    assert_int_equal(close(fd), 0); /* as a process that was killed leaves it */
    assert_int_equal(vcl_forward_listen_unix(path, &fd, &error), 0);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    vcl_forward_stop_listening(fd, path);
    assert_int_equal(stat(path, &info), -1);
}

static void path_that_is_too_long_is_refused(void **state)
{
    char path[200];
    vcluster_error *error = NULL;
    int fd = -1;

    (void)state;
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(vcl_forward_listen_unix(path, &fd, &error), VCLUSTER_E_INVALID_ARGUMENT);
    assert_int_equal(fd, -1);
    vcluster_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_message_of_each_channel_is_checked_and_dropped),
        cmocka_unit_test(messages_against_the_protocol_are_broken),
        cmocka_unit_test(refusals_are_told_from_broken_connections),
        cmocka_unit_test(only_what_nobody_acts_on_is_harmless),
        cmocka_unit_test(best_pod_is_picked),
        cmocka_unit_test(leftover_socket_is_replaced_but_no_other_file),
        cmocka_unit_test(path_that_is_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
