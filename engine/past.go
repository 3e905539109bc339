package engine

// Past reports whether a key that expires at this time is to go at once: its time
// has passed, and the Tx is not in the mode Immortal.
func (tx *Tx) Past(at Expiry) bool {
	return at != NoExpiry && int64(at) <= tx.now && tx.mode&Immortal == 0
}
