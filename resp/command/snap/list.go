package snap

import (
	"context"
	"strconv"
	"strings"
	"time"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
	"kvd/snapshot"
)

func listSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "snap.list", Arity: -1, Flags: reads, Since: since,
			Syntax:     "[NAME name] [TAG tag] [TARGET target] [COUNT count{integer}] [CURSOR cursor]",
			Complexity: "O(N) where N is the number of snapshots",
			Summary:    "Lists snapshots, the newest first.", Handler: list,
		},
		{
			Name: "snap.info", Syntax: "id", Arity: 2, Flags: reads, Since: since, Complexity: "O(1)",
			Summary: "Returns what is known of a snapshot.", Handler: info,
		},
		{
			Name: "snap.diff", Syntax: "id [other-id]", Arity: -2, Flags: reads | command.Admin | command.NoMulti, Since: since,
			Complexity: "O(N) where N is the size of both",
			Summary:    "Counts the keys in which a snapshot differs from another, or from now.", Handler: diff,
		},
		{
			Name: "snap.verify", Syntax: "id [DEEP]", Arity: -2, Flags: makes, Since: since,
			Complexity: "O(N) where N is the size of the snapshot",
			Summary:    "Reads all of a snapshot and checks it, with DEEP by a restore on trial.", Handler: verify,
		},
	}
}

// pageSize is how many snapshots a page has, unless COUNT says otherwise.
const pageSize = 100

func list(c *command.Ctx) error {
	var f snapshot.Filter
	count, cursor := int64(pageSize), "0"
	s := c.Options(1)
	for s.Next() {
		switch word := s.Option(); word {
		case "NAME":
			f.Name = string(s.Arg())
		case "TAG":
			f.Tag = string(s.Arg())
		case "TARGET":
			f.Target = string(s.Arg())
		case "COUNT":
			if count = s.Int(); s.SyntaxErr() == nil && count < 1 {
				s.Fail(rediserr.Syntax)
			}
		case "CURSOR":
			cursor = string(s.Arg())
		default:
			s.Fail(errNear(word))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	all, err := c.Services.Snapshots.List(context.Background(), f)
	if err != nil {
		return fail(err)
	}
	if all, err = after(all, cursor); err != nil {
		return err
	}
	next := "0"
	if int64(len(all)) > count {
		all = all[:count]
		last := &all[count-1]
		next = strconv.FormatInt(last.Time.UnixNano(), 10) + "-" + last.ID
	}
	c.Out.Array(2)
	c.Out.Text(next)
	c.Out.Array(len(all))
	for i := range all {
		writeInfo(c.Out, &all[i], brief)
	}
	return nil
}

// after returns the snapshots behind a cursor, which names the last one of the
// page before.
func after(all []snapshot.Info, cursor string) ([]snapshot.Info, error) {
	if cursor == "0" {
		return all, nil
	}
	text, id, _ := strings.Cut(cursor, "-")
	nano, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, rediserr.InvalidCursor
	}
	for i := range all {
		at := all[i].Time.UnixNano()
		if at < nano || at == nano && all[i].ID < id {
			return all[i:], nil
		}
	}
	return nil, nil
}

func info(c *command.Ctx) error {
	i, err := c.Services.Snapshots.Info(context.Background(), string(c.Args[1]))
	if err != nil {
		return fail(err)
	}
	writeInfo(c.Out, &i, full)
	return nil
}

// detail is how much of a snapshot is shown.
type detail uint8

const (
	brief detail = iota
	full
)

func writeInfo(out *reply.Writer, i *snapshot.Info, d detail) {
	const pairs, more = 13, 5
	if d == full {
		out.Map(pairs + more)
	} else {
		out.Map(pairs)
	}
	text(out, "id", i.ID)
	text(out, "name", i.Name)
	number(out, "time", millis(i.Time))
	number(out, "rev", int64(i.Rev))
	number(out, "keys", i.Keys)
	number(out, "bytes", i.Bytes)
	number(out, "size", i.Size)
	textOrNull(out, "base", i.Base)
	out.Text("tags")
	out.Array(len(i.Tags))
	for _, tag := range i.Tags {
		out.Text(tag)
	}
	out.Text("encrypted")
	out.Bool(i.Encrypted)
	text(out, "state", i.State)
	out.Text("verified_at")
	if i.VerifiedAt.IsZero() {
		out.Null()
	} else {
		out.Int(i.VerifiedAt.UnixMilli())
	}
	text(out, "target", i.Target)
	if d == full {
		text(out, "format", string(i.Format))
		textOrNull(out, "description", i.Description)
		number(out, "members", int64(i.Members))
		textOrNull(out, "sha256", i.SHA256)
		textOrNull(out, "fault", i.Fault)
	}
}

func text(out *reply.Writer, name, value string) {
	out.Text(name)
	out.Text(value)
}

func textOrNull(out *reply.Writer, name, value string) {
	out.Text(name)
	if value == "" {
		out.Null()
		return
	}
	out.Text(value)
}

func number(out *reply.Writer, name string, n int64) {
	out.Text(name)
	out.Int(n)
}

// millis is a time as it goes out: unix milliseconds, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func diff(c *command.Ctx) error {
	other := ""
	switch len(c.Args) {
	case 2:
	case 3:
		other = string(c.Args[2])
	default:
		return errNear(string(c.Args[3]))
	}
	d, err := c.Services.Snapshots.Diff(context.Background(), string(c.Args[1]), other)
	if err != nil {
		return fail(err)
	}
	c.Out.Map(4)
	number(c.Out, "added", d.Added)
	number(c.Out, "removed", d.Removed)
	number(c.Out, "changed", d.Changed)
	c.Out.Text("sample")
	c.Out.Array(len(d.Sample))
	for _, k := range d.Sample {
		c.Out.Array(3)
		c.Out.Text(k.What)
		c.Out.Int(int64(k.DB))
		c.Out.Bulk(k.Key)
	}
	return nil
}

func verify(c *command.Ctx) error {
	depth := snapshot.Read
	s := c.Options(2)
	for s.Next() {
		if word := s.Option(); word == "DEEP" {
			depth = snapshot.Deep
		} else {
			s.Fail(errNear(word))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	rep, err := c.Services.Snapshots.Verify(context.Background(), string(c.Args[1]), depth)
	if err != nil {
		return fail(err)
	}
	c.Out.Map(5)
	c.Out.Text("ok")
	c.Out.Bool(rep.OK)
	number(c.Out, "members", int64(rep.Members))
	number(c.Out, "records", rep.Records)
	number(c.Out, "bytes", rep.Bytes)
	c.Out.Text("faults")
	c.Out.Array(len(rep.Faults))
	for _, f := range rep.Faults {
		c.Out.Text(f)
	}
	return nil
}
