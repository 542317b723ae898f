/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file error.h
 * Status codes and the error object.
 *
 * Every function that can fail returns 0 or a negative ::vcluster_status and takes, as its last
 * argument, `vcluster_error **error`. That argument may be NULL; otherwise it must point to NULL on
 * entry, and it is set if and only if the function fails. Outputs are untouched on failure.
 */
#ifndef LIBVCLUSTER_ERROR_H
#define LIBVCLUSTER_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libvcluster/export.h>

VCLUSTER_BEGIN_DECLS

/** What went wrong. Values are frozen: none is ever changed or used again. */
typedef enum vcluster_status {
    VCLUSTER_OK = 0,
    /** An argument is not usable: NULL, not a DNS label, out of range. */
    VCLUSTER_E_INVALID_ARGUMENT = -1,
    /** A document is wrong: kubeconfig, values, chart. The findings say where. */
    VCLUSTER_E_CONFIG = -2,
    /** The object does not exist. */
    VCLUSTER_E_NOT_FOUND = -3,
    /** An object of that name exists already. */
    VCLUSTER_E_ALREADY_EXISTS = -4,
    /** Somebody else holds or changed the object. */
    VCLUSTER_E_CONFLICT = -5,
    /** The host cluster refuses the user this operation. */
    VCLUSTER_E_PERMISSION = -6,
    /** The host cluster does not know the user: credentials missing, wrong or expired. */
    VCLUSTER_E_UNAUTHENTICATED = -7,
    /** No connection, or a server that cannot answer now. */
    VCLUSTER_E_UNAVAILABLE = -8,
    /** The deadline of the call passed. */
    VCLUSTER_E_TIMEOUT = -9,
    /** The cancel token was triggered, or a callback asked to stop. */
    VCLUSTER_E_CANCELLED = -10,
    /** This version of the library, or this host cluster, cannot do it. */
    VCLUSTER_E_UNSUPPORTED = -11,
    /** Memory could not be allocated. */
    VCLUSTER_E_NO_MEMORY = -12,
    /** A peer said something that its protocol does not allow, or more than the limit. */
    VCLUSTER_E_PROTOCOL = -13,
    /** A defect of the library. Please report it. */
    VCLUSTER_E_INTERNAL = -14,
    /** A ResourceQuota or LimitRange of the host stands in the way. */
    VCLUSTER_E_QUOTA = -15,
    /** The state of the object does not allow the operation, and waiting does not help. */
    VCLUSTER_E_PRECONDITION = -16
} vcluster_status;

/** How serious a finding is. */
typedef enum vcluster_severity {
    VCLUSTER_SEVERITY_ERROR = 1,
    VCLUSTER_SEVERITY_WARNING = 2,
    VCLUSTER_SEVERITY_INFO = 3
} vcluster_severity;

/** Why a call failed. Immutable; owned by the caller, freed with vcluster_error_free(). */
typedef struct vcluster_error vcluster_error;

/** One thing that was found in a document or on the host. Borrowed from the error, or the
 * ::vcluster_report, it came with. */
typedef struct vcluster_finding vcluster_finding;

/**
 * Name of a status code, such as "NOT_FOUND"; "UNKNOWN" for a value that is none.
 *
 * @return a constant string. Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API const char *vcluster_status_name(int status);

/** Free an error; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_error_free(vcluster_error *error);

/** The ::vcluster_status of the error. @since 0.1 */
VCLUSTER_API int vcluster_error_code(const vcluster_error *error);

/** The sentence for a person: what failed, on which object, and what to do. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_error_message(const vcluster_error *error);

/**
 * The operation that failed, such as "create virtual cluster 'dev' in 'team-a'", or NULL.
 * Borrowed. @since 0.1
 */
VCLUSTER_API const char *vcluster_error_operation(const vcluster_error *error);

/** HTTP status of the answer that caused the error, or 0. @since 0.1 */
VCLUSTER_API int vcluster_error_http_status(const vcluster_error *error);

/**
 * Machine-readable reason: `reason` of a Kubernetes Status ("AlreadyExists"), of a pod
 * ("ImagePullBackOff"), or NULL. Borrowed. @since 0.1
 */
VCLUSTER_API const char *vcluster_error_reason(const vcluster_error *error);

/** Path of the offending field for ::VCLUSTER_E_CONFIG errors, or NULL. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_error_field(const vcluster_error *error);

/** Whether the same call may succeed later without any change. @since 0.1 */
VCLUSTER_API bool vcluster_error_retryable(const vcluster_error *error);

/** The error that caused this one, or NULL. Borrowed. @since 0.1 */
VCLUSTER_API const vcluster_error *vcluster_error_cause(const vcluster_error *error);

/**
 * The whole chain in one line: "operation: message: cause". Borrowed from the error: it lives as
 * long as the error does. @since 0.1
 */
VCLUSTER_API const char *vcluster_error_to_string(const vcluster_error *error);

/** Number of findings that travel with the error. @since 0.1 */
VCLUSTER_API size_t vcluster_error_finding_count(const vcluster_error *error);

/** Finding number @p index, or NULL when there is none. Borrowed. @since 0.1 */
VCLUSTER_API const vcluster_finding *vcluster_error_finding_at(const vcluster_error *error,
                                                               size_t index);

/** The file it was found in, or "" where there is only one document. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_finding_file(const vcluster_finding *finding);

/** Path of the value, such as "sync.toHost.pods", or "". Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_finding_path(const vcluster_finding *finding);

/** Line in the document, from 1, or 0 when it is not known. @since 0.1 */
VCLUSTER_API int64_t vcluster_finding_line(const vcluster_finding *finding);

/** Column in the line, in characters from 1, or 0 when it is not known. @since 0.1 */
VCLUSTER_API int64_t vcluster_finding_column(const vcluster_finding *finding);

/** Stable name of the rule that was broken. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_finding_rule(const vcluster_finding *finding);

/** The ::vcluster_severity of the finding. @since 0.1 */
VCLUSTER_API int vcluster_finding_severity(const vcluster_finding *finding);

/** Name of a ::vcluster_severity: "error", "warning", "info". A constant string. @since 0.1 */
VCLUSTER_API const char *vcluster_severity_name(int severity);

/** What is wrong. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_finding_message(const vcluster_finding *finding);

/** What to do about it, or "". Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_finding_remedy(const vcluster_finding *finding);

/** A repair of a file: a text that takes the place of what stands between two positions of it. */
typedef struct vcluster_edit vcluster_edit;

/**
 * The edit of the finding's file that repairs it, or NULL where there is not one right answer.
 * Edits of several findings are each for the file as it is: after one of them, look again.
 * Borrowed. @since 0.1
 */
VCLUSTER_API const vcluster_edit *vcluster_finding_fix(const vcluster_finding *finding);

/** Line where it begins, from 1. @since 0.1 */
VCLUSTER_API int64_t vcluster_edit_line(const vcluster_edit *edit);

/** Column where it begins, in characters from 1. @since 0.1 */
VCLUSTER_API int64_t vcluster_edit_column(const vcluster_edit *edit);

/** Line of the first character that stays. @since 0.1 */
VCLUSTER_API int64_t vcluster_edit_end_line(const vcluster_edit *edit);

/** Column of the first character that stays; where nothing goes, it is where the edit begins.
 * @since 0.1 */
VCLUSTER_API int64_t vcluster_edit_end_column(const vcluster_edit *edit);

/** What is written there; "" where something only goes. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_edit_text(const vcluster_edit *edit);

/** Free a string that the library made for the caller; NULL is allowed. Contents are wiped first
 * because they may hold credentials. @since 0.1 */
VCLUSTER_API void vcluster_free(char *text);

VCLUSTER_END_DECLS

#endif
