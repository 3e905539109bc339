# Runs redis-rb against the server at the port of argument one.
require "redis"

def check(got, want)
  raise "got #{got.inspect}, want #{want.inspect}" unless got == want
end

redis = Redis.new(host: "127.0.0.1", port: ARGV[0].to_i)
check redis.ping, "PONG"
check redis.set("rb:key", "value", ex: 100), "OK"
check redis.set("rb:key", "other", nx: true), false
check redis.get("rb:key"), "value"
check redis.mapped_mget("rb:key", "rb:none"), { "rb:key" => "value", "rb:none" => nil }
check redis.hset("rb:hash", "a" => 1, "b" => 2), 2
check redis.hgetall("rb:hash"), { "a" => "1", "b" => "2" }
check redis.zadd("rb:zset", [[1.5, "x"], [2, "y"]]), 2
check redis.zrange("rb:zset", 0, -1, with_scores: true), [["x", 1.5], ["y", 2.0]]
check redis.pipelined { |p| p.incr("rb:n"); p.incr("rb:n") }, [1, 2]
check redis.multi { |t| t.incr("rb:n"); t.get("rb:n") }, [3, "3"]
check redis.watch("rb:n") { Redis.new(port: ARGV[0].to_i).incr("rb:n"); redis.multi { |t| t.incr("rb:n") } }, nil
check redis.eval("return {KEYS[1], ARGV[1]}", keys: ["k"], argv: ["v"]), ["k", "v"]
id = redis.xadd("rb:stream", { "f" => "v" })
check redis.xrange("rb:stream").first, [id, { "f" => "v" }]
begin
  redis.incr("rb:key")
  raise "INCR of a text succeeded"
rescue Redis::CommandError => e
  raise e unless e.message.include?("not an integer")
end

got = Queue.new
listener = Thread.new do
  Redis.new(port: ARGV[0].to_i).subscribe("rb:news") do |on|
    on.subscribe { got << :ready }
    on.message { |_, text| got << text; Thread.exit }
  end
end
check got.pop, :ready
check redis.publish("rb:news", "hello"), 1
check got.pop, "hello"
listener.join(5)
check redis.blpop("rb:list", timeout: 0.01), nil
check redis.scan_each(match: "rb:*").to_a.uniq.size, 5
puts "ok"
