package index

// Touch reads the bucket that a hash belongs to and returns a number made of it:
// a caller that uses the number has the bucket brought into the processor's
// caches. It waits for nothing, so that several reads can be under way at once.
func (t *Table) Touch(hash uint64) uint64 {
	if t.n == 0 {
		return 0
	}
	b, _ := t.address(hash)
	return uint64(t.bucket(b)[lenAt])
}

// Guess returns an entry of the bucket that may be the one with this hash: its
// key is not looked at.
func (t *Table) Guess(hash uint64) (ref uint64, ok bool) {
	if t.n == 0 {
		return 0, false
	}
	b, level := t.address(hash)
	n := t.bucket(b)
	found := n.match(tagOf(hash, level))
	if found == 0 || found.first() >= n.len() {
		return 0, false
	}
	return n.ref(found.first()), true
}
