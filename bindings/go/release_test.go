// SPDX-License-Identifier: Apache-2.0

package vcluster_test

import (
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"testing"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
	"github.com/libvcluster/libvcluster/bindings/go/vctest"
)

const hello = "../../examples/charts/hello"

func TestReleaseFromInstallToUninstall(t *testing.T) {
	if _, err := os.Stat(hello); err != nil {
		t.Skipf("%s is not here: this is not a checkout of libvcluster", hello)
	}
	host := vctest.Client(t)
	ctx := within(t)
	chart, err := vcluster.LoadChart(hello)
	if err != nil {
		t.Fatal(err)
	}
	defer chart.Close()
	evening, err := vcluster.ParseConfig([]byte("greeting: Good evening"))
	if err != nil {
		t.Fatal(err)
	}
	defer evening.Close()

	name := "go-" + strings.ToLower(rand.Text()[:6])
	options := vcluster.ReleaseOptions{Namespace: name, CreateNamespace: true}
	query := vcluster.ReleaseQueryOptions{Namespace: name}
	defer func() {
		namespace := vcluster.Ref{APIVersion: "v1", Kind: "Namespace", Name: name}
		_ = host.DeleteResource(ctx, namespace, vcluster.ResourceDeleteOptions{})
	}()

	made, err := host.InstallRelease(ctx, name, chart, options)
	if err != nil {
		t.Fatal(err)
	}
	if made.Name != name || made.Namespace != name || made.Revision != 1 ||
		made.Status != "deployed" || made.ChartName != "hello" || made.LastDeployed.IsZero() ||
		made.Notes == "" || !strings.Contains(made.Manifest, "Hello, world!") {
		t.Errorf("got %+v", made)
	}
	if _, err := host.InstallRelease(ctx, name, chart, options); !errors.Is(err, vcluster.ErrAlreadyExists) {
		t.Errorf("a second time: %v", err)
	}

	options.Config = evening
	changes, err := host.DiffRelease(ctx, name, chart, options)
	if err != nil || len(changes) != 1 || changes[0].Change != "modify" ||
		changes[0].Kind != "ConfigMap" || len(changes[0].Fields) != 1 ||
		string(changes[0].Fields[0].New) != `"Good evening, world!"` {
		t.Errorf("got %+v, %v", changes, err)
	}
	second, err := host.UpgradeRelease(ctx, name, chart, options)
	if err != nil || second.Revision != 2 || !strings.Contains(second.Values, "Good evening") {
		t.Errorf("got %+v, %v", second, err)
	}
	third, err := host.RollbackRelease(ctx, name, 1, options)
	if err != nil || third.Revision != 3 || third.Manifest != made.Manifest {
		t.Errorf("got %+v, %v", third, err)
	}
	history, err := host.ReleaseHistory(ctx, name, query)
	if err != nil || len(history) != 3 || history[0].Status != "superseded" {
		t.Errorf("got %+v, %v", history, err)
	}
	read, err := host.GetRelease(ctx, name, 2, query)
	if err != nil || read.Manifest != second.Manifest {
		t.Errorf("got %+v, %v", read, err)
	}
	if err := host.UninstallRelease(ctx, name, options); err != nil {
		t.Error(err)
	}
	if _, err := host.GetRelease(ctx, name, 0, query); !errors.Is(err, vcluster.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	options.MissingOK = true
	if err := host.UninstallRelease(ctx, name, options); err != nil {
		t.Error(err)
	}
}
