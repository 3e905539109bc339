package snap

import (
	"context"
	"strings"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/snapshot"
	"kvd/snapshot/archive"
)

// createOptions is the syntax of what SNAP.CREATE and SNAP.SCHEDULE have in common.
const createOptions = "[NAME name] [DESC description] [TAG tag [TAG tag ...]] [PREFIX prefix | MATCH pattern | COLL collection]" +
	" [TARGET target] [HISTORY <yes | no>] [LEVEL level{integer}] [ENCRYPT <yes | no>] [FORMAT <KVD | SEED>]"

func createSpecs() []command.Spec {
	return []command.Spec{{
		Name: "snap.create", Arity: -1, Flags: makes, Since: since,
		Syntax:     createOptions + " [ASYNC]",
		Complexity: "O(N) where N is the size of the data",
		Summary:    "Makes a snapshot of all keys, or of some, while writers go on.", Handler: create,
	}}
}

var (
	errHistory = rediserr.New("HISTORY yes is not available: snapshots have the present values")
	errBase    = rediserr.New("BASE is not available: every snapshot is whole")
)

func create(c *command.Ctx) error {
	var (
		o     snapshot.CreateOptions
		async bool
	)
	s := c.Options(1)
	for s.Next() {
		switch word := s.Option(); {
		case word == "ASYNC":
			async = true
		case createOption(&s, word, &o):
		default:
			s.Fail(errNear(word))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	if async {
		job, err := c.Services.Snapshots.CreateAsync(o)
		if err != nil {
			return fail(err)
		}
		c.Out.Text(job)
		return nil
	}
	info, err := c.Services.Snapshots.Create(context.Background(), o)
	if err != nil {
		return fail(err)
	}
	c.Out.Text(info.ID)
	return nil
}

// createOption reads an option that says what a snapshot is to be, and reports
// whether it is one.
func createOption(s *command.Options, word string, o *snapshot.CreateOptions) bool {
	switch word {
	case "NAME":
		if o.Name = string(s.Arg()); o.Name == "" {
			o.Name = " " // which no rule allows
		}
	case "DESC":
		o.Description = string(s.Arg())
	case "TAG":
		o.Tags = append(o.Tags, string(s.Arg()))
	case "PREFIX":
		o.Scopes = append(o.Scopes, scope(s, snapshot.ScopePrefix))
	case "MATCH":
		o.Scopes = append(o.Scopes, scope(s, snapshot.ScopeMatch))
	case "COLL":
		o.Scopes = append(o.Scopes, scope(s, snapshot.ScopeCollection))
	case "TARGET":
		o.Target = string(s.Arg())
	case "LEVEL":
		if o.Level = int(s.Int()); o.Level < 1 {
			o.Level = -1
		}
	case "ENCRYPT":
		o.Encrypt = choice(s)
	case "FORMAT":
		o.Format = format(s)
	case "HISTORY":
		if choice(s) == snapshot.Yes {
			s.Fail(errHistory)
		}
	case "BASE":
		s.Arg()
		s.Fail(errBase)
	default:
		return false
	}
	return true
}

func scope(s *command.Options, kind string) archive.Scope {
	return archive.Scope{Kind: kind, Value: append(archive.Text{}, s.Arg()...)}
}

func format(s *command.Options) snapshot.Format {
	word := string(s.Arg())
	switch strings.ToUpper(word) {
	case "KVD":
		return snapshot.KVD
	case "SEED":
		return snapshot.Seed
	}
	s.Fail(errNear(word))
	return ""
}
