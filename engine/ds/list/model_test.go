package list

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kvd/engine/slab"
)

// pair is a list in one of its forms with the naive one.
type pair struct {
	want   []element
	packed Packed
	list   *List // nil: it is packed
}

// make applies an edit as an owner of a Packed does.
func (p *pair) make(e Edit) {
	b := slices.Concat(p.packed[:e.At], make([]byte, e.Add), p.packed[e.At+e.Del:])
	e.Fill(b)
	p.packed = b
}

func (p *pair) insert(i int, pos int64, v []byte) {
	if p.list != nil {
		p.list.Insert(i, pos, v)
	} else {
		p.make(p.packed.Insert(i, pos, v))
	}
	p.want = slices.Insert(p.want, i, element{pos, bytes.Clone(v)})
}

func (p *pair) remove(i, n int) {
	if p.list != nil {
		p.list.Remove(i, n)
	} else {
		p.make(p.packed.Remove(i, n))
	}
	p.want = slices.Delete(p.want, i, i+n)
}

func (p *pair) set(i int, v []byte) {
	if p.list != nil {
		p.list.Set(i, v)
	} else {
		p.make(p.packed.Set(i, v))
	}
	p.want[i].value = bytes.Clone(v)
}

// between returns a position for element i and whether there is one.
func (p *pair) between(i int, part float64) (int64, bool) {
	n := len(p.want)
	switch {
	case n == 0:
		return 0, true
	case i == 0:
		return p.want[0].pos - max(1, int64(part*2*Stride)), true
	case i == n:
		return p.want[n-1].pos + max(1, int64(part*2*Stride)), true
	}
	gap := p.want[i].pos - p.want[i-1].pos
	return p.want[i-1].pos + max(1, min(gap-1, int64(part*float64(gap)))), gap > 1
}

// sizes are lengths of values around those at which something changes.
var sizes = []int{0, 1, 7, 20, 125, 126, 127, 300, 1500, bigItem - 6, bigItem, chunkSize, 3 * chunkSize, slab.MaxCell + 1}

// value draws a value of one of the lengths.
func value(t *rapid.T, lengths []int) []byte {
	v := make([]byte, rapid.SampledFrom(lengths).Draw(t, "length"))
	for i := range v {
		v[i] = byte(i * 37)
	}
	if len(v) > 0 {
		v[0] = rapid.Byte().Draw(t, "byte")
		v[len(v)-1] = rapid.SampledFrom([]byte{0, 1, 0x7f, 0x80, 0xff}).Draw(t, "last byte")
	}
	return v
}

func (p *pair) actions(lengths []int, most int) map[string]func(*rapid.T) {
	part := rapid.SampledFrom([]float64{0.5, 0.5, 0, 0.3, 1})
	insert := func(t *rapid.T, i int) {
		if pos, ok := p.between(i, part.Draw(t, "part")); ok && len(p.want) < most {
			p.insert(i, pos, value(t, lengths))
		}
	}
	index := func(t *rapid.T) int {
		if len(p.want) == 0 {
			t.Skip()
		}
		return rapid.IntRange(0, len(p.want)-1).Draw(t, "index")
	}
	return map[string]func(*rapid.T){
		"front": func(t *rapid.T) { insert(t, 0) },
		"back":  func(t *rapid.T) { insert(t, len(p.want)) },
		"many": func(t *rapid.T) {
			i := rapid.IntRange(0, len(p.want)).Draw(t, "index")
			for range rapid.IntRange(1, 300).Draw(t, "times") {
				insert(t, i)
			}
		},
		"insert": func(t *rapid.T) { insert(t, rapid.IntRange(0, len(p.want)).Draw(t, "index")) },
		"remove": func(t *rapid.T) {
			i := index(t)
			p.remove(i, rapid.IntRange(1, len(p.want)-i).Draw(t, "number"))
		},
		"remove one": func(t *rapid.T) { p.remove(index(t), 1) },
		"set":        func(t *rapid.T) { p.set(index(t), value(t, lengths)) },
	}
}

func TestPackedAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &pair{}
		acts := p.actions([]int{0, 1, 5, 20, 126, 127}, 500)
		acts[""] = func(t *rapid.T) {
			compare(t, p.packed, p.want)
			if len(p.want) > 0 {
				p.packed.run().check(t, p.packed.items())
			}
		}
		t.Repeat(acts)
	})
}

func TestListAgainstModel(t *testing.T) {
	pool := slab.NewPool()
	defer pool.Close()
	rapid.Check(t, func(t *rapid.T) {
		p := &pair{list: New(slab.NewHeap(pool))}
		lengths := rapid.SampledFrom([][]int{{1, 5}, {20, 126}, sizes}).Draw(t, "lengths")
		acts := p.actions(lengths, 3000)
		acts[""] = func(t *rapid.T) {
			p.list.check(t)
			compare(t, p.list, p.want)
		}
		acts["clone"] = func(t *rapid.T) {
			h := slab.NewHeap(pool)
			now := p.list.Clone(h)
			p.list.Free()
			p.list.check(t)
			p.list = now
		}
		acts["pack"] = func(t *rapid.T) {
			if p.list.PackedSize() > 4096 {
				t.Skip()
			}
			packed := Packed(p.list.AppendPacked(nil))
			compare(t, packed, p.want)
			p.list.Free()
			p.list = FromPacked(p.list.heap, packed)
		}
		t.Repeat(acts)
		p.list.Free()
	})
}

// A list of many groups, read and thinned out at random.
func TestManyChunks(t *testing.T) {
	p := &pair{list: New(newHeap(t))}
	rng := rand.New(rand.NewPCG(1, 2))
	value := make([]byte, 900)
	for range 2000 {
		i := len(p.want) * rng.IntN(2)
		pos, _ := p.between(i, 0.5)
		p.insert(i, pos, value)
	}
	if len(p.list.groups) < 3 {
		t.Fatalf("only %d groups", len(p.list.groups))
	}
	for range 2000 {
		i := rng.IntN(len(p.want))
		pos, _ := p.between(i, 0.5)
		p.insert(i, pos, value[:rng.IntN(900)])
	}
	p.list.check(t)
	compare(t, p.list, p.want)
	for len(p.want) > 0 {
		for range min(len(p.want), 500) {
			p.remove(rng.IntN(len(p.want)), 1)
		}
		p.list.check(t)
		compare(t, p.list, p.want)
	}
}

// A queue stays small, however much passes through it.
func TestQueue(t *testing.T) {
	for _, length := range []int{1, 10, 300, 1000} {
		l := New(newHeap(t))
		for i := range 20_000 {
			l.Insert(l.Len(), int64(i), []byte("an element"))
			if l.Len() > length {
				l.Remove(0, 1)
			}
		}
		l.check(t)
		if most := 14*length + 3*chunkSize; l.Bytes() > most {
			t.Errorf("a queue of %d takes %d bytes, want at most %d", length, l.Bytes(), most)
		}
	}
}

// What lies between positions may be as wide as numbers are.
func TestWidePositions(t *testing.T) {
	p := &pair{list: New(newHeap(t))}
	for i, pos := range []int64{math.MinInt64, -1, 0, 1 << 40, math.MaxInt64} {
		p.insert(i, pos, []byte("x"))
	}
	p.list.check(t)
	compare(t, p.list, p.want)
	compare(t, Packed(p.list.AppendPacked(nil)), p.want)
	p.remove(1, 3)
	p.list.check(t)
	compare(t, p.list, p.want)
}

// Elements of a list that only grows take little more than their bytes.
func TestDensity(t *testing.T) {
	for _, n := range []int{5, 20, 100, 1000, 1500} {
		l := New(newHeap(t))
		const count = 5000
		for i := range count {
			l.Insert(0, int64(-i), make([]byte, n))
		}
		if most := count * (n + 5) * 115 / 100; l.Bytes() > most {
			t.Errorf("%d elements of %d bytes take %d, want at most %d", count, n, l.Bytes(), most)
		}
	}
}
