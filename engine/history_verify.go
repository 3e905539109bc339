package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"kvd/internal/change"
)

// Verify reads all versions and returns what is wrong with them: a content that
// does not match its hash, a version that does not follow from the one before.
// The chain is followed from the first version, or from the first of those that
// carry it where older ones were pruned.
func (h *History) Verify() (faults []string) {
	var all []Version
	broken := h.each(func(v *Version) { all = append(all, *v) })
	if broken != nil {
		faults = append(faults, broken.Error())
	}
	slices.Reverse(all)
	for i := range all {
		if v := &all[i]; v.Forgotten && v.Hash != v.seal() {
			faults = append(faults, fmt.Sprintf("version %d: the mark of its erasure was changed", v.Number))
		} else if !v.Forgotten {
			if _, err := h.Load(v.Number); err != nil {
				faults = append(faults, fmt.Sprintf("version %d: %v", v.Number, err))
			}
		}
	}
	if h.head != nil && broken == nil {
		faults = append(faults, h.followChain(all)...)
	}
	return faults
}

// followChain looks whether versions, oldest first, follow from each other.
func (h *History) followChain(all []Version) (faults []string) {
	var c chain
	for i := range all {
		if !c.follow(&all[i]) {
			faults = append(faults, fmt.Sprintf("version %d does not follow from the one before", all[i].Number))
		}
	}
	switch {
	case c.number != h.head.number:
		faults = append(faults, fmt.Sprintf("version %d, the newest, is missing", h.head.number))
	case c.known && c.sum != h.head.chain:
		faults = append(faults, fmt.Sprintf("version %d is not the one that was recorded last", h.head.number))
	}
	return faults
}

// chain is the sum of a version and all before it.
type chain struct {
	number uint64
	sum    [sha256.Size]byte
	known  bool
}

// follow goes on to the next version that there is, and reports false if that
// carries another chain.
func (c *chain) follow(v *Version) (ok bool) {
	if v.Number != c.number+1 {
		c.known = false
	}
	if v.Number == 1 {
		c.known, c.sum = true, [sha256.Size]byte{}
	}
	c.number = v.Number
	if v.Forgotten {
		c.sum, c.known = v.chain, v.hasChain
		return true
	}
	ok = true
	if c.known {
		c.sum = v.chainAfter(c.sum)
		ok = !v.hasChain || v.chain == c.sum
	}
	if v.hasChain {
		c.sum, c.known = v.chain, true
	}
	return ok
}

// chainOf returns the chain of a version, if it is known.
func (h *History) chainOf(number uint64) (c chain, err error) {
	if number == h.head.number {
		return chain{number, h.head.chain, true}, nil
	}
	var run []Version
	for at := number; at > 0; {
		v, ok, err := h.raw(at)
		if err != nil {
			return c, err
		}
		if !ok || v.Number != at {
			break
		}
		run = append(run, v)
		if v.hasChain {
			break
		}
		at--
	}
	for i := len(run) - 1; i >= 0; i-- {
		c.follow(&run[i])
	}
	return c, nil
}

// Forget erases a version for good: what stays is a mark with its number, its time
// and its place in the chain, sealed with who erased it and when. The content is
// gone from the data file with the next checkpoint. It fails as Info does.
func (h *History) Forget(number uint64) error {
	v, err := h.Info(number)
	if err != nil {
		return err
	}
	c, err := h.chainOf(number)
	if err != nil {
		return err
	}
	h.mark(&v, c)
	h.putHead()
	return nil
}

// mark puts the mark of its erasure in the place of a version.
func (h *History) mark(v *Version, c chain) {
	m := Version{
		Number: v.Number, Rev: v.Rev, Time: v.Time, Forgotten: true, Command: h.tx.origin.Command, Actor: h.tx.origin.Actor,
		Message: strconv.FormatInt(h.tx.now, 10), chain: c.sum, hasChain: c.known,
	}
	m.Hash = m.seal()
	h.putVersion(&m)
	if v.Number == h.head.number {
		h.head.hash = [sha256.Size]byte{}
	}
	if s := h.head.sheet; s != nil {
		delete(s.notes, v.Number)
		for name, n := range s.tags {
			if n == v.Number {
				delete(s.tags, name)
			}
		}
	}
}

// seal is the sum of what the mark of an erasure says.
func (v *Version) seal() [sha256.Size]byte {
	b := append([]byte("forgotten"), v.chain[:]...)
	b = binary.BigEndian.AppendUint64(b, v.Number)
	b = binary.BigEndian.AppendUint64(b, uint64(v.Time))
	return sha256.Sum256(appendText(appendText(b, v.Actor), v.Message))
}

// ForgetAll erases all versions and returns how many there were. The numbers go
// on: a mark stays in the place of the newest.
func (h *History) ForgetAll() (n int64, err error) {
	if h.head == nil {
		return 0, nil
	}
	var newest Version
	var older []uint64
	err = h.each(func(v *Version) {
		if !v.Forgotten {
			n++
		}
		if v.Number == h.head.number {
			newest = *v
			return
		}
		older = append(older, v.Number)
	})
	if err != nil || n == 0 {
		return 0, err
	}
	for _, number := range older {
		h.drop(number)
	}
	h.head.first, h.head.sheet = h.head.number, nil
	newest.Number = h.head.number
	h.mark(&newest, chain{h.head.number, h.head.chain, true})
	h.putHead()
	return n, nil
}

// restorable reports whether a version has a value to bring back.
func (v *Version) restorable() bool { return v.Type != change.NoType && !v.Forgotten }
