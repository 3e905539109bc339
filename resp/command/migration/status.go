package migration

import (
	"context"
	"strings"

	"kvd/migrate/run"
	"kvd/resp/command"
)

// status implements MIG.STATUS: of a target, of a job, or of all targets by name.
func status(c *command.Ctx) error {
	r := c.Services.Migrations
	switch {
	case len(c.Args) > 2:
		return errNear(c.Args[2])
	case len(c.Args) == 2:
		return statusOf(c, string(c.Args[1]))
	}
	names := r.Targets(c.Sess.DB)
	c.Out.Map(len(names))
	for _, name := range names {
		s, err := r.Status(c.Sess.DB, name)
		if err != nil {
			return err
		}
		c.Out.Text(name)
		writeStatus(c, &s)
	}
	return nil
}

func statusOf(c *command.Ctx, word string) error {
	r := c.Services.Migrations
	s, err := r.Status(c.Sess.DB, word)
	if err == nil {
		writeStatus(c, &s)
		return nil
	}
	if !r.IsJob(word) {
		return err
	}
	p, err := r.Job(word)
	if err != nil {
		return err
	}
	writeJob(c, &p)
	return nil
}

func writeStatus(c *command.Ctx, s *run.Status) {
	out := c.Out
	out.Map(7)
	out.Text("current")
	out.Text(string(s.Version))
	out.Text("latest")
	out.Text(string(s.Latest))
	out.Text("pending")
	writeVersions(c, s.Pending)
	out.Text("applied")
	out.Array(len(s.Applied))
	for _, a := range s.Applied {
		out.Text(string(a.Version))
	}
	out.Text("job")
	if s.Job == nil {
		out.Null()
	} else {
		writeJob(c, s.Job)
	}
	writeInt(c, "lazy_left", 0)
	out.Text("lock")
	if s.Lock == nil {
		out.Null()
	} else {
		out.Text(strings.TrimPrefix(s.Lock.Error(), "LOCKED "))
	}
}

func writeJob(c *command.Ctx, p *run.Progress) {
	out := c.Out
	direction := "up"
	if p.Down {
		direction = "down"
	}
	out.Map(17)
	for _, pair := range [][2]string{
		{"job", p.Label()},
		{"target", p.Name},
		{"direction", direction},
		{"from", string(p.From)},
		{"to", string(p.To)},
		{"mode", string(p.Mode)},
		{"state", string(p.State)},
		{"phase", p.Phase},
	} {
		out.Text(pair[0])
		out.Text(pair[1])
	}
	writeInt(c, "done", p.Docs)
	writeInt(c, "total", p.Total)
	writeInt(c, "changed", p.Changed)
	writeInt(c, "failed", p.Failed)
	out.Text("rate")
	out.Double(p.Rate)
	writeInt(c, "eta", p.ETA.Milliseconds())
	out.Text("started")
	out.Int(run.UnixMilli(p.Started))
	out.Text("snapshot")
	writeOrNull(c, p.Snapshot)
	out.Text("error")
	writeOrNull(c, p.Error)
}

// verify implements MIG.VERIFY [target] [DEEP].
func verify(c *command.Ctx) error {
	r := c.Services.Migrations
	names := r.Targets(c.Sess.DB)
	rest := c.Args[1:]
	deep := len(rest) > 0 && strings.EqualFold(string(rest[len(rest)-1]), "deep")
	if deep {
		rest = rest[:len(rest)-1]
	}
	if len(rest) > 1 {
		return errNear(rest[1])
	}
	if len(rest) == 1 {
		names = []string{string(rest[0])}
	}
	var faults []run.Fault
	for _, name := range names {
		some, err := r.Verify(context.Background(), c.Sess.DB, name, deep)
		if err != nil {
			return err
		}
		faults = append(faults, some...)
	}
	c.Out.Array(len(faults))
	for _, f := range faults {
		c.Out.Map(5)
		c.Out.Text("target")
		c.Out.Text(f.Target)
		c.Out.Text("version")
		c.Out.Text(string(f.Version))
		c.Out.Text("kind")
		c.Out.Text(f.Kind)
		c.Out.Text("key")
		c.Out.BulkOrNull(f.Key)
		c.Out.Text("why")
		c.Out.Text(f.Why)
	}
	return nil
}
