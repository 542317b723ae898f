// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func newBudgetHost(t *testing.T) *FakeClient {
	t.Helper()
	host, err := NewFakeClient(FakeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { host.Close() })
	for name, cpu := range map[string]string{"a": "6", "b": "2"} {
		if _, err := host.Create(context.Background(), name, EnsureOptions{Distribution: "embedded"}); err != nil {
			t.Fatal(err)
		}
		quota := fmt.Sprintf("{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: vcluster-%s}, "+
			"spec: {hard: {cpu: '%s', memory: 8Gi}}}", name, cpu)
		if err := host.Put(quota); err != nil {
			t.Fatal(err)
		}
	}
	return host
}

func TestBudgetAddsUpPromises(t *testing.T) {
	host := newBudgetHost(t)
	budget, err := host.Budget(context.Background(), BudgetOptions{Budget: map[string]string{"cpu": "10"}})
	if err != nil {
		t.Fatal(err)
	}
	want := BudgetResource{Resource: "requests.cpu", Total: "10", Elsewhere: "0", Promised: "8", Used: "0", Left: "2", Asked: "0"}
	if got := budget.Resources[0]; got.Promised != want.Promised || got.Left != want.Left || got.Total != want.Total {
		t.Fatalf("%+v", got)
	}
	if !budget.Fits || len(budget.Clusters) != 2 || budget.Clusters[0].Names[0] != "a" {
		t.Fatalf("%+v", budget)
	}
	if text, err := json.Marshal(budget); err != nil || !strings.Contains(string(text), `"asked":"0"`) {
		t.Fatalf("%s, %v", text, err)
	}
	_, err = host.Budget(context.Background(), BudgetOptions{Budget: map[string]string{"memry": "1"}})
	if !errors.Is(err, ErrConfig) {
		t.Fatalf("a resource that is none: %v", err)
	}
}

func TestAdmitTellsWhetherOneMoreFits(t *testing.T) {
	host := newBudgetHost(t)
	config, err := ParseConfig([]byte("policies: {resourceQuota: {enabled: true, quota: {requests.cpu: 3}}}"))
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close()
	options := BudgetOptions{Budget: map[string]string{"cpu": "10"}}
	answer, err := host.Admit(context.Background(), config, nil, options)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Fits || len(answer.Findings) != 1 || answer.Findings[0].Rule != "budget-exceeded" ||
		!strings.Contains(answer.Findings[0].Message, "'vcluster-a/a' (6), 'vcluster-b/b' (2)") {
		t.Fatalf("%+v", answer)
	}
	options.Name = "a"
	if answer, err = host.Admit(context.Background(), config, nil, options); err != nil || !answer.Fits {
		t.Fatalf("a change of one that is there: %+v, %v", answer, err)
	}
}
