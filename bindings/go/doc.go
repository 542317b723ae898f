// SPDX-License-Identifier: Apache-2.0

// Package vcluster manages virtual Kubernetes clusters: it makes, lists, opens and deletes them on
// a host cluster, and reads and writes any Kubernetes object in the host or inside.
//
// It is a thin layer over the C library libvcluster, which must be installed together with its
// pkg-config file; cgo must be on. Everything starts with a [Client]:
//
//	host, err := vcluster.NewClient(vcluster.ClientOptions{})
//	if err != nil {
//		return err
//	}
//	defer host.Close()
//
//	_, err = host.Ensure(ctx, "dev", vcluster.EnsureOptions{Distribution: vcluster.Embedded})
//	if err != nil {
//		return err
//	}
//	dev, err := host.Open(ctx, "dev", vcluster.InstanceOptions{})
//	if err != nil {
//		return err
//	}
//	defer dev.Close()
//
// # Charts
//
// [LoadChart] and [FetchChart] get any Helm chart; [Chart.Template] renders it without a cluster, and
// [Client.InstallRelease], [Client.UpgradeRelease] and their likes manage releases that Helm can take
// over.
//
// # Contexts
//
// Methods that send requests take a context. Its cancellation stops the call and its deadline is
// the call's; a call whose context has no deadline has the one of [ClientOptions].Timeout.
//
// # Errors
//
// Errors are [*Error]. Compare them with the codes by errors.Is(err, vcluster.ErrNotFound); an error
// that the context brought about is context.Canceled or context.DeadlineExceeded as well. The error
// of a callback comes back as it is.
//
// # Lifetime
//
// [Client], [Config], [Chart] and [Tunnel] hold C objects. Close may be called more than once, from
// any goroutine and in any order; calls that are under way are not cut short by it. What was never
// closed is closed when the garbage collector finds it, at some time. Everything else is a plain Go
// value.
package vcluster
