// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"os"
	"runtime"
	"time"
	"unsafe"
)

// SnapshotOptions are those of [Client.Snapshot] and [Client.Restore].
type SnapshotOptions struct {
	Namespace string   // as in InstanceOptions
	File      *os.File // in place of a path: a file, pipe or socket that is written to, or read to its end
	Progress  ProgressFunc
}

// SnapshotInfo says what a snapshot file is.
type SnapshotInfo struct {
	Name              string    `json:"name"`      // of the virtual cluster it was taken from
	Namespace         string    `json:"namespace"` // host namespace of that
	Distribution      string    `json:"distribution"`
	KubernetesVersion string    `json:"kubernetesVersion"`
	Store             string    `json:"store"` // "sqlite" or "etcd"
	Created           time.Time `json:"created"`
	Size              int64     `json:"size"`   // of the data in bytes
	SHA256            string    `json:"sha256"` // of the data
}

// Certificate is one certificate of a control plane.
type Certificate struct {
	Name        string    `json:"name"` // such as "apiserver.crt" or "admin.conf"
	Subject     string    `json:"subject"`
	Issuer      string    `json:"issuer"`
	NotBefore   time.Time `json:"notBefore"`
	NotAfter    time.Time `json:"notAfter"`
	SecondsLeft int64     `json:"secondsLeft"` // negative once it has expired
	Authority   bool      `json:"authority"`   // whether it signs others
	Status      string    `json:"status"`      // "valid", "expiring" (90 days or less) or "expired"
}

func (c *call) snapshotOptions(options SnapshotOptions) C.vcluster_snapshot_options {
	cOptions := C.vcluster_snapshot_options{namespace_name: c.optional(options.Namespace)}
	if options.File != nil {
		cOptions.use_fd = 1
		cOptions.fd = C.int64_t(options.File.Fd())
	}
	return cOptions
}

// Snapshot keeps the state of a running virtual cluster in a file, which holds secrets: at path, or
// written to options.File where path is "".
func (c *Client) Snapshot(ctx context.Context, name, path string, options SnapshotOptions) (*SnapshotInfo, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cPath := call.text(name), call.optional(path)
	cOptions := call.snapshotOptions(options)
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_snapshot_options)
	var text *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_snapshot(client, cName, cPath, &cOptions, &text, cError)
	})
	runtime.KeepAlive(options.File)
	if err != nil {
		return nil, err
	}
	return readSnapshotInfo(take(text))
}

// SnapshotRequestOptions are those of [Client.RequestSnapshot] and [Client.DeleteSnapshot].
type SnapshotRequestOptions struct {
	Namespace string // as in InstanceOptions
	NoWait    bool   // return when the control plane is asked
	Progress  ProgressFunc
}

// SnapshotRequest is what upstream's control plane was asked to keep, and what became of it.
type SnapshotRequest struct {
	Name    string `json:"name"`  // of the request's ConfigMap on the host
	URL     string `json:"url"`   // without credentials
	Phase   string `json:"phase"` // "Requested", then upstream's words, such as "Completed" and "Failed"
	Created string `json:"created"`
	Error   string `json:"error"` // why it failed
}

// RequestSnapshot has upstream's control plane take a snapshot and keep it at a URL, as "vcluster
// snapshot create" does: container:///data/FILE, s3://BUCKET/KEY or
// oci://[USER:PASSWORD@]REGISTRY/REPOSITORY, with upstream's parameters. It waits until it is kept.
func (c *Client) RequestSnapshot(ctx context.Context, name, url string,
	options SnapshotRequestOptions) (*SnapshotRequest, error) {
	return c.askForSnapshot(ctx, name, url, false, options)
}

// DeleteSnapshot has upstream's control plane delete a snapshot that it keeps at a URL, and waits until
// it has done so. The name of a file has to end with tar.gz.
func (c *Client) DeleteSnapshot(ctx context.Context, name, url string,
	options SnapshotRequestOptions) (*SnapshotRequest, error) {
	return c.askForSnapshot(ctx, name, url, true, options)
}

func (c *Client) askForSnapshot(ctx context.Context, name, url string, remove bool,
	options SnapshotRequestOptions) (*SnapshotRequest, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cURL := call.text(name), call.text(url)
	cOptions := &C.vcluster_snapshot_request_options{
		namespace_name: call.optional(options.Namespace),
		no_wait:        flag(options.NoWait),
	}
	call.prepare(unsafe.Pointer(cOptions), C.sizeof_vcluster_snapshot_request_options)
	var text *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		if remove {
			return C.vcluster_instance_delete_snapshot(client, cName, cURL, cOptions, &text, cError)
		}
		return C.vcluster_instance_request_snapshot(client, cName, cURL, cOptions, &text, cError)
	})
	if err != nil {
		return nil, err
	}
	request := &SnapshotRequest{}
	if err := json.Unmarshal(take(text), request); err != nil {
		return nil, err
	}
	return request, nil
}

// SnapshotRequests lists what upstream's control plane was asked to keep in the last day, the oldest
// first.
func (c *Client) SnapshotRequests(ctx context.Context, name string,
	options InstanceOptions) ([]SnapshotRequest, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.instanceOptions(options)
	var text *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_snapshot_requests(client, cName, cOptions, &text, cError)
	})
	if err != nil {
		return nil, err
	}
	var requests []SnapshotRequest
	if err := json.Unmarshal(take(text), &requests); err != nil {
		return nil, err
	}
	return requests, nil
}

// StoredSnapshot is a snapshot that upstream's control plane has found at a URL.
type StoredSnapshot struct {
	Name    string `json:"name"` // such as that of its file
	URL     string `json:"url"`  // without credentials
	Created string `json:"created"`
}

// StoredSnapshots lists the snapshots at a URL, as upstream's control plane finds them there: its
// folder, prefix or repository is looked at.
func (c *Client) StoredSnapshots(ctx context.Context, name, url string,
	options InstanceOptions) ([]StoredSnapshot, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cURL, cOptions := call.text(name), call.text(url), call.instanceOptions(options)
	var text *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_stored_snapshots(client, cName, cURL, cOptions, &text, cError)
	})
	if err != nil {
		return nil, err
	}
	var stored []StoredSnapshot
	if err := json.Unmarshal(take(text), &stored); err != nil {
		return nil, err
	}
	return stored, nil
}

// RestoreFrom puts a snapshot that upstream's control plane keeps at a URL in the place of the state of
// an upstream virtual cluster, as "vcluster restore" does, and waits until it is ready. What does not
// fit is refused before anything is touched. Once upstream's program has begun it is not stopped: after
// a deadline or a kill the same call completes the work.
func (c *Client) RestoreFrom(ctx context.Context, name, url string, options InstanceOptions) (*Instance, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cURL, cOptions := call.text(name), call.text(url), call.instanceOptions(options)
	var instance *C.vcluster_instance
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_restore_from(client, cName, cURL, cOptions, &instance, cError)
	})
	return takeInstance(instance, err)
}

// Restore puts the state of a snapshot in the place of that of a virtual cluster and waits until it
// is ready. The file is checked whole before anything is touched; a virtual cluster that does not
// exist is made first. After a kill the same call completes the work.
func (c *Client) Restore(ctx context.Context, name, path string, options SnapshotOptions) (*Instance, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cPath := call.text(name), call.optional(path)
	cOptions := call.snapshotOptions(options)
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_snapshot_options)
	var instance *C.vcluster_instance
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_restore(client, cName, cPath, &cOptions, &instance, cError)
	})
	runtime.KeepAlive(options.File)
	return takeInstance(instance, err)
}

// DescribeSnapshot checks a file whole and tells what it is.
func DescribeSnapshot(path string) (*SnapshotInfo, error) {
	var s scope
	defer s.done()
	cPath := s.text(path)
	if s.err != nil {
		return nil, s.err
	}
	var text *C.char
	var cError *C.vcluster_error
	if status := C.vcluster_snapshot_describe(cPath, &text, &cError); status < 0 {
		return nil, failure(status, cError)
	}
	return readSnapshotInfo(take(text))
}

func readSnapshotInfo(text []byte) (*SnapshotInfo, error) {
	info := &SnapshotInfo{}
	if err := json.Unmarshal(text, info); err != nil {
		return nil, err
	}
	return info, nil
}

// Certs tells the certificates of a virtual cluster, sorted by name.
func (c *Client) Certs(ctx context.Context, name string, options InstanceOptions) ([]Certificate, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.instanceOptions(options)
	var text *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_certs(client, cName, cOptions, &text, cError)
	})
	if err != nil {
		return nil, err
	}
	var certificates []Certificate
	if err := json.Unmarshal(take(text), &certificates); err != nil {
		return nil, err
	}
	return certificates, nil
}

// RotateCerts renews the certificates, restarts the control plane and waits until it is ready with
// them.
func (c *Client) RotateCerts(ctx context.Context, name string, options InstanceOptions) (*Instance, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.instanceOptions(options)
	var instance *C.vcluster_instance
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_rotate_certs(client, cName, cOptions, &instance, cError)
	})
	return takeInstance(instance, err)
}
