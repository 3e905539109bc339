package session

import (
	"testing"
	"time"

	"kvd/internal/clock"
)

func joined(n int) []*Session {
	list := make([]*Session, n)
	for i := range list {
		list[i] = &Session{ID: int64(i), Conn: &conn{}}
	}
	return list
}

func resumed(s *Session) int { return s.Conn.(*conn).resumed }

func alarmOf(c *clock.Manual) Alarm {
	return func(d time.Duration, f func()) func() bool { return c.AfterFunc(d, f).Stop }
}

func TestPauseWakesOneAfterTheOther(t *testing.T) {
	c := clock.NewManual(time.Unix(100, 0))
	var p Pause
	s := joined(4)
	p.Begin(WritesPaused, c.Now(), time.Second, alarmOf(c))
	for _, sess := range s[:3] {
		p.Join(sess)
	}
	c.Advance(time.Second)
	if p.Mode() != NotPaused || resumed(s[0]) != 1 || resumed(s[1]) != 0 {
		t.Fatalf("mode %d; resumed %d and %d times", p.Mode(), resumed(s[0]), resumed(s[1]))
	}
	p.Leave(s[1]) // its connection has ended
	if !p.First(s[0]) || resumed(s[2]) != 0 {
		t.Error("somebody has overtaken the first")
	}
	p.Leave(s[0])
	if !p.First(s[2]) || resumed(s[2]) != 1 {
		t.Error("the next one was not woken")
	}
	p.Join(s[3]) // too late to be held, and still not before its turn
	if resumed(s[3]) != 0 {
		t.Error("the last one was woken before its turn")
	}
	p.Leave(s[2])
	p.Leave(s[2])
	if resumed(s[3]) != 1 {
		t.Error("the last one was not woken")
	}
}

func TestPausesAddUp(t *testing.T) {
	c := clock.NewManual(time.Unix(100, 0))
	var p Pause
	if p.Left(c.Now()) != 0 {
		t.Error("time is left of no pause")
	}
	p.Begin(WritesPaused, c.Now(), 2*time.Second, alarmOf(c))
	p.Begin(AllPaused, c.Now(), time.Second, alarmOf(c))
	p.Begin(WritesPaused, c.Now(), time.Millisecond, alarmOf(c))
	if p.Mode() != AllPaused || p.Left(c.Now()) != 2*time.Second {
		t.Errorf("mode %d for %v", p.Mode(), p.Left(c.Now()))
	}
	c.Advance(1999 * time.Millisecond)
	if p.Mode() != AllPaused {
		t.Error("it ended too soon")
	}
	p.End()
	p.Begin(WritesPaused, c.Now(), time.Second, alarmOf(c))
	c.Advance(500 * time.Millisecond) // the alarm of the first pause would have come
	if p.Mode() != WritesPaused {
		t.Error("the next pause was ended with the one before")
	}
	p.End()
	p.End()
	if p.Mode() != NotPaused {
		t.Error("End did not end it")
	}
	p.Begin(AllPaused, c.Now(), 1<<63-1, alarmOf(c))
	if p.Left(c.Now()) != longestPause {
		t.Errorf("the longest pause takes %v", p.Left(c.Now()))
	}
}
