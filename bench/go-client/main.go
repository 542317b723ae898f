// SPDX-License-Identifier: Apache-2.0

// The same as bench/client.c with client-go, without its limiter.
//
// usage: go-client start KUBECONFIG TIMES | gets KUBECONFIG TIMES THREADS
package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "go-client:", err)
		os.Exit(1)
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	must(err)
	return value
}

func newClient(kubeconfig string) *kubernetes.Clientset {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	must(err)
	config.QPS = -1 // no limiter
	config.ContentType = "application/json"
	client, err := kubernetes.NewForConfig(config)
	must(err)
	return client
}

func get(client *kubernetes.Clientset) {
	_, err := client.CoreV1().Namespaces().Get(context.Background(), "default", metav1.GetOptions{})
	must(err)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func start(kubeconfig string, times int) {
	var taken []float64
	for range times {
		begin := time.Now()
		get(newClient(kubeconfig))
		taken = append(taken, milliseconds(time.Since(begin)))
	}
	first := taken[0]
	slices.Sort(taken)
	fmt.Printf("first_ms=%.2f min_ms=%.2f median_ms=%.2f\n", first, taken[0], taken[times/2])
}

func gets(kubeconfig string, times, threads int) {
	client := newClient(kubeconfig)
	get(client)
	begin := time.Now()
	var all sync.WaitGroup
	for range threads {
		all.Go(func() {
			for range times / threads {
				get(client)
			}
		})
	}
	all.Wait()
	count := float64(times / threads * threads)
	fmt.Printf("gets_per_s=%.0f\n", count*1000/milliseconds(time.Since(begin)))
}

func main() {
	switch {
	case len(os.Args) == 4 && os.Args[1] == "start":
		start(os.Args[2], number(os.Args[3]))
	case len(os.Args) == 5 && os.Args[1] == "gets":
		gets(os.Args[2], number(os.Args[3]), number(os.Args[4]))
	default:
		fmt.Fprintln(os.Stderr, "usage: go-client start KUBECONFIG TIMES | gets KUBECONFIG TIMES THREADS")
		os.Exit(2)
	}
}
