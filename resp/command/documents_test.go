package command

import (
	"fmt"
	"testing"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// TestManyPaths uses more paths than are kept, at the same time.
func TestManyPaths(t *testing.T) {
	var d DocumentCache
	root, err := doc.Parse([]byte(`{"a7":1}`))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan bool)
	for range 4 {
		go func() {
			found := 0
			for i := range 5000 {
				p, err := d.Path(fmt.Appendf(nil, "$.a%d", i%2500))
				if err != nil || p.String() != fmt.Sprint("$.a", i%2500) {
					t.Errorf("path %d: %v, %v", i, p, err)
				}
				if _, _, ok := p.Lookup(root); ok {
					found++
				}
			}
			done <- found == 2
		}()
	}
	for range 4 {
		if !<-done {
			t.Error("a path is not what it was compiled from")
		}
	}
	one, first := []byte("$.again"), (*path.Path)(nil)
	for range 3 {
		p, err := d.Path(one)
		if err != nil || first != nil && p != first {
			t.Errorf("a path that was used before is compiled again: %v", err)
		}
		first = p
	}
}
