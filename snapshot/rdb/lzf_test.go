package rdb

import (
	"bytes"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// compressible draws bytes with repetitions near and far.
func compressible(t *rapid.T) []byte {
	var b []byte
	for range rapid.IntRange(1, 12).Draw(t, "parts") {
		if n := len(b); n > 0 && rapid.Bool().Draw(t, "repeat") {
			from := rapid.IntRange(0, n-1).Draw(t, "from")
			b = append(b, b[from:rapid.IntRange(from, n).Draw(t, "to")]...)
			continue
		}
		b = append(b, bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "bytes"), rapid.IntRange(1, 300).Draw(t, "times"))...)
	}
	return b
}

func TestCompress(t *testing.T) {
	var c compressor
	shorter := 0
	rapid.Check(t, func(t *rapid.T) {
		want := compressible(t)
		packed, ok := c.compress([]byte("before"), want)
		if !ok {
			if string(packed) != "before" {
				t.Fatalf("%d bytes are left", len(packed))
			}
			return
		}
		shorter++
		packed = packed[len("before"):]
		if len(packed)+4 > len(want) {
			t.Fatalf("%d bytes became %d", len(want), len(packed))
		}
		got := make([]byte, len(want))
		if !decompress(got, packed) || !bytes.Equal(got, want) {
			t.Fatalf("%q became %q", want, got)
		}
	})
	if shorter == 0 {
		t.Error("nothing became shorter")
	}
}

// TestCompressorBase: the table outlives the numbers of its places.
func TestCompressorBase(t *testing.T) {
	text := bytes.Repeat([]byte("kvd "), 100)
	var c compressor
	want, _ := c.compress(nil, text)
	for _, base := range []uint32{5, math.MaxUint32 - 900, math.MaxUint32 - 500, math.MaxUint32} {
		c.base = base
		for range 3 {
			if got, ok := c.compress(nil, text); !ok || !bytes.Equal(got, want) {
				t.Fatalf("at %d: %q, want %q", base, got, want)
			}
		}
	}
}

func FuzzDecompress(f *testing.F) {
	var c compressor
	packed, _ := c.compress(nil, bytes.Repeat([]byte("kvd "), 100))
	f.Add(packed, 400)
	f.Add([]byte("\x00a\xe0\xff\x00"), 300)
	f.Fuzz(func(t *testing.T, src []byte, size int) {
		if size < 0 || size > 1<<16 {
			return
		}
		dst := make([]byte, size)
		if decompress(dst, src) && size > len(src)*lzfRatio {
			t.Fatalf("%d bytes became %d", len(src), size)
		}
	})
}
