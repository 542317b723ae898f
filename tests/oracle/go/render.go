// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

const (
	templateName = "templates/t.yaml"
	templatePath = "c/" + templateName
)

// Helm logs warnings; they are no part of a result.
func silence() {
	log.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// render runs files (name and text in turn) on values; the result is the output of templates/t.yaml.
func render(values any, files ...string) answer {
	c := &chart.Chart{Metadata: &chart.Metadata{Name: "c", Version: "0.1.0", APIVersion: "v2"}}
	for i := 0; i+1 < len(files); i += 2 {
		c.Templates = append(c.Templates, &chart.File{Name: files[i], Data: []byte(files[i+1])})
	}
	if tree, ok := values.(map[string]any); ok {
		values = chartutil.Values(tree)
	}
	output, err := engine.Engine{}.Render(c, chartutil.Values{"Values": values})
	if err == nil {
		return answer{accepted, output[templatePath]}
	}
	if strings.HasPrefix(err.Error(), "parse error ") {
		return answer{parseFailed, err.Error()}
	}
	return answer{failed, err.Error()}
}

// parseValues reads values as they come from a file: every number is a float64.
func parseValues(text string) map[string]any {
	values := map[string]any{}
	if json.Unmarshal([]byte(text), &values) != nil || values == nil {
		return map[string]any{}
	}
	return values
}

func printValues(values map[string]any) string {
	text, _ := json.Marshal(values)
	return string(text)
}

func evaluateTemplate(p pair) answer {
	return render(parseValues(p.fields[0]), "templates/_h.tpl", p.fields[1], templateName, p.fields[2])
}
