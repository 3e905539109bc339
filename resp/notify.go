package resp

import (
	"strconv"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/internal/config"
	"kvd/resp/pubsub"
)

// Notifier publishes what happens to keys on the channels of keyspace
// notifications. It is the engine's Observer; the engine records only events of
// the classes that notify-keyspace-events asks for.
type Notifier struct {
	hub    *pubsub.Hub
	config *config.Live
}

// NewNotifier returns a Notifier that publishes in hub.
func NewNotifier(hub *pubsub.Hub, live *config.Live) *Notifier { return &Notifier{hub, live} }

// Committed implements engine.Observer: the events of a commit are published in
// their order, each to the channel of its key and then to that of its name.
func (n *Notifier) Committed(set *change.Set) {
	if !n.hub.Heard() {
		return
	}
	kinds := n.config.Get().NotifyKeyspaceEvents
	var channel []byte
	for i := range set.Events {
		e := &set.Events[i]
		if kinds.Has(config.EventKeyspace) {
			channel = appendChannel(channel[:0], "__keyspace@", e.DB, e.Key)
			n.hub.Publish(channel, []byte(e.Name))
		}
		if kinds.Has(config.EventKeyevent) {
			channel = appendChannel(channel[:0], "__keyevent@", e.DB, []byte(e.Name))
			n.hub.Publish(channel, e.Key)
		}
	}
}

func appendChannel(b []byte, kind string, db int, of []byte) []byte {
	b = append(b, kind...)
	b = strconv.AppendInt(b, int64(db), 10)
	b = append(b, "__:"...)
	return append(b, of...)
}

var _ engine.Observer = (*Notifier)(nil)
