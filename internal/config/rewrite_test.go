package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRewrite(t *testing.T) {
	path := file(t, "kvd.conf", strings.Join([]string{
		"# the port",
		"port 7001",
		"maxmemory 1gb   ",
		"save 10 1",
		"# between",
		"save 20 2",
		"timeout 3",
		"hash-max-ziplist-entries 7",
		"user alice on",
		"timeout 4",
	}, "\n"))
	c, err := Load([]string{path, "--slowlog-max-len", "5"})
	if err != nil {
		t.Fatal(err)
	}
	l := NewLive(c)
	if err := l.Set([][2]string{{"save", "30 3"}, {"timeout", "9"}, {"requirepass", "a b"}, {"hash-max-listpack-entries", "8"}}, Local); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"# the port",
		"port 7001",
		"maxmemory 1gb   ",
		"save 30 3",
		"# between",
		"timeout 9",
		"hash-max-listpack-entries 8",
		"user alice on",
		rewriteMark,
		`requirepass "a b"`,
		"slowlog-max-len 5",
		"",
	}, "\n")
	for range 2 { // the second changes nothing
		if err := l.Rewrite(); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the permissions are lost: %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("a file is left over: %v, %v", entries, err)
	}
	again, err := Load([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	if todo := differences(again, l.Get()); len(todo) != 0 {
		t.Errorf("%d options are lost", len(todo))
	}
}

// TestRewriteWithInclude checks that a change wins over a file that is included
// further down.
func TestRewriteWithInclude(t *testing.T) {
	inner := file(t, "inner.conf", "timeout 7\n")
	path := file(t, "kvd.conf", "timeout 3\ninclude "+inner+"\n")
	c, err := Load([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	l := NewLive(c)
	if err := l.Set([][2]string{{"timeout", "9"}}, Local); err != nil {
		t.Fatal(err)
	}
	if err := l.Rewrite(); err != nil {
		t.Fatal(err)
	}
	if again, err := Load([]string{path}); err != nil || again.Timeout != 9*time.Second {
		t.Errorf("%v, %v", again, err)
	}
}

func TestRewriteErrors(t *testing.T) {
	if err := NewLive(Default()).Rewrite(); err == nil || err.Error() != "ERR The server is running without a config file" {
		t.Error(err)
	}
	c := Default()
	c.File = filepath.Join(t.TempDir(), "none", "kvd.conf")
	if err := NewLive(c).Rewrite(); err == nil || !strings.HasPrefix(err.Error(), "ERR Rewriting config file: ") {
		t.Error(err)
	}
}

func TestDocs(t *testing.T) {
	var a, b bytes.Buffer
	if err := errors.Join(WriteDocs(&a), WriteDocs(&b)); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() {
		t.Error("two pages differ")
	}
	for _, p := range Params() {
		if !strings.Contains(a.String(), "| `"+p.Name+"`") {
			t.Errorf("%s is not documented", p.Name)
		}
	}
	for line := range strings.Lines(a.String()) {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|")-strings.Count(line, `\|`) != 6 {
			t.Errorf("not five columns: %s", line)
		}
	}
	if err := WriteDocs(failingWriter{}); err == nil {
		t.Error("a full disk goes unnoticed")
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("full") }

// TestOnRewrite checks that the file has what a hook knows better than the
// settings, and that it says so until that changes again.
func TestOnRewrite(t *testing.T) {
	path := file(t, "kvd.conf", "port 7001\nuser alice on\n")
	c, err := Load([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	l := NewLive(c)
	users := [][]string{{"bob", "on", "(~a", "+get)"}, {"carol", "off"}}
	l.OnRewrite(func(c *Config) { c.Users = users })
	for _, want := range []string{"port 7001\nuser bob on (~a +get)\nuser carol off\n", "port 7001\n"} {
		if err := l.Rewrite(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		users = nil
	}
	if len(l.Get().Users) != 1 {
		t.Error("the published settings have changed")
	}
}
