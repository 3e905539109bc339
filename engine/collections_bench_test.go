package engine

import (
	"fmt"
	"testing"

	"kvd/engine/doc"
)

// BenchmarkPutDocument writes a document of 300 bytes under a new key: without a
// collection, and into one with a type, an id, a default and two indexes.
func BenchmarkPutDocument(b *testing.B) {
	for _, prefix := range []string{"plain:", "users:"} {
		b.Run(prefix, func(b *testing.B) {
			e, _ := newEngine(b)
			do(e, func(tx *Tx) { define(b, tx) })
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i++
				text := fmt.Appendf(nil, `{"id":"u%d","email":"user%d@example.com","age":%d,"bio":"%0250d"}`, i, i, i%100, i)
				key := fmt.Appendf(nil, "%su%d", prefix, i)
				tx := e.BeginKey(0, 1_700_000_000_000, 0, key)
				var p doc.Parser
				v, err := p.Append(tx.DocumentBuffer(), text)
				if err == nil {
					err = tx.PutDocuments(DocumentPut{Key: key, Value: v, Event: "doc.insert"})
				}
				tx.Commit()
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
