package conformance

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// dir is where the files are.
const dir = "testdata"

// load reads all files, sorted by name.
func load() ([]*script, error) {
	var all []*script
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".txt" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		s, err := parseScript(strings.TrimSuffix(filepath.ToSlash(rel), ".txt"), string(source))
		all = append(all, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the conformance files: %w", err)
	}
	return all, nil
}
