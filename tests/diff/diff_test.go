package diff

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

const (
	// usualLines is how many lines each type gets, and raceLines under the race
	// detector, which makes them ten times as slow.
	usualLines = 100_000
	raceLines  = 10_000
	// episodeLines is how many of them run on the same data.
	episodeLines = 2_000
	// usualSeed makes a run the same as the last one; make differences chooses
	// another.
	usualSeed = 20261122
)

// families are the lists of templates, and the command without which a list
// makes no sense.
var families = []struct {
	name  string
	needs string
	lines func() []template
}{
	{"string", "set", stringLines},
	{"bitmap", "setbit", bitLines},
	{"hyperloglog", "pfadd", hllLines},
	{"list", "rpush", listLines},
	{"hash", "hset", hashLines},
	{"set", "sadd", setLines},
	{"zset", "zadd", zsetLines},
	{"geo", "geoadd", geoLines},
	{"stream", "xadd", streamLines},
	{"keys", "del", keyLines},
}

// setting returns a number from the environment.
func setting(t *testing.T, name string, usual uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s is %q", name, text)
	}
	return n
}

func TestDifferences(t *testing.T) {
	seed := setting(t, "KVD_SEED", usualSeed)
	usual := uint64(usualLines)
	if raceEnabled {
		usual = raceLines
	}
	total := int(setting(t, "KVD_DIFF_LINES", usual))
	for i, f := range families {
		t.Run(f.name, func(t *testing.T) {
			s := start(t)
			defer s.close()
			known := s.known()
			if !known[f.needs] {
				t.Skipf("kvd has no %s yet", f.needs)
			}
			t.Logf("KVD_SEED=%d", seed)
			rnd := rand.New(rand.NewPCG(seed, uint64(i)))
			run(t, s, newGenerator(rnd, f.lines(), known), total)
		})
	}
}

// run plays episodes until there are enough lines, or differences.
func run(t *testing.T, s *servers, g *generator, total int) {
	t.Helper()
	left := int(setting(t, "KVD_DIFF_SHOW", 1))
	seen := map[string]bool{}
	for n := 1; total > 0; n, total = n+1, total-episodeLines {
		e := g.episode(min(total, episodeLines), n)
		d := s.play(e)
		if d == nil {
			continue
		}
		e, d = s.shrink(e, d)
		about := d.after + strings.ToLower(d.what[0])
		if seen[about] {
			continue
		}
		seen[about] = true
		t.Errorf("%v\n%s", d, e.text())
		if left--; left <= 0 {
			return
		}
	}
	t.Logf("%d lines, %d of them with an error", s.played, s.failed)
	if s.failed > s.played/3 {
		t.Error("too many lines fail: they compare little")
	}
}

// text shows an episode.
func (e *episode) text() string {
	var b strings.Builder
	for _, l := range e.setup {
		b.WriteString("  setup " + l.String() + "\n")
	}
	for _, l := range e.lines {
		b.WriteString("    " + l.String() + "\n")
	}
	return b.String()
}

func TestTemplates(t *testing.T) {
	for _, f := range families {
		rnd := rand.New(rand.NewPCG(1, 2))
		g := newGenerator(rnd, f.lines(), nil)
		for _, l := range g.episode(2000, 1).lines {
			if len(l) == 0 || l[0] == "" {
				t.Fatalf("%s: an empty line", f.name)
			}
		}
	}
}

// TestFinds makes sure that a difference is found and made as small as it is.
func TestFinds(t *testing.T) {
	s := start(t)
	defer s.close()
	e := &episode{setup: []line{{"HELLO", "2"}, {"FLUSHALL"}}}
	for i := range 100 {
		e.lines = append(e.lines, line{"SET", "k" + strconv.Itoa(i), "v"})
	}
	e.lines[40] = line{"LOLWUT"} // which shows a version
	d := s.play(e)
	if d == nil {
		t.Fatal("nothing was found")
	}
	short, d := s.shrink(e, d)
	if len(short.lines) != 1 || d.what[0] != "LOLWUT" {
		t.Errorf("shrunk to %d lines, %v", len(short.lines), d.what)
	}
}
