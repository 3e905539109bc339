//go:build !linux

package wire

import "net"

// loopable says that no listener has event loops here: each connection has a
// goroutine.
func loopable(net.Listener) bool { return false }

// startLoops is never called here, since nothing is loopable.
func startLoops(*Server, int) (transport, error) { return nil, nil }

// hungUp is not known.
func hungUp(int) bool { return false }
