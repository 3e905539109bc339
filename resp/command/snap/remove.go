package snap

import (
	"context"
	"math"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/snapshot"
)

// keepOptions is the syntax of the rules by which snapshots stay.
const keepOptions = "[KEEPLAST count{integer}] [KEEPHOURLY count{integer}] [KEEPDAILY count{integer}] [KEEPWEEKLY count{integer}]" +
	" [KEEPMONTHLY count{integer}] [KEEPYEARLY count{integer}] [KEEPDAYS days{integer}]"

func removeSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "snap.delete", Syntax: "id [FORCE]", Arity: -2, Flags: makes, Since: since, Complexity: "O(1)",
			Summary: "Removes a snapshot; one with tags only with FORCE.", Handler: remove,
		},
		{
			Name: "snap.prune", Arity: -1, Flags: makes, Since: since,
			Syntax:     "[NAME name] [TARGET target] " + keepOptions + " [DRYRUN]",
			Complexity: "O(N) where N is the number of snapshots",
			Summary:    "Removes the snapshots that no rule keeps.", Handler: prune,
		},
	}
}

func remove(c *command.Ctx) error {
	force := snapshot.Gently
	s := c.Options(2)
	for s.Next() {
		if word := s.Option(); word == "FORCE" {
			force = snapshot.Forced
		} else {
			s.Fail(errNear(word))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	if err := c.Services.Snapshots.Delete(context.Background(), string(c.Args[1]), force); err != nil {
		return fail(err)
	}
	c.Out.Int(1)
	return nil
}

func prune(c *command.Ctx) error {
	var o snapshot.PruneOptions
	s := c.Options(1)
	for s.Next() {
		switch word := s.Option(); {
		case word == "NAME":
			o.Name = string(s.Arg())
		case word == "TARGET":
			o.Target = string(s.Arg())
		case word == "DRYRUN":
			o.DryRun = true
		case keepOption(&s, word, &o.Keep):
		default:
			s.Fail(errNear(word))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	out, err := c.Services.Snapshots.Prune(context.Background(), o)
	if err != nil {
		return fail(err)
	}
	c.Out.Map(2)
	c.Out.Text("kept")
	c.Out.Array(len(out.Kept))
	for _, k := range out.Kept {
		c.Out.Array(2)
		c.Out.Text(k.ID)
		c.Out.Text(k.Why)
	}
	c.Out.Text("removed")
	c.Out.Array(len(out.Removed))
	for _, id := range out.Removed {
		c.Out.Text(id)
	}
	return nil
}

// keepOption reads one of the rules, and reports whether it is one.
func keepOption(s *command.Options, word string, k *snapshot.KeepRules) bool {
	rule, ok := map[string]*int{
		"KEEPLAST": &k.Last, "KEEPHOURLY": &k.Hourly, "KEEPDAILY": &k.Daily, "KEEPWEEKLY": &k.Weekly,
		"KEEPMONTHLY": &k.Monthly, "KEEPYEARLY": &k.Yearly, "KEEPDAYS": &k.Days,
	}[word]
	if !ok {
		return false
	}
	n := s.Int()
	if n < 0 || n > math.MaxInt32 {
		s.Fail(rediserr.NotInteger)
	}
	*rule = int(n)
	return true
}
