package acl_test

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"kvd/resp/acl"
)

func TestAuthenticate(t *testing.T) {
	users := acl.NewUsers(catalog())
	must := func(name string, rules ...string) {
		t.Helper()
		if _, _, err := users.Change(name, rules, acl.NoChannels); err != nil {
			t.Fatal(err)
		}
	}
	must("two", "on", ">a", ">b")
	must("off", ">a")
	must("open", "on", "nopass")
	must("none", "on")
	for _, tt := range []struct {
		name, password string
		want           bool
	}{
		{"two", "a", true},
		{"two", "b", true},
		{"two", "c", false},
		{"two", "", false},
		{"Two", "a", false},
		{"off", "a", false},
		{"open", "anything", true},
		{"none", "", false},
		{"nobody", "a", false},
		{"default", "x", true},
	} {
		if got := users.Authenticate([]byte(tt.name), []byte(tt.password)) != nil; got != tt.want {
			t.Errorf("%s with %q: %v", tt.name, tt.password, got)
		}
	}
}

func TestAccountSeesChanges(t *testing.T) {
	users := acl.NewUsers(catalog())
	a, before, err := users.Change("u", []string{"~*", "+@all"}, acl.NoChannels)
	if err != nil || before != nil {
		t.Fatal(before, err)
	}
	was := a.User()
	if _, before, _ = users.Change("u", []string{"-get"}, acl.NoChannels); before != was {
		t.Error("the user before the change is another one")
	}
	r := line(get, acl.Read, "k")
	if was.Check(r).Denied() || !a.User().Check(r).Denied() {
		t.Error("the change is not in the account, or in the user that it was")
	}
	if _, _, err := users.Change("u", []string{"+get", "nonsense"}, acl.NoChannels); err == nil || !a.User().Check(r).Denied() {
		t.Error("rules before a wrong one were applied")
	}

	if !users.Delete("u") || users.Delete("u") || users.Delete(acl.Default) {
		t.Error("what can be deleted is wrong")
	}
	if !a.Gone() || !a.User().Check(r).Denied() || users.Get("u") != nil {
		t.Error("a deleted user goes on")
	}
}

func TestLoad(t *testing.T) {
	users := acl.NewUsers(catalog())
	old, _, _ := users.Change("old", nil, acl.NoChannels)
	const text = "user alice on >p ~a +get ( ~b +set )\n\n  user default on nopass +@all\r\nuser bob off\n"
	if err := users.Load("f", text, acl.NoChannels); err != nil {
		t.Fatal(err)
	}
	const want = "user alice on #148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940 ~a resetchannels -@all +@read " +
		"(~b resetchannels -@all +@write)\nuser bob off resetchannels -@all\nuser default on nopass resetchannels +@all\n"
	if got := users.Text(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !old.Gone() || users.Default().Gone() {
		t.Error("who is gone is wrong")
	}
	alice := users.Get("alice")
	if err := users.Load("f", users.Text(), acl.NoChannels); err != nil || users.Text() != want {
		t.Errorf("what was written is read as %s (%v)", users.Text(), err)
	}
	if !alice.Gone() || users.Get("alice") == nil {
		t.Error("a loaded user is an old account")
	}
	if err := users.Load("f", "", acl.NoChannels); err != nil || !users.Default().User().Unrestricted() {
		t.Errorf("without a line the default user is %s (%v)", users.Default().User(), err)
	}
}

func TestLoadFaults(t *testing.T) {
	const end = "WARNING: ACL errors detected, no change to the previously active ACL rules was performed"
	for text, want := range map[string]string{
		"foo on":                        "f:1 should start with user keyword followed by the username. ",
		"\nuser":                        "f:2 should start with user keyword followed by the username. ",
		"USER a on":                     "f:1 should start with user keyword followed by the username. ",
		"# a":                           "f:1 should start with user keyword followed by the username. ",
		"user a on\nuser a on":          "WARNING: Duplicate user 'a' found on line 2. ",
		"user a x\nuser b +nosuch\nxx":  "f:1: Syntax error. f:2: Error in applying operation '+nosuch': Unknown command or category name in ACL. f:3 should start with user keyword followed by the username. ",
		"user a on (~x\n":               "f:1: Unmatched parenthesis in acl selector starting at '(~x'. ",
		"user a >secret ~* ~y":          "f:1: Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns. ",
		"user a on\nuser a\x00b on > x": "f:2: username 'a\x00b' contains invalid characters. ",
	} {
		users := acl.NewUsers(catalog())
		before := users.Text()
		err := users.Load("f", text, acl.NoChannels)
		if err == nil || err.Error() != want+end {
			t.Errorf("%q: %v\nwant %s", text, err, want+end)
		}
		if users.Text() != before {
			t.Errorf("%q: the users have changed", text)
		}
	}
}

func TestDefine(t *testing.T) {
	users := acl.NewUsers(catalog())
	err := users.Define([][]string{{"a", "on", "(~x", "+get)"}, {"default", "on", ">p", "+get"}}, acl.AllChannels)
	const want = "user a on &* -@all (~x &* -@all +@read)\n" +
		"user default on sanitize-payload #148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940 &* -@all +@read\n"
	if got := users.Text(); err != nil || got != want {
		t.Errorf("got  %s (%v)\nwant %s", got, err, want)
	}
	for want, lines := range map[string][][]string{
		`user "a b": a name has no spaces`:                                                                {{"a b"}},
		`user "a": Duplicate user found. A user can only be defined once in config files`:                 {{"a"}, {"a"}},
		`user "a": Unmatched parenthesis in acl selector starting at '(x'.`:                               {{"a", "(x"}},
		`user "a": rule "+nosuch": Unknown command or category name in ACL`:                               {{"a", "+nosuch"}},
		`user "a": rule "(redacted)": The password you are trying to remove from the user does not exist`: {{"a", "<p"}},
	} {
		if err := acl.NewUsers(catalog()).Define(lines, acl.NoChannels); err == nil || err.Error() != want {
			t.Errorf("%v: %v, want %s", lines, err, want)
		}
	}
}

func TestLines(t *testing.T) {
	users := acl.NewUsers(catalog())
	if lines := users.Lines(""); lines != nil {
		t.Errorf("nobody was defined, but %v", lines)
	}
	if err := users.RequirePass("p"); err != nil {
		t.Fatal(err)
	}
	if lines := users.Lines("p"); lines != nil {
		t.Errorf("requirepass says it all, but %v", lines)
	}
	if _, _, err := users.Change("a", []string{"on", "(~x +get)"}, acl.NoChannels); err != nil {
		t.Fatal(err)
	}
	if err := users.RequirePass(""); err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"a", "on", "resetchannels", "-@all", "(~x", "resetchannels", "-@all", "+@read)"},
		{"default", "on", "nopass", "~*", "&*", "+@all"},
	}
	lines := users.Lines("p")
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("%q\nwant %q", lines, want)
	}
	again := acl.NewUsers(catalog())
	if err := again.Define(lines, acl.NoChannels); err != nil {
		t.Fatal(err)
	}
	if got, want := again.Text(), strings.Replace(users.Text(), "nopass", "nopass sanitize-payload", 1); got != want {
		t.Errorf("read again\n%s\nwant\n%s", got, want)
	}
}

// TestConcurrentUse lets the race detector look at users that change.
func TestConcurrentUse(t *testing.T) {
	users := acl.NewUsers(catalog())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 200 {
				a, _, err := users.Change("u", []string{"on", ">p", "~a", "+get"}, acl.NoChannels)
				if err != nil {
					t.Error(err)
				}
				a.User().Check(line(get, acl.Read, "a"))
				users.Authenticate([]byte("u"), []byte("p"))
				if i%10 == 0 {
					users.Delete("u")
					_ = users.Load("f", users.Text(), acl.NoChannels)
				}
			}
		})
	}
	all.Wait()
}

func TestLog(t *testing.T) {
	var log acl.Log
	start := time.Unix(1000, 0)
	add := func(object string, after time.Duration) {
		log.Add(acl.Refusal{Reason: acl.DeniedKey, Object: object, User: "u", At: start.Add(after)}, 3)
	}
	seen := func() (objects []string, counts []int64) {
		for _, r := range log.Newest(10) {
			objects, counts = append(objects, r.Object), append(counts, r.Count)
		}
		return objects, counts
	}
	add("a", 0)
	add("b", 0)
	add("a", time.Minute)
	if objects, counts := seen(); !reflect.DeepEqual(objects, []string{"a", "b"}) || !reflect.DeepEqual(counts, []int64{2, 1}) {
		t.Errorf("%v %v", objects, counts)
	}
	add("b", 2*time.Minute) // too late to be counted
	add("c", 2*time.Minute)
	if objects, counts := seen(); !reflect.DeepEqual(objects, []string{"c", "b", "a"}) || !reflect.DeepEqual(counts, []int64{1, 1, 2}) {
		t.Errorf("%v %v", objects, counts)
	}
	add(strings.Repeat("x", 1<<20), 2*time.Minute)
	if r := log.Newest(1); len(r[0].Object) > 1024 {
		t.Errorf("%d bytes of a key are kept", len(r[0].Object))
	}
	if len(log.Newest(-1)) != 0 {
		t.Error("fewer than no entries")
	}
	log.Reset()
	if len(log.Newest(10)) != 0 {
		t.Error("Reset leaves entries")
	}
}

func TestThrottle(t *testing.T) {
	var throttle acl.Throttle
	now := time.Unix(1000, 0)
	for range 20 {
		if wait := throttle.Failed("a", now); wait != 0 {
			t.Fatalf("an early failure waits %v", wait)
		}
	}
	if wait := throttle.Failed("a", now); wait != time.Second {
		t.Errorf("one too many waits %v", wait)
	}
	for range 1000 {
		if wait := throttle.Failed("a", now); wait > 5*time.Second {
			t.Fatalf("a wait of %v", wait)
		}
	}
	if wait := throttle.Failed("b", now); wait != 0 {
		t.Errorf("another address waits %v", wait)
	}
	if wait := throttle.Failed("a", now.Add(time.Minute)); wait != 0 {
		t.Errorf("after a minute it waits %v", wait)
	}
}

// FuzzLoad reads any file of users: it never panics, a mistake changes nothing,
// and what was read is the same when it is written and read again.
func FuzzLoad(f *testing.F) {
	f.Add("user a on >p ~a %R~b &c +get -@all (+set ~x)\nuser default on\n")
	f.Add("user b reset #00 (~x) ) ( +config|get|x\n")
	f.Fuzz(func(t *testing.T, text string) {
		users := acl.NewUsers(catalog())
		before := users.Text()
		if err := users.Load("f", text, acl.NoChannels); err != nil {
			if users.Text() != before {
				t.Error("a mistake has changed the users")
			}
			return
		}
		read := users.Text()
		if err := users.Load("f", read, acl.NoChannels); err != nil || users.Text() != read {
			t.Errorf("%q was read as %q, and that as %q (%v)", text, read, users.Text(), err)
		}
	})
}

func TestRuleError(t *testing.T) {
	_, _, err := acl.NewUsers(catalog()).Change("u", []string{"+nosuch"}, acl.NoChannels)
	var refused *acl.RuleError
	if !errors.As(err, &refused) || refused.Rule != "+nosuch" || err.Error() != "+nosuch: Unknown command or category name in ACL" {
		t.Errorf("%v", err)
	}
}
