/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the body of an answer that is not 2xx; the first two choose its status and type. */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "fuzz.h"
#include "kube/api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int codes[] = { 400, 401, 403, 404, 405, 409, 410, 413,
                                 415, 422, 429, 500, 502, 503, 504, 299 };
    const vcl_http_request request = { .method = "GET", .path = "/api/v1/namespaces/a/pods/b" };
    vcl_http_response response = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    if (size < 2)
        return 0;
    response.status = codes[data[0] % (sizeof(codes) / sizeof(codes[0]))];
    response.content_type = vcl_strdup(data[1] % 2 ? "application/json" : "text/plain");
    vcl_buf_init(&response.body, 1 << 20);
    if (vcl_buf_append(&response.body, data + 2, size - 2)) {
        int status = vcl_kube_status_error(&request, &response, &error);
        FUZZ_CHECK(status < 0 && error && vcluster_error_code(error) == status);
        FUZZ_CHECK(*vcluster_error_message(error));
        FUZZ_CHECK(strlen(vcluster_error_message(error)) <= VCL_MAX_MESSAGE);
        for (const char *c = vcluster_error_to_string(error); *c; c++)
            FUZZ_CHECK(((unsigned char)*c >= ' ' && *c != 0x7f) || *c == '\n' || *c == '\t');
    }
    vcl_http_response_done(&response);
    return 0;
}
