// SPDX-License-Identifier: Apache-2.0

package vctest_test

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	vcluster "github.com/libvcluster/libvcluster/bindings/go"
	"github.com/libvcluster/libvcluster/bindings/go/vctest"
)

func TestMain(m *testing.M) { os.Exit(vctest.Main(m)) }

// inside runs one of the tests below that are for another process.
func inside(t *testing.T, test string, environment ...string) (output string, failed bool) {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.v", "-test.run=^"+test+"$")
	command.Env = append(os.Environ(), append(environment, "VCTEST_INSIDE=1")...)
	text, err := command.CombinedOutput()
	return string(text), err != nil
}

func TestSharedIsOneAndExpires(t *testing.T) {
	first := vctest.Shared(t, vctest.WithDistribution(vcluster.Embedded), vctest.WithTTL(time.Hour))
	second := vctest.Shared(t)
	if first.Name != second.Name || first.ExpiresAt.IsZero() || first.Owner != "vctest" {
		t.Errorf("got %+v and %+v", first.Instance, second.Instance)
	}
	version, err := first.Client.ServerVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kubectl := exec.Command("kubectl", "--kubeconfig", second.Kubeconfig(), "version")
	output, err := kubectl.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "Server Version: "+version) {
		t.Errorf("got %s, %v", output, err)
	}
}

// TestInsideFails is for the test after it.
func TestInsideFails(t *testing.T) {
	if os.Getenv("VCTEST_INSIDE") != "" {
		v := vctest.New(t, vctest.WithName("vctest-kept"), vctest.WithDistribution(vcluster.Embedded),
			vctest.WithOptions(func(o *vcluster.EnsureOptions) { o.TTL = 0 }))
		t.Errorf("made %s in %s", v.Name, v.Namespace)
	}
}

func TestFailedTestTellsWhyAndKeepsWhatItUsed(t *testing.T) {
	host := vctest.Client(t)
	output, failed := inside(t, "TestInsideFails", vctest.KeepEnvironment+"=on-failure")
	made := regexp.MustCompile(`made (\S+) in (\S+)`).FindStringSubmatch(output)
	if !failed || made == nil {
		t.Fatal(output)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	defer func() {
		if err := host.Delete(ctx, made[1], vcluster.DeleteOptions{Namespace: made[2]}); err != nil {
			t.Error(err)
		}
	}()
	if !strings.Contains(output, "pod "+made[1]+"-0: Running") {
		t.Errorf("it does not tell of the pod: %s", output)
	}
	left, err := host.Get(ctx, made[1], vcluster.InstanceOptions{Namespace: made[2]})
	if err != nil || left.ExpiresAt.IsZero() {
		t.Errorf("got %+v, %v", left, err)
	}
}

// TestInsideDoes is for the test after it.
func TestInsideDoes(t *testing.T) {
	if os.Getenv("VCTEST_INSIDE") != "" {
		vctest.New(t, vctest.WithDistribution("nonsense"))
	}
}

func TestKeepThatIsNoneIsAnError(t *testing.T) {
	vctest.Client(t) // without a host it is skipped
	output, failed := inside(t, "TestInsideDoes", vctest.KeepEnvironment+"=perhaps")
	if !failed || !strings.Contains(output, "VCTEST_KEEP is 'perhaps'") {
		t.Error(output)
	}
	if !strings.Contains(output, "there are neither pods nor events") {
		t.Error(output)
	}
}

func TestWithoutAHostTestsAreSkipped(t *testing.T) {
	output, failed := inside(t, "TestInsideDoes", vctest.Environment+"=")
	if failed || !strings.Contains(output, "SKIP: TestInsideDoes") {
		t.Error(output)
	}
}
