package engine

import (
	"bytes"
	"sync"

	"kvd/internal/change"
	"kvd/internal/glob"
)

// Purge is the deletion of all keys that begin with a prefix, or fit a pattern, a
// few at a time: others go on meanwhile, and it can be stopped. Keys that are there
// from its beginning to its end are deleted for sure; what was deleted before it
// was stopped stays deleted.
type Purge struct {
	// DB is the database.
	DB int
	// Text is the prefix, or with Pattern the pattern.
	Text    []byte
	Pattern bool
	// Dry only counts.
	Dry bool
	// May, if not nil, says of a key whether it may be deleted.
	May func(key []byte) bool

	engine *Engine
	shard  int
	cursor uint64
	state  PurgeState // under purges.mu
	driven bool       // by who has begun it, not in the background
	seq    uint64     // the newest change set
}

// PurgeState is how far a Purge is. Times are unix milliseconds.
type PurgeState struct {
	ID      uint64
	DB      int
	Text    string
	Pattern bool
	Dry     bool
	Phase   PurgePhase
	Scanned int64 // keys that were looked at
	Matched int64 // of these, those to be deleted
	Deleted int64
	Began   int64
	Ended   int64 // 0: it runs
}

// PurgePhase says whether a Purge goes on.
type PurgePhase uint8

// Phases.
const (
	PurgeRuns PurgePhase = iota
	PurgeDone
	PurgeCancelled
)

// String returns the phase as clients see it.
func (p PurgePhase) String() string {
	return [...]string{PurgeRuns: "running", PurgeDone: "done", PurgeCancelled: "cancelled"}[p]
}

// purges are the deletions under way and the last ones that ended, oldest first.
type purges struct {
	mu     sync.Mutex
	list   []*Purge
	lastID uint64
}

const (
	// purgeBatch is how many keys are looked at before a shard's lock is let go.
	purgeBatch = 256
	// purgeSteps is how many such steps a round of the background makes.
	purgeSteps = 16
	// maxPurges is how many that have ended are remembered.
	maxPurges = 64
)

// StartPurge begins a deletion, which the background does.
func (e *Engine) StartPurge(p *Purge) (id uint64) { return e.addPurge(p) }

// RunPurge does a deletion and returns how it ended. Before each step it asks goOn,
// whose error stops it.
func (e *Engine) RunPurge(p *Purge, goOn func() error) (PurgeState, error) {
	p.driven = true
	id := e.addPurge(p)
	for p.runs() {
		if err := goOn(); err != nil {
			e.CancelPurge(id)
			return p.State(), err
		}
		p.step()
	}
	return p.State(), nil
}

func (e *Engine) addPurge(p *Purge) uint64 {
	ps := &e.cache.purges
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.lastID++
	p.engine = e
	p.state = PurgeState{
		ID: ps.lastID, DB: p.DB, Text: string(p.Text), Pattern: p.Pattern, Dry: p.Dry, Began: e.opt.Clock.Now().UnixMilli(),
	}
	ps.forgetOld()
	ps.list = append(ps.list, p)
	return ps.lastID
}

// forgetOld makes room for one more.
func (ps *purges) forgetOld() {
	ended := 0
	for _, p := range ps.list {
		if p.state.Phase != PurgeRuns {
			ended++
		}
	}
	kept := ps.list[:0]
	for _, p := range ps.list {
		if p.state.Phase != PurgeRuns && ended >= maxPurges {
			ended--
			continue
		}
		kept = append(kept, p)
	}
	ps.list = kept
}

// Purges returns the state of the deletions under way and of the last ones that
// ended, oldest first.
func (e *Engine) Purges() []PurgeState {
	ps := &e.cache.purges
	ps.mu.Lock()
	defer ps.mu.Unlock()
	list := make([]PurgeState, len(ps.list))
	for i, p := range ps.list {
		list[i] = p.state
	}
	return list
}

// CancelPurge stops a deletion. known is false if there is none of this ID, and
// stopped if it has ended already.
func (e *Engine) CancelPurge(id uint64) (stopped, known bool) {
	ps := &e.cache.purges
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, p := range ps.list {
		if p.state.ID == id {
			stopped = p.state.Phase == PurgeRuns
			p.end(PurgeCancelled)
			return stopped, true
		}
	}
	return false, false
}

// end notes that the deletion is over, if it runs. The lock is held.
func (p *Purge) end(phase PurgePhase) {
	if p.state.Phase == PurgeRuns {
		p.state.Phase, p.state.Ended = phase, p.engine.opt.Clock.Now().UnixMilli()
	}
}

// State returns how far the deletion is.
func (p *Purge) State() PurgeState {
	ps := &p.engine.cache.purges
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return p.state
}

// Seq is the newest change set of a deletion that RunPurge has done.
func (p *Purge) Seq() uint64 { return p.seq }

func (p *Purge) runs() bool { return p.State().Phase == PurgeRuns }

// purging reports whether the background has a deletion to do.
func (e *Engine) purging() bool { return e.nextPurge() != nil }

func (e *Engine) nextPurge() *Purge {
	ps := &e.cache.purges
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, p := range ps.list {
		if p.state.Phase == PurgeRuns && !p.driven {
			return p
		}
	}
	return nil
}

// purgeMore goes on with the oldest deletion.
func (e *Engine) purgeMore() {
	for range purgeSteps {
		p := e.nextPurge()
		if p == nil {
			return
		}
		p.step()
	}
}

// step goes on a little. Event: del, for each key.
func (p *Purge) step() {
	e := p.engine
	tx := e.newTx(p.DB, e.opt.Clock.Now().UnixMilli(), NoTouch)
	tx.single = p.shard
	s := &e.shards[p.shard]
	s.mu.Lock()
	var keys [][]byte
	scanned := 0
	if t := s.dbs[p.DB].index; t != nil {
		p.cursor = t.Scan(p.cursor, purgeBatch, func(ref uint64) {
			scanned++
			if key := s.key(s.entry(ref)); p.wants(key) {
				keys = append(keys, tx.lasting(key))
			}
		})
	} else {
		p.cursor = 0
	}
	matched, deleted := tx.purge(keys, p.Dry)
	p.seq = max(p.seq, tx.Commit().Seq)
	if p.cursor == 0 {
		p.shard++
	}
	p.note(scanned, matched, deleted)
}

// purge deletes keys, or only counts those that are there.
func (tx *Tx) purge(keys [][]byte, dry bool) (matched, deleted int) {
	for _, key := range keys {
		s, hash := tx.shard(key)
		f, ok := tx.present(s, hash, tx.db, key)
		if !ok {
			continue
		}
		matched++
		if !dry {
			tx.revoke(key)
			tx.remove(f, key)
			tx.event(change.EventGeneric, "del", key)
			deleted++
		}
	}
	return matched, deleted
}

func (p *Purge) wants(key []byte) bool {
	switch {
	case !p.Pattern && !bytes.HasPrefix(key, p.Text), p.Pattern && !glob.Match(p.Text, key):
		return false
	}
	return p.May == nil || p.May(key)
}

func (p *Purge) note(scanned, matched, deleted int) {
	ps := &p.engine.cache.purges
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p.state.Scanned += int64(scanned)
	p.state.Matched += int64(matched)
	p.state.Deleted += int64(deleted)
	if p.shard == len(p.engine.shards) {
		p.end(PurgeDone)
	}
}
