package run

import (
	"bytes"
	"errors"
	"time"

	"kvd/engine"
	"kvd/migrate"
)

// tidyEvery is how often undo records are looked for that are too old.
const tidyEvery = time.Hour

// startTidying drops old undo records from now on, until Stop.
func (r *Runner) startTidying() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil {
		return
	}
	r.timer = r.opt.Clock.AfterFunc(tidyEvery, func() {
		r.mu.Lock()
		ended := r.ctx.Err() != nil
		if !ended {
			r.running.Add(1)
		}
		r.mu.Unlock()
		if ended {
			return
		}
		go func() {
			defer r.running.Done()
			r.tidy()
			r.startTidying()
		}()
	})
}

// tidy drops undo records that are too old, of targets that have migrations of that
// age about which it has not been done.
func (r *Runner) tidy() {
	cut := r.now().Add(-r.opt.Settings().UndoKeep)
	for _, s := range r.book().targets {
		old := 0
		for _, e := range s.log {
			if UnixMilli(e.Started) < cut.UnixMilli() {
				old = e.Seq
			}
		}
		if old <= r.tidied[s.ID] || r.book().active(s.ID) != nil {
			continue
		}
		scope, err := r.scope(&s.Target)
		if err == nil {
			err = r.tidyScope(&scope, cut)
		}
		if err != nil {
			if r.ctx.Err() == nil {
				r.opt.Log("old undo records of '" + s.Name + "' stay: " + err.Error())
			}
			continue
		}
		r.tidied[s.ID] = old
	}
}

func (r *Runner) tidyScope(of *Scope, cut time.Time) error {
	var p pace
	return r.eachKey(r.ctx, of, func(keys [][]byte) error {
		for _, key := range keys {
			if err := r.tidyKey(of.DB, key, cut); err != nil {
				return err
			}
		}
		r.opt.Disk.Flush()
		r.opt.Disk.WaitBacklog(r.ctx)
		p.rest(r.ctx)
		return r.opt.Disk.Err()
	})
}

// tidyKey drops the old records of one document, unless it is written meanwhile: a
// write drops them anyway.
func (r *Runner) tidyKey(db int, key []byte, cut time.Time) error {
	d, err := r.read(db, key)
	left := migrate.Undo(d.info.Undo).Since(cut)
	if err != nil || len(left) == len(d.info.Undo) {
		return err
	}
	tx := r.opt.Engine.BeginKey(db, r.now().UnixMilli(), engine.NoTouch, key)
	defer tx.Commit()
	now, err := copyOf(tx, key)
	switch {
	case errors.Is(err, engine.ErrCold):
		return nil
	case err != nil:
		return err
	case now.info.Rev != d.info.Rev || now.info.Migration != d.info.Migration || !bytes.Equal(now.info.Undo, d.info.Undo):
		return nil
	}
	return tx.PutDocuments(engine.DocumentPut{
		Key: key, Value: now.value, Expire: engine.Keep,
		Shape: &engine.DocumentShape{Version: now.info.Migration, Undo: left},
	})
}
