package acl

import (
	"errors"

	"kvd/internal/rediserr"
	"kvd/resp/acl"
	"kvd/resp/command"
	"kvd/resp/session"
)

var (
	errName    = rediserr.New("Usernames can't contain spaces or null characters")
	errDefault = rediserr.New("The 'default' user cannot be removed")
)

// setUser implements ACL SETUSER.
func setUser(c *command.Ctx) error {
	name := string(c.Args[2])
	words := texts(c.Args[3:])
	c.RedactFrom(2)
	if !acl.NamedRight(name) {
		return errName
	}
	rules, err := acl.JoinSelectors(words)
	if err != nil {
		return rediserr.New(rediserr.OneLine(err.Error()))
	}
	account, before, err := c.Services.Users.Change(name, rules, command.NewUserChannels(c.Config()))
	if refused := (*acl.RuleError)(nil); errors.As(err, &refused) {
		return rediserr.Newf("Error in ACL SETUSER modifier '%s': %v", refused.Rule, refused.Reason)
	}
	if err != nil {
		return err
	}
	if before != nil {
		closeListeners(c, account)
	}
	c.Out.OK()
	return nil
}

func texts(words [][]byte) []string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return list
}

// closeListeners disconnects the clients of an account that are subscribed to
// what its user may not listen to any more.
func closeListeners(c *command.Ctx, account *acl.Account) {
	user := account.User()
	if user.Unrestricted() {
		return
	}
	c.Services.Hub.Each(func(kind session.ChannelKind, name []byte, s *session.Session) {
		as := acl.Channel
		if kind == session.Patterns {
			as = acl.ChannelPattern
		}
		if s.Account() == account && !user.AllowsChannel(name, as) {
			disconnect(c, s)
		}
	})
}

// disconnect ends a connection; the caller's own after its reply.
func disconnect(c *command.Ctx, s *session.Session) {
	if s == c.Sess {
		s.Closing = true
		return
	}
	s.Kill()
}

// delUser implements ACL DELUSER.
func delUser(c *command.Ctx) error {
	names := texts(c.Args[2:])
	c.RedactFrom(2)
	for _, name := range names {
		if name == acl.Default {
			return errDefault
		}
	}
	deleted := int64(0)
	for _, name := range names {
		if c.Services.Users.Delete(name) {
			deleted++
		}
	}
	if deleted > 0 {
		disconnectGone(c)
	}
	c.Out.Int(deleted)
	return nil
}

// disconnectGone disconnects the clients whose users are gone.
func disconnectGone(c *command.Ctx) {
	for _, s := range c.Services.Clients.All() {
		if account := s.Account(); account != nil && account.Gone() {
			disconnect(c, s)
		}
	}
}

// getUser implements ACL GETUSER.
func getUser(c *command.Ctx) error {
	account := c.Services.Users.Get(string(c.Args[2]))
	c.RedactFrom(2)
	if account == nil {
		c.Out.Null()
		return nil
	}
	d := account.User().Describe()
	c.Out.Map(6)
	c.Out.Text("flags")
	c.Out.Set(len(d.Flags))
	for _, flag := range d.Flags {
		c.Out.Text(flag)
	}
	c.Out.Text("passwords")
	writeTexts(c, d.Passwords)
	writeSelector(c, &d.Selectors[0])
	c.Out.Text("selectors")
	c.Out.Array(len(d.Selectors) - 1)
	for i := range d.Selectors[1:] {
		c.Out.Map(3)
		writeSelector(c, &d.Selectors[i+1])
	}
	return nil
}

// writeSelector writes the three pairs that describe a selector.
func writeSelector(c *command.Ctx, d *acl.SelectorDescription) {
	for _, pair := range [][2]string{{"commands", d.Commands}, {"keys", d.Keys}, {"channels", d.Channels}} {
		c.Out.Text(pair[0])
		c.Out.Text(pair[1])
	}
}

func writeTexts(c *command.Ctx, list []string) {
	c.Out.Array(len(list))
	for _, text := range list {
		c.Out.Text(text)
	}
}

// list implements ACL LIST.
func list(c *command.Ctx) error {
	all := c.Services.Users.All()
	c.Out.Array(len(all))
	for _, user := range all {
		c.Out.Text(user.String())
	}
	return nil
}

// users implements ACL USERS.
func users(c *command.Ctx) error {
	all := c.Services.Users.All()
	c.Out.Array(len(all))
	for _, user := range all {
		c.Out.Text(user.Name())
	}
	return nil
}

// whoAmI implements ACL WHOAMI.
func whoAmI(c *command.Ctx) error {
	c.Out.Text(c.Sess.Account().User().Name())
	return nil
}
