package cache

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

const (
	// maxTags is how many tags a value has at most, and maxName how long a tag, a
	// prefix and a pattern are, in bytes.
	maxTags = 64
	maxName = 1 << 10
)

var (
	errTags       = rediserr.Coded("LIMIT", "a value has at most 64 tags")
	errName       = rediserr.Coded("LIMIT", "a tag, a prefix and a pattern are at most 1024 bytes long")
	errEmptyTag   = rediserr.New("a tag is not empty")
	errNoEnd      = rediserr.New("STALE and JITTER need EX or PX")
	errJitter     = rediserr.New("JITTER is from 0 to 100 percent")
	errIncomplete = rediserr.New("CACHE.NEG needs TOKEN and one of EX and PX")
)

func setSpecs() []command.Spec {
	const expiry = "[EX seconds{integer} | PX milliseconds{integer}]{expiration}"
	return []command.Spec{
		{
			Name: "cache.set", Arity: -3, Flags: command.Write | command.DenyOOM | command.Fast,
			Syntax: "key value [TOKEN token] " + expiry + " [STALE milliseconds{integer}] [TAGS numtags{integer} tag [tag ...]] " +
				"[DELTA milliseconds{integer}] [JITTER percent{integer}]",
			Keys: command.Key(1, command.OW|command.Update), Since: since, Complexity: "O(N) for N tags",
			Summary: "Stores a value in the cache, ends the lease and wakes those who wait for it.", Handler: set,
		},
		{
			Name: "cache.neg", Arity: -6, Flags: command.Write | command.DenyOOM | command.Fast,
			Syntax: "key TOKEN token <EX seconds{integer} | PX milliseconds{integer}>{expiration} [REASON reason]",
			Keys:   command.Key(1, command.OW|command.Update), Since: since, Complexity: constant,
			Summary: "Stores that there is nothing to cache for a key, and why.", Handler: neg,
		},
	}
}

// set implements CACHE.SET.
func set(c *command.Ctx) error {
	p, err := parseSet(c)
	if err != nil {
		return err
	}
	if err := c.Tx.CachePut(c.Args[1], p); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

func parseSet(c *command.Ctx) (engine.CachePut, error) {
	p := engine.CachePut{Value: c.Args[2], Delta: -1, Event: "cache.set"}
	s := c.Options(3)
	expiry := ""
	for s.Next() {
		switch s.Option() {
		case "TOKEN":
			p.Token = token(&s)
		case "EX", "PX":
			s.Once(&expiry)
			p.TTL = lifetime(c, &s)
		case "STALE":
			p.Stale = duration(&s)
		case "TAGS":
			p.Tags = tags(c, &s)
		case "DELTA":
			p.Delta = duration(&s)
		case "JITTER":
			if p.Jitter = s.Int(); p.Jitter < 0 || p.Jitter > 100 {
				s.Fail(errJitter)
			}
		default:
			s.Fail(errNear(s.Option()))
		}
	}
	if p.TTL == 0 && p.Stale+p.Jitter > 0 {
		s.Fail(errNoEnd)
	}
	return p, s.Err()
}

// tags reads the argument of TAGS: how many, and the tags.
func tags(c *command.Ctx, s *command.Options) [][]byte {
	n := s.Count()
	switch {
	case n > maxTags:
		s.Fail(errTags)
		return nil
	case int64(s.Left()) < n:
		s.Fail(rediserr.Syntax)
		return nil
	}
	list := c.Args[s.Pos() : s.Pos()+int(n)]
	s.Skip(int(n))
	for _, tag := range list {
		s.Fail(checkTag(tag))
	}
	return list
}

// checkTag says what is wrong with a tag; nil: nothing.
func checkTag(tag []byte) error {
	switch {
	case len(tag) == 0:
		return errEmptyTag
	case len(tag) > maxName:
		return errName
	}
	return nil
}

// neg implements CACHE.NEG.
func neg(c *command.Ctx) error {
	p := engine.CachePut{Negative: true, Delta: -1, Event: "cache.neg"}
	s := c.Options(2)
	expiry := ""
	for s.Next() {
		switch s.Option() {
		case "TOKEN":
			p.Token = token(&s)
		case "EX", "PX":
			s.Once(&expiry)
			p.TTL = lifetime(c, &s)
		case "REASON":
			p.Value = s.Arg()
		default:
			s.Fail(errNear(s.Option()))
		}
	}
	if p.Token == 0 || p.TTL == 0 {
		s.Fail(errIncomplete)
	}
	if err := s.Err(); err != nil {
		return err
	}
	if err := c.Tx.CachePut(c.Args[1], p); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}
