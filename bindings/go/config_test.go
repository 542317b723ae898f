// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func parse(t *testing.T, text string) *Config {
	t.Helper()
	config, err := ParseConfig([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = config.Close() })
	return config
}

func yamlOf(t *testing.T, config *Config) string {
	t.Helper()
	text, err := config.YAML()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestConfigIsSetByPath(t *testing.T) {
	config := parse(t, "b: {w: 1}\n")
	for _, err := range []error{
		config.Set("b.x", "true"),
		config.SetString("a", "true"),
		config.SetExpression("c[0]=1,d={x,y}"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	const want = "a: \"true\"\nb:\n  w: 1\n  x: true\nc:\n- 1\nd:\n- x\n- \"y\"\n"
	if got := yamlOf(t, config); got != want {
		t.Errorf("got\n%s", got)
	}
	if value, err := config.Get("b.x"); err != nil || string(value) != "true" {
		t.Errorf("got %s, %v", value, err)
	}
	if value, err := config.Get("b.none"); !errors.Is(err, ErrNotFound) || value != nil {
		t.Errorf("got %s, %v", value, err)
	}
	if err := config.Set("a[", "1"); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
	if err := config.Set("a\x00", "1"); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
}

func TestMergeLeavesTheOtherAlone(t *testing.T) {
	config, other := parse(t, "a: 1\nb: {x: 1}\n"), parse(t, "b: {z: 2}\nc: null\n")
	if err := config.Merge(other); err != nil {
		t.Fatal(err)
	}
	if got := yamlOf(t, config); got != "a: 1\nb:\n  x: 1\n  z: 2\nc: null\n" {
		t.Errorf("got\n%s", got)
	}
	if got := yamlOf(t, other); strings.Contains(got, "x") {
		t.Errorf("the other became\n%s", got)
	}
	if err := config.Merge(config); err != nil {
		t.Errorf("with itself: %v", err)
	}
	if err := config.Merge(nil); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("with nil: %v", err)
	}
}

func TestConfigIsLoadedFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(path, []byte("a: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close()
	if got := yamlOf(t, config); got != "a: 1\n" {
		t.Errorf("got %q", got)
	}
	if _, err := LoadConfig(path + ".missing"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestConfigIsSafeForManyGoroutines(t *testing.T) {
	a, b := parse(t, "a: 1\n"), parse(t, "b: 1\n")
	var group sync.WaitGroup
	for i := range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := range 20 {
				err := errors.Join(a.Set(fmt.Sprintf("x%d", i), fmt.Sprint(j)), a.Merge(b), b.Merge(a))
				if _, readErr := a.YAML(); err != nil || readErr != nil {
					t.Error(err, readErr)
				}
			}
		}()
	}
	group.Wait()
}

func TestEmbeddedChartIsRendered(t *testing.T) {
	chart, err := EmbeddedChart()
	if err != nil {
		t.Fatal(err)
	}
	defer chart.Close()
	if chart.Name() != "vcluster-embedded" || chart.Version() == "" {
		t.Errorf("got %q, %q", chart.Name(), chart.Version())
	}
	manifest, err := chart.Template("dev", TemplateOptions{Namespace: "team-a", Config: parse(t, "{}")})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"kind: StatefulSet", `namespace: "team-a"`, `release: "dev"`} {
		if !strings.Contains(string(manifest), want) {
			t.Errorf("no %q in the manifest", want)
		}
	}
	if _, err := chart.Template("Not A Name", TemplateOptions{}); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
}

func TestLoadChartRefusesWhatIsNone(t *testing.T) {
	if _, err := LoadChart(t.TempDir()); !errors.Is(err, ErrConfig) {
		t.Errorf("empty directory: %v", err)
	}
	if _, err := LoadChart("/nowhere/chart.tgz"); !errors.Is(err, ErrNotFound) {
		t.Errorf("missing: %v", err)
	}
}
