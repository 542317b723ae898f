// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

// collectedOnPurpose is how many objects the tests left to the garbage collector knowingly.
var collectedOnPurpose int64

// TestMain fails the run when a test left a C object or a callback behind.
func TestMain(m *testing.M) {
	code := m.Run()
	for range 3 { // whatever was forgotten is found now, and counted as collected
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	if live := liveObjects.Load(); live != 0 {
		fmt.Printf("FAIL: %d objects were never closed\n", live)
		code = 1
	}
	if live := liveCallbacks.Load(); live != 0 {
		fmt.Printf("FAIL: %d callbacks are still registered\n", live)
		code = 1
	}
	if forgotten := collected.Load() - collectedOnPurpose; forgotten != 0 {
		fmt.Printf("FAIL: %d objects were closed by the garbage collector only\n", forgotten)
		code = 1
	}
	os.Exit(code)
}
