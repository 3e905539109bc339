package cache

import (
	"kvd/engine"
	"kvd/resp/command"
)

func leaseSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "cache.fail", Syntax: "key TOKEN token [RETRY milliseconds{integer}]", Arity: -4,
			Flags: command.Write | command.Fast, Keys: command.Key(1, command.RW|command.Update), Since: since,
			Complexity: constant, Summary: "Gives a lease back without a value: the next client gets it, at once or after a while.",
			Handler: fail,
		},
		{
			Name: "cache.renew", Syntax: "key TOKEN token LEASE milliseconds{integer}", Arity: 6,
			Flags: command.Write | command.Fast, Keys: command.Key(1, command.RW|command.Update), Since: since,
			Complexity: constant, Summary: "Has a lease end later.", Handler: renew,
		},
	}
}

// fail implements CACHE.FAIL.
func fail(c *command.Ctx) error {
	var owner uint64
	var retry int64
	s := c.Options(2)
	for s.Next() {
		switch s.Option() {
		case "TOKEN":
			owner = token(&s)
		case "RETRY":
			if retry = duration(&s); retry > maxLease {
				s.Fail(errLease)
			}
		default:
			s.Fail(errNear(s.Option()))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	if !c.Tx.FailLease(c.Args[1], owner, retry) {
		return engine.ErrLeaseLost
	}
	c.Out.OK()
	return nil
}

// renew implements CACHE.RENEW.
func renew(c *command.Ctx) error {
	var owner uint64
	var ms int64
	s := c.Options(2)
	for s.Next() {
		switch s.Option() {
		case "TOKEN":
			owner = token(&s)
		case "LEASE":
			ms = lease(&s)
		default:
			s.Fail(errNear(s.Option()))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	renewed := int64(0)
	if ms > 0 && c.Tx.RenewLease(c.Args[1], owner, ms) {
		renewed = 1
	}
	c.Out.Int(renewed)
	return nil
}
