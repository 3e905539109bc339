package stream

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
)

var (
	errLastID = rediserr.New("The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.")
	// The errors of clients that wait.
	errStreamGone = rediserr.Coded("UNBLOCKED", "the stream key no longer exists")
	errGroupGone  = rediserr.Coded("NOGROUP", "the consumer group this client was blocked on no longer exists")
)

// groupRead is a stream of XREADGROUP that has something for the client.
type groupRead struct {
	key int // its argument
	// history: the entries that are pending for the consumer, from an ID on.
	history bool
	from    engine.StreamID
}

// xreadgroup implements XREADGROUP: one try, which is repeated when a key is
// ready.
func xreadgroup(c *command.Ctx) error {
	opt, err := parseRead(c, true)
	if err != nil {
		return err
	}
	var room [4]groupRead
	list, err := opt.groupReads(c, room[:0])
	if err != nil {
		return err
	}
	if len(list) == 0 {
		if opt.block {
			block := command.Block{Timeout: opt.timeout, Gone: errStreamGone, OnTimeout: (*reply.Writer).NullArray}
			return &block
		}
		c.Out.NullArray()
		return nil
	}
	streams(c, len(list))
	for _, r := range list {
		stream(c, r.key)
		s, err := c.Tx.Stream(c.Args[r.key])
		if err != nil {
			return err
		}
		reader := opt.reader(&s)
		if r.history {
			writeHistory(c, reader, r.from)
			continue
		}
		opt.writeNew(c, reader)
	}
	return nil
}

func (o *readOptions) reader(s *engine.Stream) *engine.StreamReader {
	return &engine.StreamReader{Stream: s, Group: s.Group(o.group), Consumer: o.consumer, Count: o.count, NoAck: o.noAck}
}

// groupReads appends what there is to read to list.
func (o *readOptions) groupReads(c *command.Ctx, list []groupRead) ([]groupRead, error) {
	work := 0
	for i := range o.n {
		if !c.Awaits(o.key(i)) {
			continue
		}
		s, err := c.Tx.Stream(c.Args[o.key(i)])
		if err != nil {
			return nil, err
		}
		g := s.Group(o.group)
		switch {
		case g == nil && c.Ready != nil:
			return nil, errGroupGone
		case g == nil:
			return nil, coded("No such key '%s' or consumer group '%s' in XREADGROUP with GROUP option", text(c.Args[o.key(i)]), text(o.group))
		}
		r, n, err := o.groupRead(c, i, &s, g)
		if err != nil {
			return nil, err
		}
		work += n
		if n > 0 || r.history || c.Ready != nil && g.Last.Less(s.Last()) {
			list = append(list, r)
		}
	}
	return list, c.Heavy(work)
}

// groupRead says what there is to read from one stream, and how many entries are
// to be looked at for that.
func (o *readOptions) groupRead(c *command.Ctx, i int, s *engine.Stream, g *engine.StreamGroup) (r groupRead, work int, err error) {
	r.key = o.key(i)
	switch id := c.Args[o.id(i)]; string(id) {
	case "$":
		return r, 0, errLastID
	case ">":
		work = int(o.reader(s).CountNew())
		if o.claim && g.HasIdle(c.Now.UnixMilli()-o.minIdle) {
			work += g.PendingLen()
		}
		return r, work, nil
	default:
		r.history = true
		if r.from, err = parseID(id, 0); err != nil {
			return r, 0, err
		}
		if next, ok := r.from.Next(); ok {
			r.from = next
		}
		work = g.PendingLen()
		if o.count > 0 {
			work = int(min(o.count, int64(work)))
		}
		return r, work, nil
	}
}

// writeNew delivers entries that the group has not read, and with CLAIM those
// that others have left first.
func (o *readOptions) writeNew(c *command.Ctx, reader *engine.StreamReader) {
	var idle []engine.StreamPending
	if o.claim {
		idle = reader.Idle(o.minIdle)
	}
	fresh := reader.CountNew()
	if o.count > 0 {
		fresh = min(fresh, o.count-int64(len(idle)))
	}
	c.Out.Array(len(idle) + int(fresh))
	if len(idle) > 0 {
		now := c.Now.UnixMilli()
		reader.Take(idle, func(cur *engine.StreamCursor, p engine.StreamPending) {
			writeClaimed(c.Out, cur, max(0, now-p.Delivered), p.Count)
		})
	}
	if fresh == 0 {
		return
	}
	reader.Count = fresh
	reader.New(func(cur *engine.StreamCursor) {
		if o.claim {
			writeClaimed(c.Out, cur, 0, 0)
			return
		}
		writeEntry(c.Out, cur)
	})
}

// writeClaimed writes an entry with how long it was idle and how often it had
// been delivered.
func writeClaimed(out *reply.Writer, cur *engine.StreamCursor, idle, count int64) {
	out.Array(4)
	writeID(out, cur.ID())
	writeFields(out, cur)
	out.Int(idle)
	out.Int(count)
}

// writeHistory delivers the entries again that are pending for the consumer.
func writeHistory(c *command.Ctx, reader *engine.StreamReader, from engine.StreamID) {
	c.Out.Array(reader.CountOld(from))
	reader.Old(from, func(id engine.StreamID, cur *engine.StreamCursor) {
		if cur != nil {
			writeEntry(c.Out, cur)
			return
		}
		c.Out.Array(2)
		writeID(c.Out, id)
		c.Out.NullArray()
	})
}
