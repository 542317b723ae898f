// SPDX-License-Identifier: Apache-2.0

package vcluster

import (
	"errors"
	"strings"
	"testing"
)

func TestRightsAreARole(t *testing.T) {
	yaml, err := Rights("list connect", RightsOptions{Namespace: "team", RoleName: "reader", ServiceAccount: "bot"})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"kind: Role\n", "kind: RoleBinding\n", "name: reader\n", "name: bot\n", "pods/portforward"} {
		if !strings.Contains(yaml, part) {
			t.Errorf("%q is not in %s", part, yaml)
		}
	}
	if _, err := Rights("lst", RightsOptions{}); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
}
