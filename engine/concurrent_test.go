package engine

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"

	"kvd/internal/clock"
)

const accounts = 300

// transfer moves one unit between accounts, in one Tx over their keys.
func transfer(e *Engine, r *rand.Rand) {
	keys := [][]byte{key(r.IntN(accounts)), key(r.IntN(accounts)), key(r.IntN(accounts))}
	var lock Lock
	for _, k := range keys {
		e.AddKey(&lock, k)
	}
	tx := e.Begin(0, 0, 0, &lock)
	defer tx.Commit()
	for i, by := range []int64{-2, 1, 1} {
		s, _ := tx.String(keys[i])
		n := int64(binary.LittleEndian.Uint64(s.Bytes()))
		// Values of several sizes, so that cells move.
		val := make([]byte, 8+r.IntN(60))
		binary.LittleEndian.PutUint64(val, uint64(n+by))
		tx.SetString(keys[i], val, NoExpiry)
	}
}

func total(e *Engine) (sum int64) {
	do(e, func(tx *Tx) {
		for i := range accounts {
			s, _ := tx.String(key(i))
			sum += int64(binary.LittleEndian.Uint64(s.Bytes()))
		}
	})
	return sum
}

// TestConcurrentTransfers: many goroutines lock overlapping sets of keys while
// others scan, compact, flush another database, evict and read totals. Nothing
// deadlocks and nothing is lost.
func TestConcurrentTransfers(t *testing.T) {
	e := New(Options{Store: &journal{}, Clock: &clock.System{}, Databases: 4, Shards: 16, Memory: MemoryPolicy{Samples: 5}})
	defer e.Close()
	e.StartBackground(nil)
	defer e.StopBackground()
	for i := range accounts {
		put(e, i, i+1, 8, NoExpiry)
	}
	var others, work sync.WaitGroup
	end := make(chan struct{})
	again := func(fn func(r *rand.Rand)) {
		others.Go(func() {
			r := rand.New(rand.NewPCG(7, 8))
			for {
				select {
				case <-end:
					return
				default:
					fn(r)
				}
			}
		})
	}
	again(func(*rand.Rand) {
		if sum := total(e); sum != 0 {
			t.Errorf("the sum is %d in between", sum)
		}
	})
	again(func(*rand.Rand) { e.Compact(1 << 16) })
	again(func(*rand.Rand) {
		tx := e.Begin(0, 0, Reads, &Lock{})
		tx.Scan(0, 100, func(Item) {})
		tx.RandomKey()
		tx.Commit()
	})
	again(func(r *rand.Rand) {
		var lock Lock
		e.AddAll(&lock)
		tx := e.Begin(1, e.opt.Clock.Now().UnixMilli(), 0, &lock)
		for range 100 {
			tx.SetString(key(r.IntN(10_000)), make([]byte, r.IntN(200)), Expiry(tx.Now()+r.Int64N(5)-1))
		}
		if r.IntN(4) == 0 {
			tx.Flush(1)
		}
		tx.Commit()
	})
	for g := range 8 {
		work.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(g)))
			for range 2000 {
				transfer(e, r)
			}
		})
	}
	work.Wait()
	close(end)
	others.Wait()
	if sum := total(e); sum != 0 {
		t.Errorf("the sum is %d at the end", sum)
	}
}

// TestSharedValueStays: what a client is being sent does not change, whatever
// happens to the key meanwhile.
func TestSharedValueStays(t *testing.T) {
	for name, between := range map[string]func(tx *Tx){
		"nothing": func(*Tx) {},
		"expire":  func(tx *Tx) { tx.Expire(key(0), Expiry(tx.Now()+1000)) },
		"rename":  func(tx *Tx) { _ = tx.Rename(key(0), key(1)); _ = tx.Rename(key(1), key(0)) },
		"move":    func(tx *Tx) { _, _ = tx.Move(key(0), 1); tx.Select(1); _, _ = tx.Move(key(0), 0); tx.Select(0) },
		"copy":    func(tx *Tx) { _, _ = tx.Copy(key(0), key(1), 0); _ = tx.Rename(key(1), key(0)) },
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := newEngine(t)
			put(e, 0, 1, 2*Large, NoExpiry)
			var held *Blob
			do(e, func(tx *Tx) {
				s, _ := tx.String(key(0))
				held = s.Share()
				between(tx)
				_, _ = tx.SetRange(key(0), 5, []byte("changed"))
			})
			for i, c := range held.Bytes() {
				if c != 0 {
					t.Fatalf("byte %d has changed", i)
				}
			}
			held.Release()
			var first, second *byte
			do(e, func(tx *Tx) {
				s, _ := tx.String(key(0))
				first = &s.Bytes()[0]
				_, _ = tx.SetRange(key(0), 5, []byte("again"))
				s, _ = tx.String(key(0))
				second = &s.Bytes()[0]
				if string(s.Bytes()[5:12]) != "agained" {
					t.Errorf("the value is %q", s.Bytes()[5:12])
				}
			})
			if first != second {
				t.Error("a value that nobody holds was copied")
			}
		})
	}
}

// TestGapIsZero: what lies in memory behind a large value does not become part
// of it.
func TestGapIsZero(t *testing.T) {
	e, _ := newEngine(t)
	buffer := bytes.Repeat([]byte("x"), 2*Large)
	do(e, func(tx *Tx) {
		tx.SetString(key(0), buffer[:Large], NoExpiry)
		n, err := tx.SetRange(key(0), Large+10, []byte("!"))
		s, _ := tx.String(key(0))
		if gap := s.Bytes()[Large : Large+10]; err != nil || n != Large+11 || !bytes.Equal(gap, make([]byte, 10)) {
			t.Errorf("%d bytes, the gap is %q: %v", n, gap, err)
		}
	})
}
