package stats

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

func TestSlowlogKeepsTheNewest(t *testing.T) {
	var l Slowlog
	for i := range 5 {
		l.Add(SlowEntry{Duration: time.Duration(i)}, [][]byte{[]byte("get"), fmt.Append(nil, i)}, 3)
	}
	got := l.Newest(-1)
	if len(got) != 3 || l.Len() != 3 || got[0].ID != 4 || got[2].ID != 2 || got[0].Args[1] != "4" {
		t.Errorf("entries %+v", got)
	}
	if two := l.Newest(2); len(two) != 2 || two[0].ID != 4 {
		t.Errorf("newest two: %+v", two)
	}
	l.Reset()
	l.Add(SlowEntry{}, nil, 3)
	if got := l.Newest(10); len(got) != 1 || got[0].ID != 5 {
		t.Errorf("after Reset the numbering must go on: %+v", got)
	}
}

func TestSlowlogTrims(t *testing.T) {
	args := make([][]byte, 40)
	for i := range args {
		args[i] = bytes.Repeat([]byte("a"), 200)
	}
	got := trimArgs(args)
	if len(got) != 32 || got[31] != "... (9 more arguments)" {
		t.Errorf("%d arguments, the last is %q", len(got), got[len(got)-1])
	}
	if want := string(args[0][:128]) + "... (72 more bytes)"; got[0] != want {
		t.Errorf("a long argument is shown as %q", got[0])
	}
}

func TestRates(t *testing.T) {
	var s Stats
	at := time.Unix(0, 0)
	if s.Rates() != (Rates{}) {
		t.Error("a rate without samples")
	}
	for i := range 40 {
		s.Sample(at.Add(time.Duration(i) * time.Second))
		s.Commands.Add(100)
		s.NetIn.Add(1000)
		s.NetOut.Add(10)
	}
	if got := s.Rates(); got != (Rates{100, 1000, 10}) {
		t.Errorf("rates %+v", got)
	}
	s.Reset()
	if s.Commands.Load() != 0 || s.Rates() != (Rates{}) {
		t.Error("Reset left something")
	}
}

func TestErrorsAreBounded(t *testing.T) {
	var e Errors
	for i := range 1000 {
		e.Add(fmt.Sprint("CODE", i))
		e.Add("ERR")
	}
	codes, errs := 0, int64(0)
	e.Each(func(code string, n int64) {
		codes++
		if code == "ERR" {
			errs = n
		}
	})
	if codes > maxErrorCodes || errs != 1000 {
		t.Errorf("%d codes, %d times ERR", codes, errs)
	}
}
