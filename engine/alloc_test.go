package engine

import "testing"

func TestHotPathsDoNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops objects from sync.Pool at random")
	}
	e, c := newEngine(t)
	put(e, 0, 5000, 64, NoExpiry)
	now := c.Now().UnixMilli()
	k, val, part := key(1), make([]byte, 64), make([]byte, 8)
	tests := map[string]func(tx *Tx){
		"get":      func(tx *Tx) { _, _ = tx.String(k) },
		"get none": func(tx *Tx) { _, _ = tx.String(k[:3]) },
		"set":      func(tx *Tx) { tx.SetString(k, val, NoExpiry) },
		"set ex":   func(tx *Tx) { tx.SetString(k, val, Expiry(now+1000)) },
		"edit":     func(tx *Tx) { tx.EditString(k, val[:9], "incrby") },
		"setrange": func(tx *Tx) { _, _ = tx.SetRange(k, 4, part) },
		"expire":   func(tx *Tx) { tx.Expire(k, Expiry(now+2000)) },
		"persist":  func(tx *Tx) { tx.Expire(k, NoExpiry) },
		"exists":   func(tx *Tx) { tx.Exists(k) },
		"object":   func(tx *Tx) { tx.Object(k) },
		"set and delete": func(tx *Tx) {
			tx.SetString(k, val, NoExpiry)
			tx.Delete(k)
		},
	}
	for name, fn := range tests {
		var lock Lock
		e.AddAll(&lock)
		tx := e.Begin(0, now, Reads, &lock)
		tx.SetString(k, val, NoExpiry)
		tx.Commit()
		allocs := testing.AllocsPerRun(200, func() {
			tx := e.Begin(0, now, Reads, &lock)
			fn(tx)
			tx.Commit()
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
	if allocs := testing.AllocsPerRun(200, func() {
		tx := e.BeginKey(0, now, Reads, k)
		_, _ = tx.String(k)
		tx.Commit()
	}); allocs != 0 {
		t.Errorf("BeginKey: %v allocations", allocs)
	}
}

func BenchmarkTxOfTwoKeys(b *testing.B) {
	e, _ := newEngine(b)
	put(e, 0, 1000, 64, NoExpiry)
	keys := make([][]byte, 1000)
	for i := range keys {
		keys[i] = key(i)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		a, c := keys[i%1000], keys[(i+7)%1000]
		i++
		var lock Lock
		e.AddKey(&lock, a)
		e.AddKey(&lock, c)
		tx := e.Begin(0, 1, Reads, &lock)
		_, _ = tx.String(a)
		_, _ = tx.String(c)
		tx.Commit()
	}
}
