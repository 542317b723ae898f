// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"errors"
	"testing"
	"time"
)

// stalledGet is a call that ticks until its progress function ends it.
func stalledGet(t *testing.T, progress ProgressFunc) error {
	t.Helper()
	f := newFake(t)
	f.stall("GET /apis/apps/v1/")
	f.stall("GET /api/v1/")
	c := f.client(t, ClientOptions{Timeout: 20 * time.Second})
	_, err := c.Get(t.Context(), "dev", InstanceOptions{Progress: progress})
	return err
}

func TestErrorOfTheCallbackComesBackAsItIs(t *testing.T) {
	mine := errors.New("mine")
	calls := 0
	err := stalledGet(t, func(p Progress) error {
		calls++
		if p.Step == StepTick && p.Elapsed < 0 {
			t.Errorf("elapsed %v", p.Elapsed)
		}
		if calls < 2 {
			return nil
		}
		return mine
	})
	if err != mine {
		t.Errorf("got %v", err)
	}
	if calls != 2 {
		t.Errorf("called %d times", calls)
	}
}

func TestPanicOfTheCallbackGoesOnInTheCaller(t *testing.T) {
	defer func() {
		if value := recover(); value != "boom" {
			t.Errorf("recovered %v", value)
		}
	}()
	err := stalledGet(t, func(Progress) error { panic("boom") })
	t.Errorf("came back with %v", err)
}

func TestExitOfTheCallbackGoesOnInTheCaller(t *testing.T) {
	// t.SkipNow is runtime.Goexit with a harmless result.
	done := t.Run("inside", func(t *testing.T) {
		err := stalledGet(t, func(Progress) error {
			t.SkipNow()
			return nil
		})
		t.Errorf("came back with %v", err)
	})
	if !done {
		t.Error("the call did not exit")
	}
}

func TestCallbackMayUseTheClient(t *testing.T) {
	f := newFake(t)
	f.stall("GET /apis/apps/v1/")
	c := f.client(t, ClientOptions{Timeout: 20 * time.Second})
	enough := errors.New("enough")
	_, err := c.Get(t.Context(), "dev", InstanceOptions{Progress: func(Progress) error {
		version, err := c.ServerVersion(t.Context())
		if err != nil || version != "v1.35.4" {
			t.Errorf("got %q, %v", version, err)
		}
		return enough
	}})
	if err != enough {
		t.Errorf("got %v", err)
	}
}

func TestStepsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for step := StepTick; step <= StepLock; step++ {
		if name := step.String(); name == "" || seen[name] {
			t.Errorf("step %d is called %q", step, name)
		} else {
			seen[name] = true
		}
	}
	if StepNamespace.String() != "namespace" {
		t.Errorf("got %q", StepNamespace)
	}
}
