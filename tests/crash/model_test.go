package crash

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
)

// entry is a key as a client knows it: the value, when it expires in
// milliseconds since 1970, or 0, and of what kind it is. A collection's value is
// made by pack.
type entry struct {
	value   string
	expires int64
	kind    kind
}

// model is what a client believes its keys to be.
type model map[string]entry

const (
	ok        = "OK"
	null      = "(nil)"
	noKey     = "(error) ERR no such key"
	sameKey   = "(error) ERR source and destination objects are the same"
	notInt    = "(error) ERR value is not an integer or out of range"
	wrongType = "(error) WRONGTYPE Operation against a key holding the wrong kind of value"
)

// apply does to the model what the server does for a command, and returns the
// reply to expect.
func (m model) apply(args []string) string {
	old, exists := m[args[1]]
	if want, ok := kindOf[args[0]]; ok && exists && old.kind != want {
		return wrongType
	}
	switch args[0] {
	case "SET":
		return m.set(args)
	case "MSET":
		for i := 1; i < len(args); i += 2 {
			m[args[i]] = entry{value: args[i+1]}
		}
		return ok
	case "APPEND":
		m[args[1]] = entry{value: old.value + args[2], expires: old.expires}
		return number(len(old.value) + len(args[2]))
	case "SETRANGE":
		at, _ := strconv.Atoi(args[2])
		value := []byte(old.value + strings.Repeat("\x00", max(0, at+len(args[3])-len(old.value))))
		copy(value[at:], args[3])
		m[args[1]] = entry{value: string(value), expires: old.expires}
		return number(len(value))
	case "INCRBY":
		return m.incrBy(args[1], args[2])
	case "DEL":
		delete(m, args[1])
		return flag(exists)
	case "GETDEL":
		delete(m, args[1])
		return m.shown(old, exists)
	case "PEXPIREAT":
		if exists {
			old.expires, _ = strconv.ParseInt(args[2], 10, 64)
			m[args[1]] = old
		}
		return flag(exists)
	case "PERSIST":
		had := old.expires != 0
		if exists {
			old.expires = 0
			m[args[1]] = old
		}
		return flag(had)
	case "RENAME":
		if !exists {
			return noKey
		}
		delete(m, args[1])
		m[args[2]] = old
		return ok
	case "COPY":
		if args[1] == args[2] {
			return sameKey
		}
		if _, taken := m[args[2]]; !exists || taken && len(args) == 3 {
			return flag(false)
		}
		m[args[2]] = old
		return flag(true)
	}
	return m.applyElements(args)
}

func (m model) set(args []string) string {
	e := entry{value: args[2]}
	if len(args) == 4 && args[3] == "KEEPTTL" {
		e.expires = m[args[1]].expires
	}
	if len(args) == 5 {
		e.expires, _ = strconv.ParseInt(args[4], 10, 64)
	}
	m[args[1]] = e
	return ok
}

func (m model) incrBy(key, by string) string {
	old, exists := m[key]
	value := old.value
	if !exists {
		value = "0"
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != value {
		return notInt
	}
	add, _ := strconv.ParseInt(by, 10, 64)
	m[key] = entry{value: strconv.FormatInt(n+add, 10), expires: old.expires}
	return number(int(n + add))
}

func (m model) shown(e entry, exists bool) string {
	if !exists {
		return null
	}
	return strconv.Quote(e.value)
}

func number(n int) string { return fmt.Sprintf("(integer) %d", n) }

func flag(set bool) string {
	if set {
		return number(1)
	}
	return number(0)
}

// difference says in which key two models differ.
func (m model) difference(other model) string {
	for key := range maps.Keys(m) {
		if m[key] != other[key] {
			return describe(key, m[key], other[key])
		}
	}
	for key := range maps.Keys(other) {
		if _, known := m[key]; !known {
			return describe(key, entry{}, other[key])
		}
	}
	return ""
}

func describe(key string, want, got entry) string {
	return fmt.Sprintf("%s: want %s of %d bytes %.40q expiring at %d, there is %s of %d bytes %.40q expiring at %d",
		key, want.kind, len(want.value), want.value, want.expires, got.kind, len(got.value), got.value, got.expires)
}

// The model itself.
func TestModel(t *testing.T) {
	m := model{}
	steps := []struct{ command, want string }{
		{"SET a 1 PXAT 99", ok},
		{"INCRBY a 4", "(integer) 5"},
		{"APPEND a x", "(integer) 2"},
		{"INCRBY a 1", notInt},
		{"SETRANGE b 2 yz", "(integer) 4"},
		{"RENAME nope b", noKey},
		{"COPY a b", "(integer) 0"},
		{"COPY a b REPLACE", "(integer) 1"},
		{"PERSIST b", "(integer) 1"},
		{"PERSIST b", "(integer) 0"},
		{"SET a 2 KEEPTTL", ok},
		{"GETDEL b", `"5x"`},
		{"DEL b", "(integer) 0"},
		{"PEXPIREAT b 5", "(integer) 0"},
		{"RENAME a c", ok},
		{"MSET d 1 e 2", ok},
		{"RPUSH l x", "(integer) 1"},
		{"LPUSH l y", "(integer) 2"},
		{"INCRBY l 1", wrongType},
		{"RPOP l", `"x"`},
		{"HSET h g 2", "(integer) 1"},
		{"HSET h f 1", "(integer) 1"},
		{"HSET h g 3", "(integer) 0"},
		{"HDEL h x", "(integer) 0"},
		{"LPOP h", wrongType},
		{"RPUSH gone x", "(integer) 1"},
		{"LPOP gone", `"x"`},
		{"LPOP gone", null},
	}
	for _, s := range steps {
		if got := m.apply(strings.Fields(s.command)); got != s.want {
			t.Errorf("%s: %s, want %s", s.command, got, s.want)
		}
	}
	want := model{
		"c": {value: "2", expires: 99}, "d": {value: "1"}, "e": {value: "2"},
		"l": {value: pack("y"), kind: "list"}, "h": {value: pack("f", "1", "g", "3"), kind: "hash"},
	}
	if d := want.difference(m); d != "" {
		t.Error(d)
	}
	if model(nil).difference(m) == "" || m.difference(model{"c": {value: "2", expires: 98}}) == "" {
		t.Error("a difference was not seen")
	}
}
