package migration

import (
	"strings"

	"kvd/internal/rediserr"
	"kvd/migrate"
	"kvd/migrate/run"
	"kvd/resp/command"
)

func register(c *command.Ctx) error {
	replace := run.Replacing(false)
	for _, word := range c.Args[2:] {
		if !strings.EqualFold(string(word), "replace") {
			return errNear(word)
		}
		replace = true
	}
	sum, err := c.Services.Migrations.Register(c.Tx, c.Args[1], replace)
	if err != nil {
		return err
	}
	c.Out.Text(sum)
	return nil
}

func drop(c *command.Ctx) error {
	if err := c.Services.Migrations.Drop(c.Tx, string(c.Args[1]), string(c.Args[2])); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

func repair(c *command.Ctx) error {
	var text []byte
	if len(c.Args) > 4 {
		return errNear(c.Args[4])
	}
	if len(c.Args) == 4 {
		text = c.Args[3]
	}
	if err := c.Services.Migrations.Repair(c.Tx, string(c.Args[1]), string(c.Args[2]), text, c.Sess.User); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

func baseline(c *command.Ctx) error {
	if err := c.Services.Migrations.Baseline(c.Tx, string(c.Args[1]), string(c.Args[2]), c.Sess.User); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// version implements MIG.VERSION target [id] [SET version].
func version(c *command.Ctx) error {
	var id []byte
	rest := c.Args[2:]
	if len(rest) == 1 || len(rest) == 3 {
		id, rest = rest[0], rest[1:]
	}
	switch {
	case len(rest) == 0:
		v, err := c.Services.Migrations.VersionOf(c.Tx, string(c.Args[1]), id)
		if err != nil {
			return err
		}
		c.Out.Text(string(v))
		return nil
	case len(rest) != 2 || !strings.EqualFold(string(rest[0]), "set"):
		return errNear(rest[0])
	}
	if err := c.Services.Migrations.SetVersion(c.Tx, string(c.Args[1]), id, string(rest[1])); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

func list(c *command.Ctx) error {
	r := c.Services.Migrations
	var names []string
	switch len(c.Args) {
	case 1:
		names = r.Targets(c.Sess.DB)
	case 2:
		names = []string{string(c.Args[1])}
	default:
		return errNear(c.Args[2])
	}
	var all []run.Listed
	for _, name := range names {
		some, err := r.List(c.Sess.DB, name)
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	c.Out.Array(len(all))
	for i := range all {
		writeListed(c, &all[i], false)
	}
	return nil
}

func show(c *command.Ctx) error {
	m, err := c.Services.Migrations.Show(c.Sess.DB, string(c.Args[1]), string(c.Args[2]))
	if err != nil {
		return err
	}
	writeListed(c, &m, true)
	return nil
}

// writeListed writes one migration, with all of its text or without.
func writeListed(c *command.Ctx, m *run.Listed, whole bool) {
	out := c.Out
	fields := 6
	if whole {
		fields++
	}
	out.Map(fields)
	out.Text("target")
	out.Text(m.Target.Name)
	out.Text("version")
	out.Text(string(m.Version))
	out.Text("description")
	out.Text(m.Description)
	out.Text("checksum")
	out.Text(m.Checksum)
	out.Text("down")
	out.Text(wayBack(m.Migration))
	out.Text("state")
	out.Text(stateOf(m))
	if whole {
		out.Text("migration")
		out.Bulk(m.Text)
	}
}

// wayBack says how a migration can be taken back: by its operations, or by undo
// records alone.
func wayBack(m *migrate.Migration) string {
	if m.Reversible {
		return "ops"
	}
	return "undo"
}

func stateOf(m *run.Listed) string {
	switch {
	case m.Changed:
		return "changed"
	case m.Baseline:
		return "baseline"
	case m.Applied:
		return "applied"
	}
	return "pending"
}

// historyCount is how many entries MIG.HISTORY shows unless it is told.
const historyCount = 100

func history(c *command.Ctx) error {
	count := int64(historyCount)
	s := c.Options(2)
	for s.Next() {
		switch s.Option() {
		case "COUNT":
			count = s.Count()
		default:
			s.Fail(errNear(c.Args[s.Pos()-1]))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	const most = 1 << 20
	entries, err := c.Services.Migrations.History(c.Sess.DB, string(c.Args[1]), int(min(count, most)))
	if err != nil {
		return err
	}
	c.Out.Array(len(entries))
	for i := range entries {
		writeEntry(c, &entries[i])
	}
	return nil
}

func writeEntry(c *command.Ctx, e *run.Entry) {
	out := c.Out
	out.Map(12)
	out.Text("seq")
	out.Int(int64(e.Seq))
	for _, pair := range [][2]string{
		{"version", string(e.Version)}, {"direction", e.Direction}, {"checksum", e.Checksum},
	} {
		out.Text(pair[0])
		out.Text(pair[1])
	}
	out.Text("started")
	out.Int(run.UnixMilli(e.Started))
	writeInt(c, "took", e.Took)
	writeInt(c, "docs", e.Docs)
	writeInt(c, "changed", e.Changed)
	writeInt(c, "failed", e.Failed)
	out.Text("author")
	out.Text(e.Author)
	out.Text("snapshot")
	writeOrNull(c, e.Snapshot)
	out.Text("result")
	out.Text(e.Result)
}

func writeInt(c *command.Ctx, name string, n int64) {
	c.Out.Text(name)
	c.Out.Int(n)
}

func writeOrNull(c *command.Ctx, text string) {
	if text == "" {
		c.Out.Null()
		return
	}
	c.Out.Text(text)
}

func transform(c *command.Ctx) error {
	var from, to string
	s := c.Options(3)
	for s.Next() {
		switch s.Option() {
		case "FROM":
			from = string(s.Arg())
		case "TO":
			to = string(s.Arg())
		default:
			s.Fail(errNear(c.Args[s.Pos()-1]))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	text, err := c.Services.Migrations.Transform(c.Sess.DB, string(c.Args[1]), c.Args[2], from, to)
	if err != nil {
		return err
	}
	c.Out.Bulk(text)
	return nil
}

var errLazy = rediserr.New("MODE LAZY is not available: use MODE BATCH")
