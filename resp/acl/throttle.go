package acl

import (
	"sync"
	"time"
)

const (
	// failureCost is how long an address pays for one wrong password, and
	// failureCredit how much it may owe before replies are delayed: a service
	// that was configured wrongly gets along, a guesser does not.
	failureCost   = time.Second
	failureCredit = 20 * failureCost
	// maxDelay is the longest that a reply is delayed.
	maxDelay = 5 * time.Second
	// maxAddresses is how many addresses are remembered.
	maxAddresses = 10_000
)

// Throttle says how long the reply to a wrong password waits. The zero value is
// ready; its methods are safe for concurrent use.
type Throttle struct {
	mu   sync.Mutex
	paid map[string]time.Time // when an address will owe nothing
}

// Failed notes a wrong password from an address and returns how long to delay
// the reply.
func (t *Throttle) Failed(address string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.paid == nil {
		t.paid = map[string]time.Time{}
	}
	if len(t.paid) >= maxAddresses {
		t.forget(now)
	}
	at := t.paid[address]
	if at.Before(now) {
		at = now
	}
	owed := min(at.Add(failureCost).Sub(now), failureCredit+maxDelay)
	t.paid[address] = now.Add(owed)
	return max(0, owed-failureCredit)
}

// forget drops the addresses that owe nothing, or all if all do.
func (t *Throttle) forget(now time.Time) {
	for address, at := range t.paid {
		if !at.After(now) {
			delete(t.paid, address)
		}
	}
	if len(t.paid) >= maxAddresses {
		clear(t.paid)
	}
}
