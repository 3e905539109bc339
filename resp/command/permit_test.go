package command_test

import (
	"testing"

	"kvd/resp/acl"
	"kvd/resp/command"
)

// permitTable has a command of each kind that Check tells apart.
func permitTable(t *testing.T) *command.Table {
	t.Helper()
	spec := func(name, syntax string, arity int, keys []command.KeySpec, channels command.Channels) command.Spec {
		flags := command.ReadOnly
		if keys == nil {
			flags = command.NoTx
		}
		return command.Spec{
			Name: name, Syntax: syntax, Arity: arity, Flags: flags, Keys: keys, Channels: channels, Since: "1.0.0",
			Complexity: "O(1)", Summary: "Does nothing.", Handler: func(*command.Ctx) error { return nil },
		}
	}
	table, err := command.NewTable(command.Family{Group: "test", Commands: []command.Spec{
		spec("get", "key", 2, command.Key(1, command.RO|command.Access), command.Channels{}),
		spec("exists", "key [key ...]", -2, command.KeyRange(1, -1, 1, command.RO), command.Channels{}),
		spec("put", "key", 2, command.Key(1, command.RW|command.Insert), command.Channels{}),
		spec("eval", "script numkeys [key ...]", -3, command.KeyNum(2, 3, command.RW|command.Access|command.Update), command.Channels{}),
		spec("publish", "channel message", 3, nil, command.Channels{First: 1, Last: 1}),
		spec("subscribe", "channel [channel ...]", -2, nil, command.Channels{First: 1, Last: -1}),
		spec("psubscribe", "pattern [pattern ...]", -2, nil, command.Channels{First: 1, Last: -1, Kind: acl.ChannelPattern}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func permitUser(t *testing.T, table *command.Table, rules ...string) *acl.User {
	t.Helper()
	a, _, err := acl.NewUsers(table.Catalog()).Change("u", rules, acl.NoChannels)
	if err != nil {
		t.Fatal(err)
	}
	return a.User()
}

func TestCheck(t *testing.T) {
	table := permitTable(t)
	u := permitUser(t, table, "+@all", "~a*", "%R~r", "%W~w", "&c*")
	tests := []struct {
		line []string
		want acl.Verdict
	}{
		{[]string{"get", "a1"}, acl.Verdict{}},
		{[]string{"get", "r"}, acl.Verdict{}},
		{[]string{"get", "w"}, acl.Verdict{Reason: acl.DeniedKey, Pos: 1}},
		{[]string{"get"}, acl.Verdict{}},
		{[]string{"get", "x", "y"}, acl.Verdict{}},
		{[]string{"put", "w"}, acl.Verdict{}},
		{[]string{"put", "r"}, acl.Verdict{Reason: acl.DeniedKey, Pos: 1}},
		{[]string{"exists", "r", "w", "a"}, acl.Verdict{}},
		{[]string{"exists", "r", "w", "x"}, acl.Verdict{Reason: acl.DeniedKey, Pos: 3}},
		{[]string{"eval", "s", "2", "a", "r"}, acl.Verdict{Reason: acl.DeniedKey, Pos: 4}},
		{[]string{"eval", "s", "9", "x"}, acl.Verdict{}}, // the handler refuses the count
		{[]string{"publish", "c1", "x"}, acl.Verdict{}},
		{[]string{"publish", "d", "c1"}, acl.Verdict{Reason: acl.DeniedChannel, Pos: 1}},
		{[]string{"subscribe", "c1", "c2", "d"}, acl.Verdict{Reason: acl.DeniedChannel, Pos: 3}},
		{[]string{"psubscribe", "c*"}, acl.Verdict{}},
		{[]string{"psubscribe", "c1"}, acl.Verdict{Reason: acl.DeniedChannel, Pos: 1}},
	}
	for _, tt := range tests {
		line := permitLine(tt.line...)
		if got := table.Lookup(line[0]).Check(u, line); got != tt.want {
			t.Errorf("%q: %+v, want %+v", tt.line, got, tt.want)
		}
	}
	if permitUser(t, table).Check(&acl.Request{Args: permitLine("get", "a")}).Reason != acl.DeniedCommand {
		t.Error("a new user may run a command")
	}
}

func permitLine(words ...string) (line [][]byte) {
	for _, w := range words {
		line = append(line, []byte(w))
	}
	return line
}

func TestCheckOfOneKeyDoesNotAllocate(t *testing.T) {
	table := permitTable(t)
	u := permitUser(t, table, "+@all", "~a*")
	line := permitLine("get", "a1")
	cmd := table.Lookup(line[0])
	if n := testing.AllocsPerRun(100, func() { cmd.Check(u, line) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
