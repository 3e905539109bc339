package reply

// Pairs opens a list of n pairs, such as members with their scores: the caller
// calls Pair before the two items of each. RESP2 has one flat list for them.
func (w *Writer) Pairs(n int) {
	if w.resp3 {
		w.Array(n)
		return
	}
	w.Array(2 * n)
}

// Pair opens the next pair of Pairs.
func (w *Writer) Pair() {
	if w.resp3 {
		w.Array(2)
	}
}
