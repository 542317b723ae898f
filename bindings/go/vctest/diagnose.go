// SPDX-License-Identifier: Apache-2.0

package vctest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
)

// kept says whether virtual clusters are to be left behind.
func kept(failed bool) (bool, error) {
	switch keep := os.Getenv(KeepEnvironment); keep {
	case "", "never":
		return false, nil
	case "on-failure":
		return failed, nil
	case "always":
		return true, nil
	default:
		return false, fmt.Errorf("%s is '%s': use never, on-failure or always", KeepEnvironment, keep)
	}
}

type containerStatus struct {
	Name         string
	Ready        bool
	RestartCount int
	State        map[string]struct {
		Reason, Message string
		ExitCode        int
	}
}

type pod struct {
	Metadata struct{ Name string }
	Status   struct {
		Phase                 string
		InitContainerStatuses []containerStatus
		ContainerStatuses     []containerStatus
	}
}

type event struct {
	Type, Reason, Message string
	InvolvedObject        struct{ Kind, Name string }
}

// diagnose tells what the host says about a namespace: pods, logs of those that are not ready,
// events.
func diagnose(host *vcluster.Client, namespace string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var text strings.Builder
	err := each(ctx, host, namespace, "Pod", func(one pod) { describe(ctx, &text, host, namespace, one) })
	if err != nil {
		fmt.Fprintf(&text, "pods are not known: %v\n", err)
	}
	err = each(ctx, host, namespace, "Event", func(e event) {
		about := e.InvolvedObject
		fmt.Fprintf(&text, "%s %s %s/%s: %s\n", e.Type, e.Reason, about.Kind, about.Name, e.Message)
	})
	if err != nil {
		fmt.Fprintf(&text, "events are not known: %v\n", err)
	}
	if text.Len() == 0 {
		return "there are neither pods nor events in " + namespace
	}
	return text.String()
}

func each[T any](ctx context.Context, host *vcluster.Client, namespace, kind string,
	handle func(T)) error {
	list, err := host.ListResources(ctx, "v1", kind,
		vcluster.ResourceListOptions{Namespace: namespace})
	if err != nil {
		return err
	}
	for _, item := range list.Items {
		var one T
		if err := json.Unmarshal(item, &one); err != nil {
			return err
		}
		handle(one)
	}
	return nil
}

func describe(ctx context.Context, text *strings.Builder, host *vcluster.Client, namespace string,
	one pod) {
	name := one.Metadata.Name
	fmt.Fprintf(text, "pod %s: %s\n", name, one.Status.Phase)
	for _, c := range append(one.Status.InitContainerStatuses, one.Status.ContainerStatuses...) {
		for kind, state := range c.State {
			fmt.Fprintf(text, "  %s: %s %s %s, restarts: %d\n", c.Name, kind, state.Reason,
				state.Message, c.RestartCount)
		}
		if c.Ready {
			continue
		}
		tail, log := 40, bytes.Buffer{}
		options := vcluster.LogOptions{Namespace: namespace, Container: c.Name, Tail: &tail}
		if err := host.PodLogs(ctx, name, &log, options); err != nil {
			continue // it has not begun: its state says why
		}
		for line := range strings.Lines(log.String()) {
			fmt.Fprintf(text, "    | %s", line)
		}
	}
}
