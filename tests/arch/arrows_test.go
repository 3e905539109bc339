package arch

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// module is the path of the module, and of all its packages' parents.
const module = "kvd"

// listed is what go list says of a package.
type listed struct {
	ImportPath   string
	Standard     bool
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// name is the package's path below the module.
func (p *listed) name() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// goList lists the packages of the module; flags choose which of their files.
// Packages with errors are listed too: their compilation is another test's
// business.
func goList(t *testing.T, flags ...string) []listed {
	t.Helper()
	args := append([]string{"list", "-e", "-json=ImportPath,Standard,Imports,TestImports,XTestImports"}, flags...)
	cmd := exec.Command("go", append(args, module+"/...")...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
	return all
}

func TestArrows(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{nil, {"-race"}, {"-tags=invariants"}} {
		for _, p := range goList(t, flags...) {
			r, ok := rowOf(p.name())
			if !ok {
				t.Errorf("package %s has no row in tests/arch: what may it import?", p.name())
				continue
			}
			for _, fault := range r.faults(p.name(), p.Imports) {
				t.Error(fault)
			}
		}
	}
}

func TestTestsUseKnownModules(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t) {
		r, _ := rowOf(p.name())
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			if foreign(path) && !r.allowsThird(path) && !anyBelow(forTests, path) {
				t.Errorf("the tests of %s import %s", p.name(), path)
			}
		}
	}
}

// faults lists the imports that the row does not allow.
func (r row) faults(pkg string, imports []string) (faults []string) {
	for _, path := range imports {
		switch own, isOwn := strings.CutPrefix(path, module+"/"); {
		case isOwn && !r.allows(own):
			faults = append(faults, pkg+" may not import "+own)
		case isOwn && !mayUseApex(pkg, own):
			faults = append(faults, pkg+" may not import "+own+", which stands above it")
		case !isOwn && foreign(path) && !r.allowsThird(path):
			faults = append(faults, path+" has no home in "+pkg)
		}
	}
	return faults
}

// foreign reports whether a path belongs to another module. Paths of the
// standard library have no dot in their first part.
func foreign(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first != module && strings.Contains(first, ".")
}

// mayUseApex reports whether pkg may know what joins all packages.
func mayUseApex(pkg, imported string) bool {
	users, ok := apex[imported]
	return !ok || slices.ContainsFunc(users, func(p string) bool { return matches(p, pkg) })
}

// The rules themselves must be able to fail.
func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, pkg string
		imports   []string
		want      int
	}{
		{"upward", "engine", []string{"kvd/resp/reply", "kvd/engine/slab", "fmt"}, 1},
		{"sister family", "resp/command/str", []string{"kvd/resp/command/keys", "kvd/resp/command"}, 1},
		{"assembly", "resp", []string{"kvd/internal/app"}, 1},
		{"test server outside tests", "internal/app", []string{"kvd/internal/testkit"}, 1},
		{"third party away from home", "engine", []string{"go.etcd.io/bbolt", "go.etcd.io/bbolt/errors"}, 2},
		{"third party at home", "persist", []string{"go.etcd.io/bbolt", "go.etcd.io/bbolt/errors"}, 0},
		{"leaf", "internal/change", []string{"kvd/internal/clock"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, ok := rowOf(tt.pkg)
			if !ok {
				t.Fatalf("%s has no row", tt.pkg)
			}
			if got := r.faults(tt.pkg, tt.imports); len(got) != tt.want {
				t.Errorf("%d faults, want %d: %q", len(got), tt.want, got)
			}
		})
	}
	if _, ok := rowOf("resp/nowhere/deep"); ok {
		t.Error("an unknown package has a row")
	}
}
