package engine

import (
	"fmt"
	"testing"
)

func TestSurvey(t *testing.T) {
	e, clk := newEngine(t)
	now := clk.Now().UnixMilli()
	do(e, func(tx *Tx) {
		for i := range 100 {
			tx.SetString(fmt.Appendf(nil, "k%d", i), []byte("value"), NoExpiry)
		}
		tx.Select(3)
		tx.SetString([]byte("soon"), []byte("value"), Expiry(now+1000))
		tx.SetString([]byte("late"), []byte("value"), Expiry(now+3000))
		_, _ = tx.String([]byte("soon"))
		_, _ = tx.String([]byte("missing"))
	})

	tx := e.Begin(0, now, 0, &Lock{})
	defer tx.Commit()
	v := tx.Survey()
	if got := v.Databases[0]; got != (Keyspace{Keys: 100}) {
		t.Errorf("database 0: %+v", got)
	}
	if got, want := v.Databases[3], (Keyspace{Keys: 2, Expires: 2, AverageTTL: 2000}); got != want {
		t.Errorf("database 3: %+v, want %+v", got, want)
	}
	if v.Stats.Hits != 1 || v.Stats.Misses != 1 {
		t.Errorf("stats: %+v", v.Stats)
	}
	if got, want := v.Usage, e.Usage(); got != want || got.Used == 0 {
		t.Errorf("usage %+v, want %+v", got, want)
	}
	tx.ResetStats()
	if got := tx.Survey().Stats; got != (Stats{}) {
		t.Errorf("after the reset: %+v", got)
	}
}

func TestLocked(t *testing.T) {
	e, _ := newEngine(t)
	free := e.Begin(0, 0, 0, &Lock{})
	if free.Locked() {
		t.Error("a Tx without keys has locks")
	}
	free.Commit()
	one := e.BeginKey(0, 0, 0, []byte("k"))
	if !one.Locked() {
		t.Error("a Tx with a key has none")
	}
	one.Compact(1 << 20) // must not try to lock what it holds
	one.Commit()
	do(e, func(tx *Tx) {
		if !tx.Locked() {
			t.Error("a Tx with all keys has none")
		}
		tx.Compact(1 << 20)
		tx.Survey()
	})
}
