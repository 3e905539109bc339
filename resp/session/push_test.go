package session

import (
	"bytes"
	"testing"
	"time"
)

func output(s *Session) string { return string(bytes.Join(s.Out.Chunks(nil), nil)) }

func TestDeliver(t *testing.T) {
	large := bytes.Repeat([]byte("x"), shareBody)
	for _, tt := range []struct {
		name       string
		protocol   int
		subscribed bool
		want       string
	}{
		{"RESP3", 3, false, ">small>" + string(large) + "3"},
		{"RESP2, subscribed", 2, true, "*small*" + string(large)},
		{"RESP2, not subscribed", 2, false, ""},
	} {
		s := NewRegistry().Add(&conn{}, time.Time{})
		s.Out.SetProtocol(tt.protocol)
		if tt.subscribed {
			s.Subs.Add(Channels, "c")
		}
		s.Push(NewMessage("*", ">", []byte("small")))
		s.Push(NewMessage("*", ">", large))
		s.Push(NewMessage("", "3", nil))
		if waiting := s.Snapshot().OutputBytes; waiting < shareBody {
			t.Errorf("%s: %d bytes of output, without what is queued", tt.name, waiting)
		}
		s.Deliver()
		if got := output(s); got != tt.want || s.Pushed() {
			t.Errorf("%s: %.20q…, %d bytes", tt.name, got, len(got))
		}
	}
}

func TestPushWakesOnce(t *testing.T) {
	c := &conn{}
	s := NewRegistry().Add(c, time.Time{})
	m := NewMessage("*", ">", []byte("m"))
	s.Push(m)
	s.Push(m)
	if c.resumed != 1 {
		t.Errorf("woken %d times", c.resumed)
	}
	s.Deliver()
	s.Push(m)
	if c.resumed != 2 {
		t.Errorf("woken %d times after the queue was emptied", c.resumed)
	}
	s.DropPushes()
	s.Push(m)
	if s.Pushed() || c.resumed != 2 {
		t.Error("a message to a client that has gone is kept")
	}
}
