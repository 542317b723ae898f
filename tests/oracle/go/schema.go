// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"

	"helm.sh/helm/v3/pkg/chartutil"
)

// Schemas and values: whether they are accepted.
var schemaKind = &kind{name: "schema", share: 10, make: makeSchema, evaluate: evaluateSchema}

func evaluateSchema(p pair) answer {
	err := chartutil.ValidateAgainstSingleSchema(parseValues(p.fields[1]), []byte(p.fields[0]))
	switch {
	case err == nil:
		return answer{accepted, ""}
	case isViolation(err):
		return answer{failed, err.Error()}
	default:
		return answer{parseFailed, err.Error()}
	}
}

func isViolation(err error) bool {
	_, is := err.(chartutil.JSONSchemaValidationError)
	return is
}

var dialects = []string{
	"http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-04/schema#",
	"http://json-schema.org/draft-06/schema#", "https://json-schema.org/draft/2019-09/schema", "http://json-schema.org/schema#",
}

func makeSchema(r *random) pair {
	schema := map[string]any{"type": "object", "properties": map[string]any{}}
	if r.chance(60) {
		schema["$schema"] = pickFrom(r, dialects)
	}
	definitions := map[string]any{}
	for _, name := range []string{"one", "two"} {
		definitions[name] = r.schema(1, false)
	}
	for name, value := range r.schema(3, true).(map[string]any) {
		schema[name] = value
	}
	if r.chance(60) {
		schema["properties"] = r.properties(2, true)
	}
	schema["$defs"], schema["definitions"] = definitions, definitions
	text, _ := json.Marshal(schema)
	values := map[string]any{}
	for n := r.IntN(4); n > 0; n-- {
		values[r.property()] = r.instance(2)
	}
	return pair{labels: []string{"values.schema.json", "values"}, fields: []string{string(text), printValues(values)}}
}

func (r *random) property() string {
	return pick(r, "a", "b", "c", "name", "x-y", "é", "a/b", "n1")
}

func (r *random) instance(depth int) any {
	switch r.IntN(9) {
	case 0:
		return nil
	case 1:
		return r.chance(50)
	case 2, 3:
		return pick(r, 0.0, 1, 2, -1, 1.5, 3, 10, 100, 0.1, 1e21, 4.5, 1000000, 0.3)
	case 4, 5:
		return pick(r, "", "a", "abc", "foo", "é", "日本語", "1.2.3.4", "a@b.c", "2024-01-02", "x-1", "😀", "true", "::1", "http://x/", "10:00:00Z", r.word())
	case 6:
		list := []any{}
		for n := r.IntN(4); n > 0 && depth > 0; n-- {
			list = append(list, r.instance(depth-1))
		}
		return list
	default:
		object := map[string]any{}
		for n := r.IntN(3); n > 0 && depth > 0; n-- {
			object[r.property()] = r.instance(depth - 1)
		}
		return object
	}
}

func (r *random) properties(depth int, references bool) map[string]any {
	properties := map[string]any{}
	for n := 1 + r.IntN(3); n > 0; n-- {
		properties[r.property()] = r.schema(depth, references)
	}
	return properties
}

func (r *random) list(depth int, references bool) []any {
	list := []any{}
	for n := 1 + r.IntN(3); n > 0; n-- {
		list = append(list, r.schema(depth, references))
	}
	return list
}

func (r *random) names() []any {
	list := []any{}
	seen := map[string]bool{}
	for n := r.IntN(3); n > 0; n-- {
		if name := r.property(); !seen[name] || r.chance(5) {
			list, seen[name] = append(list, name), true
		}
	}
	return list
}

// schema has a handful of keywords; now and then one has a value that it may not have.
func (r *random) schema(depth int, references bool) any {
	if r.chance(5) && depth < 3 {
		return r.chance(70)
	}
	schema := map[string]any{}
	for n := 1 + r.IntN(3); n > 0; n-- {
		r.keyword(schema, depth, references)
	}
	if r.chance(2) {
		schema[pick(r, "type", "required", "minimum", "properties", "items", "enum", "pattern", "allOf", "maxLength", "$ref")] = pick[any](r, 1, "x", nil, -1, []any{}, map[string]any{}, "(", "nope", []any{1}, "#/$defs/none", 1.5, []any{"a", "a"})
	}
	return schema
}

func (r *random) keyword(schema map[string]any, depth int, references bool) {
	small := func() any { return pick[any](r, 0, 1, 2, 3, 5, 2.0) }
	amount := func() any { return pick[any](r, 0, 1, -1, 1.5, 10, 100, 0.5, 1e21) }
	types := []any{"string", "number", "integer", "boolean", "null", "array", "object"}
	if depth <= 0 || r.chance(55) {
		switch r.IntN(20) {
		case 0, 1, 2:
			schema["type"] = pickFrom(r, types)
		case 3:
			schema["type"] = []any{types[r.IntN(3)], types[3+r.IntN(4)]}
		case 4:
			schema["enum"] = []any{r.instance(1), r.instance(1), 1, "a"}
		case 5:
			schema["const"] = r.instance(1)
		case 6:
			schema["minimum"] = amount()
		case 7:
			schema["maximum"] = amount()
		case 8:
			if r.chance(30) {
				schema["exclusiveMinimum"] = r.chance(50)
			} else {
				schema[pick(r, "exclusiveMinimum", "exclusiveMaximum")] = amount()
			}
		case 9:
			schema["multipleOf"] = pick[any](r, 1, 2, 0.1, 0.5, 3, 1.5, 0.01)
		case 10:
			schema["minLength"] = small()
		case 11:
			schema["maxLength"] = small()
		case 12:
			schema["pattern"] = pick(r, "^a", "c$", "[0-9]+", "^(a|b)*$", "\\d", "^\\S+$", "^[a-z]([-a-z0-9]*[a-z0-9])?$", "é", "\\p{L}", ".", "^.{2}$", "(?i)A")
		case 13:
			schema[pick(r, "minItems", "maxItems")] = small()
		case 14:
			schema["uniqueItems"] = r.chance(80)
		case 15:
			schema[pick(r, "minProperties", "maxProperties")] = small()
		case 16, 17:
			schema["required"] = r.names()
		case 18:
			schema[pick(r, "title", "description", "default", "examples", "$comment", "deprecated", "x-own", "pro", "contentEncoding")] = pick[any](r, "text", []any{"a"}, true)
			delete(schema, pick(r, "title", "description", "$comment"))
		default:
			schema["format"] = pick(r, "ipv4", "date", "email", "uri", "date-time", "regex", "hostname", "ipv6", "duration", "nope")
		}
		return
	}
	depth--
	switch r.IntN(19) {
	case 0, 1, 2:
		schema["properties"] = r.properties(depth, references)
	case 3:
		schema["additionalProperties"] = pick[any](r, false, true, r.schema(depth, references))
	case 4:
		schema["patternProperties"] = map[string]any{pick(r, "^a", "b$", "[0-9]", "x-", "."): r.schema(depth, references)}
	case 5:
		schema["propertyNames"] = r.schema(depth, references)
	case 6, 7:
		schema["items"] = r.schema(depth, references)
	case 8:
		if r.chance(50) {
			schema["prefixItems"] = r.list(depth, references)
		} else {
			schema["items"] = r.list(depth, references)
			schema["additionalItems"] = r.schema(depth, references)
		}
	case 9:
		schema["contains"] = r.schema(depth, references)
		if r.chance(40) {
			schema[pick(r, "minContains", "maxContains")] = small()
		}
	case 10:
		schema["allOf"] = r.list(depth, references)
	case 11:
		schema["anyOf"] = r.list(depth, references)
	case 12:
		schema["oneOf"] = r.list(depth, references)
	case 13:
		schema["not"] = r.schema(depth, references)
	case 14:
		schema["if"] = r.schema(depth, references)
		schema[pick(r, "then", "else")] = r.schema(depth, references)
	case 15:
		schema["dependentRequired"] = map[string]any{r.property(): r.names()}
	case 16:
		schema[pick(r, "dependentSchemas", "dependencies")] = map[string]any{r.property(): r.schema(depth, references)}
	case 17:
		schema[pick(r, "unevaluatedProperties", "unevaluatedItems")] = pick[any](r, false, r.schema(depth, references))
	default:
		if references {
			schema["$ref"] = pick(r, "#/$defs/one", "#/definitions/two", "#/$defs/two", "#/%24defs/one", "#")
		}
	}
}
