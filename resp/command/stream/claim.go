package stream

import (
	"math"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var (
	errClaimIdle    = rediserr.New("Invalid IDLE option argument for XCLAIM")
	errClaimAt      = rediserr.New("Invalid TIME option argument for XCLAIM")
	errClaimRetries = rediserr.New("Invalid RETRYCOUNT option argument for XCLAIM")
	errClaimMin     = rediserr.New("Invalid min-idle-time argument for XCLAIM")
	errAutoMin      = rediserr.New("Invalid min-idle-time argument for XAUTOCLAIM")
	errAutoCount    = rediserr.New("COUNT must be > 0")
)

// claimOptions are the options of XCLAIM.
type claimOptions struct {
	ids           []engine.StreamID
	last          engine.StreamID
	delivered     int64 // unix milliseconds, if at is set
	at            bool
	retries       int64
	force, justID bool
}

func parseClaim(c *command.Ctx) (opt claimOptions, err error) {
	opt.retries = -1
	i := 5
	for ; i < len(c.Args); i++ {
		id, err := parseID(c.Args[i], 0)
		if err != nil {
			break
		}
		opt.ids = append(opt.ids, id)
	}
	for ; i < len(c.Args); i++ {
		if i, err = opt.parse(c, i); err != nil {
			return opt, err
		}
	}
	return opt, nil
}

// parse reads the option that begins at argument i and returns the last argument
// of it.
func (o *claimOptions) parse(c *command.Ctx, i int) (last int, err error) {
	arg, more := c.Args[i], i+1 < len(c.Args)
	switch {
	case is(arg, "FORCE"):
		o.force = true
		return i, nil
	case is(arg, "JUSTID"):
		o.justID = true
		return i, nil
	case is(arg, "IDLE") && more:
		idle, err := number(c, i+1, errClaimIdle)
		o.delivered, o.at = c.Now.UnixMilli()-idle, true
		return i + 1, err
	case is(arg, "TIME") && more:
		o.at = true
		o.delivered, err = number(c, i+1, errClaimAt)
		return i + 1, err
	case is(arg, "RETRYCOUNT") && more:
		o.retries, err = number(c, i+1, errClaimRetries)
		return i + 1, err
	case is(arg, "LASTID") && more:
		o.last, err = parseID(c.Args[i+1], 0)
		return i + 1, err
	}
	return i, rediserr.Newf("Unrecognized XCLAIM option '%s'", text(arg))
}

// number reads argument i as an integer.
func number(c *command.Ctx, i int, fault error) (int64, error) {
	n, err := c.Int(i)
	if err != nil {
		return 0, fault
	}
	return n, nil
}

// deliveredAt is the time that counts as that of the delivery: a claim in the
// future, or before 1970, is one of now.
func (o *claimOptions) deliveredAt(now int64) int64 {
	if !o.at || o.delivered < 0 || o.delivered > now {
		return now
	}
	return o.delivered
}

// xclaim implements XCLAIM.
func xclaim(c *command.Ctx) error {
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	g := s.Group(c.Args[2])
	if g == nil {
		return noKeyOrGroup(c.Args[1], c.Args[2])
	}
	minIdle, err := number(c, 4, errClaimMin)
	if err != nil {
		return err
	}
	opt, err := parseClaim(c)
	if err != nil {
		return err
	}
	claim := engine.StreamClaim{
		Stream: &s, Group: g, Consumer: c.Args[3], MinIdle: max(0, minIdle),
		Delivered: opt.deliveredAt(c.Now.UnixMilli()), Retries: max(-1, opt.retries), JustID: opt.justID, Force: opt.force,
	}
	var taken []engine.StreamID
	claim.ByID(opt.ids, opt.last, func(cur *engine.StreamCursor) { taken = append(taken, cur.ID()) })
	writeTaken(c, &s, taken, opt.justID)
	return nil
}

// writeTaken writes entries by their IDs, or the IDs only.
func writeTaken(c *command.Ctx, s *engine.Stream, ids []engine.StreamID, justID bool) {
	c.Out.Array(len(ids))
	for _, id := range ids {
		if justID {
			writeID(c.Out, id)
			continue
		}
		cur := s.Range(id, id, engine.StreamForward)
		writeEntries(c.Out, &cur, 1)
	}
}

// usualClaims is how many entries XAUTOCLAIM takes if the client does not say, and
// maxClaims how many it may say.
const (
	usualClaims = 100
	maxClaims   = math.MaxInt64 / 16
)

// autoOptions are the arguments of XAUTOCLAIM.
type autoOptions struct {
	minIdle int64
	from    engine.StreamID
	count   int64
	justID  bool
}

func parseAuto(c *command.Ctx) (opt autoOptions, err error) {
	if opt.minIdle, err = number(c, 4, errAutoMin); err != nil {
		return opt, err
	}
	if opt.from, err = parseStart(c.Args[5]); err != nil {
		return opt, err
	}
	opt.count = usualClaims
	o := c.Options(6)
	for o.Next() {
		switch o.Option() {
		case "COUNT":
			arg := o.Arg()
			if o.Err() != nil {
				break
			}
			if opt.count, err = command.ParseInt(arg); err != nil || opt.count < 1 || opt.count > maxClaims {
				o.Fail(errAutoCount)
			}
		case "JUSTID":
			opt.justID = true
		default:
			o.Fail(rediserr.Syntax)
		}
	}
	return opt, o.Err()
}

// xautoclaim implements XAUTOCLAIM.
func xautoclaim(c *command.Ctx) error {
	opt, err := parseAuto(c)
	if err != nil {
		return err
	}
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	g := s.Group(c.Args[2])
	if g == nil {
		return noKeyOrGroup(c.Args[1], c.Args[2])
	}
	if err := c.Heavy(int(min(opt.count, int64(g.PendingLen())))); err != nil {
		return err
	}
	claim := engine.StreamClaim{
		Stream: &s, Group: g, Consumer: c.Args[3], MinIdle: max(0, opt.minIdle),
		Delivered: c.Now.UnixMilli(), Retries: -1, JustID: opt.justID,
	}
	var taken, gone []engine.StreamID
	next := claim.Scan(opt.from, opt.count,
		func(cur *engine.StreamCursor) { taken = append(taken, cur.ID()) },
		func(id engine.StreamID) { gone = append(gone, id) })
	c.Out.Array(3)
	writeID(c.Out, next)
	writeTaken(c, &s, taken, opt.justID)
	c.Out.Array(len(gone))
	for _, id := range gone {
		writeID(c.Out, id)
	}
	return nil
}
