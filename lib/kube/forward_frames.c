/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of a port-forward; see forward_frames.h. */
#include "kube/forward_frames.h"

#include <string.h>

vcl_frame_kind vcl_forward_frame(vcl_forward_frames *frames,
                                 const uint8_t *bytes,
                                 size_t size,
                                 const uint8_t **out_payload,
                                 size_t *out_size)
{
    if (size == 0)
        return VCL_FRAME_NOTHING;
    if (bytes[0] >= VCL_FORWARD_CHANNELS)
        return VCL_FRAME_BROKEN;

    if (!frames->begun[bytes[0]]) {
        frames->begun[bytes[0]] = true;
        bool right = size == 3 && bytes[1] + 256 * bytes[2] == frames->port;
        return right ? VCL_FRAME_NOTHING : VCL_FRAME_BROKEN;
    }
    *out_payload = bytes + 1;
    *out_size = size - 1;
    if (size == 1)
        return VCL_FRAME_NOTHING;
    return bytes[0] == VCL_FORWARD_DATA_CHANNEL ? VCL_FRAME_DATA : VCL_FRAME_ERROR;
}

bool vcl_forward_was_refused(const char *text)
{
    /* What containerd and CRI-O say when the connection inside the pod cannot be made. A reset
     * later on says "connection reset" or "broken pipe". */
    static const char *const refusals[] = { "connection refused", "failed to connect to",
                                            "is not running", "failed to find sandbox",
                                            "network namespace for sandbox" };

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (strstr(text, refusals[i]))
            return true;
    }
    return false;
}

bool vcl_forward_is_harmless(const uint8_t *bytes, size_t size)
{
    enum { RECORD_HEAD = 5, HANDSHAKE = 22, CLIENT_HELLO = 1 }; /* RFC 8446, 4 and 5.1 */

    if (size == 0)
        return true;
    /* One record and nothing behind it: early data would be a request. */
    return size > RECORD_HEAD && bytes[0] == HANDSHAKE && bytes[RECORD_HEAD] == CLIENT_HELLO &&
           size == RECORD_HEAD + ((size_t)bytes[3] << 8 | bytes[4]);
}
