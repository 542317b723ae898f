// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// notBound lists exported functions that this package does without, and why.
var notBound = map[string]string{
	"vcluster_batch_size":       "the operations are a slice, which has a length",
	"vcluster_cancel_triggered": "the context says whether it is done",
	"vcluster_client_ref":       "object counts the calls that use a client, as for every type",
}

const repository = "../.."

// read gives a file of the repository, or skips where the module was fetched alone.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, name))
	if os.IsNotExist(err) {
		t.Skipf("%s is not here: this is not a checkout of libvcluster", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var comments = regexp.MustCompile(`(?s)//[^\n]*|/\*.*?\*/`)

// sources gives the Go files of the package without comments.
func sources(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(comments.ReplaceAll(text, nil))
	}
	return all.String()
}

// headers gives the public headers without comments.
func headers(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(repository, "include/libvcluster/*.h"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Skip("the headers are not here: this is not a checkout of libvcluster")
	}
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(comments.ReplaceAll(text, nil))
	}
	return all.String()
}

func TestEveryExportedFunctionIsBound(t *testing.T) {
	exported := comments.ReplaceAllString(read(t, "lib/libvcluster.map"), "")
	_, exported, _ = strings.Cut(exported, "global:")
	names := regexp.MustCompile(`\bvcluster_\w+`).FindAllString(exported, -1)
	if len(names) < 80 {
		t.Fatalf("only %d names were found in the map", len(names))
	}
	source := sources(t)
	for _, name := range names {
		used := regexp.MustCompile(`\bC\.` + name + `\(`).MatchString(source)
		_, excused := notBound[name]
		switch {
		case !used && !excused:
			t.Errorf("%s is neither bound nor listed as not bound", name)
		case used && excused:
			t.Errorf("%s is bound, and listed as not bound", name)
		}
		delete(notBound, name)
	}
	for name := range notBound {
		t.Errorf("%s is listed as not bound, but there is no such function", name)
	}
}

func TestEveryEnumConstantIsBound(t *testing.T) {
	names := regexp.MustCompile(`(?m)^\s+(VCLUSTER_\w+) = -?\d+`).FindAllStringSubmatch(headers(t), -1)
	if len(names) < 30 {
		t.Fatalf("only %d constants were found in the headers", len(names))
	}
	source := sources(t)
	for _, name := range names {
		if name[1] == "VCLUSTER_LOG_WARNING" {
			continue // the default case of logLevel
		}
		if !regexp.MustCompile(`\bC\.` + name[1] + `\b`).MatchString(source) {
			t.Errorf("%s is not bound", name[1])
		}
	}
}

func TestEveryMemberOfOptionsIsBound(t *testing.T) {
	structs := regexp.MustCompile(`(?s)typedef struct (vcluster_\w+_options) \{(.*?)\}`)
	member := regexp.MustCompile(`\b(\w+)(\)\([^)]*\))?;`)
	found := structs.FindAllStringSubmatch(headers(t), -1)
	if len(found) < 10 {
		t.Fatalf("only %d structs were found in the headers", len(found))
	}
	common := map[string]bool{"struct_size": true, "timeout_ms": true, "cancel": true,
		"progress": true, "user_data": true}
	unused := map[string]bool{ // a pipe does the same, and output goes on while it waits: see feed
		"input": true, "input_size": true, "read_input": true, "input_data": true}
	source := sources(t)
	for _, s := range found {
		for _, m := range member.FindAllStringSubmatch(s[2], -1) {
			if s[1] == "vcluster_pod_exec_options" && unused[m[1]] {
				continue
			}
			if s[1] == "vcluster_run_options" && m[1] == "out_pid" {
				continue // for signal handlers of C programs
			}
			if common[m[1]] { // call.prepare sets them
				continue
			}
			literal := regexp.MustCompile(`(?s)C\.` + s[1] + `\{[^}]*\b` + m[1] + `:`)
			assigned := regexp.MustCompile(`\bcOptions\.` + m[1] + `\b.{0,40}=`)
			if !literal.MatchString(source) && !assigned.MatchString(source) {
				t.Errorf("%s.%s is never set", s[1], m[1])
			}
		}
	}
}
