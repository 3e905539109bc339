package clock

import (
	"slices"
	"testing"
	"time"
)

func TestManualCallsInOrderOfTime(t *testing.T) {
	begin := time.Unix(1000, 0)
	m := NewManual(begin)
	var calls []string
	note := func(name string) func() {
		return func() { calls = append(calls, name+" at "+m.Now().Sub(begin).String()) }
	}
	m.AfterFunc(3*time.Second, note("third"))
	m.AfterFunc(time.Second, func() {
		note("first")()
		m.AfterFunc(time.Second, note("second"))
	})
	stopped := m.AfterFunc(2*time.Second, note("stopped"))
	m.AfterFunc(5*time.Second, note("later"))
	if !stopped.Stop() || stopped.Stop() {
		t.Error("Stop must report whether it prevented the call")
	}

	m.Advance(4 * time.Second)

	want := []string{"first at 1s", "second at 2s", "third at 3s"}
	if !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
	if got := m.Now(); !got.Equal(begin.Add(4 * time.Second)) {
		t.Errorf("the clock shows %v", got)
	}
}

func TestSystemTimerStops(t *testing.T) {
	timer := new(System).AfterFunc(time.Hour, func() { t.Error("called after Stop") })
	if !timer.Stop() {
		t.Error("Stop of a pending timer says it was too late")
	}
}

func TestSystemShowsTheTime(t *testing.T) {
	var s System
	for range 1000 {
		before := time.Now()
		now := s.Now()
		after := time.Now()
		if now.Before(before) || now.After(after) {
			t.Fatalf("%v is not between %v and %v", now, before, after)
		}
	}
}

func BenchmarkSystem(b *testing.B) {
	var s System
	for b.Loop() {
		s.Now()
	}
}

func BenchmarkTime(b *testing.B) {
	for b.Loop() {
		time.Now()
	}
}
