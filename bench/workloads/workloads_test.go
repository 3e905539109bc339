package workloads

import (
	"errors"
	"strings"
	"testing"

	"kvd/internal/testkit"
)

func TestKey(t *testing.T) {
	for n, want := range map[int]string{0: "key:000000000000", 42: "key:000000000042", 1e9: "key:001000000000"} {
		if got := Key(n); got != want {
			t.Errorf("Key(%d) = %q, want %q", n, got, want)
		}
	}
	if len(Key(7)) != len(RandomKey) {
		t.Errorf("a random key has another length than Key gives")
	}
}

func TestTemplate(t *testing.T) {
	batch := newTemplate([]string{"MSET", RandomKey, "v", RandomKey, "w"}, 2)
	next := 0
	batch.fill(1000, func(int) int { next += 17; return next })
	one := "*5\r\n$4\r\nMSET\r\n$16\r\nkey:0000000000%d\r\n$1\r\nv\r\n$16\r\nkey:0000000000%d\r\n$1\r\nw\r\n"
	want := ""
	for _, pair := range [][2]string{{"17", "34"}, {"51", "68"}} {
		s := strings.Replace(one, "%d", pair[0], 1)
		want += strings.Replace(s, "%d", pair[1], 1)
	}
	if string(batch.bytes) != want {
		t.Errorf("got %q\nwant %q", batch.bytes, want)
	}
}

func TestParseRate(t *testing.T) {
	const head = `"test","rps","avg_latency_ms"` + "\n"
	for _, test := range []struct {
		name, text string
		want       float64
	}{
		{"one test", head + `"GET","606060.62","0.847"` + "\n", 606060.62},
		{"comma in the name", head + `"SET a,b","5.5","1"` + "\n", 5.5},
		{"nothing", "", 0},
		{"no test", head, 0},
		{"no such column", "\"test\",\"x\"\n\"GET\",\"1\"\n", 0},
		{"no number", head + `"GET","fast","1"` + "\n", 0},
		{"an error in the output", "ERR unknown command\n", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseRate(strings.NewReader(test.text))
			if got != test.want || (err != nil) != (test.want == 0) {
				t.Errorf("%v, %v; want %v", got, err, test.want)
			}
		})
	}
}

func TestRunCountsEveryCommand(t *testing.T) {
	s := testkit.Start(t, testkit.Config{})
	w := Workload{Args: []string{"SET", RandomKey, "v"}, Keys: 100, Clients: 3, Pipeline: 4, Requests: 120}
	before := s.App().Services().Stats.Commands.Load()
	got, err := Run(t.Context(), s.Addr(), w)
	if err != nil {
		t.Fatal(err)
	}
	if ran := s.App().Services().Stats.Commands.Load() - before; got.Requests != 120 || ran != 120 {
		t.Errorf("%d commands counted, %d ran, want 120", got.Requests, ran)
	}
}

func TestRunFailsOnErrorReply(t *testing.T) {
	s := testkit.Start(t, testkit.Config{})
	w := Workload{Args: []string{"NOSUCHCOMMAND"}, Clients: 2, Pipeline: 2, Requests: 100}
	_, err := Run(t.Context(), s.Addr(), w)
	if reply := (*ReplyError)(nil); !errors.As(err, &reply) {
		t.Errorf("error %v, want a ReplyError", err)
	}
}

func TestPreload(t *testing.T) {
	s := testkit.Start(t, testkit.Config{})
	if err := Preload(t.Context(), s.Addr(), 5, 2345, 64); err != nil {
		t.Fatal(err)
	}
	c := s.Client()
	c.Do("get", Key(4)).Want("(nil)")
	c.Do("get", Key(5)).Want(`"` + Value(64) + `"`)
	c.Do("get", Key(2344)).Want(`"` + Value(64) + `"`)
	c.Do("get", Key(2345)).Want("(nil)")
}

func TestWorstWaitSeesTheEnd(t *testing.T) {
	s := testkit.Start(t, testkit.Config{})
	if err := Preload(t.Context(), s.Addr(), 0, 10, 200_000); err != nil {
		t.Fatal(err)
	}
	wait, err := WorstWait(t.Context(), s.Addr(), "GET", Key(1))
	if err != nil || wait <= 0 {
		t.Errorf("waited %v, %v", wait, err)
	}
}
