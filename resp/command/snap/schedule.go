package snap

import (
	"kvd/resp/command"
	"kvd/snapshot"
)

func scheduleSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "snap.schedule", Arity: -3, Flags: makes, Since: since,
			Syntax:     "name cron [TZ zone] " + createOptions + " " + keepOptions + " [CATCHUP <yes | no>]",
			Complexity: "O(1)",
			Summary:    "Has snapshots made again and again, and old ones removed.", Handler: schedule,
		},
		{
			Name: "snap.unschedule", Syntax: "name", Arity: 2, Flags: makes, Since: since, Complexity: "O(1)",
			Summary: "Removes a schedule.", Handler: unschedule,
		},
		{
			Name: "snap.schedules", Arity: 1, Flags: quick, Since: since, Complexity: "O(N) where N is the number of schedules",
			Summary: "Lists the schedules, with when they were last and are next due.", Handler: schedules,
		},
	}
}

func schedule(c *command.Ctx) error {
	sc := snapshot.Schedule{Name: string(c.Args[1]), Cron: string(c.Args[2])}
	s := c.Options(3)
	for s.Next() {
		switch word := s.Option(); {
		case word == "TZ":
			sc.Zone = string(s.Arg())
		case word == "CATCHUP":
			sc.CatchUp = choice(&s) == snapshot.Yes
		case createOption(&s, word, &sc.Create), keepOption(&s, word, &sc.Prune):
		default:
			s.Fail(errNear(word))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	if err := c.Services.Snapshots.Schedule(sc); err != nil {
		return fail(err)
	}
	c.Out.OK()
	return nil
}

func unschedule(c *command.Ctx) error {
	there, err := c.Services.Snapshots.Unschedule(string(c.Args[1]))
	if err != nil {
		return fail(err)
	}
	n := int64(0)
	if there {
		n = 1
	}
	c.Out.Int(n)
	return nil
}

func schedules(c *command.Ctx) error {
	list := c.Services.Snapshots.Schedules()
	c.Out.Array(len(list))
	for i := range list {
		sc := &list[i]
		c.Out.Map(6)
		text(c.Out, "name", sc.Name)
		text(c.Out, "cron", sc.Cron)
		textOrNull(c.Out, "tz", sc.Zone)
		number(c.Out, "next", millis(sc.Next))
		number(c.Out, "last", millis(sc.Ran))
		textOrNull(c.Out, "result", sc.Result)
	}
	return nil
}
