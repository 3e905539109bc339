package app

import (
	"slices"
	"testing"
	"time"

	"kvd/engine"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/resp/stats"
)

func TestLatencyOfBackgroundWork(t *testing.T) {
	cfg, err := config.Load([]string{"--latency-monitor-threshold", "10"})
	if err != nil {
		t.Fatal(err)
	}
	a := &App{opt: Options{Clock: clock.NewManual(time.Unix(7, 0))}, live: config.NewLive(cfg), stats: &stats.Stats{}}
	note := func(took time.Duration) {
		a.cycleTook(engine.ExpireCycle, took)
		a.cycleTook(engine.EvictionCycle, took)
		a.syncTook(took)
	}
	note(9 * time.Millisecond)
	if events := a.stats.Latency.Events(); len(events) != 0 {
		t.Errorf("events below the threshold: %+v", events)
	}
	note(10 * time.Millisecond)
	if err := a.live.Set([][2]string{{"appendfsync", "always"}}, config.Local); err != nil {
		t.Fatal(err)
	}
	note(20 * time.Millisecond)
	var names []string
	for _, e := range a.stats.Latency.Events() {
		names = append(names, e.Name)
	}
	if want := []string{"aof-fsync", "aof-fsync-always", "eviction-cycle", "expire-cycle"}; !slices.Equal(names, want) {
		t.Errorf("events %v, want %v", names, want)
	}
	if err := a.live.Set([][2]string{{"latency-monitor-threshold", "0"}}, config.Local); err != nil {
		t.Fatal(err)
	}
	a.stats.Latency.Reset()
	note(time.Hour)
	if events := a.stats.Latency.Events(); len(events) != 0 {
		t.Errorf("events without a threshold: %+v", events)
	}
}
