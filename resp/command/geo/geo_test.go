package geo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kvd/engine/ds/geo"
	"kvd/internal/change"
	"kvd/resp/command"
	"kvd/resp/command/commandtest"
)

const sicily = "geoadd g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania"

func TestEvents(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"geoadd n 1 2 a", "new zadd"},
		{"geoadd g NX 1 2 Palermo", ""},
		{"geoadd g 1 2 Palermo", "zadd"},
		{"geosearchstore d g FROMLONLAT 15 37 BYRADIUS 200 km", "new geosearchstore"},
		{"geosearchstore g g FROMLONLAT 15 37 BYRADIUS 200 km STOREDIST", "geosearchstore"},
		{"geosearchstore g g FROMLONLAT 100 37 BYRADIUS 200 km", "del"},
		{"geosearchstore g none FROMLONLAT 100 37 BYRADIUS 200 km", "del"},
		{"geosearchstore d none FROMLONLAT 100 37 BYRADIUS 200 km", ""},
		{"georadius g 15 37 200 km STORE d", "new georadiusstore"},
		{"georadiusbymember g Palermo 200 km STOREDIST d", "new georadiusstore"},
		{"georadius g 15 37 200 km", ""},
		{"geosearch g FROMLONLAT 15 37 BYRADIUS 200 km", ""},
	} {
		h := commandtest.New(t, Family)
		h.Do(sicily)
		h.WatchEvents(change.EventZSet | change.EventGeneric | change.EventNew)
		if got := h.Do(tt.line); strings.HasPrefix(got, "-") {
			t.Errorf("%s: %s", tt.line, got)
		}
		if got := h.Events(); got != tt.want {
			t.Errorf("%s: events %q, want %q", tt.line, got, tt.want)
		}
	}
}

// TestStoredKeys: of several keys to store, the last one counts, and the keys are
// known before the command runs.
func TestStoredKeys(t *testing.T) {
	h := commandtest.New(t, Family)
	for line, want := range map[string][]int{
		"georadius g 1 2 3 m":                           {1},
		"georadius g 1 2 3 m STORE d":                   {1, 7},
		"georadius g 1 2 3 m storedist d COUNT 1":       {1, 7},
		"georadius g 1 2 3 m STORE d STOREDIST e":       {1, 9},
		"georadius g 1 2 3 m STORE store STOREDIST":     {1, 7},
		"georadiusbymember g a 3 m ASC STORE d STORE e": {1, 9},
		"georadiusbymember g a 3 m STORE":               {1},
		"georadius_ro g 1 2 3 m STORE d":                {1},
	} {
		args := commandtest.Words(line)
		refs, err := h.Table.Lookup(args[0]).KeyRefs(args, nil)
		var got []int
		for _, r := range refs {
			got = append(got, r.Pos)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: keys at %v, want %v, %v", line, got, want, err)
		}
		h.Run(args) // must not reach for another key
	}
}

// TestSearchAgainstAll compares searches with a look at every member.
func TestSearchAgainstAll(t *testing.T) {
	h := commandtest.New(t, Family)
	rng := rand.New(rand.NewPCG(1, 2))
	places := map[string]geo.Point{}
	for i := range 2000 {
		p := geo.Point{Lon: rng.Float64()*40 - 20, Lat: rng.Float64()*40 + 20}
		name := fmt.Sprintf("m%d", i)
		h.Do(fmt.Sprintf("geoadd g %v %v %s", p.Lon, p.Lat, name))
		places[name] = geo.Encode(p).Point()
	}
	for range 200 {
		center := geo.Point{Lon: rng.Float64()*40 - 20, Lat: rng.Float64()*40 + 20}
		size := rng.Float64() * 500
		shape, by := geo.Circle(center, size, 1000), fmt.Sprintf("BYRADIUS %v km", size)
		if rng.IntN(2) == 0 {
			shape, by = geo.Box(center, size, 2*size, 1000), fmt.Sprintf("BYBOX %v %v km", size, 2*size)
		}
		var want []string
		for name, p := range places {
			if _, inside := shape.Distance(p); inside {
				want = append(want, name)
			}
		}
		got := names(h.Do(fmt.Sprintf("geosearch g FROMLONLAT %v %v %s", center.Lon, center.Lat, by)))
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%v %s: %d members, want %d", center, by, len(got), len(want))
		}
	}
}

// names returns the members of a reply that has nothing else.
func names(reply string) (list []string) {
	for l := range strings.SplitSeq(reply, "\r\n") {
		if strings.HasPrefix(l, "m") {
			list = append(list, l)
		}
	}
	return list
}

func TestHeavySearchLeavesTheLoop(t *testing.T) {
	h := commandtest.New(t, Family)
	for i := range 60 {
		line := strings.Builder{}
		line.WriteString("geoadd g")
		for j := range 1000 {
			fmt.Fprintf(&line, " %d %d m%d", i, j%80, i*1000+j)
		}
		h.Do(line.String())
	}
	h.Ctx.OnLoop = true
	h.Do("geosearch g FROMLONLAT 30 40 BYRADIUS 10000 km")
	if !errors.Is(h.Err, command.ErrHeavy) {
		t.Errorf("a large area: %v", h.Err)
	}
	if got := names(h.Do("geosearch g FROMLONLAT 30 40 BYRADIUS 1 km")); len(got) == 0 {
		t.Errorf("a small area: %v", h.Err)
	}
}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if commandtest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	h := commandtest.New(t, Family)
	h.Do(sicily)
	for _, line := range []string{
		"geoadd g 13.5 38.1 Palermo", "geoadd g XX CH 13.25 38.1 Palermo", "geopos g Palermo none", "geohash g Palermo",
		"geodist g Palermo Catania km",
	} {
		args := commandtest.Words(line)
		if reply := h.Run(args); reply[0] == '-' {
			t.Fatalf("%s: %s", line, reply)
		}
		if n := testing.AllocsPerRun(200, func() { h.Run(args) }); n != 0 {
			t.Errorf("%s: %v allocations", line, n)
		}
	}
}
