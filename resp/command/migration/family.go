// Package migration implements the commands on migrations: MIG.*.
//
// Invariant: what a command has stored is in one change set, and a job that it has
// begun goes on whatever becomes of its client.
package migration

import (
	"kvd/internal/rediserr"
	"kvd/migrate/run"
	"kvd/resp/command"
)

const (
	since = "kvd 0.3.0"
	// stored are commands that change what is stored of migrations: settings, for
	// which everything is locked.
	stored = command.Write | command.Admin | command.AllKeys | command.NoScript
	// jobs are commands that run or steer jobs, which take locks themselves.
	jobs = command.Admin | command.NoTx | command.NoScript | command.NoMulti
	// views are commands that only look, and at no document.
	views = command.ReadOnly | command.NoTx
	// own are commands on documents that take locks themselves, which is not possible
	// where locks are held.
	own = command.OwnTx | command.NoScript | command.NoMulti | command.Slow
)

// target is the key, the prefix or the name of a collection that a user has to be
// allowed to use.
func target(flags command.KeyFlags) []command.KeySpec { return command.Key(1, flags|command.Access) }

// Family is the commands on migrations.
var Family = command.Family{Group: "migration", Categories: command.CatMig, Commands: append(specs(), jobSpecs()...)}

func specs() []command.Spec {
	return []command.Spec{
		{
			Name: "mig.register", Syntax: "migration [REPLACE]", Arity: -2, Flags: stored | command.DenyOOM,
			Since: since, Complexity: "O(N) where N is the size of the migration",
			Summary: "Stores a migration, so that it can be run, and returns its checksum.", Handler: register,
		},
		{
			Name: "mig.drop", Syntax: "target version", Arity: 3, Flags: stored,
			Since: since, Complexity: "O(1)",
			Summary: "Removes a migration that was never applied.", Handler: drop,
		},
		{
			Name: "mig.list", Syntax: "[target]", Arity: -1, Flags: views,
			Since: since, Complexity: "O(N) where N is the number of migrations",
			Summary: "Lists the migrations in the order of their versions.", Handler: list,
		},
		{
			Name: "mig.show", Syntax: "target version", Arity: 3, Flags: views,
			Since: since, Complexity: "O(1)",
			Summary: "Shows one migration as it was registered.", Handler: show,
		},
		{
			Name: "mig.history", Syntax: "target [COUNT count{integer}]", Arity: -2, Flags: views,
			Since: since, Complexity: "O(N) where N is the number of entries",
			Summary: "Lists what was applied and taken back, the newest first.", Handler: history,
		},
		{
			Name: "mig.repair", Syntax: "target version [migration]", Arity: -3, Flags: stored,
			Since: since, Complexity: "O(1)",
			Summary: "Takes the registered form of one version as the one that was applied.", Handler: repair,
		},
		{
			Name: "mig.baseline", Syntax: "target version", Arity: 3, Flags: stored,
			Since: since, Complexity: "O(N) where N is the number of migrations",
			Summary: "Says that the documents have the shape of a version already.", Handler: baseline,
		},
		{
			Name: "mig.version", Syntax: "target [id] [SET version]", Arity: -2, Flags: stored,
			Since: since, Complexity: "O(1)",
			Summary: "Returns or sets the version of a target or of one of its documents.", Handler: version,
		},
		{
			Name: "mig.transform", Syntax: "target json [FROM version] [TO version]", Arity: -3, Flags: views | command.Slow,
			Since: since, Complexity: "O(N) where N is the size of the document",
			Summary: "Applies migrations to a document that is stored nowhere.", Handler: transform,
		},
		{
			Name: "mig.help", Arity: 1, Flags: command.Loading | command.Stale | command.Fast | command.NoTx,
			Since: since, Complexity: "O(1)",
			Summary: "Lists the commands on migrations.", Handler: help,
		},
	}
}

func jobSpecs() []command.Spec {
	const perDocument = "O(N) where N is the number of documents"
	return []command.Spec{
		{
			Name: "mig.plan", Syntax: "target [TO version] [SAMPLE count{integer} | FULL]", Arity: -2, Flags: own | command.ReadOnly,
			Keys:  target(command.RO),
			Since: since, Complexity: perDocument,
			Summary: "Tries migrations on a sample of the documents, takes them back, and writes nothing.", Handler: plan,
		},
		{
			Name: "mig.up",
			Syntax: "target [TO version] [MODE <ATOMIC | BATCH count{integer} | LAZY>] [SNAPSHOT yes-or-no] " +
				"[ONERROR <ABORT | SKIP | QUARANTINE>] [OUTOFORDER] [ASYNC] [AUTHOR author]",
			Arity: -2, Flags: own | command.Admin | command.Write | command.DenyOOM, Keys: target(command.RW | command.Update),
			Since: since, Complexity: perDocument,
			Summary: "Changes documents to the shape of a later version.", Handler: up,
		},
		{
			Name: "mig.down",
			Syntax: "target (TO version) [STRATEGY <AUTO | UNDO | OPS>] [MODE <ATOMIC | BATCH count{integer}>] " +
				"[SNAPSHOT yes-or-no] [ONERROR <ABORT | SKIP | QUARANTINE>] [ASYNC] [AUTHOR author]",
			Arity: -4, Flags: own | command.Admin | command.Write | command.DenyOOM, Keys: target(command.RW | command.Update),
			Since: since, Complexity: perDocument,
			Summary: "Changes documents back to the shape of an earlier version.", Handler: down,
		},
		{
			Name: "mig.status", Syntax: "[target | job]", Arity: -1, Flags: views,
			Since: since, Complexity: "O(N) where N is the number of migrations",
			Summary: "Tells which version a target has, what is to be applied, and how far a job is.", Handler: status,
		},
		{
			Name: "mig.verify", Syntax: "[target] [DEEP]", Arity: -1, Flags: views | command.Admin | command.Slow,
			Since: since, Complexity: "O(N) where N is the number of migrations, with DEEP also of documents",
			Summary: "Looks for faults in what is stored of migrations.", Handler: verify,
		},
		{
			Name: "mig.failed", Syntax: "job", Arity: 2, Flags: views,
			Since: since, Complexity: "O(N) where N is the number of documents",
			Summary: "Lists the documents that a job could not change.", Handler: failed,
		},
		{
			Name: "mig.pause", Syntax: "job", Arity: 2, Flags: jobs | command.Slow,
			Since: since, Complexity: "O(1)",
			Summary: "Stops a job until MIG.RESUME.", Handler: steer(run.Pause),
		},
		{
			Name: "mig.resume", Syntax: "job", Arity: 2, Flags: jobs | command.Slow,
			Since: since, Complexity: "O(1)",
			Summary: "Lets a job that was stopped go on.", Handler: steer(run.Continue),
		},
		{
			Name: "mig.cancel", Syntax: "job", Arity: 2, Flags: jobs | command.Slow,
			Since: since, Complexity: "O(1)",
			Summary: "Ends a job; what it has changed so far stays.", Handler: steer(run.Cancel),
		},
	}
}

func errNear(word []byte) error {
	return rediserr.New(rediserr.OneLine("syntax error near '" + string(word[:min(len(word), 64)]) + "'"))
}

// help lists the commands of the family from the table.
func help(c *command.Ctx) error {
	all := append(specs(), jobSpecs()...)
	c.Out.Array(2*len(all) + 1)
	c.Out.Status("MIG.<command> [<arg> [value] [opt] ...]. Commands are:")
	for i := range all {
		cmd := c.Services.Table.Lookup([]byte(all[i].Name))
		c.Out.Status(cmd.Usage())
		c.Out.Status("    " + cmd.Summary)
	}
	return nil
}
