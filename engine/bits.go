package engine

import "kvd/internal/change"

// Draft returns n bytes that begin as s does and end in zeros, for the caller to
// change and to pass to SetDraft or EditDraft at once. A large value that nobody
// is being sent is not copied: once it has been changed it must be stored.
func (tx *Tx) Draft(s String, n int) []byte { return tx.editable(s, n) }

// EditDraft gives a string key a value that Draft has returned and leaves its
// expiry; event says what was done, such as "setbit".
func (tx *Tx) EditDraft(key, val []byte, event string) {
	tx.store(key, val, Keep, flagRaw, Part{}, event)
}

// EditDraftPart is EditDraft for a value that has changed only in part since Draft
// has returned it; what Draft has added to its end may be beyond that.
func (tx *Tx) EditDraftPart(key, val []byte, part Part, event string) {
	tx.store(key, val, Keep, flagRaw, part, event)
}

// SetDraft is EditDraft for a value that has nothing to do with what the key
// held: its expiry goes.
func (tx *Tx) SetDraft(key, val []byte, event string) {
	tx.store(key, val, NoExpiry, flagRaw, Part{}, event)
}

// EditDraftQuietly is EditDraft without its event, for bytes that nobody has
// written and for another form of the same value.
func (tx *Tx) EditDraftQuietly(key, val []byte) {
	wanted := tx.events
	tx.events &^= change.EventString
	tx.store(key, val, Keep, flagRaw, Part{}, "")
	tx.events = wanted
}

// maxNote is the length of the longest note that Annotate takes, in bytes.
const maxNote = 16

// Annotate overwrites the first bytes of a string that is not large, in memory
// only and without a trace: what is on disk stays as it is. It is for what a
// value says about itself, which can be found out again.
func (tx *Tx) Annotate(key, note []byte) {
	f, ok := tx.find(key)
	if !ok || len(note) > maxNote || f.kind() != change.String || f.has(flagLarge|flagCold) || len(note) > f.valueLen() {
		return
	}
	copy(f.valueBytes(), note)
	f.entry[1] |= flagRaw
}

// MarkRaw makes OBJECT ENCODING say raw of a string key, as commands on bits do
// even where they find nothing to change.
func (tx *Tx) MarkRaw(key []byte) {
	if f, ok := tx.find(key); ok {
		f.entry[1] |= flagRaw
	}
}
