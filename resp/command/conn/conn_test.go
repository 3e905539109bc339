package conn

import (
	"testing"
	"time"

	"kvd/resp/command"
	"kvd/resp/reply"
	"kvd/resp/session"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "a": true, "!~": true, "a b": false, "a\n": false, "\x00": false, "\x7f": false, "é": false,
	} {
		if got := printable([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestParseKind(t *testing.T) {
	for word, want := range map[string]kind{
		"normal": kindNormal, "SLAVE": kindReplica, "Replica": kindReplica, "pubsub": kindPubSub, "master": kindMaster,
	} {
		if got, err := parseKind([]byte(word)); err != nil || got != want {
			t.Errorf("%s: %v, %v", word, got, err)
		}
	}
	if _, err := parseKind([]byte("norma")); err == nil {
		t.Error("an unknown type is accepted")
	}
}

var now = time.Unix(1_700_000_000, 0)

// snapshot is a client as CLIENT LIST sees it.
func snapshot() session.Snapshot {
	return session.Snapshot{
		ID: 7, Address: "1.2.3.4:5", LocalAddress: "127.0.0.1:6379", FD: 9, Name: "me", User: "default",
		LibName: "lib", LibVersion: "1.0", DB: 2, Protocol: 3,
		Created: now.Add(-90 * time.Second), LastActive: now.Add(-1500 * time.Millisecond),
		LastCommand: "client|list", InputBytes: 11, OutputMemory: 64, TotalMemory: 1099, Queued: -1,
	}
}

func TestKillFilter(t *testing.T) {
	s := snapshot()
	tests := []struct {
		name string
		f    killFilter
		want bool
	}{
		{"anything", killFilter{}, true},
		{"its type", killFilter{kinded: true}, true},
		{"another type", killFilter{kinded: true, kind: kindPubSub}, false},
		{"its user", killFilter{user: []byte("default")}, true},
		{"another user", killFilter{user: []byte("else")}, false},
		{"its address", killFilter{address: []byte("1.2.3.4:5")}, true},
		{"another address", killFilter{address: []byte("1.2.3.4:50")}, false},
		{"an empty address", killFilter{address: []byte{}}, false},
		{"another local address", killFilter{local: []byte("1.2.3.4:5")}, false},
		{"its age", killFilter{age: 90 * time.Second}, true},
		{"too young", killFilter{age: 91 * time.Second}, false},
		{"one of two does not fit", killFilter{address: []byte("1.2.3.4:5"), user: []byte("else")}, false},
	}
	for _, tt := range tests {
		if got := tt.f.fits(&s, now); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestParseAge(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1": time.Second, "9223372036854775807": 9223372036 * time.Second, "0": 0, "-1": 0, "x": 0, "1.5": 0,
	} {
		var f killFilter
		err := f.parseAge([]byte(text))
		if f.age != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %v, %v; want %v", text, f.age, err, want)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	var out reply.Writer
	c := command.Ctx{Out: &out, Sess: &session.Session{}}
	for name, run := range map[string]struct {
		handler command.Handler
		args    [][]byte
	}{
		"ping":         {ping, [][]byte{[]byte("ping")}},
		"ping message": {ping, [][]byte{[]byte("ping"), []byte("message")}},
		"echo":         {echo, [][]byte{[]byte("echo"), []byte("message")}},
	} {
		c.Args = run.args
		allocs := testing.AllocsPerRun(100, func() {
			if err := run.handler(&c); err != nil {
				t.Fatal(err)
			}
			out.Discard()
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}
