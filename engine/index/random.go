package index

import "math/bits"

const (
	// randomTries bounds the buckets that Random tries before it takes what
	// comes next. A table that has grown is so full that a try finds something
	// 3 to 7 times in 16.
	randomTries = 64
	// fairSlots is the length of a bucket up to which Random is exactly fair.
	fairSlots = 16
)

// Random returns one of the entries, chosen by r, or false if there are none.
// For random r all entries are about equally likely.
func (t *Table) Random(r uint64) (ref uint64, ok bool) {
	if t.count == 0 {
		return 0, false
	}
	// A bucket and a slot are chosen evenly, and again if the slot is not used:
	// so a long bucket is not less likely per entry than a short one.
	var b uint64
	for range randomTries {
		r = mix(r)
		b = scale(r, t.n)
		length := t.length(b)
		if slot := int(scale(r<<32, uint64(max(length, fairSlots)))); slot < length {
			return t.at(b, slot), true
		}
	}
	for t.length(b) == 0 {
		b = (b + 1) % t.n
	}
	return t.at(b, 0), true
}

// Sample fills refs with entries of neighbouring buckets from a place that r
// chooses, and returns how many they are: fewer than asked for only if the
// table has fewer.
func (t *Table) Sample(r uint64, refs []uint64) (count int) {
	b := scale(mix(r), t.n)
	for range t.n {
		for n := t.bucket(b); n != nil; n = t.next(n) {
			for i := range n.len() {
				if count == len(refs) {
					return count
				}
				refs[count] = n.ref(i)
				count++
			}
		}
		b = (b + 1) % t.n
	}
	return count
}

// length returns how many entries a bucket has.
func (t *Table) length(b uint64) (length int) {
	for n := t.bucket(b); n != nil; n = t.next(n) {
		length += n.len()
	}
	return length
}

// at returns the entry in a slot of a bucket, counted over all its nodes.
func (t *Table) at(b uint64, slot int) uint64 {
	n := t.bucket(b)
	for ; slot >= nodeSlots; slot -= nodeSlots {
		n = t.next(n)
	}
	return n.ref(slot)
}

// scale maps r evenly to the numbers below n.
func scale(r, n uint64) uint64 {
	high, _ := bits.Mul64(r, n)
	return high
}

// mix is the output function of the generator SplitMix64 (Steele, Lea and
// Flood, 2014), applied to its next state.
func mix(r uint64) uint64 {
	r += 0x9e3779b97f4a7c15
	r = (r ^ r>>30) * 0xbf58476d1ce4e5b9
	r = (r ^ r>>27) * 0x94d049bb133111eb
	return r ^ r>>31
}
