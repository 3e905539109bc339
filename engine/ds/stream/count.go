package stream

// Count returns how many entries there are from ID from to ID to, up to most; 0
// is no limit. It reads only the blocks at the ends of the range.
func (s *Stream) Count(from, to ID, most int64) (n int64) {
	if s == nil || s.length == 0 || to.Less(from) {
		return 0
	}
	at, ok := s.blocks.floor(&s.memory, from)
	if !ok {
		at = spot{}
	}
	for ; s.blocks.has(at) && (most == 0 || n < most); at = s.blocks.after(at) {
		base, b := s.block(at)
		switch {
		case to.Less(base):
			return n
		case !base.Less(from) && !to.Less(b.last()):
			n += int64(b.live())
		default:
			n += b.countIn(base, from, to)
		}
	}
	if most > 0 {
		n = min(n, most)
	}
	return n
}

// countIn counts the entries of a range.
func (b block) countIn(base, from, to ID) (n int64) {
	for at := b.entries(); at < b.used(); {
		e := b.read(base, at)
		if to.Less(e.id) {
			break
		}
		at = b.end(e)
		if !e.dead && !e.id.Less(from) {
			n++
		}
	}
	return n
}
