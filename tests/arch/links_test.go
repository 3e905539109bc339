package arch

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link finds the targets of Markdown links.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// Every file that a page of the documentation links to exists.
func TestLinks(t *testing.T) {
	t.Parallel()
	files(t, ".md", func(path string, text []byte) {
		for _, m := range link.FindAllSubmatch(text, -1) {
			target, err := url.Parse(string(m[1]))
			if err != nil || target.Scheme != "" || target.Path == "" {
				continue
			}
			file := filepath.Join(root, filepath.Dir(path), target.Path)
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s links to %s, which is not there", path, target.Path)
			}
		}
	})
}

// Every package and directory that the architecture page names in its table
// exists, so that the page can't grow old unnoticed.
func TestArchitectureNamesExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	path := regexp.MustCompile("`((?:cmd|engine|internal|persist|resp|tests|docs)/[a-z0-9_/.]+)`")
	found := path.FindAllSubmatch(text, -1)
	if len(found) == 0 {
		t.Fatal("the page names no path")
	}
	for _, m := range found {
		name := strings.TrimSuffix(string(m[1]), "/...")
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Errorf("docs/ARCHITECTURE.md names %s, which is not there", name)
		}
	}
}
