// Package stream implements the commands on streams.
//
// Invariant: a handler has found everything that can be wrong with its line, and
// with the types and groups of its keys, before it changes the first key.
package stream

import (
	"slices"

	"kvd/resp/command"
)

// Family is the commands on streams.
var Family = command.Family{
	Group: "stream", Categories: command.CatStream,
	Commands: slices.Concat(entrySpecs(), deleteSpecs(), readSpecs(), pendingSpecs(), groupSpecs(), infoSpecs()),
}

const (
	constant = "O(1)"
	each     = "O(1) for each ID"
	returned = "O(N) with N the number of entries returned, so O(1) for a fixed COUNT"
	// slowIDs is the number of words from which a command leaves the event loop.
	slowIDs = 2000
	// trimming is the syntax of what trims, as XADD and XTRIM have it.
	trimming = "<MAXLEN | MINID{@6.2.0}>{strategy} [\"=\"{equal} | \"~\"{approximately}]{operator} threshold [LIMIT count{@6.2.0}]"
	// references is the syntax of what becomes of pending entries.
	references = "[KEEPREF | DELREF | ACKED]{condition,@8.2.0}"

	read   = command.RO | command.Access
	update = command.RW | command.Update
	remove = command.RW | command.Delete
)

const random = "nondeterministic_output"

func entrySpecs() []command.Spec {
	added := command.Key(1, update)
	added[0].Notes = "UPDATE instead of INSERT because of the optional trimming feature"
	return []command.Spec{{
		Name:   "xadd",
		Syntax: "key [NOMKSTREAM{@6.2.0}] " + references + " [" + trimming + "]{trim} <\"*\"{auto_id} | id>{id_or_auto} field value [field value ...]",
		Arity:  -5, Flags: command.Write | command.DenyOOM | command.Fast, Keys: added, Since: "5.0.0",
		Complexity: "O(1) to add, O(N) to trim with N the number of entries that go", Tips: []string{random},
		History: []command.Change{
			{Version: "6.2.0", Text: "NOMKSTREAM, MINID and LIMIT"},
			{Version: "7.0.0", Text: "IDs such as 5-*, with a number from the server"},
			{Version: "8.2.0", Text: "KEEPREF, DELREF and ACKED"},
		},
		Summary: "Appends an entry to a stream, which is made if missing.", Handler: xadd,
	}, {
		Name: "xlen", Syntax: "key", Arity: 2, Flags: command.ReadOnly | command.Fast, Keys: command.Key(1, command.RO),
		Since: "5.0.0", Complexity: constant, Summary: "Returns the number of entries of a stream.", Handler: xlen,
	}, {
		Name: "xrange", Syntax: "key start end [COUNT count]", Arity: -4, Flags: command.ReadOnly, Keys: command.Key(1, read),
		Since: "5.0.0", Complexity: returned, History: []command.Change{{Version: "6.2.0", Text: "Exclusive ends"}},
		Summary: "Returns the entries between two IDs.", Handler: xrange,
	}, {
		Name: "xrevrange", Syntax: "key end start [COUNT count]", Arity: -4, Flags: command.ReadOnly, Keys: command.Key(1, read),
		Since: "5.0.0", Complexity: returned, History: []command.Change{{Version: "6.2.0", Text: "Exclusive ends"}},
		Summary: "Returns the entries between two IDs, the newest first.", Handler: xrevrange,
	}, {
		Name: "xsetid", Syntax: "key last-id [ENTRIESADDED entries_added{integer,@7.0.0}] [MAXDELETEDID max_deleted_entry_id{@7.0.0}]",
		Arity: -3, Flags: command.Write | command.DenyOOM | command.Fast, Keys: command.Key(1, update), Since: "5.0.0",
		Complexity: constant, History: []command.Change{{Version: "7.0.0", Text: "ENTRIESADDED and MAXDELETEDID"}},
		Summary: "Sets what a stream remembers of IDs and entries, for copies of it.", Handler: xsetid,
	}}
}

func deleteSpecs() []command.Spec {
	both := command.Key(1, command.RW|command.Update|command.Delete)
	return []command.Spec{{
		Name: "xdel", Syntax: "key id [id ...]", Arity: -3, Flags: command.Write | command.Fast, Keys: command.Key(1, remove),
		Since: "5.0.0", Complexity: each, SlowArgs: slowIDs, Summary: "Removes entries from a stream.", Handler: xdel,
	}, {
		Name: "xdelex", Syntax: "key " + references + " IDS (numids{integer} id [id ...]){ids}", Arity: -5,
		Flags: command.Write | command.Fast, Keys: command.Key(1, remove), Since: "8.2.0", Complexity: each, SlowArgs: slowIDs,
		Summary: "Removes entries from a stream, as their consumer groups allow.", Handler: xdelex,
	}, {
		Name: "xackdel", Syntax: "key group " + references + " IDS (numids{integer} id [id ...]){ids}", Arity: -6,
		Flags: command.Write | command.Fast, Keys: both, Since: "8.2.0", Complexity: each, SlowArgs: slowIDs,
		Summary: "Acknowledges entries in a group and removes them from the stream.", Handler: xackdel,
	}, {
		Name: "xtrim", Syntax: "key (" + trimming + "){trim} " + references, Arity: -4, Flags: command.Write,
		Keys: command.Key(1, remove), Since: "5.0.0", Tips: []string{random},
		Complexity: "O(N) with N the number of entries that go, whole blocks at once",
		History: []command.Change{
			{Version: "6.2.0", Text: "MINID and LIMIT"},
			{Version: "8.2.0", Text: "KEEPREF, DELREF and ACKED"},
		},
		Summary: "Removes the oldest entries of a stream.", Handler: xtrim,
	}, {
		Name: "xack", Syntax: "key group id [id ...]", Arity: -4, Flags: command.Write | command.Fast,
		Keys: command.Key(1, update), Since: "5.0.0", Complexity: each, SlowArgs: slowIDs,
		Summary: "Tells a group that entries are processed, which are then no longer pending.", Handler: xack,
	}}
}

func readSpecs() []command.Spec {
	const list = "STREAMS (key [key ...] id [id ...]){streams}"
	return []command.Spec{{
		Name: "xread", Syntax: "[COUNT count] [BLOCK milliseconds] " + list, Arity: -4,
		Flags: command.ReadOnly | command.Blocking, Keys: command.KeysAfter("STREAMS", 1, 2, read), Since: "5.0.0",
		Complexity: returned + ", for each stream", SlowArgs: slowIDs,
		History: []command.Change{{Version: "7.4.0", Text: "The ID +, for the last entry"}},
		Summary: "Returns the entries of streams after given IDs, or waits for some.", Handler: xread,
	}, {
		Name: "xreadgroup",
		Syntax: "GROUP (group consumer){group_consumer} [COUNT count] [BLOCK milliseconds] " +
			"[CLAIM min-idle-time{integer,@8.4.0}] [NOACK] " + list,
		Arity: -7, Flags: command.Write | command.Blocking, Keys: command.KeysAfter("STREAMS", 4, 2, read), Since: "5.0.0",
		Complexity: returned + ", for each stream; O(N) with N pending entries where CLAIM finds some", SlowArgs: slowIDs,
		History: []command.Change{{Version: "8.4.0", Text: "CLAIM"}},
		Summary: "Delivers entries of streams to a consumer of a group, or waits for some.", Handler: xreadgroup,
	}}
}

func pendingSpecs() []command.Spec {
	return []command.Spec{{
		Name:   "xpending",
		Syntax: "key group [[IDLE min-idle-time{integer,@6.2.0}] start end count [consumer]]{filters}",
		Arity:  -3, Flags: command.ReadOnly, Keys: command.Key(1, read), Since: "5.0.0", Tips: []string{random},
		Complexity: "O(N) with N the number of entries returned, or looked at with IDLE; O(1) for each consumer without a range",
		History:    []command.Change{{Version: "6.2.0", Text: "IDLE and exclusive ends"}},
		Summary:    "Shows what a group has delivered and nobody acknowledged.", Handler: xpending,
	}, {
		Name: "xclaim",
		Syntax: "key group consumer min-idle-time id [id ...] [IDLE ms{integer}] [TIME unix-time-milliseconds] " +
			"[RETRYCOUNT count] [FORCE] [JUSTID] [LASTID id]",
		Arity: -6, Flags: command.Write | command.Fast, Keys: command.Key(1, update), Since: "5.0.0", Tips: []string{random},
		Complexity: "O(log N) for each ID, with N pending entries", SlowArgs: slowIDs,
		Summary: "Makes a consumer the owner of pending entries.", Handler: xclaim,
	}, {
		Name: "xautoclaim", Syntax: "key group consumer min-idle-time start [COUNT count] [JUSTID]",
		Arity: -6, Flags: command.Write | command.Fast, Keys: command.Key(1, remove), Since: "6.2.0", Tips: []string{random},
		Complexity: "O(1) for a small COUNT", History: []command.Change{{Version: "7.0.0", Text: "The reply has the IDs of entries that are no more"}},
		Summary: "Makes a consumer the owner of pending entries that were left for some time.", Handler: xautoclaim,
	}}
}

func groupSpecs() []command.Spec {
	const id = "<id | \"$\"{new_id}>{id} "
	inserted := command.Key(2, command.RW|command.Insert)
	specs := []command.Spec{{
		Name: "create", Syntax: "key groupname " + id + "[MKSTREAM] [ENTRIESREAD entries_read{integer}]", Arity: -5,
		Flags: command.Write | command.DenyOOM, Keys: inserted, Since: "5.0.0", Complexity: constant,
		History: []command.Change{{Version: "7.0.0", Text: "ENTRIESREAD"}},
		Summary: "Makes a consumer group.", Handler: create,
	}, {
		Name: "setid", Syntax: "key groupname " + id + "[ENTRIESREAD entries_read{integer}]", Arity: -5,
		Flags: command.Write, Keys: command.Key(2, update), Since: "5.0.0", Complexity: constant,
		History: []command.Change{{Version: "7.0.0", Text: "ENTRIESREAD"}},
		Summary: "Sets the last ID that a group has delivered.", Handler: setID,
	}, {
		Name: "destroy", Syntax: "key groupname", Arity: 4, Flags: command.Write, Keys: command.Key(2, remove), Since: "5.0.0",
		Complexity: "O(N) with N pending entries", Summary: "Removes a consumer group.", Handler: destroy,
	}, {
		Name: "createconsumer", Syntax: "key groupname consumername", Arity: 5, Flags: command.Write | command.DenyOOM,
		Keys: inserted, Since: "6.2.0", Complexity: constant, Summary: "Makes a consumer of a group.", Handler: createConsumer,
	}, {
		Name: "delconsumer", Syntax: "key groupname consumername", Arity: 5, Flags: command.Write, Keys: command.Key(2, remove),
		Since: "5.0.0", Complexity: "O(N) with N pending entries", Summary: "Removes a consumer and its pending entries.", Handler: delConsumer,
	}}
	return container("xgroup", "Consumer groups of streams.", specs)
}

func infoSpecs() []command.Spec {
	return container("xinfo", "What there is to know of streams.", []command.Spec{{
		Name: "stream", Syntax: "key [FULL [COUNT count]]{full}", Arity: -3, Flags: command.ReadOnly, Keys: command.Key(2, read),
		Since: "5.0.0", Complexity: "O(N) with N blocks of entries",
		History: []command.Change{
			{Version: "6.0.0", Text: "FULL"},
			{Version: "7.0.0", Text: "max-deleted-entry-id, entries-added, recorded-first-entry-id, entries-read and lag"},
		},
		Summary: "Shows the state of a stream.", Handler: infoOf,
	}, {
		Name: "groups", Syntax: "key", Arity: 3, Flags: command.ReadOnly, Keys: command.Key(2, read), Since: "5.0.0",
		Complexity: "O(N) with N groups", History: []command.Change{{Version: "7.0.0", Text: "entries-read and lag"}},
		Summary: "Shows the consumer groups of a stream.", Handler: infoGroups,
	}, {
		Name: "consumers", Syntax: "key groupname", Arity: 4, Flags: command.ReadOnly, Keys: command.Key(2, read), Since: "5.0.0",
		Complexity: "O(N) with N consumers", Tips: []string{random},
		Summary: "Shows the consumers of a group.", Handler: infoConsumers,
	}})
}

// container returns a container command with its subcommands, and HELP.
func container(name, summary string, specs []command.Spec) []command.Spec {
	specs = append(specs, command.Spec{
		Name: "help", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx, Since: "5.0.0", Complexity: constant,
		Summary: "Lists the subcommands.", Handler: command.Help,
	})
	for i := range specs {
		specs[i].Parent = name
	}
	return append(specs, command.Spec{
		Name: name, Arity: -2, Since: "5.0.0", Complexity: "That of the subcommand", Summary: summary,
	})
}
