package persist

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"kvd/internal/fail"
	"kvd/persist/disk"
)

// Compacted is the size of the data file before and after a compaction, in bytes.
type Compacted struct{ Before, After int64 }

// compactUnit is how many bytes of rows are written in one transaction.
const compactUnit = 16 << 20

// compactGrowth is by how many bytes the new file grows, and so the most that is
// free at its end.
const compactGrowth = 1 << 20

var pointCompact = fail.New("compact.switch")

// CompactPoints returns the places in a compaction at which a test can have
// something fail.
func CompactPoints() []*fail.Point { return []*fail.Point{pointCompact} }

// compactName is the name of the new file until it is complete: one that the next
// start removes.
func compactName(l layout) string { return disk.Temp(filepath.Join(l.dir, "compact.db")) }

// soundPages checks the structure of a data file.
func soundPages(path string) error {
	f, err := openPages(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return disk.Guard(func() error { return f.Check(nil) })
}

// exchange puts a new data file with the same rows in the place of the old one. It
// counts its transactions anew, so the manifest asks for none meanwhile.
func (s *Store) exchange(temp string) error {
	folded := s.foldedSeq.Load()
	m := manifest{Format: FormatVersion, State: stateReady, Sequence: folded, Folded: folded}
	if err := m.write(s.layout); err != nil {
		return err
	}
	if err := pointCompact.Err(); err != nil {
		return err
	}
	return disk.Publish(temp, s.layout.data())
}

// rewrite copies all rows of a data file into a new one, which is synced. The rows
// come in order, so the pages become as full as they may be.
func rewrite(ctx context.Context, src *bbolt.DB, temp string) error {
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	options := dataOptions(0)
	options.NoSync = true // it is worth nothing before it is complete
	dst, err := bbolt.Open(temp, 0o600, options)
	if err != nil {
		return named(temp, err)
	}
	dst.AllocSize = compactGrowth
	err = src.View(func(tx *bbolt.Tx) error {
		c := copier{ctx: ctx, dst: dst}
		return errors.Join(tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			return c.bucket([][]byte{name}, b)
		}), c.commit())
	})
	if err == nil {
		err = dst.Sync()
	}
	return errors.Join(err, dst.Close())
}

// copier writes rows in transactions of limited size.
type copier struct {
	ctx context.Context
	dst *bbolt.DB
	tx  *bbolt.Tx
	to  *bbolt.Bucket
	n   int // bytes in the transaction
}

// bucket copies a bucket with those in it.
func (c *copier) bucket(path [][]byte, from *bbolt.Bucket) error {
	if err := c.open(path); err != nil {
		return err
	}
	return from.ForEach(func(k, v []byte) error {
		if v == nil {
			if err := c.bucket(append(path[:len(path):len(path)], k), from.Bucket(k)); err != nil {
				return err
			}
			return c.open(path)
		}
		if c.n += len(k) + len(v); c.n >= compactUnit {
			if err := errors.Join(c.ctx.Err(), c.commit()); err != nil {
				return err
			}
			if err := c.open(path); err != nil {
				return err
			}
		}
		return c.to.Put(k, v)
	})
}

// open makes the bucket at path the one that is written to, and makes it.
func (c *copier) open(path [][]byte) (err error) {
	if c.tx == nil {
		if c.tx, err = c.dst.Begin(true); err != nil {
			return err
		}
	}
	b, err := c.tx.CreateBucketIfNotExists(path[0])
	for _, name := range path[1:] {
		if err != nil {
			return err
		}
		b, err = b.CreateBucketIfNotExists(name)
	}
	if err != nil {
		return err
	}
	b.FillPercent = fillPercent
	c.to = b
	return nil
}

// commit ends the transaction under way.
func (c *copier) commit() error {
	if c.tx == nil {
		return nil
	}
	tx := c.tx
	c.tx, c.to, c.n = nil, nil, 0
	return tx.Commit()
}

// Compact writes the data file anew while the store is in use, without the free
// pages that bbolt never gives back, and exchanges the two. A crash leaves the old
// file or the new one. Checkpoints wait for the end, and so the journal grows meanwhile; readers of
// the file do not wait, and the old one stays until the views of it are closed.
func (s *Store) Compact(ctx context.Context) (Compacted, error) {
	s.foldMu.Lock()
	defer s.foldMu.Unlock()
	done, err := s.compact(ctx)
	if err != nil {
		return done, fmt.Errorf("compact: %w", err)
	}
	return done, nil
}

func (s *Store) compact(ctx context.Context) (done Compacted, err error) {
	if err := s.Err(); err != nil {
		return done, err
	}
	temp := compactName(s.layout)
	defer os.Remove(temp) //nolint:errcheck // it has its own name by then, or is of no use
	// Only who holds foldMu changes db or writes to it.
	if err := s.judge(disk.Guard(func() error { return rewrite(ctx, s.db, temp) })); err != nil {
		return done, err
	}
	if err := soundPages(temp); err != nil {
		return done, err
	}
	done = Compacted{Before: fileSize(s.layout.data()), After: fileSize(temp)}
	fresh, err := bbolt.Open(temp, 0o600, dataOptions(done.After))
	if err != nil {
		return done, named(temp, err)
	}
	if err := s.exchange(temp); err != nil {
		return done, errors.Join(err, fresh.Close())
	}
	old := s.swap(fresh) // which has no name any more
	s.setLimit()
	return done, errors.Join(old.Close(), s.writeManifest(s.foldedSeq.Load()))
}

// swapPoll is how often swap looks whether views are open yet.
const swapPoll = 10 * time.Millisecond

// swap reads from a new file from now on, and returns the old one. It waits until
// no view is open before it takes its turn, since readers queue behind it then. No
// view is opened meanwhile: that takes foldMu, which the caller holds.
func (s *Store) swap(fresh *bbolt.DB) (old *bbolt.DB) {
	for s.views.Load() > 0 {
		turn := make(chan struct{})
		s.opts.Clock.AfterFunc(swapPoll, func() { close(turn) })
		<-turn
	}
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	old, s.db = s.db, fresh
	return old
}
