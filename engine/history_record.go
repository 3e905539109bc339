package engine

import (
	"crypto/sha256"

	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// History is the versions of one key, which may be gone or never have been. What
// it reads is on disk, and the shard of the key stays locked meanwhile: it is for
// workers.
type History struct {
	tx    *Tx
	key   []byte
	shard *shard
	head  *head // nil: there are no versions
}

// History returns the versions of key. It fails with ErrNoHistory.
func (tx *Tx) History(key []byte) (History, error) {
	if tx.engine.opt.History == nil {
		return History{}, ErrNoHistory
	}
	return tx.history(key), nil
}

func (tx *Tx) history(key []byte) History {
	s, _ := tx.shard(key)
	return History{tx: tx, key: key, shard: s, head: s.heads[tx.db][string(key)]}
}

// SaveNote is what a client says of a version.
type SaveNote struct {
	Message, Author string
	// Always makes a version of a value too that the newest version has.
	Always bool
}

// Save records the state of the key now and returns the number of its version,
// which is that of the newest one if it has the same value: then a message and an
// author that it lacks are added to it. It fails with NOTFOUND for a key that is
// missing, and with ErrCold. Event: ver.save.
func (h *History) Save(n SaveNote) (number uint64, err error) {
	v, exists, err := h.tx.capture(h.key)
	switch {
	case err != nil:
		return 0, err
	case !exists:
		return 0, errNoValue
	case !n.Always && h.isNewest(&v):
		h.annotate(n)
		return h.head.number, nil
	}
	h.record(&v, n)
	h.tx.event(change.EventModule, "ver.save", h.key)
	return h.head.number, nil
}

var errNoValue = rediserr.Coded("NOTFOUND", "no such key")

// record records a version that a client has asked for.
func (h *History) record(v *Version, n SaveNote) {
	v.Message, v.Command, v.Actor = n.Message, h.tx.origin.Command, h.tx.origin.Actor
	if n.Author != "" {
		v.Author = n.Author
	}
	h.add(v)
}

// isNewest reports whether a version is of the same value as the newest.
func (h *History) isNewest(v *Version) bool {
	return h.head != nil && h.head.kind == v.Type && h.head.hash == v.Hash
}

// IsNewest reports whether the newest version is of the value that the key has.
func (h *History) IsNewest() bool {
	v, exists, err := h.tx.capture(h.key)
	return err == nil && exists && h.isNewest(&v)
}

// annotate gives the newest version the message and the author that it lacks.
func (h *History) annotate(n SaveNote) {
	was := h.head.note(h.head.number)
	now := was
	if h.head.said&saidMessage == 0 && now.message == "" {
		now.message = n.Message
	}
	if h.head.said&saidAuthor == 0 && now.author == "" {
		now.author = n.Author
	}
	if now != was {
		h.head.write().notes[h.head.number] = now
		h.putHead()
	}
}

// Renew records the state of the key now, whether it is that of the newest version
// or not, and returns the number. It fails with ErrCold.
func (h *History) Renew(n SaveNote) (number uint64, err error) {
	v, _, err := h.tx.capture(h.key)
	if err != nil {
		return 0, err
	}
	h.record(&v, n)
	return h.head.number, nil
}

// add records a version behind the newest.
func (h *History) add(v *Version) {
	tx := h.tx
	v.Rev, v.Time = tx.Rev(), tx.now
	var chain [sha256.Size]byte
	if h.head == nil {
		h.head = &head{first: 1, created: v.Time, madeRev: v.Rev}
		if h.shard.heads[tx.db] == nil {
			h.shard.heads[tx.db] = heads{}
		}
		h.shard.heads[tx.db][string(h.key)] = h.head
	} else {
		chain, v.Time = h.head.chain, max(v.Time, h.head.time)
	}
	v.Number = h.head.number + 1
	v.chain, v.hasChain = v.chainAfter(chain), v.Number%chainEvery == 0
	n := h.head
	n.number, n.rev, n.time, n.kind, n.hash, n.chain = v.Number, v.Rev, v.Time, v.Type, v.Hash, v.chain
	n.said = 0
	if v.Message != "" {
		n.said |= saidMessage
	}
	if v.Author != "" {
		n.said |= saidAuthor
	}
	h.putVersion(v)
	h.putHead()
}

// putVersion records the row of a version.
func (h *History) putVersion(v *Version) {
	tx := h.tx
	var room [160]byte
	from := len(tx.scratch)
	tx.scratch = change.AppendVersion(tx.scratch, v.appendInfo(room[:0]), v.Content)
	tx.put(change.Row{
		Op: change.Put, Kind: change.History, Type: v.Type, Space: tx.space(), ID: v.Number, Key: h.key, Value: tx.since(from),
	})
}

// putHead records what is known of the versions.
func (h *History) putHead() {
	tx := h.tx
	from := len(tx.scratch)
	tx.scratch = h.head.append(tx.scratch)
	tx.put(change.Row{Op: change.Put, Kind: change.Head, Space: tx.space(), Key: h.key, Value: tx.since(from)})
}
