// Package migrate changes the shape of documents by versions: named lists of
// operations, ordered by semantic versions, that can be checked before they are
// run, and taken back exactly.
//
// This package is pure: it parses migrations, applies them to a document, and makes
// and uses the undo records that restore it. Package migrate/ops has the
// operations; package migrate/run applies migrations to the documents of a server.
//
// Invariants: a migration either changes a document as a whole or leaves it as it
// was; what an undo record restores is equal to what was there byte by byte.
package migrate

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"kvd/engine/doc"
	"kvd/migrate/ops"
)

// Kind says which documents a target is.
type Kind string

// The kinds of targets.
const (
	Key        Kind = "key"        // the document at one key
	Prefix     Kind = "prefix"     // all documents whose keys begin so
	Collection Kind = "collection" // the documents of a collection
)

// Target is what a migration is about.
type Target struct {
	Kind Kind
	Name string
}

// Types says that a migration switches the type of its collection.
type Types struct{ From, To string }

// Migration is one step from a version to the next.
type Migration struct {
	Version     Version
	Description string
	Target      Target
	// Types is nil if the type of the collection stays.
	Types *Types
	Up    ops.List
	// Down is what takes Up back where there is no undo record; Reversible says
	// whether there is such a list.
	Down       ops.List
	Reversible bool
	derived    bool // Down is the inverse of Up by rule
	// Text is the migration as it was registered, in compact JSON.
	Text []byte
	// Checksum covers everything but the description, however it is spelt:
	// "sha256:" and 64 hexadecimal digits.
	Checksum string
}

const (
	// MaxText is the greatest size of a migration, in bytes.
	MaxText = 1 << 20
	// maxName is the greatest length of the name of a target, in bytes.
	maxName = 4 << 10
)

// Parse reads a migration: a JSON object. Its errors name the place and the field.
func Parse(text []byte) (*Migration, error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("a migration of more than %d bytes", MaxText)
	}
	v, err := doc.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("invalid JSON: %w", err)
	}
	if v.Kind() != doc.Object {
		return nil, errors.New("a migration is a JSON object")
	}
	if err := known(v, "", "version", "description", "target", "type", "up", "down"); err != nil {
		return nil, err
	}
	m := &Migration{Text: doc.AppendText(nil, v), Checksum: checksum(v)}
	for _, read := range []func(doc.Value) error{m.readVersion, m.readDescription, m.readTarget, m.readTypes, m.readUp, m.readDown} {
		if err := read(v); err != nil {
			return nil, err
		}
	}
	return m, m.agree()
}

// known refuses members that mean nothing.
func known(v doc.Value, where string, names ...string) error {
	for it := v.Items(); it.Next(); {
		if !slices.Contains(names, string(it.Name())) {
			return fmt.Errorf("%s%s: there is no such field", where, it.Name())
		}
	}
	return nil
}

// checksum is the checksum of what a migration does.
func checksum(v doc.Value) string {
	b := doc.NewBuilder(nil)
	b.BeginObject()
	for _, name := range []string{"version", "target", "type", "up", "down"} {
		if part := v.Member([]byte(name)); len(part) > 0 {
			b.Name(name)
			b.Value(part)
		}
	}
	b.End()
	sum := sha256.Sum256(doc.AppendCanonical(nil, b.Bytes()))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// text returns a member that is a string.
func text(v doc.Value, where, name string) (string, error) {
	part := v.Member([]byte(name))
	switch {
	case len(part) == 0:
		return "", fmt.Errorf("%s%s: is missing", where, name)
	case part.Kind() != doc.String:
		return "", fmt.Errorf("%s%s: must be a string", where, name)
	}
	return string(part.Text()), nil
}

func (m *Migration) readVersion(v doc.Value) error {
	version, err := text(v, "", "version")
	if err != nil {
		return err
	}
	if m.Version, err = ParseVersion(version); err != nil {
		return fmt.Errorf("version: %w", err)
	}
	if !Zero.Less(m.Version) {
		return fmt.Errorf("version: must be above %s, the state before the first migration", Zero)
	}
	return nil
}

func (m *Migration) readDescription(v doc.Value) (err error) {
	if len(v.Member([]byte("description"))) > 0 {
		m.Description, err = text(v, "", "description")
	}
	return err
}

func (m *Migration) readTarget(v doc.Value) error {
	target := v.Member([]byte("target"))
	if target.Kind() != doc.Object || target.Len() != 1 {
		return errors.New(`target: must be an object with one of "collection", "prefix", "key"`)
	}
	if err := known(target, "target.", string(Key), string(Prefix), string(Collection)); err != nil {
		return err
	}
	it := target.Items()
	it.Next()
	name, err := text(target, "target.", string(it.Name()))
	if err != nil {
		return err
	}
	if name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return fmt.Errorf("target.%s: must be a name of 1 to %d bytes", it.Name(), maxName)
	}
	m.Target = Target{Kind(it.Name()), name}
	return nil
}

func (m *Migration) readTypes(v doc.Value) error {
	types := v.Member([]byte("type"))
	if len(types) == 0 {
		return nil
	}
	if types.Kind() != doc.Object {
		return errors.New(`type: must be an object with "from" and "to"`)
	}
	if err := known(types, "type.", "from", "to"); err != nil {
		return err
	}
	from, err := text(types, "type.", "from")
	if err != nil {
		return err
	}
	to, err := text(types, "type.", "to")
	m.Types = &Types{from, to}
	return err
}

func (m *Migration) readUp(v doc.Value) (err error) {
	up := v.Member([]byte("up"))
	if len(up) == 0 {
		return errors.New("up: is missing")
	}
	m.Up, err = ops.Compile(up, "up")
	return err
}

func (m *Migration) readDown(v doc.Value) (err error) {
	down := v.Member([]byte("down"))
	switch {
	case len(down) == 0, down.Kind() == doc.String && string(down.Text()) == "auto":
		m.Down, m.Reversible = m.Up.Inverse()
		m.derived = true
		return nil
	case down.Kind() == doc.String && string(down.Text()) == "none":
		return nil
	case down.Kind() == doc.Array:
		m.Reversible = true
		m.Down, err = ops.Compile(down, "down")
		return err
	}
	return errors.New(`down: must be "auto", "none" or an array of operations`)
}

// agree checks the parts of a migration against each other.
func (m *Migration) agree() error {
	if m.Target.Kind == Collection {
		return nil
	}
	if m.Types != nil {
		return errors.New("type: only a collection has one")
	}
	for _, list := range []ops.List{m.Up, m.Down} {
		for i := range list {
			if list[i].Index != nil {
				return fmt.Errorf("up: the operation index needs a collection as the target")
			}
		}
	}
	return nil
}
