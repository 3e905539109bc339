package engine

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"kvd/internal/change"
)

func newDiskEngine(t *testing.T, opt Options) (*Engine, *disk, func(time.Duration)) {
	t.Helper()
	d := newDisk()
	opt.Store = d
	e, c := newEngineWith(t, opt)
	return e, d, c.Advance
}

// onDisk counts the values that are not in memory.
func onDisk(e *Engine) (n int) {
	do(e, func(tx *Tx) { n = tx.Survey().Databases[0].OnDisk })
	return n
}

// TestUnloadedValuesComeBack: under an unload policy no key is ever lost.
func TestUnloadedValuesComeBack(t *testing.T) {
	for _, policy := range []Policy{UnloadLRU, UnloadLFU} {
		t.Run(policy.String(), func(t *testing.T) {
			e, d, advance := newDiskEngine(t, Options{})
			const n = 2000
			text := func(i int) string { return fmt.Sprintf("%0*d", 20+i*37%1500, i) }
			for i := range n {
				must(t, set(e, i, text(i), Expiry(1_800_000_000_000*int64(i%2))))
			}
			must(t, set(e, n, string(bytes.Repeat([]byte("x"), 2*Large)), NoExpiry))
			d.checkpoint()
			advance(time.Minute)
			shrink(t, e, policy, 0.4)
			if cold := onDisk(e); cold < n/4 || present(e, 0, n+1) != n+1 {
				t.Fatalf("%d values unloaded, %d keys", cold, present(e, 0, n+1))
			}
			e.SetMemoryPolicy(MemoryPolicy{})
			for i := range n {
				if got, err := get(e, i); err != nil || got != text(i) {
					t.Fatalf("key %d is %q: %v", i, got, err)
				}
			}
			if got, err := get(e, n); err != nil || len(got) != 2*Large {
				t.Fatalf("the large value has %d bytes: %v", len(got), err)
			}
			if cold := onDisk(e); cold != 0 {
				t.Errorf("%d values are still on disk only", cold)
			}
			if len(d.rows) != n+1 {
				t.Errorf("unloading has written %d rows", len(d.rows)-n-1)
			}
			checkDeadlines(t, e)
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func set(e *Engine, i int, text string, exp Expiry) error {
	k := string(key(i))
	return run(e, 0, e.opt.Clock.Now().UnixMilli(), []string{k}, func(tx *Tx) error {
		tx.SetString([]byte(k), []byte(text), exp)
		return nil
	})
}

func get(e *Engine, i int) (text string, err error) {
	k := string(key(i))
	err = run(e, 0, e.opt.Clock.Now().UnixMilli(), []string{k}, func(tx *Tx) error {
		s, err := tx.String([]byte(k))
		text = string(s.Bytes())
		return err
	})
	return text, err
}

// unloadKey drops a value from memory and reports whether that was allowed.
func unloadKey(e *Engine, i int) (done bool) {
	do(e, func(tx *Tx) {
		if f, ok := tx.find(key(i)); ok && f.shard.unloadable(f.entry) {
			tx.unload(f, key(i))
			done = true
		}
	})
	return done
}

// TestDirtyValuesStay: what the last checkpoint has not folded is not unloaded.
func TestDirtyValuesStay(t *testing.T) {
	const text = "a text of some length"
	e, d, _ := newDiskEngine(t, Options{})
	must(t, set(e, 0, text, NoExpiry))
	if unloadKey(e, 0) {
		t.Fatal("a value was unloaded before any checkpoint")
	}
	d.checkpoint()
	must(t, set(e, 0, text+"!", NoExpiry))
	if unloadKey(e, 0) {
		t.Fatal("a value was unloaded that has changed since the checkpoint")
	}
	for range 9 { // the two bits of an epoch wrap twice
		d.checkpoint()
	}
	if !unloadKey(e, 0) {
		t.Fatal("a value that is on disk was not unloaded")
	}
	if got, err := get(e, 0); err != nil || got != text+"!" {
		t.Fatalf("got %q, %v", got, err)
	}
	must(t, set(e, 1, "short", NoExpiry))
	d.checkpoint()
	if unloadKey(e, 1) {
		t.Error("a value that is not worth it was unloaded")
	}
}

// TestCommitAcrossCheckpoint: a change whose Tx has begun before a checkpoint is
// not taken for one that the checkpoint has.
func TestCommitAcrossCheckpoint(t *testing.T) {
	e, d, _ := newDiskEngine(t, Options{})
	tx := e.BeginKey(0, 0, 0, key(0))
	d.checkpoint()
	tx.SetString(key(0), []byte("a text of some length"), NoExpiry)
	tx.Commit()
	if unloadKey(e, 0) {
		t.Error("the value was unloaded although the disk does not know it")
	}
}

// TestFetchRace: a value that is written and unloaded anew while the old one is
// read from disk is not replaced by it.
func TestFetchRace(t *testing.T) {
	const older, newer = "the older text of a key", "the newer text of a key"
	e, d, _ := newDiskEngine(t, Options{})
	must(t, set(e, 0, older, NoExpiry))
	d.checkpoint()
	if !unloadKey(e, 0) {
		t.Fatal("not unloaded")
	}
	d.onGet = func() {
		d.onGet = nil
		must(t, set(e, 0, newer, NoExpiry))
		d.checkpoint()
		if !unloadKey(e, 0) {
			t.Error("not unloaded again")
		}
	}
	if got, err := get(e, 0); err != nil || got != newer {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestFetchFails: a row that is missing or has another length is a fault, not a
// value.
func TestFetchFails(t *testing.T) {
	e, d, _ := newDiskEngine(t, Options{})
	must(t, set(e, 0, "a text of some length", NoExpiry))
	d.checkpoint()
	unloadKey(e, 0)
	clear(d.folded)
	if err := e.Fetch(0, key(0)); err == nil {
		t.Error("a missing row was no error")
	}
	if err := e.Fetch(0, key(1)); err != nil {
		t.Errorf("a key that is gone: %v", err)
	}
}

// TestColdKeysMove: what is on disk only can be deleted, expired and flushed as
// it is, and is fetched where its value is needed.
func TestColdKeysMove(t *testing.T) {
	const text = "a text of some length"
	e, d, advance := newDiskEngine(t, Options{})
	for i := range 5 {
		must(t, set(e, i, text, NoExpiry))
	}
	d.checkpoint()
	for i := range 5 {
		if !unloadKey(e, i) {
			t.Fatal("not unloaded")
		}
	}
	do(e, func(tx *Tx) {
		tx.Delete(key(0))
		tx.Expire(key(1), Expiry(tx.Now()+10))
		tx.Expire(key(1), Expiry(tx.Now()+20))
		if err := tx.Rename(key(2), key(9)); !errors.Is(err, ErrCold) {
			t.Errorf("Rename: %v", err)
		}
		if _, err := tx.Append(key(3), []byte("!")); !errors.Is(err, ErrCold) {
			t.Errorf("Append: %v", err)
		}
		if o, _ := tx.Object(key(3)); !o.OnDisk || o.Length != len(text) {
			t.Errorf("Object: %+v", o)
		}
		tx.SetString(key(4), []byte("new"), NoExpiry)
	})
	if onDisk(e) != 3 || d.gets != 0 {
		t.Errorf("%d values on disk, %d reads", onDisk(e), d.gets)
	}
	advance(15 * time.Millisecond)
	if got, err := get(e, 1); err != nil || got != text {
		t.Errorf("got %q, %v", got, err)
	}
	advance(15 * time.Millisecond)
	if e.ExpireDue() != 1 || onDisk(e) != 2 {
		t.Errorf("%d values on disk", onDisk(e))
	}
	do(e, func(tx *Tx) { tx.Flush(0) })
	if onDisk(e) != 0 || e.Used() != 0 {
		t.Errorf("%d values on disk, %d bytes in use", onDisk(e), e.Used())
	}
}

// TestLoadKeepsLargeValuesOnDisk: a restart does not read them.
func TestLoadKeepsLargeValuesOnDisk(t *testing.T) {
	e, d, _ := newDiskEngine(t, Options{})
	row := change.Row{Op: change.Put, Kind: change.Key, Type: change.String, Key: key(0), Value: make([]byte, Large)}
	d.folded[diskKey{change.Key, 0, 0, string(key(0))}] = row
	must(t, e.Load(&row, true))
	if onDisk(e) != 1 {
		t.Error("the value is in memory")
	}
	if got, err := get(e, 0); err != nil || len(got) != Large {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if !unloadKey(e, 0) {
		t.Error("a value that was read from disk cannot be unloaded")
	}
	must(t, e.Load(&row, false))
	if onDisk(e) != 0 {
		t.Error("a value of the journal is not in memory")
	}
}

// TestWantCheckpoint: when only a checkpoint can help, the background asks for
// one, once a second.
func TestWantCheckpoint(t *testing.T) {
	asked := 0
	e, d, advance := newDiskEngine(t, Options{WantCheckpoint: func() { asked++ }})
	put(e, 0, 1000, 1000, NoExpiry)
	e.SetMemoryPolicy(MemoryPolicy{Limit: e.Used() / 2, Policy: UnloadLRU, Samples: 5})
	if e.MakeRoom() || asked != 0 {
		t.Fatal("dirty values made room")
	}
	e.StartBackground(nil)
	defer e.StopBackground()
	advance(900 * time.Millisecond)
	if asked != 1 {
		t.Errorf("asked %d times within a second", asked)
	}
	advance(1100 * time.Millisecond)
	if asked != 2 {
		t.Errorf("asked %d times within two seconds", asked)
	}
	d.checkpoint()
	advance(200 * time.Millisecond)
	if e.Full() || present(e, 0, 1000) != 1000 {
		t.Errorf("%d bytes in use after the checkpoint, %d keys", e.Used(), present(e, 0, 1000))
	}
	advance(2 * time.Second)
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}
