package disk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestReplace: a failed replacement leaves the old contents and nothing else.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	for _, text := range []string{"first", "second"} {
		if err := Replace(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("the file holds %q, %v", got, err)
		}
	}
	fault := errors.New("fault")
	if err := Create(path, func(*os.File) error { return fault }); !errors.Is(err, fault) {
		t.Errorf("Create: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left over: %v, %v", entries, err)
	}
	if got, _ := os.ReadFile(path); string(got) != "second" {
		t.Errorf("a failed Create changed the file to %q", got)
	}
}

func TestRemoveTemps(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"keep", "a.tmp", "b.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := RemoveTemps(dir); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 || entries[0].Name() != "keep" {
		t.Errorf("left over: %v, %v", entries, err)
	}
}

// TestGuard: panics and faults of a mapping that was cut short become errors.
func TestGuard(t *testing.T) {
	if err := Guard(func() error { panic("no") }); !errors.Is(err, ErrFault) {
		t.Errorf("a panic gave %v", err)
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, 1<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := MapFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	sum := byte(0)
	err = Guard(func() error {
		for _, b := range m.Bytes() {
			sum += b
		}
		return nil
	})
	if m.mapped && !errors.Is(err, ErrFault) {
		t.Errorf("a fault gave %v", err)
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var files [2]*os.File
	for i := range files {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		files[i] = f
	}
	for i, want := range []bool{true, false} {
		if ok, err := TryLock(files[i]); ok != want || err != nil {
			t.Errorf("lock %d: %v, %v", i, ok, err)
		}
	}
	_ = files[0].Close()
	if ok, err := TryLock(files[1]); !ok || err != nil {
		t.Errorf("after the first let go: %v, %v", ok, err)
	}
}
