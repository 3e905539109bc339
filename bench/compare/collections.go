package main

import (
	"context"
	"fmt"

	"kvd/bench/workloads"
)

// member is an argument that is another element each time.
const member = "element:" + workloads.Random

// typeLoads are one command for each type of value, all on one key.
var typeLoads = [][]string{
	{"LPUSH", "list", "value"},
	{"HSET", "hash", member, "value"},
	{"SADD", "set", member},
	{"ZADD", "zset", workloads.Random, member},
	{"XADD", "stream", "MAXLEN", "~", "100000", "*", "field", "value"},
}

// runTypes measures the CPU time of one small change for each type.
func runTypes(ctx context.Context, t *trial) error {
	s, err := t.start(ctx, memory)
	if err != nil {
		return err
	}
	defer s.stop()
	for i, args := range typeLoads {
		t.noteCPU(ctx, s, i, load50(pipelined, t.size.piped, args...), uncounted)
	}
	return nil
}

// runLarge measures reads of large collections: the elements are made first, one
// after the other.
func runLarge(ctx context.Context, t *trial) error {
	s, err := t.start(ctx, memory)
	if err != nil {
		return err
	}
	defer s.stop()
	n := t.size.keys
	err = workloads.Build(ctx, s.addr, n, func(i int) []string {
		return []string{"RPUSH", "list", fmt.Sprintf("value:%d", i)}
	})
	if err == nil {
		err = workloads.Build(ctx, s.addr, n, func(i int) []string {
			return []string{"ZADD", "zset", fmt.Sprint(i), "element:" + workloads.Key(i)[len("key:"):]}
		})
	}
	if err != nil {
		return err
	}
	for i, args := range [][]string{
		{"LINDEX", "list", fmt.Sprint(n / 2)},
		{"LRANGE", "list", fmt.Sprint(n / 2), fmt.Sprint(n/2 + 9)},
		{"ZRANK", "zset", member},
		{"ZRANGE", "zset", fmt.Sprint(n / 2), fmt.Sprint(n/2 + 9)},
	} {
		w := load50(pipelined, t.size.multi/4, args...)
		w.Keys = n
		t.noteCPU(ctx, s, i, w, uncounted)
	}
	return nil
}

// small are many small collections: how many, of how many elements each, and the
// command that makes the one with a number.
type small struct {
	keys, elements int
	command        func(i, elements int) []string
}

var smallCollections = []small{
	{200_000, 10, func(i, elements int) []string {
		args := []string{"HSET", workloads.Key(i)}
		for j := range elements {
			args = append(args, fmt.Sprintf("field%d", j), fmt.Sprintf("value%d", j))
		}
		return args
	}},
	{100_000, 20, func(i, elements int) []string {
		args := []string{"RPUSH", workloads.Key(i)}
		for j := range elements {
			args = append(args, fmt.Sprintf("element%d", j))
		}
		return args
	}},
	{50_000, 20, func(i, elements int) []string {
		args := []string{"ZADD", workloads.Key(i)}
		for j := range elements {
			args = append(args, fmt.Sprint(j*100), fmt.Sprintf("member%d", j))
		}
		return args
	}},
}

// runSmall measures the whole memory of servers with many small collections, each
// kind on a server of its own.
func runSmall(ctx context.Context, t *trial) error {
	for i, kind := range smallCollections {
		used, err := t.spaceOf(ctx, kind)
		if err != nil {
			return err
		}
		t.note(i, used/(1<<20))
	}
	return nil
}

// spaceOf returns the memory of a server with the collections of a kind, in bytes.
func (t *trial) spaceOf(ctx context.Context, kind small) (float64, error) {
	s, err := t.start(ctx, memory)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	keys := min(kind.keys, t.size.keys)
	err = workloads.Build(ctx, s.addr, keys, func(i int) []string { return kind.command(i, kind.elements) })
	if err == nil {
		err = settle(ctx, s)
	}
	if err != nil {
		return 0, err
	}
	rss, err := rssOf(s.pid)
	return float64(rss), err
}
