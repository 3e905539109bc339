package crash

import (
	"fmt"
	"strconv"
	"testing"

	"kvd/tests/blackbox"
)

// A kill in the middle of a command on versions leaves all of it or nothing: the
// value that the key has and its newest version are of the same moment, and the
// versions verify.
func TestKillInHistory(t *testing.T) {
	for _, test := range []struct {
		point string
		args  []string
	}{
		{"ver.save", []string{"VER.SAVE", "k", "VALUE", "new"}},
		{"ver.rollback", []string{"VER.ROLLBACK", "k", "1"}},
		{"ver.prune", []string{"VER.PRUNE", "KEY", "k", "KEEP", "1"}},
		{"journal.write", []string{"VER.ROLLBACK", "k", "1"}},
		{"checkpoint.commit", []string{"DEBUG", "RELOAD"}},
	} {
		t.Run(test.point, func(t *testing.T) {
			opts := blackbox.Options{Dir: t.TempDir(), Args: append([]string{"--enable-debug-command", "yes"}, small...)}
			s := blackbox.Start(t, opts)
			c := s.Client(t)
			for i := range 40 {
				c.Must(t, "VER.SAVE", "k", "VALUE", "value"+strconv.Itoa(i))
			}
			s.Stop()

			opts.Env = []string{"KVD_FAILPOINTS=" + test.point + "=kill:1"}
			s = blackbox.Start(t, opts)
			c = s.Client(t)
			if _, err := c.Do(test.args...); err == nil && test.point != "checkpoint.commit" {
				t.Errorf("%q was answered", test.args)
			}
			s.Kill()
			sound(t, s.Dir)

			opts.Env = nil
			s = blackbox.Start(t, opts)
			c = s.Client(t)
			wantText(t, c, "value39", "GET", "k")
			wantText(t, c, "value39", "VER.GET", "k", "HEAD")
			for i := range 40 {
				wantText(t, c, "value"+strconv.Itoa(i), "VER.GET", "k", strconv.Itoa(i+1))
			}
			if v := c.Must(t, "VER.VERIFY", "MATCH", "*"); len(v.Items) != 0 {
				t.Errorf("faults: %v", v)
			}
			s.Stop()
			sound(t, s.Dir)
		})
	}
}

func wantText(t *testing.T, c *blackbox.Client, want string, args ...string) {
	t.Helper()
	if v := c.Must(t, args...); v.Text != want {
		t.Errorf("%q: %s, want %q", args, fmt.Sprint(v), want)
	}
}
