// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"strings"
	"time"
)

const shrinkTime = 20 * time.Second

// shrinker takes pieces out of a pair as long as the two sides still differ in the same way.
type shrinker struct {
	settings settings
	child    *subject
	best     difference
	until    time.Time
}

func makeSmall(s settings, d difference) difference {
	child, err := startSubject(s.subject)
	if err != nil {
		return d
	}
	w := &shrinker{s, child, d, time.Now().Add(shrinkTime)}
	defer func() { w.child.stop() }()
	for changed := true; changed && time.Now().Before(w.until); {
		changed = false
		for i := range w.best.pair.fields {
			if i > 0 && i <= w.best.pair.fixed {
				continue
			}
			changed = w.shrinkTree(i) || changed
			changed = w.shrinkField(i) || changed
		}
	}
	return w.best
}

func (w *shrinker) keeps(fields []string) bool {
	if !json.Valid([]byte(fields[0])) {
		return false
	}
	p := w.best.pair
	p.fields = fields
	helm := p.evaluate()
	got := w.child.ask(p)
	if got.status == crashed {
		w.child.stop()
		fresh, err := startSubject(w.settings.subject)
		if err != nil {
			w.until = time.Time{}
			return false
		}
		w.child = fresh
	}
	// The top object itself has members that only one side knows: nothing may become a difference of these.
	if strings.Contains(helm.text, "BasePath") && !strings.Contains(w.best.helm.text, "BasePath") {
		return false
	}
	if got.status != w.best.answer.status || helm.status != w.best.helm.status || !differ(p, helm, got) {
		return false
	}
	w.best = difference{p, helm, got}
	return true
}

// shrinkField removes ever smaller runs of characters, preferring to end at borders of words.
func (w *shrinker) shrinkField(index int) bool {
	changed := false
	for size := len(w.best.pair.fields[index]); size > 0; size /= 2 {
		for at := 0; at+size <= len(w.best.pair.fields[index]); {
			if time.Now().After(w.until) {
				return changed
			}
			text := w.best.pair.fields[index]
			fields := append([]string(nil), w.best.pair.fields...)
			fields[index] = text[:at] + text[at+size:]
			if strings.ToValidUTF8(fields[index], "") == fields[index] && w.keeps(fields) {
				changed = true
			} else {
				at += max(1, size/2)
			}
		}
	}
	return changed
}

// shrinkTree makes a field that is a JSON object smaller as such.
func (w *shrinker) shrinkTree(index int) bool {
	changed := false
	for again := true; again; {
		again = false
		var tree any
		text := w.best.pair.fields[index]
		if !strings.HasPrefix(text, "{") || json.Unmarshal([]byte(text), &tree) != nil {
			return changed
		}
		for _, smaller := range reductions(tree) {
			if time.Now().After(w.until) {
				return changed
			}
			if _, is := smaller.(map[string]any); !is {
				continue
			}
			data, _ := json.Marshal(smaller)
			fields := append([]string(nil), w.best.pair.fields...)
			fields[index] = string(data)
			if len(data) < len(text) && w.keeps(fields) {
				changed, again = true, true
				break
			}
		}
	}
	return changed
}

// reductions are the trees that lack one member, or have one of a value's members in its place.
func reductions(tree any) []any {
	var list []any
	switch node := tree.(type) {
	case map[string]any:
		for key, value := range node {
			list = append(list, value, with(node, key, nil, true))
			for _, smaller := range reductions(value) {
				list = append(list, with(node, key, smaller, false))
			}
		}
	case []any:
		for i, value := range node {
			list = append(list, value, append(append([]any{}, node[:i]...), node[i+1:]...))
			for _, smaller := range reductions(value) {
				changed := append([]any{}, node...)
				changed[i] = smaller
				list = append(list, changed)
			}
		}
	case string:
		if node != "" && node != "x" {
			list = append(list, "x")
		}
	case float64:
		if node != 1 {
			list = append(list, 1.0)
		}
	}
	return list
}

func with(node map[string]any, changed string, value any, remove bool) map[string]any {
	other := map[string]any{}
	for key, old := range node {
		switch {
		case key != changed:
			other[key] = old
		case !remove:
			other[key] = value
		}
	}
	return other
}
