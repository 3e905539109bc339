package doc

import (
	"fmt"
	"testing"

	"kvd/engine/doc/query"
	"kvd/resp/command/commandtest"
)

// A FIND of a few documents by an index takes its memory from the last one: what
// remains is the span of the index and the function that begins the transaction.
func TestFindAllocations(t *testing.T) {
	if commandtest.RaceEnabled {
		t.Skip("the race detector allocates, and drops what is in pools")
	}
	w := newWorld(t, query.Definition{Name: "n", Paths: []string{"$.n"}})
	for i := range 100 {
		w.put(fmt.Sprintf("%03d", i), fmt.Sprintf(`{"n":%d,"price":12.75}`, i/2))
	}
	for _, line := range [][][]byte{
		words("doc.find", "c", "EQ", "$.n", "7"),
		words("doc.find", "c", "EQ", "$.n", "7", "SELECT", "$.price"),
		words("doc.find", "c", "EQ", "$.n", "7", "NOCONTENT"),
		words("doc.count", "c", "EQ", "$.n", "7"),
	} {
		got := testing.AllocsPerRun(100, func() {
			if err := w.handle(line); err != nil {
				t.Fatal(err)
			}
		})
		if got > 2 {
			t.Errorf("%q: %v allocations", line, got)
		}
	}
}
