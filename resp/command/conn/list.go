package conn

import (
	"bytes"
	"strconv"
	"time"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

// clientInfo implements CLIENT INFO.
func clientInfo(c *command.Ctx) error {
	c.Out.Verbatim("txt", string(appendLine(nil, current(c), c.Now)))
	return nil
}

// current renews what others see of the caller's session and returns it.
func current(c *command.Ctx) *session.Snapshot {
	c.Sess.LastActive = c.Now
	c.Sess.Publish()
	s := c.Sess.Snapshot()
	return &s
}

// errBadID is CLIENT LIST's error for an id that is no number.
var errBadID = rediserr.New("Invalid client ID")

// clientList implements CLIENT LIST.
func clientList(c *command.Ctx) error {
	sessions, err := listed(c)
	if err != nil {
		return err
	}
	current(c)
	var out []byte
	for _, sess := range sessions {
		s := sess.Snapshot()
		out = appendLine(out, &s, c.Now)
	}
	c.Out.Verbatim("txt", string(out))
	return nil
}

// listed returns the sessions that CLIENT LIST is asked for.
func listed(c *command.Ctx) ([]*session.Session, error) {
	s := c.Options(2)
	if !s.Next() {
		return c.Services.Clients.All(), nil
	}
	switch {
	case s.Option() == "TYPE" && s.Left() == 1:
		kind, err := parseKind(s.Arg())
		if err != nil || kind != kindNormal {
			return nil, err
		}
		return c.Services.Clients.All(), nil
	case s.Option() == "ID" && s.Left() > 0:
		return byID(c, c.Args[3:])
	}
	return nil, rediserr.Syntax
}

func byID(c *command.Ctx, ids [][]byte) (found []*session.Session, err error) {
	for _, text := range ids {
		id, err := command.ParseInt(text)
		if err != nil {
			return nil, errBadID
		}
		if sess := c.Services.Clients.Get(id); sess != nil {
			found = append(found, sess)
		}
	}
	return found, nil
}

// kind is the type of a client, as the TYPE filters name it.
type kind uint8

const (
	kindNormal kind = iota
	kindReplica
	kindPubSub
	kindMaster
)

func parseKind(word []byte) (kind, error) {
	for _, k := range []struct {
		name string
		kind kind
	}{
		{"normal", kindNormal},
		{"slave", kindReplica},
		{"replica", kindReplica},
		{"pubsub", kindPubSub},
		{"master", kindMaster},
	} {
		if bytes.EqualFold(word, []byte(k.name)) {
			return k.kind, nil
		}
	}
	return 0, rediserr.Newf("Unknown client type '%s'", word)
}

// appendLine appends the line of a client in CLIENT LIST: the fields of
// redis-server 7.2 in its order. Those that do not exist here (subscriptions,
// replies in a list) have the value of a client without them.
func appendLine(b []byte, s *session.Snapshot, now time.Time) []byte {
	text := func(name, value string) {
		b = append(append(append(append(b, name...), '='), value...), ' ')
	}
	num := func(name string, n int64) {
		b = append(append(b, name...), '=')
		b = append(strconv.AppendInt(b, n, 10), ' ')
	}
	num("id", s.ID)
	text("addr", s.Address)
	text("laddr", s.LocalAddress)
	num("fd", int64(s.FD))
	text("name", s.Name)
	num("age", seconds(now.Sub(s.Created)))
	num("idle", seconds(now.Sub(s.LastActive)))
	text("flags", flagsOf(s))
	num("db", int64(s.DB))
	for _, name := range [...]string{"sub", "psub", "ssub"} {
		num(name, 0)
	}
	num("multi", int64(s.Queued))
	num("qbuf", int64(s.InputBytes))
	for _, name := range [...]string{"qbuf-free", "argv-mem", "multi-mem"} {
		num(name, 0)
	}
	num("rbs", int64(s.OutputMemory))
	num("rbp", int64(s.OutputMemory))
	num("obl", int64(s.OutputBytes))
	num("oll", 0)
	num("omem", int64(s.OutputBytes))
	num("tot-mem", int64(s.TotalMemory))
	text("events", eventsOf(s))
	text("cmd", s.LastCommand)
	text("user", s.User)
	num("redir", -1)
	num("resp", int64(s.Protocol))
	text("lib-name", s.LibName)
	text("lib-ver", s.LibVersion)
	b[len(b)-1] = '\n'
	return b
}

// seconds is d in whole seconds, and never negative: a session may have been
// active after the command began.
func seconds(d time.Duration) int64 { return max(0, int64(d/time.Second)) }

// flagsOf returns the letters of a client's state, or N.
func flagsOf(s *session.Snapshot) string {
	var flags []byte
	for _, f := range [...]struct {
		set    bool
		letter byte
	}{{s.Queued >= 0, 'x'}, {s.Blocked, 'b'}, {s.Closing, 'c'}, {s.UnixSocket, 'U'}, {s.NoEvict, 'e'}, {s.NoTouch, 'T'}} {
		if f.set {
			flags = append(flags, f.letter)
		}
	}
	if len(flags) == 0 {
		return "N"
	}
	return string(flags)
}

// eventsOf says what is waited for at the socket.
func eventsOf(s *session.Snapshot) string {
	if s.OutputBytes > 0 {
		return "rw"
	}
	return "r"
}
