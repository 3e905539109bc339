package server

import (
	"strings"
	"testing"

	"kvd/resp/command"
)

// Flags of the keys of the sample.
const (
	readKey  = command.RO | command.Access
	writeKey = command.OW | command.Update
	popKey   = command.RW | command.Access | command.Delete
	anyKey   = command.RW | command.Access | command.Update
)

// sampleTable is COMMAND itself and commands with every kind of flags, keys
// and arguments, spelt so that COMMAND describes them as redis-server 7.0.15
// describes its own.
func sampleTable(t *testing.T) *command.Table {
	t.Helper()
	families := append(dataFamilies(), otherFamilies()...)
	for _, f := range families {
		for i := range f.Commands {
			s := &f.Commands[i]
			s.Since, s.Complexity, s.Summary = "1.0.0", "O(1)", "Does something."
			if s.Name != "object" {
				s.Handler = func(*command.Ctx) error { return nil }
			}
		}
	}
	families = append(families, command.Family{Group: "server", Commands: commandSpecs()})
	table, err := command.NewTable(families...)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// setFlags are the flags of the key of SET, whose last word here may be GET.
func setFlags(args [][]byte) command.KeyFlags {
	if strings.EqualFold(string(args[len(args)-1]), "get") {
		return anyKey
	}
	return writeKey
}

func sortKeys(_ [][]byte, dst []command.KeyRef) ([]command.KeyRef, error) {
	return append(dst, command.KeyRef{Pos: 1, Flags: readKey}), nil
}

// dataFamilies are commands of the data types.
func dataFamilies() []command.Family {
	return []command.Family{
		{Group: "string", Categories: command.CatString, Commands: []command.Spec{
			{Name: "get", Syntax: "key", Arity: 2, Flags: command.ReadOnly | command.Fast, Keys: command.Key(1, readKey)},
			{
				Name: "set", Arity: -3, Flags: command.Write | command.DenyOOM,
				Syntax: "key value [NX | XX]{condition,@2.6.12} [GET]{@6.2.0} [EX seconds{@2.6.12} | PX milliseconds{@2.6.12} | " +
					"EXAT unix-time-seconds{@6.2.0} | PXAT unix-time-milliseconds{@6.2.0} | KEEPTTL{@6.0.0}]{expiration}",
				Keys: command.KeyVaries(1, anyKey, setFlags),
			},
			{
				Name: "mget", Syntax: "key [key ...]", Arity: -2, Flags: command.ReadOnly | command.Fast,
				Keys: command.KeyRange(1, -1, 1, readKey), Tips: []string{"request_policy:multi_shard"},
			},
			{
				Name: "mset", Syntax: "key value [key value ...]", Arity: -3, Flags: command.Write | command.DenyOOM,
				Keys: command.KeyRange(1, -1, 2, writeKey),
				Tips: []string{"request_policy:multi_shard", "response_policy:all_succeeded"},
			},
		}},
		{Group: "sorted-set", Categories: command.CatSortedSet, Commands: []command.Spec{
			{
				Name: "zadd", Arity: -4, Flags: command.Write | command.DenyOOM | command.Fast,
				Syntax: "key [NX | XX]{condition,@3.0.2} [GT | LT]{comparison,@6.2.0} [CH]{change,@3.0.2} " +
					"[INCR]{increment,@3.0.2} score member [score member ...]",
				Keys: command.Key(1, command.RW|command.Update),
			},
			{
				Name: "zunionstore", Arity: -4, Flags: command.Write | command.DenyOOM,
				Syntax: "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] " +
					"[AGGREGATE <SUM | MIN | MAX>{aggregate}]",
				Keys: command.Keys(command.Key(1, writeKey), command.KeyNum(2, 3, readKey)),
			},
		}},
		{Group: "list", Categories: command.CatList, Commands: []command.Spec{
			{
				Name: "blpop", Syntax: "key [key ...] timeout", Arity: -3,
				Flags: command.Write | command.NoScript | command.Blocking, Keys: command.KeyRange(1, -2, 1, popKey),
			},
		}},
		{Group: "stream", Categories: command.CatStream, Commands: []command.Spec{
			{
				Name: "xread", Arity: -4, Flags: command.ReadOnly | command.Blocking,
				Syntax: "[COUNT count] [BLOCK milliseconds] (STREAMS key [key ...] id [id ...]){streams}",
				Keys:   command.KeysAfter("STREAMS", 1, 2, readKey),
			},
		}},
	}
}

// otherFamilies are the rest.
func otherFamilies() []command.Family {
	return []command.Family{
		{Group: "generic", Categories: command.CatKeyspace, Commands: []command.Spec{
			{
				Name: "sort", Arity: -2, Flags: command.Write | command.DenyOOM,
				Categories: command.NoFamilyCategories | command.CatSet | command.CatSortedSet | command.CatList | command.CatDangerous,
				Syntax: "key [BY pattern{#1}] [LIMIT offset count] [GET pattern{#1} [GET pattern ...]] " +
					"[ASC | DESC]{order} [ALPHA]{sorting} [STORE destination{#2}]",
				Keys: command.KeysBy(sortKeys, command.Key(1, readKey),
					command.Unknown(readKey, "by"), command.Unknown(writeKey, "store")),
			},
			{Name: "object", Arity: -2},
			{
				Name: "freq", Parent: "object", Syntax: "key", Arity: 3, Flags: command.ReadOnly,
				Keys: command.Key(2, command.RO), Tips: []string{"nondeterministic_output"},
			},
			{
				Name: "encoding", Parent: "object", Syntax: "key", Arity: 3, Flags: command.ReadOnly,
				Keys: command.Key(2, command.RO), Tips: []string{"nondeterministic_output"},
			},
			{
				Name: "idletime", Parent: "object", Syntax: "key", Arity: 3, Flags: command.ReadOnly,
				Keys: command.Key(2, command.RO), Tips: []string{"nondeterministic_output"},
			},
			{
				Name: "refcount", Parent: "object", Syntax: "key", Arity: 3, Flags: command.ReadOnly,
				Keys: command.Key(2, command.RO), Tips: []string{"nondeterministic_output"},
			},
			{Name: "help", Parent: "object", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx},
		}},
		{Group: "scripting", Categories: command.CatScripting, Commands: []command.Spec{
			{
				Name: "eval", Arity: -3, Syntax: "script numkeys [key ...] [arg ...]",
				Flags: command.NoScript | command.SkipMonitor | command.NoMandatoryKeys | command.Stale,
				Keys:  command.KeyNum(2, 3, anyKey),
			},
		}},
		{Group: "geo", Categories: command.CatGeo, Commands: []command.Spec{
			{
				Name: "georadius_ro", Arity: -6, Flags: command.ReadOnly, Keys: command.Key(1, readKey),
				Deprecated: &command.Deprecation{Since: "6.2.0", ReplacedBy: "`GEOSEARCH` with the `BYRADIUS` argument"},
				Syntax: "key longitude latitude radius <M | KM | FT | MI>{unit} [WITHCOORD]{withcoord} [WITHDIST] [WITHHASH] " +
					"[COUNT count [ANY]{@6.2.0}]{count} [ASC | DESC]{order}",
			},
			{
				Name: "georadius", Arity: -6, Flags: command.Write | command.DenyOOM,
				Syntax: "key longitude latitude radius unit [STORE key | STOREDIST key]",
				Keys: command.Keys(command.Key(1, readKey), command.KeyAfter("STORE", 6, writeKey),
					command.KeyAfter("STOREDIST", 6, writeKey)),
			},
		}},
		{Group: "pubsub", Commands: []command.Spec{
			{
				Name: "spublish", Syntax: "shardchannel message", Arity: 3, Keys: command.Key(1, command.NotKey),
				Flags: command.PubSub | command.Loading | command.Stale | command.Fast | command.MayReplicate,
			},
		}},
		{Group: "connection", Categories: command.CatConnection, Commands: []command.Spec{
			{
				Name: "auth", Syntax: "[username]{@6.0.0} password", Arity: -2,
				Flags: command.NoScript | command.Loading | command.Stale | command.Fast | command.NoAuth | command.AllowBusy,
			},
		}},
		{Group: "transactions", Categories: command.CatTransaction, Commands: []command.Spec{
			{Name: "exec", Arity: 1, Flags: command.NoScript | command.Loading | command.Stale | command.SkipSlowlog},
		}},
	}
}
