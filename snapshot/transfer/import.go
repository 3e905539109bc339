package transfer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"kvd/internal/link"
	"kvd/snapshot/rdb"
)

// Format is the form of a file.
type Format string

// The formats. RESP is a file of commands, as `redis-cli --pipe` reads.
const (
	RDB   Format = "rdb"
	JSONL Format = "jsonl"
	RESP  Format = "resp"
)

// File is a source that can be read from the beginning any number of times.
type File struct {
	Path   string
	Format Format
}

// Import writes what a file holds into the server of a connection. The file is
// read twice: at first it is only looked at, to its end, and with the clash Abort
// so are the keys of the target.
func Import(file File, conn *link.Conn, rules *Rules) (Counts, error) {
	if file.Format == RESP {
		return importCommands(file.Path, conn, rules)
	}
	info, err := os.Stat(file.Path)
	if err != nil {
		return Counts{}, err
	}
	t := NewTarget(conn, rules)
	t.Total = info.Size()
	look := checker{t: t}
	if err := file.Each(func(rec *rdb.Record, _ int64) error { return look.add(rec) }); err != nil {
		return t.Counts, err
	}
	if err := look.flush(); err != nil {
		return t.Counts, err
	}
	err = file.Each(func(rec *rdb.Record, at int64) error {
		t.Bytes = at
		return t.Put(rec)
	})
	if err == nil {
		err = t.Flush()
	}
	return t.Counts, err
}

// Each calls fn with every key and function library of the file, and with how many
// bytes of it have been read.
func (f File) Each(fn func(rec *rdb.Record, at int64) error) error {
	in, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	if f.Format == JSONL {
		err = eachLine(in, fn)
	} else {
		err = EachRecord(in, fn)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	return nil
}

// EachRecord calls fn with every key and function library of an RDB file, and with
// how many bytes of it have been read.
func EachRecord(in io.Reader, fn func(rec *rdb.Record, at int64) error) error {
	r, err := rdb.NewFileReader(in)
	if err != nil {
		return err
	}
	for {
		rec, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case rec.Kind == rdb.Aux:
			continue
		}
		if err := fn(rec, r.Offset()); err != nil {
			return err
		}
	}
}

// eachLine is EachRecord for JSON lines.
func eachLine(in io.Reader, fn func(rec *rdb.Record, at int64) error) error {
	b := bufio.NewReaderSize(in, batchBytes)
	at := int64(0)
	for n := 1; ; n++ {
		line, err := b.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		at += int64(len(line))
		if !blank(line) {
			rec, fault := ParseJSON(line)
			if fault != nil {
				return &LineError{Line: n, Err: fault}
			}
			if fault := fn(rec, at); fault != nil {
				return fault
			}
		}
		if err != nil {
			return nil
		}
	}
}

func blank(line []byte) bool {
	for _, c := range line {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// checker looks whether the target has keys, before any is written.
type checker struct {
	t    *Target
	asks []*rdb.Record
}

// add asks for a record's key, if the answer matters.
func (c *checker) add(rec *rdb.Record) error {
	rules := c.t.rules
	if rules.Clash != Abort || rec.Kind != rdb.Key || !rules.takes(rec) || rules.over(rec) {
		return nil
	}
	if err := c.t.choose(rec.DB); err != nil {
		return err
	}
	// The value is not needed to ask, and may be large.
	name := &rdb.Record{Kind: rdb.Key, DB: rec.DB, Key: rec.Key}
	c.asks = append(c.asks, name)
	c.t.sent = append(c.t.sent, sent{rec: name})
	if err := c.t.conn.Send([]byte("EXISTS"), rec.Key); err != nil {
		return err
	}
	if len(c.asks) >= batchKeys {
		return c.flush()
	}
	return nil
}

// flush reads the answers.
func (c *checker) flush() error {
	if err := c.t.conn.Flush(); err != nil {
		return fmt.Errorf("write to the target: %w", err)
	}
	batch := c.t.sent
	c.t.sent, c.asks = nil, nil
	var first error
	for _, s := range batch {
		reply, err := c.t.conn.Receive()
		if err != nil {
			return fmt.Errorf("read from the target: %w", err)
		}
		err = reply.Err()
		if err == nil && s.rec != nil && reply.Int > 0 {
			err = ErrExists
		}
		if err != nil && first == nil {
			first = err
			if s.rec != nil {
				first = keyError(s.rec, err)
			}
		}
	}
	return first
}
