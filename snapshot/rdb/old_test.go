package rdb

import (
	"encoding/binary"
	"math"
	"reflect"
	"strings"
	"testing"
)

// zip writes a ziplist, for integers of the smallest spelling if numbers is set.
func zip(numbers bool, items ...string) []byte {
	body, prev, tail := []byte{}, 0, zipHeader
	for _, item := range items {
		start := len(body)
		if prev < zipFar {
			body = append(body, byte(prev))
		} else {
			body = binary.LittleEndian.AppendUint32(append(body, zipFar), uint32(prev))
		}
		body = zipItem(body, numbers, item)
		prev, tail = len(body)-start, zipHeader+start
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(zipHeader+len(body)+1))
	b = binary.LittleEndian.AppendUint32(b, uint32(tail))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(items)))
	return append(append(b, body...), packEnd)
}

func zipItem(b []byte, numbers bool, item string) []byte {
	if n, ok := parseInt([]byte(item)); ok && numbers {
		switch {
		case n >= 0 && n <= 12:
			return append(b, 0xF1+byte(n))
		case n == int64(int8(n)):
			return append(b, 0xFE, byte(n))
		case n == int64(int16(n)):
			return binary.LittleEndian.AppendUint16(append(b, 0xC0), uint16(n))
		case n >= -1<<23 && n < 1<<23:
			return append(b, 0xF0, byte(n), byte(n>>8), byte(n>>16))
		case n == int64(int32(n)):
			return binary.LittleEndian.AppendUint32(append(b, 0xD0), uint32(n))
		}
		return binary.LittleEndian.AppendUint64(append(b, 0xE0), uint64(n))
	}
	switch n := len(item); {
	case n < 1<<6:
		b = append(b, byte(n))
	case n < 1<<14:
		b = append(b, 0x40|byte(n>>8), byte(n))
	default:
		b = binary.BigEndian.AppendUint32(append(b, 0x80), uint32(n))
	}
	return append(b, item...)
}

// zipped is a zipmap with some bytes free behind each value.
func zipped(free byte, items ...string) []byte {
	b := []byte{byte(len(items) / 2)}
	for i, item := range items {
		if len(item) < zipFar {
			b = append(b, byte(len(item)))
		} else {
			b = binary.LittleEndian.AppendUint32(append(b, zipFar), uint32(len(item)))
		}
		if i%2 == 1 {
			b = append(b, free)
		}
		b = append(b, item...)
		if i%2 == 1 {
			b = append(b, make([]byte, free)...)
		}
	}
	return append(b, packEnd)
}

func packOf(items ...string) []byte {
	var p pack
	p.reset()
	for _, item := range items {
		p.add([]byte(item))
	}
	return p.bytes()
}

// payload makes a payload: bytes as they are, strings as strings, ints as
// lengths, and numbers of 64 bits in eight bytes.
func payload(version uint16, parts ...any) []byte {
	var w writer
	for _, part := range parts {
		switch part := part.(type) {
		case byte:
			w.byte(part)
		case []byte:
			w.string(part)
		case string:
			w.string([]byte(part))
		case int:
			w.length(uint64(part))
		case uint64:
			w.fixed(part)
		case StreamID:
			w.streamID(part)
		case raw:
			w.raw(part)
		default:
			panic("no part of a payload")
		}
	}
	return seal(w.dst, 0, version)
}

type raw []byte

// items are elements at the limits of every encoding.
func items() []string {
	list := []string{
		"", "a", "-1", "0", "12", "13", "127", "-128", "128", "-32768", "32767", "32768", "-8388608", "8388607", "8388608",
		"2147483647", "-2147483648", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "01", "-0",
	}
	for _, n := range []int{62, 63, 64, 121, 122, 126, 127, 252, 253, 254, 300, 4095, 4096, 16370, 16384, 70_000} {
		list = append(list, strings.Repeat("s", n))
	}
	if len(list)%2 != 0 {
		list = append(list, "last")
	}
	return list
}

func bytesOf(list []string) (all [][]byte) {
	for _, s := range list {
		all = append(all, []byte(s))
	}
	return all
}

func fieldsOf(list []string) (fields []Field) {
	for i := 0; i < len(list); i += 2 {
		fields = append(fields, Field{Name: []byte(list[i]), Value: []byte(list[i+1])})
	}
	return fields
}

// encodings are payloads that redis-server 7.0 does not write.
func encodings() map[string]struct {
	payload []byte
	want    Value
	newer   bool // redis-server 7.0 does not read it either
} {
	type entry = struct {
		payload []byte
		want    Value
		newer   bool
	}
	all, later := items(), uint64(4_102_444_800_000)
	list := Value{Type: List, List: bytesOf(all)}
	hash := Value{Type: Hash, Compact: true, Hash: fieldsOf(all)}
	scores := Value{Type: ZSet, Compact: true, ZSet: []Scored{{[]byte("a"), math.Inf(-1)}, {[]byte("7"), -2}, {[]byte("b"), 0.25}, {[]byte("c"), math.Inf(1)}}}
	texts := []string{"a", "-inf", "7", "-2", "b", "0.25", "c", "inf"}
	plain := scores
	plain.Compact = false
	ttl := []Field{{Name: []byte("f"), Value: []byte("1"), Expire: int64(later)}, {Name: []byte("g"), Value: []byte("2"), Expire: int64(later) + 9}, {Name: []byte("h"), Value: []byte("3")}}
	t0, t9 := "4102444800000", "4102444800009"
	return map[string]entry{
		"list":               {payload(6, byte(typeList), len(all[:3]), all[0], all[1], all[2]), Value{Type: List, List: bytesOf(all[:3])}, false},
		"list ziplist":       {payload(6, byte(typeListZiplist), zip(true, all...)), list, false},
		"list ziplist texts": {payload(6, byte(typeListZiplist), zip(false, all...)), list, false},
		"quicklist ziplists": {payload(7, byte(typeQuicklistZiplist), 2, zip(true, all[:9]...), zip(true, all[9:]...)), list, false},
		"quicklist plain":    {payload(10, byte(typeQuicklist), 3, nodePacked, packOf(all[:8]...), nodePlain, all[8], nodePacked, packOf(all[9:]...)), list, false},
		"set listpack":       {payload(11, byte(typeSetListpack), packOf(all...)), Value{Type: Set, Set: bytesOf(all)}, true},
		"set intset":         {payload(6, byte(typeSetIntset), intsetOf([]int64{-5, 70_000})), Value{Type: Set, Compact: true, Set: bytesOf([]string{"-5", "70000"})}, false},
		"set intset wide":    {payload(6, byte(typeSetIntset), intsetOf([]int64{-5, 1 << 40})), Value{Type: Set, Compact: true, Set: bytesOf([]string{"-5", "1099511627776"})}, false},
		"zset texts": {
			payload(6, byte(typeZSetText), 4, "c", byte(254), "b", byte(4), raw("0.25"), "7", byte(2), raw("-2"), "a", byte(255)),
			plain, false,
		},
		"zset ziplist":       {payload(6, byte(typeZSetZiplist), zip(true, texts...)), scores, false},
		"hash zipmap":        {payload(6, byte(typeHashZipmap), zipped(0, all...)), hash, false},
		"hash zipmap free":   {payload(6, byte(typeHashZipmap), zipped(3, all...)), hash, false},
		"hash ziplist":       {payload(6, byte(typeHashZiplist), zip(true, all...)), hash, false},
		"hash ttl":           {payload(12, byte(typeHashTTL), later, 3, 1, "f", "1", 10, "g", "2", 0, "h", "3"), Value{Type: Hash, Hash: ttl}, true},
		"hash ttl early":     {payload(12, byte(typeHashTTLEarly), 3, int(later), "f", "1", int(later)+9, "g", "2", 0, "h", "3"), Value{Type: Hash, Hash: ttl}, true},
		"hash ttl pack":      {payload(12, byte(typeHashPackTTL), later, packOf("f", "1", t0, "g", "2", t9, "h", "3", "0")), Value{Type: Hash, Compact: true, Hash: ttl}, true},
		"hash ttl pack soon": {payload(12, byte(typeHashPackTTLEarly), packOf("f", "1", t0, "g", "2", t9, "h", "3", "0")), Value{Type: Hash, Compact: true, Hash: ttl}, true},
	}
}

// TestEncodings reads what older and newer servers write, and has redis-server
// read the same where it can.
func TestEncodings(t *testing.T) {
	s := realServer(t)
	for name, test := range encodings() {
		got, err := Decode(test.payload)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(got, &test.want) {
			t.Errorf("%s: %.300v, want %.300v", name, got, test.want)
		}
		if test.newer {
			continue
		}
		s.do("restore", "theirs", 0, test.payload, "replace")
		s.do("restore", "ours", 0, Encode(nil, got), "replace")
		if want, got := s.contents("theirs"), s.contents("ours"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: redis-server reads %.300v, and of ours %.300v", name, want, got)
		}
	}
}

// streamOf is a stream of two listpacks in the encoding kind, with a deleted
// entry, and what it is.
func streamOf(kind byte) ([]byte, StreamValue) {
	first := packOf("2", "1", "2", "f", "g", "0", "2", "0", "0", "v", "w", "5", "3", "0", "1", "x", "y", "5", "0", "3", "-1", "1", "other", "z", "6")
	second := packOf("1", "0", "1", "f", "0", "2", "0", "0", "last", "4")
	id := func(ms, seq uint64) []byte { return StreamID{ms, seq}.append(nil) }
	parts := []any{kind, 2, id(10, 1), first, id(20, 0), second, 3, StreamID{20, 0}}
	if kind != typeStream {
		parts = append(parts, StreamID{10, 1}, StreamID{10, 2}, 4)
	}
	parts = append(parts, 2, "group", StreamID{10, 1})
	if kind != typeStream {
		parts = append(parts, 1)
	}
	parts = append(parts, 2, raw(id(10, 1)), uint64(1000), 3, raw(id(13, 0)), uint64(2000), 1)
	active := func() {
		if kind == typeStream3 {
			parts = append(parts, uint64(6000))
		}
	}
	parts = append(parts, 2, "alice", uint64(5000))
	active()
	parts = append(parts, 1, raw(id(13, 0)), "bob", uint64(5001))
	active()
	parts = append(parts, 1, raw(id(10, 1)), "none", StreamID{20, 0})
	if kind != typeStream {
		parts = append(parts, 4)
	}
	parts = append(parts, 0, 0)

	b := func(s string) []byte { return []byte(s) }
	want := StreamValue{
		Entries: []Entry{
			{StreamID{10, 1}, bytesOf([]string{"f", "v", "g", "w"})},
			{StreamID{13, 0}, bytesOf([]string{"other", "z"})},
			{StreamID{20, 0}, bytesOf([]string{"f", "last"})},
		},
		Last: StreamID{20, 0}, MaxDeleted: StreamID{10, 2}, EntriesAdded: 4,
		Groups: []Group{
			{
				Name: b("group"), Last: StreamID{10, 1}, EntriesRead: 1,
				Pending:   []Pending{{StreamID{10, 1}, 1000, 3, 1}, {StreamID{13, 0}, 2000, 1, 0}},
				Consumers: []Consumer{{b("alice"), 5000, 5000}, {b("bob"), 5001, 5001}},
			},
			{Name: b("none"), Last: StreamID{20, 0}, EntriesRead: 4},
		},
	}
	switch kind {
	case typeStream:
		want.MaxDeleted, want.EntriesAdded = StreamID{}, 3
		want.Groups[1].EntriesRead = 3
	case typeStream3:
		want.Groups[0].Consumers[0].Active, want.Groups[0].Consumers[1].Active = 6000, 6000
	}
	return payload(11, parts...), want
}

func TestStreams(t *testing.T) {
	s := realServer(t)
	for _, kind := range []byte{typeStream, typeStream2, typeStream3} {
		data, want := streamOf(kind)
		got, err := Decode(data)
		if err != nil {
			t.Errorf("encoding %d: %v", kind, err)
			continue
		}
		if !reflect.DeepEqual(got.Stream, &want) {
			t.Errorf("encoding %d:\n%+v, want\n%+v", kind, got.Stream, &want)
		}
		if kind == typeStream3 {
			continue
		}
		data = seal(data[:len(data)-footerSize], 0, Version)
		s.do("restore", "theirs", 0, data, "replace")
		s.do("restore", "ours", 0, Encode(nil, got), "replace")
		if want, got := s.contents("theirs"), s.contents("ours"); !reflect.DeepEqual(got, want) {
			t.Errorf("encoding %d: redis-server reads\n%v, and of ours\n%v", kind, want, got)
		}
	}
}

// TestReadBefore: a group of a stream that did not count is where redis-server
// says it is.
func TestReadBefore(t *testing.T) {
	s := &StreamValue{Last: StreamID{9, 0}, Entries: []Entry{{ID: StreamID{5, 0}}, {ID: StreamID{6, 0}}, {ID: StreamID{8, 0}}}}
	for last, want := range map[StreamID]int64{{0, 0}: 0, {5, 0}: 1, {6, 0}: UnknownRead, {8, 0}: UnknownRead, {9, 0}: 3, {10, 0}: UnknownRead} {
		if got := s.readBefore(last, s.Entries[0].ID); got != want {
			t.Errorf("read up to %v: %d, want %d", last, got, want)
		}
	}
	if got := (&StreamValue{}).readBefore(StreamID{}, StreamID{}); got != 0 {
		t.Errorf("of an empty stream %d are read", got)
	}
}
