package bits

import (
	"bytes"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func someField(t *rapid.T) Field {
	signed := rapid.Bool().Draw(t, "signed")
	most := uint(63)
	if signed {
		most = 64
	}
	return Field{Signed: signed, Width: rapid.UintRange(1, most).Draw(t, "width")}
}

// limits returns the least and the greatest number of a field.
func limits(f Field) (least, greatest *big.Int) {
	one := big.NewInt(1)
	if !f.Signed {
		return big.NewInt(0), new(big.Int).Sub(new(big.Int).Lsh(one, f.Width), one)
	}
	half := new(big.Int).Lsh(one, f.Width-1)
	return new(big.Int).Neg(half), new(big.Int).Sub(half, one)
}

func TestLoadAndStore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := someField(t)
		offset := rapid.Uint64Range(0, 40).Draw(t, "offset")
		n := rapid.Int64().Draw(t, "number")
		b := rapid.SliceOfN(rapid.Byte(), 13, 20).Draw(t, "bytes")
		want := unpack(b)
		for i := range f.Width {
			want[offset+uint64(i)] = byte(n>>(f.Width-1-i)) & 1
		}
		f.Store(b, offset, n)
		if !bytes.Equal(b, want.pack()) {
			t.Fatalf("%x, want %x", b, want.pack())
		}

		kept := n << (64 - f.Width) >> (64 - f.Width)
		if !f.Signed {
			kept = int64(uint64(n) << (64 - f.Width) >> (64 - f.Width))
		}
		if got := f.Load(b, offset); got != kept {
			t.Fatalf("%d, want %d", got, kept)
		}
		short := b[:rapid.IntRange(0, len(b)).Draw(t, "length")]
		long := append(bytes.Clone(short), make([]byte, 20)...)
		if got, want := f.Load(short, offset), f.Load(long, offset); got != want {
			t.Fatalf("%d beyond the end, want %d", got, want)
		}
	})
}

func TestAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := someField(t)
		least, greatest := limits(f)
		value := f.Load(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "value"), 0)
		increment := rapid.Int64().Draw(t, "increment")
		if rapid.Bool().Draw(t, "small") {
			increment %= 300
		}
		exact := new(big.Int).Add(big.NewInt(value), big.NewInt(increment))
		beyond := exact.Cmp(least) < 0 || exact.Cmp(greatest) > 0

		for _, how := range []Overflow{Wrap, Saturate, Fail} {
			sum, overflowed := f.Add(value, increment, how)
			if overflowed != beyond {
				t.Fatalf("%+v: %d + %d: overflow is %v", f, value, increment, overflowed)
			}
			want := new(big.Int).Set(exact)
			switch {
			case !beyond:
			case how == Fail:
				continue
			case how == Saturate && exact.Cmp(least) < 0:
				want = least
			case how == Saturate:
				want = greatest
			default:
				size := new(big.Int).Lsh(big.NewInt(1), f.Width)
				want.Sub(want, least).Mod(want, size).Add(want, least)
			}
			if big.NewInt(sum).Cmp(want) != 0 {
				t.Fatalf("%+v: %d + %d is %d with %d, want %v", f, value, increment, sum, how, want)
			}
		}
	})
}

// TestAddZero is about numbers that are stored as they are, which may be far
// outside of the field.
func TestAddZero(t *testing.T) {
	for _, tt := range []struct {
		field Field
		value int64
		want  int64
	}{
		{Field{true, 8}, 128, 127},
		{Field{true, 8}, -129, -128},
		{Field{true, 8}, math.MaxInt64, 127},
		{Field{true, 8}, math.MinInt64, 127}, // as redis-server has it
		{Field{true, 64}, math.MinInt64, math.MinInt64},
		{Field{false, 8}, -1, 255},
		{Field{false, 8}, 256, 255},
		{Field{false, 63}, -1, math.MaxInt64},
		{Field{false, 1}, 2, 1},
	} {
		if got, _ := tt.field.Add(tt.value, 0, Saturate); got != tt.want {
			t.Errorf("%+v: %d becomes %d, want %d", tt.field, tt.value, got, tt.want)
		}
	}
}
