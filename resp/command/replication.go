package command

import (
	"context"
	"time"

	"kvd/resp/reply"
)

// Replication is how the server copies its data to others, and that of another one
// to itself.
type Replication interface {
	// Dump returns an RDB file of all data, in which each key is as it was at one
	// moment. It may go out once seq is durable. The caller has a hold on it.
	Dump(ctx context.Context) (file reply.Shared, seq uint64, err error)
	// Follow makes the server a replica of another one: its own data is replaced,
	// and its clients may only read. It reports false if it is one of it already.
	Follow(host string, port int) (began bool, err error)
	// Unfollow ends that. What has come stays.
	Unfollow() error
	// Following reports whether the server follows another one. It is quick.
	Following() bool
	// Status returns how far it is; the zero ReplicaStatus if it follows none.
	Status() ReplicaStatus
}

// LinkState is how far the connection to a primary has got, as ROLE names it.
type LinkState string

// The states.
const (
	LinkConnect    LinkState = "connect" // waits to try again
	LinkConnecting LinkState = "connecting"
	LinkSync       LinkState = "sync" // gets all data
	LinkConnected  LinkState = "connected"
)

// ReplicaStatus is what INFO and ROLE tell of a server that follows another one.
type ReplicaStatus struct {
	Host      string
	Port      int
	State     LinkState
	ReplID    string // of the primary's history; empty: not known yet
	Offset    int64  // of what has been applied; -1: nothing
	LastIO    time.Time
	DownSince time.Time // zero: it was never up, or is
	// SyncBytes is what has come of all data, and SyncTotal how much that is; -1
	// if the primary does not say.
	SyncBytes, SyncTotal int64
	// LastError says why the connection ended; empty: it did not.
	LastError string
}

// Following reports whether the server follows another one.
func (s *Services) Following() bool { return s.Replication != nil && s.Replication.Following() }
