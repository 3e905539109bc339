package session

import (
	"testing"
	"time"
)

func TestTotals(t *testing.T) {
	r := NewRegistry()
	if got := r.Totals(); got != (Totals{}) {
		t.Errorf("of nobody: %+v", got)
	}
	a, b := r.Add(&conn{}, time.Time{}), r.Add(&conn{}, time.Time{})
	a.Input = 100
	a.Publish()
	b.Input = 7
	b.Out.Text("reply")
	b.SetBlocked(true)
	got := r.Totals()
	want := Totals{Clients: 2, Blocked: 1, LargestInput: 100, LargestOutput: b.Out.Len(), Memory: got.Memory}
	if got != want || got.Memory < 2*sessionMemory+107 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
