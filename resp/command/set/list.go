package set

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strconv"
)

// list is members that were copied from sets. They stand one after the other in
// blocks, which never move, each with its length in front.
type list struct {
	blocks [][]byte
	count  int
	lookup lookup
}

// place is where a member begins: the number of its block and, in the lowest
// bits, its offset there.
type place uint64

const (
	offsetBits = 20
	// firstBlock and largestBlock are sizes of blocks in bytes, from the first
	// on. A member that is longer has a block of its own.
	firstBlock   = 1 << 10
	largestBlock = 1 << offsetBits
)

func (l *list) len() int { return l.count }

// append adds a member and returns its place.
func (l *list) append(member []byte) place {
	size := len(member) + binary.MaxVarintLen32
	last := len(l.blocks) - 1
	if last < 0 || cap(l.blocks[last])-len(l.blocks[last]) < size {
		last++
		next := min(firstBlock<<min(last, offsetBits), largestBlock)
		l.blocks = append(l.blocks, make([]byte, 0, max(next, size)))
	}
	b := l.blocks[last]
	at := place(last)<<offsetBits | place(len(b))
	l.blocks[last] = append(binary.AppendUvarint(b, uint64(len(member))), member...)
	l.count++
	return at
}

// at returns the member at a place.
func (l *list) at(p place) []byte {
	b := l.blocks[p>>offsetBits][p&(1<<offsetBits-1):]
	n, size := binary.Uvarint(b)
	return b[size : size+int(n) : size+int(n)]
}

// all calls fn for every member, in order.
func (l *list) all(fn func(member []byte)) {
	for _, b := range l.blocks {
		for len(b) > 0 {
			n, size := binary.Uvarint(b)
			end := size + int(n)
			fn(b[size:end:end])
			b = b[end:]
		}
	}
}

// sorted returns the members, which are integers, in ascending order.
func (l *list) sorted() list {
	numbers := make([]int64, 0, l.count)
	l.all(func(member []byte) {
		n, _ := strconv.ParseInt(string(member), 10, 64)
		numbers = append(numbers, n)
	})
	slices.SortFunc(numbers, cmp.Compare[int64])
	var out list
	var digits [20]byte
	for _, n := range numbers {
		out.append(strconv.AppendInt(digits[:0], n, 10))
	}
	return out
}

// lookup finds members of a list by hashing, with open addressing. A slot holds
// a place plus one and, in its highest bits, bits of the hash; it is 0 if empty.
type lookup struct {
	seed  maphash.Seed
	slots []uint64
}

const (
	tagBits   = 12
	tagShift  = 64 - tagBits
	placeMask = 1<<tagShift - 1
	// firstSlots is a power of two, as every length of slots.
	firstSlots = 64
)

// add adds a member that is not there yet and reports whether that was so. What
// append adds is not found by it.
func (l *list) add(member []byte) bool {
	if 2*l.count >= len(l.lookup.slots) {
		l.grow()
	}
	hash := maphash.Bytes(l.lookup.seed, member)
	at, found := l.find(hash, member)
	if !found {
		l.lookup.slots[at] = hash>>tagShift<<tagShift | uint64(l.append(member)+1)
	}
	return !found
}

// has reports whether a member was added.
func (l *list) has(member []byte) bool {
	if len(l.lookup.slots) == 0 {
		return false
	}
	_, found := l.find(maphash.Bytes(l.lookup.seed, member), member)
	return found
}

// find returns the slot of a member, or the empty one where it would go.
func (l *list) find(hash uint64, member []byte) (at uint64, found bool) {
	slots := l.lookup.slots
	mask := uint64(len(slots) - 1)
	for at = hash & mask; slots[at] != 0; at = (at + 1) & mask {
		if slots[at]>>tagShift == hash>>tagShift && string(l.at(place(slots[at]&placeMask-1))) == string(member) {
			return at, true
		}
	}
	return at, false
}

// grow makes room for more members.
func (l *list) grow() {
	old := l.lookup.slots
	if len(old) == 0 {
		l.lookup = lookup{seed: maphash.MakeSeed(), slots: make([]uint64, firstSlots)}
		return
	}
	l.lookup.slots = make([]uint64, 2*len(old))
	for _, slot := range old {
		if slot == 0 {
			continue
		}
		hash := maphash.Bytes(l.lookup.seed, l.at(place(slot&placeMask-1)))
		mask := uint64(len(l.lookup.slots) - 1)
		at := hash & mask
		for l.lookup.slots[at] != 0 {
			at = (at + 1) & mask
		}
		l.lookup.slots[at] = slot
	}
}
