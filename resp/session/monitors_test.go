package session

import (
	"net"
	"testing"
	"time"
)

func TestMonitorLine(t *testing.T) {
	at := time.Unix(1700000000, 42_000)
	args := [][]byte{[]byte("set"), {}, []byte("\a\b\n\r\t\"\\ \x00\x1f\x7f\xff~")}
	const want = `+1700000000.000042 [3 lua] "set" "" "\a\b\n\r\t\"\\ \x00\x1f\x7f\xff~"` + "\r\n"
	if got := string(monitorLine(at, 3, InScript, args)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestMonitorsAreShownCommands(t *testing.T) {
	r := NewRegistry()
	u := r.Add(&conn{remote: &net.UnixAddr{}, local: &net.UnixAddr{Name: "/run/s", Net: "unix"}}, time.Unix(1, 0))
	if got := u.Origin(); got != "unix:/run/s" {
		t.Errorf("origin %q", got)
	}
	a, b := r.Add(&conn{}, time.Unix(1, 0)), r.Add(&conn{}, time.Unix(1, 0))
	m := &r.Monitors
	m.Add(a)
	m.Add(b)
	m.Show(time.Unix(1, 0), 0, "x", [][]byte{[]byte("ping")})
	m.Remove(a)
	m.Remove(a)
	m.Show(time.Unix(2, 0), 0, "x", [][]byte{[]byte("ping")})
	a.Deliver()
	b.Deliver()
	const first, second = "+1.000000 [0 x] \"ping\"\r\n", "+2.000000 [0 x] \"ping\"\r\n"
	if got := output(a); got != first {
		t.Errorf("the first got %q", got)
	}
	if got := output(b); got != first+second {
		t.Errorf("the second got %q", got)
	}
	if m.Remove(b); m.Any() {
		t.Error("somebody is left")
	}
}

func TestNoMonitorCostsNothing(t *testing.T) {
	var m Monitors
	args := [][]byte{[]byte("ping")}
	if n := testing.AllocsPerRun(100, func() {
		if m.Any() {
			m.Show(time.Time{}, 0, "", args)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
