package json

import (
	"fmt"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// conditions is what IFREV and IFVER demand of the document that is there: so a
// client that has read it changes it only if nobody else has.
type conditions struct {
	rev, version       uint64
	hasRev, hasVersion bool
}

// takeConditions takes IFREV and IFVER off the end of a line, of which at least so
// many words must be left. No JSON text is one of these words, so they are never
// taken for a value.
func takeConditions(c *command.Ctx, least int) (args [][]byte, cond conditions, err error) {
	args = c.Args
	for len(args) >= least+2 {
		known, err := cond.option(args[len(args)-2], args[len(args)-1])
		if err != nil {
			return nil, cond, err
		}
		if !known {
			break
		}
		args = args[:len(args)-2]
	}
	return args, cond, nil
}

// option reads one of the two options, and reports whether word is one.
func (k *conditions) option(word, number []byte) (known bool, err error) {
	switch {
	case isWord(word, "IFREV"):
		k.hasRev = true
		k.rev, err = command.ParseUint(number)
	case isWord(word, "IFVER"):
		k.hasVersion = true
		k.version, err = command.ParseUint(number)
	default:
		return false, nil
	}
	return true, err
}

// check compares a document, which may be missing, with the conditions. A missing
// one has revision and version 0.
func (k *conditions) check(d *engine.Document) error {
	if !k.hasRev && !k.hasVersion {
		return nil
	}
	info := d.Info()
	switch {
	case k.hasRev && k.rev != info.Rev:
		return conflict("rev", k.rev, info.Rev)
	case k.hasVersion && k.version != info.Version:
		return conflict("version", k.version, info.Version)
	}
	return nil
}

func conflict(what string, want, got uint64) error {
	return rediserr.Coded("CONFLICT", fmt.Sprintf("expected %s %d, current %d", what, want, got))
}
