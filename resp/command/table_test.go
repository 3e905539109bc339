package command

import (
	"strings"
	"testing"

	"kvd/internal/rediserr"
)

func nop(*Ctx) error { return nil }

// good returns a spec that NewTable accepts.
func good(name string) Spec {
	return Spec{
		Name: name, Syntax: "key", Arity: 2, Flags: ReadOnly, Keys: Key(1, RO|Access),
		Since: "1.0.0", Complexity: "O(1)", Summary: "Does something.", Handler: nop,
	}
}

// sub returns a good subcommand without keys.
func sub(parent, name string) Spec {
	return Spec{
		Parent: parent, Name: name, Arity: 2, Flags: NoTx, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Does something.", Handler: nop,
	}
}

func container(name string) Spec {
	return Spec{Name: name, Arity: -2, Since: "1.0.0", Summary: "Holds subcommands."}
}

func with(s Spec, change func(*Spec)) Spec {
	change(&s)
	return s
}

func newTable(t testing.TB, specs ...Spec) *Table {
	t.Helper()
	table, err := NewTable(Family{Group: "test", Commands: specs})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestNewTableFaults(t *testing.T) {
	tests := []struct {
		want  string
		specs []Spec
	}{
		{"there are two of it", []Spec{good("get"), good("get")}},
		{"its container \"client\" is missing", []Spec{sub("client", "id")}},
		{"a name is small letters", []Spec{good("Get")}},
		{"a name is small letters", []Spec{good("")}},
		{"it has no summary", []Spec{with(good("get"), func(s *Spec) { s.Summary = "" })}},
		{"it has no version", []Spec{with(good("get"), func(s *Spec) { s.Since = "" })}},
		{"it has no complexity", []Spec{with(good("get"), func(s *Spec) { s.Complexity = "" })}},
		{"line break", []Spec{with(good("get"), func(s *Spec) { s.Summary = "a\nb" })}},
		{"neither a handler nor subcommands", []Spec{with(good("get"), func(s *Spec) { s.Handler = nil })}},
		{"a container with a handler has arity -1", []Spec{with(container("client"), func(s *Spec) { s.Handler = nop; s.Complexity = "O(1)" }), sub("client", "id")}},
		{"the arity of a container is negative", []Spec{with(container("client"), func(s *Spec) { s.Arity = 2 }), sub("client", "id")}},
		{"a container has no keys", []Spec{with(container("client"), func(s *Spec) { s.Keys = Key(1, RO) }), sub("client", "id")}},
		{"a subcommand cannot be a container", []Spec{container("a"), sub("a", "b"), sub("a|b", "c")}},
		{"says 2", []Spec{with(good("get"), func(s *Spec) { s.Arity = 3 })}},
		{"says -3", []Spec{with(good("set"), func(s *Spec) { s.Syntax = "key value [NX]"; s.Arity = 3 })}},
		{"syntax:", []Spec{with(good("get"), func(s *Spec) { s.Syntax = "[key" })}},
		{"Write and ReadOnly exclude", []Spec{with(good("get"), func(s *Spec) { s.Flags |= Write })}},
		{"Fast and Slow exclude", []Spec{with(good("get"), func(s *Spec) { s.Flags |= Fast | Slow })}},
		{"it writes but names no keys", []Spec{with(good("get"), func(s *Spec) { s.Flags = Write; s.Keys = nil })}},
		{"it has keys but no transaction", []Spec{with(good("get"), func(s *Spec) { s.Flags = NoTx })}},
		{"its syntax names a key", []Spec{with(good("get"), func(s *Spec) { s.Keys = nil })}},
		{"SlowArgs is negative", []Spec{with(good("get"), func(s *Spec) { s.SlowArgs = -1 })}},
		{"exactly one of RO", []Spec{with(good("get"), func(s *Spec) { s.Keys = Key(1, Access) })}},
		{"exactly one of RO", []Spec{with(good("get"), func(s *Spec) { s.Keys = Key(1, RO|RW) })}},
		{"VariableFlags and Vary", []Spec{with(good("get"), func(s *Spec) { s.Keys = Key(1, RO|VariableFlags) })}},
		{"need a function", []Spec{with(good("get"), func(s *Spec) { s.Keys = Unknown(RO, "") })}},
		{"the step from key to key", []Spec{with(good("get"), func(s *Spec) { s.Keys = KeyRange(1, 1, 0, RO) })}},
		{"a key is at argument 2 of 2", []Spec{with(good("get"), func(s *Spec) { s.Keys = Key(2, RO) })}},
		{"a key is at argument 0", []Spec{with(good("get"), func(s *Spec) { s.Keys = Key(0, RO) })}},
		{"a key is at argument 2 of 2", []Spec{with(good("get"), func(s *Spec) { s.Keys = KeyNum(2, 3, RO) })}},
	}
	for _, tt := range tests {
		_, err := NewTable(Family{Group: "test", Commands: tt.specs})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("want %q, got %v", tt.want, err)
		}
	}
}

func TestTableLookup(t *testing.T) {
	table := newTable(t, good("get"), container("client"), sub("client", "id"), sub("client", "no-evict"))
	for _, name := range []string{"get", "GET", "gEt", "client|ID", "CLIENT|no-evict", "client"} {
		if c := table.LookupFull([]byte(name)); c == nil || c.FullName != strings.ToLower(name) {
			t.Errorf("LookupFull(%q) = %v", name, c)
		}
	}
	for _, name := range []string{"", "ge", "gett", "ge\x54\x00", "client|", "client|nosuch", "get|x", "client|id|x", "GE4", strings.Repeat("x", 1000)} {
		if c := table.LookupFull([]byte(name)); c != nil {
			t.Errorf("LookupFull(%q) = %q", name, c.FullName)
		}
	}
	if table.Len() != 4 || len(table.Commands()) != 2 || len(table.All()) != 4 {
		t.Errorf("Len %d, %d commands, %d in all", table.Len(), len(table.Commands()), len(table.All()))
	}
	seen := map[int]bool{}
	for _, c := range table.All() {
		if seen[c.ID()] || table.ByID(c.ID()) != c {
			t.Errorf("%s: ID %d", c.FullName, c.ID())
		}
		seen[c.ID()] = true
	}
	id := table.LookupFull([]byte("client|id"))
	if id.Container() != table.Lookup([]byte("client")) || id.IsContainer() || !id.Container().IsContainer() {
		t.Error("client and client|id do not know each other")
	}
}

func TestTableFind(t *testing.T) {
	table := newTable(t, good("get"), container("client"), sub("client", "id"))
	tests := []struct{ line, want, err string }{
		{"get k", "get", ""},
		{"CLIENT ID", "client|id", ""},
		{"client", "client", ""},
		{"client NOSUCH x", "", rediserr.UnknownSubcommand("client", []byte("NOSUCH")).Error()},
		{"nosuch a b", "", "ERR unknown command 'nosuch', with args beginning with: 'a' 'b' "},
	}
	for _, tt := range tests {
		c, err := table.Find(line(tt.line))
		if tt.err != "" {
			if err == nil || err.Error() != tt.err {
				t.Errorf("%q: %v, want %s", tt.line, err, tt.err)
			}
			continue
		}
		if err != nil || c.FullName != tt.want {
			t.Errorf("%q: %v, %v", tt.line, c, err)
		}
	}
}

func TestAcceptsWords(t *testing.T) {
	table := newTable(t, good("get"), with(good("mget"), func(s *Spec) {
		s.Syntax, s.Arity, s.Keys = "key [key ...]", -2, KeyRange(1, -1, 1, RO)
	}))
	for name, want := range map[string][3]bool{"get": {false, true, false}, "mget": {false, true, true}} {
		for i, ok := range want {
			if got := table.Lookup([]byte(name)).AcceptsWords(i + 1); got != ok {
				t.Errorf("%s with %d words: %v", name, i+1, got)
			}
		}
	}
}

func TestCategories(t *testing.T) {
	table, err := NewTable(Family{Group: "test", Categories: CatString, Commands: []Spec{
		with(good("get"), func(s *Spec) { s.Flags |= Fast }),
		with(good("sort"), func(s *Spec) { s.Categories = NoFamilyCategories | CatDangerous }),
		with(good("eval_ro"), func(s *Spec) { s.Categories = CatScripting }),
		container("client"),
		with(sub("client", "list"), func(s *Spec) { s.Flags |= Admin }),
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"get": "read string fast", "sort": "read slow dangerous", "eval_ro": "string slow scripting",
		"client": "slow", "client|list": "string admin slow dangerous",
	} {
		if got := strings.Join(table.LookupFull([]byte(name)).Categories.Names(), " "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if c, ok := ParseCategory("GEO"); !ok || c != CatGeo {
		t.Error("ParseCategory(GEO)")
	}
	if _, ok := ParseCategory("@geo"); ok {
		t.Error("ParseCategory takes a leading @")
	}
}

func TestFlagNames(t *testing.T) {
	all := Write | Fast | MovableKeys | AllowBusy | NoMulti | AllKeys | Slow | NoTx
	if got := strings.Join(all.Names(), " "); got != "write fast no_multi movablekeys allow_busy" {
		t.Error(got)
	}
	if got := strings.Join((RW | Delete | Access | NotKey).Names(), " "); got != "RW access delete not_key" {
		t.Error(got)
	}
}

func TestStatsReset(t *testing.T) {
	var s Stats
	s.Calls.Add(1)
	s.Nanoseconds.Add(2)
	s.Rejected.Add(3)
	s.Failed.Add(4)
	s.Reset()
	if s.Calls.Load()+s.Nanoseconds.Load()+s.Rejected.Load()+s.Failed.Load() != 0 {
		t.Error("Reset left a count")
	}
}

func line(s string) [][]byte {
	var args [][]byte
	for _, w := range strings.Fields(s) {
		args = append(args, []byte(strings.Trim(w, `"`)))
	}
	return args
}

func BenchmarkLookup(b *testing.B) {
	var specs []Spec
	for _, name := range strings.Fields("get set del incr lpush rpush zadd hset hget expire ttl exists mget mset sadd ping info") {
		specs = append(specs, good(name))
	}
	table := newTable(b, specs...)
	name := []byte("SET")
	b.ReportAllocs()
	for b.Loop() {
		if table.Lookup(name) == nil {
			b.Fatal("not found")
		}
	}
}
