package command

import "math/bits"

// Flags say how a command behaves; see the constants.
type Flags uint64

// The flags that COMMAND INFO shows, in the order in which it shows them.
const (
	// Write: the command may change keys.
	Write Flags = 1 << iota
	// ReadOnly: it reads keys and changes nothing that is stored.
	ReadOnly
	// DenyOOM: it may take memory, and is refused when there is none left.
	DenyOOM
	// Admin: it is for operators.
	Admin
	// PubSub: it is about channels.
	PubSub
	// NoScript: scripts may not call it.
	NoScript
	// Blocking: it may wait for a key to change.
	Blocking
	// Loading: it works while the data set is being loaded.
	Loading
	// Stale: it works on a replica that has lost its primary.
	Stale
	// SkipMonitor: MONITOR does not show it.
	SkipMonitor
	// SkipSlowlog: SLOWLOG does not list it.
	SkipSlowlog
	// Asking: in a cluster it may reach a slot that is being imported.
	Asking
	// Fast: it takes constant or logarithmic time.
	Fast
	// NoAuth: it works before the client has authenticated.
	NoAuth
	// NoMandatoryKeys: a line without keys, or with a wrong count of them, is
	// not an error for COMMAND GETKEYS.
	NoMandatoryKeys
	// NoAsyncLoading: it is refused while a replica swaps its data set.
	NoAsyncLoading
	// NoMulti: it may not be queued in a transaction.
	NoMulti
	// MovableKeys: first, last and step do not tell where all keys are. NewTable
	// sets it; specs leave it out.
	MovableKeys
	// AllowBusy: it works while a script has been running for too long.
	AllowBusy

	shownFlags = iota
)

// Flags of our own, which clients do not see.
const (
	// MayReplicate: it does not write keys but its effect has to reach replicas.
	MayReplicate Flags = 1 << (shownFlags + iota)
	// AllKeys: it works on the whole key space, which is locked for it.
	AllKeys
	// Slow: it may take more than about a millisecond, so that it runs on a
	// worker instead of the event loop.
	Slow
	// Immediate: it is run at once even where a transaction is being queued.
	Immediate
	// NoTx: it reads and writes no keys at all and needs no transaction of the
	// engine.
	NoTx
	// SystemDoc: COMMAND DOCS says that it is for the server's own developers.
	SystemDoc
	// Listener: a client that speaks RESP2 may send it while it is subscribed.
	Listener
	// AnswersByMessage: it answers with messages, of which it has any number and
	// which CLIENT REPLY does not hold back, instead of a reply.
	AnswersByMessage
	// Documents: it works on JSON documents, or on keys of any type as a whole, so
	// that it may be used on a key that belongs to a collection. NewTable sets it for
	// the families of documents.
	Documents
	// CrossDB: it may write its key in another database than the client's.
	CrossDB
	// InCollection: its first word names a collection of documents, and its keys are
	// ids in it; a key at the first word is the prefix of all of them.
	InCollection
	// OwnTx: the handler begins its transactions itself, with Ctx.Within. Where the
	// command is part of a transaction or script it has that one, and all keys are
	// locked.
	OwnTx
	// MessagesFirst: the messages that it causes for its own client come before
	// its reply.
	MessagesFirst
)

var flagNames = [shownFlags]string{
	"write", "readonly", "denyoom", "admin", "pubsub", "noscript", "blocking", "loading", "stale",
	"skip_monitor", "skip_slowlog", "asking", "fast", "no_auth", "no_mandatory_keys",
	"no_async_loading", "no_multi", "movablekeys", "allow_busy",
}

// Has reports whether all of want are set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// Names returns the flags that clients see, as COMMAND INFO spells and orders
// them.
func (f Flags) Names() []string { return setNames(uint64(f), flagNames[:]) }

// setNames returns the names of the bits that are set, lowest first.
func setNames(set uint64, names []string) []string {
	set &= 1<<len(names) - 1
	list := make([]string, 0, bits.OnesCount64(set))
	for ; set != 0; set &= set - 1 {
		list = append(list, names[bits.TrailingZeros64(set)])
	}
	return list
}
