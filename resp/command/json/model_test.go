package json

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// node is a value of the naive model: a tree of pointers that is changed in place.
type node struct {
	kind  byte // { [ " 0 t z
	names []string
	kids  []*node
	text  string
	num   int
	on    bool
}

func (n *node) String() string {
	var parts []string
	for i, kid := range n.kids {
		if n.kind == '{' {
			parts = append(parts, strconv.Quote(n.names[i])+":"+kid.String())
		} else {
			parts = append(parts, kid.String())
		}
	}
	switch n.kind {
	case '{':
		return "{" + strings.Join(parts, ",") + "}"
	case '[':
		return "[" + strings.Join(parts, ",") + "]"
	case '"':
		return strconv.Quote(n.text)
	case '0':
		return strconv.Itoa(n.num)
	case 't':
		return strconv.FormatBool(n.on)
	}
	return "null"
}

func (n *node) clone() *node {
	c := *n
	c.names, c.kids = slices.Clone(n.names), nil
	for _, kid := range n.kids {
		c.kids = append(c.kids, kid.clone())
	}
	return &c
}

func (n *node) member(name string) *node {
	for i, known := range n.names {
		if n.kind == '{' && known == name {
			return n.kids[i]
		}
	}
	return nil
}

// contains says whether a node is n or inside of it.
func (n *node) contains(m *node) bool {
	return n == m || slices.ContainsFunc(n.kids, func(kid *node) bool { return kid.contains(m) })
}

// remove takes a node out of the tree.
func (n *node) remove(m *node) {
	for i, kid := range n.kids {
		if kid == m {
			n.kids = slices.Delete(n.kids, i, i+1)
			if n.kind == '{' {
				n.names = slices.Delete(n.names, i, i+1)
			}
			return
		}
		kid.remove(m)
	}
}

// step is a segment of a path: a name, an index or all, of the node or of all below.
type step struct {
	text string
	deep bool
}

func (s step) from(n *node) (found []*node) {
	switch i, err := strconv.Atoi(s.text); {
	case s.text == "*":
		found = append(found, n.kids...)
	case err == nil && n.kind == '[':
		if i < 0 {
			i += len(n.kids)
		}
		if i >= 0 && i < len(n.kids) {
			found = append(found, n.kids[i])
		}
	case err != nil:
		if kid := n.member(s.text); kid != nil {
			found = append(found, kid)
		}
	}
	if s.deep {
		for _, kid := range n.kids {
			if len(kid.kids) > 0 || kid.kind == '{' || kid.kind == '[' {
				found = append(found, s.from(kid)...)
			}
		}
	}
	return found
}

// find returns the nodes that a path names, each once.
func find(root *node, path []step) []*node {
	at := []*node{root}
	for _, s := range path {
		var next []*node
		for _, n := range at {
			next = append(next, s.from(n)...)
		}
		at = next
	}
	var once []*node
	for _, n := range at {
		if !slices.Contains(once, n) {
			once = append(once, n)
		}
	}
	return once
}

func pathText(path []step) string {
	text := "$"
	for _, s := range path {
		dots := "."
		if s.deep {
			dots = ".."
		}
		if _, err := strconv.Atoi(s.text); err == nil {
			if !s.deep {
				dots = ""
			}
			text += dots + "[" + s.text + "]"
		} else {
			text += dots + s.text
		}
	}
	return text
}

var someSteps = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
	return step{rapid.SampledFrom([]string{"a", "b", "c", "*", "0", "1", "-1"}).Draw(t, "step"), rapid.IntRange(0, 5).Draw(t, "deep") == 0}
}), 0, 3)

func someNode(depth int) *rapid.Generator[*node] {
	return rapid.Custom(func(t *rapid.T) *node {
		kinds := `"0tz0`
		if depth > 0 {
			kinds += "{[{["
		}
		n := &node{kind: kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")]}
		switch n.kind {
		case '"':
			n.text = rapid.SampledFrom([]string{"", "x", "yz"}).Draw(t, "text")
		case '0':
			n.num = rapid.IntRange(-3, 300).Draw(t, "num")
		case 't':
			n.on = rapid.Bool().Draw(t, "on")
		case '{':
			n.names = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID[string]).Draw(t, "names")
			for range n.names {
				n.kids = append(n.kids, someNode(depth-1).Draw(t, "member"))
			}
		case '[':
			n.kids = rapid.SliceOfN(someNode(depth-1), 0, 3).Draw(t, "elements")
		}
		return n
	})
}

// list spells the reply of a command with an entry for each match.
func list(matches []*node, entry func(*node) string) string {
	text := fmt.Sprintf("*%d\r\n", len(matches))
	for _, n := range matches {
		text += entry(n)
	}
	return text
}

const null = "$-1\r\n"

func integer(n int) string { return fmt.Sprintf(":%d\r\n", n) }
func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

// edited changes the matches of a kind, those inside of others first, and returns
// the reply: what change said of each.
func edited(matches []*node, kind byte, change func(*node) string) string {
	said := map[*node]string{}
	byDepth := slices.Clone(matches)
	slices.SortStableFunc(byDepth, func(a, b *node) int {
		switch {
		case a != b && a.contains(b):
			return 1
		case a != b && b.contains(a):
			return -1
		}
		return 0
	})
	for done := map[*node]bool{}; len(done) < len(matches); {
		for _, n := range byDepth {
			inner := slices.ContainsFunc(matches, func(m *node) bool { return m != n && !done[m] && n.contains(m) })
			if done[n] || inner {
				continue
			}
			if done[n] = true; n.kind == kind {
				said[n] = change(n)
			} else {
				said[n] = null
			}
		}
	}
	return list(matches, func(n *node) string { return said[n] })
}

// outermost leaves out matches inside of others.
func outermost(matches []*node) (outer []*node) {
	for _, n := range matches {
		if !slices.ContainsFunc(matches, func(m *node) bool { return m != n && m.contains(n) }) {
			outer = append(outer, n)
		}
	}
	return outer
}

// TestModel compares random writes with what they do to the naive tree.
func TestModel(t *testing.T) {
	h := newHarness(t)
	rapid.Check(t, func(t *rapid.T) {
		root := someNode(3).Draw(t, "root")
		h.do("json.set", "d", "$", root.String())
		for range rapid.IntRange(1, 12).Draw(t, "writes") {
			path := someSteps.Draw(t, "path")
			args, want := someWrite(t, root, path)
			got := h.do(args...)
			if got != want {
				t.Fatalf("%q: %q, want %q", args, got, want)
			}
			if text := h.get("d"); text != root.String() {
				t.Fatalf("%q:\n%s, want\n%s", args, text, root)
			}
			h.do("json.set", "d", "$", root.String()) // a key that was removed
		}
	})
}

// someWrite draws a write, does it to the model, and returns its line and reply.
func someWrite(t *rapid.T, root *node, path []step) (args []string, reply string) {
	matches := find(root, path)
	line := func(name string, rest ...string) []string {
		return append([]string{name, "d", pathText(path)}, rest...)
	}
	value := someNode(1).Draw(t, "value")
	index := rapid.IntRange(-4, 4).Draw(t, "index")
	switch rapid.IntRange(0, 8).Draw(t, "command") {
	case 0:
		for _, n := range outermost(matches) {
			*n = *value.clone()
		}
		if len(matches) == 0 {
			return line("json.set", value.String(), "XX"), null
		}
		return line("json.set", value.String()), "+OK\r\n"
	case 1:
		return line("json.strappend", `"xy"`), edited(matches, '"', func(n *node) string {
			n.text += "xy"
			return integer(len(n.text))
		})
	case 2:
		return line("json.toggle"), edited(matches, 't', func(n *node) string {
			n.on = !n.on
			return map[bool]string{true: integer(1), false: integer(0)}[n.on]
		})
	case 3:
		return line("json.arrappend", value.String(), "1"), edited(matches, '[', func(n *node) string {
			n.kids = append(n.kids, value.clone(), &node{kind: '0', num: 1})
			return integer(len(n.kids))
		})
	case 4:
		return line("json.arrpop", strconv.Itoa(index)), edited(matches, '[', func(n *node) string {
			at := index
			if at < 0 {
				at += len(n.kids)
			}
			if len(n.kids) == 0 {
				return null
			}
			at = min(max(at, 0), len(n.kids)-1)
			text := n.kids[at].String()
			n.kids = slices.Delete(n.kids, at, at+1)
			return bulk(text)
		})
	case 5:
		return line("json.arrtrim", strconv.Itoa(index), "2"), edited(matches, '[', func(n *node) string {
			from := index
			if from < 0 {
				from = max(0, from+len(n.kids))
			}
			from = min(from, len(n.kids))
			n.kids = n.kids[from:max(from, min(3, len(n.kids)))]
			return integer(len(n.kids))
		})
	case 6:
		return line("json.clear"), clearModel(outermost(matches))
	case 7:
		if slices.Contains(matches, root) {
			return []string{"json.type", "d", "none"}, null
		}
		outer := outermost(matches)
		for _, n := range outer {
			root.remove(n)
		}
		if len(outer) > 0 && len(root.kids) == 0 {
			*root = node{kind: '0'}
			return []string{"json.set", "d", "$", "0"}, "+OK\r\n" // the key would be gone
		}
		return line("json.del"), integer(len(outer))
	}
	texts := "["
	edited(matches, '0', func(n *node) string { n.num += 7; return "" })
	for i, n := range matches {
		if i > 0 {
			texts += ","
		}
		if n.kind == '0' {
			texts += strconv.Itoa(n.num)
		} else {
			texts += "null"
		}
	}
	return line("json.numincrby", "7"), bulk(texts + "]")
}

func clearModel(matches []*node) string {
	n := 0
	for _, m := range matches {
		if len(m.kids) > 0 || m.num != 0 {
			n++
		}
		m.kids, m.names, m.num = nil, nil, 0
	}
	return integer(n)
}
