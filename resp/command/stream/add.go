package stream

import (
	"bytes"
	"math"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var (
	errZeroID    = rediserr.New("The ID specified in XADD must be greater than 0-0")
	errSmallID   = rediserr.New("The ID specified in XADD is equal or smaller than the target stream top item")
	errExhausted = rediserr.New("The stream has exhausted the last possible ID, unable to add more items")
	errTooLarge  = rediserr.New("Elements are too large to be stored")
)

// maxEntry is the most that the fields of one entry may have, in bytes.
const maxEntry = 1 << 30

// addOptions are the options of XADD.
type addOptions struct {
	trimOptions
	noCreate bool
	id       newID
	fields   [][]byte
}

// newID is the ID of an entry to be added, as the client wants it.
type newID struct {
	engine.StreamID
	// auto leaves all of it to the server, and autoSeq the number within the
	// millisecond.
	auto, autoSeq bool
}

func parseNewID(b []byte) (id newID, err error) {
	if len(b) == 1 && b[0] == '*' {
		id.auto = true
		return id, nil
	}
	if ms, ok := bytes.CutSuffix(text(b), []byte("-*")); ok && len(b) <= maxID && bytes.IndexByte(ms, '-') < 0 {
		id.autoSeq = true
		b = ms
	}
	id.StreamID, err = parseID(b, 0)
	return id, err
}

// after returns the ID that an entry gets. last is the greatest one given out.
func (id newID) after(last engine.StreamID, now int64) (engine.StreamID, error) {
	if last == engine.MaxStreamID {
		return last, errExhausted
	}
	ms := uint64(max(now, 0))
	switch {
	case id.auto && ms > last.MS:
		return engine.StreamID{MS: ms}, nil
	case id.auto:
		next, _ := last.Next()
		return next, nil
	case id.autoSeq && id.MS == last.MS && last.Seq == math.MaxUint64:
		return last, errSmallID
	case id.autoSeq && id.MS == last.MS:
		return engine.StreamID{MS: last.MS, Seq: last.Seq + 1}, nil
	case !last.Less(id.StreamID):
		return last, errSmallID
	}
	return id.StreamID, nil
}

func (opt *addOptions) parseLine(c *command.Ctx) (err error) {
	i := 2
	for ; i < len(c.Args); i++ {
		if is(c.Args[i], "NOMKSTREAM") {
			opt.noCreate = true
			continue
		}
		last, ok, err := opt.parse(c, i)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		i = last
	}
	if i < len(c.Args) {
		if opt.id, err = parseNewID(c.Args[i]); err != nil {
			return err
		}
	}
	if err := opt.check(c); err != nil {
		return err
	}
	if n := len(c.Args) - i - 1; n < 2 || n%2 == 1 {
		return rediserr.WrongArgs("xadd")
	}
	opt.fields = c.Args[i+1:]
	if !opt.id.auto && !opt.id.autoSeq && opt.id.IsZero() {
		return errZeroID
	}
	return nil
}

// xadd implements XADD.
func xadd(c *command.Ctx) error {
	var opt addOptions
	if err := opt.parseLine(c); err != nil {
		return err
	}
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	if opt.noCreate && !s.Exists() {
		c.Out.Null()
		return nil
	}
	id, err := opt.id.after(s.Last(), c.Now.UnixMilli())
	if err != nil {
		return err
	}
	size := 0
	for _, f := range opt.fields {
		size += len(f)
	}
	if size > maxEntry {
		return errTooLarge
	}
	if err := opt.heavy(c, &s); err != nil {
		return err
	}

	s.Add(id, opt.fields, limits(c))
	opt.trim(&s)
	writeID(c.Out, id)
	return nil
}

// limits are those of the blocks of a stream.
func limits(c *command.Ctx) engine.StreamLimits {
	cfg := c.Config()
	return engine.StreamLimits{Entries: cfg.StreamNodeMaxEntries, Bytes: cfg.StreamNodeMaxBytes}
}
