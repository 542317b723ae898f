// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"encoding/json"
	"runtime"
	"sync"
)

// Config is a values document (vcluster.yaml). It is safe for concurrent use; a call that takes one
// works on it as it was when the call began. Close it when it is no longer needed.
type Config struct {
	*object[*C.vcluster_config]
	mutex sync.RWMutex // the C document belongs to one thread at a time
}

// NewConfig makes an empty document.
func NewConfig() (*Config, error) {
	return makeConfig(nil, func(out **C.vcluster_config, cError **C.vcluster_error) C.int {
		return C.vcluster_config_new(out, cError)
	})
}

// ParseConfig reads a document from YAML or JSON. An ErrConfig has a finding with the line.
func ParseConfig(text []byte) (*Config, error) {
	var memory scope
	defer memory.done()

	cText := memory.text(string(text))
	return makeConfig(memory.err, func(out **C.vcluster_config, cError **C.vcluster_error) C.int {
		return C.vcluster_config_parse(cText, out, cError)
	})
}

// LoadConfig reads a document from a file.
func LoadConfig(path string) (*Config, error) {
	var memory scope
	defer memory.done()

	cPath := memory.text(path)
	return makeConfig(memory.err, func(out **C.vcluster_config, cError **C.vcluster_error) C.int {
		return C.vcluster_config_load(cPath, out, cError)
	})
}

func makeConfig(err error,
	function func(**C.vcluster_config, **C.vcluster_error) C.int) (*Config, error) {
	if err != nil {
		return nil, err
	}
	var config *C.vcluster_config
	var cError *C.vcluster_error
	if status := function(&config, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	return takeConfig(config), nil
}

// takeConfig makes a document that is ours to free a Go value.
func takeConfig(config *C.vcluster_config) *Config {
	c := &Config{object: newObject(config, func(p *C.vcluster_config) { C.vcluster_config_free(p) })}
	runtime.AddCleanup(c, collect[*C.vcluster_config], c.object)
	return c
}

// Close frees the document. It may be called more than once; it always returns nil.
func (c *Config) Close() error {
	if c != nil {
		c.close()
	}
	return nil
}

// read runs a function that only looks at the document.
func (c *Config) read(
	function func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int) error {
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	return c.use(function)
}

// change runs a function that modifies the document.
func (c *Config) change(
	function func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.use(function)
}

func (c *Config) use(
	function func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int) error {
	config := c.acquire()
	if config == nil {
		return closedError("config")
	}
	defer c.release()

	var memory scope
	defer memory.done()
	var cError *C.vcluster_error
	status := function(config, &memory, &cError)
	if memory.err != nil { // C was given NULL in its place and refused
		C.vcluster_error_free(cError)
		return memory.err
	}
	return failure(status, cError)
}

// Set sets the value at a path such as "controlPlane.distro.k8s.version" or "a.list[0].b", with the
// typing of Helm's --set: true, false, null and integers are themselves, the rest is text.
func (c *Config) Set(path, value string) error {
	return c.change(func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_config_set(config, memory.text(path), memory.text(value), cError)
	})
}

// SetString sets the value at a path to text, whatever it looks like (Helm's --set-string).
func (c *Config) SetString(path, value string) error {
	return c.change(func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_config_set_string(config, memory.text(path), memory.text(value), cError)
	})
}

// SetExpression applies one argument of Helm's --set: "a=1,b.c={x,y}".
func (c *Config) SetExpression(expression string) error {
	return c.change(func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_config_set_expression(config, memory.text(expression), cError)
	})
}

// SetStringExpression applies one argument of Helm's --set-string: every value is text.
func (c *Config) SetStringExpression(expression string) error {
	return c.change(func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_config_set_string_expression(config, memory.text(expression), cError)
	})
}

// SetJSON applies one argument of Helm's --set-json: `a.b={"c":1}`, or a whole JSON object.
func (c *Config) SetJSON(expression string) error {
	return c.change(func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_config_set_json(config, memory.text(expression), cError)
	})
}

// SetLiteral applies one argument of Helm's --set-literal: all behind "=" is the text of the value.
func (c *Config) SetLiteral(expression string) error {
	return c.change(func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_config_set_literal(config, memory.text(expression), cError)
	})
}

// SetFile applies one argument of Helm's --set-file: "a.b=PATH" sets the text of a file. It fails
// with ErrNotFound when there is no such file.
func (c *Config) SetFile(expression string) error {
	return c.change(func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_config_set_file(config, memory.text(expression), cError)
	})
}

// Get is the value at a path as JSON, or ErrNotFound.
func (c *Config) Get(path string) (json.RawMessage, error) {
	var out *C.char
	err := c.read(func(config *C.vcluster_config, memory *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_config_get(config, memory.text(path), &out, cError)
	})
	return take(out), err
}

// YAML is the document as YAML with sorted keys.
func (c *Config) YAML() ([]byte, error) {
	var out *C.char
	err := c.read(func(config *C.vcluster_config, _ *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_config_to_yaml(config, &out, cError)
	})
	return take(out), err
}

// Merge lays other over the document: maps merge key by key, lists and scalars replace, null stays
// to delete a default (Helm's rule for several values files). It does not modify other.
func (c *Config) Merge(other *Config) error {
	if other == nil {
		return invalid("there is no other config to merge")
	}
	copied, err := other.snapshot() // so that two merges crosswise do not wait for each other
	if err != nil {
		return err
	}
	defer C.vcluster_config_free(copied)
	return c.change(func(config *C.vcluster_config, _ *scope, cError **C.vcluster_error) C.int {
		return C.vcluster_config_merge(config, copied, cError)
	})
}

// snapshot copies the C document; NULL for a nil Config. The caller frees it.
func (c *Config) snapshot() (*C.vcluster_config, error) {
	if c == nil {
		return nil, nil
	}
	var copied *C.vcluster_config
	err := c.read(func(config *C.vcluster_config, _ *scope, cError **C.vcluster_error) C.int {
		status := C.vcluster_config_new(&copied, cError)
		if status == 0 {
			status = C.vcluster_config_merge(copied, config, cError)
		}
		return status
	})
	if err != nil {
		C.vcluster_config_free(copied)
		return nil, err
	}
	return copied, nil
}
