package conn

import (
	"bytes"
	"slices"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

// clientInfo implements CLIENT INFO.
func clientInfo(c *command.Ctx) error {
	c.Out.Verbatim("txt", string(current(c).AppendLine(nil, c.Now)))
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
	current(c)
	sessions, err := listed(c)
	if err != nil {
		return err
	}
	var out []byte
	for _, sess := range sessions {
		s := sess.Snapshot()
		out = s.AppendLine(out, c.Now)
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
		if err != nil {
			return nil, err
		}
		return ofKind(c, kind), nil
	case s.Option() == "ID" && s.Left() > 0:
		return byID(c, c.Args[3:])
	}
	return nil, rediserr.Syntax
}

func ofKind(c *command.Ctx, k kind) []*session.Session {
	return slices.DeleteFunc(c.Services.Clients.All(), func(sess *session.Session) bool {
		s := sess.Snapshot()
		return kindOf(&s) != k
	})
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

// kindOf returns the type of a client.
func kindOf(s *session.Snapshot) kind {
	if s.Subscribed != [session.ChannelKinds]int{} {
		return kindPubSub
	}
	return kindNormal
}

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
