package list

import (
	"encoding/binary"
	"math/bits"
)

// Elements stand one after the other as entries:
//
//	item  uvarint n+1, the n bytes of the value, the uvarint again backwards
//	gap   0, uvarint distance, 0
//
// so they can be read from either end. The position of an item is that of the
// item before it and Stride, or the distance of the gap between the two. No gap
// stands in front of the first item.

// Stride is the distance between the positions of two elements that were pushed
// one after the other.
const Stride = 1 << 16

// item is where an item and the gap in front of it are.
type item struct {
	start    int    // of the gap, if there is one, or of the item
	head     int    // of the item
	from, to int    // of the value
	end      int    // of what follows
	distance uint64 // from the item before
}

// itemSize is how many bytes a value of n bytes takes as an item.
func itemSize(n int) int { return n + 2*uvarintSize(uint64(n)+1) }

// gapSize is how many bytes the gap for a distance takes. No gap is needed for a
// Stride, nor for 0, which stands for no item on the other side.
func gapSize(distance uint64) int {
	if distance == Stride || distance == 0 {
		return 0
	}
	return 2 + uvarintSize(distance)
}

func uvarintSize(n uint64) int { return (bits.Len64(n|1) + 6) / 7 }

// readItem returns the item of b that begins at offset at, or behind a gap there.
func readItem(b []byte, at int) item {
	it := item{start: at, distance: Stride}
	if b[at] == 0 {
		distance, n := binary.Uvarint(b[at+1:])
		it.distance, at = distance, at+n+2
	}
	it.head = at
	n := int(b[at])
	at++
	if n >= longItem {
		long, width := binary.Uvarint(b[it.head:])
		n, at = int(long), it.head+width
	}
	it.from, it.to = at, at+n-1
	it.end = it.to + at - it.head
	return it
}

// readBefore returns the item of b that ends at offset end.
func readBefore(b []byte, end int) item {
	at := end - 1
	n := int(b[at])
	if n >= longItem {
		n &= 0x7f
		for shift := 7; ; shift += 7 {
			at--
			n |= int(b[at]&0x7f) << shift
			if b[at] < 0x80 {
				break
			}
		}
	}
	it := item{to: at, from: at - n + 1, end: end, distance: Stride}
	it.head = it.from - (end - at)
	it.start = it.head
	if it.head > 0 && b[it.head-1] == 0 {
		at = it.head - 2
		for b[at-1] >= 0x80 {
			at--
		}
		it.distance, _ = binary.Uvarint(b[at:])
		it.start = at - 1
	}
	return it
}

// The functions below are for walks over many items. They treat short items, which
// have lengths of one byte, apart.

// longItem is the least first byte of an item whose length takes more bytes.
const longItem = 0x80

// itemEnd returns the offset after the item at offset head.
func itemEnd(b []byte, head int) int {
	if n := b[head]; n < longItem {
		return head + int(n) + 1
	}
	return readItem(b, head).end
}

// valueOf returns the value of the item at offset head.
func valueOf(b []byte, head int) []byte {
	if n := int(b[head]); n < longItem {
		return b[head+1 : head+n : head+n]
	}
	it := readItem(b, head)
	return b[it.from:it.to:it.to]
}

// valueBefore returns the value of the item that ends at offset end.
func valueBefore(b []byte, end int) []byte {
	if n := int(b[end-1]); n < longItem {
		return b[end-n : end-1 : end-1]
	}
	it := readBefore(b, end)
	return b[it.from:it.to:it.to]
}

// after returns the offset of the item that follows the one at offset head, which
// is not the last, and its distance from that.
func after(b []byte, head int) (next int, distance uint64) {
	end := itemEnd(b, head)
	if b[end] != 0 {
		return end, Stride
	}
	it := readItem(b, end)
	return it.head, it.distance
}

// before returns where the item ends that stands before the one that ends at
// offset end, if there is one, and the distance between the two.
func before(b []byte, end int) (prev int, distance uint64) {
	if n := b[end-1]; n < longItem {
		head := end - int(n) - 1
		if head == 0 || b[head-1] != 0 {
			return head, Stride
		}
	}
	it := readBefore(b, end)
	return it.start, it.distance
}

// putItem writes a value as an item at offset at and returns the offset after it.
func putItem(b []byte, at int, value []byte) int {
	head := at
	at += binary.PutUvarint(b[at:], uint64(len(value))+1)
	width := at - head
	at += copy(b[at:], value)
	for i := range width {
		b[at+width-1-i] = b[head+i]
	}
	return at + width
}

// putGap writes the gap for a distance at offset at, if one is needed, and
// returns the offset after it.
func putGap(b []byte, at int, distance uint64) int {
	if gapSize(distance) == 0 {
		return at
	}
	b[at] = 0
	at += 1 + binary.PutUvarint(b[at+1:], distance)
	b[at] = 0
	return at + 1
}
