package schema

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kvd/engine/doc"
)

// checker is one check of one document.
type checker struct {
	steps     int
	exhausted bool
	quiet     int // above 0: nobody asks for the faults
	nesting   int
	kajson    bool
	dynamic   bool
	faults    []Fault
	way       []step      // to the value that is looked at
	scopes    []*resource // through which the check has come, where that matters
	scratch   []byte
}

// step is a member's name or an element's index on the way to a value.
type step struct {
	name  []byte
	index int
}

// seen notes which members or elements of one value a schema has looked at, for
// unevaluatedProperties and unevaluatedItems. A nil one notes nothing.
type seen struct{ bits []uint64 }

func newSeen(v doc.Value) *seen { return &seen{make([]uint64, (v.Len()+63)/64)} }

func (s *seen) add(i int) {
	if s != nil {
		s.bits[i/64] |= 1 << (i % 64)
	}
}

func (s *seen) has(i int) bool { return s.bits[i/64]&(1<<(i%64)) != 0 }

func (s *seen) addAll(o *seen) {
	if s != nil {
		for i, word := range o.bits {
			s.bits[i] |= word
		}
	}
}

// fork returns a seen for a schema that may turn out not to count.
func (s *seen) fork() *seen {
	if s == nil {
		return nil
	}
	return &seen{make([]uint64, len(s.bits))}
}

// spend pays for work of so many steps, and says whether it may be done.
func (c *checker) spend(n int) bool {
	c.steps -= n
	if c.steps < 0 {
		c.exhausted = true
	}
	return !c.exhausted
}

// done says that it does not matter what else is wrong.
func (c *checker) done() bool { return c.quiet > 0 || len(c.faults) >= MaxFaults || c.exhausted }

// check applies a schema to a value and says whether it is valid.
func (c *checker) check(n *node, v doc.Value, s *seen) bool {
	if !c.spend(1) || c.nesting >= maxNesting {
		c.exhausted = true
		return false
	}
	if n.never {
		return c.fault(n, "", "no value is allowed")
	}
	c.nesting++
	defer func() { c.nesting-- }()
	if c.dynamic && n.resource != nil && (len(c.scopes) == 0 || c.scopes[len(c.scopes)-1] != n.resource) {
		c.scopes = append(c.scopes, n.resource)
		defer func() { c.scopes = c.scopes[:len(c.scopes)-1] }()
	}
	if c.kajson {
		v = c.unwrap(n, v)
	}
	own := s
	if n.restProperties != nil && v.Kind() == doc.Object || n.restItems != nil && v.Kind() == doc.Array {
		own = newSeen(v) // what the schemas around this one look at does not count
	}
	if !c.checkSelf(n, v, own) || !c.checkRest(n, v, own) {
		return false
	}
	if own != s && s != nil {
		s.addAll(own)
	}
	return true
}

// checkSelf applies all of a schema but what is about the rest.
func (c *checker) checkSelf(n *node, v doc.Value, s *seen) bool {
	if n.types != 0 && n.types&typesOf(v) == 0 {
		return c.fault(n, "type", "got ", typeName(v), ", want ", strings.Join(n.types.names(), " or "))
	}
	ok := c.checkValue(n, v)
	if !ok && c.done() {
		return false
	}
	switch v.Kind() {
	case doc.Number:
		ok = (n.number == nil || c.checkNumber(n, v)) && ok
	case doc.String:
		ok = (n.text == nil || c.checkText(n, v)) && ok
	case doc.Array:
		ok = (n.array == nil || c.checkArray(n, v, s)) && ok
	case doc.Object:
		ok = (n.object == nil || c.checkObject(n, v, s)) && ok
	}
	if !ok && c.done() {
		return false
	}
	return c.checkOthers(n, v, s) && ok
}

// checkValue applies enum, const and format.
func (c *checker) checkValue(n *node, v doc.Value) bool {
	ok := true
	if n.words != nil || n.enum != nil {
		if ok = c.listed(n, v); !ok {
			c.fault(n, "enum", c.display(v), " is not one of ", listValues(n.enum))
		}
	}
	if n.constant != nil && !doc.Equal(n.constant, v) {
		ok = c.fault(n, "const", "got ", c.display(v), ", want ", c.display(n.constant))
	}
	if n.format != nil && n.format.kinds&typesOf(v) != 0 {
		ok = c.checkFormat(n, v) && ok
	}
	return ok
}

// listed says whether a value is one of the enum.
func (c *checker) listed(n *node, v doc.Value) bool {
	if n.words != nil && v.Kind() == doc.String {
		_, ok := n.words[string(v.Text())]
		return ok
	}
	for _, other := range n.enum {
		if other.Kind() == v.Kind() && c.spend(1+min(len(v), len(other))/64) && doc.Equal(other, v) {
			return true
		}
	}
	return false
}

// checkText applies what a schema says of strings.
func (c *checker) checkText(n *node, v doc.Value) bool {
	r, text := n.text, v.Text()
	ok := true
	if r.minimum >= 0 || r.maximum >= 0 {
		count := utf8.RuneCount(text)
		if r.minimum >= 0 && count < r.minimum {
			ok = c.fault(n, "minLength", "got ", strconv.Itoa(count), ", want at least ", strconv.Itoa(r.minimum))
		}
		if r.maximum >= 0 && count > r.maximum {
			ok = c.fault(n, "maxLength", "got ", strconv.Itoa(count), ", want at most ", strconv.Itoa(r.maximum))
		}
	}
	if r.pattern != nil && !c.matches(r.pattern, text) {
		ok = c.fault(n, "pattern", c.display(v), " does not match '", r.pattern.re.String(), "'")
	}
	return ok
}

// matches says whether a pattern matches somewhere in text.
func (c *checker) matches(p *pattern, text []byte) bool {
	const perStep = 64 // instructions and bytes
	return c.spend(len(text)*p.size/perStep) && p.re.Match(text)
}

// pointer is the way to the value that is looked at.
func (c *checker) pointer() string {
	var p []byte
	for _, s := range c.way {
		if s.name == nil {
			p = strconv.AppendInt(append(p, '/'), int64(s.index), 10)
		} else {
			p = doc.AppendPointerName(p, s.name)
		}
	}
	return string(p)
}

// fault notes what is wrong with the value that is looked at. It returns false,
// which is what a schema says that has a fault.
func (c *checker) fault(n *node, keyword string, message ...string) bool {
	if !c.done() {
		c.faults = append(c.faults, c.faultAt(n, keyword, message))
	}
	return false
}

func (c *checker) faultAt(n *node, keyword string, message []string) Fault {
	where := n.where
	if keyword == "" {
		keyword = where[strings.LastIndexByte(where, '/')+1:]
	} else {
		where += "/" + keyword
	}
	return Fault{Pointer: c.pointer(), Keyword: keyword, Message: strings.Join(message, ""), Schema: where}
}

// faultFirst is fault, but before the faults from place first on: what is missing
// is told before what is wrong inside.
func (c *checker) faultFirst(first int, n *node, keyword string, message ...string) bool {
	if !c.done() {
		c.faults = slices.Insert(c.faults, first, c.faultAt(n, keyword, message))
	}
	return false
}
