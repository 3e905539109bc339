// Package diff compares kvd with a real redis-server: both get the same random
// lines, and every reply, and at the end all data, has to be the same.
//
// The lines come from templates (the files named lines_…), one list for each
// type; few keys and small values make commands meet each other's results. What
// may differ, such as the order of a set, is in rules.go and nothing else is
// allowed to. A difference is shown with the fewest lines that still cause it.
//
// KVD_SEED repeats a run, KVD_DIFF_LINES says how many lines each type gets, and
// KVD_DIFF_SHOW after how many differences a type is given up.
//
// Invariant: a run depends on its seed only, not on time or on the servers.
package diff

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// template makes lines of one form:
//
//	ZADD $key [NX | XX] ($score $member)+
//
// $name is a word of the vocabulary, [ ] is left out half of the time, < | > and
// [ | ] choose, ( ) groups, and + repeats what stands before it up to five times.
// All else stands for itself, but for the names of marks.
type template struct {
	weight int
	body   node
}

// node is a part of a template.
type node interface {
	// add appends words to line.
	add(rnd *rand.Rand, line []string) []string
}

type (
	word     string                  // stands for itself
	variable func(*rand.Rand) string // a word of the vocabulary
	sequence []node
	choice   []node
	optional struct{ node }
	repeated struct{ node }
)

func (w word) add(_ *rand.Rand, line []string) []string { return append(line, string(w)) }

func (v variable) add(rnd *rand.Rand, line []string) []string { return append(line, v(rnd)) }

func (s sequence) add(rnd *rand.Rand, line []string) []string {
	for _, n := range s {
		line = n.add(rnd, line)
	}
	return line
}

func (c choice) add(rnd *rand.Rand, line []string) []string {
	return c[rnd.IntN(len(c))].add(rnd, line)
}

func (o optional) add(rnd *rand.Rand, line []string) []string {
	if rnd.IntN(2) == 0 {
		return line
	}
	return o.node.add(rnd, line)
}

func (r repeated) add(rnd *rand.Rand, line []string) []string {
	for range 1 + rnd.IntN(5) {
		line = r.node.add(rnd, line)
	}
	return line
}

// parse reads a template. It panics on a wrong one: they are constants.
func parse(weight int, text string) template {
	for _, mark := range []string{"[", "]", "<", ">", "(", ")", "|", "+"} {
		text = strings.ReplaceAll(text, mark, " "+mark+" ")
	}
	p := parser{words: strings.Fields(text)}
	return template{weight: weight, body: p.choice("")}
}

// parser reads the words of a template.
type parser struct {
	words []string
	next  int
}

// choice reads alternatives up to the closing mark.
func (p *parser) choice(closing string) node {
	all := choice{}
	for {
		list, end := p.sequence(closing)
		all = append(all, list)
		if end != "|" {
			break
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return all
}

// sequence reads up to a bar, which it returns, or to the closing mark.
func (p *parser) sequence(closing string) (list sequence, end string) {
	for p.next < len(p.words) {
		text := p.words[p.next]
		p.next++
		switch text {
		case closing, "|":
			return list, text
		case "[":
			list = append(list, optional{p.choice("]")})
		case "<":
			list = append(list, p.choice(">"))
		case "(":
			list = append(list, p.choice(")"))
		case "+":
			list[len(list)-1] = repeated{list[len(list)-1]}
		default:
			list = append(list, wordOf(text))
		}
	}
	if closing != "" {
		panic(fmt.Sprintf("template %q lacks a %s", strings.Join(p.words, " "), closing))
	}
	return list, ""
}

// marks are the names of what has a meaning in templates. OPEN belongs to the
// word that follows. AFTER and ID are made by the generator.
var marks = map[string]string{"GREATER": ">", "PLUS": "+", "OPEN": "("}

// wordOf returns the node of one word.
func wordOf(text string) node {
	name, ok := strings.CutPrefix(text, "$")
	if !ok {
		return word(text)
	}
	v := vocabulary[name]
	if v == nil {
		panic("there is no word " + text)
	}
	return variable(v)
}
