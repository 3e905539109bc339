package engine

import (
	"fmt"
	"slices"

	"kvd/internal/change"
	"kvd/internal/glob"
	"kvd/internal/rediserr"
)

// OnTag says what happens when a name is in use.
type OnTag uint8

// What may happen.
const (
	KeepTag OnTag = iota // it stays where it is
	MoveTag              // it goes to the other version
)

// Tag gives a version a name. It fails as Info does, and with EXISTS.
func (h *History) Tag(number uint64, name string, used OnTag) error {
	if _, err := h.Info(number); err != nil {
		return err
	}
	if n, ok := h.head.tags()[name]; ok {
		if n == number {
			return nil
		}
		if used == KeepTag {
			return rediserr.Coded("EXISTS", rediserr.OneLine(fmt.Sprintf("tag '%.64s' is at version %d", name, n)))
		}
	}
	h.Name(number, name)
	return nil
}

// Name is Tag for a version that is known to be there, and moves a name that is in
// use.
func (h *History) Name(number uint64, name string) {
	h.head.write().tags[name] = number
	h.putHead()
}

// Untag removes a name and reports whether there was one.
func (h *History) Untag(name string) bool {
	if h.head == nil {
		return false
	}
	if _, ok := h.head.tags()[name]; !ok {
		return false
	}
	delete(h.head.sheet.tags, name)
	h.putHead()
	return true
}

// each calls fn with all versions that are stored, the newest first, without
// content and with those that were erased.
func (h *History) each(fn func(*Version)) error {
	for at := h.Newest(); at > 0; {
		v, ok, err := h.raw(at)
		if !ok || err != nil {
			return err
		}
		fn(&v)
		at = v.Number - 1
	}
	return nil
}

// drop removes a version from storage.
func (h *History) drop(number uint64) {
	h.tx.put(change.Row{Op: change.Delete, Kind: change.History, Space: h.tx.space(), ID: number, Key: h.key})
	if h.head.sheet != nil {
		delete(h.head.sheet.notes, number)
	}
}

// keepStep is how many versions that are too many go with each that is recorded.
const keepStep = 2

// keep removes some of the versions that are too many for a policy, without
// reading any.
func (h *History) keep(p *HistoryPolicy) {
	if p.Keep == 0 {
		return
	}
	n, changed := h.head, false
	for range keepStep {
		if n.number-n.first < max(p.Keep, p.MinKeep, 1) || n.tagged(n.first) {
			break // behind a tagged version only VER.RETAIN goes on
		}
		h.drop(n.first)
		n.first++
		changed = true
	}
	if changed {
		h.putHead()
	}
}

// Pruning says which versions are to go: those that the limits which are set both
// allow to. The newest and those with tags stay in any case.
type Pruning struct {
	// Keep is how many of the newest stay; 0: their number does not matter.
	Keep uint64
	// Before is the time in unix milliseconds before which versions may go; 0: their
	// age does not matter.
	Before int64
}

// Pruned counts versions and what they took on disk, in bytes.
type Pruned struct{ Versions, Bytes int64 }

func (p *Pruned) count(v *Version) {
	if !v.Forgotten {
		p.Versions++
	}
	p.Bytes += int64(v.Stored)
}

// Count returns how many versions there are, and what they take.
func (h *History) Count() (p Pruned, err error) {
	err = h.each(p.count)
	return p, err
}

// Prune finds the versions that are to go, and removes them unless the run is dry.
// Event: ver.prune.
func (h *History) Prune(how Pruning, run PruneRun) (Pruned, error) {
	return h.prune(run, func(v *Version, newer uint64) bool {
		return (how.Keep == 0 || newer >= how.Keep) && (how.Before == 0 || v.Time < how.Before)
	})
}

// PruneRun says whether what is found is removed.
type PruneRun uint8

// The ways.
const (
	PruneNow PruneRun = iota
	PruneDry
)

// prune removes the versions that goes chooses; newer is how many stand before.
func (h *History) prune(run PruneRun, goes func(v *Version, newer uint64) bool) (p Pruned, err error) {
	var gone []uint64
	oldest, newer := h.Newest(), uint64(0)
	err = h.each(func(v *Version) {
		switch stays := v.Number == h.head.number || h.head.tagged(v.Number) || !goes(v, newer); {
		case !stays:
			p.count(v)
			gone = append(gone, v.Number)
		default:
			oldest = v.Number
		}
		if !v.Forgotten {
			newer++
		}
	})
	if err != nil {
		return p, err
	}
	if run == PruneNow && len(gone) > 0 {
		for _, number := range gone {
			h.drop(number)
		}
		h.head.first = oldest
		h.putHead()
		h.tx.event(change.EventModule, "ver.prune", h.key)
	}
	return p, nil
}

// Retain applies the policy for the key: see HistoryPolicy.
func (h *History) Retain(p *HistoryPolicy, run PruneRun) (Pruned, error) {
	now := h.tx.now
	if h.head != nil && h.head.kind == change.NoType && p.KeepDeleted > 0 && h.head.time < now-p.KeepDeleted {
		return h.dropAll(run)
	}
	return h.prune(run, func(v *Version, newer uint64) bool {
		return p.Keep > 0 && newer >= max(p.Keep, p.MinKeep) ||
			p.MaxAge > 0 && v.Time < now-p.MaxAge && newer >= p.MinKeep
	})
}

// dropAll removes the history of a key that is gone. Versions begin anew at 1.
func (h *History) dropAll(run PruneRun) (p Pruned, err error) {
	var numbers []uint64
	err = h.each(func(v *Version) {
		p.count(v)
		numbers = append(numbers, v.Number)
	})
	if run == PruneDry || err != nil {
		return p, err
	}
	for _, number := range numbers {
		h.drop(number)
	}
	delete(h.shard.heads[h.tx.db], string(h.key))
	h.head = nil
	h.tx.put(change.Row{Op: change.Delete, Kind: change.Head, Space: h.tx.space(), Key: h.key})
	h.tx.event(change.EventModule, "ver.prune", h.key)
	return p, nil
}

// HistoryKeys returns the keys of the database that have versions and fit a
// pattern, sorted. The Tx must hold all shards.
func (tx *Tx) HistoryKeys(pattern []byte) [][]byte {
	var keys [][]byte
	for i := range tx.engine.shards {
		for key := range tx.engine.shards[i].heads[tx.db] {
			if glob.Match(pattern, []byte(key)) {
				keys = append(keys, []byte(key))
			}
		}
	}
	slices.SortFunc(keys, func(a, b []byte) int { return slices.Compare(a, b) })
	return keys
}
