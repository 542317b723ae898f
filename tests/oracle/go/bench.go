// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
)

// bench renders a chart with Helm's packages, as often as asked, and prints what bench/render reads.
func bench(path string, times int) error {
	begin := time.Now()
	chart, err := loader.Load(path)
	if err != nil {
		return err
	}
	loaded := time.Since(begin)
	taken := make([]float64, times)
	for i := range taken {
		start := time.Now()
		install := action.NewInstall(&action.Configuration{Log: func(string, ...any) {}})
		install.ClientOnly, install.DryRun, install.Replace = true, true, true
		install.ReleaseName, install.Namespace = "bench", "default"
		install.KubeVersion = &chartutil.KubeVersion{Version: "v1.35.4", Major: "1", Minor: "35"}
		if _, err := install.Run(chart, map[string]any{}); err != nil {
			return err
		}
		taken[i] = time.Since(start).Seconds() * 1e3
	}
	slices.Sort(taken)
	peak := "?"
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := strings.Cut(string(text), "VmHWM:")
		peak, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
	}
	fmt.Printf("load_ms=%.3f median_ms=%.3f min_ms=%.3f peak_kib=%s\n", loaded.Seconds()*1e3, taken[times/2], taken[0], peak)
	return nil
}
