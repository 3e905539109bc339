package stream

// Advance notes that the entry of an ID is delivered to the group, if it is
// newer than those before, and reports whether it was.
func (s *Stream) Advance(g *Group, id ID) bool {
	if !g.Last.Less(id) {
		return false
	}
	if g.Read != Unknown && !s.holesFrom(id) {
		g.Read++
	} else if s.added > 0 {
		g.Read = s.position(id)
	}
	g.Last = id
	return true
}

// Lag returns how many entries the group has not read yet. ok is false if that
// cannot be told, because entries were deleted in between.
func (s *Stream) Lag(g *Group) (lag int64, ok bool) {
	switch {
	case s.added == 0:
		return 0, true
	case g.Read != Unknown && !s.holesFrom(g.Last):
		return int64(s.added) - g.Read, true
	}
	read := s.position(g.Last)
	return int64(s.added) - read, read != Unknown
}

// holesFrom reports whether an entry was deleted at id or after it that is not
// before all others.
func (s *Stream) holesFrom(id ID) bool {
	return s.length > 0 && !s.maxDeleted.IsZero() && !s.maxDeleted.Less(id) && !s.maxDeleted.Less(s.First())
}

// position returns how many entries up to id were ever added, or Unknown: that
// is known of the first and the last entry, and of what is before all.
func (s *Stream) position(id ID) int64 {
	switch {
	case s.added == 0:
		return 0
	case s.length == 0 && !s.last.Less(id), id == s.last:
		return int64(s.added)
	case s.last.Less(id):
		return Unknown
	}
	first := s.First()
	if !s.maxDeleted.IsZero() && !s.maxDeleted.Less(first) {
		return Unknown
	}
	switch id.Compare(first) {
	case -1:
		return int64(s.added) - int64(s.length)
	case 0:
		return int64(s.added) - int64(s.length) + 1
	}
	return Unknown
}
