// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const hello = repository + "/examples/charts/hello"

// helloChart loads the chart of the examples, or skips where the module was fetched alone.
func helloChart(t *testing.T) *Chart {
	t.Helper()
	if _, err := os.Stat(hello); err != nil {
		t.Skipf("%s is not here: this is not a checkout of libvcluster", hello)
	}
	chart, err := LoadChart(hello)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = chart.Close() })
	return chart
}

// archiveOf packs a chart as a .tgz.
func archiveOf(t *testing.T, folder string) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		header := &tar.Header{Name: "chart/" + name, Mode: 0o644, Size: int64(len(data))}
		return errors.Join(archive.WriteHeader(header), func() error {
			_, err := archive.Write(data)
			return err
		}())
	})
	if err = errors.Join(err, archive.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func TestChartHandsOutWhatItHolds(t *testing.T) {
	chart := helloChart(t)
	if chart.Name() != "hello" || chart.AppVersion() != "1.0" {
		t.Errorf("got %q, %q", chart.Name(), chart.AppVersion())
	}
	values, err := chart.Values()
	if err != nil || !strings.HasPrefix(values, "# What is said.\ngreeting: Hello\n") {
		t.Errorf("got %q, %v", values, err)
	}
	schema, err := chart.Schema()
	if err != nil || !json.Valid([]byte(schema)) {
		t.Errorf("got %q, %v", schema, err)
	}
	var metadata struct{ Name, Version string }
	text, err := chart.Metadata()
	if err == nil {
		err = json.Unmarshal(text, &metadata)
	}
	if err != nil || metadata.Name != "hello" || metadata.Version != chart.Version() {
		t.Errorf("got %s, %v", text, err)
	}
	if err := chart.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := chart.Values(); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestChartIsReadFromBytes(t *testing.T) {
	helloChart(t)
	chart, err := ParseChart(archiveOf(t, hello))
	if err != nil {
		t.Fatal(err)
	}
	defer chart.Close()
	if chart.Name() != "hello" {
		t.Errorf("got %q", chart.Name())
	}
	if _, err := ParseChart([]byte("no chart")); !errors.Is(err, ErrConfig) {
		t.Errorf("got %v", err)
	}
	if _, err := ParseChart(nil); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
}

func TestChartIsFetchedFromAPath(t *testing.T) {
	helloChart(t)
	chart, err := FetchChart(t.Context(), hello, FetchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer chart.Close()
	if _, err := FetchChart(t.Context(), "./none", FetchOptions{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := FetchChart(t.Context(), "a\x00b", FetchOptions{}); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
	upstream, err := UpstreamChart(t.Context(), FetchOptions{Repository: hello})
	if err != nil {
		t.Fatal(err)
	}
	defer upstream.Close()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := UpstreamChart(cancelled, FetchOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestValuesAreCheckedAgainstTheSchema(t *testing.T) {
	chart := helloChart(t)
	if err := chart.Validate(nil); err != nil {
		t.Error(err)
	}
	err := chart.Validate(parse(t, "{greeting: 1, other: 2}"))
	var failure *Error
	if !errors.As(err, &failure) || failure.Code != ErrConfig || len(failure.Findings) != 2 {
		t.Errorf("got %v", err)
	}
	_, err = chart.Template("hi", TemplateOptions{Config: parse(t, "names: [A]")})
	if !errors.Is(err, ErrConfig) {
		t.Errorf("got %v", err)
	}
	manifest, err := chart.Template("hi", TemplateOptions{
		Config:            parse(t, "names: [A]"),
		SkipSchema:        true,
		KubernetesVersion: "1.30",
		APIVersions:       []string{"example.com/v1"},
		IsUpgrade:         true,
		IncludeCRDs:       true,
		NoHooks:           true,
		SkipTests:         true,
	})
	if err != nil || !strings.Contains(string(manifest), `A: "Hello, A!"`) {
		t.Errorf("got %s, %v", manifest, err)
	}
}

func TestConfigTakesEveryFormOfSet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(path, []byte("of a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := parse(t, "{}")
	for _, err := range []error{
		config.SetJSON(`a={"b":[1]}`),
		config.SetStringExpression("c=1,d=true"),
		config.SetLiteral("e=x,y"),
		config.SetFile("f=" + path),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	const want = "a:\n  b:\n  - 1\nc: \"1\"\nd: \"true\"\ne: x,y\nf: of a file\n"
	if got := yamlOf(t, config); got != want {
		t.Errorf("got\n%s", got)
	}
	if err := config.SetFile("f=" + path + ".none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestReleasesNeedAChart(t *testing.T) {
	c := newFake(t).client(t, ClientOptions{})
	_, err := c.InstallRelease(t.Context(), "a", nil, ReleaseOptions{})
	if !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
	chart, err := EmbeddedChart()
	if err != nil {
		t.Fatal(err)
	}
	_ = chart.Close()
	if _, err := c.UpgradeRelease(t.Context(), "a", chart, ReleaseOptions{}); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	if _, err := c.GetRelease(t.Context(), "A", 0, ReleaseQueryOptions{}); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
	if c.RequestCount() != 0 {
		t.Errorf("%d requests were sent", c.RequestCount())
	}
}
