package stats

import (
	"slices"
	"testing"
	"time"
)

func TestLatencyKeepsTheWorstOfEachSecond(t *testing.T) {
	var l Latency
	at := time.Unix(1000, 0)
	for i, ms := range []int{30, 10, 40, 20} {
		l.Add("command", at.Add(time.Duration(i)*500*time.Millisecond), time.Duration(ms)*time.Millisecond)
	}
	l.Add("fork", at, time.Second)
	e, ok := l.Event("command")
	if want := []LatencySample{{1000, 30}, {1001, 40}}; !ok || !slices.Equal(e.Samples, want) || e.Worst != 40 {
		t.Errorf("%+v, want %v", e, want)
	}
	if all := l.Events(); len(all) != 2 || all[0].Name != "command" || all[1].Last() != (LatencySample{1000, 1000}) {
		t.Errorf("events %+v", all)
	}
}

func TestLatencyForgetsTheOldest(t *testing.T) {
	var l Latency
	for i := range 200 {
		l.Add("x", time.Unix(int64(i), 0), time.Duration(200-i)*time.Millisecond)
	}
	e, _ := l.Event("x")
	if len(e.Samples) != latencySamples || e.Samples[0].At != 40 || e.Last().At != 199 || e.Worst != 200 {
		t.Errorf("%d samples from %v to %v, worst %d", len(e.Samples), e.Samples[0], e.Last(), e.Worst)
	}
}

func TestLatencyReset(t *testing.T) {
	var l Latency
	if l.Reset() != 0 || l.Reset("x") != 0 {
		t.Error("an empty one has forgotten something")
	}
	for _, name := range []string{"a", "b", "c"} {
		l.Add(name, time.Unix(1, 0), 0)
	}
	if n := l.Reset("a", "none", "a"); n != 1 {
		t.Errorf("forgot %d, want 1", n)
	}
	if n := l.Reset(); n != 2 {
		t.Errorf("forgot %d, want 2", n)
	}
	if _, ok := l.Event("b"); ok {
		t.Error("an event is still there")
	}
}

// TestSpark has the picture that redis-server draws of these samples.
func TestSpark(t *testing.T) {
	got := Spark([]LatencySample{{107, 30}, {108, 100}, {110, 50}}, 111)
	if want := " # \n | \n |_\n_||\n   \n431\nsss\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Spark([]LatencySample{{0, 5}, {3 * 86400, 5}}, 3*86400+7200); got != "  \n  \n  \n__\n  \n32\ndh\n" {
		t.Errorf("got\n%s", got)
	}
	if got := Spark(nil, 0); got != "" {
		t.Errorf("no samples are drawn as %q", got)
	}
}
