package rdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"
)

func TestFooter(t *testing.T) {
	if got := checksum([]byte("123456789")); got != 0xe9c6d914c4b8d9ca {
		t.Errorf("the check value is %x", got)
	}
	good := Encode(nil, &Value{Type: String, String: []byte("value")})
	if v, err := Decode(good); err != nil || string(v.String) != "value" {
		t.Fatalf("Decode: %v, %v", v, err)
	}
	for i := range 8 * len(good) {
		bad := bytes.Clone(good)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := Decode(bad); !errors.Is(err, ErrChecksum) {
			t.Fatalf("bit %d flipped: %v", i, err)
		}
	}
	for cut := range good {
		if _, err := Decode(good[:cut]); !errors.Is(err, ErrChecksum) {
			t.Fatalf("%d bytes: %v", cut, err)
		}
	}
	for version, want := range map[uint16]error{0: nil, 6: nil, MaxVersion: nil, MaxVersion + 1: ErrChecksum, math.MaxUint16: ErrChecksum} {
		if _, err := Decode(seal(good[:len(good)-footerSize:len(good)-footerSize], 0, version)); !errors.Is(err, want) {
			t.Errorf("version %d: %v", version, err)
		}
	}
}

// TestBadFormat: payloads with a right checksum that make no sense.
func TestBadFormat(t *testing.T) {
	back := func(b []byte) []byte { // a listpack whose first entry has a wrong length behind it
		b[packHeader+1]++
		return b
	}
	set := func(b []byte, at int, v byte) []byte { b[at] = v; return b }
	for name, bad := range map[string][]byte{
		"nothing":                   payload(10),
		"no type":                   payload(10, byte(8), "x"),
		"a module":                  payload(10, byte(7), "x"),
		"a type to come":            payload(10, byte(200), "x"),
		"no string":                 payload(10, byte(typeString)),
		"string cut off":            payload(10, byte(typeString), 9, raw("12345678")),
		"string of 2^63":            payload(10, byte(typeString), raw("\x81\x80\x00\x00\x00\x00\x00\x00\x00")),
		"length of no kind":         payload(10, byte(typeString), raw("\x82aaaaaaaaaaaaaa")),
		"string of no kind":         payload(10, byte(typeString), byte(0xC4), raw("aaaaaa")),
		"number cut off":            payload(10, byte(typeString), byte(encInt32), raw("123")),
		"length is a string":        payload(10, byte(typeSet), byte(encInt8), byte(1), "a"),
		"empty list":                payload(10, byte(typeList), 0),
		"empty set":                 payload(10, byte(typeSet), 0),
		"empty hash":                payload(10, byte(typeHash), 0),
		"empty zset":                payload(10, byte(typeZSet), 0),
		"empty quicklist":           payload(10, byte(typeQuicklist), 0),
		"empty listpack":            payload(10, byte(typeHashListpack), packOf()),
		"empty ziplist":             payload(10, byte(typeListZiplist), zip(false)),
		"empty zipmap":              payload(10, byte(typeHashZipmap), zipped(0)),
		"empty intset":              payload(10, byte(typeSetIntset), raw("\x08\x02\x00\x00\x00\x00\x00\x00\x00")),
		"less members":              payload(10, byte(typeSet), 3, "a", "b"),
		"member twice":              payload(10, byte(typeSet), 3, "a", "b", "a"),
		"field twice":               payload(10, byte(typeHash), 2, "a", "1", "a", "2"),
		"scored twice":              payload(10, byte(typeZSet), 2, "a", uint64(1), "a", uint64(2)),
		"score is no number":        payload(10, byte(typeZSet), 1, "a", math.Float64bits(math.NaN())),
		"old score is no number":    payload(6, byte(typeZSetText), 1, "a", byte(253)),
		"old score is no text":      payload(6, byte(typeZSetText), 1, "a", byte(1), raw("x")),
		"score of letters":          payload(10, byte(typeZSetListpack), packOf("a", "high")),
		"score nan":                 payload(10, byte(typeZSetListpack), packOf("a", "nan")),
		"score of nothing":          payload(10, byte(typeZSetListpack), packOf("a", "")),
		"odd listpack":              payload(10, byte(typeHashListpack), packOf("a", "1", "b")),
		"odd scores":                payload(10, byte(typeZSetListpack), packOf("a", "1", "b")),
		"odd ziplist":               payload(10, byte(typeHashZiplist), zip(false, "a", "1", "b")),
		"listpack field twice":      payload(10, byte(typeHashListpack), packOf("a", "1", "a", "2")),
		"listpack size":             payload(10, byte(typeHashListpack), set(packOf("a", "1"), 0, 3)),
		"listpack count":            payload(10, byte(typeHashListpack), set(packOf("a", "1"), 4, 3)),
		"listpack count less":       payload(10, byte(typeHashListpack), set(packOf("a", "1"), 4, 1)),
		"listpack end":              payload(10, byte(typeHashListpack), set(packOf("a", "1"), 11, 0)),
		"listpack back":             payload(10, byte(typeHashListpack), back(packOf("1", "1"))),
		"listpack entry":            payload(10, byte(typeHashListpack), set(packOf("a", "1"), packHeader, 0xF5)),
		"listpack long string":      payload(10, byte(typeHashListpack), set(packOf("a", "1"), packHeader, packString32)),
		"ziplist size":              payload(6, byte(typeListZiplist), set(zip(false, "a", "b"), 0, 9)),
		"ziplist count":             payload(6, byte(typeListZiplist), set(zip(false, "a", "b"), 8, 3)),
		"ziplist previous":          payload(6, byte(typeListZiplist), set(zip(false, "a", "b"), zipHeader+3, 2)),
		"ziplist previous far":      payload(6, byte(typeListZiplist), set(zip(false, "a", "b"), zipHeader+3, 255)),
		"ziplist head":              payload(6, byte(typeListZiplist), set(zip(false, "a", "b"), zipHeader+1, 0xFF)),
		"ziplist string":            payload(6, byte(typeListZiplist), set(zip(false, "a", "b"), zipHeader+1, 9)),
		"ziplist large string":      payload(6, byte(typeListZiplist), set(zip(false, "aaaaaaaa"), zipHeader+1, 0x80)),
		"zipmap count":              payload(6, byte(typeHashZipmap), set(zipped(0, "a", "1"), 0, 2)),
		"zipmap name":               payload(6, byte(typeHashZipmap), set(zipped(0, "a", "1"), 1, 200)),
		"zipmap value":              payload(6, byte(typeHashZipmap), set(zipped(0, "a", "1"), 3, 200)),
		"zipmap free":               payload(6, byte(typeHashZipmap), set(zipped(0, "a", "1"), 4, 200)),
		"intset width":              payload(6, byte(typeSetIntset), set(intsetOf([]int64{1, 2}), 0, 3)),
		"intset count":              payload(6, byte(typeSetIntset), set(intsetOf([]int64{1, 2}), 4, 3)),
		"intset order":              payload(6, byte(typeSetIntset), intsetOf([]int64{2, 1})),
		"intset twice":              payload(6, byte(typeSetIntset), intsetOf([]int64{2, 2})),
		"quicklist container":       payload(10, byte(typeQuicklist), 1, 3, packOf("a")),
		"more nodes than bytes":     payload(10, byte(typeQuicklist), 1<<40, 2, packOf("a")),
		"ttl beyond time":           payload(12, byte(typeHashTTL), uint64(1<<47), 1, 1<<48, "f", "v"),
		"least ttl beyond time":     payload(12, byte(typeHashTTL), uint64(1<<50), 1, 1, "f", "v"),
		"ttl before time":           payload(12, byte(typeHashPackTTL), uint64(1), packOf("f", "v", "-1")),
		"ttl of letters":            payload(12, byte(typeHashPackTTL), uint64(1), packOf("f", "v", "x")),
		"compressed to nothing":     payload(10, byte(typeString), byte(encLZF), 2, 0, raw("\x00a")),
		"compressed beyond measure": payload(10, byte(typeString), byte(encLZF), 2, 1<<40, raw("\x00a")),
		"compressed to less":        payload(10, byte(typeString), byte(encLZF), 2, 2, raw("\x00a")),
		"compressed to more":        payload(10, byte(typeString), byte(encLZF), 3, 1, raw("\x01ab")),
		"compressed, cut off":       payload(10, byte(typeString), byte(encLZF), 2, 3, raw("\x02a")),
		"compressed, far back":      payload(10, byte(typeString), byte(encLZF), 4, 4, raw("\x00a\x20\x01")),
		"compressed, half":          payload(10, byte(typeString), byte(encLZF), 3, 12, raw("\x00a\xe0")),
	} {
		if v, err := Decode(bad); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}

// TestBadStreams changes one part of a stream after the other.
func TestBadStreams(t *testing.T) {
	id := func(ms, seq uint64) raw { return StreamID{ms, seq}.append(nil) }
	node := packOf("1", "0", "1", "f", "0", "2", "0", "0", "v", "4")
	head := []any{byte(typeStream2), 1, []byte(id(5, 5)), node, 1, StreamID{5, 5}, StreamID{5, 5}, StreamID{}, 1}
	group := []any{1, "g", StreamID{5, 5}, 1, 1, id(5, 5), uint64(1), 1, 1, "c", uint64(1), 1, id(5, 5)}
	good := append(append([]any{}, head...), group...)
	if _, err := Decode(payload(10, good...)); err != nil {
		t.Fatal(err)
	}
	twice := append(append(append([]any{}, head...), 2), append(append([]any{}, group[1:]...), group[1:]...)...)
	if _, err := Decode(payload(10, twice...)); !errors.Is(err, ErrFormat) {
		t.Errorf("a group that is there twice: %v", err)
	}
	for name, change := range map[string]struct {
		at int
		to any
	}{
		"ID of a node":                    {2, "short"},
		"entry 0-0":                       {2, []byte(id(0, 0))},
		"no listpack":                     {3, "text"},
		"valid entries":                   {3, packOf("2", "0", "1", "f", "0", "2", "0", "0", "v", "4")},
		"deleted entries":                 {3, packOf("1", "1", "1", "f", "0", "2", "0", "0", "v", "4")},
		"names without end":               {3, packOf("1", "0", "99", "f", "0", "2", "0", "0", "v", "4")},
		"negative names":                  {3, packOf("1", "0", "-1", "f", "0", "2", "0", "0", "v", "4")},
		"no end of names":                 {3, packOf("1", "0", "1", "f", "1", "2", "0", "0", "v", "4")},
		"flags are a text":                {3, packOf("1", "0", "1", "f", "0", "flags", "0", "0", "v", "4")},
		"parts":                           {3, packOf("1", "0", "1", "f", "0", "2", "0", "0", "v", "5")},
		"negative fields":                 {3, packOf("1", "0", "1", "f", "0", "0", "0", "0", "-9223372036854775807", "4")},
		"no fields":                       {3, packOf("1", "0", "0", "0", "2", "0", "0", "3")},
		"length":                          {4, 2},
		"last ID":                         {5, StreamID{5, 4}},
		"group without entries":           {9, 2},
		"pending without bytes":           {13, 1 << 50},
		"pending that nobody has":         {20, 0},
		"pending that is not there":       {21, id(5, 6)},
		"pending that is there twice":     {20, 2},
		"more consumers than there are":   {17, 3},
		"more pending than the group has": {20, 3},
	} {
		bad := append([]any{}, good...)
		bad[change.at] = change.to
		if v, err := Decode(payload(10, bad...)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}

// TestMemory: a payload that lies about its size makes Decode take nothing, and
// one of the smallest elements there are what their slices take.
func TestMemory(t *testing.T) {
	const size, perElement, slack = 1 << 20, 200, 64 << 10
	filler := make([]byte, size)
	for _, kind := range []byte{typeList, typeSet, typeZSet, typeZSetText, typeHash, typeQuicklist, typeQuicklistZiplist, typeStream2, typeHashTTL} {
		for lie, limit := range map[string]uint64{
			string([]byte{len64, 0, 0, 1, 0, 0, 0, 0, 0}):      slack,
			string([]byte{len32, 0xFF, 0xFF, 0xFF, 0xFF}):      slack,
			string([]byte{len64, 0, 0, 0, 0, 0, 15, 255, 255}): perElement * size,
		} {
			data := payload(12, kind, raw(lie), raw(filler))
			if used := allocated(func() { _, _ = Decode(data) }); used > limit {
				t.Errorf("encoding %d, length %x: %d bytes", kind, lie, used)
			}
		}
	}
	liar := payload(10, byte(typeString), byte(encLZF), size, size*lzfRatio+1, raw(filler))
	if used := allocated(func() { _, _ = Decode(liar) }); used > slack {
		t.Errorf("a compressed string: %d bytes", used)
	}
}

func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestExpanded: all compressed strings of a payload together have a limit.
func TestExpanded(t *testing.T) {
	zeros := make([]byte, 100_000)
	list := Encode(nil, &Value{Type: Set, Set: [][]byte{zeros, zeros[1:], zeros[2:]}})
	r := newReader(list)
	r.expanded = 250_000
	if r.value(); !r.bad {
		t.Error("a payload that is over the limit is read")
	}
	r = newReader(list)
	r.expanded = 300_000
	if r.value(); r.bad {
		t.Error("a payload below the limit is refused")
	}
}

// FuzzDecode: whatever is decoded has a spelling that decodes to the same.
func FuzzDecode(f *testing.F) {
	for _, e := range encodings() {
		if len(e.payload) < 2000 {
			f.Add(e.payload[:len(e.payload)-footerSize])
		}
	}
	for _, kind := range []byte{typeStream, typeStream2, typeStream3} {
		data, _ := streamOf(kind)
		f.Add(data[:len(data)-footerSize])
	}
	f.Add([]byte{typeHashZipmap, 9, 1, 1, 'a', 1, 1, 'b', 'c', packEnd})
	f.Add(payload(6, byte(typeListZiplist), zip(true, "a", "1", "4000", "-70000", "1099511627776"))[:30])
	f.Add(payload(6, byte(typeHashListpack), packOf("a", "1", "4000", "-70000", "b", "1099511627776")))
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := Decode(seal(bytes.Clone(body), 0, MaxVersion))
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatal(err)
			}
			return
		}
		once := Encode(nil, v)
		again, err := Decode(once)
		if err != nil {
			t.Fatalf("%+v cannot be decoded: %v", v, err)
		}
		if twice := Encode(nil, again); !bytes.Equal(once, twice) {
			t.Fatalf("%q became %q", once, twice)
		}
	})
}

// TestIntset: every width, by its largest and its smallest number.
func TestIntset(t *testing.T) {
	for width, limit := range map[uint32]int64{2: math.MaxInt16, 4: math.MaxInt32, 8: math.MaxInt64} {
		for _, numbers := range [][]int64{{limit}, {-limit - 1}, {-limit - 1, 0, limit}} {
			b := intsetOf(numbers)
			if got := binary.LittleEndian.Uint32(b); got != width {
				t.Errorf("%v: width %d, want %d", numbers, got, width)
			}
			v, err := Decode(payload(10, byte(typeSetIntset), b))
			if err != nil || fmt.Sprintf("%s", v.Set) != fmt.Sprint(numbers) {
				t.Errorf("%v became %s, %v", numbers, v.Set, err)
			}
		}
	}
}
