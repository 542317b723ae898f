// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
)

// pair is one input for both sides. Everything that either sees is in its fields, so that it can be made smaller.
type pair struct {
	kind   string
	index  int
	labels []string // what the fields are, for people
	fields []string
	fixed  int // that many fields behind the first are always the same
	// encode gives the fields that the subject gets, where these are others.
	encode func(fields []string) []string
}

// kind is a way to make pairs, and to evaluate them with Helm.
type kind struct {
	name     string
	share    int // of all pairs
	make     func(r *random) pair
	evaluate func(p pair) answer
}

// Set by the files that make them.
var kinds = []*kind{templateKind, yamlKind, setKind, schemaKind, chartKind}

func kindNames() []string {
	return []string{"template", "yaml", "set", "schema", "chart"}
}

func kindNamed(name string) *kind {
	for _, k := range kinds {
		if k.name == name {
			return k
		}
	}
	return nil
}

func shareTotal(only string) int {
	sum := 0
	for _, k := range kinds {
		if only == "" || strings.Contains(","+only+",", ","+k.name+",") {
			sum += k.share
		}
	}
	return max(sum, 1)
}

// makePair gives the same pair for the same kind, seed and index, whichever others are made.
func makePair(k *kind, seed uint64, index int) pair {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s/%d", k.name, index)
	p := k.make(&random{rand.New(rand.NewPCG(seed, hash.Sum64()))})
	p.kind, p.index = k.name, index
	return p
}

func (p pair) evaluate() answer {
	return kindNamed(p.kind).evaluate(p)
}

func (p pair) id() string {
	return fmt.Sprintf("%s:%d", p.kind, p.index)
}

func (p pair) summary() string {
	return p.fields[len(p.fields)-1]
}

func (p pair) String() string {
	var text strings.Builder
	for i, field := range p.fields {
		if i > 0 && (i <= p.fixed || field == "") {
			continue
		}
		label := "field"
		if i < len(p.labels) {
			label = p.labels[i]
		}
		fmt.Fprintf(&text, "--- %s\n%s\n", label, field)
	}
	return text.String()
}

// random makes choices.
type random struct {
	*rand.Rand
}

// chance is true n times of 100.
func (r *random) chance(n int) bool {
	return r.IntN(100) < n
}

func pick[T any](r *random, items ...T) T {
	return items[r.IntN(len(items))]
}

func pickFrom[T any](r *random, items []T) T {
	return items[r.IntN(len(items))]
}
