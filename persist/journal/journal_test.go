package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"kvd/internal/change"
	"kvd/persist/codec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func options(dir string) Options {
	return Options{Dir: dir, Mode: OnRequest, SegmentBytes: 1 << 20, Now: time.Now, OnSync: func() {}, OnFail: func(error) {}}
}

// open opens the journal, and makes it in a directory that has none.
func open(t *testing.T, opts Options) *Journal {
	t.Helper()
	nums, err := listSegments(opts.Dir)
	if err == nil && len(nums) == 0 {
		err = Create(opts.Dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	j, _, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if j.failed.Load() == nil || !errors.Is(j.Err(), errClosed) {
			_ = j.Close()
		}
	})
	return j
}

func put(key string) *change.Set {
	return &change.Set{Rows: []change.Row{{Op: change.Put, Kind: change.Key, Key: []byte(key), Value: []byte("value of " + key)}}}
}

// write submits and flushes one set for each key.
func write(t *testing.T, j *Journal, keys ...string) {
	t.Helper()
	for _, k := range keys {
		j.Submit(put(k))
		if err := j.Flush(); err != nil {
			t.Fatal(err)
		}
	}
}

// keys replays the journal.
func keys(t *testing.T, j *Journal, after uint64) []string {
	t.Helper()
	var list []string
	_, err := j.Replay(after, func(r *change.Row) error {
		list = append(list, string(r.Key))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func requireKeys(t *testing.T, j *Journal, want string) {
	t.Helper()
	if got := strings.Join(keys(t, j, 0), " "); got != want {
		t.Fatalf("replayed %q, want %q", got, want)
	}
}

func TestReplay(t *testing.T) {
	dir := t.TempDir()
	j := open(t, options(dir))
	write(t, j, "a", "b", "c")
	requireKeys(t, j, "a b c")
	if got := keys(t, j, 2); !slices.Equal(got, []string{"c"}) {
		t.Errorf("after 2: %v", got)
	}
	if _, _, err := j.Rotate(); err != nil {
		t.Fatal(err)
	}
	write(t, j, "d")
	requireKeys(t, j, "a b c d")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, options(dir))
	requireKeys(t, j, "a b c d")
	if j.Submitted() != 4 || j.Synced() != 4 {
		t.Errorf("numbers go on after %d, synced %d", j.Submitted(), j.Synced())
	}
	write(t, j, "e")
	requireKeys(t, j, "a b c d e")
}

// crash copies the files as they are, as after kill -9.
func crash(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestCut cuts the last segment at every byte: what is whole is kept.
func TestCut(t *testing.T) {
	dir := t.TempDir()
	j := open(t, options(dir))
	var ends []int64
	for _, k := range []string{"a", "b", "c"} {
		write(t, j, k)
		ends = append(ends, j.cur.end)
	}
	name := filepath.Base(j.cur.path)
	for size := int64(headerSize); size <= ends[2]; size++ {
		image := crash(t, dir)
		if err := os.Truncate(filepath.Join(image, name), size); err != nil {
			t.Fatal(err)
		}
		want := 0
		for want < 3 && ends[want] <= size {
			want++
		}
		k, cut, err := Open(options(image))
		if err != nil {
			t.Fatalf("cut at %d: %v", size, err)
		}
		requireKeys(t, k, strings.Join([]string{"a", "b", "c"}[:want], " "))
		whole := size == headerSize || slices.Contains(ends, size)
		if (cut.Bytes == 0) != whole {
			t.Errorf("cut at %d: %+v", size, cut)
		}
		write(t, k, "d")
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
		k = open(t, options(image))
		requireKeys(t, k, strings.Join(append([]string{"a", "b", "c"}[:want:want], "d"), " "))
	}
}

// TestHole: a frame that never reached the disk ends the journal, though later
// ones did; unless they say that it had been synced.
func TestHole(t *testing.T) {
	for _, synced := range []bool{false, true} {
		dir := t.TempDir()
		j := open(t, options(dir))
		write(t, j, "a")
		from := j.cur.end
		write(t, j, "b")
		to := j.cur.end
		if synced {
			if err := j.Sync(); err != nil {
				t.Fatal(err)
			}
		}
		write(t, j, "c", "d")
		image := crash(t, dir)
		path := filepath.Join(image, filepath.Base(j.cur.path))
		zero(t, path, from, to)
		k, cut, err := Open(options(image))
		var damage *codec.DamagedError
		switch {
		case synced && (!errors.As(err, &damage) || damage.File != path || damage.Offset != from):
			t.Errorf("a synced frame is gone: %v", err)
		case !synced && err != nil:
			t.Errorf("a frame that was not synced is gone: %v", err)
		case !synced:
			requireKeys(t, k, "a")
			if cut.Bytes == 0 || cut.Offset != from {
				t.Errorf("cut %+v", cut)
			}
			_ = k.Close()
		}
	}
}

func zero(t *testing.T, path string, from, to int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(make([]byte, to-from), from)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestHoleOverSegments: the same where the frames lie in several files.
func TestHoleOverSegments(t *testing.T) {
	dir := t.TempDir()
	j := open(t, options(dir))
	write(t, j, "a", "b")
	if _, _, err := j.Rotate(); err != nil {
		t.Fatal(err)
	}
	write(t, j, "c")
	image := crash(t, dir)
	path := filepath.Join(image, "00000001.log")
	if err := os.Truncate(path, 60); err != nil {
		t.Fatal(err)
	}
	var damage *codec.DamagedError
	if _, _, err := Open(options(image)); !errors.As(err, &damage) || damage.File != path {
		t.Errorf("a complete segment was cut short: %v", err)
	}
	image = crash(t, dir)
	if err := os.Remove(filepath.Join(image, "00000001.log")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(options(image)); !errors.As(err, &damage) {
		t.Errorf("a segment is missing: %v", err)
	}
	opts := options(image)
	opts.Base = 2
	open(t, opts) // what it held is in the data file
}

// TestFloor: a journal that ends before what the manifest promises is damaged.
func TestFloor(t *testing.T) {
	dir := t.TempDir()
	j := open(t, options(dir))
	write(t, j, "a", "b")
	opts := options(crash(t, dir))
	opts.Floor = 3
	var damage *codec.DamagedError
	if _, _, err := Open(opts); !errors.As(err, &damage) {
		t.Errorf("Open: %v", err)
	}
}

// TestFailedOpen: whenever an Open fails, the next one finds a journal.
func TestFailedOpen(t *testing.T) {
	opts := options(t.TempDir())
	j := open(t, opts)
	write(t, j, "a")
	upto, last, err := j.Rotate()
	if err == nil {
		err = errors.Join(j.Remove(upto), j.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	opts.Base = last
	failOnce(t, pointCreate, 1)
	if _, _, err := Open(opts); !errors.Is(err, syscall.EIO) {
		t.Fatalf("Open on a full disk: %v", err)
	}
	j = open(t, opts)
	write(t, j, "b")
	requireKeys(t, j, "b")
	if n := len(j.Segments()); n != 1 {
		t.Errorf("%d segments, though one had nothing in it", n)
	}
}

// TestRemovalHalfUndone: what a power cut brings back of the folded segments does
// not end the chain before what is written later.
func TestRemovalHalfUndone(t *testing.T) {
	opts := options(t.TempDir())
	j := open(t, opts)
	for _, key := range []string{"a", "b"} {
		write(t, j, key)
		if _, _, err := j.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
	opts.Base, opts.Dir = 2, crash(t, opts.Dir)
	if err := os.Remove(segmentPath(opts.Dir, 2)); err != nil {
		t.Fatal(err)
	}
	j = open(t, opts)
	write(t, j, "c")
	opts.Dir = crash(t, opts.Dir)
	j = open(t, opts)
	if got := keys(t, j, opts.Base); !slices.Equal(got, []string{"c"}) {
		t.Errorf("replayed %q", got)
	}
}

// TestNoSegment: a journal has a file from the beginning, so none is damage.
func TestNoSegment(t *testing.T) {
	var damage *codec.DamagedError
	if _, _, err := Open(options(t.TempDir())); !errors.As(err, &damage) {
		t.Errorf("Open: %v", err)
	}
}

func TestSegmentsTurn(t *testing.T) {
	opts := options(t.TempDir())
	opts.SegmentBytes = 4096
	j := open(t, opts)
	var want []string
	for i := range 500 {
		want = append(want, fmt.Sprint(i))
		write(t, j, want[i])
		if i%50 == 0 {
			if err := j.Sync(); err != nil {
				t.Fatal(err)
			}
			if err := j.prepare(nothing); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(j.Segments()); n < 5 {
		t.Errorf("%d segments", n)
	}
	requireKeys(t, j, strings.Join(want, " "))
	upto, last, err := j.Rotate()
	if err != nil || last != 500 {
		t.Fatalf("Rotate: last %d, %v", last, err)
	}
	if err := j.Remove(upto); err != nil {
		t.Fatal(err)
	}
	if j.Bytes() != 0 || len(j.Segments()) != 1 {
		t.Errorf("%d bytes in %d segments are left", j.Bytes(), len(j.Segments()))
	}
}

// TestEpochs: what was submitted before Rotate is in the segments it names, also
// while writers fill segment after segment.
func TestEpochs(t *testing.T) {
	opts := options(t.TempDir())
	opts.SegmentBytes = 1 << 10
	j := open(t, opts)
	var stop atomic.Bool
	var group sync.WaitGroup
	defer group.Wait()
	defer stop.Store(true)
	// A writer may note its key when the segment has gone already.
	epochs, folded := &epochLog{latest: map[string]uint32{}}, map[string]bool{}
	for w := range 3 {
		group.Go(func() {
			for i := 0; !stop.Load(); i++ {
				key := fmt.Sprint(w, "-", i)
				j.Submit(put(key))
				epochs.note(key, j.Epoch())
				if err := j.Flush(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 30 {
		upto, last, err := j.Rotate()
		if err != nil {
			t.Fatal(err)
		}
		addKeys(t, j, upto, last, folded)
		epochs.require(t, j.Epoch()-1, folded)
		if err := j.Remove(upto); err != nil {
			t.Fatal(err)
		}
	}
}

// epochLog knows the epochs of keys.
type epochLog struct {
	mu     sync.Mutex
	latest map[string]uint32
}

func (l *epochLog) note(key string, epoch uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.latest[key] = epoch
}

// require fails the test unless the keys of epochs up to done are there, and
// forgets them.
func (l *epochLog) require(t *testing.T, done uint32, there map[string]bool) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	missing := 0
	for key, epoch := range l.latest {
		if epoch > done {
			continue
		}
		if delete(l.latest, key); !there[key] {
			missing++
		}
	}
	if missing > 0 {
		t.Fatalf("%d keys of epochs up to %d are not in the segments of these", missing, done)
	}
}

// addKeys adds to there the keys of the segments up to number upto, which must
// end at last.
func addKeys(t *testing.T, j *Journal, upto, last uint64, there map[string]bool) {
	t.Helper()
	end := last // if there is no segment
	for _, seg := range j.Segments() {
		if seg.Number > upto {
			continue
		}
		var n Replayed
		err := replaySegment(seg, 0, func(r *change.Row) error { there[string(r.Key)] = true; return nil }, &n)
		if err != nil {
			t.Fatal(err)
		}
		end = seg.Last
	}
	if end != last {
		t.Fatalf("Rotate promises all up to %d, and its segments end at %d", last, end)
	}
}

func TestSubmitAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	j := open(t, options(t.TempDir()))
	set := put("key")
	run := func() {
		for range 10 {
			j.Submit(set)
		}
		if err := j.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		run()
	}
	if allocs := testing.AllocsPerRun(100, run); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// TestLargeValues: a value far above the kept buffer goes through whole.
func TestLargeValues(t *testing.T) {
	j := open(t, options(t.TempDir()))
	big := strings.Repeat("v", 3*maxSpare)
	write(t, j, "a", big, "b")
	j.Submit(put(big))
	write(t, j, "c")
	requireKeys(t, j, strings.Join([]string{"a", big, "b", big, "c"}, " "))
}
