package doc

import (
	"fmt"
	"testing"

	"kvd/engine/doc/query"
)

// BenchmarkFind finds a document by an index, and all of them without one.
func BenchmarkFind(b *testing.B) {
	w := newWorld(b, query.Definition{Name: "n", Paths: []string{"$.n"}})
	const docs = 10_000
	for i := range docs {
		w.put(fmt.Sprintf("%08d", i), fmt.Sprintf(`{"n":%d,"title":"A title of some words","price":12.75,"tags":["a","b"]}`, i))
	}
	lines := make([][][]byte, 1024)
	for i := range lines {
		lines[i] = words("doc.find", "c", "EQ", "$.n", fmt.Sprint(i*7919%docs), "SELECT", "$.price")
	}
	b.Run("by index", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			w.handle(lines[i%len(lines)])
			i++
		}
	})
	b.Run("by scan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w.handle(words("doc.count", "c", "WHERE", "@.price > 100"))
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/docs, "ns/document")
	})
}
