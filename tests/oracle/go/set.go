// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"helm.sh/helm/v3/pkg/strvals"
)

// Arguments of --set and its relatives.
var setKind = &kind{name: "set", share: 12, make: makeSet, evaluate: evaluateSet}

// What is there afterwards, with the kind of each value.
const showValues = `{{ define "kinds" }}{{ kindOf . }} {{ if kindIs "map" . }}{ {{- range $k, $v := . }}{{ $k }}:{{ if kindIs "invalid" $v }}nil{{ else }}{{ template "kinds" $v }}{{ end }} {{ end }}}` +
	`{{ else if kindIs "slice" . }}[ {{- range . }}{{ if kindIs "invalid" . }}nil{{ else }}{{ template "kinds" . }}{{ end }} {{ end }}]{{ else }}{{ . }}{{ end }}{{ end -}}
{{ toJson .Values }}
{{ template "kinds" .Values }}`

func makeSet(r *random) pair {
	base := map[string]any{}
	if r.chance(60) {
		base = map[string]any{"a": r.word(), "b": map[string]any{"c": 1.0, "a": nil}, "l": []any{1.0, map[string]any{"a": "x"}, []any{2.0}}, "n": nil, "e": []any{}}
	}
	p := pair{fixed: 1, labels: []string{"values", "template"}, fields: []string{printValues(base), showValues}}
	for n := 1 + r.IntN(2); n > 0; n-- {
		mode := pick(r, "set", "set", "set", "string", "json", "literal")
		p.labels = append(p.labels, "mode", "expression")
		p.fields = append(p.fields, mode, r.setExpression(mode, r.chance(60)))
	}
	return p
}

// setExpression is one argument; a calm one makes sense.
func (r *random) setExpression(mode string, calm bool) string {
	var parts []string
	for n := 1 + r.IntN(3); n > 0; n-- {
		parts = append(parts, r.setPath(2, calm)+pick(r, "=", "=", "=", "=", "=", "=", "= ", "==", "", " =")+r.setValue(mode))
	}
	text := strings.Join(parts, pick(r, ",", ",", ",", ", ", ",,"))
	if r.chance(8) && !calm {
		at := r.IntN(len(text) + 1)
		text = text[:at] + pick(r, ",", "=", "{", "}", "[", "]", ".", "\\", " ", "null", "\"", "\n") + text[at:]
	}
	return strings.ToValidUTF8(text, "")
}

func (r *random) setPath(depth int, calm bool) string {
	if calm {
		text := pick(r, "a", "b", "l", "c", "d.e", "b.c", "x\\.y", "k 1", "é", "l[0]", "l[1].a", "l[2][0]", "l[3]", "new[1]", "new[0].x", "d[0][1]", "é.\\,")
		if depth > 0 && r.chance(20) {
			text += "." + r.setPath(depth-1, calm)
		}
		return text
	}
	text := pick(r, "a", "b", "l", "n", "e", "c", "a", "b", "x\\.y", "x\\,y", "k 1", "", "é", "\\a", "a\\=b", "a\\[0\\]", "0", "true", "\"q\"")
	for r.chance(25) {
		text += pick(r, "[0]", "[1]", "[2]", "[3]", "[-1]", "[x]", "[]", "[65537]", "[1", "[ 1 ]", "[00]", "[1]x")
	}
	if depth > 0 && r.chance(40) {
		text += "." + r.setPath(depth-1, calm)
	}
	return text
}

func (r *random) setValue(mode string) string {
	if mode == "json" && r.chance(80) {
		text := printValues(map[string]any{"x": r.tree(2)})
		return strings.TrimSuffix(strings.TrimPrefix(text, `{"x":`), "}")
	}
	scalar := func() string {
		return pick(r, "1", "x", "true", "FALSE", "null", "Null", "0", "-1", "007", "1.5", "9223372036854775807", "9223372036854775808", "", "a b", " x", "x ", "é", "\\,", "a\\,b",
			"a=b", "\\{", "a\\nb", "+1", "1e3", "0x10", "nil", "~", "\"q\"", "'q'", "a.b", "a[0]", "0.0", "-0", "00", "1_000", "True", "tRUE", "\\", "\\\\", "*", "[1]", r.word())
	}
	if r.chance(20) {
		var items []string
		for n := r.IntN(4); n > 0; n-- {
			items = append(items, scalar())
		}
		return "{" + strings.Join(items, pick(r, ",", ",", ", ")) + pick(r, "}", "}", "}", "}", "", "}x", "},")
	}
	return scalar()
}

func evaluateSet(p pair) (result answer) {
	values := parseValues(p.fields[0])
	defer func() {
		if reason := recover(); reason != nil {
			result = answer{failed, fmt.Sprint(reason)}
		}
	}()
	for i := 2; i+1 < len(p.fields); i += 2 {
		var err error
		switch expression := p.fields[i+1]; p.fields[i] {
		case "set":
			err = strvals.ParseInto(expression, values)
		case "string":
			err = strvals.ParseIntoString(expression, values)
		case "json":
			err = strvals.ParseJSON(expression, values)
		case "literal":
			err = strvals.ParseLiteralInto(expression, values)
		}
		if err != nil {
			return answer{failed, err.Error()}
		}
	}
	return render(values, templateName, p.fields[1])
}
