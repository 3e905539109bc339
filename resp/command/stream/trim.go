package stream

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var (
	errTwoStrategies = rediserr.New("syntax error, MAXLEN and MINID options at the same time are not compatible")
	errNegativeLen   = rediserr.New("The MAXLEN argument must be >= 0.")
	errNegativeLimit = rediserr.New("The LIMIT argument must be >= 0.")
	errLimitAlone    = rediserr.New("syntax error, LIMIT cannot be used without specifying a trimming strategy")
	errLimitExact    = rediserr.New("syntax error, LIMIT cannot be used without the special ~ option")
	errNoStrategy    = rediserr.New("syntax error, XTRIM must be called with a trimming strategy")
)

// Approximate trimming removes at most the entries of limitBlocks blocks, unless
// LIMIT says otherwise.
const (
	limitBlocks  = 100
	defaultLimit = 10_000
	maxLimit     = 1_000_000
)

// trimOptions are the options of XTRIM, which XADD has too.
type trimOptions struct {
	how      engine.StreamTrim
	given    bool // a strategy
	limited  bool // LIMIT
	refs     engine.References
	refsWord bool
}

// parse reads the option that begins at argument i, if it is one, and returns the
// last argument of it.
func (o *trimOptions) parse(c *command.Ctx, i int) (last int, ok bool, err error) {
	arg, more := c.Args[i], len(c.Args)-1-i
	switch {
	case is(arg, "MAXLEN") && more > 0, is(arg, "MINID") && more > 0:
		last, err = o.parseStrategy(c, i, more)
		return last, true, err
	case is(arg, "LIMIT") && more > 0:
		o.limited = true
		if o.how.Limit, err = c.Int(i + 1); err == nil && o.how.Limit < 0 {
			err = errNegativeLimit
		}
		return i + 1, true, err
	}
	refs, ok := parseReferences(arg)
	if ok && o.refsWord {
		return i, true, rediserr.Syntax
	}
	if ok {
		o.refs, o.refsWord = refs, true
	}
	return i, ok, nil
}

// parseReferences reads KEEPREF, DELREF or ACKED.
func parseReferences(arg []byte) (refs engine.References, ok bool) {
	switch {
	case is(arg, "KEEPREF"):
		return engine.KeepReferences, true
	case is(arg, "DELREF"):
		return engine.DropReferences, true
	case is(arg, "ACKED"):
		return engine.OnlyAcknowledged, true
	}
	return 0, false
}

// parseStrategy reads MAXLEN or MINID with the sign and the threshold after it.
func (o *trimOptions) parseStrategy(c *command.Ctx, i, more int) (last int, err error) {
	if o.given {
		return i, errTwoStrategies
	}
	o.given = true
	o.how.ByID = is(c.Args[i], "MINID")
	i++
	if sign := c.Args[i]; more > 1 && len(sign) == 1 && (sign[0] == '~' || sign[0] == '=') {
		o.how.Whole = sign[0] == '~'
		i++
	}
	if o.how.ByID {
		o.how.MinID, err = parseID(c.Args[i], 0)
		return i, err
	}
	if o.how.MaxLen, err = c.Int(i); err == nil && o.how.MaxLen < 0 {
		err = errNegativeLen
	}
	return i, err
}

// check looks at what the options say together, and sets the usual limit.
func (o *trimOptions) check(c *command.Ctx) error {
	switch {
	case o.how.Limit > 0 && !o.given:
		return errLimitAlone
	case o.limited && !o.how.Whole:
		return errLimitExact
	case !o.limited && o.how.Whole:
		o.how.Limit = limitOf(c.Config().StreamNodeMaxEntries)
	}
	return nil
}

// limitOf is the usual limit of approximate trimming.
func limitOf(entries int64) int64 {
	switch {
	case entries <= 0:
		return defaultLimit
	case entries > maxLimit/limitBlocks:
		return maxLimit
	}
	return entries * limitBlocks
}

// heavy returns command.ErrHeavy if there is much to be trimmed.
func (o *trimOptions) heavy(c *command.Ctx, s *engine.Stream) error {
	if !o.given || !s.Exists() {
		return nil
	}
	return c.Heavy(int(s.Beyond(o.how)))
}

// trim does what the options say and returns how many entries went.
func (o *trimOptions) trim(s *engine.Stream) int64 {
	if !o.given {
		return 0
	}
	refs := o.refs
	if refs == engine.OnlyAcknowledged && len(s.Groups()) == 0 {
		refs = engine.KeepReferences
	}
	return s.Trim(o.how, refs)
}

// xtrim implements XTRIM.
func xtrim(c *command.Ctx) error {
	var opt trimOptions
	for i := 2; i < len(c.Args); i++ {
		last, ok, err := opt.parse(c, i)
		if err != nil {
			return err
		}
		if !ok {
			return rediserr.Syntax
		}
		i = last
	}
	switch {
	case opt.how.Limit > 0 && !opt.given:
		return errLimitAlone
	case !opt.given:
		return errNoStrategy
	}
	if err := opt.check(c); err != nil {
		return err
	}
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	var n int64
	if s.Exists() {
		if err := opt.heavy(c, &s); err != nil {
			return err
		}
		n = opt.trim(&s)
	}
	c.Out.Int(n)
	return nil
}
