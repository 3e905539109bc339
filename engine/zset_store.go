package engine

import (
	"encoding/binary"
	"errors"
	"math"

	"kvd/engine/ds/zset"
	"kvd/engine/slab"
)

// zsetTree is a sorted set with memory of its own.
type zsetTree struct{ *zset.Set }

// Clone implements native.
func (t zsetTree) Clone(h *slab.Heap) native { return zsetTree{t.Set.Clone(h)} }

// cut removes the members with ranks from on, below to; gone is called for each
// before that, unless it is nil.
func (t zsetTree) cut(from, to int, gone func(member []byte)) {
	for range to - from {
		c := t.Seek(from)
		if gone != nil {
			gone(c.Member())
		}
		t.Delete(c.Member())
	}
}

// zsetPlace is what find found, for put. It is void once the set is changed.
type zsetPlace struct {
	present bool
	score   float64
	spot    zsetSpot   // of a small set
	tree    zset.Place // of a large one
}

func (z *ZSet) find(member []byte) (p zsetPlace) {
	if t, ok := z.tree(); ok {
		p.tree = t.Find(member)
		p.score, p.present = p.tree.Score()
		return p
	}
	p.spot, p.present = z.small().find(member)
	if p.present {
		p.score = p.spot.score
	}
	return p
}

// put gives a member a score, without row and event. The member must not be in
// the set's own memory.
func (z *ZSet) put(p zsetPlace, member []byte, score float64, most ZLimits) {
	large := z.largeWith(p, member, most)
	if t, ok := z.tree(); ok {
		t.PutAt(p.tree, member, score)
	} else {
		z.putSmall(p, member, score)
	}
	if large && !z.c.big() {
		z.c.setBig()
	}
}

// largeWith reports whether the set counts as large once it has a member.
func (z *ZSet) largeWith(p zsetPlace, member []byte, most ZLimits) bool {
	return z.c.big() || !p.present && (int64(z.Len()) >= most.Members || int64(len(member)) > most.Bytes)
}

func (z *ZSet) putSmall(p zsetPlace, member []byte, score float64) {
	b, at, del := z.small(), p.spot.at, p.spot.next-p.spot.at
	if len(b) == 0 {
		b = z.c.splice(0, 0, zsetHeader)
		b.setLen(0)
	}
	n := b.len()
	to := b.place(score, member)
	if !p.present {
		at, del = to, 0
		n++
	}
	size := zsetItemSize(score, member)
	if len(b)-del+size > packedMax {
		t := z.toTree()
		t.Put(member, score)
		return
	}
	b = z.c.splice(at, del, size)
	b.setLen(n)
	if to < at {
		copy(b[to+size:], b[to:at])
	} else if to > at {
		to -= del
		copy(b[at:to], b[at+size:])
	}
	b.put(to, score, member)
}

// toTree gives the members memory of their own.
func (z *ZSet) toTree() zsetTree {
	t := zsetTree{zset.New(z.c.heap())}
	z.Range(0, z.Len(), Ascending, func(member []byte, score float64) bool {
		t.Put(member, score)
		return true
	})
	z.c.setNative(t)
	return t
}

// remove removes a member without row and event, and reports whether it was
// there. The key stays when the set is empty.
func (z *ZSet) remove(member []byte) bool {
	if t, ok := z.tree(); ok {
		return t.Delete(member)
	}
	b := z.small()
	s, ok := b.find(member)
	if ok {
		n := b.len()
		b = z.c.splice(s.at, s.next-s.at, 0)
		b.setLen(n - 1)
	}
	return ok
}

// zsetValue is the length of the value of a member's row.
const zsetValue = 8

// errZSetRow says that a stored row is none of a sorted set.
var errZSetRow = errors.New("row of a sorted set without a score")

// loadZSet applies the stored row of a member.
func (c *collection) loadZSet(sub, value []byte, _ int64) error {
	if len(value) != zsetValue {
		return errZSetRow
	}
	score := math.Float64frombits(binary.LittleEndian.Uint64(value))
	if math.IsNaN(score) {
		return errZSetRow
	}
	z := ZSet{*c}
	z.put(z.find(sub), sub, score, defaultZLimits)
	z.loaded(c)
	return nil
}

// unloadZSet applies the removal of a stored row.
func (c *collection) unloadZSet(sub []byte) error {
	z := ZSet{*c}
	z.remove(sub)
	z.loaded(c)
	return nil
}

// loaded gives c what has become of it.
func (z *ZSet) loaded(c *collection) {
	if z.c.native() != nil {
		z.c.resized()
	}
	*c = z.c
}

func (c *collection) eachZSet(fn func(sub, value []byte, expire int64) bool) {
	z := ZSet{*c}
	var value [zsetValue]byte
	z.Range(0, z.Len(), Ascending, func(member []byte, score float64) bool {
		binary.LittleEndian.PutUint64(value[:], math.Float64bits(score))
		return fn(member, value[:], 0)
	})
}

func (c *collection) lenZSet() int {
	z := ZSet{*c}
	return z.Len()
}
