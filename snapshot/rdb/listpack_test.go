package rdb

import (
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestListpack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		item := rapid.OneOf(
			rapid.SliceOfN(rapid.Byte(), 0, 200),
			rapid.Map(rapid.Int64(), func(n int64) []byte { return strconv.AppendInt(nil, n, 10) }),
			rapid.Map(rapid.IntRange(4000, 20_000), func(n int) []byte { return make([]byte, n) }),
		)
		items := rapid.SliceOfN(item, 1, 40).Draw(t, "items")
		var p pack
		p.reset()
		size := packHeader + 1
		for _, item := range items {
			p.add(item)
			size += packedSize(item)
		}
		b := p.bytes()
		if len(b) != size {
			t.Fatalf("%d bytes, and packedSize says %d", len(b), size)
		}
		var w writer
		w.string(b)
		r := newReader(w.dst)
		got := r.packedStrings(nil)
		if r.bad || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", items) {
			t.Fatalf("%q became %q", items, got)
		}
	})
}

// TestManyEntries: beyond 16 bits a listpack does not say how many it has.
func TestManyEntries(t *testing.T) {
	var p pack
	p.reset()
	for i := range 70_000 {
		p.addInt(int64(i))
	}
	v, err := Decode(payload(10, byte(typeQuicklist), 1, nodePacked, p.bytes()))
	if err != nil || len(v.List) != 70_000 || string(v.List[69_999]) != "69999" {
		t.Fatalf("%d elements, %v", len(v.List), err)
	}
}

func TestParseInt(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "7": 7, "-1": -1, "9223372036854775807": 1<<63 - 1, "-9223372036854775808": -1 << 63, "10": 10,
	} {
		if got, ok := parseInt([]byte(text)); !ok || got != want {
			t.Errorf("%s is %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{
		"", "-", "-0", "00", "01", "+1", "1 ", " 1", "1.0", "9223372036854775808", "-9223372036854775809",
		"18446744073709551616", "99999999999999999999", "100000000000000000000", "-01", "a", "1a", "1:",
	} {
		if got, ok := parseInt([]byte(text)); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
}

// TestBack: the length behind an entry takes as many bytes as redis-server
// makes of it, at the limits.
func TestBack(t *testing.T) {
	for n, want := range map[uint64]int{1: 1, 127: 1, 128: 2, 16382: 2, 16383: 3, 16384: 3, 2097150: 3, 2097151: 4, 268435454: 4, 268435455: 5} {
		if got := len(appendBack(nil, n)); got != want {
			t.Errorf("%d takes %d bytes, want %d", n, got, want)
		}
	}
}
