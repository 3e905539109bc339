package snap

import (
	"kvd/resp/command"
	"kvd/resp/reply"
	"kvd/snapshot"
)

func jobSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "snap.jobs", Arity: 1, Flags: quick, Since: since, Complexity: "O(N) where N is the number of jobs",
			Summary: "Lists the jobs of snapshots, the newest first.", Handler: jobs,
		},
		{
			Name: "snap.status", Syntax: "job", Arity: 2, Flags: quick, Since: since, Complexity: "O(1)",
			Summary: "Returns how far a job is.", Handler: status,
		},
		{
			Name: "snap.cancel", Syntax: "job", Arity: 2, Flags: quick | command.Admin, Since: since, Complexity: "O(1)",
			Summary: "Ends a job soon; what it has done is taken back.", Handler: cancel,
		},
	}
}

func jobs(c *command.Ctx) error {
	list := c.Services.Snapshots.Jobs()
	c.Out.Array(len(list))
	for i := range list {
		writeJob(c.Out, &list[i])
	}
	return nil
}

func status(c *command.Ctx) error {
	job, err := c.Services.Snapshots.Job(string(c.Args[1]))
	if err != nil {
		return fail(err)
	}
	writeJob(c.Out, &job)
	return nil
}

func cancel(c *command.Ctx) error {
	if err := c.Services.Snapshots.Cancel(string(c.Args[1])); err != nil {
		return fail(err)
	}
	c.Out.OK()
	return nil
}

func writeJob(out *reply.Writer, j *snapshot.Job) {
	out.Map(9)
	text(out, "id", j.ID)
	text(out, "kind", j.Kind)
	text(out, "state", j.State)
	textOrNull(out, "snapshot", j.Snapshot)
	number(out, "records", j.Done)
	number(out, "bytes", j.Bytes)
	number(out, "started", millis(j.Started))
	number(out, "ended", millis(j.Ended))
	textOrNull(out, "error", j.Error)
}
