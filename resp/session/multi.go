package session

// Multi is a transaction that a client is queueing.
type Multi struct {
	// Open is set from MULTI to EXEC or DISCARD.
	Open bool
	// Broken is set when a command could not be queued: EXEC will refuse.
	Broken bool
	// Writes is set when a queued command writes, Slow when one of them, or
	// their number, is too much for an event loop.
	Writes, Slow bool
	// Replicates is set when one of them writes or, like PUBLISH, has an effect
	// beyond its own client.
	Replicates bool
	// Bytes is about what Lines take in memory.
	Bytes int
	// Lines are the queued commands, in memory of their own.
	Lines [][][]byte
}
