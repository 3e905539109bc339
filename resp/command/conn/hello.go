package conn

import (
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// errProtoNumber is HELLO's error for a version that is no number.
var errProtoNumber = rediserr.New("Protocol version is not an integer or out of range")

// greeting is what HELLO asks for.
type greeting struct {
	protocol       int // 0: as it is
	user, password []byte
	login          bool
	name           []byte
	named          bool
}

// hello implements HELLO.
func hello(c *command.Ctx) error {
	g, err := parseHello(c)
	if len(c.Args) > 2 {
		c.RedactFrom(2) // a password, or what is one in a line with a mistake
	}
	if err != nil {
		return err
	}
	if g.login {
		if err := authenticate(c, g.user, g.password); err != nil {
			return err
		}
	}
	if !c.Sess.Authenticated {
		return rediserr.HelloNoAuth
	}

	if g.named {
		c.Sess.Name = string(g.name)
	}
	if g.protocol != 0 {
		c.Out.SetProtocol(g.protocol)
	}
	writeHello(c)
	return nil
}

func parseHello(c *command.Ctx) (g greeting, err error) {
	if len(c.Args) == 1 {
		return g, nil
	}
	version, err := c.Int(1)
	switch {
	case err != nil:
		return g, errProtoNumber
	case version != 2 && version != 3:
		return g, rediserr.NoProto
	}
	g.protocol = int(version)

	s := c.Options(2)
	for s.Next() {
		at := s.Pos() - 1
		switch {
		case s.Option() == "AUTH" && s.Left() >= 2:
			g.user, g.password, g.login = s.Arg(), s.Arg(), true
		case s.Option() == "SETNAME" && s.Left() >= 1:
			g.name, g.named = s.Arg(), true
			if !printable(g.name) {
				s.Fail(errBadName)
			}
		default:
			s.Fail(rediserr.Newf("Syntax error in HELLO option '%s'", c.Args[at]))
		}
	}
	return g, s.Err()
}

func writeHello(c *command.Ctx) {
	c.Out.Map(7)
	c.Out.Text("server")
	c.Out.Text("redis")
	c.Out.Text("version")
	c.Out.Text(command.RedisVersion)
	c.Out.Text("proto")
	c.Out.Int(int64(c.Out.Protocol()))
	c.Out.Text("id")
	c.Out.Int(c.Sess.ID)
	c.Out.Text("mode")
	c.Out.Text("standalone")
	c.Out.Text("role")
	c.Out.Text("master")
	c.Out.Text("modules")
	c.Out.Array(0)
}
