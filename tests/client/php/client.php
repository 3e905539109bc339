<?php
// Runs phpredis, which Laravel uses, against the server at the port of argument one.

function check($got, $want)
{
    if ($got !== $want) {
        throw new Exception('got ' . var_export($got, true) . ', want ' . var_export($want, true));
    }
}

$redis = new Redis();
$redis->connect('127.0.0.1', (int) $argv[1]);
$redis->setOption(Redis::OPT_PREFIX, 'php:');
check($redis->set('key', 'value', ['ex' => 100]), true);
check($redis->set('key', 'other', ['nx']), false);
check($redis->get('key'), 'value');
check($redis->mget(['key', 'none']), ['value', false]);
check($redis->hMSet('hash', ['a' => 1, 'b' => 2]), true);
check($redis->hGetAll('hash'), ['a' => '1', 'b' => '2']);
check($redis->zAdd('zset', 1.5, 'x', 2, 'y'), 2);
check($redis->zRange('zset', 0, -1, true), ['x' => 1.5, 'y' => 2.0]);
check($redis->multi(Redis::PIPELINE)->incr('n')->incr('n')->exec(), [1, 2]);
check($redis->multi()->incr('n')->get('n')->exec(), [3, '3']);
// Laravel's lock and rate limiter release and count by scripts like these.
$release = "if redis.call('get',KEYS[1]) == ARGV[1] then return redis.call('del',KEYS[1]) else return 0 end";
$redis->set('lock', 'owner', ['nx', 'ex' => 10]);
check($redis->eval($release, ['lock', 'another'], 1), 0);
check($redis->eval($release, ['lock', 'owner'], 1), 1);
$redis->setOption(Redis::OPT_SERIALIZER, Redis::SERIALIZER_PHP);
check($redis->setEx('cached', 60, ['a' => [1, 2, null]]), true);
check($redis->get('cached'), ['a' => [1, 2, null]]);
check($redis->xAdd('stream', '*', ['f' => 'v']) !== false, true);
$seen = [];
$cursor = null;
while ($keys = $redis->scan($cursor, 'php:*', 100)) {
    $seen = array_merge($seen, $keys);
}
check(count(array_unique($seen)), 6);
try {
    $redis->setOption(Redis::OPT_SERIALIZER, Redis::SERIALIZER_NONE);
    check($redis->incr('key'), false);
} catch (RedisException $e) {
    check(str_contains($e->getMessage(), 'not an integer'), true);
}
echo "ok\n";
