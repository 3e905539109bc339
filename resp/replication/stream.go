package replication

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync"

	"kvd/internal/link"
	"kvd/resp/command"
)

// ahead is how many commands may be on their way through the server.
const ahead = 4096

// passed is a command of the primary on its way through the server.
type passed struct {
	name   string
	answer bool  // the server answers it
	ask    bool  // the primary wants to know how far we are
	offset int64 // after it; -1: in the middle of a transaction
}

// stream passes the commands of the primary to the server, until the connection to
// either ends.
func (f *follower) stream(ctx context.Context, conn *link.Conn) error {
	say := &speaker{conn: conn, f: f}
	stop := every(f.opt.Clock, ackEvery, say.ack)
	defer stop()
	say.ack() // a primary that sends all data without a file waits for it
	way := make(chan passed, ahead)
	ended := make(chan error, 1)
	go func() { ended <- f.follow(way, say, conn) }()
	err := f.pass(conn, way)
	close(way)
	applied := <-ended // what is on its way arrives first
	if applied != nil {
		f.closeLocal()
		return applied
	}
	if f.broken {
		f.broken = false
		f.closeLocal()
	} else if f.inside {
		// The primary sends the transaction again from its beginning.
		f.inside = false
		if _, err := f.local.Do("DISCARD"); err != nil {
			f.closeLocal()
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// pass reads commands and sends them to the server.
func (f *follower) pass(conn *link.Conn, way chan<- passed) error {
	start := conn.Taken()
	base := f.applied.Load()
	for {
		words, err := conn.Command()
		if err != nil {
			return errors.Join(err, f.local.Flush())
		}
		p := passed{name: string(bytes.ToLower(words[0])), offset: base + conn.Taken() - start}
		switch p.name {
		case "multi":
			f.inside = true
		case "exec", "discard":
			f.inside = false
		}
		if f.inside {
			p.offset = -1
		}
		switch p.name {
		case "ping":
		case "replconf":
			p.ask = len(words) > 1 && bytes.EqualFold(words[1], []byte("getack"))
		default:
			p.answer = true
			if err := f.local.Send(words...); err != nil {
				f.broken = true
				return err
			}
		}
		way <- p
		if conn.Waiting() == 0 {
			if err := f.local.Flush(); err != nil {
				f.broken = true
				return err
			}
			f.heard()
		}
	}
}

// follow reads the server's answers and counts what is done. An answer comes when
// what it says is as durable as the settings want it.
func (f *follower) follow(way <-chan passed, say *speaker, conn *link.Conn) error {
	for p := range way {
		if p.ask {
			say.ack()
		}
		if p.answer {
			reply, err := f.local.Receive()
			if err != nil {
				conn.Close() // or pass would go on
				for range way {
				}
				return err
			}
			if err := firstError(reply); err != nil {
				f.opt.Log.Error().Err(err).Str("command", p.name).Msg("a command of the primary failed here: the data may differ")
				f.change(func(s *command.ReplicaStatus) { s.LastError = p.name + ": " + err.Error() })
			}
		}
		if p.offset >= 0 {
			f.applied.Store(p.offset)
		}
	}
	return nil
}

// firstError is the error that a reply is, or that one in it is.
func firstError(r link.Reply) error {
	if err := r.Err(); err != nil {
		return err
	}
	for i := range r.List {
		if err := firstError(r.List[i]); err != nil {
			return err
		}
	}
	return nil
}

// speaker tells the primary how far the follower is.
type speaker struct {
	f    *follower
	mu   sync.Mutex
	conn *link.Conn
}

func (s *speaker) ack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	offset := strconv.FormatInt(max(0, s.f.applied.Load()), 10)
	// An error is one that reading meets too.
	_ = s.conn.SendText("REPLCONF", "ACK", offset)
	_ = s.conn.Flush()
}
