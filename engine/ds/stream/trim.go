package stream

// Trim says which of the oldest entries are to go.
type Trim struct {
	// MinID, with ByID: those below it. Else those beyond MaxLen entries.
	ByID   bool
	MinID  ID
	MaxLen int64
	// Whole removes whole blocks only, as long as their entries are not more
	// than Limit in all; 0 is no limit.
	Whole bool
	Limit int64
}

// Delete removes the entry of an ID and reports whether there was one. Only its
// memory in the block stays until all entries of that are gone.
func (s *Stream) Delete(id ID) bool {
	at, ok := s.blocks.floor(&s.memory, id)
	if !ok {
		return false
	}
	base, b := s.block(at)
	e, ok := b.find(base, id)
	if !ok || e.dead {
		return false
	}
	s.length--
	if b.live() == 1 {
		s.removeBlock(at)
	} else {
		b.kill(e)
	}
	return true
}

// Trim removes the oldest entries, but for those that keep wants to stay (nil:
// none), and returns how many. It calls gone with the ID of each.
func (s *Stream) Trim(how Trim, keep func(ID) bool, gone func(ID)) (removed int64) {
	for at := (spot{}); s.blocks.has(at) && !how.done(s); {
		base, b := s.block(at)
		live := int64(b.live())
		if how.Limit > 0 && removed+live > how.Limit {
			break
		}
		whole := how.takes(s, b)
		if !whole && how.Whole {
			break
		}
		if whole && keep == nil {
			b.each(base, gone)
			s.length -= int(live)
			removed += live
			at = s.removeBlock(at)
			continue
		}
		removed += s.trimBlock(base, b, how, whole, keep, gone)
		switch {
		case !whole && how.ByID:
			return removed
		case whole && b.live() == 0:
			at = s.removeBlock(at)
		default:
			at = s.blocks.after(at)
		}
	}
	return removed
}

// Beyond returns about how many entries Trim would remove, without looking into
// blocks.
func (s *Stream) Beyond(how Trim) (n int64) {
	if !how.ByID {
		n = max(0, int64(s.length)-how.MaxLen)
	}
	for at := (spot{}); how.ByID && s.blocks.has(at); at = s.blocks.after(at) {
		_, b := s.block(at)
		if !how.takes(s, b) {
			break
		}
		n += int64(b.live())
	}
	if how.Limit > 0 {
		n = min(n, how.Limit)
	}
	return n
}

// done reports whether the stream is short enough.
func (how *Trim) done(s *Stream) bool { return !how.ByID && int64(s.length) <= how.MaxLen }

// takes reports whether all entries of a block are to go.
func (how *Trim) takes(s *Stream, b block) bool {
	if how.ByID {
		return b.last().Less(how.MinID)
	}
	return int64(s.length-b.live()) >= how.MaxLen
}

// trimBlock removes entries of one block: all, or as many as are too many.
func (s *Stream) trimBlock(base ID, b block, how Trim, whole bool, keep func(ID) bool, gone func(ID)) (removed int64) {
	for at := b.entries(); at < b.used(); {
		e := b.read(base, at)
		at = b.end(e)
		if !whole && (how.done(s) || how.ByID && !e.id.Less(how.MinID)) {
			break
		}
		if e.dead || keep != nil && keep(e.id) {
			continue
		}
		b.kill(e)
		s.length--
		removed++
		gone(e.id)
	}
	return removed
}

// each calls fn with the ID of every entry.
func (b block) each(base ID, fn func(ID)) {
	for at := b.entries(); at < b.used(); {
		e := b.read(base, at)
		at = b.end(e)
		if !e.dead {
			fn(e.id)
		}
	}
}
