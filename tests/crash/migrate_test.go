package crash

import (
	"fmt"
	"testing"

	"kvd/tests/blackbox"
)

const migrated = 200 // documents

// migration is the first and only one of the tests: it takes something away and
// makes something new, so that a document that had it twice would show.
const migration = `{"version":"1.0.0","target":{"prefix":"u:"},"up":[` +
	`{"rename":{"path":"$.name","to":"title"}},{"remove":{"path":"$.old"}},{"jq":".n += 1"}]}`

func before(i int) string { return fmt.Sprintf(`{"old":1.0,"name":"x%d","n":%d}`, i, i) }

func after(i int) string { return fmt.Sprintf(`{"title":"x%d","n":%d}`, i, i+1) }

// A server that is killed in the middle of MIG.UP or MIG.DOWN leaves every document
// as it was or as it is to be. A BATCH goes on by itself at the next start, an
// ATOMIC one has done all or nothing; and the way back restores every byte.
func TestKillInMigration(t *testing.T) {
	for _, tt := range []struct {
		point string
		mode  []string
		down  bool
	}{
		{"migrate.batch=kill:1", []string{"BATCH", "20"}, false},
		{"migrate.batch=kill:3", []string{"BATCH", "20"}, false},
		{"migrate.finish=kill:1", []string{"BATCH", "20"}, false},
		{"migrate.batch=kill:2", []string{"BATCH", "20"}, true},
		{"migrate.finish=kill:1", []string{"BATCH", "20"}, true},
		{"migrate.commit=kill:1", []string{"ATOMIC"}, false},
		{"migrate.commit=kill:1", []string{"ATOMIC"}, true},
		{"journal.write=kill:2", []string{"ATOMIC"}, false},
		{"journal.write=kill:3", []string{"BATCH", "20"}, false},
	} {
		t.Run(fmt.Sprint(tt.point, tt.mode, tt.down), func(t *testing.T) {
			t.Parallel()
			opts := blackbox.Options{Dir: t.TempDir(), Args: []string{"--appendfsync", "always"}}
			killedMigration(t, opts, tt.point, tt.mode, tt.down)
		})
	}
}

func killedMigration(t *testing.T, opts blackbox.Options, point string, mode []string, down bool) {
	t.Helper()
	s := blackbox.Start(t, opts)
	c := s.Client(t)
	for i := range migrated {
		c.Must(t, "JSON.SET", fmt.Sprint("u:", i), "$", before(i))
	}
	c.Must(t, "MIG.REGISTER", migration)
	if down {
		c.Must(t, "MIG.UP", "u:", "SNAPSHOT", "no")
	}
	s.Stop()

	opts.Env = []string{"KVD_FAILPOINTS=" + point}
	s = blackbox.Start(t, opts)
	c = s.Client(t)
	line := append([]string{"MIG.UP", "u:", "SNAPSHOT", "no", "MODE"}, mode...)
	if down {
		line = append([]string{"MIG.DOWN", "u:", "TO", "0.0.0", "SNAPSHOT", "no", "MODE"}, mode...)
	}
	if err := c.Send(line...); err != nil {
		t.Fatal(err)
	}
	blackbox.Eventually(t, blackbox.Patience, "the server gets to "+point, s.Ended)
	if code := s.Wait(); code != -1 {
		t.Fatalf("exit code %d, want a kill", code)
	}

	opts.Env = nil
	s = blackbox.Start(t, opts)
	c = s.Client(t)
	blackbox.Eventually(t, blackbox.Patience, "the job ends", func() bool { return field(c.Must(t, "MIG.STATUS", "u:"), "lock").Null })
	done := field(c.Must(t, "MIG.STATUS", "u:"), "current").Text == "1.0.0"
	if mode[0] == "BATCH" && done == down {
		t.Errorf("the job did not go on: %v", c.Must(t, "MIG.STATUS", "u:"))
	}
	shapes(t, c, done)
	if !done {
		c.Must(t, "MIG.UP", "u:", "SNAPSHOT", "no")
		shapes(t, c, true)
	}
	c.Must(t, "MIG.DOWN", "u:", "TO", "0.0.0", "SNAPSHOT", "no")
	shapes(t, c, false)
	if v := c.Must(t, "MIG.VERIFY", "u:", "DEEP"); len(v.Items) > 0 {
		t.Errorf("faults: %v", v)
	}
	s.Kill()
	sound(t, s.Dir)
}

// shapes checks that all documents have one shape.
func shapes(t *testing.T, c *blackbox.Client, new bool) {
	t.Helper()
	for i := range migrated {
		want := before(i)
		if new {
			want = after(i)
		}
		if got := c.Must(t, "JSON.GET", fmt.Sprint("u:", i)); got.Text != want {
			t.Fatalf("document %d is %s, want %s", i, got.Text, want)
		}
	}
}

// field returns the value of a name in a map.
func field(v blackbox.Value, name string) blackbox.Value {
	for i := 0; i+1 < len(v.Items); i += 2 {
		if v.Items[i].Text == name {
			return v.Items[i+1]
		}
	}
	return blackbox.Value{}
}
