package conn

import (
	"net"

	"kvd/internal/rediserr"
	"kvd/resp/acl"
	"kvd/resp/command"
	"kvd/resp/reply"
	"kvd/resp/session"
)

// auth implements AUTH.
func auth(c *command.Ctx) error {
	user, password := []byte(acl.Default), c.Args[1]
	if len(c.Args) == 3 {
		user, password = c.Args[1], c.Args[2]
	}
	c.RedactFrom(1)
	switch {
	case len(c.Args) > 3:
		return rediserr.Syntax
	case len(c.Args) == 2 && c.Services.Users.Default().User().NoPass():
		return rediserr.NoPasswordSet
	}
	if err := authenticate(c, user, password); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// authenticate makes the session the user's if the password is right.
func authenticate(c *command.Ctx, user, password []byte) error {
	if account := c.Services.Users.Authenticate(user, password); account != nil {
		c.Sess.Become(account, session.Authenticated)
		return nil
	}
	from := acl.TopLevel
	if c.Sess.Multi.Open {
		from = acl.Multi
	}
	c.LogRefusal(acl.Refusal{Reason: acl.DeniedAuth, Context: from, Object: string(c.Args[0]), User: string(user)})
	if wait := c.Services.Throttle.Failed(host(c.Sess), c.Now); wait > 0 {
		c.Services.Stats.ErrorReplies.Add(1)
		c.Services.Stats.Errors.Add(rediserr.WrongPass.Code)
		return c.Block(wait, func(out *reply.Writer) { out.Error(rediserr.WrongPass) })
	}
	return rediserr.WrongPass
}

// host is where a client is, without its port.
func host(s *session.Session) string {
	address := s.Snapshot().Address
	if h, _, err := net.SplitHostPort(address); err == nil {
		return h
	}
	return address
}
