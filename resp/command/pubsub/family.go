// Package pubsub implements the commands of publish and subscribe.
//
// A command that subscribes answers with messages, one for each channel, instead
// of a reply: the protocol has it so.
package pubsub

import (
	"kvd/resp/acl"
	"kvd/resp/command"
)

// Flags that several commands have in common.
const (
	always    = command.PubSub | command.Loading | command.Stale | command.NoTx
	joins     = always | command.NoScript | command.Listener | command.AnswersByMessage
	publishes = always | command.Fast | command.MayReplicate | command.MessagesFirst
)

// Family is the commands of publish and subscribe.
var Family = command.Family{Group: "pubsub", Commands: []command.Spec{
	{
		Name: "subscribe", Syntax: "channel [channel ...]", Arity: -2, Flags: joins,
		Channels: command.Channels{First: 1, Last: -1},
		Since:    "2.0.0", Complexity: "O(N) where N is the number of channels",
		Summary: "Begins to receive what is published to channels.", Handler: subscribe,
	},
	{
		Name: "unsubscribe", Syntax: "[channel ...]", Arity: -1, Flags: joins,
		Since: "2.0.0", Complexity: "O(N) where N is the number of channels",
		Summary: "Ends subscriptions of channels, without arguments all of them.", Handler: unsubscribe,
	},
	{
		Name: "psubscribe", Syntax: "pattern{pattern} [pattern{pattern} ...]", Arity: -2, Flags: joins,
		Channels: command.Channels{First: 1, Last: -1, Kind: acl.ChannelPattern},
		Since:    "2.0.0", Complexity: "O(N) where N is the number of patterns",
		Summary: "Begins to receive what is published to channels that fit patterns.", Handler: psubscribe,
	},
	{
		Name: "punsubscribe", Syntax: "[pattern{pattern} ...]", Arity: -1, Flags: joins,
		Since: "2.0.0", Complexity: "O(N) where N is the number of patterns",
		Summary: "Ends subscriptions of patterns, without arguments all of them.", Handler: punsubscribe,
	},
	{
		Name: "ssubscribe", Syntax: "shardchannel [shardchannel ...]", Arity: -2, Flags: joins,
		Channels: command.Channels{First: 1, Last: -1},
		Keys:     command.KeyRange(1, -1, 1, command.NotKey),
		Since:    "7.0.0", Complexity: "O(N) where N is the number of channels",
		Summary: "Begins to receive what is published to shard channels.", Handler: ssubscribe,
	},
	{
		Name: "sunsubscribe", Syntax: "[shardchannel ...]", Arity: -1, Flags: joins,
		Keys:  command.KeyRange(1, -1, 1, command.NotKey),
		Since: "7.0.0", Complexity: "O(N) where N is the number of channels",
		Summary: "Ends subscriptions of shard channels, without arguments all of them.", Handler: sunsubscribe,
	},
	{
		Name: "publish", Syntax: "channel message", Arity: 3, Flags: publishes,
		Channels: command.Channels{First: 1, Last: 1},
		Since:    "2.0.0", Complexity: "O(N+M) where N is the number of subscribers of the channel and M that of all patterns",
		Summary: "Sends a message to who is subscribed to a channel.", Handler: publish,
	},
	{
		Name: "spublish", Syntax: "shardchannel message", Arity: 3, Flags: publishes,
		Channels: command.Channels{First: 1, Last: 1},
		Keys:     command.Key(1, command.NotKey),
		Since:    "7.0.0", Complexity: "O(N) where N is the number of subscribers of the channel",
		Summary: "Sends a message to who is subscribed to a shard channel.", Handler: spublish,
	},
	{Name: "pubsub", Arity: -2, Since: "2.8.0", Complexity: "Depends on the subcommand.", Summary: "Commands about channels and who is subscribed."},
	{
		Parent: "pubsub", Name: "channels", Syntax: "[pattern{pattern}]", Arity: -2, Flags: always,
		Since: "2.8.0", Complexity: "O(N) where N is the number of channels that have subscribers",
		Summary: "Lists the channels that have subscribers.", Handler: channels,
	},
	{
		Parent: "pubsub", Name: "numpat", Arity: 2, Flags: always, Since: "2.8.0", Complexity: "O(1)",
		Summary: "Counts the patterns that have subscribers.", Handler: numPat,
	},
	{
		Parent: "pubsub", Name: "numsub", Syntax: "[channel ...]", Arity: -2, Flags: always,
		Since: "2.8.0", Complexity: "O(N) where N is the number of channels in the line",
		Summary: "Counts the subscribers of channels, without those of patterns.", Handler: numSub,
	},
	{
		Parent: "pubsub", Name: "shardchannels", Syntax: "[pattern{pattern}]", Arity: -2, Flags: always,
		Since: "7.0.0", Complexity: "O(N) where N is the number of shard channels that have subscribers",
		Summary: "Lists the shard channels that have subscribers.", Handler: shardChannels,
	},
	{
		Parent: "pubsub", Name: "shardnumsub", Syntax: "[shardchannel ...]", Arity: -2, Flags: always,
		Since: "7.0.0", Complexity: "O(N) where N is the number of channels in the line",
		Summary: "Counts the subscribers of shard channels.", Handler: shardNumSub,
	},
	{
		Parent: "pubsub", Name: "help", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx,
		Since: "6.2.0", Complexity: "O(1)",
		Summary: "Lists the subcommands of PUBSUB.", Handler: command.Help,
	},
}}
