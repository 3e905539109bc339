package engine

import (
	"encoding/binary"
	"errors"
	"math"

	"kvd/engine/ds/list"
)

var errListRow = errors.New("the stored element of a list has no position")

// sub is the name of the row of the element at pos: names sort as positions do.
func (l *List) sub(pos int64) []byte {
	b := l.c.tx.blank(8)
	binary.BigEndian.PutUint64(b, uint64(pos)^1<<63)
	return b
}

// positionOf is the inverse of sub.
func positionOf(sub []byte) (int64, error) {
	if len(sub) != 8 {
		return 0, errListRow
	}
	return int64(binary.BigEndian.Uint64(sub) ^ 1<<63), nil
}

// push adds an element at a side, with its row.
func (l *List) push(side Side, value []byte) {
	i := 0
	if side == Right {
		i = l.Len()
	}
	l.put(i, value)
}

// put adds an element before element i, with its row.
func (l *List) put(i int, value []byte) {
	pos, ok := l.vacant(i)
	if !ok {
		l.respace(i, value)
		return
	}
	l.insert(i, pos, value)
	l.c.putRow(l.sub(pos), value, 0)
}

// vacant returns a position for a new element before element i: in the middle of
// its neighbours, or a stride from the only one. It reports false if there is no
// number between them.
func (l *List) vacant(i int) (int64, bool) {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	switch n := l.Len(); {
	case n == 0:
		return 0, true
	case i == 0:
		if high = l.first(); high >= math.MinInt64+list.Stride {
			return high - list.Stride, true
		}
	case i == n:
		if low = l.last(); low <= math.MaxInt64-list.Stride {
			return low + list.Stride, true
		}
	default:
		low, _ = l.at(i - 1)
		high, _ = l.at(i)
	}
	gap := uint64(high - low)
	return low + int64(gap/2), gap > 1
}

// cut removes total elements, which are those of stretches, in ascending order. Their
// rows go one by one, unless most elements go: then those that stay are written
// anew. Of a list that is to lose all, nothing is touched and true returned: its
// key is to be removed.
func (l *List) cut(total int, stretches ...stretch) (emptied bool) {
	left := l.Len() - total
	if left == 0 {
		return true
	}
	renew := total > rewriteFrom && left < total/rewriteShare
	if !renew {
		for _, s := range stretches {
			l.each(s.from, s.n, list.Forward, func(pos int64, _ []byte) bool {
				l.c.deleteRow(l.sub(pos))
				return true
			})
		}
	}
	for i := len(stretches) - 1; i >= 0; i-- {
		l.remove(stretches[i].from, stretches[i].n)
	}
	l.settle()
	if renew {
		l.renew()
	}
	return false
}

const (
	// rewriteFrom is how many elements must go at least before those that stay are
	// written anew.
	rewriteFrom = 1000
	// rewriteShare is how many times as many must go as stay: a row that is written
	// costs more than one that is removed.
	rewriteShare = 4
)

// renew writes all elements anew, under another ID.
func (l *List) renew() {
	l.c.renew()
	l.each(0, l.Len(), list.Forward, func(pos int64, value []byte) bool {
		l.c.putRow(l.sub(pos), l.c.tx.lasting(value), 0)
		return true
	})
}

// loadList applies the row of an element.
func (c *collection) loadList(sub, value []byte, expire int64) error {
	pos, err := positionOf(sub)
	if err != nil {
		return err
	}
	if expire != 0 {
		return errListRow
	}
	l := listOf(*c)
	if i, found := l.search(pos); found {
		l.replace(i, value)
	} else {
		l.insert(i, pos, value)
	}
	if l.large != nil {
		l.c.resized()
	}
	*c = l.c
	return nil
}

// unloadList applies the removal of an element's row.
func (c *collection) unloadList(sub []byte) error {
	pos, err := positionOf(sub)
	if err != nil {
		return err
	}
	l := listOf(*c)
	if i, found := l.search(pos); found {
		l.remove(i, 1)
		l.settle()
	}
	*c = l.c
	return nil
}

// eachList calls fn with every element as its row has it.
func (c *collection) eachList(fn func(sub, value []byte, expire int64) bool) {
	l := listOf(*c)
	l.each(0, l.Len(), list.Forward, func(pos int64, value []byte) bool {
		return fn(l.sub(pos), value, 0)
	})
}

// lenList returns the number of elements.
func (c *collection) lenList() int {
	l := listOf(*c)
	return l.Len()
}
