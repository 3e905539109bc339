package diff

func stringLines() []template {
	return []template{
		parse(8, "SET $key $value [NX | XX] [GET] [EX $seconds | PX $millis | EXAT $unix | PXAT $unixms | KEEPTTL]"),
		parse(4, "SET $key $int"),
		parse(2, "SETNX $key $value"),
		parse(1, "SETEX $key $seconds $value"),
		parse(1, "PSETEX $key $millis $value"),
		parse(2, "GETSET $key $value"),
		parse(4, "GET $key"),
		parse(1, "GETDEL $key"),
		parse(2, "GETEX $key [EX $seconds | PX $millis | EXAT $unix | PXAT $unixms | PERSIST]"),
		parse(2, "MGET $key+"),
		parse(2, "MSET ($key $value)+"),
		parse(1, "MSETNX ($key $value)+"),
		parse(3, "APPEND $key $value"),
		parse(1, "STRLEN $key"),
		parse(3, "SETRANGE $key $offset $value"),
		parse(2, "GETRANGE $key $int $int"),
		parse(1, "SUBSTR $key $int $int"),
		parse(3, "INCR $key"),
		parse(2, "DECR $key"),
		parse(3, "INCRBY $key $int"),
		parse(2, "DECRBY $key $int"),
		parse(3, "INCRBYFLOAT $key $float"),
		parse(2, "LCS $key $key [LEN | IDX [MINMATCHLEN $int] [WITHMATCHLEN]]"),
		parse(3, "OBJECT ENCODING $key"),
	}
}

func bitLines() []template {
	return []template{
		parse(3, "SET $key $value"),
		parse(1, "SETRANGE $key $offset $value"),
		parse(8, "SETBIT $key $bit $on"),
		parse(4, "GETBIT $key $bit"),
		parse(4, "BITCOUNT $key [$int $int [BYTE | BIT]]"),
		parse(1, "BITCOUNT $key $int"),
		parse(5, "BITPOS $key $on [$int [$int [BYTE | BIT]]]"),
		parse(4, "BITOP <AND | OR | XOR> $key $key+"),
		parse(2, "BITOP NOT $key $key"),
		parse(6, "BITFIELD $key ([OVERFLOW <WRAP | SAT | FAIL>] <GET $width $place | SET $width $place $increment | INCRBY $width $place $increment>)+"),
		parse(1, "BITFIELD $key [OVERFLOW SAT]"),
		parse(2, "BITFIELD_RO $key (GET $width $place)+"),
		parse(1, "BITFIELD_RO $key SET $width $place $increment"),
		parse(2, "GET $key"),
		parse(2, "OBJECT ENCODING $key"),
		parse(1, "DEL $key"),
	}
}

func hllLines() []template {
	return []template{
		parse(12, "PFADD $key $element+"),
		parse(2, "PFADD $key"),
		parse(3, "PFCOUNT $key"),
		parse(2, "PFCOUNT $key+"),
		parse(3, "PFMERGE $key $key+"),
		parse(1, "PFMERGE $key"),
		parse(5, "GET $key"),
		parse(1, "PFDEBUG <ENCODING | DECODE | TODENSE | GETREG | FOO> $key"),
		parse(1, "SETRANGE $key <0 | 4 | 5 | 8 | 15> <H | h | 0>"), // nothing behind the header: damage is taken differently
		parse(1, "DEL $key"),
		parse(1, "OBJECT ENCODING $key"),
	}
}
