package cache

import (
	"bytes"
	"strconv"
	"strings"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func purgeSpecs() []command.Spec {
	const job = command.NoTx | command.Admin
	return []command.Spec{
		{
			Name: "cache.purge", Arity: -3, Syntax: "<PREFIX prefix | PATTERN pattern>{which} [DRYRUN] [ASYNC]",
			Flags: command.Write | command.Slow | command.NoTx | command.NoMulti | command.NoScript, Since: since,
			Categories: command.CatKeyspace | command.CatDangerous,
			Complexity: "O(N) where N is the number of keys in the database; others are served meanwhile",
			Summary:    "Deletes all keys, plain ones too, that begin with a prefix or fit a pattern, or counts them.",
			Handler:    purge,
		},
		{
			Name: "cache.jobs", Arity: 1, Flags: job, Since: since, Complexity: "O(N) for N jobs",
			Summary: "Lists the deletions that CACHE.PURGE does and the last ones that it has done.",
			Tips:    []string{"nondeterministic_output"}, Handler: jobs,
		},
		{
			Name: "cache.cancel", Syntax: "job", Arity: 2, Flags: job, Since: since, Complexity: "O(N) for N jobs",
			Summary: "Stops a deletion that CACHE.PURGE does.", Handler: cancel,
		},
	}
}

// jobName begins the name of a job; its number follows.
const jobName = "purge-"

// purge implements CACHE.PURGE.
func purge(c *command.Ctx) error {
	p, async, err := parsePurge(c)
	if err != nil {
		return err
	}
	p.DB = c.Sess.DB
	p.May = mayDelete(c)
	if async {
		c.Out.Text(nameOf(c.Services.Engine.StartPurge(p)))
		return nil
	}
	state, err := c.Services.Engine.RunPurge(p, func() error { return goesOn(c) })
	if err != nil {
		return err
	}
	c.Sess.Needs(p.Seq())
	c.Out.Int(state.Matched)
	return nil
}

func parsePurge(c *command.Ctx) (p *engine.Purge, async bool, err error) {
	p = &engine.Purge{}
	which := ""
	s := c.Options(1)
	for s.Next() {
		switch s.Option() {
		case "PREFIX", "PATTERN":
			if which != "" {
				s.Fail(rediserr.Syntax)
			}
			which = s.Option()
			p.Text, p.Pattern = bytes.Clone(s.Arg()), which == "PATTERN"
		case "DRYRUN":
			p.Dry = true
		case "ASYNC":
			async = true
		default:
			s.Fail(errNear(s.Option()))
		}
	}
	switch {
	case len(p.Text) > maxName:
		s.Fail(errName)
	case which == "":
		s.Fail(rediserr.Syntax)
	}
	return p, async, s.Err()
}

// goesOn says why a deletion under way is to stop; nil: it goes on.
func goesOn(c *command.Ctx) error {
	if text := c.Services.Disk.Status().WriteError; text != "" {
		return rediserr.Misconf(text)
	}
	return nil
}

// mayDelete returns what decides whether the user may delete a key: whether DEL may.
// nil: every key.
func mayDelete(c *command.Ctx) func(key []byte) bool {
	user := c.Sess.Account().User()
	if user.Unrestricted() {
		return nil
	}
	line := [][]byte{[]byte("del"), nil}
	del, err := c.Services.Table.Find([][]byte{line[0], line[0]})
	return func(key []byte) bool {
		line[1] = key
		return err == nil && !del.Check(user, line).Denied()
	}
}

func nameOf(job uint64) string { return jobName + strconv.FormatUint(job, 10) }

// jobs implements CACHE.JOBS.
func jobs(c *command.Ctx) error {
	list := c.Services.Engine.Purges()
	c.Out.Array(len(list))
	for i := range list {
		p := &list[i]
		which := "prefix"
		if p.Pattern {
			which = "pattern"
		}
		dry := int64(0)
		if p.Dry {
			dry = 1
		}
		c.Out.Map(10)
		text(c, "id", nameOf(p.ID))
		text(c, which, p.Text)
		number(c, "db", int64(p.DB))
		number(c, "dryrun", dry)
		text(c, "state", p.Phase.String())
		number(c, "scanned", p.Scanned)
		number(c, "matched", p.Matched)
		number(c, "deleted", p.Deleted)
		number(c, "began", p.Began)
		number(c, "ended", p.Ended)
	}
	return nil
}

func text(c *command.Ctx, name, value string) {
	c.Out.Text(name)
	c.Out.Text(value)
}

func number(c *command.Ctx, name string, n int64) {
	c.Out.Text(name)
	c.Out.Int(n)
}

// cancel implements CACHE.CANCEL.
func cancel(c *command.Ctx) error {
	name := string(c.Args[1])
	digits, ok := strings.CutPrefix(name, jobName)
	id, err := strconv.ParseUint(digits, 10, 64)
	if !ok || err != nil {
		return errNoJob(name)
	}
	stopped, known := c.Services.Engine.CancelPurge(id)
	if !known {
		return errNoJob(name)
	}
	n := int64(0)
	if stopped {
		n = 1
	}
	c.Out.Int(n)
	return nil
}

func errNoJob(name string) error {
	return rediserr.Coded("NOTFOUND", rediserr.OneLine("no job '"+name[:min(len(name), maxName)]+"'"))
}
