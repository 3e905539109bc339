package engine

import (
	"encoding/binary"
	"math"

	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// ZRule says which members an addition may touch.
type ZRule uint8

// The rules, which can be joined.
const (
	// ZIfMissing adds members and changes none.
	ZIfMissing ZRule = 1 << iota
	// ZIfPresent changes members and adds none.
	ZIfPresent
	// ZIfGreater changes a member only to a greater score.
	ZIfGreater
	// ZIfLess changes a member only to a lesser score.
	ZIfLess
)

// errNaN is what redis-server says of infinities that take each other away.
var errNaN = rediserr.New("resulting score is not a number (NaN)")

// refuses reports whether the rule forbids a member to get a score; was is the
// one that it has, if it is present.
func (r ZRule) refuses(present bool, was, score float64) bool {
	if !present {
		return r&ZIfPresent != 0
	}
	return r&ZIfMissing != 0 || r&ZIfGreater != 0 && score <= was || r&ZIfLess != 0 && score >= was
}

// Add gives members their scores, and returns how many were not there before and
// how many have another score now. Event: zadd, if there were any.
func (z *ZSet) Add(entries []ZEntry, rule ZRule, most ZLimits) (added, changed int) {
	for _, e := range entries {
		p := z.find(e.Member)
		switch {
		case rule.refuses(p.present, p.score, e.Score):
		case !p.present:
			z.set(p, e.Member, e.Score, most)
			added++
		case p.score != e.Score:
			z.set(p, e.Member, e.Score, most)
			changed++
		}
	}
	if added+changed > 0 {
		z.changed("zadd")
		z.c.wake()
	}
	return added, changed
}

// Fill is Add for all members, none twice, of a set that is missing.
func (z *ZSet) Fill(entries []ZEntry, most ZLimits) { z.Add(entries, 0, most.forAll(entries)) }

// Increment adds by to the score of a member, which counts as 0 if it is missing,
// and returns the sum and whether the rule allowed it. It fails, and changes
// nothing, if the sum is no number. Event: zincr, if the score has changed.
func (z *ZSet) Increment(member []byte, by float64, rule ZRule, most ZLimits) (score float64, ok bool, err error) {
	p := z.find(member)
	if p.present && rule&ZIfMissing != 0 {
		return 0, false, nil
	}
	if score = by; p.present { // 0 is not added: it would change the negative zero
		score += p.score
	}
	switch {
	case math.IsNaN(score):
		return 0, false, errNaN
	case rule.refuses(p.present, p.score, score):
		return 0, false, nil
	case !p.present || p.score != score:
		z.set(p, member, score, most)
		z.changed("zincr")
		z.c.wake()
	}
	return score, true, nil
}

// Remove removes members and returns how many were there. Events: zrem, if there
// were any, and del for a set that has none left.
func (z *ZSet) Remove(members [][]byte) int {
	removed := 0
	for _, m := range members {
		if z.remove(m) {
			z.c.deleteRow(m)
			removed++
		}
	}
	if removed > 0 {
		z.changed("zrem")
	}
	return removed
}

// RemoveRange removes the members with ranks from on, below to, and returns how
// many those were. Events: event, if there were any, and del for a set that has
// none left.
func (z *ZSet) RemoveRange(from, to int, event string) int {
	from, to = max(from, 0), min(to, z.Len())
	if from >= to {
		return 0
	}
	z.cut(from, to)
	z.changed(event)
	return to - from
}

// Pop removes up to count members from the beginning (Ascending) or the end, and
// calls fn for each before that. Events: zpopmin or zpopmax, if there are any,
// and del for a set that has none left.
func (z *ZSet) Pop(order Order, count int, fn func(member []byte, score float64)) {
	n := z.Len()
	from, to, event := 0, min(count, n), "zpopmin"
	if order == Descending {
		from, to, event = n-to, n, "zpopmax"
	}
	z.Range(from, to, order, func(member []byte, score float64) bool {
		fn(member, score)
		return true
	})
	z.RemoveRange(from, to, event)
}

// ReplaceZSet puts entries, no member twice, in place of whatever key holds.
// Their members must stay as they are until the Tx ends. Without any the key is
// deleted. Events: event, or del if there was a key.
func (tx *Tx) ReplaceZSet(key []byte, entries []ZEntry, most ZLimits, event string) {
	if len(entries) == 0 {
		tx.Delete(key)
		return
	}
	recorded := tx.events
	if tx.Discard(key) {
		tx.events &^= change.EventNew // to clients the key was there all along
	}
	c, _ := tx.peek(key, change.ZSet) // there is nothing now that could have another type
	z := ZSet{c}
	most = most.forAll(entries)
	for _, e := range entries {
		z.set(z.find(e.Member), e.Member, e.Score, most)
	}
	tx.events = recorded
	z.changed(event)
	z.c.wake()
}

// changed ends a command that has changed the set.
func (z *ZSet) changed(event string) {
	if z.c.native() != nil {
		z.c.resized()
	}
	z.c.changed(change.EventZSet, event)
	if z.Len() == 0 {
		z.c.removeEmpty()
	}
}

// set is put with the member's row. A set that counts as small takes the negative
// zero for the other one.
func (z *ZSet) set(p zsetPlace, member []byte, score float64, most ZLimits) {
	if score == 0 && !z.largeWith(p, member, most) {
		score = 0
	}
	z.put(p, member, score, most)
	z.c.putRow(member, z.c.tx.scoreValue(score), 0)
}

// scoreValue returns the value of a member's row.
func (tx *Tx) scoreValue(score float64) []byte {
	b := tx.blank(zsetValue)
	binary.LittleEndian.PutUint64(b, math.Float64bits(score))
	return b
}

// cut removes the members with ranks from on, below to, and their rows. If all
// go, the rows go with the key.
func (z *ZSet) cut(from, to int) {
	n := z.Len()
	t, ok := z.tree()
	switch {
	case to-from == n:
		z.c.setPacked(nil)
	case !ok:
		z.cutSmall(from, to)
	case to-from > n/2:
		t.cut(from, to, nil)
		z.c.renew()
		z.recordAll()
	default:
		t.cut(from, to, func(member []byte) { z.c.deleteRow(z.c.tx.lasting(member)) })
	}
}

func (z *ZSet) cutSmall(from, to int) {
	b := z.small()
	at, end := b.offset(from), b.offset(to)
	b.ascend(from, to, func(member []byte, _ float64) bool {
		z.c.deleteRow(z.c.tx.lasting(member))
		return true
	})
	n := b.len() - (to - from)
	b = z.c.splice(at, end-at, 0)
	b.setLen(n)
}

// recordAll records the row of every member.
func (z *ZSet) recordAll() {
	z.Range(0, z.Len(), Ascending, func(member []byte, score float64) bool {
		z.c.putRow(z.c.tx.lasting(member), z.c.tx.scoreValue(score), 0)
		return true
	})
}
