package persist_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kvd/internal/clock"
	"kvd/persist"
	"kvd/persist/storetest"
)

var (
	crashImages = flag.Int("crash.images", 40, "number of crash images in each mode")
	crashSeed   = flag.Uint64("crash.seed", 1, "seed of the crash images")
)

// files is a directory: name → contents.
type files map[string][]byte

func readFiles(t *testing.T, dir string) files {
	t.Helper()
	all := files{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // it went while we looked
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		if strings.HasSuffix(path, "data.db") {
			data = bytes.TrimRight(data, "\x00")
			data = append(data, make([]byte, (4096-len(data)%4096)%4096)...)
		}
		name, err := filepath.Rel(dir, path)
		all[name] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// disk plays the disk under a store. At each event it looks at the files and
// builds what could be left of them if the power went at that moment: of what
// was written since the last sync, any sectors.
//
// A commit of bbolt writes pages, syncs, writes a meta page and syncs. It is
// seen after the fact, and images of its middle are built from before and
// after.
type crashDisk struct {
	t     *testing.T
	dir   string
	rng   *rand.Rand
	store *persist.Store
	mem   *memory
	fsync persist.Fsync
	base  storetest.Model // contents before the store was opened

	mu      sync.Mutex
	synced  files // of journal files: contents at the last sync
	syncing files
	data    []byte      // the data file after the last commit
	gone    files       // removed journal files whose removal may be undone
	busy    atomic.Bool // an image is being verified
	images  int
	left    int
}

// event is called at each failpoint.
func (d *crashDisk) event(point string) error {
	if d.busy.Load() {
		return nil // of the store on an image, or of a second goroutine meanwhile
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	least := d.least()
	now := readFiles(d.t, d.dir)
	switch point {
	case "journal.sync":
		d.syncing = now
	case "journal.synced":
		d.synced = d.syncing
	case "checkpoint.begin":
		d.gone = files{}
	case "journal.remove":
		for name, data := range now {
			if strings.HasSuffix(name, ".log") {
				d.gone[name] = data
			}
		}
	}
	for range 1 + d.rng.IntN(2) {
		if d.left > 0 {
			d.left--
			d.verify(point, d.image(now), least)
		}
	}
	d.data = now["data.db"]
	return nil
}

// least is the last number that must be there after a power cut.
func (d *crashDisk) least() uint64 {
	switch {
	case d.store == nil:
		return 0
	case d.fsync == persist.Always:
		return d.store.Durable()
	}
	return d.store.Synced()
}

// image builds one outcome.
func (d *crashDisk) image(now files) files {
	out := files{}
	for name, data := range now {
		switch {
		case strings.HasSuffix(name, ".log"):
			out[name] = d.tear(d.synced[name], data)
		case name == "data.db":
			out[name] = d.tearCommit(d.data, data)
		default:
			out[name] = data
		}
	}
	for name, data := range d.gone {
		if _, there := now[name]; !there && d.rng.IntN(2) == 0 {
			out[name] = data
		}
	}
	return out
}

const sector = 512

// tear mixes sectors of what was synced and what was written since; the length
// is one that the file has had.
func (d *crashDisk) tear(synced, written []byte) []byte {
	if d.rng.IntN(4) == 0 {
		return written
	}
	if synced == nil { // the file was made whole, with its header
		synced = written[:min(32, len(written))]
	}
	out := bytes.Clone(written)
	if len(written) > len(synced) {
		out = out[:len(synced)+d.rng.IntN(len(written)-len(synced)+1)]
	}
	for at := 0; at < len(out); at += sector {
		if d.rng.IntN(3) > 0 {
			continue
		}
		part := out[at:min(at+sector, len(out))]
		clear(part)
		if at < len(synced) {
			copy(part, synced[at:])
		}
	}
	return out
}

// tearCommit is the data file before, in the middle of or after a commit.
func (d *crashDisk) tearCommit(before, after []byte) []byte {
	const page = 4096
	if len(before) < 2*page || bytes.Equal(before, after) || d.rng.IntN(3) == 0 {
		return after
	}
	out := bytes.Clone(after)
	copy(out, before[:2*page]) // the meta page comes last
	for at := 2 * page; at < len(out) && at < len(before); at += sector {
		if d.rng.IntN(2) == 0 {
			copy(out[at:at+sector], before[at:min(at+sector, len(before))])
		}
	}
	return out
}

// verify opens an image and requires a state of the store that is not older
// than least.
func (d *crashDisk) verify(point string, image files, least uint64) {
	d.busy.Store(true)
	defer d.busy.Store(false)
	d.images++
	dir, err := os.MkdirTemp("", "crash")
	if err != nil {
		d.t.Error(err)
		return
	}
	defer os.RemoveAll(dir)
	if _, err := os.Stat(filepath.Join(d.dir, "journal")); err == nil {
		_ = os.Mkdir(filepath.Join(dir, "journal"), 0o700)
	}
	for name, data := range image {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			d.t.Error(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			d.t.Error(err)
		}
	}
	what := fmt.Sprintf("seed %d, image %d at %s", *crashSeed, d.images, point)
	s, err := persist.Open(small(dir))
	if err != nil {
		d.t.Errorf("%s: %v", what, err)
		return
	}
	defer s.Close()
	got, err := storetest.Contents(s)
	if err != nil {
		d.t.Errorf("%s: %v", what, err)
		return
	}
	if d.mem == nil {
		if diff := d.base.Diff(got); diff != "" {
			d.t.Errorf("%s: %s", what, diff)
		}
		return
	}
	if !d.mem.isState(got, least) {
		d.t.Errorf("%s: %d rows that are no state after write %d", what, len(got), least)
	}
}

// TestCrashImages cuts the power at every event of a store at work.
func TestCrashImages(t *testing.T) {
	for name, fsync := range map[string]persist.Fsync{"always": persist.Always, "everysec": persist.EverySec, "never": persist.Never} {
		t.Run(name, func(t *testing.T) {
			d := &crashDisk{
				t: t, dir: t.TempDir(), fsync: fsync, base: storetest.Model{}, synced: files{}, gone: files{},
				rng: rand.New(rand.NewPCG(*crashSeed, uint64(fsync))), left: *crashImages,
			}
			for _, p := range persist.Points() {
				if p.Name() != "journal.short" {
					p.Set(func() error { return d.event(p.Name()) })
					t.Cleanup(func() { p.Set(nil) })
				}
			}
			crashRun(t, d)
			if d.left > 0 || d.images < *crashImages {
				t.Errorf("only %d images", d.images)
			}
		})
	}
}

func crashRun(t *testing.T, d *crashDisk) {
	opts := small(d.dir)
	opts.Fsync, opts.SegmentBytes, opts.WindowRows = d.fsync, 2<<10, 8
	opts.BatchRows = 3
	manual := clock.NewManual(time.Unix(1e9, 0))
	opts.Clock = manual
	for d.remaining() > 0 && !t.Failed() {
		s := open(t, opts)
		m := newMemory(t, s)
		d.attach(s, m)
		rng := rand.New(rand.NewPCG(*crashSeed, 99))
		for i := range 40 {
			d.write(rng)
			if rng.IntN(2) == 0 {
				if err := s.Flush(); err != nil {
					t.Fatal(err)
				}
			}
			if i%15 == 9 {
				if err := s.Checkpoint(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if i%6 == 0 {
				manual.Advance(time.Second)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		d.detach()
	}
}

func (d *crashDisk) remaining() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.left
}

// attach has images compared with what m writes to s.
func (d *crashDisk) attach(s *persist.Store, m *memory) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.store, d.mem = s, m
}

// detach has images compared with what is there now: the store is closed.
func (d *crashDisk) detach() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.base = maps.Clone(d.mem.now)
	d.store, d.mem = nil, nil
	d.synced = readFiles(d.t, d.dir)
}

// write submits a set between events.
func (d *crashDisk) write(rng *rand.Rand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mem.write(rng)
}
