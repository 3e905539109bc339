package stream

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// pendingOptions are what XPENDING lists.
type pendingOptions struct {
	from, to engine.StreamID
	count    int64
	minIdle  int64  // in milliseconds
	consumer []byte // nil: all
}

// Words of an XPENDING that lists entries, without and with IDLE.
const (
	leastList = 6
	leastIdle = 8
	mostList  = 9
)

func parsePending(c *command.Ctx) (opt pendingOptions, err error) {
	if len(c.Args) < leastList || len(c.Args) > mostList {
		return opt, rediserr.Syntax
	}
	at := 3
	if is(c.Args[3], "IDLE") {
		if opt.minIdle, err = c.Int(4); err != nil {
			return opt, err
		}
		if len(c.Args) < leastIdle {
			return opt, rediserr.Syntax
		}
		at += 2
	}
	if opt.count, err = c.Int(at + 2); err != nil {
		return opt, err
	}
	if opt.from, err = parseStart(c.Args[at]); err != nil {
		return opt, err
	}
	if opt.to, err = parseEnd(c.Args[at+1]); err != nil {
		return opt, err
	}
	if at+3 < len(c.Args) {
		opt.consumer = c.Args[at+3]
	}
	return opt, nil
}

// xpending implements XPENDING.
func xpending(c *command.Ctx) error {
	summary := len(c.Args) == 3
	var opt pendingOptions
	var err error
	if !summary {
		if opt, err = parsePending(c); err != nil {
			return err
		}
	}
	s, err := c.Tx.Stream(c.Args[1])
	if err != nil {
		return err
	}
	g := s.Group(c.Args[2])
	if g == nil {
		return noKeyOrGroup(c.Args[1], c.Args[2])
	}
	if summary {
		writeSummary(c, g)
		return nil
	}
	return listPending(c, g, opt)
}

// writeSummary writes how many entries are pending, the first and last of them,
// and how many each consumer has.
func writeSummary(c *command.Ctx, g *engine.StreamGroup) {
	c.Out.Array(4)
	c.Out.Int(int64(g.PendingLen()))
	first, ok := g.NextPending(nil, engine.StreamID{})
	if !ok {
		c.Out.Null()
		c.Out.Null()
		c.Out.NullArray()
		return
	}
	last, _ := g.LastPending()
	writeID(c.Out, first.ID)
	writeID(c.Out, last.ID)
	n := 0
	for _, who := range g.Consumers() {
		if who.PendingLen() > 0 {
			n++
		}
	}
	c.Out.Array(n)
	for _, who := range g.Consumers() {
		if who.PendingLen() > 0 {
			c.Out.Array(2)
			c.Out.Text(who.Name)
			c.Out.BulkInt(int64(who.PendingLen()))
		}
	}
}

func listPending(c *command.Ctx, g *engine.StreamGroup, opt pendingOptions) error {
	var who *engine.StreamConsumer
	work := g.PendingLen()
	if opt.consumer != nil {
		if who = g.Consumer(opt.consumer); who == nil {
			c.Out.Array(0)
			return nil
		}
		work = who.PendingLen()
	}
	if opt.minIdle == 0 {
		work = int(min(int64(work), max(opt.count, 0)))
	}
	if err := c.Heavy(work); err != nil {
		return err
	}
	now := c.Now.UnixMilli()
	var list []engine.StreamPending
	for p, ok := g.NextPending(who, opt.from); ok && !opt.to.Less(p.ID) && int64(len(list)) < opt.count; p, ok = g.AfterPending(who, p.ID) {
		if opt.minIdle == 0 || now-p.Delivered >= opt.minIdle {
			list = append(list, p)
		}
	}
	c.Out.Array(len(list))
	for _, p := range list {
		c.Out.Array(4)
		writeID(c.Out, p.ID)
		c.Out.Text(p.Consumer.Name)
		c.Out.Int(max(0, now-p.Delivered))
		c.Out.Int(p.Count)
	}
	return nil
}
