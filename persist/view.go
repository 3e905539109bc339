package persist

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"kvd/internal/change"
	"kvd/persist/codec"
	"kvd/persist/disk"
)

// View is all that was stored at one moment. Writers go on; the data file can't
// use its free pages again until the view is closed. It belongs to one goroutine.
type View struct {
	path  string
	seq   uint64
	tx    *bbolt.Tx
	close []func() error // in turn
	rows  int            // read since pages were released
}

// releaseRows is after how many rows the pages that were read are given back, so
// that a view of a large file does not look like a large process.
const releaseRows = 50_000

// noteRow counts a row that was read.
func (v *View) noteRow() {
	if v.rows++; v.rows >= releaseRows {
		v.rows = 0
		v.release()
	}
}

func (v *View) release() { disk.ReleasePages(v.tx.DB().Info().Data, v.tx.Size()) }

// Spool says when a view is made of a copy instead of the data file, which would
// grow for as long as the view is open.
type Spool struct {
	Above int64  // the size of the data file in bytes above which it is copied
	Dir   string // where the copy goes; it is removed with the view
}

// View folds all that has been submitted into the data file and returns the state
// after that: the effect of the sets 1 to Seq, and of none after them.
func (s *Store) View(ctx context.Context, spool Spool) (*View, error) {
	// Most of the work is done in the background, so that little is left to do
	// while others wait for their folds.
	if err := s.Checkpoint(ctx); err != nil {
		return nil, err
	}
	v, err := s.freeze()
	if err != nil {
		return nil, fmt.Errorf("view of the data file: %w", err)
	}
	if v.tx.Size() <= spool.Above {
		return v, nil
	}
	return v.copied(spool.Dir)
}

// freeze folds what is left and opens a read transaction before the next fold.
func (s *Store) freeze() (*View, error) {
	s.foldMu.Lock()
	defer s.foldMu.Unlock()
	if _, err := s.foldAll(); err != nil {
		return nil, err
	}
	s.dbMu.RLock()
	if s.db == nil {
		s.dbMu.RUnlock()
		return nil, s.Err()
	}
	tx, err := s.db.Begin(false)
	if err != nil {
		s.dbMu.RUnlock()
		return nil, err
	}
	s.views.Add(1)
	return &View{path: s.layout.data(), seq: s.foldedSeq.Load(), tx: tx, close: []func() error{
		tx.Rollback,
		func() error { s.dbMu.RUnlock(); s.views.Add(-1); return nil },
	}}, nil
}

// copied replaces the view by one of a copy of its pages.
func (v *View) copied(dir string) (*View, error) {
	temp := disk.Temp(filepath.Join(dir, "spool"))
	err := disk.Guard(func() error { return v.tx.CopyFile(temp, 0o600) })
	if err = errors.Join(err, v.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("copy the data file: %w", err), os.Remove(temp))
	}
	out, err := openView(temp)
	if err != nil {
		return nil, errors.Join(err, os.Remove(temp))
	}
	out.seq = v.seq
	out.close = append(out.close, func() error { return os.Remove(temp) })
	return out, nil
}

// openView opens a data file that nobody writes.
func openView(path string) (*View, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, ReadOnly: true})
	if err != nil {
		return nil, named(path, err)
	}
	tx, err := db.Begin(false)
	if err != nil {
		return nil, errors.Join(named(path, err), db.Close())
	}
	return &View{path: path, tx: tx, close: []func() error{tx.Rollback, db.Close}}, nil
}

// Close ends the view. It may be called again.
func (v *View) Close() error {
	var errs []error
	if len(v.close) > 0 {
		v.release()
	}
	for _, fn := range v.close {
		errs = append(errs, fn())
	}
	v.close = nil
	return errors.Join(errs...)
}

// Seq is the number of the newest set that the view has.
func (v *View) Seq() uint64 { return v.seq }

// Size is the size of the data in bytes, with what is free in it.
func (v *View) Size() int64 { return v.tx.Size() }

// Meta calls fn for the rows of kind Meta, in the order of their names. Rows are
// valid during the call, here and below.
func (v *View) Meta(fn func(*change.Row) error) error {
	return v.each(v.tx.Bucket(bucketMeta), codec.NewBucket(change.Meta, 0), nil, fn)
}

// Keys calls fn for the keys of a space, in the order in which they are stored:
// that of CompareKeys.
func (v *View) Keys(space uint32, fn func(*change.Row) error) error {
	return v.each(v.bucket(bucketSpaces, space), codec.NewBucket(change.Key, space), nil, fn)
}

// Elements calls fn for the elements of a collection, in the order of their
// stored names.
func (v *View) Elements(space uint32, id uint64, fn func(*change.Row) error) error {
	prefix := codec.StoredPrefix(nil, id)
	return v.each(v.bucket(bucketElements, space), codec.NewBucket(change.Element, space), prefix, fn)
}

func (v *View) bucket(top []byte, space uint32) *bbolt.Bucket {
	if b := v.tx.Bucket(top); b != nil {
		return b.Bucket(spaceName(space))
	}
	return nil
}

func (v *View) each(b *bbolt.Bucket, home codec.Bucket, prefix []byte, fn func(*change.Row) error) error {
	if b == nil {
		return nil
	}
	return disk.Guard(func() error {
		var row change.Row
		c := b.Cursor()
		for name, value := c.Seek(prefix); name != nil && bytes.HasPrefix(name, prefix); name, value = c.Next() {
			if err := home.ReadValue(name, value, &row); err != nil {
				return &DamagedError{File: v.path, Offset: -1, What: fmt.Sprintf("the row stored as %.64q: %v", name, err)}
			}
			if err := fn(&row); err != nil {
				return err
			}
			v.noteRow()
		}
		return nil
	})
}

// Spaces returns the key spaces that have keys.
func (v *View) Spaces() (spaces []uint32, err error) {
	b := v.tx.Bucket(bucketSpaces)
	if b == nil {
		return nil, nil
	}
	err = disk.Guard(func() error {
		return b.ForEachBucket(func(name []byte) error {
			if len(name) == 4 {
				spaces = append(spaces, binary.BigEndian.Uint32(name))
			}
			return nil
		})
	})
	return spaces, err
}

// CompareKeys orders keys as they are stored: the long ones first, by a hash, and
// then the others by their bytes.
func CompareKeys(a, b []byte) int {
	var roomA, roomB [128]byte
	return bytes.Compare(codec.StoredKey(roomA[:0], a), codec.StoredKey(roomB[:0], b))
}
