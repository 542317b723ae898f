// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/release"
)

// Whole charts with subcharts, through everything that `helm template` does.
var chartKind = &kind{name: "chart", share: 3, make: makeChart, evaluate: evaluateChart}

// packed is the archive of a chart. Fields: values, then names and texts of files.
func packed(fields []string) []byte {
	var data bytes.Buffer
	zipped := gzip.NewWriter(&data)
	archive := tar.NewWriter(zipped)
	for i := 1; i+1 < len(fields); i += 2 {
		_ = archive.WriteHeader(&tar.Header{Name: "top/" + fields[i], Mode: 0o644, Size: int64(len(fields[i+1])), Typeflag: tar.TypeReg})
		_, _ = io.WriteString(archive, fields[i+1])
	}
	_ = archive.Close()
	_ = zipped.Close()
	return data.Bytes()
}

func packFields(fields []string) []string {
	return []string{fields[0], string(packed(fields))}
}

func evaluateChart(p pair) (result answer) {
	defer func() {
		if reason := recover(); reason != nil {
			result = answer{failed, fmt.Sprint(reason)}
		}
	}()
	c, err := loader.LoadArchive(bytes.NewReader(packed(p.fields)))
	if err != nil {
		return answer{failed, err.Error()}
	}
	if kind := c.Metadata.Type; kind != "" && kind != "application" { // the check of the command
		return answer{failed, kind + " charts are not installable"}
	}
	install := action.NewInstall(&action.Configuration{Log: func(string, ...any) {}})
	install.ClientOnly, install.DryRun, install.Replace = true, true, true
	install.ReleaseName, install.Namespace = "rel", "ns"
	install.KubeVersion = &chartutil.KubeVersion{Version: "v1.35.4", Major: "1", Minor: "35"}
	made, err := install.Run(c, parseValues(p.fields[0]))
	if err != nil {
		return answer{failed, err.Error()}
	}
	return answer{accepted, printRelease(made)}
}

// printRelease is the form in which `helm template` prints.
func printRelease(made *release.Release) string {
	var text strings.Builder
	fmt.Fprintln(&text, strings.TrimSpace(made.Manifest))
	for _, hook := range made.Hooks {
		fmt.Fprintf(&text, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
	}
	return text.String()
}

func makeChart(r *random) pair {
	p := pair{labels: []string{"values"}, encode: packFields}
	add := func(name, text string) {
		p.labels = append(p.labels, "name", "file")
		p.fields = append(p.fields, name, text)
	}
	p.fields = []string{""}
	r.chart(add, "top", "", 2)
	values := r.chartValues(2)
	if r.chance(20) {
		values["tags"] = map[string]any{"t1": r.chance(50), "t2": r.chance(50)}
	}
	p.fields[0] = printValues(values)
	return p
}

// chartValues are made so that those of users, charts and parents meet.
func (r *random) chartValues(depth int) map[string]any {
	values := map[string]any{}
	for n := r.IntN(5); n > 0; n-- {
		values[pick(r, "a", "b", "enabled", "m", "exports", "list")] = pick[any](r, nil, "x", 1.0, true, false, []any{1.0, nil}, map[string]any{"a": 1.0, "b": nil}, map[string]any{"b": map[string]any{"c": "d", "n": nil}}, map[string]any{})
	}
	if r.chance(30) {
		values["global"] = pick[any](r, nil, map[string]any{"g": r.word(), "n": nil}, map[string]any{"g": map[string]any{"h": 1.0}}, "x")
	}
	for _, name := range []string{"s1", "s2", "alias"} {
		if depth > 0 && r.chance(50) {
			values[name] = r.chartValues(depth - 1)
		} else if r.chance(8) {
			values[name] = pick[any](r, nil, "x", []any{})
		}
	}
	if r.chance(30) {
		values["exports"] = map[string]any{"data": map[string]any{"imported": r.word(), "a": "from child"}}
	}
	return values
}

const dumpValues = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Chart.Name }}-{{ .Release.Name }}
data:
  values: {{ toJson .Values | quote }}
  chart: {{ toJson .Chart | quote }}
  template: {{ .Template.Name }} {{ .Template.BasePath }}
  release: {{ toJson .Release | quote }}
  files: {{ range $name, $_ := .Files }}{{ $name }} {{ end }}
  subcharts: {{ range $name, $c := .Subcharts }}{{ $name }}={{ toJson $c.Values | squote }} {{ end }}
  include: {{ include "shared" . }}
`

func (r *random) chart(add func(name, text string), name, folder string, depth int) {
	var meta strings.Builder
	fmt.Fprintf(&meta, "apiVersion: %s\nname: %s\nversion: %s\n", pick(r, "v2", "v2", "v2", "v1"), name, pick(r, "1.2.3", "0.1.0", "1.0.0-rc.1+x", "v2.0.0", "1.2"))
	meta.WriteString(pick(r, "", "", "appVersion: \"1.0\"\n", "appVersion: 1.10\n", "type: application\n", "description: text\nkeywords: [a, b]\n", "type: library\n", "kubeVersion: \">=1.20.0-0\"\n", "annotations:\n  k: v\n", "kubeVersion: \">=1.99\"\n"))
	var children []string
	if depth > 0 {
		children = pick(r, nil, []string{"s1"}, []string{"s1", "s2"})
	}
	if len(children) > 0 && r.chance(75) {
		meta.WriteString("dependencies:\n")
		for _, child := range children {
			fmt.Fprintf(&meta, "- name: %s\n  version: \"*\"\n  repository: \"\"\n", child)
			meta.WriteString(pick(r, "", "", "  condition: "+child+".enabled\n", "  condition: none.x,"+child+".enabled,enabled\n", "  condition: enabled\n"))
			meta.WriteString(pick(r, "", "", "", "  tags: [t1]\n", "  tags: [t1, t2]\n"))
			meta.WriteString(pick(r, "", "", "", "  alias: alias\n"))
			meta.WriteString(pick(r, "", "", "", "  import-values: [data]\n", "  import-values:\n  - child: m\n    parent: imported\n  - child: exports.data\n    parent: .\n", "  import-values: [none]\n"))
			if r.chance(8) {
				fmt.Fprintf(&meta, "- name: %s\n  version: \"*\"\n  repository: \"\"\n  alias: other\n", child)
			}
		}
	}
	add(folder+"Chart.yaml", meta.String())
	if r.chance(90) {
		add(folder+"values.yaml", printValues(r.chartValues(1)))
	}
	if r.chance(10) {
		add(folder+"values.schema.json", pick(r, `{"type":"object"}`, `{"properties":{"a":{"type":["string","null","number"]}}}`, `{"required":["a"]}`, `{"properties":{"m":{"type":"object"}}}`))
	}
	if r.chance(20) {
		add(folder+pick(r, "README.md", "config/x.txt", "crds/crd.yaml", "LICENSE", "templates/NOTES.txt", ".helmignore"), "text\n")
	}
	add(folder+"templates/_helpers.tpl", fmt.Sprintf("{{ define \"shared\" }}from %s %s{{ end }}", name, folder))
	add(folder+"templates/values.yaml", dumpValues)
	for n := r.IntN(3); n > 0; n-- {
		add(fmt.Sprintf("%stemplates/%s%d.yaml", folder, pick(r, "a", "z", "sub/m", "_no"), n), r.manifest())
	}
	for _, child := range children {
		r.chart(add, child, folder+"charts/"+child+"/", depth-1)
	}
}

// manifest is some documents, hooks among them, cut apart and ordered in odd ways.
func (r *random) manifest() string {
	var text strings.Builder
	for n := 1 + r.IntN(3); n > 0; n-- {
		text.WriteString(pick(r, "---\n", "---\n", "\n---\n", "--- # x\n", "", "# only a comment\n---\n", "  ---\n", "---\n---\n", "--- \n"))
		text.WriteString(pick(r, "", "# c\n", "\n\n"))
		kind := pick(r, "ConfigMap", "Secret", "Service", "Deployment", "Namespace", "ClusterRole", "Job", "Pod", "Own", "CustomResourceDefinition", "Ingress", "APIService", "ServiceAccount", "StatefulSet", "RoleBinding", "PriorityClass")
		fmt.Fprintf(&text, "apiVersion: v1\nkind: %s\nmetadata:\n  name: %s%s\n", kind, pick(r, "a", "b", "x", "rel"), pick(r, "", "-{{ .Release.Name }}", "-1"))
		if r.chance(35) {
			fmt.Fprintf(&text, "  annotations:\n    helm.sh/hook: %s\n", pick(r, "pre-install", "post-install", "test", "pre-delete,post-delete", "pre-upgrade", "crd-install", "nope", "\"post-install, test\"", "test-success"))
			text.WriteString(pick(r, "", "", "    helm.sh/hook-weight: \"-5\"\n", "    helm.sh/hook-weight: \"10\"\n", "    helm.sh/hook-weight: \"x\"\n", "    helm.sh/hook-delete-policy: hook-succeeded\n"))
		}
		text.WriteString(pick(r, "", "data:\n  k: v\n", "{{ if .Values.a }}data: {{ toYaml .Values.a | nindent 2 }}\n{{ end }}", "spec:\n  text: |\n    a\n    ---\n    b\n\n", "x: [\n", "  \n", "data: null\n# end\n"))
	}
	return text.String()
}
