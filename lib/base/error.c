/* SPDX-License-Identifier: Apache-2.0 */
/* The error object. Out of memory is a constant one, so that reporting it needs no memory. */
#include "base/error.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/finding.h"
#include "base/limits.h"
#include "base/str.h"

enum { MAX_FINDINGS = 1000 };

struct vcluster_error {
    int status;
    int http_status;
    bool retryable;
    bool constant;
    char *message;
    char *operation;
    char *reason;
    char *field;
    char *text; /* the whole chain in one line, renewed when something is added */
    vcluster_error *cause;
    vcluster_finding *findings;
    size_t finding_count;
};

static char no_memory_text[] = "out of memory";
static vcluster_error no_memory = { .status = VCLUSTER_E_NO_MEMORY,
                                    .constant = true,
                                    .message = no_memory_text,
                                    .text = no_memory_text };

static const char *const status_names[] = {
    "OK",         "INVALID_ARGUMENT", "CONFIG",      "NOT_FOUND", "ALREADY_EXISTS", "CONFLICT",
    "PERMISSION", "UNAUTHENTICATED",  "UNAVAILABLE", "TIMEOUT",   "CANCELLED",      "UNSUPPORTED",
    "NO_MEMORY",  "PROTOCOL",         "INTERNAL",    "QUOTA",     "PRECONDITION",
};

const char *vcluster_status_name(int status)
{
    size_t index = (size_t) - (long)status;

    if (status > 0 || index >= sizeof(status_names) / sizeof(status_names[0]))
        return "UNKNOWN";
    return status_names[index];
}

static bool retryable_by_default(int status)
{
    return status == VCLUSTER_E_UNAVAILABLE || status == VCLUSTER_E_TIMEOUT ||
           status == VCLUSTER_E_CONFLICT;
}

static void render(vcluster_error *error)
{
    VCL_AUTO_BUF line = { 0 };

    vcl_buf_init(&line, VCL_MAX_MESSAGE * 8);
    for (const vcluster_error *e = error; e; e = e->cause) {
        if (e->operation)
            vcl_buf_addf(&line, "%s: ", e->operation);
        vcl_buf_addf(&line, "%s%s", e->message, e->cause ? ": " : "");
    }
    for (size_t i = 0; i < error->finding_count; i++) {
        const vcluster_finding *f = &error->findings[i];
        vcl_buf_addf(&line, "; %s%s%s", f->path, *f->path ? ": " : "", f->message);
    }

    char *text = vcl_buf_steal(&line);
    if (!text)
        return;
    for (char *c = text; *c; c++) {
        if (*c == '\n')
            *c = ' ';
    }
    free(error->text);
    error->text = text;
}

__attribute__((format(printf, 2, 0))) static vcluster_error *
make(int status, const char *format, va_list arguments)
{
    vcluster_error *error = calloc(1, sizeof(*error));

    if (!error)
        return &no_memory;
    error->status = status;
    error->retryable = retryable_by_default(status);
    error->message = vcl_vformat(format, arguments);
    if (!error->message) {
        free(error);
        return &no_memory;
    }
    if (strlen(error->message) > VCL_MAX_MESSAGE)
        error->message[VCL_MAX_MESSAGE] = '\0';
    vcl_sanitize(error->message);
    render(error);
    return error;
}

int vcl_fail(vcluster_error **error, int status, const char *format, ...)
{
    va_list arguments;

    if (!error)
        return status;
    va_start(arguments, format);
    *error = make(status, format, arguments);
    va_end(arguments);
    return (*error)->status;
}

void vcl_error_set_no_memory(vcluster_error **error)
{
    if (error)
        *error = &no_memory;
}

static bool writable(vcluster_error **error)
{
    return error && *error && !(*error)->constant;
}

/* A new outer error with the same status, reason and HTTP status, and the old one as its cause. The
 * findings go to the outer one, where the caller looks for them. */
static void wrap_operation(vcluster_error **error, char *operation)
{
    vcluster_error *inner = *error;
    vcluster_error *outer = calloc(1, sizeof(*outer));

    if (!outer) {
        free(operation);
        return;
    }
    outer->status = inner->status;
    outer->http_status = inner->http_status;
    outer->retryable = inner->retryable;
    outer->message = operation;
    outer->reason = vcl_strdup(inner->reason);
    outer->field = vcl_strdup(inner->field);
    outer->findings = inner->findings;
    outer->finding_count = inner->finding_count;
    inner->findings = NULL;
    inner->finding_count = 0;
    outer->cause = inner;
    render(outer);
    *error = outer;
}

int vcl_wrap(vcluster_error **error, int status, const char *format, ...)
{
    va_list arguments;

    if (!writable(error))
        return status;
    va_start(arguments, format);
    char *operation = vcl_vformat(format, arguments);
    va_end(arguments);
    if (!operation)
        return status;
    vcl_sanitize(operation);

    if ((*error)->operation) {
        wrap_operation(error, operation);
    } else {
        (*error)->operation = operation;
        render(*error);
    }
    return status;
}

void vcl_error_set_http(vcluster_error **error, int http_status)
{
    if (writable(error))
        (*error)->http_status = http_status;
}

void vcl_error_set_reason(vcluster_error **error, const char *reason)
{
    if (writable(error))
        (void)vcl_str_replace(&(*error)->reason, reason);
    if (writable(error) && (*error)->reason)
        vcl_sanitize((*error)->reason);
}

void vcl_error_set_field(vcluster_error **error, const char *field)
{
    if (writable(error))
        (void)vcl_str_replace(&(*error)->field, field);
}

void vcl_error_set_retryable(vcluster_error **error, bool retryable)
{
    if (writable(error))
        (*error)->retryable = retryable;
}

void vcl_error_set_cause(vcluster_error **error, vcluster_error *cause)
{
    if (!writable(error) || !cause) {
        vcluster_error_free(cause);
        return;
    }

    vcluster_error *last = *error;
    while (last->cause && !last->cause->constant)
        last = last->cause;
    if (last->cause) {
        vcluster_error_free(cause);
        return;
    }
    last->cause = cause;
    render(*error);
}

void vcl_error_add_finding(vcluster_error **error,
                           const char *path,
                           int64_t line,
                           const char *rule,
                           int severity,
                           const char *message,
                           const char *remedy)
{
    if (!writable(error) || (*error)->finding_count >= MAX_FINDINGS)
        return;

    size_t count = (*error)->finding_count;
    vcluster_finding *grown = realloc((*error)->findings, (count + 1) * sizeof(*grown));
    if (!grown)
        return;
    (*error)->findings = grown;

    const vcl_finding_facts facts = { .path = path,
                                      .line = line,
                                      .rule = rule,
                                      .severity = severity,
                                      .message = message,
                                      .remedy = remedy };
    if (!vcl_finding_init(&grown[count], &facts))
        return;
    (*error)->finding_count = count + 1;
    render(*error);
}

int vcl_error_pass(vcluster_error **error, vcluster_error **inner, int status)
{
    if (error && *inner) {
        *error = *inner;
        *inner = NULL;
    }
    return status;
}

void vcl_error_clear(vcluster_error **error)
{
    if (!error)
        return;
    vcluster_error_free(*error);
    *error = NULL;
}

void vcluster_error_free(vcluster_error *error)
{
    while (error && !error->constant) {
        vcluster_error *cause = error->cause;

        for (size_t i = 0; i < error->finding_count; i++)
            vcl_finding_done(&error->findings[i]);
        free(error->findings);
        free(error->message);
        free(error->operation);
        free(error->reason);
        free(error->field);
        free(error->text);
        free(error);
        error = cause;
    }
}

int vcluster_error_code(const vcluster_error *error)
{
    return error ? error->status : VCLUSTER_OK;
}

const char *vcluster_error_message(const vcluster_error *error)
{
    return error ? error->message : "";
}

const char *vcluster_error_operation(const vcluster_error *error)
{
    return error ? error->operation : NULL;
}

int vcluster_error_http_status(const vcluster_error *error)
{
    return error ? error->http_status : 0;
}

const char *vcluster_error_reason(const vcluster_error *error)
{
    return error ? error->reason : NULL;
}

const char *vcluster_error_field(const vcluster_error *error)
{
    return error ? error->field : NULL;
}

bool vcluster_error_retryable(const vcluster_error *error)
{
    return error && error->retryable;
}

const vcluster_error *vcluster_error_cause(const vcluster_error *error)
{
    return error ? error->cause : NULL;
}

const char *vcluster_error_to_string(const vcluster_error *error)
{
    if (!error)
        return "";
    return error->text ? error->text : error->message;
}

size_t vcluster_error_finding_count(const vcluster_error *error)
{
    return error ? error->finding_count : 0;
}

const vcluster_finding *vcluster_error_finding_at(const vcluster_error *error, size_t index)
{
    return index < vcluster_error_finding_count(error) ? &error->findings[index] : NULL;
}

void vcluster_free(char *text)
{
    vcl_free_secret(text);
}
