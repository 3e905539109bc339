package engine

import "kvd/internal/change"

// References says what becomes of the pending entries of groups when the entries
// themselves are removed.
type References uint8

const (
	// KeepReferences leaves them: their groups have the ID of an entry that is
	// no more.
	KeepReferences References = iota
	// DropReferences removes them too.
	DropReferences
	// OnlyAcknowledged removes no entry that some group has not read, or not
	// acknowledged.
	OnlyAcknowledged
)

// Removal is what became of an entry that was to be removed.
type Removal int8

// What becomes of an entry. The numbers are those of XDELEX.
const (
	// NotFound: there is no such entry, or it is not pending.
	NotFound Removal = -1
	// Removed: it is gone.
	Removed Removal = 1
	// StillReferenced: it stays because some group needs it.
	StillReferenced Removal = 2
)

// renewFrom is the number of rows from which giving the elements a new ID is
// worth it.
const renewFrom = 1000

// Trim removes the oldest entries of a stream that exists, and returns how many.
// Event: xtrim.
func (s *Stream) Trim(how StreamTrim, refs References) int64 {
	l := s.log()
	top := l.Top()
	var keep func(StreamID) bool
	if refs == OnlyAcknowledged {
		keep = s.referenced
	}
	renew := s.mostGoes(l.Beyond(how))
	removed := l.Trim(how, keep, func(id StreamID) {
		if !renew {
			s.c.deleteRow(s.c.tx.entrySub(id))
		}
		if refs == DropReferences {
			s.dropReferences(id)
		}
	})
	if removed == 0 {
		return 0
	}
	switch {
	case renew:
		s.renew()
	case l.Top() != top:
		s.putState()
	}
	s.c.resized()
	s.c.changed(change.EventStream, "xtrim")
	return removed
}

// mostGoes reports whether recording all that stays costs less than recording
// that n entries go.
func (s *Stream) mostGoes(n int64) bool {
	stays := int64(s.Len()) - n
	for _, g := range s.Groups() {
		stays += int64(g.PendingLen() + len(g.Consumers()) + 1)
	}
	return n > renewFrom && stays < n
}

// renew gives the stream's rows a new ID and records all of them.
func (s *Stream) renew() {
	s.c.renew()
	s.c.eachStream(func(sub, value []byte, expire int64) bool {
		s.c.putRow(s.c.tx.lasting(sub), s.c.tx.lasting(value), expire)
		return true
	})
}

// Delete removes entries by their IDs and returns how many there were. Event:
// xdel.
func (s *Stream) Delete(ids []StreamID) (n int64) {
	for _, id := range ids {
		if s.remove(id) {
			n++
		}
	}
	s.deleted(n)
	return n
}

// remove removes an entry, with its row.
func (s *Stream) remove(id StreamID) bool {
	l := s.log()
	if l == nil || !l.Delete(id) {
		return false
	}
	if l.MaxDeleted().Less(id) {
		l.SetMaxDeleted(id)
	}
	s.c.deleteRow(s.c.tx.entrySub(id))
	return true
}

// deleted ends a command that has removed n entries.
func (s *Stream) deleted(n int64) {
	if n > 0 {
		s.putState()
		s.c.resized()
		s.c.changed(change.EventStream, "xdel")
	}
}

// DeleteEx removes entries by their IDs and calls each with what became of every
// one. Without groups, nobody has acknowledged any. Event: xdel.
func (s *Stream) DeleteEx(ids []StreamID, refs References, each func(Removal)) {
	var n int64
	for _, id := range ids {
		what := s.removeEx(id, refs)
		if what == Removed {
			n++
		}
		each(what)
	}
	s.settle(n)
}

// AckDelete acknowledges entries in a group, which may be nil, and removes them
// as DeleteEx does; one that is not pending stays and is NotFound. Event: xdel.
func (s *Stream) AckDelete(g *StreamGroup, ids []StreamID, refs References, each func(Removal)) {
	var n int64
	for _, id := range ids {
		what := NotFound
		if g != nil && s.ack(g, id) {
			what = s.removeEx(id, refs)
			switch what {
			case Removed:
				n++
			case NotFound:
				what = Removed // it was acknowledged, and there is nothing left to remove
			default:
			}
		}
		each(what)
	}
	s.settle(n)
}

// settle is deleted for commands that may have changed only references.
func (s *Stream) settle(removed int64) {
	if removed == 0 && s.c.exists() {
		s.c.resized()
		return
	}
	s.deleted(removed)
}

func (s *Stream) removeEx(id StreamID, refs References) Removal {
	if refs == OnlyAcknowledged && s.Has(id) && (len(s.Groups()) == 0 || s.referenced(id)) {
		return StillReferenced
	}
	if refs == DropReferences {
		s.dropReferences(id)
	}
	if !s.remove(id) {
		return NotFound
	}
	return Removed
}

// referenced reports whether some group has an entry pending, or yet to read.
func (s *Stream) referenced(id StreamID) bool {
	for _, g := range s.Groups() {
		if g.Last.Less(id) {
			return true
		}
		if _, ok := g.Pending(id); ok {
			return true
		}
	}
	return false
}

// dropReferences makes an entry pending in no group.
func (s *Stream) dropReferences(id StreamID) {
	for _, g := range s.Groups() {
		s.ack(g, id)
	}
}

// ack makes an entry of a group no longer pending, with its row.
func (s *Stream) ack(g *StreamGroup, id StreamID) bool {
	if !g.Ack(id) {
		return false
	}
	s.c.deleteRow(s.c.tx.pendingSub(g, id))
	return true
}

// Ack makes entries of a group no longer pending and returns how many were.
func (s *Stream) Ack(g *StreamGroup, ids []StreamID) (n int64) {
	for _, id := range ids {
		if s.ack(g, id) {
			n++
		}
	}
	if n > 0 {
		s.c.resized()
	}
	return n
}
