package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kvd/tests/blackbox"
)

// TestMigrateCommand runs `kvd migrate` on a folder of files against a server.
func TestMigrateCommand(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{})
	c := s.Client(t)
	dir := t.TempDir()
	files := filepath.Join(dir, "migrations")
	migrate := func(code int, want string, args ...string) {
		t.Helper()
		args = append([]string{"migrate", "--dir", files, "--addr", s.Addr()}, args...)
		r := blackbox.Run(t, time.Minute, args...)
		if r.Code != code || !strings.Contains(r.Output, want) {
			t.Errorf("%v: exit code %d, want %d with %q\n%s", args, r.Code, code, want, r.Output)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(files, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"u:1", "u:2"} {
		c.Must(t, "JSON.SET", key, "$", `{"username":"ada"}`)
	}

	migrate(0, "1.0.0_first.yaml", "new", "first")
	migrate(1, "letters, digits", "new", "../x")
	write("1.0.0_first.yaml", "version: 1.0.0\ndescription: roles\ntarget: {prefix: \"u:\"}\nup:\n  - default: {path: $.roles, value: [user]}\n")
	write("1.10.0_second.json", `{"version":"1.10.0","target":{"prefix":"u:"},"up":[{"rename":{"path":"$.username","to":"name"}}]}`)
	migrate(0, "2 migrations are sound", "lint")
	migrate(2, "2 pending", "status")
	migrate(0, "changes: 2", "plan", "--full")
	c.Want(t, `"{\"username\":\"ada\"}"`, "JSON.GET", "u:1")
	migrate(0, "0.0.0 to 1.10.0, 2 documents, 2 changed, 0 failed", "up")
	c.Want(t, `"{\"name\":\"ada\",\"roles\":[\"user\"]}"`, "JSON.GET", "u:1")
	migrate(0, "nothing to do", "up")
	migrate(0, "1.10.0       applied", "status")
	migrate(0, "no faults", "verify", "--deep")
	migrate(0, "direction: up", "history")
	migrate(0, "1.10.0 to 0.0.0, 2 documents, 2 changed", "down", "--to", "0.0.0", "--strategy", "undo", "--batch", "1")
	c.Want(t, `"{\"username\":\"ada\"}"`, "JSON.GET", "u:1")
	migrate(0, "0.0.0 to 1.0.0", "up", "--to", "1.0.0")

	// A file that was changed after it was applied is found, and taken over when asked.
	write("1.0.0_first.yaml", "# a comment does not count\nversion: 1.0.0\ntarget: {prefix: \"u:\"}\nup:\n  - default: {path: $.roles, value: [user]}\n")
	migrate(0, "no faults", "verify")
	write("1.0.0_first.yaml", "version: 1.0.0\ntarget: {prefix: \"u:\"}\nup:\n  - default: {path: $.roles, value: [admin]}\n")
	migrate(1, "it was applied in another form", "verify")
	migrate(1, "CONFLICT migration 1.0.0 was applied", "up")
	migrate(0, "OK", "repair", "--to", "1.0.0")
	migrate(0, "no faults", "verify")

	for name, text := range map[string]string{
		"2.0.0_x.yaml": "version: 2.0.1\ntarget: {prefix: \"u:\"}\nup: []\n",
		"2.1.0_x.yaml": "a: &x 1\nb: *x\n",
		"2.2.0_x.json": "{",
	} {
		write(name, text)
		migrate(1, name, "lint")
		if err := os.Remove(filepath.Join(files, name)); err != nil {
			t.Fatal(err)
		}
	}
	migrate(2, "usage", "fly")
	migrate(2, "needs --to", "down")
}
