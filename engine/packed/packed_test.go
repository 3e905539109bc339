package packed

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func TestItems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 0, 300)).Draw(t, "items")
		var b []byte
		size := 0
		for _, item := range items {
			b = Append(b, item)
			size += Size(len(item))
		}
		if len(b) != size {
			t.Fatalf("%d bytes, and Size says %d", len(b), size)
		}
		at := 0
		for i, want := range items {
			var item []byte
			if item, at = Read(b, at); !bytes.Equal(item, want) {
				t.Fatalf("item %d is %x, want %x", i, item, want)
			}
		}
		if at != len(b) {
			t.Fatalf("the last item ends at %d of %d", at, len(b))
		}
	})
}

func TestPut(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 16383, 16384} {
		item := bytes.Repeat([]byte{7}, n)
		b := make([]byte, Size(n)+3)
		if next := Put(b, 3, item); next != len(b) {
			t.Errorf("an item of %d bytes at 3 ends at %d, want %d", n, next, len(b))
		}
		if got, next := Read(b, 3); !bytes.Equal(got, item) || next != len(b) {
			t.Errorf("an item of %d bytes came back as %d", n, len(got))
		}
	}
}
