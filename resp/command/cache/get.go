package cache

import (
	"math"
	"time"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
)

func getSpecs() []command.Spec {
	return []command.Spec{{
		Name: "cache.get", Arity: -2, Flags: command.ReadOnly | command.Fast | command.Blocking,
		Syntax: "key [LEASE milliseconds{integer}] [WAIT milliseconds{integer}] [BETA beta{double}] [AS type]",
		Keys:   command.Key(1, command.RO|command.Access), Since: since, Complexity: constant,
		Summary: "Returns a cached value, says who is to compute one that is missing or old, and may wait for it.",
		Handler: get,
	}}
}

var errBeta = rediserr.New("BETA is negative or infinite")

// statuses are the names of what a lookup finds.
var statuses = [...]string{
	engine.CacheMiss: "miss", engine.CacheHit: "hit", engine.CacheRefresh: "refresh", engine.CacheStale: "stale",
	engine.CacheLease: "lease", engine.CacheWait: "wait", engine.CacheNegative: "negative",
}

// get implements CACHE.GET. A client that waits is tried again when the key is
// written, and when the lease is over: then it may get the next one.
func get(c *command.Ctx) error {
	key := c.Args[1]
	q := engine.CacheQuery{Beta: 1, Again: c.Ready != nil}
	wait, err := parseGet(c, &q)
	if err != nil {
		return err
	}
	r, err := c.Tx.CacheGet(key, q)
	if err != nil {
		return err
	}
	if r.Status == engine.CacheWait && wait > 0 {
		left := max(0, r.TTL-wait)
		return &command.Block{
			Timeout: time.Duration(wait) * time.Millisecond, Anything: true,
			OnTimeout: func(out *reply.Writer) { write(out, &engine.CacheReply{Status: engine.CacheWait, TTL: left}) },
		}
	}
	begin(c.Out, &r)
	if found(r.Status) {
		c.Bulk(r.Value)
	} else {
		c.Out.Null()
	}
	end(c.Out, &r)
	return nil
}

// parseGet reads the options into q and returns how long the client would wait.
func parseGet(c *command.Ctx, q *engine.CacheQuery) (wait int64, err error) {
	var kind []byte
	s := c.Options(2)
	for s.Next() {
		switch s.Option() {
		case "LEASE":
			q.Lease = lease(&s)
		case "WAIT":
			wait = duration(&s)
			q.Waits = wait > 0
		case "BETA":
			if q.Beta = s.Float(); q.Beta < 0 || math.IsInf(q.Beta, 0) {
				s.Fail(errBeta)
			}
		case "AS":
			kind = s.Arg()
		default:
			s.Fail(errNear(s.Option()))
		}
	}
	if err := s.Err(); err != nil || kind == nil {
		return wait, err
	}
	q.Check, err = checkType(c, string(kind))
	return wait, err
}

// checkType returns what says of the value at the key whether it is of a type. A
// large one leaves the event loop.
func checkType(c *command.Ctx, kind string) (func(value []byte) error, error) {
	const perStep = 16 // bytes
	check, err := c.Services.Engine.TypeCheck(kind)
	if err != nil {
		return nil, err
	}
	return func(value []byte) error {
		if err := c.Heavy(len(value) / perStep); err != nil {
			return err
		}
		return check(c.Args[1], value)
	}, nil
}

// found reports whether a reply of this status has a value.
func found(status engine.CacheStatus) bool {
	switch status {
	case engine.CacheHit, engine.CacheRefresh, engine.CacheStale, engine.CacheNegative:
		return true
	}
	return false
}

// write writes a reply without a value.
func write(out *reply.Writer, r *engine.CacheReply) {
	begin(out, r)
	out.Null()
	end(out, r)
}

// begin writes what comes before the value.
func begin(out *reply.Writer, r *engine.CacheReply) {
	named := out.Protocol() == 3
	if !named {
		out.Array(4)
		out.Text(statuses[r.Status])
		return
	}
	out.Map(4)
	out.Text("status")
	out.Text(statuses[r.Status])
	out.Text("value")
}

// end writes what comes after it.
func end(out *reply.Writer, r *engine.CacheReply) {
	named := out.Protocol() == 3
	if named {
		out.Text("token")
	}
	if r.Token != 0 {
		out.BulkInt(int64(r.Token))
	} else {
		out.Null()
	}
	if named {
		out.Text("ttl")
	}
	out.Int(r.TTL)
}
