// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
)

// Trees and texts through all that reads and prints YAML and JSON.
var yamlKind = &kind{name: "yaml", share: 20, make: makeYaml, evaluate: evaluateTemplate}

// Prints the tree in every form and reads each back.
const printTree = `{{ $v := .Values.v }}
yaml:{{ toYaml $v }}
json:{{ toJson $v }}
pretty:{{ toPrettyJson $v }}
raw:{{ toRawJson $v }}
again:{{ (dict "v" $v | toYaml | fromYaml).v | toYaml }}
again:{{ toJson (dict "v" $v | toJson | fromJson) }}
indent:{{ toYaml $v | nindent 4 }}
quote:{{ toJson $v | quote }}
print:{{ $v }}`

const prettyTree = `{{ toYamlPretty .Values.v }}
`

const tomlTree = `{{ toToml .Values.v }}
{{ toToml .Values.v | fromToml | toJson }}
`

// Reads a text. The words of errors differ; that there is one may not.
const readText = `{{ define "show" }}{{ if and (kindIs "map" .) (hasKey . "Error") }}error{{ else }}{{ toJson . }}|{{ . }}{{ end }}{{ end -}}
map:{{ template "show" fromYaml .Values.text }}
list:{{ $l := fromYamlArray .Values.text }}{{ if and (eq (len $l) 1) (contains " " (toString (first $l))) }}perhaps an error{{ else }}{{ toJson $l }}{{ end }}`

const readJSON = `{{ define "show" }}{{ if and (kindIs "map" .) (hasKey . "Error") }}error{{ else }}{{ toJson . }}|{{ . }}{{ end }}{{ end -}}
map:{{ template "show" fromJson .Values.text }}
list:{{ $l := fromJsonArray .Values.text }}{{ if and (eq (len $l) 1) (contains " " (toString (first $l))) }}perhaps an error{{ else }}{{ toJson $l }}{{ end }}`

func makeYaml(r *random) pair {
	values := map[string]any{}
	text := printTree
	switch n := r.IntN(100); {
	case n < 55:
		values["v"] = r.tree(4)
	case n < 62:
		values["v"], text = r.tree(3), prettyTree
	case n < 66:
		values["v"], text = r.object(3), tomlTree
	case n < 92:
		values["text"], text = r.yamlText(), readText
	default:
		values["text"], text = r.jsonText(), readJSON
	}
	return pair{labels: []string{"values", "templates/_h.tpl", templateName}, fixed: 2, fields: []string{printValues(values), "", text}}
}

// yamlText is a document in all the ways people write them, and some that nobody should.
func (r *random) yamlText() string {
	var text strings.Builder
	if r.chance(5) {
		text.WriteString(pick(r, "---\n", "%YAML 1.1\n---\n", "# first\n", "\ufeff", "--- # x\n", "\n\n"))
	}
	r.yamlBlock(&text, 0, 3)
	if r.chance(5) {
		text.WriteString(pick(r, "...\n", "---\n", "---\na: 1\n", "# last", "\t", " x"))
	}
	result := text.String()
	if r.chance(10) { // break something
		at := r.IntN(len(result) + 1)
		result = result[:at] + pick(r, " ", "\t", ":", "'", "\"", "[", "}", "\n", "- ", "&", "*", "\\") + result[at:]
	}
	return strings.ToValidUTF8(result, "")
}

func (r *random) yamlBlock(text *strings.Builder, indent, depth int) {
	pad := strings.Repeat(" ", indent)
	if depth == 0 || r.chance(8) {
		fmt.Fprintf(text, "%s%s\n", pad, r.yamlScalar())
		return
	}
	list := r.chance(30)
	for n := 1 + r.IntN(3); n > 0; n-- {
		if r.chance(6) {
			fmt.Fprintf(text, "%s# a comment: here\n", pick(r, "", pad))
		}
		if list {
			text.WriteString(pad + "-")
		} else {
			text.WriteString(pad + r.yamlKey() + pick(r, ":", ":", ":", ":", " :"))
		}
		r.yamlValue(text, indent, depth-1, list)
	}
}

func (r *random) yamlKey() string {
	return pick(r, "a", "b", "c", "key", "1", "true", "null", "1.5", "\"q\"", "'s'", "k k", "x.y", "~", "yes", "0x10", "<<",
		"2024-01-02", "? complex", "-", "é", "[a]", "!!str 5", "&k k", "1e3", "Error", r.word())
}

func (r *random) yamlValue(text *strings.Builder, indent, depth int, list bool) {
	pad := strings.Repeat(" ", indent)
	switch n := r.IntN(20); {
	case n < 9:
		fmt.Fprintf(text, " %s%s\n", r.yamlScalar(), pick(r, "", "", "", "", " # c", "   "))
	case n < 13:
		text.WriteString(pick(r, "", "", "", " &x", " !!map", " # c") + "\n")
		r.yamlBlock(text, indent+pick(r, 1, 2, 2, 2, 2, 4), depth)
	case n < 15:
		fmt.Fprintf(text, " %s\n", r.yamlFlow(depth))
	case n < 17:
		mark := pick(r, "|", ">") + pick(r, "", "", "-", "+", "2", "1-", "3+", "9", "0", " # c")
		fmt.Fprintf(text, " %s\n", mark)
		for i := r.IntN(4); i > 0; i-- {
			fmt.Fprintf(text, "%s%s%s\n", pad, pick(r, "  ", "  ", "   ", "", "    "), pick(r, "line", "", " more", "# no", "x: y", "\ttab", "trailing "))
		}
	case n == 17:
		text.WriteString(pick(r, "\n", " &x\n", " *x\n", " &x v\n", " &y [1]\n", " *y\n", " *none\n"))
	case n == 18:
		if list {
			fmt.Fprintf(text, " %s: %s\n%s  %s: %s\n", r.yamlKey(), r.yamlScalar(), pad, r.yamlKey(), r.yamlScalar())
		} else {
			fmt.Fprintf(text, "\n%s- %s\n%s- %s\n", pad, r.yamlScalar(), pad, r.yamlScalar())
		}
	default:
		fmt.Fprintf(text, " %s\n%s  %s\n", r.word(), pad, r.word())
	}
}

func (r *random) yamlScalar() string {
	text := pickFrom(r, oddTexts)
	if strings.ContainsAny(text, "\n\x00\r") {
		text = r.word()
	}
	switch r.IntN(8) {
	case 0:
		return "\"" + strings.NewReplacer("\\", "\\\\", "\"", "\\\"").Replace(text) + pick(r, "", "\\n", "\\t", "\\x41", "\\u00e9", "\\U0001F600", "\\e", "\\q", "\\ ", "\\\n  x") + "\""
	case 1:
		return "'" + strings.ReplaceAll(text, "'", "''") + pick(r, "", "\n  x", "\n\n  y") + "'"
	case 2:
		return pick(r, "!!str ", "!!int ", "!!float ", "!!bool ", "!!null ", "!!timestamp ", "!custom ", "!!seq ", "!<tag:yaml.org,2002:str> ") + text
	default:
		return text
	}
}

func (r *random) yamlFlow(depth int) string {
	var items []string
	object := r.chance(50)
	for n := r.IntN(4); n > 0; n-- {
		item := pick(r, r.word(), "1", "null", "'q'", "\"d\"", "true", "-1.5e3", "", "~", r.yamlScalar())
		if strings.HasSuffix(item, ":") || strings.HasPrefix(item, "!") { // libyaml takes no colon before a bracket or comma
			item = "x"
		}
		if depth > 0 && r.chance(25) {
			item = r.yamlFlow(depth - 1)
		}
		if object || r.chance(10) {
			item = r.yamlKey() + pick(r, ": ", ": ", ": ", ": ", "") + item
		}
		items = append(items, item)
	}
	inner := strings.Join(items, pick(r, ", ", ",", " , ", ",\n  "))
	if object {
		return "{" + inner + pick(r, "", "", "", ",", "\n ") + "}"
	}
	return "[" + inner + pick(r, "", "", "", ",", "\n ") + "]"
}

// jsonText is JSON, more or less.
func (r *random) jsonText() string {
	text := printValues(map[string]any{"x": r.tree(3)})
	if r.chance(50) {
		text = strings.TrimSuffix(strings.TrimPrefix(text, `{"x":`), "}")
	}
	for n := r.IntN(3); n > 0 && r.chance(60); n-- {
		at := r.IntN(len(text) + 1)
		text = text[:at] + pick(r, " ", "\n", ",", "1", "e5", ".", "-", "\"", "\\", "\\u00e9", "\\ud83d\\ude00", "\\ud800", "[", "]", "{}", "null", "nul", "0", "\t") + text[at:]
	}
	return strings.ToValidUTF8(text, "\ufffd")
}
