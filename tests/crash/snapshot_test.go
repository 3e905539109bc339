package crash

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kvd/persist"
	"kvd/snapshot"
	"kvd/tests/blackbox"
)

// snapshotLines are what is under way when the server dies, %s being a snapshot of
// the directory's data before it was changed.
var snapshotLines = map[string][]string{
	"create":  {"SNAP.CREATE", "NAME", "other"},
	"restore": {"SNAP.RESTORE", "%s", "FLUSH"},
	"merge":   {"SNAP.RESTORE", "%s", "REPLACE", "PREFIX", ""},
	"prune":   {"SNAP.PRUNE", "KEEPLAST", "1"},
}

// snapshotPoints are the places at which each of them can die.
func snapshotPoints() map[string][]string {
	all := make(map[string][]string)
	for _, p := range slices.Concat(snapshot.Points(), persist.BuildPoints()) {
		switch name := p.Name(); name {
		case "snapshot.remove":
			all["prune"] = append(all["prune"], name)
		case "snapshot.merge":
			all["merge"] = append(all["merge"], name)
		case "build.commit": // it takes more keys: the tests of persist have it
		case "snapshot.stage", "snapshot.switch", "snapshot.safety", "build.replace":
			all["restore"] = append(all["restore"], name)
		default:
			all["create"] = append(all["create"], name)
			all["restore"] = append(all["restore"], name) // in its safety snapshot
		}
	}
	return all
}

// A server that dies while it makes, brings back or removes snapshots has, when it
// comes back, the data from before or all of the snapshot's, and no snapshot that
// is not whole.
func TestSnapshotsAreWhole(t *testing.T) {
	for kind, points := range snapshotPoints() {
		for _, point := range points {
			t.Run(kind+" at "+point, func(t *testing.T) { dieAt(t, kind, point) })
		}
	}
}

func dieAt(t *testing.T, kind, point string) {
	s := blackbox.Start(t, blackbox.Options{})
	c := s.Client(t)
	const keys = 300
	for i := range keys {
		c.Want(t, "OK", "SET", fmt.Sprintf("key %d", i), "of the snapshot")
	}
	later := dump(t, c)
	snap := c.Must(t, "SNAP.CREATE").Text
	for range 2 {
		c.Must(t, "SNAP.CREATE")
	}
	for i := range keys {
		c.Want(t, "OK", "SET", fmt.Sprintf("key %d", i), "from before")
	}
	before := dump(t, c)
	s.Stop()

	s = blackbox.Start(t, blackbox.Options{Dir: s.Dir, Env: []string{"KVD_FAILPOINTS=" + point + "=kill:1"}})
	c = s.Client(t)
	line := slices.Clone(snapshotLines[kind])
	for i := range line {
		if line[i] == "%s" {
			line[i] = snap
		}
	}
	if v, err := c.Do(line...); err == nil {
		t.Fatalf("the server lives and answers %s", v)
	}
	s.Wait()

	s = blackbox.Start(t, blackbox.Options{Dir: s.Dir})
	c = s.Client(t)
	if got := dump(t, c); !slices.Equal(got, before) && !slices.Equal(got, later) {
		t.Errorf("the data is neither that from before nor that of the snapshot: %s", difference(got, before))
	}
	for _, item := range c.Must(t, "SNAP.LIST").Items[1].Items {
		id := item.Items[1].Text
		if v := c.Must(t, "SNAP.VERIFY", id); v.IsError() || v.Items[1].Int() != 1 {
			t.Errorf("snapshot %s: %s", id, v)
		}
	}
	for _, dir := range []string{s.Dir, filepath.Join(s.Dir, "snapshots")} {
		if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(left) > 0 {
			t.Errorf("left half done: %q", left)
		}
	}
	s.Stop()
	sound(t, s.Dir)
}

// `kvd snapshot` works on a server that runs and on the directory of one that does
// not.
func TestSnapshotCommand(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{})
	c := s.Client(t)
	c.Want(t, "OK", "SET", "k", "v")
	r := blackbox.Run(t, blackbox.Patience, "snapshot", "create", "--addr", s.Addr(), "NAME", "cli")
	id := strings.TrimSpace(r.Output)
	if r.Code != 0 || !strings.HasPrefix(id, "cli_") {
		t.Fatalf("exit code %d: %s", r.Code, r.Output)
	}
	for _, words := range [][]string{{"list"}, {"verify", id, "DEEP"}, {"prune", "KEEPLAST", "1", "DRYRUN"}} {
		r := blackbox.Run(t, blackbox.Patience, append([]string{"snapshot", "--addr", s.Addr()}, words...)...)
		if r.Code != 0 || words[0] != "verify" && !strings.Contains(r.Output, id) {
			t.Errorf("%q: exit code %d: %s", words, r.Code, r.Output)
		}
	}
	c.Want(t, "OK", "SET", "k", "changed")
	s.Stop()
	file := filepath.Join(s.Dir, "snapshots", id+".tar.zst")
	for i, target := range []string{id, file} {
		dir := []string{s.Dir, t.TempDir()}[i]
		if r := blackbox.Run(t, blackbox.Patience, "snapshot", "restore", target, "--dir", dir, "FLUSH", "SAFETY", "no"); r.Code != 0 {
			t.Fatalf("exit code %d: %s", r.Code, r.Output)
		}
		blackbox.Start(t, blackbox.Options{Dir: dir}).Client(t).Want(t, `"v"`, "GET", "k")
	}
	if r := blackbox.Run(t, blackbox.Patience, "snapshot", "explode"); r.Code != 2 {
		t.Errorf("exit code %d: %s", r.Code, r.Output)
	}
}
