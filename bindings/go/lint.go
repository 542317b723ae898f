// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"runtime"
	"sync"
	"unsafe"
)

// Lint is a set of files that are looked at together for mistakes: values of virtual clusters, and manifests with values
// inside. It is safe for concurrent use. Close it when it is no longer needed.
type Lint struct {
	*object[*C.vcluster_lint]
	mutex sync.Mutex
}

// LintRule is one rule, as docs/lint.md lists it.
type LintRule struct {
	ID       string `json:"id"`       // such as "VC101"
	Name     string `json:"name"`     // such as "quota-missing"
	Severity string `json:"severity"` // "error", "warning" or "info"
	Text     string `json:"text"`     // what it finds
	Fix      bool   `json:"fix"`      // whether Fix can repair it
}

// NewLint makes an empty set of files. The settings are the text of a .vclint.yaml, or nil; an ErrConfig has a finding for
// each key, rule or severity that is not known.
func NewLint(settings []byte) (*Lint, error) {
	var lint *C.vcluster_lint
	var cError *C.vcluster_error
	if status := C.vcluster_lint_new(&lint, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	l := &Lint{object: newObject(lint, func(p *C.vcluster_lint) { C.vcluster_lint_free(p) })}
	runtime.AddCleanup(l, collect[*C.vcluster_lint], l.object)
	err := l.use(func(lint *C.vcluster_lint, _ *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_lint_configure(lint, unsafe.Pointer(unsafe.SliceData(settings)), C.size_t(len(settings)), cError)
	})
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// Close frees the files. It may be called more than once; it always returns nil.
func (l *Lint) Close() error {
	if l != nil {
		l.close()
	}
	return nil
}

func (l *Lint) use(function func(lint *C.vcluster_lint, memory *scope, cError **C.vcluster_error) C.int) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	lint := l.acquire()
	if lint == nil {
		return closedError("lint")
	}
	defer l.release()

	var memory scope
	defer memory.done()
	var cError *C.vcluster_error
	status := function(lint, &memory, &cError)
	if memory.err != nil {
		return memory.err
	}
	return failure(status, cError)
}

// Add adds the text of a file, by its name in findings. What is no YAML is an ErrConfig.
func (l *Lint) Add(file string, text []byte) error {
	return l.use(func(lint *C.vcluster_lint, memory *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_lint_add(lint, memory.text(file), unsafe.Pointer(unsafe.SliceData(text)), C.size_t(len(text)),
			cError)
	})
}

// AddInstance adds a virtual cluster that runs: its values in force, and what its host has beside it (quotas, limit ranges,
// network policies, nodes, network plugins). Its findings have the file "NAMESPACE/NAME" and no line. Files for a virtual
// cluster of that name are then looked at as a change of it. With namespace "" it is found wherever it is.
func (l *Lint) AddInstance(ctx context.Context, client *Client, name, namespace string) error {
	call, err := client.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer call.end()

	l.mutex.Lock()
	defer l.mutex.Unlock()
	lint := l.acquire()
	if lint == nil {
		return closedError("lint")
	}
	defer l.release()

	cName := call.text(name)
	cOptions := C.vcluster_instance_options{namespace_name: call.optional(namespace)}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_instance_options)
	return call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_lint_add_instance(lint, client, cName, &cOptions, cError)
	})
}

// Run looks at all files. A nil chart is what the library knows of upstream's. A report with findings is no error.
func (l *Lint) Run(chart *Chart) (*Report, error) {
	report, err := l.run(chart)
	if err != nil {
		return nil, err
	}
	return takeReport(report)
}

// Print looks at all files, and gives the report for another program: as "text", "json", "sarif" (2.1.0), "junit" or
// "github".
func (l *Lint) Print(chart *Chart, format string) ([]byte, error) {
	var memory scope
	defer memory.done()

	report, err := l.run(chart)
	if err != nil {
		return nil, err
	}
	defer C.vcluster_report_free(report)
	cFormat := memory.text(format)
	if memory.err != nil {
		return nil, memory.err
	}
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_lint_print(report, cFormat, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	return take(text), nil
}

func (l *Lint) run(chart *Chart) (report *C.vcluster_report, err error) {
	err = withChart(chart, func(cChart *C.vcluster_chart) error {
		return l.use(func(lint *C.vcluster_lint, _ *scope, cError **C.vcluster_error) C.int {
			return C.vcluster_lint_run(lint, cChart, &report, cError)
		})
	})
	return report, err
}

// Fix repairs a file where its findings have one right answer, and gives its text. Comments and layout stay. The new text
// takes the place of the file's here; nothing is written to the disk.
func (l *Lint) Fix(chart *Chart, file string) (fixed []byte, err error) {
	err = withChart(chart, func(cChart *C.vcluster_chart) error {
		return l.use(func(lint *C.vcluster_lint, memory *scope, cError **C.vcluster_error) C.int {
			var text *C.char
			status := C.vcluster_lint_fix(lint, cChart, memory.text(file), &text, cError)
			if status == 0 {
				fixed = take(text)
			}
			return status
		})
	})
	return fixed, err
}

// LintRules gives all rules, by id.
func LintRules() (rules []LintRule, err error) {
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_lint_rules(&text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	return rules, json.Unmarshal(take(text), &rules)
}
