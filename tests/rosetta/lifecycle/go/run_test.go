// SPDX-License-Identifier: Apache-2.0

// Package lifecycle is the Go telling of this scenario: a life of virtual clusters, from a plan to the reaper, and what is
// refused on the way. run.c and run.py tell the same; expected.txt is the transcript of all three. The host is one in memory.
package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
)

const (
	lessMemory = "controlPlane: {statefulSet: {resources: {limits: {memory: 3Gi}}}}"
	twoStores  = "controlPlane: {backingStore: {etcd: {deploy: {enabled: true}, embedded: {enabled: true}}}}"
	ingresses  = "sync: {toHost: {ingresses: {enabled: true}}}"
	full       = "{apiVersion: v1, kind: Namespace, metadata: {name: full}}\n---\n" +
		"{apiVersion: v1, kind: ResourceQuota, metadata: {name: none, namespace: full}, spec: {hard: {pods: 0}}}\n"
	expires = "libvcluster.dev/expires-at"
	reaping = "libvcluster.dev/reaping"
	argo    = "argocd.argoproj.io/tracking-id"
	guard   = "loft.sh/non-deletable"
	longAgo = `"2020-01-01T00:00:00Z"`
)

var (
	embedded = vcluster.EnsureOptions{Distribution: "embedded"}
	inFull   = vcluster.EnsureOptions{Distribution: "embedded", Namespace: "full", Preflight: true}
	anywhere vcluster.InstanceOptions
)

// story is one telling and what was told so far.
type story struct {
	*testing.T
	ctx        context.Context
	host       *vcluster.FakeClient
	transcript strings.Builder
}

func (s *story) tell(format string, arguments ...any) {
	fmt.Fprintf(&s.transcript, format+"\n", arguments...)
}

// check ends the test where something failed that must not.
func (s *story) check(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// must takes what a call gave, or ends the test.
func must[T any](s *story) func(value T, err error) T {
	return func(value T, err error) T {
		s.Helper()
		s.check(err)
		return value
	}
}

func pick(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// refused is for what must fail, and tells the code it fails with.
func (s *story) refused(what string, err error) {
	var failure *vcluster.Error
	if !errors.As(err, &failure) {
		s.tell("%s: not refused", what)
		return
	}
	s.tell("%s: %s", what, failure.Code.String())
	for _, one := range failure.Findings {
		s.tell("%s: %s %s %s", what, one.Severity, one.Rule, one.Path)
	}
}

// annotate writes as somebody else would; value is JSON.
func (s *story) annotate(name, key, value string) {
	ref := vcluster.Ref{APIVersion: "apps/v1", Kind: "StatefulSet", Namespace: "vcluster-" + name, Name: name}
	patch := fmt.Sprintf(`{"metadata": {"annotations": {%q: %s}}}`, key, value)
	must[json.RawMessage](s)(s.host.PatchResource(s.ctx, ref, []byte(patch), vcluster.ApplyOptions{}))
}

func (s *story) tellInstance(what string, instance *vcluster.Instance) {
	s.tell("%s: %s, %s, owner '%s'", what, instance.Status, pick(instance.ExpiresAt.IsZero(), "for ever", "expires"),
		instance.Owner)
}

func (s *story) tellOne(what, name string) {
	s.tellInstance(what, must[*vcluster.Instance](s)(s.host.Get(s.ctx, name, anywhere)))
}

func (s *story) list() []*vcluster.Instance {
	return must[[]*vcluster.Instance](s)(s.host.List(s.ctx, vcluster.ListOptions{}))
}

func (s *story) tellList() {
	for _, one := range s.list() {
		s.tellInstance("list: "+one.Name, one)
	}
}

func (s *story) tellSummary(what string, plan *vcluster.Plan) {
	s.tell("%s: %s, %s", what, plan.Operation, pick(len(plan.Changes) == 0, "nothing", plan.Impact.String()))
}

func (s *story) tellPlan(what string, plan *vcluster.Plan) {
	s.tellSummary(what, plan)
	for _, one := range plan.Changes {
		s.tell("  %s %s %s/%s%s", one.Action, one.Impact, one.Kind, one.Name, pick(one.Path == "", "", " "+one.Path))
	}
}

func (s *story) tellResults(what string, results iter.Seq2[vcluster.Result, error]) {
	for one, err := range results {
		s.check(err)
		code := "OK"
		var failure *vcluster.Error
		if errors.As(one.Err, &failure) {
			code = failure.Code.String()
		}
		s.tell("%s: %d %s %s %s", what, one.Index, one.Operation, one.Name, code)
	}
}

// with is what is asked for, and these values.
func (s *story) with(options vcluster.EnsureOptions, values string) vcluster.EnsureOptions {
	options.Config = must[*vcluster.Config](s)(vcluster.ParseConfig([]byte(values)))
	s.Cleanup(func() { options.Config.Close() })
	return options
}

func (s *story) ensure(what string, options vcluster.EnsureOptions) {
	s.tellInstance(what, must[*vcluster.Instance](s)(s.host.Ensure(s.ctx, "dev", options)))
}

func (s *story) plan(options vcluster.EnsureOptions) *vcluster.Plan {
	return must[*vcluster.Plan](s)(s.host.Plan(s.ctx, "dev", options))
}

func (s *story) make() {
	s.tellSummary("plan", s.plan(embedded))
	_, err := s.host.Get(s.ctx, "dev", anywhere)
	s.refused("before it is there", err)
	s.ensure("ensure", vcluster.EnsureOptions{Distribution: "embedded", TTL: time.Hour, Owner: "shop"})
	must[[]vcluster.FakeRequest](s)(s.host.Requests(true))
	s.ensure("again", embedded)
	writes := 0
	for _, request := range must[[]vcluster.FakeRequest](s)(s.host.Requests(false)) {
		if request.Method != "GET" {
			writes++
		}
	}
	s.tell("again: %d writes", writes)
	_, err = s.host.Create(s.ctx, "dev", embedded)
	s.refused("create", err)
	_, err = s.host.Ensure(s.ctx, "Dev_1", embedded)
	s.refused("a name", err)
	_, err = s.host.Ensure(s.ctx, "other", s.with(embedded, twoStores))
	s.refused("values", err)
}

func (s *story) describe() {
	found := must[*vcluster.Description](s)(s.host.Describe(s.ctx, "dev", anywhere))
	s.tell("describe: revision %d %s by %s, %s", found.Revision, found.ReleaseStatus, found.Maker, found.Store)
	for _, one := range found.Components {
		s.tell("describe: %s %s %d", one.Name, one.State, one.Restarts)
	}
	var values struct {
		ControlPlane struct {
			StatefulSet struct {
				Resources struct{ Limits struct{ Memory string } }
			}
		}
	}
	s.check(json.Unmarshal(found.UserValues, &values))
	s.tell("describe: the user's memory is %s", values.ControlPlane.StatefulSet.Resources.Limits.Memory)
}

func (s *story) change() {
	s.tellPlan("same", s.plan(embedded))
	less := s.with(vcluster.EnsureOptions{}, lessMemory)
	plan := s.plan(less)
	s.tellPlan("less memory", plan)
	last := plan.Changes[len(plan.Changes)-1]
	s.tell("  from %s to %s", last.Before, last.After)
	s.ensure("less memory", less)
	s.describe()
}

func (s *story) tellWhy(what, name string) {
	diagnosis := must[*vcluster.Diagnosis](s)(s.host.Why(s.ctx, name, anywhere))
	s.tell("%s: %s", what, pick(diagnosis.Ready, "ready", "not ready"))
	for _, one := range diagnosis.Causes {
		s.tell("%s: %s %s %s %s, %s", what, one.Reason, one.Certainty, one.Code.String(), one.Object,
			pick(one.WaitingHelps, "passes", "stays"))
	}
}

func (s *story) sleep() {
	s.tellWhy("why", "dev")
	s.check(s.host.Pause(s.ctx, "dev", vcluster.PauseOptions{}))
	s.tellOne("pause", "dev")
	s.tellWhy("why paused", "dev")
	_, err := s.host.Ensure(s.ctx, "dev", s.with(vcluster.EnsureOptions{}, ingresses))
	s.refused("ensure of a paused one", err)
	_, err = s.host.Snapshot(s.ctx, "dev", filepath.Join(s.TempDir(), "file"), vcluster.SnapshotOptions{})
	s.refused("snapshot of a paused one", err)
	s.check(s.host.Resume(s.ctx, "dev", vcluster.PauseOptions{}))
	s.tellOne("resume", "dev")
	s.tellWhy("why nothing", "ghost")
}

func (s *story) lease() {
	extend := func(options vcluster.ExtendOptions) *vcluster.Instance {
		return must[*vcluster.Instance](s)(s.host.Extend(s.ctx, "dev", options))
	}
	s.tellInstance("nobody's", extend(vcluster.ExtendOptions{TTL: 2 * time.Hour, ClearOwner: true}))
	s.tellInstance("for ever", extend(vcluster.ExtendOptions{Never: true, Owner: "shop"}))
	_, err := s.host.Extend(s.ctx, "dev", vcluster.ExtendOptions{ExpiresAt: time.Unix(1577836800, 0)})
	s.refused("into the past", err)
	_, err = s.host.Extend(s.ctx, "dev", vcluster.ExtendOptions{})
	s.refused("neither", err)
	_, err = s.host.Extend(s.ctx, "ghost", vcluster.ExtendOptions{TTL: time.Minute})
	s.refused("extend of nothing", err)
}

func (s *story) many() {
	lean := vcluster.EnsureOptions{Distribution: "embedded", TTL: time.Hour, Profile: "lean"}
	operations := []vcluster.Operation{
		vcluster.EnsureOperation("one", lean),
		vcluster.EnsureOperation("two", embedded),
		vcluster.EnsureOperation("full", inFull),
		vcluster.PauseOperation("two", vcluster.PauseOptions{}),
		vcluster.PauseOperation("ghost", vcluster.PauseOptions{}),
		vcluster.ResumeOperation("two", vcluster.PauseOptions{}),
		vcluster.ExtendOperation("two", vcluster.ExtendOptions{TTL: time.Hour}),
		vcluster.WaitOperation("one", anywhere),
		vcluster.DeleteOperation("ghost", vcluster.DeleteOptions{MissingOK: true}),
	}
	s.tellResults("batch", s.host.Batch(s.ctx, operations, vcluster.BatchOptions{Parallel: 1}))
	stopping := []vcluster.Operation{
		vcluster.DeleteOperation("ghost", vcluster.DeleteOptions{}),
		vcluster.DeleteOperation("dev", vcluster.DeleteOptions{}),
	}
	s.tellResults("stop", s.host.Batch(s.ctx, stopping, vcluster.BatchOptions{Parallel: 1, StopOnError: true}))
	s.tellList()
}

func (s *story) preflight(name string, options vcluster.EnsureOptions) {
	for _, one := range must[*vcluster.Report](s)(s.host.Preflight(s.ctx, name, options)).Findings {
		s.tell("preflight: %s %s %s: %s", one.Severity, one.Rule, one.Path, one.Message)
	}
}

func (s *story) checkFirst() {
	s.preflight("full", inFull)
	s.preflight("1st", embedded)
	_, err := s.host.Create(s.ctx, "full", inFull)
	s.refused("full", err)
}

func (s *story) reap() {
	s.annotate("one", expires, longAgo)
	s.tellResults("would reap", s.host.Reap(s.ctx, vcluster.ReapOptions{DryRun: true}))
	s.annotate("one", reaping, longAgo)
	_, err := s.host.Extend(s.ctx, "one", vcluster.ExtendOptions{TTL: time.Minute})
	s.refused("too late", err)
	s.tellResults("reap", s.host.Reap(s.ctx, vcluster.ReapOptions{}))
	s.tellList()
}

func (s *story) tellAdoption(options vcluster.AdoptOptions) {
	plan := must[*vcluster.Plan](s)(s.host.Adopt(s.ctx, "two", options))
	s.tellSummary("adopt of "+plan.Origin, plan)
}

// adopt: its release is lost, and Argo CD's mark is on it.
func (s *story) adopt() {
	record := vcluster.Ref{APIVersion: "v1", Kind: "Secret", Namespace: "vcluster-two", Name: "sh.helm.release.v1.two.v1"}
	s.check(s.host.DeleteResource(s.ctx, record, vcluster.ResourceDeleteOptions{}))
	s.annotate("two", argo, `"two:apps/StatefulSet:vcluster-two/two"`)
	s.tellAdoption(vcluster.AdoptOptions{DryRun: true})
	_, err := s.host.Adopt(s.ctx, "two", vcluster.AdoptOptions{})
	s.refused("adopt", err)
	s.refused("delete of Argo CD's", s.host.Delete(s.ctx, "two", vcluster.DeleteOptions{}))
	s.annotate("two", argo, "null")
	s.tellAdoption(vcluster.AdoptOptions{Owner: "shop"})
	s.tellAdoption(vcluster.AdoptOptions{})
	s.tellAdoption(vcluster.AdoptOptions{ClearOwner: true})
	s.tellOne("nobody's", "two")
}

// state: nothing runs in pods of this host; what can be told is what is refused.
func (s *story) state() {
	file := filepath.Join(s.TempDir(), "file")
	_, err := s.host.Snapshot(s.ctx, "ghost", file, vcluster.SnapshotOptions{})
	s.refused("snapshot of nothing", err)
	_, err = s.host.Restore(s.ctx, "dev", file, vcluster.SnapshotOptions{})
	s.refused("no such file", err)
	s.check(os.WriteFile(file, []byte("none"), 0o600))
	_, err = s.host.Restore(s.ctx, "dev", file, vcluster.SnapshotOptions{})
	s.refused("no snapshot", err)
	operations := []vcluster.Operation{
		vcluster.SnapshotOperation("ghost", file, vcluster.SnapshotOptions{}),
		vcluster.RestoreOperation("dev", file, vcluster.SnapshotOptions{}),
	}
	s.tellResults("batch", s.host.Batch(s.ctx, operations, vcluster.BatchOptions{Parallel: 1}))
}

func (s *story) rights() {
	options := vcluster.RightsOptions{Namespace: "team", ServiceAccount: "robot"}
	s.transcript.WriteString(must[string](s)(vcluster.Rights("pause", options)))
	_, err := vcluster.Rights("fly", vcluster.RightsOptions{})
	s.refused("rights", err)
}

func (s *story) planDelete(options vcluster.DeleteOptions) *vcluster.Plan {
	return must[*vcluster.Plan](s)(s.host.PlanDelete(s.ctx, "dev", options))
}

func (s *story) end() {
	missingOK := vcluster.DeleteOptions{MissingOK: true}
	s.annotate("dev", guard, `"true"`)
	for _, one := range s.planDelete(vcluster.DeleteOptions{}).Changes {
		if one.Impact == vcluster.ImpactRefused {
			s.tell("guarded: %s %s %s/%s", one.Action, one.Impact, one.Kind, one.Name)
		}
	}
	s.refused("guarded", s.host.Delete(s.ctx, "dev", vcluster.DeleteOptions{}))
	s.annotate("dev", guard, "null")
	s.tellPlan("delete", s.planDelete(vcluster.DeleteOptions{}))
	s.check(s.host.Delete(s.ctx, "dev", vcluster.DeleteOptions{}))
	_, err := s.host.Get(s.ctx, "dev", anywhere)
	s.refused("after it is gone", err)
	s.refused("once more", s.host.Delete(s.ctx, "dev", vcluster.DeleteOptions{}))
	s.check(s.host.Delete(s.ctx, "dev", missingOK))
	s.tellPlan("nothing there", s.planDelete(missingOK))
	s.check(s.host.Delete(s.ctx, "two", vcluster.DeleteOptions{}))
	leaks := must[*vcluster.Plan](s)(s.host.Audit(s.ctx, vcluster.AuditOptions{Grace: -1}))
	s.tell("left: %d, leaks: %d", len(s.list()), len(leaks.Changes))
}

func TestLifeOfVirtualClusters(t *testing.T) {
	s := &story{T: t, ctx: t.Context()}
	s.host = must[*vcluster.FakeClient](s)(vcluster.NewFakeClient(vcluster.FakeOptions{}))
	defer s.host.Close()
	s.check(s.host.Put(full))
	s.make()
	s.change()
	s.sleep()
	s.lease()
	s.many()
	s.checkFirst()
	s.reap()
	s.adopt()
	s.state()
	s.rights()
	s.end()
	expected := must[[]byte](s)(os.ReadFile("../expected.txt"))
	if s.transcript.String() != string(expected) {
		t.Fatalf("the transcript differs from expected.txt:\n%s", s.transcript.String())
	}
}
