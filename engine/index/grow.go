package index

// split adds a bucket and moves to it the entries of another whose hashes have
// the next bit set.
func (t *Table) split() {
	level := t.level()
	from := t.n - 1<<level
	t.addBucket()

	// What stays is written again from the bucket's start; the place to write is
	// never beyond the one that is read.
	kept, place := t.bucket(from), 0
	high := t.bucket(t.n - 1)
	for n := kept; n != nil; n = t.next(n) {
		for i := range n.len() {
			tag, ref := n.tag(i), n.ref(i)
			moves := tag>>(level%windowBits)&1 != 0
			if newWindow(level + 1) {
				tag = tagOf(t.keys.Hash(ref), level+1)
			}
			if moves {
				high = t.append(high, tag, ref)
				continue
			}
			if place == nodeSlots {
				kept, place = t.next(kept), 0
			}
			kept.set(place, tag, ref)
			place++
		}
	}
	t.cut(kept, place)
}

// join takes the last bucket away and moves its entries back to the bucket that
// it was split from.
func (t *Table) join() {
	last := t.bucket(t.n - 1)
	t.n--
	level := t.level()
	into := t.bucket(t.n - 1<<level)

	if newWindow(level + 1) {
		t.retag(into, level)
		t.retag(last, level)
	}
	for n := last; n != nil; n = t.next(n) {
		for i := range n.len() {
			into = t.append(into, n.tag(i), n.ref(i))
		}
	}
	t.cut(last, 0)
	t.shrink()
}

// newWindow reports whether tags of this level are made of other bits than
// those of the level below.
func newWindow(level int) bool { return level%windowBits == 0 }

// retag gives the entries of a bucket the tags for a level.
func (t *Table) retag(bucket *node, level int) {
	for n := bucket; n != nil; n = t.next(n) {
		for i := range n.len() {
			n.setTag(i, tagOf(t.keys.Hash(n.ref(i)), level))
		}
	}
}
