/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of an exec WebSocket; see pod_exec_frames.h. */
#include "kube/pod_exec_frames.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/json.h"
#include "kube/api.h"

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127, MAX_EXIT_CODE = 255 };

vcl_exec_kind vcl_exec_frame(const uint8_t *bytes,
                             size_t size,
                             int *out_channel,
                             const uint8_t **out_payload,
                             size_t *out_size)
{
    if (size == 0) /* some servers begin with one that names no channel */
        return VCL_EXEC_NOTHING;
    *out_channel = bytes[0];
    *out_payload = bytes + 1;
    *out_size = size - 1;
    switch (bytes[0]) {
    case VCL_EXEC_OUTPUT:
    case VCL_EXEC_ERROR_OUTPUT:
        return size > 1 ? VCL_EXEC_DATA : VCL_EXEC_NOTHING;
    case VCL_EXEC_STATUS:
        return size > 1 ? VCL_EXEC_END : VCL_EXEC_NOTHING;
    case VCL_EXEC_CLOSE:
    case VCL_EXEC_INPUT: /* the empty message that says "established" */
        return VCL_EXEC_NOTHING;
    default:
        return VCL_EXEC_BROKEN;
    }
}

/* The cause "ExitCode" of a Status; -1 if there is none. */
static int exit_code(const cJSON *status)
{
    const cJSON *cause = NULL;

    cJSON_ArrayForEach (cause, vcl_json_find(status, "details", "causes", NULL)) {
        const char *text = vcl_json_find_string(cause, "message", NULL);
        int64_t code = -1;

        if (vcl_streq(vcl_json_find_string(cause, "reason", NULL), "ExitCode") && text &&
            vcl_parse_i64(text, &code) && code >= 0 && code <= MAX_EXIT_CODE)
            return (int)code;
    }
    return -1;
}

/* A program that the runtime could not start is an internal error to the API; what it was says only
 * the text, which is runc's or crun's: ..."exec: \"nope\": executable file not found in $PATH". */
static int code_of_complaint(const char *text)
{
    static const struct {
        const char *part;
        int code;
    } known[] = {
        { "executable file not found", NOT_FOUND },   { "executable file `", NOT_FOUND }, /* crun */
        { ": no such file or directory", NOT_FOUND }, { ": permission denied", NOT_EXECUTABLE },
        { ": exec format error", NOT_EXECUTABLE },    { ": is a directory", NOT_EXECUTABLE },
    };

    if (!strstr(text, "exec failed") && !strstr(text, "error executing command in container"))
        return -1;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strstr(text, known[i].part))
            return known[i].code;
    }
    return -1;
}

/* A Status that tells of no exit code. */
static int fail_status(const void *bytes, size_t size, const cJSON *tree, vcluster_error **error)
{
    vcl_http_request request = { .method = "GET", .path = "/" };
    vcl_http_response response = { .status = 500 };
    const char *text = vcl_json_find_string(tree, "message", NULL);

    vcl_buf_init(&response.body, VCL_MAX_HTTP_BODY);
    (void)vcl_buf_append(&response.body, bytes, size);
    int status = vcl_kube_status_error(&request, &response, NULL);
    vcl_buf_done(&response.body);

    vcl_auto_free char *message = vcl_strndup(vcl_str(text), VCL_MAX_MESSAGE);
    if (!message)
        return vcl_no_memory(error);
    vcl_sanitize(message);
    (void)vcl_fail(error, status, "the command could not be run: %s",
                   *message ? message : "the server does not say why");
    vcl_error_set_http(error, (int)vcl_json_find_int(tree, 500, "code", NULL));
    vcl_error_set_reason(error, vcl_json_find_string(tree, "reason", NULL));
    return status;
}

int vcl_exec_read_status(const void *bytes,
                         size_t size,
                         vcl_exec_end *out_end,
                         vcluster_error **error)
{
    VCL_AUTO_JSON *status = NULL;

    if (vcl_json_parse(bytes, size, &status, NULL) < 0 || !cJSON_IsObject(status))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the server told the end of the command in a way that is not understood");

    const char *text = vcl_str(vcl_json_find_string(status, "message", NULL));
    if (vcl_streq(vcl_json_find_string(status, "status", NULL), "Success")) {
        *out_end = (vcl_exec_end){ 0 };
        return VCLUSTER_OK;
    }
    int code = exit_code(status);
    if (code >= 0) {
        *out_end = (vcl_exec_end){ .exit_code = code };
        return VCLUSTER_OK;
    }
    code = code_of_complaint(text);
    if (code < 0)
        return fail_status(bytes, size, status, error);
    vcl_exec_end end = { .exit_code = code, .complaint = vcl_strndup(text, VCL_MAX_MESSAGE) };
    if (!end.complaint)
        return vcl_no_memory(error);
    vcl_sanitize(end.complaint);
    *out_end = end;
    return VCLUSTER_OK;
}

size_t vcl_exec_resize(int columns, int rows, uint8_t message[VCL_EXEC_RESIZE_SIZE])
{
    char text[VCL_EXEC_RESIZE_SIZE - 1];
    int size = snprintf(text, sizeof(text), "{\"Width\":%d,\"Height\":%d}", columns, rows);

    message[0] = VCL_EXEC_RESIZE;
    memcpy(message + 1, text, (size_t)size);
    return (size_t)size + 1;
}
