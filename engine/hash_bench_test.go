package engine

import (
	"fmt"
	"testing"
)

// BenchmarkHash sets and reads one field of many hashes, or of a large one.
func BenchmarkHash(b *testing.B) {
	for _, count := range []int{1, 100_000} {
		e, c := newEngine(b)
		now := c.Now().UnixMilli()
		keys, fields := make([][]byte, count), make([][]byte, 1000)
		for i := range keys {
			keys[i] = fmt.Appendf(nil, "hash:%08d", i)
		}
		for i := range fields {
			fields[i] = fmt.Appendf(nil, "field:%d", i)
		}
		pair := [][]byte{nil, []byte("value")}
		step := func(i int, fn func(h *Hash, field []byte)) {
			key := keys[i*7919%count]
			tx := e.BeginKey(0, now, 0, key)
			h, _ := tx.Hash(key)
			fn(&h, fields[i*31%(4+996/count)])
			tx.Commit()
		}
		b.Run(fmt.Sprint("set in ", count), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				step(i, func(h *Hash, field []byte) {
					pair[0] = field
					h.Set(pair, loadedHash)
				})
			}
		})
		b.Run(fmt.Sprint("get in ", count), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				step(i, func(h *Hash, field []byte) { h.Get(field) })
			}
		})
	}
}
