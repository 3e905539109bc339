package acl_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"kvd/internal/app"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/internal/testkit"
	"kvd/resp/acl"
)

// write writes a file and returns its name.
func write(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFileOfUsers(t *testing.T) {
	name := write(t, "users.acl", "user alice on nopass ~a* +@all\nuser default on nopass ~* &* +@all\n")
	s := testkit.Start(t, testkit.Config{Options: []string{"--aclfile", name}})
	admin, alice := s.Client(), s.Client()
	alice.Do("AUTH", "alice", "x").OK()
	alice.Do("GET", "x").Want("(error) NOPERM this user has no permissions to access one of the keys used as arguments")

	admin.Do("ACL", "SETUSER", "bob", "on", ">p", "+get").OK()
	admin.Do("ACL", "SAVE").OK()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const want = "user alice on nopass ~a* resetchannels +@all\n" +
		"user bob on #148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940 resetchannels -@all +get\n" +
		"user default on nopass ~* &* +@all\n"
	if string(text) != want {
		t.Errorf("saved\n%s\nwant\n%s", text, want)
	}

	if err := os.WriteFile(name, []byte("user alice on +nosuch\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	admin.Do("ACL", "LOAD").Want("(error) ERR " + name + ":1: Error in applying operation '+nosuch': " +
		"Unknown command or category name in ACL. WARNING: ACL errors detected, no change to the previously active ACL rules was performed")
	alice.Do("ACL", "WHOAMI").Want(`"alice"`)

	if err := os.WriteFile(name, []byte("user carol on nopass +@all\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	admin.Do("ACL", "LOAD").OK()
	admin.Do("ACL", "USERS").Want(`["carol", "default"]`)
	if !alice.Closed() {
		t.Error("the client of a user who is gone stays")
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	admin.Do("ACL", "LOAD").Want("(error) ERR Error loading ACLs, opening file '" + name + "': No such file or directory")
}

func TestSaveFails(t *testing.T) {
	name := write(t, "users.acl", "")
	s := testkit.Start(t, testkit.Config{Options: []string{"--aclfile", name}})
	if err := os.RemoveAll(filepath.Dir(name)); err != nil {
		t.Fatal(err)
	}
	s.Client().Do("ACL", "SAVE").Want("(error) ERR There was an error trying to save the ACLs. Please check the server logs for more information")
}

// TestStartRefused: a server whose users can't be told does not start.
func TestStartRefused(t *testing.T) {
	file := write(t, "users.acl", "user alice on\nuser alice on\n")
	for want, options := range map[string][]string{
		"Duplicate user 'alice' found on line 2":                       {"--aclfile", file},
		"no such file":                                                 {"--aclfile", file + ".none"},
		`users: user "a": rule "+nosuch": Unknown command`:             {"--user", "a", "+nosuch"},
		"users are defined in the configuration and an aclfile is set": {"--user", "a", "on", "--aclfile", file},
		`users: user "a": Duplicate user found`:                        {"--user", "a", "on", "--user", "a", "off"},
	} {
		cfg, err := config.Load(append([]string{"--appendonly", "no", "--port", "0", "--unixsocket", filepath.Join(t.TempDir(), "s")}, options...))
		if err != nil {
			t.Fatal(err)
		}
		a, err := app.Open(app.Options{Config: cfg, Clock: clock.NewManual(time.Unix(0, 0)), Log: zerolog.Nop()})
		if err == nil {
			_ = a.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", options, err, want)
		}
	}
}

func TestUsersOfConfiguration(t *testing.T) {
	name := write(t, "kvd.conf", "user alice on nopass ( ~a +get )\n")
	s := testkit.Start(t, testkit.Config{Options: []string{"--requirepass", "secret", "--include", name}})
	c := s.Client()
	c.Do("PING").Want("(error) NOAUTH Authentication required.")
	c.Do("AUTH", "secret").OK()
	c.Do("ACL", "GETUSER", "alice").Want(`["flags", ["on", "nopass"], "passwords", [], "commands", "-@all", "keys", "", "channels", "", ` +
		`"selectors", [["commands", "-@all +get", "keys", "~a", "channels", ""]]]`)
}

// TestGuesses: whoever guesses passwords has to wait for the answers, and others
// do not.
func TestGuesses(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Options: []string{"--requirepass", "secret"}})
	c := s.Client()
	const wrong = "(error) WRONGPASS invalid username-password pair or user is disabled."
	for range 20 {
		c.Do("AUTH", "guess").Want(wrong)
	}
	c.Send("AUTH", "guess")
	c.Send("AUTH", "secret")
	other := s.Client()
	other.Do("AUTH", "secret").OK()
	other.Do("PING").Want("PONG")
	if text, ok := c.Pending(); ok {
		t.Fatalf("answered at once: %s", text)
	}
	s.Clock.Advance(time.Second)
	if got := c.Receive(); got != wrong {
		t.Errorf("got %s", got)
	}
	if got := c.Receive(); got != "OK" {
		t.Errorf("the right password: %s", got)
	}
}

// TestRewriteKeepsUsers: what ACL SETUSER has made is in the file that CONFIG
// REWRITE writes, and is there after the next start.
func TestRewriteKeepsUsers(t *testing.T) {
	file := write(t, "kvd.conf", "appendonly no\nport 0\nunixsocket "+filepath.Join(t.TempDir(), "s")+"\n")
	start := func() *app.App {
		t.Helper()
		cfg, err := config.Load([]string{file})
		if err != nil {
			t.Fatal(err)
		}
		a, err := app.Open(app.Options{Config: cfg, Clock: clock.NewManual(time.Unix(0, 0)), Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.Close() })
		return a
	}
	a := start()
	users := a.Services().Users
	for name, rules := range map[string][]string{"alice": {"on", ">p", "~a", "(%R~b +get)"}, "default": {">secret", "-flushall"}} {
		if _, _, err := users.Change(name, rules, acl.NoChannels); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Services().Config.Rewrite(); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(users.Text(), "user default on ", "user default on sanitize-payload ", 1)
	if got := start().Services().Users.Text(); got != want {
		t.Errorf("after a start\n%s\nwant\n%s", got, want)
	}
}
