package doc

import "bytes"

// AppendWithMember appends the object old with the value for the name: in the
// place of the member that has it, else behind all others.
func AppendWithMember(dst []byte, old Value, name []byte, v Value) []byte {
	dst, c := beginLike(dst, old)
	it := old.Items()
	first := it.next
	c.count = old.Len()
	for it.Next() {
		if bytes.Equal(it.Name(), name) {
			dst = append(append(dst, old[first:it.at]...), v...)
			return c.end(append(dst, old[it.next:]...))
		}
	}
	dst = append(dst, old[first:]...)
	c.count++
	return c.end(append(AppendString(dst, name), v...))
}

// AppendNested appends v inside of one object for each name, the first of them
// outermost.
func AppendNested(dst []byte, names [][]byte, v Value) []byte {
	if len(names) == 0 {
		return append(dst, v...)
	}
	dst, c := begin(dst, tagObject)
	c.count = 1
	dst = AppendString(dst, names[0])
	return c.end(AppendNested(dst, names[1:], v))
}

// AppendConcat appends the string that a and b, which are strings, make
// together.
func AppendConcat(dst []byte, a, b Value) []byte {
	x, y := a.Text(), b.Text()
	dst = appendHeader(dst, tagString, len(x)+len(y))
	return append(append(dst, x...), y...)
}

// AppendCleared appends what JSON.CLEAR makes of v: an empty container or the
// number 0. It appends nothing and says Kept for other kinds and for what is
// clear already.
func AppendCleared(dst []byte, v Value) ([]byte, Outcome) {
	switch {
	case v.IsContainer() && v.Len() > 0:
		return append(dst, v[0]&kindMask), Changed
	case v.Kind() == Number && parseDecimal(v.Text()).sign() != 0:
		return AppendNumber(dst, "0"), Changed
	}
	return dst, Kept
}

// AppendMerged appends what the merge patch makes of old (RFC 7396). No value as
// old is an object without members, like every value that is not an object.
func AppendMerged(dst []byte, old, patch Value) []byte {
	if patch.Kind() != Object {
		return append(dst, patch...)
	}
	if old.Kind() != Object {
		old = Value{tagObject}
	}
	dst, c := beginLike(dst, old)
	changes := newLookup(patch)
	for it := old.Items(); it.Next(); {
		change := changes.member(it.Name())
		if change.Kind() == Null {
			continue
		}
		c.count++
		dst = AppendString(dst, it.Name())
		if change == nil {
			dst = append(dst, it.Value()...)
		} else {
			dst = AppendMerged(dst, it.Value(), change)
		}
	}
	known := newLookup(old)
	for it := patch.Items(); it.Next(); {
		if it.Value().Kind() != Null && known.member(it.Name()) == nil {
			c.count++
			dst = AppendMerged(AppendString(dst, it.Name()), nil, it.Value())
		}
	}
	return c.end(dst)
}
