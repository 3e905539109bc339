package main

import (
	"context"
	"fmt"
	"time"

	"kvd/bench/workloads"
)

// article is the text of a document of about 250 bytes, n being of 12 digits.
func article(n string) string {
	return `{"n":"` + n + `","title":"A title of some words","status":"open","price":12.75,"tags":["a","b","c"],` +
		`"author":{"name":"Ann Example","email":"ann@example.com"},"text":"` + workloads.Value(80) + `"}`
}

// runDocuments measures searches and writes of documents beside the commands that
// they are compared with.
func runDocuments(ctx context.Context, t *trial) error {
	s, err := t.start(ctx, memory)
	if err != nil {
		return err
	}
	defer s.stop()
	for _, args := range [][]string{
		{"DOC.CREATE", "few"},
		{"DOC.CREATE", "many"},
		{"DOC.CREATE", "plain"},
		{"DOC.INDEX", "few", "ADD", "n", "$.n"},
		{"DOC.INDEX", "many", "ADD", "n", "$.n"},
		{"DOC.INDEX", "many", "ADD", "of10", "$.of10"},
	} {
		if _, err := s.do(ctx, args...); err != nil {
			return err
		}
	}
	few, many := t.size.keys/100, t.size.keys
	for _, c := range []struct {
		name string
		n    int
	}{{"few", few}, {"many", many}} {
		if err := buildArticles(ctx, s, c.name, c.n); err != nil {
			return err
		}
	}
	if err := workloads.Preload(ctx, s.addr, 0, few, valueSize); err != nil {
		return err
	}
	find := func(coll string) []string {
		return []string{"DOC.FIND", coll, "EQ", "$.n", workloads.Random, "SELECT", "$.price"}
	}
	get := t.cost(ctx, s, 0, few, getArgs...)
	const of10 = 10
	ten := []string{"DOC.FIND", "many", "EQ", "$.of10", "group:" + workloads.Random, "SELECT", "$.price"}
	at4 := t.cost(ctx, s, 1, few, find("few")...)
	at6 := t.cost(ctx, s, 2, many, find("many")...)
	t.quotient(3, at4, get)
	t.quotient(4, at6, at4)
	t.quotient(8, t.cost(ctx, s, 9, many/of10, ten...), of10*get)
	const fresh = 1 << 39 // so that hardly any is there already
	text := article(workloads.Random)
	set := t.cost(ctx, s, 5, fresh, "JSON.SET", "json:"+workloads.Random, "$", text)
	insert := t.cost(ctx, s, 6, fresh, "DOC.INSERT", "plain", workloads.Random, text)
	t.quotient(7, insert, set)
	wait, err := workloads.WorstWait(ctx, s.addr, "DOC.COUNT", "many", "WHERE", "@.price > 100", "TIMEOUT", "60000")
	if err != nil {
		return err
	}
	t.note(10, milliseconds(wait))
	return nil
}

// buildArticles fills a collection.
func buildArticles(ctx context.Context, s *server, coll string, n int) error {
	return workloads.Build(ctx, s.addr, n, func(i int) []string {
		number := fmt.Sprintf("%012d", i)
		group := fmt.Sprintf("%012d", i/10)
		return []string{"DOC.INSERT", coll, number, `{"of10":"group:` + group + `",` + article(number)[1:]}
	})
}

// cost measures the CPU time of a command and notes it as row i; 0 is none.
func (t *trial) cost(ctx context.Context, s *server, i, keys int, args ...string) float64 {
	w := load50(pipelined, t.size.multi, args...)
	w.Keys = keys
	value, err := cpuOfOwnLoad(ctx, s, w)
	if err != nil {
		t.gap(i, err)
		return 0
	}
	t.note(i, value)
	return value
}

// cpuOfOwnLoad is trial.cpuPerCommand with the load of package workloads:
// redis-benchmark makes nothing that can be read of a command with quotes.
func cpuOfOwnLoad(ctx context.Context, s *server, w workloads.Workload) (float64, error) {
	if _, err := s.do(ctx, sample(w)...); err != nil {
		return 0, err
	}
	before, err := cpuOf(s.pid)
	if err != nil {
		return 0, err
	}
	result, err := workloads.Run(ctx, s.addr, w)
	if err != nil {
		return 0, err
	}
	used, err := cpuOf(s.pid)
	return float64(used-before) / float64(time.Microsecond) / float64(result.Requests), err
}

// quotient notes how many times as much one is as the other.
func (t *trial) quotient(i int, a, b float64) {
	if a > 0 && b > 0 {
		t.note(i, a/b)
	}
}
