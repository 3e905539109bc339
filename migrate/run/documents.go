package run

import (
	"context"
	"errors"
	"fmt"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/internal/change"
	"kvd/migrate"
	"kvd/migrate/ops"
)

// scanCount is how many keys are looked at in one go.
const scanCount = 512

// eachKey calls fn for the keys of all documents of a scope, in groups; a key may
// come twice. No lock is held during the calls, and each key is the callee's.
func (r *Runner) eachKey(ctx context.Context, of *Scope, fn func(keys [][]byte) error) error {
	if !of.Prefix {
		return fn([][]byte{[]byte(of.Name)})
	}
	for cursor := uint64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var keys [][]byte
		tx := r.opt.Engine.Begin(of.DB, r.now().UnixMilli(), engine.Reads|engine.NoTouch|engine.Frozen, &engine.Lock{})
		cursor = tx.Scan(cursor, scanCount, func(it engine.Item) {
			if it.Type == change.JSON && of.covers(it.Key) {
				keys = append(keys, append([]byte(nil), it.Key...))
			}
		})
		tx.Commit()
		if len(keys) > 0 {
			if err := fn(keys); err != nil {
				return err
			}
		}
		if cursor == 0 {
			return nil
		}
	}
}

// count returns about how many documents a scope has.
func (r *Runner) count(ctx context.Context, of *Scope) (n int64, err error) {
	err = r.eachKey(ctx, of, func(keys [][]byte) error {
		n += int64(len(keys))
		return nil
	})
	if !of.Prefix && err == nil {
		var d document
		if d, err = r.read(of.DB, []byte(of.Name)); err == nil && !d.there() {
			n = 0
		}
	}
	return n, err
}

// document is a copy of a document.
type document struct {
	key   []byte
	value doc.Value
	info  engine.DocumentInfo
}

func (d *document) there() bool { return len(d.value) > 0 }

// read copies a document. One that is not there, or is of another type, is the zero
// document.
func (r *Runner) read(db int, key []byte) (document, error) {
	for {
		tx := r.opt.Engine.BeginKey(db, r.now().UnixMilli(), engine.NoTouch, key)
		d, err := copyOf(tx, key)
		tx.Commit()
		if !errors.Is(err, engine.ErrCold) {
			return d, err
		}
		if err := r.opt.Engine.Fetch(db, key); err != nil {
			return document{}, err
		}
	}
}

// copyOf copies a document that a Tx has locked.
func copyOf(tx *engine.Tx, key []byte) (document, error) {
	if kind, ok := tx.Type(key); !ok || kind != change.JSON {
		return document{key: key}, nil
	}
	at, err := tx.PeekDocument(key)
	if err != nil || !at.Exists() {
		return document{key: key}, err
	}
	d := document{key: key, value: append(doc.Value(nil), at.Value()...), info: at.Info()}
	d.info.Undo = append([]byte(nil), d.info.Undo...)
	d.info.Meta = nil
	return d, nil
}

// result is what a job makes of a document.
type result struct {
	document
	shape   migrate.Shape
	changed bool
	err     error // it could not be made
}

// unmet reports whether the document is no longer the one that was read.
func (d *result) unmet(now *document) bool {
	return !now.there() || now.info.Rev != d.info.Rev || now.info.Migration != d.info.Migration
}

// shapeOf is what the engine stores of a shape.
func (t *Target) shapeOf(s *migrate.Shape) *engine.DocumentShape {
	return &engine.DocumentShape{Version: t.text(s.Version), Undo: s.Undo}
}

// convert makes a result of a document.
func (x *steps) convert(e *ops.Env, d document) result {
	shape, err := x.change(e, d.value, &d.info)
	return result{document: d, shape: shape, changed: err == nil && string(shape.Value) != string(d.value), err: err}
}

// put is a result as the engine writes it.
func (x *steps) put(d *result) engine.DocumentPut {
	return engine.DocumentPut{
		Key: d.key, Value: d.shape.Value, Expire: engine.Keep, Author: &x.author, Shape: x.target.shapeOf(&d.shape),
	}
}

// reason is why a document could not be migrated, in one line.
func reason(err error) string { return fmt.Sprintf("%.300s", err.Error()) }
