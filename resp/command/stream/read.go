package stream

import (
	"math"
	"time"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
)

var (
	errTimeout    = rediserr.New("timeout is not an integer or out of range")
	errUnbalanced = rediserr.New("Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.")
	errGroupOnly  = rediserr.New("The GROUP option is only supported by XREADGROUP. You called XREAD instead.")
	errNoAckOnly  = rediserr.New("The NOACK option is only supported by XREADGROUP. You called XREAD instead.")
	errClaimOnly  = rediserr.New("The CLAIM option is only supported by XREADGROUP. You called XREAD instead.")
	errNoGroup    = rediserr.New("Missing GROUP option for XREADGROUP")
	errClaimTime  = rediserr.New("min-idle-time must be a positive integer")
	errNewOnly    = rediserr.New("The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.")
)

// waitedCount is how many entries a client that waited gets at most if it did
// not say.
const waitedCount = 1000

// readOptions are the options of XREAD and XREADGROUP.
type readOptions struct {
	forGroup        bool // XREADGROUP
	count           int64
	block           bool
	timeout         time.Duration
	group, consumer []byte
	noAck, claim    bool
	minIdle         int64 // with claim, in milliseconds
	first, n        int   // the argument of the first key, and how many there are
}

// id returns the index of the ID of key i.
func (o *readOptions) id(i int) int { return o.first + o.n + i }

// key returns the index of key i.
func (o *readOptions) key(i int) int { return o.first + i }

func parseRead(c *command.Ctx, forGroup bool) (opt readOptions, err error) {
	opt.forGroup = forGroup
	for i := 1; i < len(c.Args) && opt.first == 0; i++ {
		if i, err = opt.parse(c, i); err != nil {
			return opt, err
		}
	}
	switch {
	case opt.first == 0:
		return opt, rediserr.Syntax
	case forGroup && opt.group == nil:
		return opt, errNoGroup
	}
	if c.Ready != nil && opt.count == 0 {
		opt.count = waitedCount
	}
	return opt, nil
}

// parse reads the option that begins at argument i and returns the last argument
// of it.
func (o *readOptions) parse(c *command.Ctx, i int) (last int, err error) {
	arg, more := c.Args[i], len(c.Args)-1-i
	switch {
	case is(arg, "BLOCK") && more > 0:
		o.block = true
		o.timeout, err = parseMilliseconds(c.Args[i+1])
		return i + 1, err
	case is(arg, "COUNT") && more > 0:
		o.count, err = c.Int(i + 1)
		o.count = max(0, o.count)
		return i + 1, err
	case is(arg, "STREAMS") && more > 0:
		o.first, o.n = i+1, more/2
		if more%2 != 0 {
			err = errUnbalanced
		}
		return i, err
	case is(arg, "GROUP") && more > 1:
		if !o.forGroup {
			return i, errGroupOnly
		}
		o.group, o.consumer = c.Args[i+1], c.Args[i+2]
		return i + 2, nil
	case is(arg, "NOACK"):
		if !o.forGroup {
			return i, errNoAckOnly
		}
		o.noAck = true
		return i, nil
	case is(arg, "CLAIM") && more > 0:
		return i + 1, o.parseClaim(c, i+1)
	}
	return i, rediserr.Syntax
}

func (o *readOptions) parseClaim(c *command.Ctx, i int) (err error) {
	if !o.forGroup {
		return errClaimOnly
	}
	o.claim = true
	if o.minIdle, err = c.Int(i); err == nil && o.minIdle < 0 {
		err = errClaimTime
	}
	return err
}

// parseMilliseconds reads how long to wait.
func parseMilliseconds(b []byte) (time.Duration, error) {
	ms, err := command.ParseInt(b)
	switch {
	case err != nil:
		return 0, errTimeout
	case ms < 0:
		return 0, rediserr.NegativeTimeout
	case ms > math.MaxInt64/int64(time.Millisecond):
		return math.MaxInt64, nil
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// unread is a stream with entries for the client.
type unread struct {
	key    int // its argument
	stream engine.Stream
	from   engine.StreamID
	n      int64
}

// xread implements XREAD: one try, which is repeated when a key is ready.
func xread(c *command.Ctx) error {
	opt, err := parseRead(c, false)
	if err != nil {
		return err
	}
	var room [4]unread
	list, err := opt.unread(c, room[:0])
	if err != nil {
		return err
	}
	if len(list) == 0 {
		if opt.block {
			return c.Block(opt.timeout, (*reply.Writer).NullArray)
		}
		c.Out.NullArray()
		return nil
	}
	total := int64(0)
	for i := range list {
		total += list[i].n
	}
	if err := c.Heavy(int(total)); err != nil {
		return err
	}
	streams(c, len(list))
	for i := range list {
		u := &list[i]
		stream(c, u.key)
		c.Out.Array(int(u.n))
		cur := u.stream.Range(u.from, engine.MaxStreamID, engine.StreamForward)
		writeEntries(c.Out, &cur, u.n)
	}
	return nil
}

// unread appends the streams that have entries for the client to list. Where it
// waits, it waits for what comes after now.
func (o *readOptions) unread(c *command.Ctx, list []unread) ([]unread, error) {
	for i := range o.n {
		if !c.Awaits(o.key(i)) {
			continue
		}
		s, err := c.Tx.Stream(c.Args[o.key(i)])
		if err != nil {
			return nil, err
		}
		after, fixed, err := o.after(c.Args[o.id(i)], &s)
		if err != nil {
			return nil, err
		}
		if fixed && o.block {
			c.Args[o.id(i)] = appendID(nil, after)
		}
		from, ok := after.Next()
		if !ok || !s.Exists() {
			continue
		}
		n := s.Count(from, engine.MaxStreamID, o.count)
		if n > 0 || c.Ready != nil && after.Less(s.Last()) {
			list = append(list, unread{o.key(i), s, from, n})
		}
	}
	return list, nil
}

// after returns the ID after which a client wants the entries of a stream. fixed
// says that it depends on what the stream is now.
func (o *readOptions) after(arg []byte, s *engine.Stream) (id engine.StreamID, fixed bool, err error) {
	switch string(arg) {
	case "$":
		return s.Last(), true, nil
	case "+":
		id, _ = s.Top().Prev()
		return id, true, nil
	case ">":
		return id, false, errNewOnly
	}
	id, err = parseID(arg, 0)
	return id, false, err
}

// streams begins a reply with the entries of n streams.
func streams(c *command.Ctx, n int) {
	if c.Out.Protocol() == 3 {
		c.Out.Map(n)
		return
	}
	c.Out.Array(n)
}

// stream begins the entries of the stream whose key is argument i.
func stream(c *command.Ctx, i int) {
	if c.Out.Protocol() != 3 {
		c.Out.Array(2)
	}
	c.Out.Bulk(c.Args[i])
}
