package command

import (
	"slices"
	"strings"
)

// names finds commands by name, in any case and without allocating. It is an
// open hash table at most a quarter full: a lookup mostly compares one name.
type names struct {
	slots   []*Command // a power of two
	longest int
	sorted  []*Command
}

func newNames(list []*Command) names {
	if len(list) == 0 {
		return names{}
	}
	size := 8
	for size < 4*len(list) {
		size *= 2
	}
	n := names{slots: make([]*Command, size), sorted: slices.Clone(list)}
	slices.SortFunc(n.sorted, func(a, b *Command) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range n.sorted {
		n.longest = max(n.longest, len(c.Name))
		i := n.slot([]byte(c.Name))
		for n.slots[i] != nil {
			i = (i + 1) & (size - 1)
		}
		n.slots[i] = c
	}
	return n
}

// get returns the command with this name, or nil. A name longer than any
// command's is not read.
func (n *names) get(name []byte) *Command {
	if len(name) > n.longest || len(name) == 0 {
		return nil
	}
	for i := n.slot(name); ; i = (i + 1) & (len(n.slots) - 1) {
		c := n.slots[i]
		if c == nil || equalFold(name, c.Name) {
			return c
		}
	}
}

// slot returns where the search for a name begins: FNV-1a of its bytes, with
// the bit cleared by which the cases of a letter differ.
func (n *names) slot(name []byte) int {
	h := uint32(2166136261)
	for _, c := range name {
		h = (h ^ uint32(c|0x20)) * 16777619
	}
	return int((h ^ h>>15) & uint32(len(n.slots)-1))
}
