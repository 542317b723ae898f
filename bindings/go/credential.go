// SPDX-License-Identifier: Apache-2.0

package vcluster

/*
#include "shim.h"
*/
import "C"

import (
	"context"
	"runtime"
	"time"
	"unsafe"
)

// Token is a short-lived token of a service account of a virtual cluster. Close it when it is no
// longer needed: the library's copy of the secret is wiped. It is safe for concurrent use.
type Token struct {
	*object[*C.vcluster_token]
	user    string
	until   string
	expires time.Time
}

// TokenOptions are those of [Client.Token] and [Client.OpenToken].
type TokenOptions struct {
	Namespace               string // as in InstanceOptions
	ServiceAccount          string // "": "libvcluster"
	ServiceAccountNamespace string // in the virtual cluster; "": "kube-system"
	// Create makes what is missing: the service account, and the binding of its role.
	Create        bool
	ClusterRole   string        // with Create: bind the account to this ClusterRole; or else
	Role          string        // to this Role, in RoleNamespace
	RoleNamespace string        // "": that of the service account
	Expiration    time.Duration // ten minutes at least; 0: an hour
	Audiences     []string      // who shall accept the token; none: the API server
	Progress      ProgressFunc
}

// Token gets a short-lived token of a service account of a virtual cluster. What is made for it
// carries a label of this library, by which [Client.RevokeToken] knows it again.
func (c *Client) Token(ctx context.Context, name string, options TokenOptions) (*Token, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.tokenOptions(options)
	var token *C.vcluster_token
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_token(client, cName, cOptions, &token, cError)
	})
	if err != nil {
		return nil, err
	}
	t := &Token{
		object:  newObject(token, func(p *C.vcluster_token) { C.vcluster_token_free(p) }),
		user:    C.GoString(C.vcluster_token_user(token)),
		until:   C.GoString(C.vcluster_token_expires(token)),
		expires: time.Unix(int64(C.vcluster_token_expires_at(token)), 0),
	}
	runtime.AddCleanup(t, collect[*C.vcluster_token], t.object)
	return t, nil
}

// OpenToken makes a client of the virtual cluster as [Client.Open] does, but one that logs in as a
// service account. Its token is renewed before it expires, and when the API server refuses it.
func (c *Client) OpenToken(ctx context.Context, name string, options TokenOptions) (*Client, error) {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	defer call.end()

	cName, cOptions := call.text(name), call.tokenOptions(options)
	var inside *C.vcluster_client
	err = call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_open_token(client, cName, cOptions, &inside, cError)
	})
	if err != nil {
		return nil, err
	}
	return wrapClient(inside), nil
}

func (c *call) tokenOptions(options TokenOptions) *C.vcluster_token_options {
	cOptions := &C.vcluster_token_options{
		namespace_name:            c.optional(options.Namespace),
		service_account:           c.optional(options.ServiceAccount),
		service_account_namespace: c.optional(options.ServiceAccountNamespace),
		create:                    flag(options.Create),
		cluster_role:              c.optional(options.ClusterRole),
		role:                      c.optional(options.Role),
		role_namespace:            c.optional(options.RoleNamespace),
		expiration_s:              C.int64_t(options.Expiration / time.Second),
	}
	if len(options.Audiences) > 0 {
		cOptions.audiences = c.texts(options.Audiences)
	}
	c.prepare(unsafe.Pointer(cOptions), C.sizeof_vcluster_token_options)
	return cOptions
}

// Close wipes the library's copy of the token. It may be called more than once; it always returns
// nil.
func (t *Token) Close() error {
	if t != nil {
		t.close()
	}
	return nil
}

// User is who the token is of: "system:serviceaccount:NAMESPACE:ACCOUNT".
func (t *Token) User() string { return t.user }

// Expires is when it expires.
func (t *Token) Expires() time.Time { return t.expires }

// String does not show the secret.
func (t *Token) String() string {
	return "token of " + t.user + " until " + t.until
}

// Text is the token itself, a secret; nil once it is closed.
func (t *Token) Text() []byte {
	token := t.acquire()
	if token == nil {
		return nil
	}
	defer t.release()
	return []byte(C.GoString(C.vcluster_token_text(token)))
}

// ExecCredential is the answer of an exec credential plugin, as JSON; it holds the token.
// apiVersion is what $KUBERNETES_EXEC_INFO asks for; "": client.authentication.k8s.io/v1.
func (t *Token) ExecCredential(apiVersion string) ([]byte, error) {
	token := t.acquire()
	if token == nil {
		return nil, closedError("token")
	}
	defer t.release()

	var memory scope
	defer memory.done()
	cVersion := memory.optional(apiVersion)
	if memory.err != nil {
		return nil, memory.err
	}
	var text *C.char
	var cError *C.vcluster_error
	status := C.vcluster_token_exec_credential(token, cVersion, &text, &cError)
	return take(text), failure(status, cError)
}

// RevokeOptions are those of [Client.RevokeToken].
type RevokeOptions struct {
	Namespace               string // as in InstanceOptions
	ServiceAccount          string // "": "libvcluster"
	ServiceAccountNamespace string // "": "kube-system"
	MissingOK               bool   // success when there is nothing of ours
	Progress                ProgressFunc
}

// RevokeToken removes what [Client.Token] made for a service account: its bindings and the account
// itself, with which every token of it ends. An account that somebody else made stays, but loses the
// bindings of ours.
func (c *Client) RevokeToken(ctx context.Context, name string, options RevokeOptions) error {
	call, err := c.begin(ctx, options.Progress)
	if err != nil {
		return err
	}
	defer call.end()

	cName := call.text(name)
	cOptions := C.vcluster_token_revoke_options{
		namespace_name:            call.optional(options.Namespace),
		service_account:           call.optional(options.ServiceAccount),
		service_account_namespace: call.optional(options.ServiceAccountNamespace),
		missing_ok:                flag(options.MissingOK),
	}
	call.prepare(unsafe.Pointer(&cOptions), C.sizeof_vcluster_token_revoke_options)
	return call.run(func(client *C.vcluster_client, cError **C.vcluster_error) C.int {
		return C.vcluster_instance_token_revoke(client, cName, &cOptions, cError)
	})
}
