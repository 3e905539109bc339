package resp

import (
	"sync/atomic"
	"time"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// wait is a parked client: what it waits for, and what came of it.
//
// Who writes a key that it waits for runs its command on another goroutine,
// under the locks of the command's keys. From park to unpark that one has ctx, out
// and what follows them, and nothing else of the client but what may be used by
// anybody.
type wait struct {
	client  *client
	block   *command.Block
	timer   clock.Timer
	expired atomic.Bool
	waiter  engine.Waiter
	held    bool // by a pause: see release

	ctx  command.Ctx   // of the command, as it is tried again
	out  reply.Writer  // the reply
	err  error         // or the error that the command ended in
	took time.Duration // of the try that served the client
}

// waitsFor is the type of value that the blocking commands of a group wait for.
func waitsFor(group string) change.Type {
	switch group {
	case "list":
		return change.List
	case "sorted-set":
		return change.ZSet
	case "stream":
		return change.Stream
	case "cache":
		return change.Cached
	}
	return change.NoType
}

// park registers the client for what its command waits for. A client that is
// parked already keeps its place.
func (c *client) park(block *command.Block) {
	if c.wait != nil {
		return
	}
	w := &wait{client: c, block: block}
	c.wait = w
	if c.state != working {
		c.keepArgs()
	}
	switch {
	case block.OnDisk:
		c.server.disk.add(c.Session)
		c.Conn.Resume() // the disk may have advanced since the handler looked
	case c.ctx.Tx != nil:
		c.parkOnKeys()
	}
	if block.Timeout > 0 {
		c.server.services.Stats.TimedWaits.Add(1)
		w.timer = c.server.clock.AfterFunc(block.Timeout, func() {
			w.expired.Store(true)
			c.Conn.Resume()
		})
	}
	c.count(c.server.clock.Now().Sub(c.ctx.Now))
	c.SetBlocked(true)
}

// parkOnKeys puts the client into the queues of the keys that it waits for: those
// whose data its command accesses.
func (c *client) parkOnKeys() {
	w := c.wait
	w.ctx = c.ctx
	w.ctx.Out, w.ctx.Tx, w.ctx.Sess, w.ctx.Client, w.ctx.OnLoop = &w.out, nil, nil, nil, false
	w.out.SetProtocol(c.Out.Protocol())
	w.waiter.Kind, w.waiter.Gone = waitsFor(c.ctx.Command.Group), w.block.Gone != nil || w.block.Anything
	w.waiter.Try, w.waiter.Wake = w.try, c.Conn.Resume
	c.refs, _ = c.ctx.Command.KeyRefs(c.ctx.Args, c.refs[:0])
	var keys [][]byte
	var reach engine.Lock
	for _, ref := range c.refs {
		c.server.services.Engine.AddKey(&reach, c.ctx.Args[ref.Pos])
		if ref.Flags.Has(command.Access) {
			keys = append(keys, c.ctx.Args[ref.Pos])
		}
	}
	c.ctx.Tx.Park(&w.waiter, keys, &reach)
}

// try runs the command of a parked client in tx, for which key has become ready;
// see engine.Waiter. A client that is being killed, or has hung up, takes nothing.
func (w *wait) try(tx *engine.Tx, key []byte, kind change.Type) (served bool) {
	c := w.client
	switch {
	case kind != w.waiter.Kind && !w.block.Anything:
		w.err = w.block.Gone
		return true
	case c.Killed(), c.Conn.HungUp():
		return false
	}
	w.ctx.Tx, w.ctx.Ready, w.ctx.Now = tx, key, time.UnixMilli(tx.Now())
	began := c.server.clock.Now()
	w.err = c.server.handle(&w.ctx)
	w.took = c.server.clock.Now().Sub(began)
	w.ctx.Tx = nil
	if w.err == nil {
		return true
	}
	w.out.Rewind(reply.Mark{})
	return blocks(w.err) == nil
}

// wake looks why a parked client was resumed, and reports whether it reads again.
func (c *client) wake() bool {
	if c.server.services.Scripts.Running() {
		c.afterScript(c.Conn.Resume) // leaving the queues of keys takes their locks
		return false
	}
	w := c.wait
	if w.held {
		return c.release()
	}
	if w.waiter.Called() {
		c.server.services.Engine.Turn(&w.waiter)
	}
	unblock, late := c.TakeUnblock(), w.expired.Load()
	switch {
	case w.waiter.Served(), unblock != nil, late:
	case w.block.OnDisk:
		return c.retry()
	default:
		return false // it was resumed for another reason
	}
	c.unpark()
	mark := c.Out.Mark()
	switch {
	case w.waiter.Served(): // if only just before it left the queues
		c.deliver(w, mark)
	case unblock != nil && unblock.Err != nil:
		c.conclude(mark, unblock.Err)
	default:
		w.block.OnTimeout(&c.Out)
		c.conclude(mark, nil)
		if w.block.Works {
			c.measureWait()
		}
	}
	return true
}

// deliver writes what a client that was parked was served with.
func (c *client) deliver(w *wait, mark reply.Mark) {
	c.Needs(w.waiter.Seq())
	if w.err == nil {
		c.Out.Raw(w.out.Since(reply.Mark{}))
	}
	w.out.Discard()
	c.ctx.Command.Stats.Nanoseconds.Add(int64(w.took))
	c.conclude(mark, w.err)
	c.measure(c.server.clock.Now(), w.took)
}

// retry tries the command of a client that waits for the disk again.
func (c *client) retry() bool {
	mark := c.Out.Mark()
	err := c.execute()
	if blocks(err) != nil {
		c.Out.Rewind(mark)
		return false
	}
	c.unpark()
	c.conclude(mark, err)
	return true
}

// unpark takes the client out of everything it waits in.
func (c *client) unpark() {
	w := c.wait
	c.server.services.Engine.Unpark(&w.waiter)
	c.server.disk.remove(c.Session)
	if w.timer != nil {
		w.timer.Stop()
		c.server.services.Stats.TimedWaits.Add(-1)
	}
	c.wait, c.Words = nil, 0
	c.state = reading
	c.SetHeld(false)
	c.server.services.Clients.Pause.Leave(c.Session)
	c.LastActive = c.server.clock.Now()
}

// measureWait accounts for a command whose waiting was its work.
func (c *client) measureWait() {
	now := c.server.clock.Now()
	took := now.Sub(c.ctx.Now)
	c.ctx.Command.Stats.Nanoseconds.Add(int64(took))
	c.measure(now, took)
}
