// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// noteProcess starts a program and writes down that it holds a connection; shift makes it another process of the same id.
func noteProcess(t *testing.T, directory string, shift int) *exec.Cmd {
	t.Helper()
	program := exec.Command("sleep", "600")
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = program.Process.Kill()
		_ = program.Wait()
	})
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", program.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	text := string(stat)
	start, err := strconv.Atoi(strings.Fields(text[strings.LastIndex(text, ")")+1:])[19])
	if err != nil {
		t.Fatal(err)
	}
	record := fmt.Sprintf(`{"id":"dev-1","name":"dev","namespace":"team","context":"mine","url":"https://127.0.0.1:4",`+
		`"pid":%d,"processStart":%d,"started":1700000000}`, program.Process.Pid, start+shift)
	if err := os.WriteFile(filepath.Join(directory, "dev-1.json"), []byte(record), 0o600); err != nil {
		t.Fatal(err)
	}
	return program
}

func TestConnectionIsListedAndStopped(t *testing.T) {
	ctx, directory := context.Background(), t.TempDir()
	program := noteProcess(t, directory, 0)
	found, err := Connections(ctx, directory)
	if err != nil || len(found) != 1 {
		t.Fatalf("list: %v, %v", found, err)
	}
	one := found[0]
	if one.ID != "dev-1" || one.Name != "dev" || one.Namespace != "team" || one.Context != "mine" || one.HostContext != "" ||
		one.URL != "https://127.0.0.1:4" || one.PID != program.Process.Pid || one.Started.Unix() != 1700000000 || !one.Alive {
		t.Errorf("not as written: %+v", *one)
	}
	if err := StopConnection(ctx, one.ID, directory); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait()
	if status, ok := program.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGTERM {
		t.Errorf("how it ended: %v", program.ProcessState)
	}
	if err := StopConnection(ctx, one.ID, directory); !errors.Is(err, ErrNotFound) {
		t.Errorf("stop again: %v", err)
	}
}

func TestAnotherProcessIsNoConnection(t *testing.T) {
	directory := t.TempDir()
	program := noteProcess(t, directory, 1)
	found, err := Connections(context.Background(), directory)
	if err != nil || len(found) != 0 {
		t.Fatalf("list: %v, %v", found, err)
	}
	if err := program.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("it was ended: %v", err)
	}
}

func TestStartConnectionChecksItsPort(t *testing.T) {
	client := newFake(t).client(t, ClientOptions{})
	_, err := client.StartConnection(context.Background(), "dev", StartConnectionOptions{LocalPort: 70000,
		StateDirectory: t.TempDir()})
	if !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("port 70000: %v", err)
	}
}
