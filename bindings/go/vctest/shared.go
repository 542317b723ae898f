// SPDX-License-Identifier: Apache-2.0

package vctest

import (
	"fmt"
	"os"
	"sync"
	"testing"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
)

// shared is the one virtual cluster of this process. Only Main knows when its last test has ended.
var shared struct {
	sync.Mutex
	underMain bool
	host      *vcluster.Client
	name      string
	namespace string
	virtual   *Virtual
	closing   []func()
}

// Main runs the tests and then deletes the virtual cluster that they shared:
//
//	func TestMain(m *testing.M) { os.Exit(vctest.Main(m)) }
func Main(m *testing.M) int {
	shared.underMain = true
	code := m.Run()
	if shared.host == nil {
		return code
	}
	defer shared.host.Close()
	for _, closeIt := range shared.closing {
		closeIt()
	}
	keep, err := kept(code != 0)
	switch {
	case keep:
		fmt.Printf("kept until it expires: vcl connect %s -n %s\n", shared.name, shared.namespace)
	case err == nil:
		err = remove(shared.host, shared.name, shared.namespace)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "the shared virtual cluster %s: %v\n", shared.name, err)
		return 1
	}
	return code
}

// Shared gives the virtual cluster that all tests of this process share. The first caller's options
// count. It needs [Main].
func Shared(t testing.TB, options ...Option) *Virtual {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.underMain {
		t.Fatal("nobody would delete it: call vctest.Main in TestMain")
	}
	if shared.virtual == nil {
		if shared.host != nil {
			t.Fatalf("the virtual cluster %s could not be made for an earlier test", shared.name)
		}
		name, ensure := settings(options)
		shared.host = newClient(t)
		shared.name, shared.namespace = name, ensure.Namespace
		shared.virtual = start(t, shared.host, name, ensure,
			func(closeIt func()) { shared.closing = append(shared.closing, closeIt) })
	}
	v := *shared.virtual
	v.t = t
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("virtual cluster %s:\n%s", v.Name, diagnose(v.Host, v.Namespace))
		}
	})
	return &v
}
