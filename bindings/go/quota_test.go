// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

const testQuota = `
kind: ResourceQuota
apiVersion: v1
metadata: {name: q}
spec: {hard: {requests.cpu: "1", count/configmaps: 0}}
`

func testPod(name string) string {
	return "---\nkind: Pod\napiVersion: v1\nmetadata: {name: " + name + "}\n" +
		"spec: {containers: [{name: c, resources: {requests: {cpu: 600m}}}]}\n"
}

func TestFits(t *testing.T) {
	report, err := Fits(testQuota, testPod("a"), FitsOptions{})
	if err != nil || len(report.Findings) != 0 || report.Severity != 0 {
		t.Fatalf("%v, %v", report, err)
	}
	report, err = Fits(testQuota, testPod("a")+testPod("b"), FitsOptions{})
	if err != nil || len(report.Findings) != 1 || report.Findings[0].Path != "Pod/b" ||
		report.Severity != SeverityError || !strings.Contains(report.String(), "quota 'q' is exceeded") {
		t.Fatalf("%v, %v", report, err)
	}
	if text, err := json.Marshal(report); err != nil || !strings.Contains(string(text), `"errors":1`) {
		t.Fatalf("%s, %v", text, err)
	}
	if _, err := Fits(testQuota, "- [", FitsOptions{}); !errors.Is(err, ErrConfig) {
		t.Fatalf("manifests that cannot be read: %v", err)
	}
}

func TestFitsIntoAVirtualCluster(t *testing.T) {
	const configMap = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: settings}\n"
	config, err := NewConfig()
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close()
	if report, err := Fits(testQuota, configMap, FitsOptions{}); err != nil || len(report.Findings) != 1 {
		t.Fatalf("into the namespace itself: %v, %v", report, err)
	}
	if report, err := Fits(testQuota, configMap, FitsOptions{Config: config}); err != nil || len(report.Findings) != 0 {
		t.Fatalf("one that no pod uses: %v, %v", report, err)
	}
}

func TestSetTenant(t *testing.T) {
	config, err := NewConfig()
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close()
	name, err := config.SetTenant("kind: TeamCluster\nspec: {team: payments, resourceQuota: {cpu: 8, memory: 16Gi}}", nil)
	if err != nil || name != "payments" {
		t.Fatalf("%q, %v", name, err)
	}
	var quota map[string]any
	text, err := config.Get("policies.resourceQuota.quota")
	if err != nil || json.Unmarshal([]byte(text), &quota) != nil || quota["requests.cpu"] != "8220m" {
		t.Fatalf("%s, %v", text, err)
	}
	var failed *Error
	_, err = config.SetTenant("kind: TeamCluster\nspec: {team: payments, preset: tiny, resourceQuota: {cpu: -1}}", nil)
	if !errors.Is(err, ErrConfig) || !errors.As(err, &failed) || len(failed.Findings) != 2 {
		t.Fatalf("not all findings: %v", err)
	}
}
