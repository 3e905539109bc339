package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestTransfer takes keys into the directory of a stopped server and out again, in
// each format.
func TestTransfer(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in.jsonl")
	text := `{"k":"a","t":"string","v":"x"}` + "\n" + `{"k":"h","db":3,"t":"hash","v":[["f","v"]],"px":4102444800000}` + "\n"
	if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	data := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, step := range []struct {
		args []string
		want int
	}{
		{[]string{"import", in, "--dir", data("one")}, exitOK},
		{[]string{"import", "--dir", data("one"), in}, exitFailure}, // the keys are there
		{[]string{"import", in, "--dir", data("one"), "--skip"}, exitOK},
		{[]string{"export", file("all.rdb"), "--dir", data("one")}, exitOK},
		{[]string{"import", file("all.rdb"), "--dir", data("two"), "--db", "3"}, exitOK},
		{[]string{"export", file("three.jsonl"), "--dir", data("two")}, exitOK},
		{[]string{"export", file("all.resp"), "--dir", data("one"), "--match", "h*"}, exitOK},
		{[]string{"import", file("all.resp"), "--dir", data("three")}, exitOK},
		{[]string{"export", file("again.jsonl"), "--dir", data("three")}, exitOK},
		{[]string{"compact", data("one")}, exitOK},
		{[]string{"check", data("one")}, exitOK},
		{[]string{"compact", data("none")}, exitFailure},
		{[]string{"import", file("missing.rdb"), "--dir", data("one")}, exitFailure},
		{[]string{"import", in, "--dir", file("missing")}, exitFailure},
		{[]string{"import", in, "--addr", "127.0.0.1:1"}, exitFailure},
		{[]string{"import"}, exitUsage},
		{[]string{"import", in, "--replace", "--skip"}, exitUsage},
		{[]string{"import", in, "--addr", "h:1", "--dir", "d"}, exitUsage},
		{[]string{"export", in, "--format", "xml"}, exitUsage},
		{[]string{"export", in, "--skip"}, exitUsage},
		{[]string{"compact"}, exitUsage},
	} {
		if got := run(step.args); got != step.want {
			t.Errorf("%q ends with %d, not %d", step.args, got, step.want)
		}
	}
	for _, name := range []string{"three.jsonl", "again.jsonl"} {
		got, err := os.ReadFile(file(name))
		want := text[bytes.IndexByte([]byte(text), '\n')+1:]
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}
