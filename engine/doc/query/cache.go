package query

import (
	"sync"

	"kvd/engine/doc/path"
)

// Cache remembers compiled expressions and terms by their text, about the
// thousand of each that were used last, and matchers with their scratch memory. Any
// number of goroutines may use it; the zero Cache is ready.
type Cache struct {
	// Searches is for the memory of searches that have ended, as those who search
	// have it.
	Searches sync.Pool

	expressions memory[*path.Expression]
	terms       memory[Term]
	matchers    sync.Pool
}

// Matcher returns a matcher that nobody else uses until Release.
func (c *Cache) Matcher() *Matcher {
	if m, ok := c.matchers.Get().(*Matcher); ok {
		return m
	}
	return new(Matcher)
}

// Release takes back what Matcher returned.
func (c *Cache) Release(m *Matcher) {
	m.release()
	c.matchers.Put(m)
}

// Expression returns the compiled expression with the text. It fails as
// path.CompileExpression does.
func (c *Cache) Expression(text []byte) (*path.Expression, error) {
	return c.expressions.get(text, path.CompileExpression)
}

// Term returns the compiled term with the text, without a type. It fails as
// NewTerm does.
func (c *Cache) Term(text []byte) (Term, error) { return c.terms.get(text, NewTerm) }

// half is how many entries each half of a memory holds.
const half = 512

// memory is one kind of a Cache: what was used since it was last full, and what
// was used before that.
type memory[T any] struct {
	mu         sync.Mutex
	fresh, old map[string]T
}

func (m *memory[T]) get(text []byte, compile func([]byte) (T, error)) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if x, ok := m.fresh[string(text)]; ok {
		return x, nil
	}
	x, ok := m.old[string(text)]
	if !ok {
		var err error
		if x, err = compile(text); err != nil {
			return x, err
		}
	}
	if m.fresh == nil || len(m.fresh) >= half {
		m.fresh, m.old = make(map[string]T), m.fresh
	}
	m.fresh[string(text)] = x
	return x, nil
}
