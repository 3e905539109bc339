package history

import (
	"bytes"
	"errors"
	"fmt"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/internal/fail"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Where tests have the server end in the middle of a change.
var (
	pointSave     = fail.New("ver.save")
	pointRollback = fail.New("ver.rollback")
	pointPrune    = fail.New("ver.prune")
)

type saveOptions struct {
	noteOptions
	value []byte
	kind  change.Type // of value; NoType: none is given
	tag   string
}

func parseSave(c *command.Ctx) (opt saveOptions, err error) {
	opt.ifRev = -1
	given := ""
	s := c.Options(2)
	for s.Next() {
		switch word := s.Option(); {
		case word == "JSON":
			s.Once(&given)
			opt.value, opt.kind = s.Arg(), change.JSON
		case word == "VALUE":
			s.Once(&given)
			opt.value, opt.kind = s.Arg(), change.String
		case word == "TAG":
			if opt.tag = s.Note("tag"); opt.tag == "" {
				s.Fail(errTag)
			}
		case word == "FORCE":
			opt.note.Always = true
		case !opt.option(&s):
			s.Fail(command.SyntaxNear([]byte(word)))
		}
	}
	return opt, s.Err()
}

// save implements VER.SAVE.
func save(c *command.Ctx) error {
	key := c.Args[1]
	opt, err := parseSave(c)
	if err != nil {
		return err
	}
	h, err := c.Tx.History(key)
	if err != nil {
		return err
	}
	if err := opt.check(c, &h); err != nil {
		return err
	}
	if at, used := h.Tags()[opt.tag]; used && opt.tag != "" && !opt.keeps(&h, at) {
		return rediserr.Coded("EXISTS", rediserr.OneLine(fmt.Sprintf("tag '%.64s' is at version %d", opt.tag, at)))
	}
	if err := opt.put(c, key); err != nil {
		return err
	}
	if err := pointSave.Err(); err != nil {
		return err
	}

	number, err := h.Save(opt.note)
	if err != nil {
		return err
	}
	if opt.tag != "" {
		h.Name(number, opt.tag)
	}
	c.Out.Int(int64(number))
	return nil
}

// keeps reports whether the tag, which is at a version, is to be there.
func (o *saveOptions) keeps(h *engine.History, at uint64) bool {
	return at == h.Newest() && o.kind == change.NoType && !o.note.Always && h.IsNewest()
}

// put sets the key to the value that is given.
func (o *saveOptions) put(c *command.Ctx, key []byte) error {
	switch o.kind {
	case change.String:
		if _, err := c.Tx.String(key); err != nil {
			return err
		}
		if err := c.Services.Engine.InCollection(c.Tx.DB(), key); err != nil {
			return err
		}
		c.Tx.SetString(key, bytes.Clone(o.value), engine.Keep)
	case change.JSON:
		s := c.Services.Documents.Scratch()
		defer c.Services.Documents.Release(s)
		value, err := s.Parser.Append(c.Tx.DocumentBuffer(), o.value)
		if err != nil {
			return command.DocumentError(err)
		}
		return c.Tx.PutDocuments(engine.DocumentPut{
			Key: key, Value: value, Expire: engine.Keep, Event: "ver.save", Author: &o.note.Author,
		})
	default:
		if !c.Tx.Peek(key) {
			return errNoKey
		}
	}
	return nil
}

// refuses returns the error for a version whose value may not be at a key.
func refuses(c *command.Ctx, key []byte, v *engine.Version) error {
	if v.Type == change.JSON || v.Tombstone() {
		return nil
	}
	return c.Services.Engine.InCollection(c.Tx.DB(), key)
}

// document returns the document at a key, or none if that has another type.
func document(c *command.Ctx, key []byte) (engine.Document, error) {
	d, err := c.Tx.PeekDocument(key)
	if errors.Is(err, rediserr.WrongType) {
		err = nil
	}
	return d, err
}

var (
	errNoKey = rediserr.Coded("NOTFOUND", "no such key")
	errTag   = rediserr.New("a tag needs a name")
)

// rollback implements VER.ROLLBACK.
func rollback(c *command.Ctx) error {
	key := c.Args[1]
	opt, returns, err := parseRollback(c)
	if err != nil {
		return err
	}
	h, v, err := command.LoadVersion(c.Tx, key, c.Args[2])
	if err != nil {
		return err
	}
	if err := opt.check(c, &h); err != nil {
		return err
	}
	if err := refuses(c, key, &v); err != nil {
		return err
	}
	if opt.note.Message == "" {
		opt.note.Message = fmt.Sprintf("Rollback to version %d", v.Number)
	}
	if err := c.Tx.RestoreVersion(key, &v, opt.note.Author); err != nil {
		return err
	}
	if err := pointRollback.Err(); err != nil {
		return err
	}

	number, err := h.Renew(opt.note)
	if err != nil {
		return err
	}
	if returns {
		return writeValue(c, &v)
	}
	c.Out.Int(int64(number))
	return nil
}

func parseRollback(c *command.Ctx) (opt noteOptions, returns bool, err error) {
	opt.ifRev = -1
	s := c.Options(3)
	for s.Next() {
		switch word := s.Option(); {
		case word == "RETURN":
			if returns = bytes.EqualFold(s.Arg(), []byte("VALUE")); !returns {
				s.Fail(command.SyntaxNear([]byte(word)))
			}
		case !opt.option(&s):
			s.Fail(command.SyntaxNear([]byte(word)))
		}
	}
	return opt, returns, s.Err()
}
