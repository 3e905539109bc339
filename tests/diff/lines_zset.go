package diff

func zsetLines() []template {
	return append([]template{
		parse(8, "ZADD $key ($score $member)+"),
		parse(3, "ZADD $flat (0 $member)+"), // only equal scores have a defined order by name
		parse(1, "ZREM $flat $member+"),
		parse(4, "ZADD $key [NX | XX] [GT | LT] [CH] [INCR] ($score $member)+"),
		parse(2, "ZINCRBY $key $score $member"),
		parse(3, "ZREM $key $member+"),
		parse(1, "ZCARD $key"),
		parse(1, "ZSCORE $key $member"),
		parse(1, "ZMSCORE $key $member+"),
		parse(2, "<ZRANK | ZREVRANK> $key $member"),
		parse(2, "ZCOUNT $key $range $range"),
		parse(1, "ZLEXCOUNT $flat $lex $lex"),
		parse(1, "<ZREMRANGEBYRANK> $key $int $int"),
		parse(1, "ZREMRANGEBYSCORE $key $range $range"),
		parse(1, "ZREMRANGEBYLEX $flat $lex $lex"),
		parse(2, "<ZPOPMIN | ZPOPMAX> $key [$count]"),
		parse(1, "ZMPOP 2 $key $key <MIN | MAX> [COUNT $count]"),
		parse(1, "ZRANDMEMBER $key [$count [WITHSCORES]]"),
		parse(1, "ZSCAN $key 0 [MATCH $pattern] COUNT 100000"),
		parse(2, "OBJECT ENCODING $key"),
		parse(1, "DEL $key"),
	}, append(zsetRanges(), zsetCombinations()...)...)
}

func zsetRanges() []template {
	return []template{
		parse(1, "ZRANGE $key 0 -1 WITHSCORES"),
		parse(2, "<ZRANGE | ZREVRANGE> $key $int $int [WITHSCORES]"),
		parse(2, "ZRANGE $key $range $range BYSCORE [REV] [LIMIT $int $int] [WITHSCORES]"),
		parse(2, "ZRANGE $flat $lex $lex BYLEX [REV] [LIMIT $int $int]"),
		parse(1, "ZRANGE $key $int $int [REV] [WITHSCORES] [LIMIT $int $int]"),
		parse(1, "ZRANGE $flat $int $int BYLEX WITHSCORES"),
		parse(2, "<ZRANGEBYSCORE | ZREVRANGEBYSCORE> $key $range $range [WITHSCORES] [LIMIT $int $int]"),
		parse(1, "<ZRANGEBYLEX | ZREVRANGEBYLEX> $flat $lex $lex [LIMIT $int $int]"),
		parse(1, "ZRANGESTORE $key $key $int $int [REV]"),
		parse(1, "ZRANGESTORE $key $key $range $range BYSCORE [REV] [LIMIT $int $int]"),
		parse(1, "ZRANGESTORE $key $flat $lex $lex BYLEX [REV] [LIMIT $int $int]"),
	}
}

func zsetCombinations() []template {
	return []template{
		parse(2, "<ZUNION | ZINTER> 2 $key $key [WEIGHTS $score $score] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]"),
		parse(2, "<ZUNIONSTORE | ZINTERSTORE> $key 2 $key $key [WEIGHTS $score $score] [AGGREGATE <SUM | MIN | MAX>]"),
		parse(1, "ZUNIONSTORE $key $int $key+"),
		parse(1, "ZDIFF 2 $key $key [WITHSCORES]"),
		parse(1, "ZDIFFSTORE $key 2 $key $key"),
		parse(1, "ZINTERCARD 2 $key $key [LIMIT $count]"),
	}
}

func geoLines() []template {
	const (
		with  = " [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT $count [ANY]] [ASC | DESC]"
		shape = "<FROMMEMBER $member | FROMLONLAT $lon $lat> <BYRADIUS $radius $unit | BYBOX $radius $radius $unit>"
	)
	return []template{
		parse(10, "GEOADD $key [NX | XX] [CH] ($lon $lat $member)+"),
		parse(2, "GEOPOS $key $member+"),
		parse(2, "GEODIST $key $member $member [$unit]"),
		parse(2, "GEOHASH $key $member+"),
		parse(3, "GEOSEARCH $key "+shape+with),
		parse(2, "GEOSEARCHSTORE $key $key "+shape+" [COUNT $count [ANY]] [ASC | DESC]"),
		parse(1, "GEOSEARCHSTORE far $key "+shape+" [COUNT $count] [ASC | DESC] STOREDIST"),
		parse(2, "GEORADIUS $key $lon $lat $radius $unit"+with),
		parse(1, "GEORADIUS $key $lon $lat $radius $unit [COUNT $count] <STORE $key | STOREDIST far>"),
		parse(2, "GEORADIUSBYMEMBER $key $member $radius $unit"+with),
		parse(1, "GEORADIUSBYMEMBER $key $member $radius $unit <STORE $key | STOREDIST far>"),
		parse(1, "GEORADIUS_RO $key $lon $lat $radius $unit"+with),
		parse(1, "GEORADIUSBYMEMBER_RO $key $member $radius $unit"+with),
		parse(1, "ZREM $key $member"),
		parse(1, "ZRANGE $key 0 -1 WITHSCORES"),
		parse(1, "DEL $key"),
	}
}
