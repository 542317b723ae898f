// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEveryCodeIsAnErrorOfItsOwn(t *testing.T) {
	for code := Code(-1); code >= -16; code-- {
		if name := code.String(); name == "UNKNOWN" || name == "" {
			t.Errorf("code %d has no name", code)
		}
		err := error(&Error{Code: code})
		for other := Code(-1); other >= -16; other-- {
			if errors.Is(err, other) != (other == code) {
				t.Errorf("errors.Is(%v, %v) is wrong", code, other)
			}
		}
	}
	if name := Code(-1000).String(); name != "UNKNOWN" {
		t.Errorf("-1000 is called %q", name)
	}
}

func TestCauseIsUnwrapped(t *testing.T) {
	err := error(&Error{Code: ErrUnavailable, Cause: &Error{Code: ErrQuota}})
	if !errors.Is(err, ErrQuota) || !errors.Is(err, ErrUnavailable) {
		t.Error("the chain is not seen")
	}
	if errors.Unwrap(&Error{Code: ErrQuota}) != nil {
		t.Error("an error without a cause unwraps to something")
	}
}

func TestErrorSaysWhatTheServerSaid(t *testing.T) {
	f := newFake(t)
	f.mux.HandleFunc("GET /api/v1/namespaces/default/configmaps/mine",
		func(w http.ResponseWriter, _ *http.Request) {
			writeStatus(w, http.StatusForbidden, "Forbidden", "not yours")
		})
	c := f.client(t, ClientOptions{})
	for name, want := range map[string]struct {
		code   Code
		status int
		reason string
	}{"mine": {ErrPermission, 403, "Forbidden"}, "none": {ErrNotFound, 404, "NotFound"}} {
		_, err := c.GetResource(t.Context(), Ref{"v1", "ConfigMap", "default", name})
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, want.code) {
			t.Fatalf("%s: got %v, want %v", name, err, want.code)
		}
		if e.HTTPStatus != want.status || e.Reason != want.reason {
			t.Errorf("%s: status %d, reason %q", name, e.HTTPStatus, e.Reason)
		}
		if !strings.Contains(e.Operation, name) || !strings.HasPrefix(e.Error(), e.Operation) {
			t.Errorf("%s: operation %q, text %q", name, e.Operation, e)
		}
	}
}

func TestConfigErrorHasFindingWithLine(t *testing.T) {
	_, err := ParseConfig([]byte("sync:\n  a: 1\n  a: [\n"))
	var e *Error
	if !errors.As(err, &e) || e.Code != ErrConfig {
		t.Fatalf("got %v", err)
	}
	if len(e.Findings) == 0 || e.Findings[0].Line < 3 || e.Findings[0].Message == "" ||
		e.Findings[0].Severity != SeverityError {
		t.Errorf("findings: %+v", e.Findings)
	}
}

func TestContextThatIsDoneStopsTheCallBeforeItBegins(t *testing.T) {
	c := newFake(t).client(t, ClientOptions{})
	cancelled, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("no longer wanted")
	cancel(reason)
	_, err := c.ServerVersion(cancelled)
	if !errors.Is(err, ErrCancelled) || !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
		t.Errorf("cancelled: %v", err)
	}

	expired, cancelExpired := context.WithTimeout(t.Context(), -time.Second)
	defer cancelExpired()
	_, err = c.ServerVersion(expired)
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("expired: %v", err)
	}
	if c.RequestCount() != 0 {
		t.Errorf("%d requests were sent", c.RequestCount())
	}
}

func TestCancellationStopsACall(t *testing.T) {
	f := newFake(t)
	f.stall("GET /api/v1/namespaces/default/configmaps/slow")
	c := f.client(t, ClientOptions{})
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("no longer wanted")
	go func() {
		<-f.stalled
		cancel(reason)
	}()
	_, err := c.GetResource(ctx, Ref{"v1", "ConfigMap", "default", "slow"})
	if !errors.Is(err, ErrCancelled) || !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
		t.Errorf("got %v", err)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrTimeout) {
		t.Errorf("it is a timeout too: %v", err)
	}
}

func TestDeadlineStopsACall(t *testing.T) {
	f := newFake(t)
	f.stall("GET /api/v1/namespaces/default/configmaps/slow")
	c := f.client(t, ClientOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := c.GetResource(ctx, Ref{"v1", "ConfigMap", "default", "slow"})
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestTimeoutOfTheClientIsNoContextError(t *testing.T) {
	f := newFake(t)
	f.stall("GET /api/v1/namespaces/default/configmaps/slow")
	c := f.client(t, ClientOptions{Timeout: 100 * time.Millisecond})
	_, err := c.GetResource(t.Context(), Ref{"v1", "ConfigMap", "default", "slow"})
	if !errors.Is(err, ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Error("Timeout() is false")
	}
}
