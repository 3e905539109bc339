package str

import (
	"testing"

	"kvd/internal/change"
	"kvd/resp/command/commandtest"
)

func TestEvents(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"set n 2", "new set"},
		{"set k v", "set"},
		{"set k v EX 100", "set expire"},
		{"set k v KEEPTTL", "set"},
		{"set k v NX", ""},
		{"setnx k v", ""},
		{"setnx n v", "new set"},
		{"setex k 10 v", "set expire"},
		{"psetex k 10 v", "set expire"},
		{"getset k v", "set"},
		{"getdel k", "del"},
		{"getdel n", ""},
		{"getex k", ""},
		{"getex k EX 10", "expire"},
		{"getex k PERSIST", ""},
		{"getex ttl PERSIST", "persist"},
		{"getex k PXAT 1", "del"},
		{"getex n EX 10", ""},
		{"mset k 1 n 2", "set new set"},
		{"msetnx k 1 n 2", ""},
		{"msetex 1 k 1 EX 10", "set expire"},
		{"append k 1", "append"},
		{"setrange k 1 x", "setrange"},
		{"incr k", "incrby"},
		{"incrby k 2", "incrby"},
		{"decr k", "incrby"},
		{"decrby k 2", "incrby"},
		{"incrbyfloat k 2", "incrbyfloat"},
		{"delex k IFEQ 1", "del"},
		{"delex k IFNE 1", ""},
		{"get k", ""},
	} {
		h := commandtest.New(t, Family)
		h.Do("set k 1")
		h.Do("set ttl 1 EX 100")
		h.WatchEvents(change.EventString | change.EventGeneric | change.EventNew)
		h.Do(tt.line)
		if got := h.Events(); got != tt.want {
			t.Errorf("%s: events %q, want %q", tt.line, got, tt.want)
		}
	}
}
