package transfer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"kvd/internal/link"
	"kvd/snapshot/rdb"
)

// Fetch asks a server for all of its data, as `redis-cli --rdb` does, and writes
// the RDB file to to. The connection is of no use afterwards.
func Fetch(conn *link.Conn, to io.Writer) (size int64, err error) {
	// A server that does not know these options sends what it would send anyway.
	for _, option := range []string{"capa", "rdb-only"} {
		value := map[string]string{"capa": "eof", "rdb-only": "1"}[option]
		if _, err := conn.Do("REPLCONF", option, value); err != nil {
			if refused := (*link.Error)(nil); !errors.As(err, &refused) {
				return 0, err
			}
		}
	}
	if err := errors.Join(conn.SendText("SYNC"), conn.Flush()); err != nil {
		return 0, err
	}
	size, err = conn.Payload(to)
	if err != nil {
		return size, fmt.Errorf("SYNC: %w", err)
	}
	return size, nil
}

// Summary says what an export has written.
type Summary struct {
	Counts
	// Version is that of the RDB format.
	Version int
}

// Export writes the keys of an RDB file, as Fetch gives it, to out in a format.
// Nothing but keys can be left out of an RDB file, and what is left in it stays as
// it was, encodings included.
func Export(from File, format Format, out io.Writer, rules *Rules) (Summary, error) {
	w := bufio.NewWriterSize(out, batchBytes)
	e := &exporter{out: w, rules: rules}
	var put func(rec *rdb.Record) error
	var end func() error
	switch format {
	case JSONL:
		put, end = e.json, func() error { return nil }
	case RESP:
		put, end = e.commands, func() error { return nil }
	default:
		put, end = e.rdb(from)
	}
	err := from.Each(func(rec *rdb.Record, at int64) error {
		e.done.Bytes = at
		switch {
		case !rules.takes(rec):
			return nil
		case rules.over(rec):
			e.done.Expired++
			return nil
		case rec.Kind == rdb.Function:
			e.done.Functions++
		default:
			e.done.Keys++
		}
		if rules.Progress != nil && e.done.Keys%batchKeys == 0 {
			rules.Progress(e.done.Counts)
		}
		return put(rec)
	})
	return e.done, errors.Join(err, end(), w.Flush())
}

type exporter struct {
	out   *bufio.Writer
	rules *Rules
	done  Summary
	db    int
	line  []byte
}

func (e *exporter) json(rec *rdb.Record) (err error) {
	if e.line, err = AppendJSON(e.line[:0], rec); err != nil {
		return err
	}
	_, err = e.out.Write(e.line)
	return err
}

// commands writes a record as commands. The key is deleted first, so that the file
// may be sent more than once.
func (e *exporter) commands(rec *rdb.Record) error {
	if rec.Kind == rdb.Function {
		return e.command([]byte("FUNCTION"), []byte("LOAD"), []byte("REPLACE"), rec.Code)
	}
	if rec.DB != e.db {
		e.db = rec.DB
		if err := e.command([]byte("SELECT"), strconv.AppendInt(nil, int64(rec.DB), 10)); err != nil {
			return err
		}
	}
	if rec.Value.Type != rdb.String {
		if err := e.command([]byte("DEL"), rec.Key); err != nil {
			return err
		}
	}
	if err := Commands(rec.Key, rec.Value, rec.Expire, e.command); err != nil {
		return keyError(rec, err)
	}
	return nil
}

// command writes one command as the protocol spells it.
func (e *exporter) command(words ...[]byte) error {
	b := append(strconv.AppendInt(append(e.line[:0], '*'), int64(len(words)), 10), '\r', '\n')
	for _, w := range words {
		b = append(strconv.AppendInt(append(b, '$'), int64(len(w)), 10), '\r', '\n')
		b = append(append(b, w...), '\r', '\n')
	}
	e.line = b
	_, err := e.out.Write(b)
	return err
}

// rdb writes records into another file, of the version that the values need.
func (e *exporter) rdb(from File) (put func(*rdb.Record) error, end func() error) {
	fail := func(err error) (func(*rdb.Record) error, func() error) {
		return func(*rdb.Record) error { return err }, func() error { return err }
	}
	e.done.Version = rdb.Version
	err := from.Each(func(rec *rdb.Record, _ int64) error {
		if rec.Kind == rdb.Key && e.rules.takes(rec) && hasFieldTTL(rec.Value) {
			e.done.Version = rdb.VersionFieldTTL
		}
		return nil
	})
	if err != nil {
		return fail(err)
	}
	w, db := rdb.NewFileWriter(e.out, e.done.Version), -1
	put = func(rec *rdb.Record) error {
		if rec.Kind == rdb.Function {
			return w.Function(rec.Code)
		}
		if rec.DB != db {
			db = rec.DB
			if err := w.Select(db, 0, 0); err != nil {
				return err
			}
		}
		return w.Key(rec.Key, e.payload(rec), rec.Expire)
	}
	return put, w.Close
}

// payload returns the value of a record in a form that servers of the version of
// the file read.
func (e *exporter) payload(rec *rdb.Record) []byte {
	e.line = rec.Payload(e.line[:0])
	if rdb.PayloadVersion(e.line) > e.done.Version {
		e.line = rdb.Encode(e.line[:0], rec.Value)
	}
	return e.line
}

// WriteFile makes a file with what fill writes, in one step: a file that is there
// is replaced when the new one is complete and on disk.
func WriteFile(path string, fill func(f *os.File) error) error {
	temp := path + ".tmp"
	f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(fill(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err
}
