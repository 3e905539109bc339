package snapshot

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// at is a verified snapshot of a moment.
func at(text string) Info {
	when, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return Info{ID: text, Name: "n", Time: when, VerifiedAt: when, State: StateOK}
}

func TestReasons(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	all := []Info{
		at("2026-11-23 11:30"), at("2026-11-23 11:00"), at("2026-11-23 10:00"), at("2026-11-22 23:00"), at("2026-11-20 09:00"),
		at("2026-11-14 09:00"), at("2026-10-31 09:00"), at("2026-10-01 09:00"), at("2025-12-31 09:00"), at("2025-01-01 00:00"),
	}
	tests := []struct {
		name string
		keep KeepRules
		want string // the times that stay, by their places in all
	}{
		{"newest only", KeepRules{Days: 0, Last: 1}, "0"},
		{"last", KeepRules{Last: 3}, "0 1 2"},
		{"hourly", KeepRules{Hourly: 2}, "0 2"},
		{"daily", KeepRules{Daily: 3}, "0 3 4"},
		{"weekly", KeepRules{Weekly: 3}, "0 3 5"},
		{"monthly", KeepRules{Monthly: 2}, "0 6"},
		{"yearly", KeepRules{Yearly: 5}, "0 8"},
		{"days", KeepRules{Days: 7}, "0 1 2 3 4"},
		{"union", KeepRules{Last: 2, Yearly: 2}, "0 1 8"},
		{"days in the past", KeepRules{Days: 1}, "0 1 2 3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			why := reasons(all, tt.keep, now)
			var got []string
			for i := range all {
				if len(why[all[i].ID]) > 0 {
					got = append(got, string(rune('0'+i)))
				}
			}
			if text := strings.Join(got, " "); text != tt.want {
				t.Errorf("kept %s, want %s: %v", text, tt.want, why)
			}
		})
	}
}

func TestReasonsOfBrokenOnes(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	broken, unread := at("2026-11-23 11:00"), at("2026-11-23 10:30")
	broken.State, broken.Fault = StateBroken, "CORRUPT it is cut short"
	unread.State, unread.Fault = StateBroken, "ERR no route to host"
	unproved := at("2026-11-23 10:00")
	unproved.VerifiedAt = time.Time{}
	good := at("2026-11-01 10:00")
	why := reasons([]Info{broken, unread, unproved, good}, KeepRules{Last: 1}, now)
	for id, want := range map[string][]string{
		broken.ID: nil, unread.ID: {"can't be read now"}, unproved.ID: {"last"}, good.ID: {whyNewest},
	} {
		if !slices.Equal(why[id], want) {
			t.Errorf("%s: %q, want %q", id, why[id], want)
		}
	}
}

// Each name has its own newest one, and its own count.
func TestReasonsByName(t *testing.T) {
	a, b := at("2026-11-23 11:00"), at("2026-11-23 10:00")
	b.Name = "other"
	if why := reasons([]Info{a, b}, KeepRules{Last: 1}, a.Time); len(why) != 2 {
		t.Errorf("kept %v", why)
	}
}
