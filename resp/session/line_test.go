package session

import (
	"strings"
	"testing"
	"time"
)

var now = time.Unix(1_700_000_000, 0)

// snapshot is a client as CLIENT LIST sees it.
func snapshot() Snapshot {
	return Snapshot{
		ID: 7, Address: "1.2.3.4:5", LocalAddress: "127.0.0.1:6379", FD: 9, Name: "me", User: "default",
		LibName: "lib", LibVersion: "1.0", DB: 2, Protocol: 3,
		Created: now.Add(-90 * time.Second), LastActive: now.Add(-1500 * time.Millisecond),
		LastCommand: "client|list", InputBytes: 11, OutputMemory: 64, TotalMemory: 1099, Queued: -1,
	}
}

func TestAppendLine(t *testing.T) {
	s := snapshot()
	const want = "id=7 addr=1.2.3.4:5 laddr=127.0.0.1:6379 fd=9 name=me age=90 idle=1 flags=N db=2 sub=0 psub=0 ssub=0 " +
		"multi=-1 qbuf=11 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=64 rbp=64 obl=0 oll=0 omem=0 tot-mem=1099 events=r " +
		"cmd=client|list user=default redir=-1 resp=3 lib-name=lib lib-ver=1.0\n"
	if got := string(s.AppendLine([]byte("first\n"), now)); got != "first\n"+want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	s.OutputBytes, s.LastActive = 5, now.Add(time.Hour)
	got := string(s.AppendLine(nil, now))
	for _, part := range []string{" idle=0 ", " obl=5 ", " omem=5 ", " events=rw "} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not in %q", part, got)
		}
	}
}

func TestFlags(t *testing.T) {
	for want, s := range map[string]Snapshot{
		"N": {Queued: -1}, "xb": {Blocked: true}, "cU": {Queued: -1, Closing: true, UnixSocket: true},
		"beT": {Queued: -1, Blocked: true, NoEvict: true, NoTouch: true},
	} {
		if got := s.flags(); got != want {
			t.Errorf("%+v: %s, want %s", s, got, want)
		}
	}
}
