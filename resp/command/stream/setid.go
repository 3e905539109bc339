package stream

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var (
	errAdded      = rediserr.New("entries_added must be positive")
	errBelowGiven = rediserr.New("The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
	errBelowTop   = rediserr.New("The ID specified in XSETID is smaller than the target stream top item")
	errFewAdded   = rediserr.New("The entries_added specified in XSETID is smaller than the target stream length")
)

// state is what XSETID sets.
type state struct {
	last, deleted engine.StreamID
	added         int64 // -1: not given
}

func parseState(c *command.Ctx) (st state, err error) {
	st.added = -1
	if st.last, err = parseID(c.Args[2], 0); err != nil {
		return st, err
	}
	opt := c.Options(3)
	for opt.Next() {
		switch opt.Option() {
		case "ENTRIESADDED":
			if st.added = opt.Int(); st.added < 0 {
				opt.Fail(errAdded)
			}
		case "MAXDELETEDID":
			arg := opt.Arg()
			if opt.Err() != nil {
				break
			}
			st.deleted, err = parseID(arg, 0)
			opt.Fail(err)
			if st.last.Less(st.deleted) {
				opt.Fail(errBelowGiven)
			}
		default:
			opt.Fail(rediserr.Syntax)
		}
	}
	return st, opt.Err()
}

// xsetid implements XSETID.
func xsetid(c *command.Ctx) error {
	st, err := parseState(c)
	if err != nil {
		return err
	}
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	if !s.Exists() {
		return rediserr.NoSuchKey
	}
	was := s.State()
	switch {
	case s.Len() > 0 && st.last.Less(s.Top()):
		return errBelowTop
	case s.Len() > 0 && st.added >= 0 && st.added < int64(s.Len()):
		return errFewAdded
	}
	if st.added >= 0 {
		was.Added = uint64(st.added)
	}
	if !st.deleted.IsZero() {
		was.MaxDeleted = st.deleted
	}
	s.Set(st.last, was.Added, was.MaxDeleted)
	c.Out.OK()
	return nil
}
