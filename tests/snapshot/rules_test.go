package snapshot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kvd/internal/clock"
	"kvd/internal/testkit"
)

// begun is what the clocks of test servers show at first.
var begun = time.UnixMilli(1_700_000_000_000)

// reopened starts a server on a directory at some time after the beginning. The
// clock is not moved so far: all timers on the way would have to be called.
func reopened(t *testing.T, dir string, after time.Duration) (*testkit.Server, *clock.Manual, *testkit.Client) {
	t.Helper()
	now := clock.NewManual(begun.Add(after))
	s := testkit.Start(t, testkit.Config{Persist: true, Dir: dir, Clock: now})
	return s, now, s.Client()
}

func shut(t *testing.T, s *testkit.Server) {
	t.Helper()
	if err := s.App().Close(); err != nil {
		t.Fatal(err)
	}
}

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	s, _, c := reopened(t, dir, 0)
	c.Do("SET", "k", "v").OK()
	var snaps []string
	for i := range 4 {
		args := []string{"SNAP.CREATE", "NAME", "n"}
		if i == 0 {
			args = append(args, "TAG", "keep")
		}
		snaps = append(snaps, id(t, c.Do(args...)))
		shut(t, s)
		s, _, c = reopened(t, dir, time.Duration(i+1)*48*time.Hour)
	}
	other := id(t, c.Do("SNAP.CREATE", "NAME", "other"))
	c.Do("SNAP.PRUNE", "NAME", "n").Want("(error) ERR PRUNE needs at least one KEEP rule")
	want := fmt.Sprintf(`["kept", [["%s", "newest verified"], ["%s", "within days"], ["%s", "tagged"]], "removed", ["%s"]]`, snaps[3], snaps[2], snaps[0], snaps[1])
	c.Do("SNAP.PRUNE", "NAME", "n", "KEEPDAYS", "5", "DRYRUN").Want(want)
	c.Do("SNAP.PRUNE", "NAME", "n", "KEEPDAYS", "5").Want(want)
	got := c.Do("SNAP.LIST").Text
	for i, snap := range append(snaps, other) {
		if strings.Contains(got, snap) == (i == 1) {
			t.Errorf("snapshot %d in %s", i, got)
		}
	}
	c.Do("SNAP.DELETE", snaps[0]).Want("(error) LOCKED snapshot '" + snaps[0] + "' is tagged")
	c.Do("SNAP.DELETE", snaps[0], "FORCE").Want("(integer) 1")
	c.Do("SNAP.DELETE", snaps[0]).Want("(error) NOTFOUND no snapshot '" + snaps[0] + "'")
}

// The one that alone can be restored stays, however old it is.
func TestPruneNeverTakesTheLast(t *testing.T) {
	dir := t.TempDir()
	s, _, c := reopened(t, dir, 0)
	c.Do("SET", "k", "v").OK()
	snap := id(t, c.Do("SNAP.CREATE"))
	shut(t, s)
	_, _, c = reopened(t, dir, 10_000*time.Hour)
	c.Do("SNAP.PRUNE", "KEEPDAYS", "1").Want(`["kept", [["` + snap + `", "newest verified"]], "removed", []]`)
}

func TestPages(t *testing.T) {
	s, c := start(t)
	c.Do("SET", "k", "v").OK()
	want := make(map[string]bool)
	for range 5 {
		want[id(t, c.Do("SNAP.CREATE"))] = true
		s.Clock.Advance(time.Second)
	}
	cursor := "0"
	for range 10 {
		got := c.Do("SNAP.LIST", "COUNT", "2", "CURSOR", cursor).Text
		for snap := range want {
			if strings.Contains(got, snap) {
				delete(want, snap)
			}
		}
		cursor = strings.Split(got, `"`)[1]
		if cursor == "0" {
			break
		}
	}
	if len(want) > 0 || cursor != "0" {
		t.Errorf("%d snapshots were on no page; cursor %s", len(want), cursor)
	}
}

func TestSchedules(t *testing.T) {
	dir := t.TempDir()
	s, now, c := reopened(t, dir, 0)
	c.Do("SET", "k", "v").OK()
	// The clock shows Tuesday 2023-11-14 22:13:20.
	c.Do("SNAP.SCHEDULE", "often", "* * * * *", "TZ", "Europe/Berlin", "KEEPLAST", "2").OK()
	c.Do("SNAP.SCHEDULES").Want(`[["name", "often", "cron", "* * * * *", "tz", "Europe/Berlin", "next", (integer) 1700000040000, "last", (integer) 0, "result", (nil)]]`)
	count := func() int { return strings.Count(c.Do("SNAP.LIST", "NAME", "often").Text, `"id"`) }
	now.Advance(30 * time.Second)
	if n := count(); n != 0 {
		t.Errorf("%d snapshots before the time", n)
	}
	now.Advance(30 * time.Second)
	if n := count(); n != 1 {
		t.Errorf("%d snapshots after the time: %s", n, c.Do("SNAP.SCHEDULES").Text)
	}
	shut(t, s)
	_, now, c = reopened(t, dir, 4*time.Minute)
	for range 2 {
		now.Advance(time.Minute)
		if n := count(); n != 2 {
			t.Errorf("%d snapshots; two were to stay: %s", n, c.Do("SNAP.SCHEDULES").Text)
		}
	}
	c.Do("FLUSHALL").OK()
	c.Do("SNAP.RESTORE", newest(c), "FLUSH", "SAFETY", "no").Want(report(1, 0, 0, 0))
	if got := c.Do("SNAP.SCHEDULES").Text; !strings.Contains(got, `"often"`) {
		t.Errorf("the schedules after a restore: %s", got)
	}
	c.Do("SNAP.UNSCHEDULE", "often").Want("(integer) 1")
	c.Do("SNAP.UNSCHEDULE", "often").Want("(integer) 0")
	now.Advance(2 * time.Minute)
	if n := count(); n != 2 {
		t.Errorf("%d snapshots after the schedule was removed", n)
	}
}

func newest(c *testkit.Client) string {
	return strings.Split(c.Do("SNAP.LIST", "COUNT", "1").Text, `"`)[5]
}

func TestCatchUp(t *testing.T) {
	dir := t.TempDir()
	s, _, c := reopened(t, dir, 0)
	c.Do("SET", "k", "v").OK()
	c.Do("SNAP.SCHEDULE", "late", "0 3 * * *", "CATCHUP", "yes").OK()
	c.Do("SNAP.SCHEDULE", "lost", "0 3 * * *").OK()
	shut(t, s)
	_, _, c = reopened(t, dir, 30*time.Hour)
	for !strings.Contains(c.Do("SNAP.JOBS").Text, `"done"`) {
		c.Do("PING")
	}
	if got := c.Do("SNAP.LIST").Text; strings.Count(got, `"id"`) != 1 || !strings.Contains(got, `"name", "late"`) {
		t.Errorf("list %s", got)
	}
}

func TestJobs(t *testing.T) {
	_, c := start(t)
	c.Do("SET", "k", "v").OK()
	job := id(t, c.Do("SNAP.CREATE", "ASYNC"))
	for strings.Contains(c.Do("SNAP.STATUS", job).Text, `"running"`) {
		c.Do("PING")
	}
	if got := c.Do("SNAP.STATUS", job).Text; !strings.Contains(got, `"state", "done"`) || !strings.Contains(got, `"records", (integer) 1`) {
		t.Errorf("status %s", got)
	}
	c.Do("SNAP.CANCEL", job).OK() // it has ended: no fault
	c.Do("SNAP.STATUS", "s-99").Want("(error) NOTFOUND no job 's-99'")
	c.Do("SNAP.CANCEL", "s-99").Want("(error) NOTFOUND no job 's-99'")
}

func TestMemoryOnly(t *testing.T) {
	c := testkit.Start(t, testkit.Config{}).Client()
	for _, line := range [][]string{{"SNAP.CREATE"}, {"SNAP.CREATE", "ASYNC"}, {"SNAP.LIST"}, {"SNAP.SCHEDULE", "n", "@daily"}, {"SNAP.PRUNE", "KEEPLAST", "1"}} {
		c.Do(line...).Want("(error) ERR snapshots need data on disk: the server runs with appendonly no")
	}
}

func TestEvents(t *testing.T) {
	s, c := start(t)
	l := s.Client()
	c.Do("CONFIG", "SET", "notify-keyspace-events", "Ed").OK()
	l.Do("PSUBSCRIBE", "__keyevent@0__:snap.*")
	snap := id(t, c.Do("SNAP.CREATE"))
	if got := l.Receive(); got != `["pmessage", "__keyevent@0__:snap.*", "__keyevent@0__:snap.create", "`+snap+`"]` {
		t.Errorf("message %s", got)
	}
}
