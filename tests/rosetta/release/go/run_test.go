// SPDX-License-Identifier: Apache-2.0

// Package release is the Go telling of this scenario: a chart from install to uninstall. run.c and
// run.py tell the same; expected.txt is the transcript of all three.
package release

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
	"github.com/libvcluster/libvcluster/bindings/go/vctest"
)

const (
	name      = "rosetta"
	namespace = "default"
	hello     = "../../../../examples/charts/hello"
)

// openHost gives the host of $VCLUSTER_TEST_KUBECONFIG, or one in memory.
func openHost(t *testing.T) *vcluster.Client {
	if os.Getenv("VCLUSTER_ROSETTA_HOST") == "fake" {
		return vctest.Fake(t, vcluster.FakeOptions{}).Client
	}
	return vctest.Client(t)
}

// story is one telling and what was told so far.
type story struct {
	*testing.T
	ctx        context.Context
	host       *vcluster.Client
	chart      *vcluster.Chart
	evening    *vcluster.Config
	transcript strings.Builder
}

func (s *story) tell(format string, arguments ...any) {
	fmt.Fprintf(&s.transcript, format+"\n", arguments...)
}

// must takes what a call gave, or ends the test.
func must[T any](t *testing.T) func(value T, err error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func codeOf(err error) vcluster.Code {
	var failure *vcluster.Error
	if errors.As(err, &failure) {
		return failure.Code
	}
	return 0
}

func (s *story) options() vcluster.ReleaseOptions {
	return vcluster.ReleaseOptions{Namespace: namespace}
}

func (s *story) diff() {
	options := s.options()
	options.Config = s.evening
	changes := must[[]vcluster.Change](s.T)(s.host.DiffRelease(s.ctx, name, s.chart, options))
	for _, change := range changes {
		line := fmt.Sprintf("diff: %s %s %s", change.Change, change.Kind, change.Name)
		for _, field := range change.Fields {
			line += " " + field.Path
		}
		s.tell("%s", line)
	}
	if len(changes) == 0 {
		s.tell("diff: nothing")
	}
}

func (s *story) run() {
	release := must[*vcluster.Release](s.T)
	query := vcluster.ReleaseQueryOptions{Namespace: namespace}

	first := release(s.host.InstallRelease(s.ctx, name, s.chart, s.options()))
	s.tell("install: revision %d %s", first.Revision, first.Status)
	s.tell("notes: %s", strings.TrimSuffix(first.Notes, "\n"))
	_, err := s.host.InstallRelease(s.ctx, name, s.chart, s.options())
	s.tell("install again: %v", codeOf(err).String())
	s.diff()
	options := s.options()
	options.Config = s.evening
	second := release(s.host.UpgradeRelease(s.ctx, name, s.chart, options))
	s.tell("upgrade: revision %d %s", second.Revision, second.Status)
	s.diff()
	third := release(s.host.RollbackRelease(s.ctx, name, 0, s.options()))
	s.tell("rollback: revision %d %s", third.Revision, third.Status)
	for _, one := range must[[]*vcluster.Release](s.T)(s.host.ReleaseHistory(s.ctx, name, query)) {
		s.tell("history: %d %s %s", one.Revision, one.Status, one.Description)
	}
	same := "no"
	if third.Manifest == first.Manifest {
		same = "yes"
	}
	s.tell("same manifest as at first: %s", same)
	if err := s.host.UninstallRelease(s.ctx, name, s.options()); err != nil {
		s.Fatal(err)
	}
	s.tell("uninstall: done")
	_, err = s.host.GetRelease(s.ctx, name, 0, query)
	s.tell("get: %v", codeOf(err).String())
}

func TestChartFromInstallToUninstall(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	s := &story{T: t, ctx: ctx, host: openHost(t)}
	tidy := func() {
		options := vcluster.ReleaseOptions{Namespace: namespace, MissingOK: true}
		if err := s.host.UninstallRelease(context.Background(), name, options); err != nil {
			t.Error(err)
		}
	}
	tidy()
	t.Cleanup(tidy)
	s.chart = must[*vcluster.Chart](t)(vcluster.LoadChart(hello))
	defer s.chart.Close()
	s.evening = must[*vcluster.Config](t)(vcluster.ParseConfig([]byte("greeting: Good evening")))
	defer s.evening.Close()
	wrong := must[*vcluster.Config](t)(vcluster.ParseConfig([]byte("greeting: 1")))
	defer wrong.Close()

	s.tell("%s %s is a chart", s.chart.Name(), s.chart.Version())
	err := s.chart.Validate(wrong)
	var failure *vcluster.Error
	if !errors.As(err, &failure) {
		t.Fatalf("got %v", err)
	}
	s.tell("greeting 1: %s, %d finding", failure.Code.String(), len(failure.Findings))
	s.run()

	expected, err := os.ReadFile("../expected.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.transcript.String(); got != string(expected) {
		t.Errorf("the transcript is\n%s\nbut expected.txt says\n%s", got, expected)
	}
}
