package path

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"kvd/engine/doc"
)

// suiteFile is the JSONPath compliance suite, beside the repository.
var suiteFile = filepath.Join("..", "..", "..", "..", "shared", "data", "jsonpath-compliance-suite.json")

type suiteCase struct {
	Name         string
	Selector     string
	Document     json.RawMessage
	Result       json.RawMessage
	Results      []json.RawMessage
	ResultPaths  []string   `json:"result_paths"`
	ResultsPaths [][]string `json:"results_paths"`
	Invalid      bool       `json:"invalid_selector"`
}

// suite returns the cases, or skips the test where the file is missing.
func suite(t testing.TB) []suiteCase {
	t.Helper()
	text, err := os.ReadFile(suiteFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the JSONPath compliance suite is not at %s", suiteFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Tests []suiteCase }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	const cases = 703
	if len(all.Tests) != cases {
		t.Fatalf("the suite has %d cases, want %d", len(all.Tests), cases)
	}
	return all.Tests
}

func TestCompliance(t *testing.T) {
	for _, c := range suite(t) {
		t.Run(c.Name, func(t *testing.T) {
			p, err := Compile([]byte(c.Selector), RFC9535)
			if c.Invalid {
				if err == nil {
					t.Errorf("%q was compiled", c.Selector)
				}
				return
			}
			if err != nil {
				t.Fatalf("%q: %v", c.Selector, err)
			}
			checkCase(t, c, p)
		})
	}
}

// What is valid in RFC 9535 means the same with RedisJSON's additions.
func TestComplianceOfRedisJSON(t *testing.T) {
	for _, c := range suite(t) {
		if c.Invalid {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			p, err := Compile([]byte(c.Selector), RedisJSON)
			if err != nil {
				t.Fatalf("%q: %v", c.Selector, err)
			}
			if p.Legacy() || p.Computed() {
				t.Fatalf("%q is not a query", c.Selector)
			}
			checkCase(t, c, p)
		})
	}
}

// checkCase compares values and places with one of those that the suite allows.
func checkCase(t *testing.T, c suiteCase, p *Path) {
	t.Helper()
	root, err := doc.Parse(c.Document)
	if err != nil {
		t.Fatalf("document: %v", err)
	}
	var e Evaluator
	places, err := e.Find(p, root)
	if err != nil {
		t.Fatal(err)
	}
	values := doc.NewBuilder(nil)
	values.BeginArray()
	paths := []string{}
	for _, at := range places {
		values.Value(root.At(at))
		paths = append(paths, string(AppendLocation(nil, root, at)))
	}
	values.End()
	results, wantPaths := c.Results, c.ResultsPaths
	if results == nil {
		results, wantPaths = []json.RawMessage{c.Result}, [][]string{c.ResultPaths}
	}
	for i, result := range results {
		want, err := doc.Parse(result)
		if err != nil {
			t.Fatal(err)
		}
		if doc.Equal(want, values.Bytes()) && equalStrings(paths, wantPaths[i]) {
			return
		}
	}
	t.Errorf("%s of %s:\n got %s at %q\nwant one of %s at %q", c.Selector, c.Document,
		doc.AppendText(nil, values.Bytes()), paths, results, wantPaths)
}

func equalStrings(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
