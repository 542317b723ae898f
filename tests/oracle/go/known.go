// SPDX-License-Identifier: Apache-2.0

package main

import (
	"regexp"
	"strings"
)

// Differences that are meant, or not worth their price. They are counted apart, each with its reason; the list is also
// in ../README.md.
var known = []struct {
	reason string
	is     func(p pair, helm, subject answer) bool
}{
	{"libyaml's scanner: a colon, '?' or tag right before a bracket or comma", func(p pair, helm, subject answer) bool {
		return p.kind == "yaml" && oddFlow.MatchString(textOf(p))
	}},
	{"a text with a NUL character is refused", func(p pair, helm, subject answer) bool {
		return strings.Contains(helm.text, `\u0000`)
	}},
	{"what cannot be JSON (.inf, .nan, a null key) is refused even where a later member of the same name replaces it", func(p pair, helm, subject answer) bool {
		return p.kind == "yaml" && strings.HasPrefix(helm.text, "map:{") && noJSON.MatchString(textOf(p))
	}},
	{"Go's slice reaches behind the end of a list, up to its capacity", func(p pair, helm, subject answer) bool {
		return p.kind == "template" && strings.Contains(subject.text, "slice index out of bounds")
	}},
	{"the words in which fromYaml, fromJson and their like report an error", func(p pair, helm, subject answer) bool {
		return p.kind == "template" && readingError.MatchString(helm.text) && helm.status == subject.status
	}},
	{"a regular expression that would take exponential time is an error", func(p pair, helm, subject answer) bool {
		return strings.Contains(subject.text, "takes too long with this text")
	}},
	{"printf of floats in base 2 or 16", func(p pair, helm, subject answer) bool {
		return p.kind == "template" && oddVerb.MatchString(strings.Join(p.fields, " "))
	}},
	{"JSON of bytes that are no UTF-8: Go writes \\ufffd, we the character itself", func(p pair, helm, subject answer) bool {
		return strings.Contains(helm.text, `\ufffd`) && helm.status == subject.status
	}},
	{"a Go struct printed as numbers", func(p pair, helm, subject answer) bool {
		return p.kind == "template" && structAsNumbers.MatchString(helm.text)
	}},
}

var (
	readingError    = regexp.MustCompile(`illegal base(32|64) data|error converting YAML|error unmarshaling JSON|unexpected end of JSON|invalid character|json: cannot|toml: `)
	oddVerb         = regexp.MustCompile(`%[-+ #0-9.]*[xXb]`)
	structAsNumbers = regexp.MustCompile(`\{\{%!|\{\d+ -?\d+ |BasePath|4261736550617468|chart\.Metadata`)
	oddFlow         = regexp.MustCompile(`[:?][\]},]|\?\S*\s*[\]},]|!\S*[\[\],{}]|\?[\s]*[\]},]`)
	noJSON          = regexp.MustCompile(`(?i)\.(inf|nan)|null|~`)
)

func textOf(p pair) string {
	text, _ := parseValues(p.fields[0])["text"].(string)
	return text
}

func knownReason(p pair, helm, subject answer) string {
	for _, k := range known {
		if k.is(p, helm, subject) {
			return k.reason
		}
	}
	return ""
}

// wavers is true where Helm itself gives one thing at one time and another at the next, which comes from the order of
// Go's maps.
func wavers(p pair, helm answer) bool {
	for range 10 {
		if again := p.evaluate(); again != helm {
			return true
		}
	}
	return false
}
