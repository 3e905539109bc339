package bits

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// naive is an array of bits, one byte each.
type naive []byte

func unpack(b []byte) naive {
	n := make(naive, 0, 8*len(b))
	for _, c := range b {
		for i := range 8 {
			n = append(n, c>>(7-i)&1)
		}
	}
	return n
}

func (n naive) pack() []byte {
	b := make([]byte, len(n)/8)
	for i, bit := range n {
		b[i/8] |= bit << (7 - i%8)
	}
	return b
}

func (n naive) at(i int) byte {
	if i >= len(n) {
		return 0
	}
	return n[i]
}

// someBytes draws bytes among which long runs of equal ones are frequent.
func someBytes(t *rapid.T, most int) []byte {
	b := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 0, 0, 0xff, 0xff, 1, 0x80, 0x5a}), 0, most).Draw(t, "bytes")
	if rapid.Bool().Draw(t, "uniform") {
		b = bytes.Repeat(b[:min(len(b), 1)], len(b))
	}
	return b
}

// someRange draws a range of bits inside b.
func someRange(t *rapid.T, b []byte) (from, to uint64) {
	from = rapid.Uint64Range(0, 8*uint64(len(b))).Draw(t, "from")
	return from, rapid.Uint64Range(0, 8*uint64(len(b))).Draw(t, "to")
}

func TestSetAndGet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := someBytes(t, 20)
		want := unpack(b)
		for i := range 8 * len(b) {
			if rapid.Bool().Draw(t, "change") {
				want[i] ^= 1
				Set(b, uint64(i), want[i])
			}
		}
		if !bytes.Equal(b, want.pack()) {
			t.Fatalf("%x, want %x", b, want.pack())
		}
		for i := range 8*len(b) + 20 {
			if got := Get(b, uint64(i)); got != want.at(i) {
				t.Fatalf("bit %d of %x is %d", i, b, got)
			}
		}
	})
}

func TestCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := someBytes(t, 100)
		from, to := someRange(t, b)
		all, some := 0, 0
		for i, bit := range unpack(b) {
			all += int(bit)
			if uint64(i) >= from && uint64(i) < to {
				some += int(bit)
			}
		}
		if got := Count(b); got != all {
			t.Fatalf("Count(%x) = %d, want %d", b, got, all)
		}
		if got := CountBits(b, from, to); got != some {
			t.Fatalf("CountBits(%x, %d, %d) = %d, want %d", b, from, to, got, some)
		}
	})
}

func TestFind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := someBytes(t, 60)
		from, to := someRange(t, b)
		for bit := byte(0); bit < 2; bit++ {
			n := unpack(b)
			want := from
			for want < to && n[want] != bit {
				want++
			}
			got, ok := Find(b, bit, from, to)
			if ok != (want < to) || ok && got != want {
				t.Fatalf("Find(%x, %d, %d, %d) = %d, %v, want %d", b, bit, from, to, got, ok, want)
			}
		}
	})
}

// combined is the result bit of an operation on the bits of the sources.
func combined(op Op, bits []byte) byte {
	set, others := byte(0), byte(0)
	for i, bit := range bits {
		set += bit
		if i > 0 {
			others |= bit
		}
	}
	is := func(b bool) byte {
		if b {
			return 1
		}
		return 0
	}
	switch op {
	case And:
		return is(int(set) == len(bits))
	case Or:
		return is(set > 0)
	case Xor:
		return set % 2
	case Not:
		return 1 - bits[0]
	case Diff:
		return bits[0] &^ others
	case Diff1:
		return others &^ bits[0]
	case AndOr:
		return bits[0] & others
	default:
		return is(set == 1)
	}
}

func TestCombine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := Op(rapid.IntRange(0, int(One)).Draw(t, "op"))
		count := 1
		if op != Not {
			count = rapid.IntRange(1, 5).Draw(t, "sources")
		}
		sources, longest := make([][]byte, count), 0
		for i := range sources {
			sources[i] = someBytes(t, 40)
			if rapid.IntRange(0, 9).Draw(t, "long") == 0 {
				sources[i] = bytes.Repeat(append(sources[i], 0x3c), block/5)
			}
			longest = max(longest, len(sources[i]))
		}
		dst := bytes.Repeat([]byte{0xaa}, longest)
		Combine(dst, op, sources...)

		for i := range 8 * longest {
			bits := make([]byte, count)
			for j, s := range sources {
				bits[j] = Get(s, uint64(i))
			}
			if got, want := Get(dst, uint64(i)), combined(op, bits); got != want {
				t.Fatalf("operation %d, bit %d is %d, want %d", op, i, got, want)
			}
		}
	})
}

func BenchmarkCount(b *testing.B) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		Count(data)
	}
}

func BenchmarkFind(b *testing.B) {
	data := make([]byte, 1<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		Find(data, 1, 0, 8<<20)
	}
}

func BenchmarkCombine(b *testing.B) {
	x := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	y := bytes.Repeat([]byte("fedcba9876543210"), 1<<16)
	dst := make([]byte, len(x))
	for _, op := range []Op{And, Diff, One} {
		b.Run([]string{And: "And", Diff: "Diff", One: "One"}[op], func(b *testing.B) {
			b.SetBytes(int64(len(dst)))
			for b.Loop() {
				Combine(dst, op, x, y)
			}
		})
	}
}
