package persist

import (
	"errors"

	"go.etcd.io/bbolt"

	"kvd/internal/change"
	"kvd/internal/fail"
	"kvd/persist/disk"
	"kvd/persist/history"
	"kvd/persist/journal"
)

var pointCommit = fail.New("checkpoint.commit")

// folder writes a stretch of the journal into the data file.
//
// The rows of a window are written in several transactions, and only the last
// one says that the window is in the file. A crash in between leaves rows of a
// state that the journal goes past: replaying it from the start of the window
// gives the right one, since rows are absolute.
type folder struct {
	s      *Store
	w      *window
	rows   int    // written so far
	arena  []byte // values of the current transaction
	name   []byte
	old    []byte   // the stored row that is being changed
	value  []byte   // what edits have made of a value
	places []uint64 // of the edits of the row that is being written
	gone   gone

	versions *history.Writer // nil: there was none
	run      []change.Row    // the versions of a key that are being written
}

// fold writes the rows of segs with numbers above the last folded one.
func (s *Store) fold(segs []journal.Segment, last uint64) (rows int, err error) {
	f := &folder{s: s, w: newWindow()}
	err = disk.Guard(func() error { return f.read(segs, last) })
	return f.rows, errors.Join(s.judge(err), f.w.close())
}

// read goes through the segments and writes a window whenever it is full.
func (f *folder) read(segs []journal.Segment, last uint64) error {
	after := f.s.foldedSeq.Load()
	done := after
	for _, seg := range segs {
		if seg.Last <= after {
			continue
		}
		m, err := seg.Map()
		if err != nil {
			return err
		}
		f.w.maps = append(f.w.maps, m)
		err = m.Frames(after, func(frame journal.Frame) error {
			if f.w.full(f.s.opts.WindowRows) {
				if err := f.write(done); err != nil {
					return err
				}
			}
			done = frame.Last
			return frame.EachRow(func(offset int64, r *change.Row) error {
				f.w.add(offset, r)
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return f.write(last)
}

// write puts the window into the data file, which then has all up to seq.
func (f *folder) write(seq uint64) error {
	list := f.w.sorted()
	f.gone = gone{}
	if err := f.dropSpaces(); err != nil {
		return err
	}
	for {
		if err := f.s.j.Err(); err != nil {
			return err // Load is waiting
		}
		n := 0
		err := f.s.update(func(tx *bbolt.Tx) error {
			var err error
			if n, err = f.batch(tx, list); err != nil {
				return err
			}
			if n == len(list) {
				if err := putFolded(tx, seq); err != nil {
					return err
				}
			}
			return pointCommit.Err()
		})
		if err != nil {
			return err
		}
		if list = list[n:]; len(list) == 0 {
			break
		}
	}
	f.s.foldedSeq.Store(seq)
	f.w.reset()
	return nil
}

// dropSpaces removes the key spaces that were dropped in the window. Rows that
// were written after the Drop come later.
func (f *folder) dropSpaces() error {
	if len(f.w.drops) == 0 {
		return nil
	}
	return f.s.update(func(tx *bbolt.Tx) error {
		for space := range f.w.drops {
			for _, kind := range []change.Kind{change.Key, change.Element, change.History, change.Head} {
				if spaceBucket(tx, kind, space) == nil {
					continue
				}
				if err := tx.Bucket(topOf(kind)).DeleteBucket(spaceName(space)); err != nil {
					return err
				}
			}
		}
		return pointCommit.Err()
	})
}
