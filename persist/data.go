package persist

import (
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"kvd/internal/change"
	"kvd/persist/codec"
	"kvd/persist/disk"
	"kvd/persist/pages"
)

// fillPercent leaves some room in pages that are written in order, so that
// values may grow a little before pages split.
const fillPercent = 0.9

// dataOptions: the list of free pages is found by a scan at open instead of
// being written with each commit, and the mapping is large enough that it
// seldom has to be renewed, for which readers would have to wait.
func dataOptions(size int64) *bbolt.Options {
	const reserve = 1 << 30
	return &bbolt.Options{
		Timeout: time.Second, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType,
		InitialMmapSize: int(max(reserve, 2*size)), NoStatistics: true,
	}
}

// openData verifies the data file and opens it. Transaction is the least that
// it must have got to.
func (s *Store) openData(transaction uint64) error {
	path := s.layout.data()
	size, err := s.verifyData(path, transaction)
	if err != nil {
		return err
	}
	return disk.Guard(func() error {
		db, err := bbolt.Open(path, 0o600, dataOptions(size))
		if err != nil {
			return named(path, err)
		}
		s.db = db
		return nil
	})
}

// verifyData checks the structure of the file, so that bbolt can trust it.
func (s *Store) verifyData(path string, transaction uint64) (size int64, err error) {
	f, err := openPages(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if f.Txid() < transaction {
		return 0, &DamagedError{File: path, Offset: 0, What: fmt.Sprintf("it has gone back to transaction %d; %d is expected", f.Txid(), transaction)}
	}
	if f.IsHalf() {
		s.log.Warn().Str("file", path).Msg("one of the two meta pages of the data file is not valid; the other is used")
	}
	return f.Size(), disk.Guard(func() error { return f.Check(nil) })
}

// openPages opens the data file for reading page by page.
func openPages(path string) (*pages.File, error) {
	f, err := pages.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &DamagedError{File: path, Offset: -1, What: "the file is missing"}
	}
	return f, err
}

// view runs fn in a read transaction.
func (s *Store) view(fn func(*bbolt.Tx) error) error {
	s.dbMu.RLock()
	defer s.dbMu.RUnlock()
	if s.db == nil {
		return s.Err()
	}
	return s.judge(disk.Guard(func() error { return s.db.View(fn) }))
}

// update runs fn in a write transaction. After an error the state of the file
// is in doubt: it is verified and opened anew. The caller holds foldMu.
func (s *Store) update(fn func(*bbolt.Tx) error) error {
	if err := s.broken.Load(); err != nil {
		return *err
	}
	err := s.judge(disk.Guard(func() error { return s.db.Update(fn) }))
	if err != nil && s.broken.Load() == nil {
		s.reopen()
	}
	return err
}

// judge stops all writes if err says that the data file is damaged, and logs it.
func (s *Store) judge(err error) error {
	first, err := s.refuse(err)
	if first {
		s.logBroken(err)
	}
	return err
}

// refuse is judge for an error that the caller reports: it does not log. First
// is set for the damage that stops the writes.
func (s *Store) refuse(err error) (first bool, _ error) {
	if errors.Is(err, disk.ErrFault) {
		err = &DamagedError{File: s.layout.data(), Offset: -1, What: err.Error()}
	}
	return isDamage(err) && s.breakDown(err), err
}

// breakDown refuses writes until the process is started again. It reports
// whether they were taken before.
func (s *Store) breakDown(err error) bool {
	if !s.broken.CompareAndSwap(nil, &err) {
		return false
	}
	s.notify()
	return true
}

func (s *Store) logBroken(err error) {
	s.log.Error().Err(err).Msg("storage is damaged: no more writes are taken")
}

// reopen exchanges the data file's handle after a failed commit.
func (s *Store) reopen() {
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	_ = s.db.Close()
	s.db = nil
	if err := s.openData(0); err != nil {
		err = fmt.Errorf("open the data file again: %w", err)
		if s.breakDown(err) {
			s.logBroken(err)
		}
	}
}

// Get reads the stored row of a key from the data file and calls fn with it;
// the row is valid during the call. Changes that are not yet folded are not
// seen.
func (s *Store) Get(space uint32, key []byte, fn func(*change.Row) error) (found bool, err error) {
	var nameBuf [64]byte
	home, name := codec.NewBucket(change.Key, space), codec.StoredKey(nameBuf[:0], key)
	err = s.view(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketSpaces).Bucket(spaceName(space))
		if b == nil {
			return nil
		}
		value := b.Get(name)
		if value == nil {
			return nil
		}
		found = true
		var row change.Row
		if err := home.ReadValue(name, value, &row); err != nil {
			return s.rowDamage(-1, home, name, err)
		}
		return fn(&row)
	})
	return found, err
}

// rowDamage is the error for a row, stored under name, that can't be right.
func (s *Store) rowDamage(offset int64, home codec.Bucket, name []byte, err error) error {
	id, stored := home.Split(name)
	what := fmt.Sprintf("key %.64q", stored[min(1, len(stored)):])
	switch home.Kind {
	case change.Element:
		what = fmt.Sprintf("element %.64q of collection %d", stored[min(1, len(stored)):], id)
	case change.History:
		what = fmt.Sprintf("version %d of key %.64q", id, stored[min(1, len(stored)):])
	}
	return &DamagedError{File: s.layout.data(), Offset: offset, What: fmt.Sprintf("the row of %s: %v", what, err)}
}

// transaction is the newest transaction of the data file.
func (s *Store) transaction() (id uint64, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		id = uint64(tx.ID())
		return nil
	})
	return id, err
}
