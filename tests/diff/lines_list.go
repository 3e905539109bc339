package diff

func listLines() []template {
	return []template{
		parse(8, "<LPUSH | RPUSH> $key $value+"),
		parse(2, "<LPUSHX | RPUSHX> $key $value+"),
		parse(4, "<LPOP | RPOP> $key [$count]"),
		parse(3, "LRANGE $key $int $int"),
		parse(1, "LRANGE $key 0 -1"),
		parse(2, "LINDEX $key $int"),
		parse(1, "LLEN $key"),
		parse(3, "LSET $key $int $value"),
		parse(3, "LINSERT $key <BEFORE | AFTER> $value $value"),
		parse(2, "LREM $key $int $value"),
		parse(1, "LTRIM $key $int $int"),
		parse(3, "LPOS $key $value [RANK $rank] [COUNT $count] [MAXLEN $count]"),
		parse(3, "LMOVE $key $key <LEFT | RIGHT> <LEFT | RIGHT>"),
		parse(1, "RPOPLPUSH $key $key"),
		parse(1, "LMPOP 2 $key $key <LEFT | RIGHT> [COUNT $count]"),
		parse(1, "LMPOP $int $key+ <LEFT | RIGHT> [COUNT $count]"),
		parse(1, "OBJECT ENCODING $key"),
		parse(1, "DEL $key"),
		parse(1, "SORT $sortkey [LIMIT $int $int] [ASC | DESC] [ALPHA] [STORE $sortkey]"),
		parse(1, "MULTI | EXEC | DISCARD"),
	}
}

// blockingLines go into transactions, where they do not wait.
func blockingLines() []template {
	return []template{
		parse(1, "<BLPOP | BRPOP> $key+ 0.01"),
		parse(1, "BLMOVE $key $key <LEFT | RIGHT> <LEFT | RIGHT> 0.01"),
		parse(1, "BRPOPLPUSH $key $key 0.01"),
		parse(1, "BLMPOP 0.01 2 $key $key <LEFT | RIGHT> [COUNT $count]"),
		parse(1, "<BZPOPMIN | BZPOPMAX> $key+ 0.01"),
		parse(1, "BZMPOP 0.01 2 $key $key <MIN | MAX> [COUNT $count]"),
		parse(1, "XREAD BLOCK 5 STREAMS $key $readid"),
	}
}
