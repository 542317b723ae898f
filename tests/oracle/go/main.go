// SPDX-License-Identifier: Apache-2.0

// Oracle makes random inputs from a seed, evaluates each with Helm's own packages, asks a subject (the library) for the
// same, and reports every pair whose results differ. What differs is made small before it is printed.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

type settings struct {
	subject  string
	seed     uint64
	count    int
	kinds    string
	single   string
	workers  int
	show     int
	messages int
	shrink   bool
	folder   string
	chart    string
	times    int
	template string
}

func parseSettings() settings {
	var s settings
	flag.StringVar(&s.subject, "subject", "", "program that answers for the library")
	flag.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano())%1_000_000_000, "where the random numbers begin")
	flag.IntVar(&s.count, "count", 100_000, "number of pairs, of all kinds together")
	flag.StringVar(&s.kinds, "kinds", "", "only these kinds, comma separated ("+strings.Join(kindNames(), ",")+")")
	flag.StringVar(&s.single, "case", "", "only this pair, KIND:NUMBER, printed whole")
	flag.IntVar(&s.workers, "workers", runtime.NumCPU(), "subjects that run at a time")
	flag.IntVar(&s.show, "show", 10, "differences that are printed, of each kind")
	flag.IntVar(&s.messages, "messages", 3, "pairs of unlike error messages that are printed, of each kind")
	flag.BoolVar(&s.shrink, "shrink", true, "make differences small before they are printed")
	flag.StringVar(&s.folder, "keep", "", "write each difference to a file below this folder")
	flag.StringVar(&s.chart, "bench", "", "render this chart instead, and say how long it takes")
	flag.IntVar(&s.times, "times", 50, "how often, for --bench")
	flag.StringVar(&s.template, "template", "", "print what Helm makes of the template in this file instead")
	flag.Parse()
	if s.subject == "" && s.chart == "" && s.template == "" {
		fmt.Fprintln(os.Stderr, "oracle: --subject is missing")
		os.Exit(2)
	}
	return s
}

// tally is what became of the pairs of one kind.
type tally struct {
	pairs       int
	accepted    int
	sameMessage int
	rejected    int
	unlike      []string
	unsupported map[string]int
	wavering    int
	known       map[string]int
	differences []difference
	differing   int
}

type difference struct {
	pair   pair
	helm   answer
	answer answer
}

type report struct {
	mutex sync.Mutex
	kinds map[string]*tally
}

func (r *report) add(p pair, helm, subject answer, keep settings) {
	reason, wavering := "", false
	if subject.status != unsupported && differ(p, helm, subject) {
		reason = knownReason(p, helm, subject)
		wavering = reason == "" && wavers(p, helm)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	t := r.kinds[p.kind]
	t.pairs++
	switch {
	case subject.status == unsupported:
		t.unsupported[subject.text]++
	case reason != "":
		t.known[reason]++
	case wavering:
		t.wavering++
	case differ(p, helm, subject):
		t.differing++
		if len(t.differences) < keep.show {
			t.differences = append(t.differences, difference{p, helm, subject})
		}
	case helm.status == accepted:
		t.accepted++
	case helm.text == subject.text:
		t.rejected++
		t.sameMessage++
	default:
		t.rejected++
		if len(t.unlike) < keep.messages {
			t.unlike = append(t.unlike, fmt.Sprintf("%s: %s\n    helm: %s\n    ours: %s",
				p.id(), oneLine(p.summary()), oneLine(helm.text), oneLine(subject.text)))
		}
	}
}

func oneLine(text string) string {
	if len(text) > 300 {
		text = text[:300] + "..."
	}
	return strings.ReplaceAll(text, "\n", "\\n")
}

// differ is true for results that may not be: output against failure, other bytes, failing at another stage.
func differ(p pair, helm, subject answer) bool {
	if helm.status != subject.status {
		return true
	}
	return helm.status == accepted && helm.text != subject.text
}

// work runs through the pairs of one kind, each worker taking every n-th.
func work(s settings, k *kind, first, count, step int, r *report) error {
	const batch = 64
	child, err := startSubject(s.subject)
	if err != nil {
		return err
	}
	defer func() { child.stop() }()
	crashes := 0
	for begin := first; begin < count; begin += step * batch {
		var pairs []pair
		for i := begin; i < count && len(pairs) < batch; i += step {
			pairs = append(pairs, makePair(k, s.seed, i))
		}
		for len(pairs) > 0 {
			child.send(pairs)
			answers := make([]answer, len(pairs))
			for i := range pairs {
				answers[i] = pairs[i].evaluate()
			}
			done := 0
			for done < len(pairs) {
				got, err := child.receive()
				if err != nil {
					got = answer{status: crashed, text: err.Error()}
				}
				r.add(pairs[done], answers[done], got, s)
				done++
				if err != nil {
					if crashes++; crashes > 20 {
						return fmt.Errorf("the subject crashes again and again: %w", err)
					}
					child.stop()
					if child, err = startSubject(s.subject); err != nil {
						return err
					}
					break
				}
			}
			pairs = pairs[done:]
		}
	}
	return nil
}

func runAll(s settings, r *report) error {
	begin := time.Now()
	for _, k := range kinds {
		if s.kinds != "" && !strings.Contains(","+s.kinds+",", ","+k.name+",") {
			continue
		}
		count := s.count * k.share / shareTotal(s.kinds)
		r.kinds[k.name] = &tally{unsupported: map[string]int{}, known: map[string]int{}}
		var group sync.WaitGroup
		failures := make(chan error, s.workers)
		for w := 0; w < s.workers; w++ {
			group.Add(1)
			go func() {
				defer group.Done()
				if err := work(s, k, w, count, s.workers, r); err != nil {
					failures <- err
				}
			}()
		}
		group.Wait()
		select {
		case err := <-failures:
			return err
		default:
		}
		t := r.kinds[k.name]
		fmt.Printf("%-9s %6d pairs, %6d outputs equal, %6d refused by both (%d in the same words), %d not supported, %d known, %d where Helm wavers, %d differ (%.1f s)\n",
			k.name, t.pairs, t.accepted, t.rejected, t.sameMessage, total(t.unsupported), total(t.known), t.wavering, t.differing,
			time.Since(begin).Seconds())
	}
	return nil
}

func total(counts map[string]int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}

func printUnsupported(t *tally) {
	names := make([]string, 0, len(t.unsupported))
	for name := range t.unsupported {
		names = append(names, name)
	}
	sort.Slice(names, func(a, b int) bool { return t.unsupported[names[a]] > t.unsupported[names[b]] })
	for i, name := range names {
		if i == 20 {
			fmt.Printf("  ... and %d more\n", len(names)-i)
			break
		}
		fmt.Printf("  not supported, %d times: %s\n", t.unsupported[name], name)
	}
}

// printAll shows what differed, smallest form first known; true if there was anything.
func printAll(s settings, r *report) bool {
	found := false
	for _, k := range kinds {
		t := r.kinds[k.name]
		if t == nil {
			continue
		}
		printUnsupported(t)
		for _, text := range t.unlike {
			fmt.Printf("  other words, %s\n", text)
		}
		for i, d := range t.differences {
			found = true
			if s.shrink {
				d = makeSmall(s, d)
			}
			fmt.Printf("\n### difference %d of %d, --seed %d --case %s\n%s", i+1, t.differing, s.seed, d.pair.id(), d)
			if s.folder != "" {
				name := filepath.Join(s.folder, strings.ReplaceAll(d.pair.id(), ":", "-")+".txt")
				if err := os.WriteFile(name, []byte(d.String()), 0o644); err != nil {
					fmt.Fprintln(os.Stderr, "oracle:", err)
				}
			}
		}
		found = found || t.differing > 0
	}
	return found
}

func (d difference) String() string {
	return fmt.Sprintf("%s--- helm (%s)\n%s\n--- ours (%s)\n%s\n", d.pair, d.helm.status, d.helm.text, d.answer.status,
		d.answer.text)
}

func runOne(s settings) bool {
	name, number, _ := strings.Cut(s.single, ":")
	index, err := strconv.Atoi(number)
	k := kindNamed(name)
	if err != nil || k == nil {
		fmt.Fprintln(os.Stderr, "oracle: --case is KIND:NUMBER")
		os.Exit(2)
	}
	p := makePair(k, s.seed, index)
	helm := p.evaluate()
	got := askOnce(s.subject, p)
	d := difference{p, helm, got}
	fmt.Print(d)
	if got.status == unsupported || !differ(p, helm, got) {
		fmt.Println("no difference")
		return false
	}
	if s.shrink {
		fmt.Printf("\n### made small\n%s", makeSmall(s, d))
	}
	return true
}

func main() {
	s := parseSettings()
	os.Setenv("TZ", "UTC")
	time.Local = time.UTC
	silence()
	if s.template != "" {
		text, err := os.ReadFile(s.template)
		if err != nil {
			fmt.Fprintln(os.Stderr, "oracle:", err)
			os.Exit(1)
		}
		fmt.Println(render(map[string]any{}, templateName, string(text)).text)
		return
	}
	if s.chart != "" {
		if err := bench(s.chart, s.times); err != nil {
			fmt.Fprintln(os.Stderr, "oracle:", err)
			os.Exit(1)
		}
		return
	}
	if s.single != "" {
		if runOne(s) {
			os.Exit(1)
		}
		return
	}
	begin := time.Now()
	fmt.Printf("seed %d, %d pairs, %d subjects\n", s.seed, s.count, s.workers)
	r := &report{kinds: map[string]*tally{}}
	if err := runAll(s, r); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(2)
	}
	found := printAll(s, r)
	fmt.Printf("%.1f s\n", time.Since(begin).Seconds())
	if found {
		os.Exit(1)
	}
}
