package command

import (
	"bytes"
	"fmt"

	"kvd/engine"
	"kvd/internal/rediserr"
)

// Guard is what IFREV and IFVER demand of the document that is there: so a
// client that has read it changes it only if nobody else has.
type Guard struct {
	rev, version       uint64
	hasRev, hasVersion bool
}

// Any reports whether anything is demanded.
func (g *Guard) Any() bool { return g.hasRev || g.hasVersion }

// Read reads the argument of the current option, which is one of the two.
func (g *Guard) Read(s *Options) {
	if s.Option() == "IFREV" {
		g.rev, g.hasRev = s.Uint(), true
	} else {
		g.version, g.hasVersion = s.Uint(), true
	}
}

// Option takes a word and what follows it, and reports whether the word is one of
// the two options.
func (g *Guard) Option(word, number []byte) (known bool, err error) {
	switch {
	case bytes.EqualFold(word, []byte("IFREV")):
		g.hasRev = true
		g.rev, err = ParseUint(number)
	case bytes.EqualFold(word, []byte("IFVER")):
		g.hasVersion = true
		g.version, err = ParseUint(number)
	default:
		return false, nil
	}
	return true, err
}

// Check compares a document, which may be missing: then it has revision and
// version 0. It fails with CONFLICT.
func (g *Guard) Check(d *engine.Document) error {
	if !g.Any() {
		return nil
	}
	info := d.Info()
	switch {
	case g.hasRev && g.rev != info.Rev:
		return conflict("rev", g.rev, info.Rev)
	case g.hasVersion && g.version != info.Version:
		return conflict("version", g.version, info.Version)
	}
	return nil
}

func conflict(what string, want, got uint64) error {
	return rediserr.Coded("CONFLICT", fmt.Sprintf("expected %s %d, current %d", what, want, got))
}
