package session

// Totals are sums over all sessions, as of their snapshots.
type Totals struct {
	Clients, Blocked int
	// LargestInput and LargestOutput are the most bytes that wait to be run or
	// sent for one client.
	LargestInput, LargestOutput int
	// Memory is what all sessions take, in bytes.
	Memory int64
}

// Totals adds up all sessions.
func (r *Registry) Totals() Totals {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := Totals{Clients: len(r.sessions)}
	for _, sess := range r.sessions {
		s := sess.Snapshot()
		if s.Blocked {
			t.Blocked++
		}
		t.LargestInput = max(t.LargestInput, s.InputBytes)
		t.LargestOutput = max(t.LargestOutput, s.OutputBytes)
		t.Memory += int64(s.TotalMemory)
	}
	return t
}
