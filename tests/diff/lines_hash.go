package diff

func hashLines() []template {
	return []template{
		parse(8, "<HSET | HMSET> $key ($field $value)+"),
		parse(2, "HSETNX $key $field $value"),
		parse(2, "HGET $key $field"),
		parse(2, "HMGET $key $field+"),
		parse(4, "HDEL $key $field+"),
		parse(1, "HGETALL $key"),
		parse(1, "<HKEYS | HVALS | HLEN> $key"),
		parse(1, "<HEXISTS | HSTRLEN> $key $field"),
		parse(3, "HINCRBY $key $field $increment"),
		parse(3, "HINCRBYFLOAT $key $field $float"),
		parse(1, "HRANDFIELD $key [$count [WITHVALUES]]"),
		parse(1, "HSCAN $key 0 [MATCH $pattern] COUNT 100000"),
		parse(1, "OBJECT ENCODING $key"),
		parse(1, "DEL $key"),
	}
}

func setLines() []template {
	return []template{
		parse(8, "SADD $key $member+"),
		parse(4, "SREM $key $member+"),
		parse(2, "SISMEMBER $key $member"),
		parse(1, "SMISMEMBER $key $member+"),
		parse(1, "<SCARD | SMEMBERS> $key"),
		parse(2, "SMOVE $key $key $member"),
		parse(1, "SPOP $key 100000"),
		parse(1, "SPOP $key <0 | -1 | x>"), // what goes by chance would be different
		parse(1, "SRANDMEMBER $key [$count]"),
		parse(2, "<SINTER | SUNION | SDIFF> $key+"),
		parse(3, "<SINTERSTORE | SUNIONSTORE | SDIFFSTORE> $key $key+"),
		parse(1, "SINTERCARD 2 $key $key [LIMIT $count]"),
		parse(1, "SINTERCARD $int $key+ [LIMIT $count]"),
		parse(1, "SSCAN $key 0 [MATCH $pattern] COUNT 100000"),
		parse(2, "OBJECT ENCODING $key"),
		parse(1, "DEL $key"),
		parse(1, "SORT $sortkey [LIMIT $int $int] [ASC | DESC] ALPHA [STORE $sortkey]"),
	}
}
