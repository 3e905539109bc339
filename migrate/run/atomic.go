package run

import (
	"errors"

	"kvd/engine"
	"kvd/internal/rediserr"
)

// redoRounds is how often documents that were written meanwhile are read again
// before it is done with everything locked.
const redoRounds = 4

// redoLocked is how many of them are few enough to do it at once.
const redoLocked = 64

// atomic changes all documents in one transaction. What they become is prepared
// with no lock held.
func (j *job) atomic() error {
	s := j.r.book().targets[j.row.Target]
	a := &whole{job: j, steps: j.r.stepsOf(s, &j.row, j.cut), results: make(map[string]*result)}
	j.enter("documents")
	if err := j.r.eachKey(j.ctx, &j.scope, a.prepareKeys); err != nil {
		return err
	}
	j.enter("writing")
	for round := 0; ; round++ {
		done, err := a.write(round)
		if done || err != nil {
			return err
		}
	}
}

// whole is the work of an ATOMIC job.
type whole struct {
	*job
	steps   *steps
	results map[string]*result
	bytes   int64
	redo    [][]byte
}

// prepareKeys prepares what becomes of some documents.
func (a *whole) prepareKeys(keys [][]byte) error {
	for _, key := range keys {
		if _, twice := a.results[string(key)]; twice {
			continue
		}
		if err := a.prepareKey(key); err != nil {
			return err
		}
	}
	a.tell(false)
	return a.wait()
}

func (a *whole) prepareKey(key []byte) error {
	d, err := a.r.read(a.scope.DB, key)
	if err != nil {
		return err
	}
	return a.keep(d)
}

// keep notes what becomes of a document.
func (a *whole) keep(d document) error {
	name := string(d.key)
	if old := a.results[name]; old != nil {
		a.bytes -= old.size()
		delete(a.results, name)
	}
	if !d.there() || !a.steps.pending(&d.info) {
		return nil
	}
	c := a.steps.convert(&a.env, d)
	if c.err != nil && a.row.OnError == Abort {
		return explain(d.key, c.err)
	}
	c.value = nil // it was only needed to make the new one
	a.results[name] = &c
	a.bytes += c.size()
	limits := a.r.opt.Settings()
	if len(a.results) > limits.AtomicDocuments || a.bytes > limits.AtomicBytes {
		return rediserr.Coded("LIMIT", "the documents are more than mig-atomic-max or mig-atomic-bytes allow in one transaction: use MODE BATCH")
	}
	a.mu.Lock()
	a.row.Docs = int64(len(a.results))
	a.mu.Unlock()
	return nil
}

func (d *result) size() int64 { return int64(len(d.shape.Value) + len(d.shape.Undo) + len(d.key)) }

// write locks everything and writes all, unless too many documents have changed
// since they were prepared: then it prepares those again and is not done.
func (a *whole) write(round int) (done bool, err error) {
	for _, key := range a.redo {
		if err := a.prepareKey(key); err != nil {
			return false, err
		}
	}
	if err := a.wait(); err != nil {
		return false, err
	}
	tx := a.r.begin()
	tx.Select(a.scope.DB)
	defer func() { a.saw(tx.Commit().Seq) }()
	if a.redo, err = a.stale(tx); err != nil {
		return false, err
	}
	if len(a.redo) > redoLocked && round < redoRounds {
		return false, nil
	}
	for _, key := range a.redo {
		d, err := copyCold(tx, key)
		if err == nil {
			err = a.keep(d)
		}
		if err != nil {
			return false, err
		}
	}
	if err := failCommit.Err(); err != nil {
		return false, err
	}
	return true, a.commit(tx)
}

// stale returns the keys of documents that are not what was prepared, and of those
// that nobody has prepared.
func (a *whole) stale(tx *engine.Tx) ([][]byte, error) {
	a.mu.Lock()
	fresh := a.fresh
	a.fresh = nil
	a.mu.Unlock()
	var keys [][]byte
	for name := range fresh {
		if a.results[name] == nil {
			keys = append(keys, []byte(name))
		}
	}
	for _, d := range a.results {
		now, err := copyCold(tx, d.key)
		if err != nil {
			return nil, err
		}
		if d.unmet(&now) {
			keys = append(keys, d.key)
		}
	}
	return keys, nil
}

// copyCold is copyOf for a Tx that can't be run again.
func copyCold(tx *engine.Tx, key []byte) (document, error) {
	d, err := copyOf(tx, key)
	if errors.Is(err, engine.ErrCold) {
		if err = tx.Fetch(); err == nil {
			d, err = copyOf(tx, key)
		}
	}
	return d, err
}

// commit writes all results, and what is stored of the target, in the Tx. On an
// error nothing is changed.
func (a *whole) commit(tx *engine.Tx) error {
	a.mu.Lock()
	a.row.Docs, a.row.Changed = 0, 0
	a.mu.Unlock()
	s := a.r.book().targets[a.row.Target]
	if err := a.r.switchTypes(tx, s, &a.row, false); err != nil {
		return err
	}
	err := a.r.index(tx, s, &a.row, false)
	if err == nil {
		tx.Select(a.scope.DB)
		if err = a.putAll(tx); err != nil {
			_ = a.r.index(tx, s, &a.row, true) // they are those that were there
		}
	}
	if err != nil {
		_ = a.r.switchTypes(tx, s, &a.row, true) // it is the one that was there
		return err
	}
	a.conclude(tx, Done, nil)
	return nil
}

// putAll writes all results.
func (a *whole) putAll(tx *engine.Tx) error {
	if a.row.OnError == Abort {
		puts := make([]engine.DocumentPut, 0, len(a.results))
		for _, d := range a.results {
			puts = append(puts, a.steps.put(d))
		}
		if err := tx.PutDocuments(puts...); err != nil {
			return explain([]byte(a.scope.Name), err)
		}
	}
	for _, d := range a.results {
		err := d.err
		if err == nil && a.row.OnError != Abort {
			err = tx.PutDocuments(a.steps.put(d))
		}
		if err == nil {
			a.done(d)
			continue
		}
		if err := a.leave(tx, Failure{Key: d.key, Why: reason(err)}); err != nil {
			return err
		}
	}
	return nil
}
