/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the answer to a WebSocket handshake, in pieces, and as the head of an HTTP answer.
 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "fuzz.h"
#include "net/handshake.h"
#include "net/head.h"

enum { MAX_ANSWER = 64 << 10 };

/* The first byte is the size of the pieces, the rest the answer. */
static void check_handshake(const uint8_t *data, size_t size)
{
    /* The key of RFC 6455, 1.3: a corpus can hold the right answer to it. */
    vcl_handshake handshake = { .key = "dGhlIHNhbXBsZSBub25jZQ==" };
    vcl_handshake_state state = VCL_HANDSHAKE_MORE;
    size_t step = size ? 1 + data[0] : 1;
    VCL_AUTO_ERROR *error = NULL;

    vcl_buf_init(&handshake.request, 1);
    vcl_buf_init(&handshake.answer, MAX_ANSWER);
    handshake.protocols = vcl_strdup("v5.channel.k8s.io, v4.channel.k8s.io");
    FUZZ_CHECK(handshake.protocols);
    for (size_t at = 1; at < size && state == VCL_HANDSHAKE_MORE; at += step)
        state = vcl_handshake_take(&handshake, data + at, size - at < step ? size - at : step);
    if (state == VCL_HANDSHAKE_MORE)
        state = vcl_handshake_take(&handshake, "", 0);

    FUZZ_CHECK(state != VCL_HANDSHAKE_MORE);
    FUZZ_CHECK(handshake.head_size <= handshake.answer.size);
    if (state == VCL_HANDSHAKE_DONE) {
        FUZZ_CHECK(handshake.status == 101);
        FUZZ_CHECK(vcl_ends_with(handshake.protocol, ".channel.k8s.io"));
    } else {
        FUZZ_CHECK(vcl_handshake_fail(&handshake, &error) < 0);
        FUZZ_CHECK(error && strlen(vcluster_error_message(error)) <= VCL_MAX_MESSAGE);
    }
    vcl_handshake_done(&handshake);
}

static void check_head(const uint8_t *data, size_t size)
{
    vcl_head head;

    vcl_head_init(&head);
    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t line = end ? (size_t)(end - data) + 1 : size;
        if (!vcl_head_line(&head, (const char *)data, line))
            break;
        data += line;
        size -= line;
    }
    FUZZ_CHECK(head.size <= VCL_MAX_HTTP_HEADERS);
    FUZZ_CHECK(head.warning_count <= VCL_MAX_WARNINGS);
    FUZZ_CHECK(head.retry_after_s >= -1);
    FUZZ_CHECK(head.status >= 0 && head.status <= 999);
    vcl_head_done(&head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_handshake(data, size);
    check_head(data, size);
    return 0;
}
