package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The generated pages in the repository are those of the present code.
func TestPagesAreCurrent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := writePages(dir); err != nil {
		t.Fatal(err)
	}
	for name := range pages {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		have, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("docs/%s is not what the code says: run make docs", name)
		}
		if len(want) < 1000 {
			t.Errorf("docs/%s has only %d bytes", name, len(want))
		}
	}
}
