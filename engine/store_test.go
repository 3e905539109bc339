package engine

import (
	"bytes"
	"maps"
	"sync"

	"kvd/internal/change"
)

// journal is a Store that remembers every row in order.
type journal struct {
	Discard
	mu   sync.Mutex
	rows []change.Row
	seq  uint64
}

func (j *journal) Submit(set *change.Set) uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, row := range set.Rows {
		j.rows = append(j.rows, cloneRow(row))
	}
	j.seq++
	return j.seq
}

func cloneRow(row change.Row) change.Row {
	row.Key, row.Value = bytes.Clone(row.Key), bytes.Clone(row.Value)
	return row
}

type diskKey struct {
	kind  change.Kind
	space uint32
	id    uint64
	key   string
}

// disk is a Store with checkpoints: Get knows what the last one has folded.
type disk struct {
	journal
	folded map[diskKey]change.Row
	done   int    // rows of the journal that are folded
	epoch  uint32 // as of Epoch
	gets   int
	onGet  func()
}

func newDisk() *disk { return &disk{folded: map[diskKey]change.Row{}, epoch: 1} }

func (d *disk) Epoch() uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.epoch
}

func (d *disk) Folded() uint32 { return d.Epoch() - 1 }

// checkpoint folds all that was submitted.
func (d *disk) checkpoint() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, row := range d.rows[d.done:] {
		at := diskKey{row.Kind, row.Space, row.ID, string(row.Key)}
		switch row.Op {
		case change.Put:
			d.folded[at] = row
		case change.Delete:
			delete(d.folded, at)
		case change.Expire:
			old := d.folded[at]
			old.Expire = row.Expire
			d.folded[at] = old
		case change.Edit:
			if old, ok := d.folded[at]; ok && old.Type == change.String {
				end := int(row.Offset) + len(row.Value)
				value := append(bytes.Clone(old.Value), make([]byte, max(0, end-len(old.Value)))...)
				copy(value[row.Offset:], row.Value)
				old.Value = value
				d.folded[at] = old
			}
		case change.Drop:
			for k := range d.folded {
				if k.kind != change.Meta && k.space == row.Space && (row.Kind == change.Key || k.id == row.ID) {
					delete(d.folded, k)
				}
			}
		}
	}
	d.done = len(d.rows)
	d.epoch++
}

// snapshot returns what is folded, and the place in the journal after it.
func (d *disk) snapshot() (map[diskKey]change.Row, int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.folded), d.done
}

func (d *disk) Get(space uint32, key []byte, fn func(*change.Row) error) (bool, error) {
	d.mu.Lock()
	row, ok := d.folded[diskKey{change.Key, space, 0, string(key)}]
	d.gets++
	hook := d.onGet
	d.mu.Unlock()
	if hook != nil {
		hook()
	}
	if !ok {
		return false, nil
	}
	return true, fn(&row)
}

// replay loads rows in order into e.
func replay(e *Engine, rows []change.Row) error {
	for i := range rows {
		if err := e.Load(&rows[i], false); err != nil {
			return err
		}
	}
	return nil
}

// loadFolded loads what the last checkpoint of d has, settings first.
func (d *disk) loadFolded(e *Engine) error {
	return d.loadKinds(e, change.Meta, change.Key, change.Element)
}

// loadKinds loads rows of some kinds of what the last checkpoint of d has.
func (d *disk) loadKinds(e *Engine, kinds ...change.Kind) error {
	for _, kind := range kinds {
		for at, row := range d.folded {
			if at.kind != kind {
				continue
			}
			if err := e.Load(&row, true); err != nil {
				return err
			}
		}
	}
	return nil
}
