package acl_test

import (
	"strings"
	"testing"

	"kvd/resp/acl"
)

// The numbers of the commands of catalog.
const (
	get = iota
	set
	config
	configGet
	configSet
	selectDB
	auth
	publish
)

var commandNames = []string{"get", "set", "config", "config|get", "config|set", "select", "auth", "publish"}

func catalog() *acl.Catalog {
	commands := make([]acl.Command, len(commandNames))
	for id, name := range commandNames {
		commands[id] = acl.Command{Name: name, Categories: 4}
	}
	commands[get].Categories, commands[set].Categories = 1, 2
	commands[configGet].Categories, commands[configSet].Categories = 4|8, 4|8
	return acl.NewCatalog(commands, []string{"read", "write", "slow", "admin"})
}

func user(t testing.TB, rules string) *acl.User {
	t.Helper()
	words, err := acl.JoinSelectors(strings.Fields(rules))
	if err != nil {
		t.Fatal(err)
	}
	a, _, err := acl.NewUsers(catalog()).Change("u", words, acl.NoChannels)
	if err != nil {
		t.Fatal(err)
	}
	return a.User()
}

// line is a request: the first words are keys with this access, or a channel for
// publish.
func line(id int, access acl.Access, words ...string) *acl.Request {
	r := &acl.Request{Command: id, Open: id == auth, Args: [][]byte{[]byte(commandNames[id])}}
	for i, word := range words {
		r.Args = append(r.Args, []byte(word))
		if access != 0 {
			r.Keys = append(r.Keys, acl.Key{Pos: i + 1, Access: access})
		}
	}
	if id == publish {
		r.First, r.End = 1, len(r.Args)
	}
	return r
}

func TestCheck(t *testing.T) {
	tests := []struct {
		rules string
		line  *acl.Request
		want  acl.Verdict
	}{
		{"", line(get, acl.Read, "k"), acl.Verdict{Reason: acl.DeniedCommand}},
		{"", line(auth, 0, "password"), acl.Verdict{}},
		{"~* +@all", line(get, acl.Read, "k"), acl.Verdict{}},
		{"~* +@read", line(set, acl.Write, "k"), acl.Verdict{Reason: acl.DeniedCommand}},
		{"~* +@all -@write", line(set, acl.Write, "k"), acl.Verdict{Reason: acl.DeniedCommand}},
		{"~a* +@all", line(get, acl.Read, "a1", "b", "c"), acl.Verdict{Reason: acl.DeniedKey, Pos: 2}},
		{"%R~a +@all", line(set, acl.Write, "a"), acl.Verdict{Reason: acl.DeniedKey, Pos: 1}},
		{"%R~a +@all", line(set, acl.Read|acl.Write, "a"), acl.Verdict{Reason: acl.DeniedKey, Pos: 1}},
		{"%R~a %W~a +@all", line(set, acl.Read|acl.Write, "a"), acl.Verdict{}},
		{"%R~a* %W~*a +@all", line(set, acl.Read|acl.Write, "aa"), acl.Verdict{Reason: acl.DeniedKey, Pos: 1}},
		{"+config", line(configGet, 0), acl.Verdict{}},
		{"+config -config|get", line(configGet, 0), acl.Verdict{Reason: acl.DeniedCommand}},
		{"+config|get", line(configGet, 0), acl.Verdict{}},
		{"+config|get", line(config, 0), acl.Verdict{Reason: acl.DeniedCommand}},
		{"+select|0", line(selectDB, 0, "0"), acl.Verdict{}},
		{"+select|0", line(selectDB, 0, "1"), acl.Verdict{Reason: acl.DeniedCommand}},
		{"+select|0", line(selectDB, 0), acl.Verdict{Reason: acl.DeniedCommand}},
		{"+select|0 -@all", line(selectDB, 0, "0"), acl.Verdict{Reason: acl.DeniedCommand}},
		{"+publish &c*", line(publish, 0, "c1"), acl.Verdict{}},
		{"+publish &c*", line(publish, 0, "d"), acl.Verdict{Reason: acl.DeniedChannel, Pos: 1}},
		// One selector has to allow everything, and the best of them gives the reason.
		{"+get ~a (+set ~b)", line(set, acl.Write, "a"), acl.Verdict{Reason: acl.DeniedKey, Pos: 1}},
		{"+get ~a (+set ~b)", line(set, acl.Write, "b"), acl.Verdict{}},
		{"+get ~a (+get ~b ~a)", line(get, acl.Read, "a", "b", "c"), acl.Verdict{Reason: acl.DeniedKey, Pos: 3}},
	}
	for _, tt := range tests {
		if got := user(t, tt.rules).Check(tt.line); got != tt.want {
			t.Errorf("%q, %s: %+v, want %+v", tt.rules, tt.line.Args, got, tt.want)
		}
	}
}

func TestUnrestricted(t *testing.T) {
	for rules, want := range map[string]bool{
		"~* &* +@all": true, "~* &* +@all -get +get": true, "(~* &* +@all)": true,
		"": false, "~* +@all": false, "&* +@all": false, "~* &* +@all -get": false, "~* &* +@read +@write": false,
	} {
		if got := user(t, rules).Unrestricted(); got != want {
			t.Errorf("%q: %v", rules, got)
		}
	}
}

func TestReachesEveryKey(t *testing.T) {
	for rules, want := range map[string]bool{
		"~* &* +@all": true, "~* +get": true, "%R~* +get": true, "%W~* +get": false, "~a* +get": false,
		"~k +get (~* +set)": false, "~k +set (%R~* +get)": true,
	} {
		if got := user(t, rules).ReachesEveryKey(line(get, acl.Read, "k"), acl.Read); got != want {
			t.Errorf("%q: %v", rules, got)
		}
	}
}

func TestAllowsChannel(t *testing.T) {
	u := user(t, "&a* (&b?)")
	for name, want := range map[string]bool{"a1": true, "b1": true, "b": false, "c": false} {
		if got := u.AllowsChannel([]byte(name), acl.Channel); got != want {
			t.Errorf("channel %s: %v", name, got)
		}
	}
	for pattern, want := range map[string]bool{"a*": true, "b?": true, "a1": false, "*": false} {
		if got := u.AllowsChannel([]byte(pattern), acl.ChannelPattern); got != want {
			t.Errorf("pattern %s: %v", pattern, got)
		}
	}
}

// TestCheckDoesNotAllocate: every command of a user with rules pays for it.
func TestCheckDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	u := user(t, "~b* ~[ac]* &c* +@all -config")
	r := line(set, acl.Write, "a1", "c2")
	if n := testing.AllocsPerRun(100, func() {
		if u.Check(r).Denied() {
			t.Fatal("denied")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
