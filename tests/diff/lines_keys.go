package diff

func keyLines() []template {
	return append([]template{
		parse(3, "DEL $key+"),
		parse(1, "UNLINK $key+"),
		parse(1, "<EXISTS | TOUCH> $key+"),
		parse(2, "TYPE $key"),
		parse(3, "<RENAME | RENAMENX> $key $key"),
		parse(4, "COPY $key $key [DB $db] [REPLACE]"),
		parse(2, "MOVE $key $db"),
		parse(2, "EXPIRE $key $seconds [NX | XX | GT | LT]"),
		parse(1, "PEXPIRE $key $millis [NX | XX | GT | LT]"),
		parse(1, "EXPIREAT $key $unix [NX | XX | GT | LT]"),
		parse(1, "PEXPIREAT $key $unixms [NX | XX | GT | LT]"),
		parse(1, "<TTL | PTTL | EXPIRETIME | PEXPIRETIME | PERSIST> $key"),
		parse(2, "OBJECT ENCODING $key"),
		parse(1, "OBJECT <REFCOUNT | IDLETIME | FREQ> none"),
		parse(1, "KEYS <* | w:* | ? | [ab]>"),
		parse(1, "SCAN 0 COUNT 100000 [MATCH $pattern] [TYPE <string | list | set | zset | hash | stream | foo>]"),
		parse(1, "RANDOMKEY | DBSIZE"),
		parse(1, "SELECT <0 | 1>"),
		parse(1, "SWAPDB <0 | 1> <0 | 1>"),
		parse(1, "FLUSHDB"),
		parse(1, "DUMP $key"),
		parse(1, "MULTI"),
		parse(2, "EXEC"),
		parse(3, "<SORT | SORT_RO> $sortable <BY $by [ASC | DESC] | [ASC | DESC] [ALPHA]> [LIMIT $int $int] (GET $get)+"), // ties of BY and ALPHA have no order
		parse(2, "SORT $sortable [LIMIT $int $int] [ASC | DESC] [ALPHA] [STORE s1]"),
		parse(1, "SORT <s1 | z1> BY nosort [LIMIT $int $int] [GET $get] [ASC | DESC]"),
		parse(1, "RPUSH s1 $member+"),
		parse(1, "SADD s2 $member+"),
		parse(1, "ZADD z1 1 $long ($score $member)+"),
		parse(2, "SET <weight_m1 | weight_m2 | weight_1 | weight_2> $int"),
		parse(1, "HSET <h_m1 | h_1> f1 $value"),
	}, makingLines()...)
}

// makingLines make keys of every type.
func makingLines() []template {
	return []template{
		parse(3, "SET $key $value [EX $seconds]"),
		parse(1, "INCR $key"),
		parse(3, "RPUSH $key $member+"),
		parse(1, "LPOP $key $count"),
		parse(3, "SADD $key $member+"),
		parse(1, "SREM $key $member+"),
		parse(3, "HSET $key ($field $value)+"),
		parse(1, "HDEL $key $field+"),
		parse(3, "ZADD $key ($score $member)+"),
		parse(1, "ZREM $key $member+"),
		parse(3, "XADD $key $after $field $value"),
		parse(1, "XGROUP CREATE $key $group $id MKSTREAM"),
		parse(1, "XREADGROUP GROUP $group $consumer STREAMS $key GREATER"),
		parse(1, "PFADD $key $element+"),
	}
}
