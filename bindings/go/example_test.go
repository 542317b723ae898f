// SPDX-License-Identifier: Apache-2.0

package vcluster_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
)

// Make a virtual cluster, use it, delete it.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	host, err := vcluster.NewClient(vcluster.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()

	_, err = host.Ensure(ctx, "dev", vcluster.EnsureOptions{Distribution: vcluster.Embedded})
	if err != nil {
		log.Fatal(err)
	}
	dev, err := host.Open(ctx, "dev", vcluster.InstanceOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer dev.Close()

	manifest := []byte(`{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "blue"}}`)
	if _, err := dev.ApplyResource(ctx, manifest, vcluster.ApplyOptions{}); err != nil {
		log.Fatal(err)
	}
	if err := host.Delete(ctx, "dev", vcluster.DeleteOptions{}); err != nil {
		log.Fatal(err)
	}
}

// Follow a creation, and give up on an image that cannot be pulled.
func ExampleClient_Create() {
	host, err := vcluster.NewClient(vcluster.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	config, err := vcluster.NewConfig()
	if err != nil {
		log.Fatal(err)
	}
	defer config.Close()
	if err := config.Set("controlPlane.distro.k8s.version", "1.34"); err != nil {
		log.Fatal(err)
	}

	_, err = host.Create(context.Background(), "dev", vcluster.EnsureOptions{
		Namespace:    "team-a",
		Distribution: vcluster.Embedded,
		Config:       config,
		Progress: func(p vcluster.Progress) error {
			if p.Step != vcluster.StepTick {
				fmt.Println(p.Step, p.Object, p.Message)
			}
			return nil
		},
	})
	var failure *vcluster.Error
	if errors.As(err, &failure) && failure.Reason == "ImagePullBackOff" {
		fmt.Println("load the image first:", failure.Message)
	}
}

func ExampleClient_All() {
	host, err := vcluster.NewClient(vcluster.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	for instance, err := range host.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(instance.Namespace, instance.Name, instance.Status)
	}
}

// Give another program a way in, by a kubeconfig that nobody else can read.
func ExampleClient_OpenTunnel() {
	ctx := context.Background()
	host, err := vcluster.NewClient(vcluster.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	tunnel, err := host.OpenTunnel(ctx, "dev", vcluster.TunnelOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer tunnel.Close()

	kubeconfig, err := tunnel.Kubeconfig()
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.CreateTemp("", "kubeconfig-") // mode 0600
	if err != nil {
		log.Fatal(err)
	}
	defer os.Remove(file.Name())
	_, err = file.Write(kubeconfig)
	if err = errors.Join(err, file.Close()); err != nil {
		log.Fatal(err)
	}
	output, err := exec.CommandContext(ctx, "kubectl", "--kubeconfig", file.Name(), "get", "ns").Output()
	fmt.Printf("%s%v\n", output, err)
}

// See where a virtual cluster can be reached, and why not elsewhere.
func ExampleClient_StartConnection() {
	ctx := context.Background()
	host, err := vcluster.NewClient(vcluster.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	// The tunnel outlives this program: a process of vcl holds it until it is stopped or the virtual cluster goes.
	held, err := host.StartConnection(ctx, "dev", vcluster.StartConnectionOptions{Program: "/usr/bin/vcl"})
	if err != nil {
		log.Fatal(err)
	}
	kubeconfig, err := host.Kubeconfig(ctx, "dev", vcluster.KubeconfigOptions{Server: held.URL})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d bytes for kubectl; it ends by StopConnection(ctx, %q, \"\")\n", len(kubeconfig), held.ID)
}

func ExampleClient_Endpoint() {
	ctx := context.Background()
	host, err := vcluster.NewClient(vcluster.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	way, err := host.Endpoint(ctx, "dev", vcluster.EndpointOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("dev is reached by", way.Kind, way.URL)
	for _, candidate := range way.Candidates {
		if candidate.Reason != "" {
			fmt.Println("  not by", candidate.Kind, candidate.URL, "because", candidate.Reason)
		}
	}
}

func ExampleClient_WatchResources() {
	host, err := vcluster.NewClient(vcluster.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	options := vcluster.ResourceListOptions{LabelSelector: "app=vcluster"}
	for event, err := range host.WatchResources(context.Background(), "v1", "Pod", options) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(event.Type, len(event.Object), "bytes")
	}
}

// Install a chart, see what other values would change, upgrade, uninstall.
func ExampleClient_InstallRelease() {
	ctx := context.Background()
	host, err := vcluster.NewClient(vcluster.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	chart, err := vcluster.FetchChart(ctx, "./charts/hello", vcluster.FetchOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer chart.Close()
	values, err := vcluster.ParseConfig([]byte("greeting: Good evening"))
	if err != nil {
		log.Fatal(err)
	}
	defer values.Close()

	options := vcluster.ReleaseOptions{Namespace: "team-a", CreateNamespace: true}
	if _, err := host.InstallRelease(ctx, "hello", chart, options); err != nil {
		log.Fatal(err)
	}
	options.Config = values
	changes, err := host.DiffRelease(ctx, "hello", chart, options)
	if err != nil {
		log.Fatal(err)
	}
	for _, change := range changes {
		fmt.Println(change.Change, change.Kind, change.Name)
	}
	release, err := host.UpgradeRelease(ctx, "hello", chart, options)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(release.Revision, release.Status)
	if err := host.UninstallRelease(ctx, "hello", options); err != nil {
		log.Fatal(err)
	}
}

func ExampleConfig() {
	config, err := vcluster.ParseConfig([]byte("sync: {toHost: {pods: {enabled: true}}}"))
	if err != nil {
		log.Fatal(err)
	}
	defer config.Close()
	if err := config.Set("controlPlane.distro.k8s.version", "1.35.4"); err != nil {
		log.Fatal(err)
	}
	text, err := config.YAML()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(text))
	// Output:
	// controlPlane:
	//   distro:
	//     k8s:
	//       version: 1.35.4
	// sync:
	//   toHost:
	//     pods:
	//       enabled: true
}

func ExampleNewFakeClient() {
	host, err := vcluster.NewFakeClient(vcluster.FakeOptions{
		Faults: []vcluster.Fault{{Method: "PATCH", At: 3, Status: 503, RetryAfter: 1}},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer host.Close()
	made, err := host.Ensure(context.Background(), "team-a", vcluster.EnsureOptions{Distribution: "embedded"})
	if err != nil {
		log.Fatal(err)
	}
	requests, err := host.Requests(false)
	if err != nil {
		log.Fatal(err)
	}
	failed := 0
	for _, request := range requests {
		if request.Status == 503 {
			failed++
		}
	}
	fmt.Println(made.Name, "is made;", failed, "request failed on the way")
	// Output: team-a is made; 1 request failed on the way
}

func ExampleError() {
	_, err := vcluster.LoadConfig("/nowhere/vcluster.yaml")
	var failure *vcluster.Error
	fmt.Println(errors.Is(err, vcluster.ErrNotFound), errors.As(err, &failure), failure.Code.String())
	// Output: true true NOT_FOUND
}
