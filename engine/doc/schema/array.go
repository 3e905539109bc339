package schema

import (
	"hash/maphash"
	"strconv"

	"kvd/engine/doc"
)

// checkArray applies what a schema says of arrays.
func (c *checker) checkArray(n *node, v doc.Value, s *seen) bool {
	r := n.array
	ok := c.checkSize(n, v.Len(), r.minimum, r.maximum, "minItems", "maxItems")
	if r.unique {
		ok = c.unique(n, "uniqueItems", v) && ok
	}
	if len(r.prefix) > 0 || r.items != nil {
		ok = c.elements(n, v, s) && ok
	}
	if r.contains != nil && (ok || !c.done()) {
		ok = c.contains(n, v, s) && ok
	}
	return ok
}

// elements applies prefixItems and items.
func (c *checker) elements(n *node, v doc.Value, s *seen) bool {
	r := n.array
	ok := true
	i := 0
	for it := v.Items(); it.Next(); i++ {
		of := r.items
		if i < len(r.prefix) {
			of = r.prefix[i]
		}
		if of == nil {
			break
		}
		if of.never && i >= len(r.prefix) {
			return c.fault(n, r.itemsKeyword, "got ", strconv.Itoa(v.Len()), " elements, want at most ", strconv.Itoa(i))
		}
		ok = c.element(of, i, it.Value()) && ok
		s.add(i)
		if !ok && c.done() {
			return false
		}
	}
	return ok
}

// element checks an element of the array that is looked at.
func (c *checker) element(n *node, i int, v doc.Value) bool {
	c.way = append(c.way, step{index: i})
	ok := c.check(n, v, nil)
	c.way = c.way[:len(c.way)-1]
	return ok
}

// contains applies contains, minContains and maxContains.
func (c *checker) contains(n *node, v doc.Value, s *seen) bool {
	r := n.array
	matched, i := 0, 0
	c.quiet++
	for it := v.Items(); it.Next(); i++ {
		if c.element(r.contains, i, it.Value()) {
			matched++
			if r.containsCountsAsLooked {
				s.add(i)
			}
		}
	}
	c.quiet--
	least, keyword := 1, "contains"
	if r.minContains >= 0 {
		least, keyword = r.minContains, "minContains"
	}
	if matched < least {
		return c.fault(n, keyword, "got ", strconv.Itoa(matched), " elements that match, want at least ", strconv.Itoa(least))
	}
	if r.maxContains >= 0 && matched > r.maxContains {
		return c.fault(n, "maxContains", "got ", strconv.Itoa(matched), " elements that match, want at most ", strconv.Itoa(r.maxContains))
	}
	return true
}

// fewElements is how many elements are compared each with each.
const fewElements = 8

// unique says whether the elements of an array differ.
func (c *checker) unique(n *node, keyword string, v doc.Value) bool {
	if v.Len() < 2 || !c.spend(len(v)/16) {
		return !c.exhausted
	}
	i, j := equalElements(v)
	if j < 0 {
		return true
	}
	return c.fault(n, keyword, "elements ", strconv.Itoa(i), " and ", strconv.Itoa(j), " are equal")
}

// equalElements returns the indexes of two elements that are equal, or -1.
func equalElements(v doc.Value) (int, int) {
	if v.Len() <= fewElements {
		return equalFew(v)
	}
	seed := maphash.MakeSeed()
	at := make(map[uint64][]int, v.Len())
	var text []byte
	values := make([]doc.Value, 0, v.Len())
	for it := v.Items(); it.Next(); {
		text = doc.AppendCanonical(text[:0], it.Value())
		key := maphash.Bytes(seed, text)
		for _, i := range at[key] {
			if doc.Equal(values[i], it.Value()) {
				return i, len(values)
			}
		}
		at[key] = append(at[key], len(values))
		values = append(values, it.Value())
	}
	return -1, -1
}

func equalFew(v doc.Value) (int, int) {
	var values [fewElements]doc.Value
	j := 0
	for it := v.Items(); it.Next(); j++ {
		values[j] = it.Value()
		for i := range j {
			if doc.Equal(values[i], values[j]) {
				return i, j
			}
		}
	}
	return -1, -1
}
