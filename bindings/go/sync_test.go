// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestSyncRules(t *testing.T) {
	config, err := ParseConfig([]byte("sync: {fromHost: {nodes: {enabled: true, selector: {all: true}}}}"))
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close()
	rules, err := ReadSyncRules(nil, config)
	if err != nil {
		t.Fatal(err)
	}
	defer rules.Close()

	all, err := rules.All()
	if err != nil || len(all) < 30 || all[0].Resource != "pods" || !all[0].Active {
		t.Fatalf("%d rules, %v", len(all), err)
	}
	nodes, err := rules.Find("", "Node")
	if err != nil || nodes.State != SyncOn || string(nodes.Settings) != `{"selector":{"all":true}}` || nodes.Rights == "" {
		t.Fatalf("%+v, %v", nodes, err)
	}
	if _, err := rules.Find("", "ingreses"); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "ingresses") {
		t.Fatalf("the nearest is not named: %v", err)
	}
	var table []map[string]any
	if text, err := json.Marshal(rules); err != nil || json.Unmarshal(text, &table) != nil || len(table) != len(all) {
		t.Fatalf("as JSON: %v", err)
	}
}

func TestSetSync(t *testing.T) {
	config, err := NewConfig()
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close()
	if err := config.SetSync(nil, SyncChange{Resource: "pvc", State: SyncOff}); err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{"scope": "Namespaced"}
	err = config.SetSync(nil, SyncChange{"toHost", "certificates.cert-manager.io", SyncOn, settings})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := ReadSyncRules(nil, config)
	if err != nil {
		t.Fatal(err)
	}
	defer rules.Close()
	if claims, err := rules.Find("", "persistentVolumeClaims"); err != nil || claims.Active {
		t.Fatalf("%+v, %v", claims, err)
	}
	custom, err := rules.Find("", "certificates.cert-manager.io")
	if err != nil || !custom.Active || custom.Default != SyncUnset || custom.Licence != "free" {
		t.Fatalf("%+v, %v", custom, err)
	}
	if err := config.SetSync(nil, SyncChange{Resource: "pods", State: SyncAuto}); !errors.Is(err, ErrInvalidArgument) {
		t.Fatalf("auto for pods: %v", err)
	}
}

func TestHostName(t *testing.T) {
	name, err := HostName("dev", "vcluster-dev", "Pod", "default", "nginx")
	if err != nil || name != "nginx-x-default-x-dev" {
		t.Fatalf("%q, %v", name, err)
	}
	if _, err := HostName("dev", "vcluster-dev", "Pod", "", "nginx"); !errors.Is(err, ErrInvalidArgument) {
		t.Fatalf("a pod without a namespace: %v", err)
	}
}
