// Package crash ends the built server in every way that it must survive: kill -9
// under load and at chosen places in the code, SIGTERM, a full disk, damaged
// files. Clients remember what they were promised, and after each restart the
// server must hold exactly that.
//
// Environment: KVD_CRASH_KILLS is how often each campaign kills the server, and
// KVD_SEED repeats a run; every run prints its seed.
package crash

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"kvd/tests/blackbox"
)

func TestMain(m *testing.M) { os.Exit(blackbox.Main(m)) }

// shortKills is how often go test kills a server where nobody asks for more.
const shortKills = 8

// small makes checkpoints and new journal files frequent.
var small = []string{"--journal-segment-size", "1mb", "--journal-max-size", "1mb"}

// kills is how often a campaign is to kill its server.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("KVD_CRASH_KILLS")
	if text == "" {
		return shortKills
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("KVD_CRASH_KILLS is %q", text)
	}
	return n
}

// seed is where all choices of a test come from.
func seed(t *testing.T) uint64 {
	t.Helper()
	n := uint64(time.Now().UnixNano())
	if text := os.Getenv("KVD_SEED"); text != "" {
		var err error
		if n, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("KVD_SEED is %q", text)
		}
	}
	t.Logf("KVD_SEED=%d", n)
	return n
}

// sound fails the test unless kvd check finds nothing wrong with a directory.
func sound(t *testing.T, dir string) {
	t.Helper()
	if r := blackbox.Run(t, time.Minute, "check", dir); r.Code != 0 {
		t.Fatalf("kvd check: exit code %d\n%s", r.Code, r.Output)
	}
}

// Kill -9 at any moment loses nothing that was acknowledged, in any mode: what
// was written is with the system before the reply.
func TestKill(t *testing.T) {
	for _, mode := range []string{"always", "everysec", "no"} {
		t.Run(mode, func(t *testing.T) {
			start := seed(t)
			rng := rand.New(rand.NewPCG(start, 1))
			load := newLoad(t, start)
			opts := blackbox.Options{Dir: t.TempDir(), Args: append([]string{"--appendfsync", mode}, small...)}
			for range kills(t) {
				s := blackbox.Start(t, opts)
				load.verify(s)
				after := load.acked() + 100 + rng.Int64N(3000)
				run := load.start(s)
				blackbox.Eventually(t, blackbox.Patience, "enough writes are acknowledged", func() bool {
					return load.acked() >= after || t.Failed()
				})
				s.Kill()
				run.wait()
				sound(t, s.Dir)
			}
			s := blackbox.Start(t, opts)
			load.verify(s)
			s.Stop()
			load.report()
		})
	}
}

// The same at each place in the code where a crash could be the most awkward.
func TestKillAtFailpoints(t *testing.T) {
	start := seed(t)
	rng := rand.New(rand.NewPCG(start, 2))
	for _, name := range points() {
		for _, count := range []int{1, 2 + rng.IntN(most(name))} {
			point := name + "=kill:" + strconv.Itoa(count)
			t.Run(point, func(t *testing.T) {
				load := newLoad(t, start+uint64(count))
				opts := blackbox.Options{
					Dir:  t.TempDir(),
					Args: append([]string{"--appendfsync", []string{"always", "everysec"}[rng.IntN(2)]}, small...),
					Env:  []string{"KVD_FAILPOINTS=" + point},
				}
				s := blackbox.Launch(t, opts)
				if s.AwaitReady() {
					run := load.start(s)
					blackbox.Eventually(t, blackbox.Patience, "the server gets to "+point, s.Ended)
					run.wait()
				}
				if code := s.Wait(); code != -1 {
					t.Fatalf("exit code %d, want a kill", code)
				}
				opts.Env = nil
				s = blackbox.Start(t, opts)
				load.verify(s)
				s.Kill()
				sound(t, s.Dir)
				load.report()
			})
		}
	}
}

// most is about how often a server gets to a point in the time of a test.
func most(point string) int {
	if point == "journal.write" || point == "journal.short" {
		return 200
	}
	return 3
}

// SIGTERM under load: what was acknowledged is there, and the next start has
// nothing to repair.
func TestTerminateUnderLoad(t *testing.T) {
	load := newLoad(t, seed(t))
	opts := blackbox.Options{Dir: t.TempDir(), Args: small}
	for range 3 {
		s := blackbox.Start(t, opts)
		load.verify(s)
		after := load.acked() + 2000
		run := load.start(s)
		blackbox.Eventually(t, blackbox.Patience, "enough writes are acknowledged", func() bool { return load.acked() >= after })
		begin := time.Now()
		s.Stop()
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("it took %v to end", took)
		}
		run.wait()
		if strings.Contains(s.Log.String(), `"level":"error"`) {
			t.Error("the log has errors")
		}
		sound(t, s.Dir)
	}
	s := blackbox.Start(t, opts)
	if s.Log.Has("cut off") || strings.Contains(s.Log.String(), `"level":"warn"`) {
		t.Error("the start after SIGTERM had something to repair")
	}
	load.verify(s)
}

// A loss would be noticed: of a value, of a time to live, of an addition.
func TestLoadNoticesLoss(t *testing.T) {
	start := seed(t)
	for name, harm := range map[string][]string{
		"value":    {"SET", "w3:7", "another"},
		"expiry":   {"SET", "w5:5", "v", "PXAT", "99999999999999"},
		"key":      {"SET", "w9:23", ""},
		"addition": {"INCRBY", sharedKey, "-1000"},
		"more":     {"INCRBY", sharedKey, "100000"},
	} {
		t.Run(name, func(t *testing.T) {
			load := newLoad(t, start)
			s := blackbox.Start(t, blackbox.Options{})
			run := load.start(s)
			blackbox.Eventually(t, blackbox.Patience, "some writes are acknowledged", func() bool { return load.acked() > 1000 })
			s.Kill()
			run.wait()
			c := s.Restart().Client(t)
			c.Must(t, harm...)
			if load.check(c) == nil {
				t.Errorf("%q was not noticed", harm)
			}
		})
	}
}
