package stream

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// usualInfo is how many entries XINFO STREAM FULL shows of each kind.
const usualInfo = 10

// infoStream returns the stream of an XINFO subcommand, which must exist.
func infoStream(c *command.Ctx) (engine.Stream, error) {
	s, err := c.Tx.Stream(c.Args[2])
	if err == nil && !s.Exists() {
		err = rediserr.NoSuchKey
	}
	return s, err
}

// infoOptions returns how many entries XINFO STREAM FULL shows; full is false
// without FULL.
func infoOptions(c *command.Ctx) (count int64, full bool, err error) {
	n := len(c.Args)
	if n == 3 {
		return 0, false, nil
	}
	if n != 4 && n != 6 || !is(c.Args[3], "FULL") || n == 6 && !is(c.Args[4], "COUNT") {
		return 0, false, rediserr.SubcommandSyntax("xinfo", c.Args[1])
	}
	count = usualInfo
	if n == 6 {
		if count, err = c.Int(5); err != nil {
			return 0, false, err
		}
		if count < 0 {
			count = usualInfo
		}
	}
	return count, true, nil
}

// infoOf implements XINFO STREAM.
func infoOf(c *command.Ctx) error {
	s, err := infoStream(c)
	if err != nil {
		return err
	}
	count, full, err := infoOptions(c)
	if err != nil {
		return err
	}
	if full && count == 0 {
		if err := c.Heavy(s.Len()); err != nil {
			return err
		}
	}
	state := s.State()
	if full {
		c.Out.Map(9)
	} else {
		c.Out.Map(10)
	}
	pair(c.Out, "length", int64(s.Len()))
	pair(c.Out, "radix-tree-keys", int64(state.Blocks))
	pair(c.Out, "radix-tree-nodes", int64(state.Nodes))
	pairID(c.Out, "last-generated-id", state.Last)
	pairID(c.Out, "max-deleted-entry-id", state.MaxDeleted)
	pair(c.Out, "entries-added", int64(state.Added))
	pairID(c.Out, "recorded-first-entry-id", state.First)
	if full {
		writeFull(c, &s, count)
		return nil
	}
	pair(c.Out, "groups", int64(len(s.Groups())))
	c.Out.Text("first-entry")
	writeEnd(c.Out, &s, engine.StreamForward)
	c.Out.Text("last-entry")
	writeEnd(c.Out, &s, engine.StreamBackward)
	return nil
}

func pair(out *reply.Writer, name string, n int64) {
	out.Text(name)
	out.Int(n)
}

func pairID(out *reply.Writer, name string, id engine.StreamID) {
	out.Text(name)
	writeID(out, id)
}

// writeEnd writes the first entry in a direction, or null.
func writeEnd(out *reply.Writer, s *engine.Stream, dir engine.StreamDirection) {
	cur := s.Range(engine.StreamID{}, engine.MaxStreamID, dir)
	if !cur.Next() {
		out.Null()
		return
	}
	writeEntry(out, &cur)
}

// writeFull writes the entries and groups, up to count of each; 0 is all.
func writeFull(c *command.Ctx, s *engine.Stream, count int64) {
	c.Out.Text("entries")
	n := s.Count(engine.StreamID{}, engine.MaxStreamID, count)
	c.Out.Array(int(n))
	cur := s.Range(engine.StreamID{}, engine.MaxStreamID, engine.StreamForward)
	writeEntries(c.Out, &cur, n)
	c.Out.Text("groups")
	c.Out.Array(len(s.Groups()))
	for _, g := range s.Groups() {
		writeGroup(c.Out, s, g, count)
	}
}

func writeGroup(out *reply.Writer, s *engine.Stream, g *engine.StreamGroup, count int64) {
	out.Map(7)
	out.Text("name")
	out.Text(g.Name)
	pairID(out, "last-delivered-id", g.Last)
	writeProgress(out, s, g)
	pair(out, "pel-count", int64(g.PendingLen()))
	out.Text("pending")
	out.Array(shown(g.PendingLen(), count))
	eachPending(g, nil, count, func(p engine.StreamPending) {
		out.Array(4)
		writeID(out, p.ID)
		out.Text(p.Consumer.Name)
		out.Int(p.Delivered)
		out.Int(p.Count)
	})
	out.Text("consumers")
	out.Array(len(g.Consumers()))
	for _, who := range g.Consumers() {
		out.Map(4)
		out.Text("name")
		out.Text(who.Name)
		pair(out, "seen-time", who.Seen)
		pair(out, "pel-count", int64(who.PendingLen()))
		out.Text("pending")
		out.Array(shown(who.PendingLen(), count))
		eachPending(g, who, count, func(p engine.StreamPending) {
			out.Array(3)
			writeID(out, p.ID)
			out.Int(p.Delivered)
			out.Int(p.Count)
		})
	}
}

// shown is how many of n are shown if count are; 0 is all.
func shown(n int, count int64) int {
	if count == 0 {
		return n
	}
	return int(min(int64(n), count))
}

// eachPending calls fn with the first pending entries.
func eachPending(g *engine.StreamGroup, who *engine.StreamConsumer, count int64, fn func(engine.StreamPending)) {
	n := int64(0)
	for p, ok := g.NextPending(who, engine.StreamID{}); ok && (count == 0 || n < count); p, ok = g.AfterPending(who, p.ID) {
		fn(p)
		n++
	}
}

// writeProgress writes how far a group has read.
func writeProgress(out *reply.Writer, s *engine.Stream, g *engine.StreamGroup) {
	out.Text("entries-read")
	if g.Read == engine.StreamUnknown {
		out.Null()
	} else {
		out.Int(g.Read)
	}
	out.Text("lag")
	if lag, ok := s.Lag(g); ok {
		out.Int(lag)
	} else {
		out.Null()
	}
}

// infoGroups implements XINFO GROUPS.
func infoGroups(c *command.Ctx) error {
	s, err := infoStream(c)
	if err != nil {
		return err
	}
	c.Out.Array(len(s.Groups()))
	for _, g := range s.Groups() {
		c.Out.Map(6)
		c.Out.Text("name")
		c.Out.Text(g.Name)
		pair(c.Out, "consumers", int64(len(g.Consumers())))
		pair(c.Out, "pending", int64(g.PendingLen()))
		pairID(c.Out, "last-delivered-id", g.Last)
		writeProgress(c.Out, &s, g)
	}
	return nil
}

// infoConsumers implements XINFO CONSUMERS.
func infoConsumers(c *command.Ctx) error {
	s, err := infoStream(c)
	if err != nil {
		return err
	}
	g := s.Group(c.Args[3])
	if g == nil {
		return noGroup(c.Args[3], c.Args[2])
	}
	c.Out.Array(len(g.Consumers()))
	for _, who := range g.Consumers() {
		c.Out.Map(3)
		c.Out.Text("name")
		c.Out.Text(who.Name)
		pair(c.Out, "pending", int64(who.PendingLen()))
		pair(c.Out, "idle", max(0, c.Now.UnixMilli()-who.Seen))
	}
	return nil
}
