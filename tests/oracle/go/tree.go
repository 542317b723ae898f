// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"strconv"
	"strings"
)

// Texts that YAML, numbers, paths or patterns read in a way of their own.
var oddTexts = []string{
	"", " ", "  ", "\t", "\n", "\n\n", "a", "abc", "A", "true", "True", "TRUE", "false", "null", "Null", "~", "yes", "no",
	"on", "Off", "y", "n", "Y", "NO", "1", "0", "-1", "+1", "01", "007", "08", "0x1f", "0X1F", "0o17", "0b11", "1_000",
	"1.5", "1.", ".5", "-.5", "1e3", "1E3", "1e+3", "1e", "e1", "12e03", "-2E+05", ".inf", "-.inf", ".Inf", "+.INF",
	".nan", ".NaN", "NaN", "Inf", "infinity", "1:30", "1:30:59", "190:20:30.15", "2024-01-02", "2024-1-2",
	"2024-01-02T03:04:05Z", "2024-01-02 03:04:05", "2001-12-14t21:59:43.10-05:00", "=", "<<", "-", "--", "---", "--- a",
	"...", "... a", "- a", "-a", "?", "? a", "?a", ":", ": a", ":a", "a:", "a: b", "a:b", "a :b", "#", "# a", "a #b", "a#b",
	"[", "[a]", "a]", "{", "{}", "{a: b}", "a}", "a,b", ",a", "&a", "*a", "!a", "!!str a", "|", "|a", ">", ">-", "'",
	"''", "it's", "'a'", "\"", "\"a\"", "a\"b", "%", "%a", "@a", "`a`", "\\", "a\\b", "a\\nb", " a", "a ", " a ", "a\nb",
	"a\nb\n", "a\nb\n\n", "\na", "\n a", " a\nb", "a\n b\n", "a \nb", "a\n\n b\n\n", "a\tb", "\ta", "a\t", "a\r\nb", "a\rb",
	"\x01", "\x1b[0m", "\x7f", "\u0085", "\u00a0", "é", "naïve", "日本語", "’", "\u2028", "\u2029", "\ufeff", "a\ufeffb",
	"😀", "a😀b", "\U0001f600\n", "e\u0301", "\u200b", "ß", "İ", "Ω", "ﬁ", "<a href=\"x\">&</a>", "&amp;", "key=value",
	"a=b,c=d", "a.b.c", "a/b/c", "/a//b/../c", "../x", "./", "/", "a.tar.gz", ".hidden", "http://user:pw@host:80/p?q=1#f",
	"https://example.com", "mailto:a@b", "100m", "1Gi", "0.5", "1.2.3", "v1.2.3", "1.2.3-rc.1+b.2", ">=1.2 <2", "^1.2", "~1",
	"hello world", "Hello World", "HELLO", "helloWorld", "hello_world", "hello-world", "HTTPServer", "the quick brown fox",
	"{{ .Values.s }}", "{{", "%d", "%!s(int=1)", "aGVsbG8=", "aGVsbG8", "!!!", "eyJhIjoxfQ==", "NBSWY3DP",
	"9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615", "-9223372036854775809",
	"1e400", "0.1", "1e-7", "123456789.125", "<no value>", "null\n", "- 1\n- 2\n", "a: 1\nb: [1, 2]\n", "{\"a\": 1}",
	"[1, \"x\", null]", "{\"a\": ", "a: b: c", strings.Repeat("long ", 30), strings.Repeat("x", 130), strings.Repeat("aé", 40),
}

var oddNumbers = []float64{
	0, 1, -1, 2, 3, 7, 10, 42, 99, 100, 255, 256, 1000, 65535, 65536, 99999, 100000, 999999, 1000000, 1000001, 1234567,
	12345678, 1e9, 2147483647, 2147483648, 1e15, 1e16, 1e20, 1e21, 1e22, 1e100, 9007199254740992, 9007199254740993,
	9223372036854775807, 18446744073709551615, 0.1, 0.2, 0.3, 0.5, 1.5, 2.5, -2.5, 3.14159, 1e-5, 1e-6, 1e-7, 1e-10,
	123456.7, 1234567.8, 123456789.125, 0.000123, 5e-324, 1.7976931348623157e308, -0.0, -1e21, 1.0000000000000002, 4.35,
}

const letters = "abcxyzABC019-_. /:#'\"\\{}[],&*!|>%@`~\n\téü€😀"

func (r *random) text() string {
	switch {
	case r.chance(45):
		return pickFrom(r, oddTexts)
	case r.chance(15):
		text := pickFrom(r, oddTexts) + pick(r, "", " ", "\n", ": ", " #", "-") + pickFrom(r, oddTexts)
		return strings.NewReplacer("\u0085", "", "\u2028", "", "\u2029", "").Replace(text)
	}
	all := []rune(letters)
	var text strings.Builder
	for n := r.IntN(pick(r, 3, 6, 12, 30)); n >= 0; n-- {
		text.WriteRune(pickFrom(r, all))
	}
	return text.String()
}

// word is a text without anything odd.
func (r *random) word() string {
	return pick(r, "a", "b", "app", "web", "name", "value", "some text", "x-y", "k8s", "foo", "bar", "Zed", "q1", "ten10", "ten9")
}

func (r *random) number() float64 {
	switch r.IntN(6) {
	case 0:
		return float64(r.IntN(20))
	case 1:
		return float64(r.Int64N(1<<53)) * float64(pick(r, 1, -1))
	case 2:
		return math.Round(r.Float64()*1e4) / float64(pick(r, 1, 10, 100, 1000))
	case 3:
		for {
			n := math.Float64frombits(r.Uint64())
			if !math.IsNaN(n) && !math.IsInf(n, 0) {
				return n
			}
		}
	default:
		return pickFrom(r, oddNumbers)
	}
}

func (r *random) key() string {
	switch {
	case r.chance(60):
		return pick(r, "a", "b", "c", "s", "n", "k1", "k9", "k10", "kA", "K", "k-1", "k_", "name", "labels", "image", "x.y", "a/b")
	case r.chance(30):
		return strconv.Itoa(r.IntN(30))
	default:
		return r.text()
	}
}

// tree is a JSON value of at most the given depth.
func (r *random) tree(depth int) any {
	if depth <= 0 || r.chance(45) {
		switch r.IntN(10) {
		case 0:
			return nil
		case 1:
			return r.chance(50)
		case 2, 3, 4:
			return r.number()
		default:
			return r.text()
		}
	}
	if r.chance(40) {
		list := []any{}
		for n := r.IntN(4); n > 0; n-- {
			list = append(list, r.tree(depth-1))
		}
		return list
	}
	return r.object(depth - 1)
}

func (r *random) object(depth int) map[string]any {
	object := map[string]any{}
	for n := r.IntN(5); n > 0; n-- {
		object[r.key()] = r.tree(depth)
	}
	return object
}
