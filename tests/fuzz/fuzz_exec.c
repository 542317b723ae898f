/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message of the exec channel protocol, and as the Status that ends it. */
#include <string.h>

#include "base/limits.h"
#include "fuzz.h"
#include "kube/pod_exec_frames.h"

static void check_message(const uint8_t *data, size_t size)
{
    const uint8_t *payload = NULL;
    size_t payload_size = 0;
    int channel = -1;
    vcl_exec_kind kind = vcl_exec_frame(data, size, &channel, &payload, &payload_size);

    if (kind == VCL_EXEC_DATA || kind == VCL_EXEC_END) {
        FUZZ_CHECK(payload == data + 1 && payload_size == size - 1 && payload_size > 0);
        FUZZ_CHECK(channel == data[0]);
        FUZZ_CHECK(kind != VCL_EXEC_END || channel == VCL_EXEC_STATUS);
    }
}

static void check_status(const uint8_t *data, size_t size)
{
    vcl_exec_end end = { .exit_code = -1 };
    VCL_AUTO_ERROR *error = NULL;

    if (vcl_exec_read_status(data, size, &end, &error) < 0) {
        FUZZ_CHECK(error && end.exit_code == -1 && !end.complaint);
        return;
    }
    FUZZ_CHECK(!error && end.exit_code >= 0 && end.exit_code <= 255);
    FUZZ_CHECK(!end.complaint || strlen(end.complaint) <= VCL_MAX_MESSAGE);
    FUZZ_CHECK(!end.complaint || end.exit_code == 126 || end.exit_code == 127);
    free(end.complaint);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_message(data, size);
    check_status(data, size);
    if (size > 0)
        check_status(data + 1, size - 1);
    return 0;
}
