// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strconv"
	"strings"
)

// Random templates on random values.
var templateKind = &kind{name: "template", share: 55, make: makeTemplate, evaluate: evaluateTemplate}

// The values that templates find; a few members have known kinds, so that most expressions make sense.
func (r *random) values() map[string]any {
	values := map[string]any{
		"s": r.word(), "t": r.text(), "e": "", "n": float64(r.IntN(10)), "f": r.number(), "b": r.chance(50), "nil": nil,
		"l": []any{r.number(), r.word(), nil, r.chance(50), map[string]any{"k": r.word()}}, "el": []any{}, "em": map[string]any{},
		"names": []any{r.word(), r.word(), r.word(), "z"}, "nums": []any{float64(r.IntN(50)), r.number(), 3.0},
		"m":     map[string]any{"a": r.word(), "b": map[string]any{"c": r.number(), "d": []any{"x", 1.0}}, "n": float64(r.IntN(1000)), "z": nil},
		"items": []any{map[string]any{"name": "one", "v": 1.0}, map[string]any{"name": r.word(), "v": r.number(), "on": true}},
		"x":     r.tree(3),
	}
	if r.chance(30) {
		values[r.key()] = r.tree(2)
	}
	return values
}

// generator is what is known at one place of a template.
type generator struct {
	*random
	variables []variable
	named     []string // templates that can be called
	loops     int
	top       string // what leads to the values: "$" or "."; "" where nothing does
	dot       byte   // kind of the dot; '$': the top object, which is never printed
	inTpl     bool
	calm      bool // makes nothing that is likely to fail
	counter   int
}

type variable struct {
	name string
	kind byte
}

func makeTemplate(r *random) pair {
	g := &generator{random: r, top: "$", dot: '$', calm: r.chance(80)}
	values := r.values()
	var helpers strings.Builder
	for i := pick(r, 0, 0, 0, 1, 1, 2); i > 0; i-- {
		name := fmt.Sprintf("c.h%d", i)
		helpers.WriteString(g.define(name, 2))
		g.named = append(g.named, name)
	}
	if r.chance(15) && !g.calm {
		g.named = append(g.named, "c.none")
	}
	depth := 1 + r.IntN(3)
	main := g.body(depth, pick(r, 1, 1, 1, 2, 2, 3, 5))
	if r.chance(5) && !g.calm {
		at := r.IntN(len(main) + 1)
		main = main[:at] + pick(r, "{{", "}}", "{{ end }}", "{{ if }}", "{{ else }}", "{{-", "-}}", "{{/*", "(", ")", "|", "\"", "$", "{{ define }}", " .", "{{ break }}") + main[at:]
	}
	return pair{
		labels: []string{"values", "templates/_h.tpl", templateName},
		fields: []string{printValues(values), helpers.String(), main},
	}
}

func (g *generator) open() string {
	return pick(g.random, "{{ ", "{{ ", "{{ ", "{{- ", "{{- ", "{{", "{{-\n")
}

func (g *generator) close() string {
	return pick(g.random, " }}", " }}", " }}", " -}}", "}}", "\t}}", "\n-}}")
}

func (g *generator) action(text string) string {
	return g.open() + text + g.close()
}

func (g *generator) plain() string {
	return pick(g.random, "\n", " ", "x", "a: ", "\n  - ", "key: value\n", "", "  \n\n", "é", "# c\n", "\t", "}", "{ ", "\r\n", "'\"", "---\n")
}

// body is a number of statements. Variables that it declares end with it.
func (g *generator) body(depth, count int) string {
	kept := len(g.variables)
	var text strings.Builder
	for ; count > 0; count-- {
		text.WriteString(g.plain())
		text.WriteString(g.statement(depth))
	}
	text.WriteString(g.plain())
	g.variables = g.variables[:kept]
	return text.String()
}

func (g *generator) statement(depth int) string {
	n := g.IntN(100)
	switch {
	case n < 38 || depth <= 0 && n < 75:
		return g.action(g.pipeline('a', depth+1))
	case n < 45:
		return g.declare(depth)
	case n < 49:
		return g.assign(depth)
	case n < 52:
		return pick(g.random, "{{/* comment */}}", "{{- /* a\nb */ -}}", "{{/**/}}", "{{- /* {{ x }} */}}")
	case n < 56 && g.loops > 0:
		return g.action("if "+g.pipeline('b', 1)) + g.action(pick(g.random, "break", "continue")) + g.action("end")
	case n < 60 && len(g.named) > 0:
		return g.action(fmt.Sprintf("template %q %s", pickFrom(g.random, g.named), g.argument()))
	case n < 61 && !g.calm:
		return g.action("template \"c.self\" " + g.expression('a', 1))
	case n < 63 && !g.calm:
		return g.action(pick(g.random, "fail ", "fail ", "required \"needed\" ") + g.operand('s', 0))
	case n < 74:
		return g.conditional(depth)
	case n < 86:
		return g.loop(depth)
	case n < 93:
		return g.with(depth)
	case n < 96:
		return g.block(depth)
	default:
		return g.action(g.pipeline('a', depth+1))
	}
}

func (g *generator) declare(depth int) string {
	kind := pick[byte](g.random, 's', 'n', 'l', 'm', 'a', 'b', 'f', 's', 'm', 'k')
	text := g.pipeline(kind, depth+1)
	g.counter++
	v := variable{fmt.Sprintf("$v%d", g.counter%4), kind}
	g.variables = append(g.variables, v)
	return g.action(v.name + pick(g.random, " := ", " := ", ":=") + text)
}

func (g *generator) assign(depth int) string {
	if len(g.variables) == 0 {
		return g.declare(depth)
	}
	v := pickFrom(g.random, g.variables)
	return g.action(v.name + " = " + g.pipeline(v.kind, depth+1))
}

func (g *generator) conditional(depth int) string {
	var text strings.Builder
	text.WriteString(g.action("if " + g.condition(depth)))
	text.WriteString(g.body(depth-1, g.IntN(3)))
	for g.chance(25) {
		text.WriteString(g.action("else if " + g.condition(depth)))
		text.WriteString(g.body(depth-1, 1))
	}
	if g.chance(50) {
		text.WriteString(g.action("else"))
		text.WriteString(g.body(depth-1, 1))
	}
	return text.String() + g.action("end")
}

func (g *generator) condition(depth int) string {
	if g.chance(10) {
		g.counter++
		return fmt.Sprintf("$w := %s", g.pipeline('a', depth))
	}
	return g.pipeline(pick[byte](g.random, 'b', 'b', 'a', 's', 'l', 'm', 'n'), depth)
}

// scoped makes a body whose dot is another one.
func (g *generator) scoped(dot byte, variables []variable, depth, count int) string {
	kept, keptVariables := g.dot, len(g.variables)
	keptTop := g.top
	g.dot = dot
	if g.top == "." {
		g.top = ""
	}
	g.variables = append(g.variables, variables...)
	text := g.body(depth, count)
	g.dot, g.variables, g.top = kept, g.variables[:keptVariables], keptTop
	return text
}

func (g *generator) loop(depth int) string {
	var head, over string
	var dot byte = 'a'
	var variables []variable
	switch g.IntN(10) {
	case 0, 1, 2:
		over = g.expression('l', depth)
	case 3, 4:
		over = g.expression('m', depth)
	case 5:
		over, dot = g.operand('c', 0), 'i'
	case 6:
		over, dot = g.expression('k', depth), 's'
	case 7:
		over, dot = g.field("items"), 'm'
	case 8:
		over, dot = g.field("names"), 's'
	default:
		over = pick(g.random, g.expression('s', 1), "nil", g.field("f"), g.field("nil"), g.field("b"), g.field("e"))
	}
	switch g.IntN(4) {
	case 0:
		head, variables = "$i, $e := ", []variable{{"$i", 'a'}, {"$e", dot}}
	case 1:
		head, variables = "$e := ", []variable{{"$e", dot}}
	case 2:
		if g.chance(15) && len(g.variables) > 0 {
			head = pickFrom(g.random, g.variables).name + " = "
		}
	}
	g.loops++
	text := g.action("range "+head+over) + g.scoped(dot, variables, depth-1, 1+g.IntN(2))
	g.loops--
	if g.chance(30) {
		text += g.action("else") + g.body(depth-1, 1)
	}
	return text + g.action("end")
}

func (g *generator) with(depth int) string {
	kind := pick[byte](g.random, 'm', 'm', 's', 'a', 'l', 'n')
	head := ""
	var variables []variable
	if g.chance(25) {
		head, variables = "$w := ", []variable{{"$w", kind}}
	}
	text := g.action("with "+head+g.pipeline(kind, depth)) + g.scoped(kind, variables, depth-1, 1+g.IntN(2))
	if g.chance(20) {
		text += g.action("else with "+g.pipeline('m', depth)) + g.scoped('m', nil, depth-1, 1)
	}
	if g.chance(30) {
		text += g.action("else") + g.body(depth-1, 1)
	}
	return text + g.action("end")
}

// separate makes a body that sees none of the variables, and has the top object or something else as its dot.
func (g *generator) separate(depth, count int) string {
	kept := *g
	g.variables, g.loops, g.dot, g.top = nil, 0, '$', "."
	text := g.body(depth, count)
	counter := g.counter
	*g = kept
	g.counter = counter
	return text
}

func (g *generator) define(name string, depth int) string {
	return g.action(fmt.Sprintf("define %q", name)) + g.separate(depth, 1+g.IntN(2)) + g.action("end") + "\n"
}

func (g *generator) block(depth int) string {
	g.counter++
	return g.action(fmt.Sprintf("block \"b%d\" %s", g.counter, g.whole())) + g.separate(depth-1, 1) + g.action("end")
}

// whole is the top object.
func (g *generator) whole() string {
	switch {
	case g.top != "":
		return g.top
	case g.inTpl:
		return "(dict)"
	default:
		return "$"
	}
}

// argument is what a named template gets: mostly the top object, whose values it then finds.
func (g *generator) argument() string {
	if g.chance(80) {
		return g.whole()
	}
	return "(dict \"Values\" " + g.operand('m', 1) + ")"
}

func (g *generator) field(path string) string {
	return strings.TrimPrefix(g.whole(), ".") + ".Values." + path
}

var fieldsByKind = map[byte][]string{
	's': {"s", "t", "e", "m.a"}, 'n': {"n", "f", "m.n", "m.b.c"}, 'f': {"f", "n"}, 'b': {"b"}, 'l': {"l", "el", "names", "nums", "items"},
	'k': {"names"}, 'm': {"m", "em", "m.b"}, 'a': {"x", "nil", "none", "l", "m", "s", "none.deep", "x.a", "s.a", "l.x", "b.c"},
}

// fieldOf is a member of the values, in fashion: .Values.a.b, (.Values).a, $.Values.a.
func (g *generator) fieldOf(kind byte) string {
	names := fieldsByKind[kind]
	if kind == 'a' && g.calm {
		names = names[:6]
	}
	if g.top == "" && g.inTpl {
		return g.literal(kind)
	}
	name := pickFrom(g.random, names)
	if g.chance(8) {
		return "(" + strings.TrimPrefix(g.whole(), ".") + ".Values)." + name
	}
	return g.field(name)
}

func quoted(r *random, text string) string {
	if r.chance(20) && !strings.ContainsAny(text, "`\r") {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

// literal is a constant, or one built from constants.
func (g *generator) literal(kind byte) string {
	r := g.random
	switch kind {
	case 's':
		if r.chance(60) {
			return quoted(r, r.word())
		}
		return quoted(r, r.text())
	case 'i':
		return pick(r, "0", "1", "2", "-1", "3", "10", "42", "007", "0x1F", "0b11", "0o17", "1_000", "'a'", "'\\n'", "'é'", "65536", "9223372036854775807", "-5", "+3", "1e3")
	case 'c':
		if g.calm {
			return pick(r, "1", "2", "3", "4", "5", "8", "12")
		}
		return pick(r, "0", "1", "2", "3", "4", "5", "8", "12", "-1", "-3", "0x4", "1e1")
	case 'f':
		return pick(r, "1.5", "0.1", "-2.5", "1e3", "1e-7", "3.0", "1e21", "123456.7", ".5", "0x1p-2", "1_0.5", "2.675", "1e100")
	case 'n':
		return g.literal(pick[byte](r, 'i', 'f', 'i', 'c'))
	case 'b':
		return pick(r, "true", "false")
	case 'l':
		return pick(r, "(list)", "(list 1 2 3)", "(list \"b\" \"a\" \"b\")", "(list 1 \"a\" nil 2.5 true)", "(list (list 1) (list 2 3))", "(tuple 1 1.0 \"1\")", "(list (dict \"a\" 1))")
	case 'k':
		return pick(r, "(splitList \",\" \"c,a,b,,a\")", "(list \"x\" \"y\")", "(list \"b\" \"a\" \"k10\" \"k9\")")
	case 'm':
		return pick(r, "(dict)", "(dict \"a\" 1)", "(dict \"a\" \"x\" \"b\" (dict \"c\" 2))", "(dict \"b\" nil \"a\" (list 1 2))", "(dict \"k10\" 1 \"k9\" 2 \"K\" 3)")
	case 'v':
		if g.calm {
			return strconv.Quote(pickFrom(r, versions[:12]))
		}
		return strconv.Quote(pickFrom(r, versions))
	case 'q':
		return strconv.Quote(pickFrom(r, constraints))
	case 'p':
		return quoted(r, r.pattern(2, g.calm))
	case 'u':
		return strconv.Quote(pickFrom(r, dateLayouts))
	case 'd':
		return pick(r, "(toDate \"2006-01-02\" \"2024-02-29\")", "(toDate \"2006-01-02T15:04:05Z07:00\" \"2024-07-01T12:34:56.789+02:00\")", "1700000000", "(int64 0)", "(int 86399)",
			"(toDate \"2006-01-02 15:04\" \"1969-07-20 20:17\")", "(toDate "+strconv.Quote(pickFrom(r, dateLayouts))+" "+strconv.Quote(pickFrom(r, dateTexts))+")")
	case 'z':
		return strconv.Quote(pickFrom(r, zones))
	case 't':
		return strconv.Quote(pickFrom(r, durations))
	case 'w':
		return strconv.Quote(pickFrom(r, typeNames))
	case 'N':
		return strconv.Quote(pickFrom(r, numberTexts))
	case 'o': // the words of errors differ, hence no bad ones
		return quoted(r, printValues(r.object(2)))
	case 'O':
		return quoted(r, pick(r, "[1, 2]", "[]", "[\"a\", null, {\"b\": [true]}]", "[1.5, \"1\"]", "null"))
	case 'T':
		return quoted(r, pick(r, "", "a = 1\n[t]\nb = \"x\"\n", "[[a]]\nx=1.5\ny=[1,2]\n[[a]]\n", "d = 2024-01-02\n", "a.b.c = true", "x = '''\na\n'''\ny = [{p = 1}, {q = \"é\"}]"))
	case 'P':
		return strconv.Quote(pickFrom(r, paths))
	case 'U':
		return strconv.Quote(pickFrom(r, urls))
	case 'a':
		return g.literal(pick[byte](r, 's', 'i', 'f', 'b', 'l', 'm', 'k'))
	}
	return "nil"
}

// operand is what can stand as one argument: a constant, a field, a variable, or something in parentheses.
func (g *generator) operand(kind byte, depth int) string {
	r := g.random
	if depth > 0 && r.chance(55) {
		text := "(" + g.expression(kind, depth-1) + ")"
		if kind == 'a' && r.chance(4) && !g.calm {
			text += pick(r, ".a", ".b.c", ".name", ".x")
		}
		return text
	}
	switch n := r.IntN(100); {
	case n < 30 && kind != 'c':
		if name := g.variableOf(kind); name != "" {
			return name
		}
	case n < 45 && kind != 'c' && g.dot != '$' && (g.dot == kind || kind == 'a' && g.dot != 'i' || r.chance(5)):
		return "."
	case n < 50 && g.dot == 'm' && kind != 'c':
		return pick(r, ".name", ".a", ".v", ".b", ".k")
	case n < 75 && fieldsByKind[kind] != nil:
		return g.fieldOf(kind)
	}
	if kind == 'c' && r.chance(10) {
		return "(len " + g.operand('l', 0) + ")"
	}
	return g.literal(kind)
}

func (g *generator) variableOf(kind byte) string {
	var fit []string
	for _, v := range g.variables {
		if v.kind == kind || kind == 'a' && v.kind != 'i' || v.kind == 'k' && kind == 'l' {
			fit = append(fit, v.name)
		}
	}
	if len(fit) == 0 {
		return ""
	}
	return pickFrom(g.random, fit)
}

// implausible is an argument of a kind that does not fit, except where it could be a huge number of repetitions.
func (g *generator) implausible(kind byte, depth int) string {
	if kind == 'c' {
		return pick(g.random, "nil", "\"x\"", "true", "1.5", "(list)", "(int64 2)", "\"3\"", "2.0")
	}
	if g.chance(15) {
		return "nil"
	}
	return g.operand('a', depth)
}

func (g *generator) arguments(specification string, depth int, last bool) []string {
	var list []string
	count := len(specification)
	repeat := strings.HasSuffix(specification, "*")
	if repeat {
		count--
	}
	add := func(kind byte) {
		switch {
		case kind == 'F':
			list = append(list, g.format(depth)...)
		case kind == 'D':
			list = append(list, "(deepCopy "+g.operand('m', depth)+")")
		case g.chance(5) && !g.calm:
			list = append(list, g.implausible(kind, depth))
		default:
			list = append(list, g.operand(kind, depth))
		}
	}
	for i := 0; i < count; i++ {
		add(specification[i])
	}
	if repeat {
		kind := specification[count-1]
		for n := g.IntN(3); n > 0; n-- {
			add(kind)
		}
	}
	if !last && len(list) > 0 {
		list = list[:len(list)-1]
	}
	if g.calm {
		return list
	}
	if g.chance(1) && len(list) > 0 {
		list = list[:len(list)-1] // too few
	} else if g.chance(1) {
		list = append(list, g.literal('s')) // too many
	}
	return list
}

// format is a format and what it prints.
func (g *generator) format(depth int) []string {
	var text strings.Builder
	list := []string{""}
	for n := 1 + g.IntN(3); n > 0; n-- {
		text.WriteString(pick(g.random, "", "x", "-", " ", "%%", "é: "))
		if g.chance(4) {
			text.WriteString(pick(g.random, "%", "%!", "%z", "%*d", "%.*f", "%y"))
		}
		flags := pick(g.random, "", "", "", "", "-", "+", "0", " ", "+0", "-0")
		width := pick(g.random, "", "", "", "3", "10", "5.2", ".3", ".0", ".")
		verb := pick(g.random, "s", "d", "v", "q", "s", "d", "v", "t", "x", "X", "f", "g", "e", "c", "U", "b", "o", "T", "G", "E", "i")
		kind := map[string]byte{"s": 's', "d": 'i', "v": 'a', "q": 's', "t": 'b', "x": 'i', "f": 'f', "g": 'f', "e": 'f', "c": 'i', "U": 'i', "b": 'i', "o": 'i', "T": 'a'}[verb]
		if verb == "T" {
			width = ""
		}
		if verb == "x" || verb == "X" { // not of floats, not with spaces
			kind, flags = 's', ""
		} else if kind == 0 || g.chance(25) {
			kind = 'a'
		}
		text.WriteString("%" + flags + width + verb)
		if !g.chance(3) {
			list = append(list, g.operand(kind, depth))
		}
	}
	if g.chance(3) {
		list = append(list, g.operand('a', depth))
	}
	list[0] = strconv.Quote(text.String())
	return list
}

// expression is a call or an operand of a kind, without parentheses around it.
func (g *generator) expression(kind byte, depth int) string {
	r := g.random
	if depth <= 0 || r.chance(12) {
		return g.operand(kind, 0)
	}
	switch kind {
	case 'a', 's':
		switch n := r.IntN(100); {
		case n < 5 && len(g.named) > 0:
			return fmt.Sprintf("include %q %s", pickFrom(r, g.named), g.argument())
		case n < 8 && !g.inTpl:
			return g.tpl(depth)
		case n < 9 && !g.calm:
			return pick(r, "required \"x is needed\" ", "required \"\" ") + g.operand('a', depth)
		case n < 11:
			return "keys " + g.operand('m', depth) + " | sortAlpha"
		case n < 12:
			return "values (dict \"k\" " + g.operand('a', depth) + ")"
		case n < 13 && !g.inTpl && !g.calm:
			return "tpl " + g.operand('s', 0) + " " + g.argument()
		case n < 14:
			return fmt.Sprintf("(semver %s).%s", g.operand('v', 0), pick(r, "Major", "Minor", "Patch", "Prerelease", "Metadata", "Original", "String", "Nope"))
		case n < 15:
			return fmt.Sprintf("set (dict \"a\" 1) %s %s", g.operand('s', 0), g.operand('a', depth))
		case n < 16:
			return fmt.Sprintf("unset (deepCopy %s) %s", g.operand('m', 0), g.operand('s', 0))
		}
	case 'c':
		return g.operand('c', 0)
	}
	table := functionsByResult[kind]
	if len(table) == 0 {
		return g.operand(kind, 0)
	}
	f := g.function(table)
	return strings.TrimSpace(f.name + " " + strings.Join(g.arguments(f.arguments, depth-1, true), " "))
}

// function chooses one; a calm generator avoids those that fail for most arguments.
func (g *generator) function(table []function) function {
	for {
		if f := pickFrom(g.random, table); !g.calm || !f.fragile || g.chance(5) {
			return f
		}
	}
}

// tpl runs a template that is a text.
func (g *generator) tpl(depth int) string {
	kept := *g
	g.inTpl, g.variables, g.loops, g.dot, g.top = true, nil, 0, '$', "."
	text := g.body(min(depth-1, 1), 1)
	counter := g.counter
	*g = kept
	g.counter = counter
	return "tpl " + quoted(g.random, text) + " " + g.argument()
}

// pipeline passes one thing through some functions.
func (g *generator) pipeline(kind byte, depth int) string {
	r := g.random
	table := functionsByResult[kind]
	if r.chance(55) || len(table) == 0 {
		return g.expression(kind, depth)
	}
	var last *function
	for try := 0; try < 20 && last == nil; try++ {
		f := g.function(table)
		if n := len(f.arguments); n > 0 && !strings.ContainsAny(f.arguments[n-1:], "c*F") {
			last = &f
		}
	}
	if last == nil {
		return g.expression(kind, depth)
	}
	input := last.arguments[len(last.arguments)-1]
	first := ""
	if depth > 1 && r.chance(40) {
		first = g.pipeline(input, depth-1)
	} else {
		first = g.expression(input, depth-1)
	}
	call := strings.TrimSpace(last.name + " " + strings.Join(g.arguments(last.arguments, depth-1, false), " "))
	return first + pick(r, " | ", " | ", "|") + call
}
