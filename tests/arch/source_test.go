package arch

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	maxFileLines     = 500
	maxFunctionLines = 60 // of code that is not a test
)

// root is the top of the repository.
const root = "../.."

// outside are directories whose content is not ours.
var outside = []string{".git", "bin", "data", "node_modules"}

// files calls fn for every file of the repository with this extension.
func files(t *testing.T, extension string, fn func(path string, text []byte)) {
	t.Helper()
	count := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(outside, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != extension:
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		count++
		fn(strings.TrimPrefix(filepath.ToSlash(path), root+"/"), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count == 0 {
		t.Fatalf("no file ends in %s", extension)
	}
}

func TestSource(t *testing.T) {
	t.Parallel()
	files(t, ".go", func(path string, text []byte) {
		for _, fault := range sourceFaults(t, path, text) {
			t.Errorf("%s: %s", path, fault)
		}
	})
}

// sourceFaults lists what is wrong with one Go file.
func sourceFaults(t *testing.T, path string, text []byte) (faults []string) {
	t.Helper()
	if n := bytes.Count(text, []byte{'\n'}); n > maxFileLines {
		faults = append(faults, "the file is too long: split it by topic")
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Errorf("%v", err)
		return nil
	}
	isTest := strings.HasSuffix(path, "_test.go")
	if isTest || strings.HasPrefix(path, "tests/") || strings.HasPrefix(path, "internal/testkit/") {
		faults = append(faults, testFaults(file)...)
	}
	if isTest {
		return faults
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && set.Position(f.End()).Line-set.Position(f.Pos()).Line+1 > maxFunctionLines {
			faults = append(faults, "function "+f.Name.Name+" is too long")
		}
		if ok && f.Name.Name == "init" && f.Recv == nil {
			faults = append(faults, "it has an init function: have the caller do it, in the open")
		}
	}
	return faults
}

// testFaults lists calls that no test may make.
func testFaults(file *ast.File) (faults []string) {
	var steps []*ast.FuncLit // of model tests: their Skip gives up a step, not a test
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if takesRapid(n.Type) {
				steps = append(steps, n)
			}
		case *ast.CallExpr:
			inStep := slices.ContainsFunc(steps, func(f *ast.FuncLit) bool { return f.Pos() < n.Pos() && n.End() <= f.End() })
			fault := callFault(n)
			if fault == sleeps || fault == skips && !inStep {
				faults = append(faults, fault)
			}
		}
		return true
	})
	return faults
}

const (
	sleeps = "a test sleeps: inject the clock, or wait for what is to happen"
	skips  = "a test is skipped without a reason"
)

// callFault says what is wrong with a call in a test.
func callFault(call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	on, ok := sel.X.(*ast.Ident)
	switch name := sel.Sel.Name; {
	case !ok:
		return ""
	case on.Name == "time" && name == "Sleep":
		return sleeps
	case name == "SkipNow", name == "Skip" && len(call.Args) == 0 && isTesting(on.Name):
		return skips
	}
	return ""
}

// takesRapid reports whether a function is a step of a model test.
func takesRapid(f *ast.FuncType) bool {
	return slices.ContainsFunc(f.Params.List, func(p *ast.Field) bool {
		star, ok := p.Type.(*ast.StarExpr)
		if !ok {
			return false
		}
		sel, ok := star.X.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		pkg, ok := sel.X.(*ast.Ident)
		return ok && pkg.Name == "rapid"
	})
}

// isTesting reports whether a name is one of those that tests give to their
// *testing.T and its kin.
func isTesting(name string) bool { return slices.Contains([]string{"t", "b", "f", "tb"}, name) }

// The rules themselves must be able to fail.
func TestSourceFaults(t *testing.T) {
	t.Parallel()
	lines := strings.Repeat("\t_ = 0\n", maxFunctionLines)
	tests := []struct {
		name, path, text string
		want             int
	}{
		{"sound", "a.go", "package a\n\nfunc f() {}\n", 0},
		{"long function", "a.go", "package a\n\nfunc f() {\n" + lines + "}\n", 1},
		{"long test", "a_test.go", "package a\n\nfunc f() {\n" + lines + "}\n", 0},
		{"long file", "a_test.go", "package a\n" + strings.Repeat("\n", maxFileLines), 1},
		{"init", "a.go", "package a\n\nfunc init() {}\n", 1},
		{"sleep", "a_test.go", "package a\n\nfunc f() { time.Sleep(1) }\n", 1},
		{"sleep of a harness", "tests/a/a.go", "package a\n\nfunc f() { time.Sleep(1) }\n", 1},
		{"sleep of the server", "a.go", "package a\n\nfunc f() { time.Sleep(1) }\n", 0},
		{"random step", "a_test.go", "package a\n\nvar f = func(t *rapid.T) { t.Skip() }\n", 0},
		{"random step that sleeps", "a_test.go", "package a\n\nvar f = func(t *rapid.T) { time.Sleep(1) }\n", 1},
		{"skips", "a_test.go", "package a\n\nfunc f() { t.Skip(); t.Skip(\"why\"); t.SkipNow(); in.Skip() }\n", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := sourceFaults(t, tt.path, []byte(tt.text)); len(got) != tt.want {
				t.Errorf("%d faults, want %d: %q", len(got), tt.want, got)
			}
		})
	}
}
