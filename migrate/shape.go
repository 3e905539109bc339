package migrate

import (
	"bytes"
	"fmt"
	"time"

	"kvd/engine/doc"
	"kvd/migrate/ops"
)

// Shape is a document with the version that it has the shape of, and what takes it
// back to earlier ones.
type Shape struct {
	Value   doc.Value
	Version Version
	Undo    Undo
}

// Up applies a migration at a time. It fails with an *ops.Error and then returns
// the zero Shape.
func (s Shape) Up(e *ops.Env, m *Migration, now time.Time) (Shape, error) {
	v, err := m.Up.Apply(e, s.Value)
	if err != nil {
		return Shape{}, err
	}
	return Shape{
		Value:   v,
		Version: Higher(s.Version, m.Version),
		Undo:    s.Undo.push(m.Version, s.Version, now, s.Value, v),
	}, nil
}

// Strategy says how a migration is taken back.
type Strategy uint8

// The strategies.
const (
	// Auto uses the undo record if there is one, else the operations.
	Auto Strategy = iota
	// ByUndo uses undo records only.
	ByUndo
	// ByOps uses operations only.
	ByOps
)

// IrreversibleError says that a migration of a document can't be taken back.
type IrreversibleError struct {
	Version Version
	Why     string
}

// Error returns the reason with the migration.
func (e *IrreversibleError) Error() string { return fmt.Sprintf("%s: %s", e.Version, e.Why) }

// Down takes the migration back from which the document has its version. below is
// the version that it then has if no undo record says which. It fails with an
// *ops.Error or an *IrreversibleError.
func (s Shape) Down(e *ops.Env, m *Migration, below Version, how Strategy) (Shape, error) {
	top, rest, ok := s.Undo.pop()
	if ok && top.Version == m.Version && how != ByOps {
		v, err := top.Restore(s.Value)
		if err == nil {
			return Shape{v, top.Before, rest}, nil
		}
		if how == ByUndo {
			return Shape{}, &IrreversibleError{m.Version, err.Error()}
		}
	}
	if why := m.CantByOps(how); why != "" {
		return Shape{}, &IrreversibleError{m.Version, why}
	}
	v, err := m.Down.Apply(e, s.Value)
	if err != nil {
		return Shape{}, err
	}
	if m.derived {
		again, err := m.Up.Apply(e, v)
		if err != nil || !bytes.Equal(again, s.Value) && !doc.Equal(again, s.Value) {
			return Shape{}, &IrreversibleError{m.Version, "the inverse of its operations does not lead back from this document"}
		}
	}
	return Shape{Value: v, Version: below}, nil
}

// HasUndo reports whether the newest record is that of a migration.
func (u Undo) HasUndo(version Version) bool {
	top, _, ok := u.pop()
	return ok && top.Version == version
}

// CantByOps says why operations can't take the migration back; empty: they can.
func (m *Migration) CantByOps(how Strategy) string {
	switch {
	case how == ByUndo:
		return "there is no undo record that fits"
	case !m.Reversible:
		return "it has no operations that take it back, and there is no undo record that fits"
	}
	return ""
}
