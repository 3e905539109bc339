package engine

import (
	"time"

	"kvd/internal/change"
)

const (
	// retainEvery is how often the background looks for versions that their policy
	// keeps no longer.
	retainEvery = time.Minute
	// retainKeys is how many keys of a database and shard it looks at each time;
	// which ones, chance decides.
	retainKeys = 20
)

// RetainSome removes versions that their policy keeps no longer, of some keys.
func (e *Engine) RetainSome() {
	all := e.history.all.Load()
	if all == nil || e.opt.History == nil {
		return
	}
	now := e.opt.Clock.Now().UnixMilli()
	for i := range e.shards {
		e.retainShard(i, now, all)
	}
}

func (e *Engine) retainShard(i int, now int64, all *policies) {
	tx := e.newTx(0, now, NoTouch)
	tx.single = i
	s := &e.shards[i]
	s.mu.Lock()
	for db := range s.heads {
		tx.db = db
		looked := 0
		for key := range s.heads[db] {
			if looked++; looked > retainKeys {
				break
			}
			p := all.of([]byte(key))
			if p == nil {
				continue
			}
			if h := tx.history([]byte(key)); h.overdue(p) {
				_, _ = h.Retain(p, PruneNow) // the store tells of damage
			}
		}
	}
	tx.Commit()
}

// overdue reports whether a policy keeps some version no longer. It reads one at
// most.
func (h *History) overdue(p *HistoryPolicy) bool {
	n, now := h.head, h.tx.now
	switch {
	case n.kind == change.NoType && p.KeepDeleted > 0 && n.time < now-p.KeepDeleted:
		return true
	case n.first == n.number:
		return false
	case p.Keep > 0 && n.number-n.first >= max(p.Keep, p.MinKeep) && !n.tagged(n.first):
		return true
	case p.MaxAge == 0 || n.number-n.first < p.MinKeep:
		return false
	}
	oldest, ok, err := h.Before(n.first)
	return err == nil && ok && oldest.Time < now-p.MaxAge
}
