package engine

// ZList is a list of members in memory of its own.
type ZList struct {
	Entries []ZEntry
	buf     []byte
}

// Add appends a copy of a member.
func (l *ZList) Add(member []byte, score float64) {
	from := len(l.buf)
	if cap(l.buf)-from < len(member) {
		// What has been added stays where it is.
		l.buf = make([]byte, 0, max(2*cap(l.buf), 512, len(member)))
		from = 0
	}
	l.buf = append(l.buf, member...)
	l.Entries = append(l.Entries, ZEntry{Member: l.buf[from:len(l.buf):len(l.buf)], Score: score})
}
