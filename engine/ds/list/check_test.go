package list

import (
	"bytes"
	"slices"
	"testing"

	"kvd/engine/slab"
)

// element is an element of the naive list that the others are compared with.
type element struct {
	pos   int64
	value []byte
}

// fataler is a test, or a property of rapid.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func newHeap(t testing.TB) *slab.Heap {
	p := slab.NewPool()
	t.Cleanup(p.Close)
	return slab.NewHeap(p)
}

// reader is what both forms of a list can be asked.
type reader interface {
	Len() int
	At(i int) (int64, []byte)
	Search(pos int64) (int, bool)
	Each(i, n int, dir Direction, fn func(pos int64, value []byte) bool)
}

// compare checks that a list has these elements, whichever way it is read.
func compare(t fataler, l reader, want []element) {
	t.Helper()
	if l.Len() != len(want) {
		t.Fatalf("length %d, want %d", l.Len(), len(want))
	}
	for _, dir := range []Direction{Forward, Backward} {
		i, step := 0, 1
		if dir == Backward {
			i, step = len(want)-1, -1
		}
		l.Each(max(i, 0), len(want), dir, func(pos int64, value []byte) bool {
			if w := want[i]; pos != w.pos || !bytes.Equal(value, w.value) {
				t.Fatalf("way %d, element %d: %d %.40q, want %d %.40q", dir, i, pos, value, w.pos, w.value)
			}
			i += step
			return true
		})
		if i != len(want) && i != -1 {
			t.Fatalf("way %d ended at element %d of %d", dir, i, len(want))
		}
	}
	stride := max(1, len(want)/50)
	for i := 0; i < len(want); i += stride {
		if pos, value := l.At(i); pos != want[i].pos || !bytes.Equal(value, want[i].value) {
			t.Fatalf("element %d: %d %.40q, want %d %.40q", i, pos, value, want[i].pos, want[i].value)
		}
		if at, found := l.Search(want[i].pos); at != i || !found {
			t.Fatalf("position of element %d found at %d, %v", i, at, found)
		}
		if at, found := l.Search(want[i].pos - 1); found && want[at].pos != want[i].pos-1 || !found && at != i {
			t.Fatalf("position before element %d found at %d, %v", i, at, found)
		}
	}
}

// check checks the invariants of a list.
func (l *List) check(t fataler) {
	t.Helper()
	count, chunks, cells, items := 0, 0, 0, 0
	last := int64(0)
	for g, gr := range l.groups {
		here := 0
		if len(gr.chunks) == 0 || len(gr.chunks) > maxGroup {
			t.Fatalf("group %d has %d chunks", g, len(gr.chunks))
		}
		for c := range gr.chunks {
			ch := &gr.chunks[c]
			b := l.bytes(ch)
			if chunks > 0 && ch.first <= last {
				t.Fatalf("chunk %d of group %d begins at %d, after %d", c, g, ch.first, last)
			}
			ch.check(t, b)
			if len(b) > chunkSize+maxGap && ch.count > 1 {
				t.Fatalf("chunk %d of group %d: %d bytes", c, g, len(b))
			}
			here += ch.count
			cells += l.heap.Size(ch.ref)
			items += len(b)
			chunks++
			last = ch.last
		}
		if here != gr.count {
			t.Fatalf("group %d counts %d, has %d", g, gr.count, here)
		}
		count += here
	}
	if count != l.count || chunks != l.chunks || cells != l.cells || items != l.items {
		t.Fatalf("counts %d %d %d %d, are %d %d %d %d", l.count, l.chunks, l.cells, l.items, count, chunks, cells, items)
	}
	if used := l.heap.Used(); used != cells {
		t.Fatalf("%d bytes in the heap, %d in the list", used, cells)
	}
}

// check checks that a run's items are what it says.
func (r run) check(t fataler, b []byte) {
	t.Helper()
	if r.count <= 0 || b[0] == 0 {
		t.Fatalf("a run of %d items, from %x on", r.count, b[0])
	}
	var starts []int
	at, n, pos := 0, 0, r.first
	for at < len(b) {
		it := readItem(b, at)
		if back := readBefore(b, it.end); back != it {
			t.Fatalf("item %d is %+v forwards and %+v backwards", n, it, back)
		}
		if n > 0 {
			pos += int64(it.distance)
		}
		starts = append(starts, at)
		at, n = it.end, n+1
	}
	if n != r.count || pos != r.last {
		t.Fatalf("%d items to %d, want %d to %d", n, pos, r.count, r.last)
	}
	if !slices.IsSorted(starts) {
		t.Fatalf("items at %v", starts)
	}
}
