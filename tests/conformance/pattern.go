package conformance

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// shape is what a pattern asks for.
type shape uint8

const (
	shapeValue  shape = iota // a reply of one kind with this text
	shapeItems               // an aggregate of one kind
	shapeRange               // an integer or a double between two
	shapeAny                 // whatever is no error
	shapeRegexp              // a text that matches
	shapeOneOf               // one of the items
	shapeCount               // an aggregate of so many items
)

// pattern is a written reply.
type pattern struct {
	shape shape
	kind  kind
	text  string // before expansion; for a range "low..high"
	re    *regexp.Regexp
	items []pattern
	open  bool   // further items may follow
	as    string // the name that captures the reply
}

// matcher compares replies with patterns for one protocol.
type matcher struct {
	proto     int
	unordered bool
	vars      *variables
}

func (m *matcher) match(p *pattern, v value) bool {
	if p.as != "" {
		m.vars.captured[p.as] = v.text
	}
	switch p.shape {
	case shapeAny:
		return v.kind != kindError
	case shapeRegexp:
		return isText(v.kind) && (p.kind == 0 || v.kind == m.spelt(p.kind)) && p.re.MatchString(v.text)
	case shapeOneOf:
		for i := range p.items {
			if m.match(&p.items[i], v) {
				return true
			}
		}
		return false
	case shapeCount:
		return m.count(v) == p.text
	case shapeRange:
		return m.matchRange(p, v)
	case shapeItems:
		return m.matchItems(p, v)
	default:
		return m.matchValue(p, v)
	}
}

func isText(k kind) bool {
	return k == kindStatus || k == kindBulk || k == kindVerbatim || k == kindError
}

// count returns how many items an aggregate has, or "" for other replies.
func (m *matcher) count(v value) string {
	switch v.kind {
	case kindArray, kindSet, kindPush:
		return strconv.Itoa(len(v.items))
	case kindMap:
		return strconv.Itoa(len(v.items) / 2)
	}
	return ""
}

// spelt returns the kind that a reply of kind k has in the protocol.
func (m *matcher) spelt(k kind) kind {
	if m.proto == 3 {
		return k
	}
	switch k {
	case kindSet, kindMap, kindPush:
		return kindArray
	case kindDouble, kindBig, kindVerbatim:
		return kindBulk
	case kindBool:
		return kindInt
	}
	return k
}

func (m *matcher) matchValue(p *pattern, v value) bool {
	if v.kind != m.spelt(p.kind) {
		return false
	}
	switch p.kind {
	case kindNull:
		return m.proto == 3 || v.text == p.text
	case kindBool:
		if m.proto == 2 {
			return v.text == map[string]string{"t": "1", "f": "0"}[p.text]
		}
	}
	return v.text == m.vars.expand(p.text)
}

func (m *matcher) matchRange(p *pattern, v value) bool {
	if v.kind != m.spelt(p.kind) {
		return false
	}
	low, high, ok := strings.Cut(m.vars.expand(p.text), "..")
	if !ok {
		high = low
	}
	if p.kind == kindInt {
		return between(low, v.text, high, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
	}
	return between(low, v.text, high, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
}

// between reports whether low <= got <= high; what is no number is nowhere,
// but for two texts that are equal, such as nan.
func between[T int64 | float64](low, got, high string, parse func(string) (T, error)) bool {
	if low == got && got == high {
		return true
	}
	var n [3]T
	for i, s := range []string{low, got, high} {
		var err error
		if n[i], err = parse(s); err != nil {
			return false
		}
	}
	return n[0] <= n[1] && n[1] <= n[2]
}

func (m *matcher) matchItems(p *pattern, v value) bool {
	if v.kind != m.spelt(p.kind) {
		return false
	}
	width := 1
	if p.kind == kindMap {
		width = 2
	}
	have, want := len(v.items), len(p.items)
	if have%width != 0 || have < want || have > want && !p.open {
		return false
	}
	if m.unordered || p.kind == kindSet || p.kind == kindMap && p.open {
		return m.matchAnywhere(p.items, v.items, width)
	}
	for i := range p.items {
		if !m.match(&p.items[i], v.items[i]) {
			return false
		}
	}
	return true
}

// matchAnywhere finds for each group of width patterns a group of items of its
// own, the first that fits.
func (m *matcher) matchAnywhere(want []pattern, have []value, width int) bool {
	used := make([]bool, len(have))
	for i := 0; i < len(want); i += width {
		found := false
		for j := 0; j < len(have) && !found; j += width {
			found = !used[j] && m.matchGroup(want[i:i+width], have[j:j+width])
			used[j] = used[j] || found
		}
		if !found {
			return false
		}
	}
	return true
}

func (m *matcher) matchGroup(want []pattern, have []value) bool {
	for i := range want {
		if !m.match(&want[i], have[i]) {
			return false
		}
	}
	return true
}

// check makes sure that the numbers of a range are numbers.
func (p *pattern) check() error {
	if p.shape != shapeRange || strings.Contains(p.text, "{{") {
		return nil
	}
	for s := range strings.SplitSeq(p.text, "..") {
		_, err := strconv.ParseInt(s, 10, 64)
		if p.kind == kindDouble {
			_, err = strconv.ParseFloat(s, 64)
		}
		if err != nil {
			return fmt.Errorf("%q is no number", s)
		}
	}
	return nil
}
