package schema

import (
	"strconv"

	"kvd/engine/doc"
)

// checkOthers applies the schemas that a schema applies to the same value.
func (c *checker) checkOthers(n *node, v doc.Value, s *seen) bool {
	ok := n.ref == nil || c.check(n.ref, v, s)
	if n.dynamic != nil && c.goesOn(ok) {
		ok = c.check(c.target(n.dynamic), v, s) && ok
	}
	for _, sub := range n.allOf {
		if !c.goesOn(ok) {
			return false
		}
		ok = c.check(sub, v, s) && ok
	}
	return c.goesOn(ok) && c.checkChoices(n, v, s) && ok
}

// goesOn says whether it matters what else is wrong.
func (c *checker) goesOn(ok bool) bool { return ok || !c.done() }

// checkChoices applies the schemas of which not all have to hold.
func (c *checker) checkChoices(n *node, v doc.Value, s *seen) bool {
	ok := n.anyOf == nil || c.anyOf(n, v, s)
	if n.oneOf != nil && c.goesOn(ok) {
		ok = c.oneOf(n, v, s) && ok
	}
	if n.not != nil && c.goesOn(ok) && c.try(n.not, v, nil) {
		ok = c.fault(n, "not", "the value is one that is not allowed")
	}
	if n.when != nil && c.goesOn(ok) {
		ok = c.branch(n, v, s) && ok
	}
	return ok
}

// try says whether a value is valid, and tells nobody why not.
func (c *checker) try(n *node, v doc.Value, s *seen) bool {
	looked := s.fork()
	c.quiet++
	ok := c.check(n, v, looked)
	c.quiet--
	if ok && looked != nil {
		s.addAll(looked)
	}
	return ok
}

func (c *checker) anyOf(n *node, v doc.Value, s *seen) bool {
	ok := false
	for _, sub := range n.anyOf {
		if c.try(sub, v, s) {
			ok = true
			if s == nil {
				return true
			}
		}
	}
	return ok || c.explain(n, "anyOf", n.anyOf, v)
}

func (c *checker) oneOf(n *node, v doc.Value, s *seen) bool {
	match := -1
	for i, sub := range n.oneOf {
		if !c.try(sub, v, s) {
			continue
		}
		if match >= 0 {
			return c.fault(n, "oneOf", "matches both ", strconv.Itoa(match), " and ", strconv.Itoa(i))
		}
		match = i
	}
	return match >= 0 || c.explain(n, "oneOf", n.oneOf, v)
}

// explain tells why none of several schemas fits. If all but one are for other
// types, the faults are those of that one: "a string or null" is often written so.
func (c *checker) explain(n *node, keyword string, subs []*node, v doc.Value) bool {
	if c.done() {
		return false
	}
	var meant *node
	candidates := 0
	for _, sub := range subs {
		if target := sub.direct(); target.types == 0 || target.types&typesOf(v) != 0 {
			meant, candidates = sub, candidates+1
		}
	}
	if candidates == 1 {
		before := len(c.faults)
		if c.check(meant, v, nil); len(c.faults) > before || c.exhausted {
			return false
		}
	}
	return c.fault(n, keyword, c.display(v), " matches none of ", strconv.Itoa(len(subs)), " schemas")
}

// direct follows references that stand alone.
func (n *node) direct() *node {
	for range maxNesting {
		if n.types != 0 || n.ref == nil {
			break
		}
		n = n.ref
	}
	return n
}

// branch applies if, then and else.
func (c *checker) branch(n *node, v doc.Value, s *seen) bool {
	then := n.other
	if c.try(n.when, v, s) {
		then = n.then
	}
	return then == nil || c.check(then, v, s)
}

// target returns the schema that a dynamic reference means here: the outermost on
// the way that has the anchor.
func (c *checker) target(d *dynamicRef) *node {
	if !d.moves {
		return d.target
	}
	if d.anchor != "" {
		for _, r := range c.scopes {
			if n := r.anchors[d.anchor]; n != nil {
				return n
			}
		}
		return d.target
	}
	for _, r := range c.scopes {
		if r.recursive {
			return r.root
		}
	}
	return d.target
}

// checkRest applies unevaluatedProperties and unevaluatedItems.
func (c *checker) checkRest(n *node, v doc.Value, s *seen) bool {
	rest, keyword := n.restProperties, "unevaluatedProperties"
	if v.Kind() == doc.Array {
		rest, keyword = n.restItems, "unevaluatedItems"
	}
	if rest == nil || !v.IsContainer() || s == nil {
		return true
	}
	ok := true
	i := 0
	for it := v.Items(); it.Next(); i++ {
		if s.has(i) {
			continue
		}
		switch {
		case rest.never && it.Name() != nil:
			ok = c.fault(n, keyword, "'", shown(it.Name()), "' not allowed")
		case rest.never:
			return c.fault(n, keyword, "element ", strconv.Itoa(i), " not allowed")
		case it.Name() != nil:
			ok = c.member(rest, it.Name(), it.Value()) && ok
		default:
			ok = c.element(rest, i, it.Value()) && ok
		}
		s.add(i)
		if !ok && c.done() {
			return false
		}
	}
	return ok
}
