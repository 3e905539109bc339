package replication

import (
	"context"
	"errors"
	"fmt"
	"os"

	"kvd/internal/link"
	"kvd/resp/command"
	"kvd/snapshot/rdb"
	"kvd/snapshot/transfer"
)

// takeAll replaces all data by what the primary sends. That is kept in a file and
// looked at to its end before anything is deleted here.
func (f *follower) takeAll(ctx context.Context, conn *link.Conn) error {
	file, err := os.CreateTemp(f.opt.Dir, "replica-*.rdb.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // it is of no use any more
	defer file.Close()
	f.change(func(s *command.ReplicaStatus) { s.SyncBytes = 0 })
	size, err := conn.Payload(&counted{to: file, f: f})
	if err != nil {
		return err
	}
	f.change(func(s *command.ReplicaStatus) { s.SyncTotal = size })
	if err := f.check(file); err != nil {
		return err
	}
	f.loading.Store(true)
	defer f.loading.Store(false)
	if err := f.load(ctx, file); err != nil {
		f.closeLocal() // it may have a command half sent
		return err
	}
	return nil
}

// counted counts what has come of all data.
type counted struct {
	to *os.File
	f  *follower
}

// Write implements io.Writer.
func (c *counted) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	now := c.f.opt.Clock.Now()
	c.f.change(func(s *command.ReplicaStatus) {
		s.SyncBytes += int64(n)
		s.LastIO = now
	})
	return n, err
}

// check looks at a file to its end.
func (f *follower) check(file *os.File) error {
	if _, err := file.Seek(0, 0); err != nil {
		return err
	}
	databases := f.opt.Services.Engine.Databases()
	return transfer.EachRecord(file, func(rec *rdb.Record, _ int64) error {
		if rec.DB >= databases {
			return fmt.Errorf("the primary has a database %d: set databases above %d", rec.DB, rec.DB)
		}
		return nil
	})
}

// load deletes all data and loads the file.
func (f *follower) load(ctx context.Context, file *os.File) error {
	if _, err := file.Seek(0, 0); err != nil {
		return err
	}
	for _, words := range [][]string{{"SELECT", "0"}, {"FLUSHALL"}, {"FUNCTION", "FLUSH"}} {
		if _, err := f.local.Do(words...); err != nil {
			return err
		}
	}
	target := transfer.NewTarget(f.local, &transfer.Rules{DB: transfer.AnyDB, Clash: transfer.Replace})
	err := transfer.EachRecord(file, func(rec *rdb.Record, _ int64) error { return errors.Join(ctx.Err(), target.Put(rec)) })
	if err := errors.Join(err, target.Flush()); err != nil {
		return err
	}
	_, err = f.local.Do("SELECT", "0")
	return err
}
