// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"unsafe"
)

// Ref names one Kubernetes object of any kind.
type Ref struct {
	APIVersion string // such as "apps/v1"
	Kind       string // such as "StatefulSet"
	Namespace  string // "" for cluster-scoped kinds
	Name       string
}

// cRef is a Ref for the library.
type cRef struct {
	apiVersion, kind, namespace, name *C.char
}

func (c *call) ref(ref Ref) cRef {
	return cRef{c.text(ref.APIVersion), c.text(ref.Kind), c.optional(ref.Namespace), c.text(ref.Name)}
}

// GetResource reads one object as JSON.
func (c *Client) GetResource(ctx context.Context, ref Ref) (json.RawMessage, error) {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer call.end()

	r := call.ref(ref)
	var options C.vcluster_call_options
	call.prepare(unsafe.Pointer(&options), C.sizeof_vcluster_call_options)
	var out *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_resource_get(client, r.apiVersion, r.kind, r.namespace, r.name, &options,
			&out, cError)
	})
	return take(out), err
}

// ResourceListOptions are those of [Client.ListResources] and [Client.WatchResources].
type ResourceListOptions struct {
	Namespace     string // "": all
	LabelSelector string // such as "app=vcluster,release"; "": all
	FieldSelector string // such as "metadata.name=dev"; "": all
	MetadataOnly  bool   // only metadata of each object travels
	PageSize      int    // objects a request; 0: 500
}

func (c *call) listOptions(options ResourceListOptions) *C.vcluster_resource_list_options {
	cOptions := &C.vcluster_resource_list_options{
		namespace_name: c.optional(options.Namespace),
		label_selector: c.optional(options.LabelSelector),
		field_selector: c.optional(options.FieldSelector),
		metadata_only:  flag(options.MetadataOnly),
		page_size:      C.int64_t(options.PageSize),
	}
	c.prepare(unsafe.Pointer(cOptions), C.sizeof_vcluster_resource_list_options)
	return cOptions
}

// ResourceList is a list of objects, each as JSON.
type ResourceList struct {
	ResourceVersion string // of the list
	Items           []json.RawMessage
}

// ListResources reads the objects of one kind, page by page.
func (c *Client) ListResources(ctx context.Context, apiVersion, kind string,
	options ResourceListOptions) (*ResourceList, error) {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cVersion, cKind := call.text(apiVersion), call.text(kind)
	cOptions := call.listOptions(options)
	var out *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_resource_list(client, cVersion, cKind, cOptions, &out, cError)
	})
	text := take(out)
	if err != nil {
		return nil, err
	}
	var list struct {
		Metadata struct {
			ResourceVersion string `json:"resourceVersion"`
		} `json:"metadata"`
		Items []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, &Error{Code: ErrProtocol, Message: "the list is not one: " + err.Error()}
	}
	return &ResourceList{list.Metadata.ResourceVersion, list.Items}, nil
}

// ApplyOptions are those of [Client.ApplyResource] and [Client.PatchResource].
type ApplyOptions struct {
	Namespace    string // for namespaced objects that name none themselves; not used for patches
	FieldManager string // "": "libvcluster"
	Force        bool   // take over fields of other managers
	DryRun       bool   // checked by the server, not stored
}

func (c *call) applyOptions(options ApplyOptions) *C.vcluster_resource_apply_options {
	cOptions := &C.vcluster_resource_apply_options{
		namespace_name: c.optional(options.Namespace),
		field_manager:  c.optional(options.FieldManager),
		force:          flag(options.Force),
		dry_run:        flag(options.DryRun),
	}
	c.prepare(unsafe.Pointer(cOptions), C.sizeof_vcluster_resource_apply_options)
	return cOptions
}

// ApplyResource makes one object, or changes it to have the fields of the manifest, by server-side
// apply. The manifest is JSON or YAML. It returns the object as stored.
func (c *Client) ApplyResource(ctx context.Context, manifest []byte,
	options ApplyOptions) (json.RawMessage, error) {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cManifest, cOptions := call.text(string(manifest)), call.applyOptions(options)
	var out *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_resource_apply(client, cManifest, cOptions, &out, cError)
	})
	return take(out), err
}

// PatchResource changes one object by a JSON merge patch (RFC 7386). It returns the object as
// stored.
func (c *Client) PatchResource(ctx context.Context, ref Ref, patch []byte,
	options ApplyOptions) (json.RawMessage, error) {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer call.end()

	r, cPatch, cOptions := call.ref(ref), call.text(string(patch)), call.applyOptions(options)
	var out *C.char
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_resource_patch(client, r.apiVersion, r.kind, r.namespace, r.name, cPatch,
			cOptions, &out, cError)
	})
	return take(out), err
}

// ResourceDeleteOptions are those of [Client.DeleteResource].
type ResourceDeleteOptions struct {
	Propagation string // "Background" (also ""), "Foreground" or "Orphan"
	UID         string // only the object with this uid; "": any
	Wait        bool   // until the object is gone
}

// DeleteResource deletes one object.
func (c *Client) DeleteResource(ctx context.Context, ref Ref, options ResourceDeleteOptions) error {
	call, err := c.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer call.end()

	r := call.ref(ref)
	cOptions := C.vcluster_resource_delete_options{
		propagation: call.optional(options.Propagation),
		uid:         call.optional(options.UID),
		wait:        flag(options.Wait),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_resource_delete_options)
	return call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_resource_delete(client, r.apiVersion, r.kind, r.namespace, r.name,
			&cOptions, cError)
	})
}
