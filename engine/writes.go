package engine

import "kvd/internal/change"

// WriteObserver is told which keys were written, after the locks are gone.
type WriteObserver interface {
	// Written is called for a commit that has written keys. What it is given is
	// valid during the call.
	Written(w *Writes)
}

// Writes are the keys that a commit has written.
type Writes struct {
	// Keys may hold a key more than once.
	Keys [][]byte
	// Emptied is set when a database has lost all its keys.
	Emptied bool
	// By is who has written, as SetAuthor said; 0: the engine itself.
	By int64
}

// ObserveWrites has o told of all writes from now on; nil: nobody.
func (e *Engine) ObserveWrites(o WriteObserver) {
	if o == nil {
		e.writes.Store(nil)
		return
	}
	e.writes.Store(&o)
}

// SetAuthor says who writes: see Writes.By.
func (tx *Tx) SetAuthor(by int64) { tx.author = by }

// tellWrites tells the observer, if there is one, what the Tx has written.
func (tx *Tx) tellWrites() {
	o := tx.engine.writes.Load()
	if o == nil {
		return
	}
	w := Writes{Keys: tx.touchedKeys, Emptied: tx.emptied, By: tx.author}
	for i := range tx.set.Rows {
		if row := &tx.set.Rows[i]; row.Kind == change.Key && row.Op != change.Drop {
			w.Keys = append(w.Keys, row.Key)
		}
	}
	if len(w.Keys) > 0 || w.Emptied {
		(*o).Written(&w)
	}
}

// tellEmptied tells the observer that all may have changed.
func (e *Engine) tellEmptied() {
	if o := e.writes.Load(); o != nil {
		(*o).Written(&Writes{Emptied: true})
	}
}
