// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Code says what went wrong. Every code is an error of its own to compare with:
//
//	if errors.Is(err, vcluster.ErrNotFound) { ... }
type Code int

// The codes. Their values are frozen.
const (
	// ErrInvalidArgument: an argument is not usable, such as a name that is not a DNS label.
	ErrInvalidArgument Code = C.VCLUSTER_E_INVALID_ARGUMENT
	// ErrConfig: a document is wrong (kubeconfig, values, chart). Error.Findings says where.
	ErrConfig Code = C.VCLUSTER_E_CONFIG
	// ErrNotFound: the object does not exist.
	ErrNotFound Code = C.VCLUSTER_E_NOT_FOUND
	// ErrAlreadyExists: an object of that name exists already.
	ErrAlreadyExists Code = C.VCLUSTER_E_ALREADY_EXISTS
	// ErrConflict: somebody else holds or changed the object.
	ErrConflict Code = C.VCLUSTER_E_CONFLICT
	// ErrPermission: the host cluster refuses the user this operation.
	ErrPermission Code = C.VCLUSTER_E_PERMISSION
	// ErrUnauthenticated: credentials are missing, wrong or expired.
	ErrUnauthenticated Code = C.VCLUSTER_E_UNAUTHENTICATED
	// ErrUnavailable: no connection, or a server that cannot answer now.
	ErrUnavailable Code = C.VCLUSTER_E_UNAVAILABLE
	// ErrTimeout: the deadline passed. If it was the context's, the error is
	// context.DeadlineExceeded too.
	ErrTimeout Code = C.VCLUSTER_E_TIMEOUT
	// ErrCancelled: the call was stopped. If the context was the reason, the error is
	// context.Canceled too.
	ErrCancelled Code = C.VCLUSTER_E_CANCELLED
	// ErrUnsupported: this version of the library, or this host cluster, cannot do it.
	ErrUnsupported Code = C.VCLUSTER_E_UNSUPPORTED
	// ErrNoMemory: memory could not be allocated.
	ErrNoMemory Code = C.VCLUSTER_E_NO_MEMORY
	// ErrProtocol: a peer said something that its protocol does not allow.
	ErrProtocol Code = C.VCLUSTER_E_PROTOCOL
	// ErrInternal: a defect of the library. Please report it.
	ErrInternal Code = C.VCLUSTER_E_INTERNAL
	// ErrQuota: a ResourceQuota or LimitRange of the host stands in the way.
	ErrQuota Code = C.VCLUSTER_E_QUOTA
	// ErrPrecondition: the state of the object does not allow it, and waiting does not help.
	ErrPrecondition Code = C.VCLUSTER_E_PRECONDITION
)

// ErrClosed is what a method of a closed Client, Config, Chart or Tunnel fails with.
var ErrClosed = errors.New("vcluster: the object is closed")

// String is the name of the code, such as "NOT_FOUND".
func (c Code) String() string {
	if c == C.VCLUSTER_OK {
		return "OK"
	}
	return C.GoString(C.vcluster_status_name(C.int(c)))
}

// Error makes every code an error to compare with.
func (c Code) Error() string { return "vcluster: " + c.String() }

// Severity says how serious a finding is.
type Severity int

// The severities.
const (
	SeverityError   Severity = C.VCLUSTER_SEVERITY_ERROR
	SeverityWarning Severity = C.VCLUSTER_SEVERITY_WARNING
	SeverityInfo    Severity = C.VCLUSTER_SEVERITY_INFO
)

// String is the name of the severity: "error", "warning" or "info".
func (s Severity) String() string { return C.GoString(C.vcluster_severity_name(C.int(s))) }

// Finding is one thing that was found in a document or on the host.
type Finding struct {
	Path     string // of the value, such as "sync.toHost.pods", or ""
	Line     int    // in the document, from 1, or 0 when it is not known
	Rule     string // stable name of the rule that was broken
	Severity Severity
	Message  string // what is wrong
	Remedy   string // what to do about it, or ""
	File     string // the file it was found in, or "" where there is only one document
	Column   int    // in characters from 1, or 0 when it is not known
	Fix      *Edit  // of the file as it is, where there is one right answer; else nil
}

// Edit is a repair of a file: Text takes the place of what stands between two positions of it. Lines and columns count from
// 1, columns in characters; the end is the first character that stays.
type Edit struct {
	Line      int
	Column    int
	EndLine   int
	EndColumn int
	Text      string
}

// Error is why a call failed. Every error of this package that does not come from a callback of
// yours is one; get at it by errors.As.
type Error struct {
	Code       Code
	Operation  string // what failed, such as "create virtual cluster 'dev' in 'team-a'", or ""
	Message    string // the sentence for a person: what failed, on which object, what to do
	Reason     string // of a Kubernetes Status ("AlreadyExists") or a pod ("ImagePullBackOff"), or ""
	Field      string // path of the offending field of a document, or ""
	HTTPStatus int    // of the answer that caused the error, or 0
	Retryable  bool   // whether the same call may succeed later without any change
	Findings   []Finding
	Cause      *Error // or nil

	text string  // the whole chain in one line
	also []error // what it is besides: context.Canceled, the context's cause, ErrClosed
}

// Error is the whole chain in one line: "operation: message: cause".
func (e *Error) Error() string {
	if e.text != "" {
		return e.text
	}
	return e.Message
}

// Unwrap gives the cause, or nil.
func (e *Error) Unwrap() error {
	if e.Cause == nil {
		return nil // and not a nil *Error inside a non-nil error
	}
	return e.Cause
}

// Is says whether the error has the code that target is, or comes from the context error that
// target is.
func (e *Error) Is(target error) bool {
	if code, ok := target.(Code); ok {
		return code == e.Code
	}
	for _, other := range e.also {
		if errors.Is(other, target) {
			return true
		}
	}
	return false
}

// Timeout says whether a deadline passed, as net.Error has it.
func (e *Error) Timeout() bool { return e.Code == ErrTimeout }

func invalid(format string, arguments ...any) *Error {
	return &Error{Code: ErrInvalidArgument, Message: fmt.Sprintf(format, arguments...)}
}

func closedError(what string) *Error {
	e := invalid("the %s is closed", what)
	e.also = []error{ErrClosed}
	return e
}

// failure turns what the library returned into an error and frees the C object.
func failure(status C.int, cError *C.vcluster_error) error {
	if status >= 0 {
		C.vcluster_error_free(cError)
		return nil
	}
	if cError == nil { // the contract of the library rules it out
		return &Error{Code: Code(status), Message: Code(status).Error()}
	}
	defer C.vcluster_error_free(cError)
	return copyError(cError)
}

func copyError(cError *C.vcluster_error) *Error {
	e := &Error{
		Code:       Code(C.vcluster_error_code(cError)),
		Operation:  C.GoString(C.vcluster_error_operation(cError)),
		Message:    C.GoString(C.vcluster_error_message(cError)),
		Reason:     C.GoString(C.vcluster_error_reason(cError)),
		Field:      C.GoString(C.vcluster_error_field(cError)),
		HTTPStatus: int(C.vcluster_error_http_status(cError)),
		Retryable:  bool(C.vcluster_error_retryable(cError)),
		text:       C.GoString(C.vcluster_error_to_string(cError)),
	}
	for i := range C.vcluster_error_finding_count(cError) {
		e.Findings = append(e.Findings, copyFinding(C.vcluster_error_finding_at(cError, i)))
	}
	if cause := C.vcluster_error_cause(cError); cause != nil {
		e.Cause = copyError(cause)
	}
	return e
}

func copyFinding(finding *C.vcluster_finding) Finding {
	return Finding{
		Path:     C.GoString(C.vcluster_finding_path(finding)),
		Line:     int(C.vcluster_finding_line(finding)),
		Rule:     C.GoString(C.vcluster_finding_rule(finding)),
		Severity: Severity(C.vcluster_finding_severity(finding)),
		Message:  C.GoString(C.vcluster_finding_message(finding)),
		Remedy:   C.GoString(C.vcluster_finding_remedy(finding)),
		File:     C.GoString(C.vcluster_finding_file(finding)),
		Column:   int(C.vcluster_finding_column(finding)),
		Fix:      copyEdit(C.vcluster_finding_fix(finding)),
	}
}

func copyEdit(edit *C.vcluster_edit) *Edit {
	if edit == nil {
		return nil
	}
	return &Edit{
		Line:      int(C.vcluster_edit_line(edit)),
		Column:    int(C.vcluster_edit_column(edit)),
		EndLine:   int(C.vcluster_edit_end_line(edit)),
		EndColumn: int(C.vcluster_edit_end_column(edit)),
		Text:      C.GoString(C.vcluster_edit_text(edit)),
	}
}

// withContext lets an error that the context brought about be the context's error as well.
func withContext(ctx context.Context, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case ErrCancelled:
		if ctx.Err() != nil {
			e.also = append(e.also, ctx.Err(), context.Cause(ctx))
		}
	case ErrTimeout:
		// The library counts in whole milliseconds, and may see the deadline a moment before the context's timer does.
		if deadline, ok := ctx.Deadline(); ok && !time.Now().Add(2*time.Millisecond).Before(deadline) {
			e.also = append(e.also, context.DeadlineExceeded)
			if ctx.Err() != nil {
				e.also = append(e.also, context.Cause(ctx))
			}
		}
	}
	return err
}

// contextError is the failure of a call whose context was done before it began.
func contextError(ctx context.Context) error {
	code := ErrCancelled
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		code = ErrTimeout
	}
	e := &Error{Code: code, Message: ctx.Err().Error()}
	e.also = []error{ctx.Err(), context.Cause(ctx)}
	return e
}
