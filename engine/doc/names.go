package doc

import (
	"bytes"
	"hash/maphash"
)

// span is where a name lies in a buffer.
type span struct{ at, len uint32 }

// nameSet finds names that an object has twice. It is a stack: the names of an
// object lie above those of the objects around it.
type nameSet struct {
	spans []span
	table []uint32 // scratch
}

// fewNames is how many names are compared each with each; more go through a
// table of hashes.
const fewNames = 16

// seed makes the hashes of names unknown to those who choose the names.
var seed = maphash.MakeSeed()

func (s *nameSet) add(at, length int) {
	s.spans = append(s.spans, span{uint32(at), uint32(length)})
}

// keptNames is how many entries of scratch memory stay for the next document.
const keptNames = 1 << 14

// empty forgets all names and what a large document took.
func (s *nameSet) empty() {
	s.spans = s.spans[:0]
	if cap(s.spans) > keptNames {
		s.spans = nil
	}
	if cap(s.table) > keptNames {
		s.table = nil
	}
}

// repeat says whether two of the names from first on, which lie in buf, are
// equal.
func (s *nameSet) repeat(buf []byte, first int) bool {
	names := s.spans[first:]
	if len(names) > fewNames {
		return s.repeatMany(buf, names)
	}
	for i, a := range names {
		for _, b := range names[:i] {
			if a.len == b.len && bytes.Equal(a.in(buf), b.in(buf)) {
				return true
			}
		}
	}
	return false
}

func (s span) in(buf []byte) []byte { return buf[s.at : s.at+s.len] }

// tableSize is the number of slots, a power of two, for n names.
func tableSize(n int) int {
	size := 4 * fewNames
	for size < 2*n {
		size *= 2
	}
	return size
}

func (s *nameSet) repeatMany(buf []byte, names []span) bool {
	size := tableSize(len(names))
	if cap(s.table) < size {
		s.table = make([]uint32, size)
	}
	table := s.table[:size]
	clear(table)
	mask := uint64(size - 1)
	for i, name := range names {
		slot := maphash.Bytes(seed, name.in(buf)) & mask
		for ; table[slot] != 0; slot = (slot + 1) & mask {
			if bytes.Equal(names[table[slot]-1].in(buf), name.in(buf)) {
				return true
			}
		}
		table[slot] = uint32(i + 1)
	}
	return false
}

// dropRepeated writes the members of the open object again, each name once: at
// its first place with its last value. It returns how many there are.
func (p *Parser) dropRepeated(c container) int {
	members := append([]byte(nil), p.out[c.start+c.room:]...)
	last := make(map[string]Value, c.count)
	order := make([]string, 0, c.count)
	for it := (Items{in: members, named: true}); it.Next(); {
		name := string(it.Name())
		if _, known := last[name]; !known {
			order = append(order, name)
		}
		last[name] = it.Value()
	}
	p.out = p.out[:c.start+c.room]
	for _, name := range order {
		p.out = append(AppendString(p.out, name), last[name]...)
	}
	return len(order)
}
