package persist

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"kvd/internal/change"
	"kvd/persist/disk"
	"kvd/persist/journal"
	"kvd/persist/pages"
)

// Report is what Check found.
type Report struct {
	Faults      []error // most are *DamagedError; empty: the directory is sound
	Transaction uint64  // of the data file
	DataBytes   int64
	Rows        int64 // in the data file
	Journal     journal.Checked
}

// maxFaults ends the list of a file that is no data file at all.
const maxFaults = 1000

// Check reads a data directory that no process uses, changing nothing: the
// manifest, every page and row of the data file, every record of the journal.
// Its error says that the check could not be made; faults are in the report.
func Check(ctx context.Context, dir string) (Report, error) {
	if _, err := os.Stat(dir); err != nil {
		return Report{}, fmt.Errorf("check: %w", err)
	}
	c := &check{ctx: ctx, layout: layout{dir: dir}}
	lock, err := acquire(c.layout)
	if err != nil {
		return c.Report, fmt.Errorf("check: %w", err)
	}
	defer lock.release()
	m, err := readManifest(c.layout)
	if err != nil {
		c.add(err)
	}
	c.data(m)
	if err := ctx.Err(); err != nil {
		return c.Report, fmt.Errorf("check: %w", err)
	}
	folded, err := c.bolt(m.Folded)
	if err != nil {
		c.add(err)
	}
	c.Journal = journal.Check(c.layout.journal(), folded, m.Sequence, c.add)
	if err := ctx.Err(); err != nil {
		return c.Report, fmt.Errorf("check: %w", err)
	}
	return c.Report, nil
}

type check struct {
	Report
	ctx    context.Context
	layout layout
}

func (c *check) add(err error) { c.Faults = append(c.Faults, err) }

// goOn notes a fault and reports whether to look for more.
func (c *check) goOn(err error) bool {
	c.add(err)
	return len(c.Faults) < maxFaults && c.ctx.Err() == nil
}

// data checks pages and rows of the data file.
func (c *check) data(m manifest) {
	f, err := openPages(c.layout.data())
	if err != nil {
		c.add(err)
		return
	}
	defer f.Close()
	c.Transaction, c.DataBytes = f.Txid(), f.Size()
	if f.Txid() < m.Transaction {
		c.add(&DamagedError{File: c.layout.data(), Offset: 0, What: fmt.Sprintf("it has gone back to transaction %d; %d is expected", f.Txid(), m.Transaction)})
	}
	err = disk.Guard(func() error {
		_ = f.Check(c.goOn)
		return c.rows(f)
	})
	if err != nil {
		c.add(err)
	}
}

// rows verifies every row of the data file.
func (c *check) rows(f *pages.File) error {
	s := &Store{layout: c.layout}
	units, err := s.leafUnits(f)
	if err != nil {
		return err
	}
	for _, u := range units {
		var row change.Row
		err := u.leaf.Each(func(key, value []byte) error {
			c.Rows++
			if err := u.bucket.ReadValue(key, value, &row); err != nil {
				if !c.goOn(s.rowDamage(u.leaf.Offset(), u.bucket, key, err)) {
					return errEnough
				}
			}
			return nil
		})
		switch {
		case errors.Is(err, errEnough), c.ctx.Err() != nil:
			return nil
		case err != nil:
			c.add(err)
		}
	}
	return nil
}

var errEnough = errors.New("too many faults")

// bolt has bbolt check the file too, and reads how far it goes; atLeast is
// what the manifest says. A file with faults is not shown to bbolt, which might
// not survive it.
func (c *check) bolt(atLeast uint64) (folded uint64, err error) {
	if len(c.Faults) > 0 {
		return atLeast, nil
	}
	opts := &bbolt.Options{ReadOnly: true, Timeout: time.Second}
	err = disk.Guard(func() error {
		db, err := bbolt.Open(c.layout.data(), 0, opts)
		if err != nil {
			return named(c.layout.data(), err)
		}
		s := &Store{layout: c.layout, db: db}
		if folded, err = s.readFolded(); err == nil {
			err = db.View(func(tx *bbolt.Tx) error {
				for fault := range tx.Check() {
					c.add(named(c.layout.data(), fault))
				}
				return nil
			})
		}
		return errors.Join(err, db.Close())
	})
	return folded, err
}

// String shows the report to a person: a line for each fault, then what was
// read.
func (r Report) String() string {
	var b strings.Builder
	for _, fault := range r.Faults {
		fmt.Fprintln(&b, "fault:", fault)
	}
	fmt.Fprintf(&b, "data file: %d rows in %d bytes\n", r.Rows, r.DataBytes)
	fmt.Fprintf(&b, "journal: %d rows in %d files, last change %d\n", r.Journal.Rows, r.Journal.Segments, r.Journal.Last)
	if r.Journal.Unsynced > 0 {
		fmt.Fprintf(&b, "journal: %d bytes at the end were not finished and will be cut off at the next start\n", r.Journal.Unsynced)
	}
	if len(r.Faults) == 0 {
		fmt.Fprintln(&b, "no faults found")
	}
	return b.String()
}
