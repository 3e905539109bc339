package command

import (
	"kvd/internal/config"
	"kvd/resp/acl"
)

// Channels says which arguments of a command are channels that a user needs
// permission for; the zero value: none.
type Channels struct {
	// First and Last are the first and the last one; a negative Last counts from
	// the end of the line.
	First, Last int
	Kind        acl.ChannelKind
}

// NewUserChannels returns which channels a new user may use: the setting
// acl-pubsub-default.
func NewUserChannels(cfg *config.Config) acl.Channels {
	if cfg.ACLPubSubDefault == config.AllChannels {
		return acl.AllChannels
	}
	return acl.NoChannels
}

// Catalog returns the commands of the table as rules of users see them.
func (t *Table) Catalog() *acl.Catalog {
	list := make([]acl.Command, len(t.byID))
	for id, c := range t.byID {
		list[id] = acl.Command{Name: c.FullName, Categories: uint32(c.Categories)}
	}
	return acl.NewCatalog(list, AllCategories.Names())
}

// Check decides whether a user may run a line of this command. What it looks at
// are the keys of KeyRefs, which are the ones that are locked. A line of the
// wrong length has no keys and no channels: it will not be run.
func (c *Command) Check(u *acl.User, args [][]byte) acl.Verdict {
	if u.Unrestricted() {
		return acl.Verdict{}
	}
	r := c.request(args)
	if !c.AcceptsWords(len(args)) {
		r.First, r.End = 0, 0
		return u.Check(&r)
	}
	if at := c.oneKey; at != 0 {
		one := [1]acl.Key{{Pos: at, Access: access(c.Keys[0].flags(args))}}
		r.Keys = one[:]
		return u.Check(&r)
	}
	r.Keys = c.aclKeys(args)
	return u.Check(&r)
}

// ReadsEveryKey reports whether the client may run the line whatever keys it
// reads: SORT asks it, since which keys BY and GET name is not known beforehand.
func (c *Ctx) ReadsEveryKey() bool {
	if c.Sess == nil || c.Sess.Account() == nil {
		return true // it is nobody's command
	}
	line := c.Line()
	r := c.Command.request(line)
	r.Keys = c.Command.aclKeys(line)
	return c.Sess.Account().User().ReachesEveryKey(&r, acl.Read)
}

// request is a line as rules see it, without its keys.
func (c *Command) request(args [][]byte) acl.Request {
	r := acl.Request{Command: c.id, Open: c.Flags.Has(NoAuth), Args: args}
	if ch := c.Channels; ch.First > 0 {
		last := ch.Last
		if last < 0 {
			last += len(args)
		}
		r.First, r.End, r.Kind = ch.First, min(last+1, len(args)), ch.Kind
	}
	return r
}

func (c *Command) aclKeys(args [][]byte) []acl.Key {
	refs, _ := c.KeyRefs(args, nil) // the handler has the error for a line without keys
	keys := make([]acl.Key, len(refs))
	for i, ref := range refs {
		keys[i] = acl.Key{Pos: ref.Pos, Access: access(ref.Flags)}
	}
	return keys
}

// access is what the flags of a key mean to the rules of users.
func access(f KeyFlags) (a acl.Access) {
	if f.Has(Access) {
		a |= acl.Read
	}
	if f&(Update|Insert|Delete) != 0 {
		a |= acl.Write
	}
	return a
}

// Permit decides whether the client may run the command and notes a refusal in
// the log of refusals.
func (c *Ctx) Permit(from acl.Context) acl.Verdict {
	u := c.Sess.Account().User()
	if u.Unrestricted() {
		return acl.Verdict{}
	}
	line := c.Line()
	v := c.Command.Check(u, line)
	if v.Denied() {
		object := c.Command.FullName
		if v.Reason != acl.DeniedCommand {
			object = string(line[v.Pos])
		}
		c.LogRefusal(acl.Refusal{Reason: v.Reason, Context: from, Object: object, User: u.Name()})
	}
	return v
}

// LogRefusal notes a refusal in the log of refusals, with the client and the time.
func (c *Ctx) LogRefusal(r acl.Refusal) {
	c.Sess.LastActive = c.Now
	c.Sess.Publish()
	s := c.Sess.Snapshot()
	r.At, r.Client = c.Now, string(s.AppendLine(nil, c.Now))
	c.Services.Refusals.Add(r, c.Config().ACLLogMaxLen)
}
