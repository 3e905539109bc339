package persist

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"

	"kvd/internal/change"
	"kvd/internal/fail"
	"kvd/persist/codec"
	"kvd/persist/disk"
)

var (
	pointBuild   = fail.New("build.commit")
	pointReplace = fail.New("build.replace")
)

// BuildPoints returns the places in Builder and Replace at which a test can have
// something fail.
func BuildPoints() []*fail.Point { return []*fail.Point{pointBuild, pointReplace} }

// Builder makes a data file beside the one in use, for Replace. Nothing depends on
// it before that: after a crash, the next Open removes it.
type Builder struct {
	path  string
	db    *bbolt.DB
	tx    *bbolt.Tx
	batch batch
	name  []byte
}

// buildRows is how many rows are written in one transaction.
const buildRows = 50_000

// NewBuilder begins a data file in dir, which is to be the directory of the store
// that it is for.
func NewBuilder(dir string) (*Builder, error) {
	b := &Builder{path: disk.Temp(filepath.Join(dir, "built"))}
	if err := os.Remove(b.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("build data file: %w", err)
	}
	opts := dataOptions(0)
	// Nobody trusts the file before Close has synced all of it at once.
	opts.NoSync, opts.NoGrowSync = true, true
	db, err := bbolt.Open(b.path, 0o600, opts)
	if err == nil {
		b.db = db
		err = b.begin()
	}
	for _, name := range topBuckets() {
		if err == nil {
			_, err = b.tx.CreateBucket(name)
		}
	}
	if err != nil {
		b.Abandon()
		return nil, fmt.Errorf("build data file: %w", err)
	}
	return b, nil
}

func (b *Builder) begin() (err error) {
	b.batch = batch{}
	b.tx, err = b.db.Begin(true)
	return err
}

// Put writes a row of Op Put. It is quick for rows that come in the order in which
// they are stored, those of each kind and space by themselves.
func (b *Builder) Put(row *change.Row) error {
	if b.batch.full(buildRows) {
		if err := b.commit(); err != nil {
			return fmt.Errorf("build data file: %w", err)
		}
	}
	if err := b.batch.enter(b.tx, row); err != nil {
		return fmt.Errorf("build data file: %w", err)
	}
	home := b.batch.home
	b.name = codec.StoredName(b.name[:0], row)
	// The file keeps what it is given until the commit.
	value := home.AppendValue(make([]byte, 0, len(row.Value)+len(row.Key)+codec.MaxStoredOverhead), b.name, row)
	if err := b.batch.b.Put(b.name, value); err != nil {
		return fmt.Errorf("build data file: %w", err)
	}
	b.batch.rows++
	b.batch.bytes += len(b.name) + len(value)
	return nil
}

func (b *Builder) commit() error {
	if err := pointBuild.Err(); err != nil {
		return err
	}
	if err := b.tx.Commit(); err != nil {
		return err
	}
	return b.begin()
}

// View ends the building and returns what was built. The file stays until Abandon.
func (b *Builder) View() (*View, error) {
	if err := b.finish(0); err != nil {
		return nil, err
	}
	return openView(b.path)
}

// finish writes all that was put, as the state after the set with this number.
func (b *Builder) finish(seq uint64) error {
	err := b.tx.Commit()
	if err == nil {
		err = b.db.Update(func(tx *bbolt.Tx) error { return putFolded(tx, seq) })
	}
	if err == nil {
		err = b.db.Sync()
	}
	err = errors.Join(err, b.db.Close())
	b.db = nil
	if err != nil {
		return fmt.Errorf("build data file: %w", err)
	}
	return nil
}

// Abandon removes what was built, unless it has become the data file.
func (b *Builder) Abandon() {
	if b.db != nil {
		if b.tx != nil {
			_ = b.tx.Rollback()
		}
		_ = b.db.Close()
		b.db = nil
	}
	_ = os.Remove(b.path)
}

// Replace makes what was built the contents of the store, in one step: after a
// crash there is all of the old contents or all of the new. Nothing may be
// submitted during the call, and the caller is to Load what there is after it,
// whether it has failed or not.
func (s *Store) Replace(b *Builder) error {
	s.foldMu.Lock()
	defer s.foldMu.Unlock()
	if err := s.replace(b); err != nil {
		return fmt.Errorf("replace the data file: %w", err)
	}
	s.limit.Store(s.opts.MaxJournal)
	return nil
}

func (s *Store) replace(b *Builder) error {
	// With an empty journal the data file is all there is.
	if _, err := s.foldAll(); err != nil {
		return err
	}
	seq := s.foldedSeq.Load()
	if err := b.finish(seq); err != nil {
		return err
	}
	// The new file counts its transactions anew.
	m := manifest{Format: FormatVersion, State: stateReady, Sequence: seq, Folded: seq}
	if err := m.write(s.layout); err != nil {
		return err
	}
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	if err := pointReplace.Err(); err != nil {
		return err
	}
	if err := disk.Publish(b.path, s.layout.data()); err != nil {
		return err
	}
	old := s.db
	s.db = nil
	err := errors.Join(old.Close(), s.openData(0))
	if err != nil {
		err = fmt.Errorf("open the new data file: %w", err)
		if s.breakDown(err) {
			s.logBroken(err)
		}
	}
	return err
}
