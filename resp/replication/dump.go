package replication

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"kvd/engine"
	"kvd/persist/disk"
	"kvd/resp/command"
	"kvd/resp/reply"
	"kvd/snapshot/rdb"
)

// Dump implements command.Replication. Clients go on meanwhile: the names of the
// keys of one shard are listed under its lock, and each key is written under the
// same lock, taken anew. A key that is renamed at the wrong moment may be missing,
// one that is made meanwhile may be there or not; none is there twice or in part.
func (r *Replication) Dump(ctx context.Context) (file reply.Shared, seq uint64, err error) {
	f, err := os.CreateTemp(r.opt.Dir, "sync-*.rdb.tmp")
	if err != nil {
		return nil, 0, fmt.Errorf("a file for SYNC: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // who reads it has it open
	d := &dumper{opt: &r.opt, to: f}
	err = d.write(ctx, rdb.Version)
	if errors.Is(err, rdb.ErrVersion) {
		err = d.write(ctx, rdb.VersionFieldTTL)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, 0, err
	}
	m, err := disk.MapFile(f.Name())
	if err != nil {
		return nil, 0, err
	}
	return (*mapped)(m), d.seq, nil
}

// mapped is a file whose bytes are sent from where they are.
type mapped disk.Map

// Bytes implements reply.Shared.
func (m *mapped) Bytes() []byte { return (*disk.Map)(m).Bytes() }

// Release implements reply.Shared.
func (m *mapped) Release() { _ = (*disk.Map)(m).Close() }

// dumper writes all data into a file.
type dumper struct {
	opt  *Options
	to   *os.File
	w    *rdb.FileWriter
	out  reply.Writer // what handlers answer
	dump *command.Command
	seq  uint64 // the newest change that may be in the file
}

// write writes the file in a version of the format.
func (d *dumper) write(ctx context.Context, version int) error {
	if _, err := d.to.Seek(0, 0); err != nil {
		return err
	}
	if err := d.to.Truncate(0); err != nil {
		return err
	}
	now := d.opt.Clock.Now()
	d.w = rdb.NewFileWriter(d.to, version, "redis-ver", command.RedisVersion, "redis-bits", "64",
		"ctime", strconv.FormatInt(now.Unix(), 10), "aof-base", "0")
	if err := d.functions(); err != nil {
		return err
	}
	var err error
	if d.dump, err = d.opt.Services.Table.Find([][]byte{[]byte("dump"), nil}); err != nil {
		return err
	}
	for db := range d.opt.Services.Engine.Databases() {
		if err := d.database(ctx, db); err != nil {
			return err
		}
	}
	return d.w.Close()
}

// functions writes the function libraries.
func (d *dumper) functions() error {
	line := [][]byte{[]byte("function"), []byte("dump")}
	cmd, err := d.opt.Services.Table.Find(line)
	if err != nil {
		return err
	}
	payload, err := d.answer(nil, cmd, line)
	if err != nil {
		return err
	}
	libraries, err := rdb.DecodeFunctions(payload)
	if err != nil {
		return err
	}
	for _, code := range libraries {
		if err := d.w.Function([]byte(code)); err != nil {
			return err
		}
	}
	return nil
}

// answer calls a handler whose answer is a string, or none, and returns that. It is
// valid until the next call.
func (d *dumper) answer(tx *engine.Tx, cmd *command.Command, line [][]byte) ([]byte, error) {
	d.out.Discard()
	c := command.Ctx{Tx: tx, Out: &d.out, Services: d.opt.Services}
	c.Reset(line, cmd, d.opt.Clock.Now(), nil)
	if err := cmd.Handler(&c); err != nil {
		return nil, err
	}
	text := d.out.Since(reply.Mark{})
	head, rest, ok := bytes.Cut(text, []byte("\r\n"))
	if !ok || len(head) < 2 || head[0] != '$' {
		return nil, fmt.Errorf("%s answers something else than a string", cmd.FullName)
	}
	n, err := strconv.Atoi(string(head[1:]))
	if err != nil || n < 0 {
		return nil, err
	}
	return rest[:n], nil
}

// quietly is how keys are looked at: nothing shows that they were.
const quietly = engine.NoTouch | engine.Frozen

// database writes the keys of a database.
func (d *dumper) database(ctx context.Context, db int) error {
	e := d.opt.Services.Engine
	selected := false
	var names [][]byte
	for i := range e.Shards() {
		if err := ctx.Err(); err != nil {
			return err
		}
		names = names[:0]
		tx := e.Begin(db, d.now(), quietly, &engine.Lock{})
		tx.EachIn(i, func(it engine.Item) { names = append(names, bytes.Clone(it.Key)) })
		if len(names) > 0 && !selected {
			selected = true
			if err := d.w.Select(db, tx.Len(), 0); err != nil {
				tx.Commit()
				return err
			}
		}
		d.seq = max(d.seq, tx.Commit().Seq)
		for _, key := range names {
			if err := d.key(db, key); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *dumper) now() int64 { return d.opt.Clock.Now().UnixMilli() }

// key writes a key, unless it has gone.
func (d *dumper) key(db int, key []byte) error {
	e := d.opt.Services.Engine
	for {
		tx := e.BeginKey(db, d.now(), quietly, key)
		payload, err := d.answer(tx, d.dump, [][]byte{[]byte("dump"), key})
		at, _ := tx.Deadline(key)
		d.seq = max(d.seq, tx.Commit().Seq)
		if errors.Is(err, engine.ErrCold) {
			if err := e.Fetch(db, key); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("key %.64q: %w", key, err)
		}
		if payload == nil {
			return nil
		}
		return d.w.Key(key, payload, int64(at))
	}
}
