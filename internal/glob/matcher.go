package glob

// letters says how letters compare.
type letters uint8

const (
	exact letters = iota
	folded
)

// matcher walks a pattern and a subject with two indexes. Every item of a
// pattern but the star consumes exactly one byte, so after a mismatch only the
// last star needs to take one byte more: earlier ones can never do better.
type matcher struct {
	pattern []byte
	letters letters
}

func (m matcher) match(s []byte) bool {
	// The empty subject fits a lone star, but Redis ends its walk before it
	// looks at a second one.
	if len(s) == 0 {
		return len(m.pattern) == 0 || len(m.pattern) == 1 && m.pattern[0] == '*'
	}

	p, i := 0, 0
	star, taken := -1, 0 // the item after the last star, and where its run ends
	for i < len(s) {
		switch next, ok := m.item(p, s[i]); {
		case p < len(m.pattern) && m.pattern[p] == '*':
			p++
			star, taken = p, i
		case ok:
			p = next
			i++
		case star >= 0:
			taken++
			p, i = star, taken
		default:
			return false
		}
	}
	for p < len(m.pattern) && m.pattern[p] == '*' {
		p++
	}
	return p == len(m.pattern)
}

// item matches c against the item that begins at pattern[p] and returns where
// the next one begins.
func (m matcher) item(p int, c byte) (next int, ok bool) {
	if p == len(m.pattern) {
		return p, false
	}
	switch m.pattern[p] {
	case '?':
		return p + 1, true
	case '[':
		return m.class(p+1, c)
	case '\\':
		if p+1 < len(m.pattern) { // at the very end it is itself
			p++
		}
	}
	return p + 1, m.equal(m.pattern[p], c)
}

// class matches c against the class whose first byte, after the bracket, is
// pattern[p]. An escape needs a byte after it and a range two; otherwise their
// signs are plain members.
func (m matcher) class(p int, c byte) (next int, ok bool) {
	pat := m.pattern
	negated := p < len(pat) && pat[p] == '^'
	if negated {
		p++
	}
	for ; p < len(pat) && pat[p] != ']'; p++ {
		switch left := len(pat) - p; {
		case pat[p] == '\\' && left >= 2:
			p++
			ok = ok || pat[p] == c
		case left >= 3 && pat[p+1] == '-':
			ok = ok || m.between(pat[p], pat[p+2], c)
			p += 2
		default:
			ok = ok || m.equal(pat[p], c)
		}
	}
	if p < len(pat) {
		p++ // the closing bracket
	}
	return p, ok != negated
}

// between reports whether c lies in the range from a to b, given in any order.
func (m matcher) between(a, b, c byte) bool {
	if a > b {
		a, b = b, a
	}
	if m.letters == folded {
		a, b, c = lower(a), lower(b), lower(c)
	}
	return a <= c && c <= b
}

func (m matcher) equal(a, b byte) bool {
	return a == b || m.letters == folded && lower(a) == lower(b)
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
