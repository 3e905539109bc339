package conn

import (
	"bytes"
	"time"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

// Errors of CLIENT KILL.
var (
	errNoClient   = rediserr.New("No such client")
	errKillID     = rediserr.New("client-id should be greater than 0")
	errMaxAge     = rediserr.New("maxage is not an integer or out of range")
	errMaxAgeSign = rediserr.New("maxage should be greater than 0")
)

// killFilter says which clients CLIENT KILL closes; the zero value of a field
// is for any.
type killFilter struct {
	id             int64
	kind           kind
	kinded         bool
	user           []byte
	address, local []byte
	skipSelf       bool
	age            time.Duration
}

// clientKill implements CLIENT KILL in both forms: with one argument, the
// address, it replies OK; with filters it counts.
func clientKill(c *command.Ctx) error {
	if len(c.Args) == 3 {
		f := killFilter{address: c.Args[2]}
		if kill(c, &f) == 0 {
			return errNoClient
		}
		c.Out.OK()
		return nil
	}
	f, err := parseKill(c)
	if err != nil {
		return err
	}
	c.Out.Int(kill(c, &f))
	return nil
}

func parseKill(c *command.Ctx) (killFilter, error) {
	f := killFilter{skipSelf: true}
	s := c.Options(2)
	for s.Next() {
		option := s.Option()
		value := s.Arg()
		if s.Err() != nil {
			break
		}
		switch option {
		case "ID":
			var err error
			if f.id, err = command.ParseInt(value); err != nil || f.id < 1 {
				s.Fail(errKillID)
			}
		case "TYPE":
			var err error
			f.kind, err = parseKind(value)
			f.kinded = true
			s.Fail(err)
		case "USER":
			f.user = value
			if c.Services.Users.Get(string(value)) == nil {
				s.Fail(rediserr.Newf("No such user '%s'", value))
			}
		case "ADDR":
			f.address = value
		case "LADDR":
			f.local = value
		case "SKIPME":
			f.skipSelf = bytes.EqualFold(value, []byte("yes"))
			if !f.skipSelf && !bytes.EqualFold(value, []byte("no")) {
				s.Fail(rediserr.Syntax)
			}
		case "MAXAGE":
			s.Fail(f.parseAge(value))
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return f, s.Err()
}

func (f *killFilter) parseAge(value []byte) error {
	n, err := command.ParseInt(value)
	switch {
	case err != nil:
		return errMaxAge
	case n < 1:
		return errMaxAgeSign
	}
	const most = int64(1<<63-1) / int64(time.Second)
	f.age = time.Duration(min(n, most)) * time.Second
	return nil
}

// kill closes the clients that the filter fits and returns how many. The caller
// itself gets its reply first.
func kill(c *command.Ctx, f *killFilter) (n int64) {
	for _, sess := range candidates(c, f) {
		s := sess.Snapshot()
		if sess.Killed() || !f.fits(&s, c.Now) {
			continue
		}
		if sess == c.Sess {
			if f.skipSelf {
				continue
			}
			c.Sess.Closing = true
		} else {
			sess.Kill()
		}
		n++
	}
	return n
}

func candidates(c *command.Ctx, f *killFilter) []*session.Session {
	if f.id == 0 {
		return c.Services.Clients.All()
	}
	if sess := c.Services.Clients.Get(f.id); sess != nil {
		return []*session.Session{sess}
	}
	return nil
}

func (f *killFilter) fits(s *session.Snapshot, now time.Time) bool {
	switch {
	case f.kinded && f.kind != kindOf(s),
		f.user != nil && s.User != string(f.user),
		f.address != nil && s.Address != string(f.address),
		f.local != nil && s.LocalAddress != string(f.local),
		f.age > 0 && now.Sub(s.Created) < f.age:
		return false
	}
	return true
}
