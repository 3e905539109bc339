package rdb

import (
	"math"
	"slices"
)

// Encode appends the payload of v to dst. A collection must not be empty, and a
// set that is Compact has integers only. The version is Version, or
// VersionFieldTTL for a hash with fields that expire.
func Encode(dst []byte, v *Value) []byte {
	w := writer{dst: dst}
	defer w.free()
	version := uint16(Version)
	switch v.Type {
	case String:
		w.byte(typeString)
		w.string(v.String)
	case List:
		w.list(v.List)
	case Set:
		w.set(v)
	case ZSet:
		w.zset(v)
	case Hash:
		if slices.ContainsFunc(v.Hash, func(f Field) bool { return f.Expire != 0 }) {
			version = VersionFieldTTL
			w.hashTTL(v.Hash)
		} else {
			w.hash(v)
		}
	case Stream:
		w.stream(v.Stream)
	case JSON:
		w.json(v.String)
	}
	return seal(w.dst, len(dst), version)
}

// list writes a list as listpacks of limited size. An element that is too large
// for one is alone.
func (w *writer) list(list [][]byte) {
	const overhead = 8 // what redis-server reckons with for an entry
	var ends []int
	size := 0
	for i, item := range list {
		if i == 0 || size+len(item)+overhead > listNodeBytes {
			ends = append(ends, i)
			size = packHeader + 1
		}
		size += packedSize(item)
	}
	ends = append(ends, len(list))
	w.byte(typeQuicklist)
	w.length(uint64(len(ends) - 1))
	for i, end := range ends[1:] {
		w.length(nodePacked)
		w.pack.reset()
		for _, item := range list[ends[i]:end] {
			w.pack.add(item)
		}
		w.packed()
	}
}

// packedSize is the size of the entry of a listpack.
func packedSize(item []byte) int {
	var room [40]byte
	p := pack{b: room[:0]}
	if len(item) <= 20 {
		p.add(item)
		return len(p.b)
	}
	size := len(item) + 1
	switch {
	case len(item) >= 1<<12:
		size += 4
	case len(item) >= 1<<6:
		size++
	}
	return size + len(appendBack(room[:0], uint64(size)))
}

func (w *writer) set(v *Value) {
	if v.Compact {
		numbers := make([]int64, len(v.Set))
		for i, member := range v.Set {
			numbers[i], _ = parseInt(member)
		}
		slices.Sort(numbers)
		w.byte(typeSetIntset)
		w.string(intsetOf(numbers))
		return
	}
	w.byte(typeSet)
	w.length(uint64(len(v.Set)))
	for _, member := range v.Set {
		w.string(member)
	}
}

// zset writes a sorted set: from the lowest score on in a listpack, else from
// the highest, so that each is the first of a list when it is read.
func (w *writer) zset(v *Value) {
	if v.Compact {
		var text [32]byte
		w.byte(typeZSetListpack)
		w.pack.reset()
		for _, s := range v.ZSet {
			w.pack.add(s.Member)
			w.pack.add(appendScore(text[:0], s.Score))
		}
		w.packed()
		return
	}
	w.byte(typeZSet)
	w.length(uint64(len(v.ZSet)))
	for _, s := range slices.Backward(v.ZSet) {
		w.string(s.Member)
		w.fixed(math.Float64bits(s.Score))
	}
}

func (w *writer) hash(v *Value) {
	if v.Compact {
		w.byte(typeHashListpack)
		w.pack.reset()
		for _, f := range v.Hash {
			w.pack.add(f.Name)
			w.pack.add(f.Value)
		}
		w.packed()
		return
	}
	w.byte(typeHash)
	w.length(uint64(len(v.Hash)))
	for _, f := range v.Hash {
		w.string(f.Name)
		w.string(f.Value)
	}
}

func (w *writer) hashTTL(fields []Field) {
	least := uint64(math.MaxUint64)
	for _, f := range fields {
		if f.Expire != 0 {
			least = min(least, uint64(f.Expire))
		}
	}
	w.byte(typeHashTTL)
	w.fixed(least)
	w.length(uint64(len(fields)))
	for _, f := range fields {
		if f.Expire == 0 {
			w.length(0)
		} else {
			w.length(uint64(f.Expire) - least + 1)
		}
		w.string(f.Name)
		w.string(f.Value)
	}
}
