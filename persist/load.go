package persist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kvd/internal/change"
	"kvd/persist/codec"
	"kvd/persist/disk"
	"kvd/persist/pages"
)

// LoadStats says what Load went through.
type LoadStats struct {
	Rows         int64 // in the data file
	JournalRows  int
	JournalSets  int
	JournalBytes int64
	Duration     time.Duration
}

// Load calls fn for all that is stored: first for the rows of kind Meta in the
// data file, one after the other; then for its keys, when they are done for the
// rows of kind Head, and then for the elements, each once, in no order, from as
// many goroutines as workers says; then, in order and from one goroutine, for the
// rows of the journal, which change them: of every Op. A row is valid during its
// call.
//
// There may be elements of collections that no key has any more. Versions are not
// among the rows: ReadVersion finds them.
//
// It may be called again at any time while nothing is submitted. After a
// failure it gives what outlived it, and writes are taken again when it has
// succeeded.
func (s *Store) Load(workers int, fn func(*change.Row) error) (LoadStats, error) {
	return s.LoadParts(workers, fn, fn)
}

// LoadParts is Load for a caller that has to know where a row is: Get finds the
// rows that data is called for.
func (s *Store) LoadParts(workers int, data, journal func(*change.Row) error) (LoadStats, error) {
	s.foldMu.Lock()
	defer s.foldMu.Unlock()
	start, afterFailure := s.opts.Clock.Now(), s.j.Err() != nil
	var stats LoadStats
	err := s.loadData(workers, data, &stats)
	if err == nil {
		s.versions.pending.Reset()
		replayed, replayErr := s.j.Replay(s.foldedSeq.Load(), func(row *change.Row) error {
			if row.Kind == change.History {
				s.versions.pending.Add(row)
				return nil
			}
			return journal(row)
		})
		stats.JournalRows, stats.JournalSets, stats.JournalBytes = replayed.Rows, replayed.Sets, replayed.Bytes
		err = replayErr
	}
	stats.Duration = s.opts.Clock.Now().Sub(start)
	if _, err := s.refuse(err); err != nil {
		return stats, fmt.Errorf("load: %w", err)
	}
	if afterFailure {
		s.reloaded.Store(true)
	}
	return stats, nil
}

// leafUnit is a leaf page and the bucket that it belongs to.
type leafUnit struct {
	leaf   pages.Leaf
	bucket codec.Bucket
}

func (s *Store) loadData(workers int, fn func(*change.Row) error, stats *LoadStats) error {
	f, err := openPages(s.layout.data())
	if err != nil {
		return err
	}
	defer f.Close()
	var units []leafUnit
	err = disk.Guard(func() error {
		units, err = s.leafUnits(f)
		return err
	})
	if err != nil {
		return err
	}
	// What the engine makes of a key depends on its settings, and what it makes of
	// an element on its key.
	for _, phase := range []struct {
		kind    change.Kind
		workers int
	}{{change.Meta, 1}, {change.Key, workers}, {change.Head, workers}, {change.Element, workers}} {
		part := slices.DeleteFunc(slices.Clone(units), func(u leafUnit) bool { return u.bucket.Kind != phase.kind })
		if err := s.readUnits(part, phase.workers, fn, &stats.Rows); err != nil {
			return err
		}
	}
	return nil
}

// leafUnits lists all leaves that hold rows.
func (s *Store) leafUnits(f *pages.File) (units []leafUnit, err error) {
	tops, err := f.Root().Buckets()
	if err != nil {
		return nil, err
	}
	for _, top := range tops {
		switch string(top.Name) {
		case string(bucketMeta):
			units, err = appendUnits(units, top, codec.NewBucket(change.Meta, 0))
		case string(bucketSpaces):
			units, err = s.spaceUnits(units, top, change.Key)
		case string(bucketElements):
			units, err = s.spaceUnits(units, top, change.Element)
		case string(bucketHistory):
			units, err = s.spaceUnits(units, top, change.History)
		case string(bucketHeads):
			units, err = s.spaceUnits(units, top, change.Head)
		}
		if err != nil {
			return nil, err
		}
	}
	return units, nil
}

// spaceUnits appends the leaves of the buckets of all key spaces.
func (s *Store) spaceUnits(units []leafUnit, spaces pages.Bucket, kind change.Kind) ([]leafUnit, error) {
	list, err := spaces.Buckets()
	for _, b := range list {
		if len(b.Name) != 4 {
			return nil, &DamagedError{File: s.layout.data(), Offset: -1, What: "a key space has no number"}
		}
		units, err = appendUnits(units, b, codec.NewBucket(kind, binary.BigEndian.Uint32(b.Name)))
		if err != nil {
			return nil, err
		}
	}
	return units, err
}

func appendUnits(units []leafUnit, b pages.Bucket, bucket codec.Bucket) ([]leafUnit, error) {
	leaves, err := b.Leaves()
	for _, leaf := range leaves {
		units = append(units, leafUnit{leaf: leaf, bucket: bucket})
	}
	return units, err
}

// readUnits has workers take units in turn until all are read or one failed, and
// adds the number of rows to rows.
func (s *Store) readUnits(units []leafUnit, workers int, fn func(*change.Row) error, rows *int64) error {
	const share = 16 // leaves taken at once
	var (
		next  atomic.Int64
		total atomic.Int64
		group sync.WaitGroup
		mu    sync.Mutex
		first error
	)
	for range max(workers, 1) {
		group.Go(func() {
			err := disk.Guard(func() error {
				for {
					from := next.Add(share) - share
					if from >= int64(len(units)) {
						return nil
					}
					part := units[from:min(from+share, int64(len(units)))]
					n, err := s.readShare(part, fn)
					total.Add(n)
					if err != nil {
						return err
					}
				}
			})
			if err != nil {
				next.Store(int64(len(units)))
				mu.Lock()
				first = errors.Join(first, err)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	*rows += total.Load()
	return first
}

// readShare calls fn for every row of some leaves.
func (s *Store) readShare(units []leafUnit, fn func(*change.Row) error) (rows int64, err error) {
	var row change.Row
	for _, u := range units {
		err := u.leaf.Each(func(key, value []byte) error {
			if err := u.bucket.ReadValue(key, value, &row); err != nil {
				return s.rowDamage(u.leaf.Offset(), u.bucket, key, err)
			}
			rows++
			return fn(&row)
		})
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}
