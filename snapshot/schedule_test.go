package snapshot

import (
	"testing"
	"time"
)

func TestTimesOfASchedule(t *testing.T) {
	tests := []struct {
		name, cron, zone, after string
		want                    []string
	}{
		{"every night", "0 3 * * *", "", "2026-11-23T12:00:00Z", []string{"2026-11-24T03:00:00Z", "2026-11-25T03:00:00Z"}},
		{"zone", "0 3 * * *", "Europe/Berlin", "2026-11-23T12:00:00Z", []string{"2026-11-24T02:00:00Z"}},
		{"word", "@daily", "", "2026-11-23T12:00:00Z", []string{"2026-11-24T00:00:00Z"}},
		{"weekday or day", "0 0 1 * 1", "", "2026-11-23T12:00:00Z", []string{"2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z"}},
		// Summer time begins on 2026-03-08 at 2:00 and ends on 2026-11-01 at 2:00.
		{"skipped hour", "30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"}},
		{"repeated hour", "30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sc := Schedule{Cron: tt.cron, Zone: tt.zone}
			due, err := sc.times()
			if err != nil {
				t.Fatal(err)
			}
			now, err := time.Parse(time.RFC3339, tt.after)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				now = due(now)
				if got := now.UTC().Format(time.RFC3339); got != want {
					t.Errorf("next %s, want %s", got, want)
				}
			}
		})
	}
	for _, bad := range []Schedule{{Cron: "x"}, {Cron: "61 * * * *"}, {Cron: "0 3 * * *", Zone: "Nowhere/At_All"}, {Cron: "TZ=UTC 0 3 * * *"}, {}} {
		if _, err := bad.times(); err == nil {
			t.Errorf("%+v has times", bad)
		}
	}
}
