package query

// Span is a run of entries of an index: from From on and below To. An empty To
// is the end of the index.
type Span struct{ From, To string }

// Page returns entries of the span in the direction, at most max of them,
// appended to dst: those behind after, or from the beginning if that is empty.
// An entry that goes or comes meanwhile makes no difference to where it goes on.
func (ix *Index) Page(dst []string, s Span, d Direction, after string, most int) []string {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	take := func(entry string) bool {
		if !s.has(entry) {
			return false
		}
		if most == 0 {
			return false
		}
		most--
		dst = append(dst, entry)
		return true
	}
	if d == Descending {
		ix.descend(s, after, take)
		return dst
	}
	from := s.From
	if after >= from && after != "" {
		from = after + "\x00" // the next that there can be
	}
	ix.entries.Ascend(from, take)
	return dst
}

// descend gives take the entries of the span from its end, or from before after.
func (ix *Index) descend(s Span, after string, take func(string) bool) {
	end := s.To
	if after != "" && (end == "" || after < end) {
		end = after
	}
	if end == "" {
		ix.entries.Reverse(take)
		return
	}
	ix.entries.Descend(end, func(entry string) bool { return entry == end || take(entry) })
}

func (s Span) has(entry string) bool {
	return entry >= s.From && (s.To == "" || entry < s.To)
}

// Count returns how many entries the spans have, or most+1 if there are more.
func (ix *Index) Count(spans []Span, most int) int {
	n := 0
	for _, s := range spans {
		for more := true; more && n <= most; {
			var found int
			found, s.From, more = ix.countFrom(s, min(most+1-n, Counted))
			n += found
		}
	}
	return n
}

// countFrom counts entries of a span, at most so many, and returns where to go on
// if there may be more: writers wait no longer than for that.
func (ix *Index) countFrom(s Span, most int) (n int, next string, more bool) {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	ix.entries.Ascend(s.From, func(entry string) bool {
		switch {
		case !s.has(entry):
			return false
		case n == most:
			next, more = entry, true
			return false
		}
		n++
		return true
	})
	return n, next, more
}

// prefixed returns the span of all entries that begin with key, which is whole
// encoded values.
func prefixed(key []byte) Span {
	var buf [128]byte
	both := appendSuccessor(append(buf[:0], key...), key)
	text := string(both)
	return Span{From: text[:len(key)], To: text[len(key):]}
}

// successor returns the least text above all that begin with b; nothing if there
// is none.
func successor(b []byte) []byte { return appendSuccessor(nil, b) }

func appendSuccessor(dst, b []byte) []byte {
	for end := len(b); end > 0; end-- {
		if b[end-1] < 0xFF {
			dst = append(dst, b[:end]...)
			dst[len(dst)-1]++
			return dst
		}
	}
	return dst
}
