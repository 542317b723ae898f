// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#cgo pkg-config: libvcluster
#include "shim.h"
*/
import "C"

import (
	"strings"
	"unsafe"
)

// Version is the version of the library that is running, such as "0.1.0".
func Version() string {
	return C.GoString(C.vcluster_version())
}

// VersionNumber is the version of the library that is running as a number that grows:
// major*10000 + minor*100 + patch.
func VersionNumber() int {
	return int(C.vcluster_version_number())
}

// scope owns the C memory that one call into the library borrows.
type scope struct {
	strings []*C.char
	slots   []unsafe.Pointer
	err     error // the first string that C cannot hold
}

// text copies a Go string for C. The copy lives until done.
func (s *scope) text(value string) *C.char {
	if i := strings.IndexByte(value, 0); i >= 0 {
		if s.err == nil {
			s.err = invalid("an argument has a NUL byte at offset %d", i)
		}
		return nil
	}
	copied := C.CString(value)
	s.strings = append(s.strings, copied)
	return copied
}

// optional is text, but NULL for "".
func (s *scope) optional(value string) *C.char {
	if value == "" {
		return nil
	}
	return s.text(value)
}

// texts copies Go strings to an array for C that ends with NULL; nil for none.
func (s *scope) texts(values []string) **C.char {
	if len(values) == 0 {
		return nil
	}
	memory := C.calloc(C.size_t(len(values)+1), C.size_t(unsafe.Sizeof((*C.char)(nil))))
	s.slots = append(s.slots, memory)
	array := unsafe.Slice((**C.char)(memory), len(values))
	for i, value := range values {
		array[i] = s.text(value)
	}
	return (**C.char)(memory)
}

// done frees everything, wiping strings because they may hold credentials.
func (s *scope) done() {
	for _, text := range s.strings {
		C.vclgo_free_secret(text)
	}
	for _, slot := range s.slots {
		C.free(slot)
	}
	s.strings, s.slots = nil, nil
}

// take copies a string that the library made for us and frees the original; nil for NULL.
func take(text *C.char) []byte {
	if text == nil {
		return nil
	}
	defer C.vcluster_free(text)

	copied := make([]byte, C.strlen(text))
	copy(copied, unsafe.Slice((*byte)(unsafe.Pointer(text)), len(copied)))
	return copied
}

// flag is how C options say yes.
func flag(on bool) C.uint64_t {
	if on {
		return 1
	}
	return 0
}
