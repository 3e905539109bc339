package server_test

import (
	"context"
	"strings"
	"testing"

	"kvd/internal/testkit"
)

func TestDebugNeedsPermission(t *testing.T) {
	t.Parallel()
	c := testkit.Start(t, testkit.Config{Options: []string{"--enable-debug-command", "no"}}).Client()
	const refused = "(error) ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", " +
		"you can run it from a local connection, otherwise you need to set this option in the configuration file, " +
		"and then restart the server."
	c.Do("DEBUG", "SLEEP", "0").Want(refused)
	c.Do("DEBUG", "HELP").Want(refused)

	local := testkit.Start(t, testkit.Config{Options: []string{"--enable-debug-command", "local"}}).Client()
	local.Do("DEBUG", "SLEEP", "0").OK()
}

func TestShutdownEndsWithoutReply(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"SHUTDOWN"}, {"SHUTDOWN", "NOSAVE", "NOW", "FORCE"}} {
		s := testkit.Start(t, testkit.Config{})
		ended := make(chan error, 1)
		go func() { ended <- s.App().Run(context.Background()) }()
		c := s.Client()
		c.Do("PING").Want("PONG")
		c.Send(args...)
		if !c.Closed() {
			t.Errorf("%v: the connection is still there", args)
		}
		if err := <-ended; err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestDigestSurvivesRestart(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, testkit.Config{Persist: true})
	c := s.Client()
	c.Do("MSET", "a", "1", "b", strings.Repeat("x", 100_000), "c", "").OK()
	c.Do("EXPIRE", "a", "1000").Want("(integer) 1")
	before := c.Do("DEBUG", "DIGEST").Text
	c.Do("SAVE").OK()
	c.Do("DEBUG", "RELOAD").OK()
	c.Do("DEBUG", "DIGEST").Want(before)
	s.Restart()
	c = s.Client()
	c.Do("DEBUG", "DIGEST").Want(before)
	c.Do("PERSIST", "a").Want("(integer) 1")
	if after := c.Do("DEBUG", "DIGEST").Text; after == before {
		t.Error("the digest is the same for other data")
	}
}

func TestBackgroundSave(t *testing.T) {
	t.Parallel()
	c := testkit.Start(t, testkit.Config{Persist: true}).Client()
	c.Do("SET", "k", "v").OK()
	if got := c.Do("BGSAVE", "SCHEDULE").Text; !strings.HasPrefix(got, "Background saving ") {
		t.Error(got)
	}
	c.Do("SAVE").OK()
	if got := c.Do("INFO", "persistence").Text; !strings.Contains(got, "rdb_changes_since_last_save:0") {
		t.Error(got)
	}
}

// Commands about the server go on within a transaction, in which everything is
// locked.
func TestInTransaction(t *testing.T) {
	t.Parallel()
	c := testkit.Start(t, testkit.Config{}).Client()
	c.Do("SET", "k", "v").OK()
	c.Do("MULTI").OK()
	lines := []string{
		"SET k w", "INFO keyspace", "DBSIZE", "MEMORY STATS", "MEMORY PURGE", "MEMORY DOCTOR", "CONFIG RESETSTAT", "DEBUG DIGEST",
		"DEBUG OBJECT k", "DEBUG SLEEP 100", "SLOWLOG LEN", "CLIENT LIST", "FLUSHALL", "SWAPDB 0 1", "SELECT 1", "TIME",
		"CONFIG SET hz 10", "CONFIG GET hz", "SAVE", "PING",
	}
	for _, line := range lines {
		want := "QUEUED"
		if line == "SAVE" {
			want = "(error) ERR Command not allowed inside a transaction"
		}
		c.Do(strings.Fields(line)...).Want(want)
	}
	c.Do("DISCARD").OK()
	c.Do("MULTI").OK()
	for _, line := range lines {
		if line != "SAVE" {
			c.Do(strings.Fields(line)...).Want("QUEUED")
		}
	}
	got := c.Do("EXEC").Text
	if strings.Contains(got, "(error)") || !strings.HasSuffix(got, "PONG]") {
		t.Error(got)
	}
}
