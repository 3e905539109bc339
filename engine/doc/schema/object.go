package schema

import (
	"strconv"

	"kvd/engine/doc"
)

// objectCheck is a pass over the members of an object.
type objectCheck struct {
	n         *node
	present   requiredSet
	strangers []string // that no schema allows
}

// checkObject applies what a schema says of objects, in one pass over the members.
func (c *checker) checkObject(n *node, v doc.Value, s *seen) bool {
	r := n.object
	first := len(c.faults)
	ok := c.checkSize(n, v.Len(), r.minimum, r.maximum, "minProperties", "maxProperties")
	pass := objectCheck{n: n}
	index := 0
	for it := v.Items(); it.Next(); index++ {
		known, good := c.checkMember(&pass, it.Name(), it.Value())
		if known {
			s.add(index)
		}
		if ok = good && ok; !ok && c.done() || !c.spend(1) {
			return false
		}
	}
	if len(pass.strangers) > 0 {
		ok = c.fault(n, "additionalProperties", quoted(pass.strangers), " not allowed")
	}
	if missing := pass.present.missing(r.required); missing != nil {
		ok = c.faultFirst(first, n, "required", "missing ", quoted(missing))
	}
	return c.dependencies(n, v, s) && ok
}

// checkMember applies what the schema says of one member; known says whether that
// is anything.
func (c *checker) checkMember(pass *objectCheck, name []byte, v doc.Value) (known, ok bool) {
	r := pass.n.object
	ok = true
	if p, has := r.properties[string(name)]; has {
		pass.present.add(p.required)
		if known = p.node != nil; known {
			ok = c.member(p.node, name, v)
		}
	}
	for _, p := range r.patterns {
		if c.matches(p.pattern, name) {
			known = true
			ok = c.member(p.node, name, v) && ok
		}
	}
	switch {
	case known || r.additional == nil:
	case r.additional.never:
		known = true
		pass.strangers = append(pass.strangers, string(name))
	default:
		known = true
		ok = c.member(r.additional, name, v) && ok
	}
	return known, (r.names == nil || c.name(pass.n, name)) && ok
}

// member checks a member of the object that is looked at.
func (c *checker) member(n *node, name []byte, v doc.Value) bool {
	c.way = append(c.way, step{name: name})
	ok := c.check(n, v, nil)
	c.way = c.way[:len(c.way)-1]
	return ok
}

// name applies propertyNames.
func (c *checker) name(n *node, name []byte) bool {
	c.quiet++
	ok := c.check(n.object.names, doc.AppendString(nil, name), nil)
	c.quiet--
	return ok || c.fault(n, "propertyNames", "the name '", shown(name), "' is not allowed")
}

// dependencies applies dependentRequired, dependentSchemas and dependencies.
func (c *checker) dependencies(n *node, v doc.Value, s *seen) bool {
	ok := true
	for i := range n.object.dependencies {
		d := &n.object.dependencies[i]
		if v.Member([]byte(d.name)) == nil {
			continue
		}
		var missing []string
		for _, name := range d.needs {
			if c.spend(1) && v.Member([]byte(name)) == nil {
				missing = append(missing, name)
			}
		}
		if missing != nil {
			ok = c.fault(n, d.keyword, "missing ", quoted(missing), ", which '", d.name, "' needs")
		}
		if d.node != nil {
			ok = c.check(d.node, v, s) && ok
		}
	}
	return ok
}

// checkSize applies limits to a number of members or elements.
func (c *checker) checkSize(n *node, count, minimum, maximum int, least, most string) bool {
	ok := true
	if minimum >= 0 && count < minimum {
		ok = c.fault(n, least, "got ", strconv.Itoa(count), ", want at least ", strconv.Itoa(minimum))
	}
	if maximum >= 0 && count > maximum {
		ok = c.fault(n, most, "got ", strconv.Itoa(count), ", want at most ", strconv.Itoa(maximum))
	}
	return ok
}

// requiredSet is which of the required members an object has.
type requiredSet struct {
	few  uint64
	many map[int]struct{}
}

func (p *requiredSet) add(i int) {
	switch {
	case i < 0:
	case i < 64:
		p.few |= 1 << i
	default:
		if p.many == nil {
			p.many = make(map[int]struct{})
		}
		p.many[i] = struct{}{}
	}
}

// missing returns those that it has not.
func (p *requiredSet) missing(required []string) (names []string) {
	if n := len(required); n < 64 && p.few == 1<<n-1 {
		return nil
	}
	for i, name := range required {
		_, has := p.many[i]
		if i < 64 {
			has = p.few&(1<<i) != 0
		}
		if !has {
			names = append(names, name)
		}
	}
	return names
}
