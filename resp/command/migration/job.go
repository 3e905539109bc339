package migration

import (
	"context"
	"strings"

	"kvd/internal/rediserr"
	"kvd/migrate"
	"kvd/migrate/run"
	"kvd/resp/command"
)

func up(c *command.Ctx) error { return start(c, run.Request{}) }

func down(c *command.Ctx) error { return start(c, run.Request{Down: true}) }

// start implements MIG.UP and MIG.DOWN.
func start(c *command.Ctx, q run.Request) error {
	async, err := parseRequest(c, &q)
	if err != nil {
		return err
	}
	job, err := c.Services.Migrations.Start(q)
	if err != nil {
		return err
	}
	if async && job.Label != "" {
		c.Sess.Needs(job.Seq)
		c.Out.Text(job.Label)
		return nil
	}
	report, seq, err := job.Wait()
	c.Sess.Needs(seq)
	if err != nil {
		return err
	}
	writeReport(c, &report)
	return nil
}

func parseRequest(c *command.Ctx, q *run.Request) (async bool, err error) {
	q.DB, q.Name, q.Author, q.BatchSize = c.Sess.DB, string(c.Args[1]), c.Sess.User, run.DefaultBatch
	s := c.Options(2)
	for s.Next() {
		option := s.Option()
		switch {
		case option == "TO":
			q.To = string(s.Arg())
		case option == "MODE":
			readMode(&s, q)
		case option == "SNAPSHOT":
			q.NoSafety = choice(&s, "YES", "NO") == 1
		case option == "ONERROR":
			q.OnError = []run.OnError{run.Abort, run.Skip, run.Quarantine}[choice(&s, "ABORT", "SKIP", "QUARANTINE")]
		case option == "OUTOFORDER" && !q.Down:
			q.OutOfOrder = true
		case option == "STRATEGY" && q.Down:
			q.Strategy = migrate.Strategy(choice(&s, "AUTO", "UNDO", "OPS"))
		case option == "ASYNC":
			async = true
		case option == "AUTHOR":
			q.Author = string(s.Arg())
		default:
			s.Fail(errNear(c.Args[s.Pos()-1]))
		}
	}
	if q.Down && q.To == "" {
		s.Fail(errNoTo)
	}
	return async, s.Err()
}

var (
	errNoTo      = rediserr.New("MIG.DOWN needs TO and a version")
	errBatchSize = rediserr.New("BATCH is followed by a number of documents above zero")
)

// readMode reads what follows MODE.
func readMode(s *command.Options, q *run.Request) {
	switch choice(s, "ATOMIC", "BATCH", "LAZY") {
	case 0:
		q.Mode = run.Atomic
	case 1:
		q.Mode = run.Batch
		n := s.Int()
		if q.BatchSize = int(n); n < 1 || n > 1<<30 {
			s.Fail(errBatchSize)
		}
	case 2:
		s.Fail(errLazy)
	}
}

// choice reads the argument of an option, one of a few words.
func choice(s *command.Options, words ...string) int {
	arg := s.Arg()
	for i, word := range words {
		if strings.EqualFold(string(arg), word) {
			return i
		}
	}
	if s.SyntaxErr() == nil {
		s.Fail(errNear(arg))
	}
	return 0
}

func writeReport(c *command.Ctx, r *run.Report) {
	out := c.Out
	out.Map(9)
	out.Text("from")
	out.Text(string(r.From))
	out.Text("to")
	out.Text(string(r.To))
	writeInt(c, "steps", int64(len(r.Applied)))
	out.Text("applied")
	writeVersions(c, r.Applied)
	writeInt(c, "docs", r.Docs)
	writeInt(c, "changed", r.Changed)
	writeInt(c, "failed", r.Failed)
	out.Text("snapshot")
	writeOrNull(c, r.Snapshot)
	writeInt(c, "took", r.Took)
}

func writeVersions(c *command.Ctx, list []migrate.Version) {
	c.Out.Array(len(list))
	for _, v := range list {
		c.Out.Text(string(v))
	}
}

// steer returns the handler of MIG.PAUSE, MIG.RESUME or MIG.CANCEL.
func steer(what run.Control) command.Handler {
	return func(c *command.Ctx) error {
		if err := c.Services.Migrations.Steer(string(c.Args[1]), what); err != nil {
			return err
		}
		c.Out.OK()
		return nil
	}
}

func failed(c *command.Ctx) error {
	p, err := c.Services.Migrations.Job(string(c.Args[1]))
	if err != nil {
		return err
	}
	c.Out.Array(len(p.Failures))
	for _, f := range p.Failures {
		c.Out.Map(3)
		c.Out.Text("key")
		c.Out.Bulk(f.Key)
		c.Out.Text("why")
		c.Out.Text(f.Why)
		c.Out.Text("moved")
		c.Out.BulkOrNull(f.Moved)
	}
	return nil
}

func plan(c *command.Ctx) error {
	var to string
	sample, chosen := 0, ""
	s := c.Options(2)
	for s.Next() {
		switch s.Option() {
		case "TO":
			to = string(s.Arg())
		case "SAMPLE":
			s.Once(&chosen)
			if sample = int(min(s.Count(), 1<<30)); sample == 0 {
				s.Fail(errNear(c.Args[s.Pos()-1]))
			}
		case "FULL":
			s.Once(&chosen)
			sample = run.Full
		default:
			s.Fail(errNear(c.Args[s.Pos()-1]))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	p, err := c.Services.Migrations.Plan(context.Background(), c.Sess.DB, string(c.Args[1]), to, sample)
	if err != nil {
		return err
	}
	writePlan(c, &p)
	return nil
}

func writePlan(c *command.Ctx, p *run.Plan) {
	out := c.Out
	out.Map(9)
	out.Text("from")
	out.Text(string(p.From))
	out.Text("to")
	out.Text(string(p.To))
	out.Text("steps")
	out.Array(len(p.Steps))
	for _, m := range p.Steps {
		out.Map(3)
		out.Text("version")
		out.Text(string(m.Version))
		out.Text("description")
		out.Text(m.Description)
		out.Text("down")
		out.Text(wayBack(m))
	}
	writeInt(c, "docs", p.Docs)
	writeInt(c, "examined", p.Examined)
	writeInt(c, "changes", p.Changes)
	writeInt(c, "invalid", p.Invalid)
	out.Text("samples")
	out.Array(len(p.Samples))
	for _, s := range p.Samples {
		out.Map(3)
		out.Text("id")
		out.Bulk(s.ID)
		out.Text("patch")
		out.BulkOrNull(s.Patch)
		out.Text("fault")
		writeOrNull(c, s.Fault)
	}
	writeInt(c, "estimate", p.Estimate.Milliseconds())
}
