package snap

import (
	"bytes"
	"context"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/snapshot"
)

func restoreSpecs() []command.Spec {
	return []command.Spec{{
		Name: "snap.restore", Arity: -2, Flags: makes, Since: since,
		Syntax: "id [TO prefix FROM prefix] [PREFIX prefix | MATCH pattern | KEYS count{integer} name [name ...]]" +
			" [REPLACE | SKIP | ABORT] [FLUSH] [SAFETY <yes | no>] [DRYRUN]",
		Complexity: "O(N) where N is the size of the snapshot",
		Summary:    "Brings back all keys of a snapshot, or some, after it was checked as a whole.", Handler: restore,
	}}
}

var (
	errMove = rediserr.New("TO and FROM go together")
	errAt   = rediserr.New("AT is not available: a snapshot has one moment")
)

func restore(c *command.Ctx) error {
	o, err := parseRestore(c)
	if err != nil {
		return err
	}
	out, err := c.Services.Snapshots.Restore(context.Background(), string(c.Args[1]), o)
	if err != nil {
		return fail(err)
	}
	c.Out.Map(5)
	number(c.Out, "restored", out.Restored)
	number(c.Out, "skipped", out.Skipped)
	number(c.Out, "replaced", out.Replaced)
	number(c.Out, "expired", out.Expired)
	textOrNull(c.Out, "safety", out.Safety)
	return nil
}

func parseRestore(c *command.Ctx) (snapshot.RestoreOptions, error) {
	var (
		o                snapshot.RestoreOptions
		conflict, choose string
		to, from         bool
	)
	s := c.Options(2)
	for s.Next() {
		switch word := s.Option(); word {
		case "TO":
			o.To, to = bytes.Clone(s.Arg()), true
		case "FROM":
			o.From, from = bytes.Clone(s.Arg()), true
		case "PREFIX", "MATCH", "KEYS":
			s.Once(&choose)
			chosen(&s, word, &o)
		case "REPLACE", "SKIP", "ABORT":
			s.Once(&conflict)
		case "FLUSH":
			o.Flush = true
		case "SAFETY":
			o.Safety = choice(&s)
		case "DRYRUN":
			o.DryRun = true
		case "AT":
			s.Arg()
			s.Fail(errAt)
		default:
			s.Fail(errNear(word))
		}
	}
	if to != from {
		s.Fail(errMove)
	}
	o.Move = to
	o.Conflict = map[string]snapshot.Conflict{"REPLACE": snapshot.Replace, "SKIP": snapshot.Skip}[conflict]
	return o, s.Err()
}

// chosen reads which keys come back.
func chosen(s *command.Options, word string, o *snapshot.RestoreOptions) {
	switch word {
	case "PREFIX":
		o.Prefix = append([]byte{}, s.Arg()...)
	case "MATCH":
		o.Match = append([]byte{}, s.Arg()...)
	default:
		n := s.Int()
		if n < 1 || n > int64(s.Left()) {
			s.Fail(rediserr.Syntax)
			return
		}
		for range n {
			o.Keys = append(o.Keys, bytes.Clone(s.Arg()))
		}
	}
}
