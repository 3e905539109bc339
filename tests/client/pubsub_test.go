package client

import (
	"context"
	"fmt"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"kvd/tests/blackbox"
)

// TestRueidisCaching uses rueidis as it is by default: it caches what it reads and
// relies on being told what has changed.
func TestRueidisCaching(t *testing.T) {
	s := serve(t)
	for name, opt := range map[string]rueidis.ClientOption{
		"tcp":       {InitAddress: []string{s.Addr()}},
		"tls":       {InitAddress: []string{s.TLSAddr()}, TLSConfig: clone(s.TLSConfig())},
		"broadcast": {InitAddress: []string{s.Addr()}, ClientTrackingOptions: []string{"BCAST", "PREFIX", "cached:"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := rueidis.NewClient(opt)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			writer, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{s.Addr()}, DisableCache: true})
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
			exerciseCache(t, c, writer)
		})
	}
}

func exerciseCache(t *testing.T, c, writer rueidis.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
	defer cancel()
	set := func(value string) {
		t.Helper()
		if err := writer.Do(ctx, writer.B().Set().Key("cached:s").Value(value).Build()).Error(); err != nil {
			t.Fatal(err)
		}
	}
	get := func() (string, bool) {
		t.Helper()
		r := c.DoCache(ctx, c.B().Get().Key("cached:s").Cache(), time.Minute)
		text, err := r.ToString()
		if err != nil {
			t.Fatal(err)
		}
		return text, r.IsCacheHit()
	}
	for round := range 3 {
		value := fmt.Sprint("value ", round)
		set(value)
		blackbox.Eventually(t, blackbox.Patience, "the cache shows "+value, func() bool {
			text, _ := get()
			return text == value
		})
		if text, hit := get(); text != value || !hit {
			t.Errorf("read again: %q, from the cache: %v", text, hit)
		}
	}
	if err := writer.Do(ctx, writer.B().Flushall().Build()).Error(); err != nil {
		t.Fatal(err)
	}
	blackbox.Eventually(t, blackbox.Patience, "the cache is empty after FLUSHALL", func() bool {
		return rueidis.IsRedisNil(c.DoCache(ctx, c.B().Get().Key("cached:s").Cache(), time.Minute).Error())
	})
	exerciseCachedHash(ctx, t, c, writer)
}

// exerciseCachedHash reads many keys at once and has one of them changed.
func exerciseCachedHash(ctx context.Context, t *testing.T, c, writer rueidis.Client) {
	t.Helper()
	var lines []rueidis.CacheableTTL
	for i := range 100 {
		key := fmt.Sprint("cached:h", i)
		if err := writer.Do(ctx, writer.B().Hset().Key(key).FieldValue().FieldValue("f", "1").Build()).Error(); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, rueidis.CT(c.B().Hget().Key(key).Field("f").Cache(), time.Minute))
	}
	for i, r := range c.DoMultiCache(ctx, lines...) {
		if text, err := r.ToString(); err != nil || text != "1" {
			t.Errorf("HGET %d: %q, %v", i, text, err)
		}
	}
	if err := writer.Do(ctx, writer.B().Hset().Key("cached:h7").FieldValue().FieldValue("f", "2").Build()).Error(); err != nil {
		t.Fatal(err)
	}
	blackbox.Eventually(t, blackbox.Patience, "the cache shows the new field", func() bool {
		text, err := c.DoCache(ctx, c.B().Hget().Key("cached:h7").Field("f").Cache(), time.Minute).ToString()
		return err == nil && text == "2"
	})
}

// TestRueidisPubSub receives by the connection that also carries commands.
func TestRueidisPubSub(t *testing.T) {
	s := serve(t)
	for name, opt := range map[string]rueidis.ClientOption{
		"RESP3": {InitAddress: []string{s.Addr()}},
		"RESP2": {InitAddress: []string{s.Addr()}, DisableCache: true, AlwaysRESP2: true},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := rueidis.NewClient(opt)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
			defer cancel()
			heard := make(chan string, 1000)
			go func() {
				_ = c.Receive(ctx, c.B().Psubscribe().Pattern("news:*").Build(), func(m rueidis.PubSubMessage) {
					heard <- m.Pattern + " " + m.Channel + " " + m.Message
				})
			}()
			blackbox.Eventually(t, blackbox.Patience, "it is subscribed", func() bool {
				n, err := c.Do(ctx, c.B().Publish().Channel("news:first").Message("x").Build()).AsInt64()
				return err == nil && n == 1
			})
			for i := range 100 {
				if err := c.Do(ctx, c.B().Publish().Channel("news:a").Message(fmt.Sprint(i)).Build()).Error(); err != nil {
					t.Fatal(err)
				}
			}
			for i := -1; i < 100; i++ {
				want := fmt.Sprint("news:* news:a ", i)
				if i < 0 {
					want = "news:* news:first x"
				}
				if got := <-heard; got != want {
					t.Fatalf("heard %q, want %q", got, want)
				}
			}
		})
	}
}

// TestGoRedisPubSub receives messages and keyspace notifications.
func TestGoRedisPubSub(t *testing.T) {
	s := serve(t, "--notify-keyspace-events", "KEA")
	for name, opts := range ways(s) {
		t.Run(name, func(t *testing.T) {
			c := goredis.NewClient(opts)
			defer c.Close()
			ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
			defer cancel()
			hear(ctx, t, c, c.Subscribe(ctx, "news"), func() error { return c.Publish(ctx, "news", "text").Err() }, "news", "text")
			hear(ctx, t, c, c.PSubscribe(ctx, "n*"), func() error { return c.Publish(ctx, "news", "text").Err() }, "news", "text")
			hear(ctx, t, c, c.SSubscribe(ctx, "news"), func() error { return c.SPublish(ctx, "news", "text").Err() }, "news", "text")
			hear(ctx, t, c, c.Subscribe(ctx, "__keyevent@0__:hset"), func() error { return c.HSet(ctx, "h", "f", "v").Err() }, "__keyevent@0__:hset", "h")
		})
	}
}

// hear waits for a subscription to be confirmed, does what causes a message, and
// looks what comes.
func hear(ctx context.Context, t *testing.T, c *goredis.Client, sub *goredis.PubSub, cause func() error, channel, text string) {
	t.Helper()
	defer sub.Close()
	if _, err := sub.Receive(ctx); err != nil {
		t.Fatal(err)
	}
	if err := cause(); err != nil {
		t.Fatal(err)
	}
	m, err := sub.ReceiveMessage(ctx)
	if err != nil || m.Channel != channel || m.Payload != text {
		t.Errorf("%s: got %v, %v", channel, m, err)
	}
	if err := sub.Ping(ctx, "still there"); err != nil {
		t.Error(err)
	}
	if err := sub.Unsubscribe(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Ping(ctx).Err(); err != nil {
		t.Error(err)
	}
}
