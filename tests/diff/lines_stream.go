package diff

func streamLines() []template {
	const trim = "<MAXLEN | MINID> <= $int | ~ $int [LIMIT $int] | $int>"
	return append([]template{
		parse(12, "XADD $key $after ($field $value)+"),
		parse(2, "XADD $key [NOMKSTREAM] ["+trim+"] $newid ($field $value)+"),
		parse(3, "XADD $key <MAXLEN $count | MAXLEN = $count | MINID $id> $after $field $value"),
		parse(1, "XLEN $key"),
		parse(2, "XRANGE $key <- | $id> <PLUS | $id> [COUNT $count]"),
		parse(1, "XRANGE $key OPEN $id OPEN $id"),
		parse(2, "XREVRANGE $key <PLUS | $id> <- | $id> [COUNT $count]"),
		parse(3, "XDEL $key $id+"),
		parse(1, "XTRIM $key <MAXLEN $count | MAXLEN = $count | MINID $id | MINID = $id>"),
		parse(2, "XREAD [COUNT $count] STREAMS $key $readid"),
		parse(1, "XREAD [COUNT $count] STREAMS $key $key $readid $readid"),
		parse(1, "XSETID $key $id [ENTRIESADDED $int] [MAXDELETEDID $id]"),
		parse(1, "XINFO STREAM $key [FULL [COUNT $count]]"),
		parse(1, "DEL $key"),
	}, streamGroups()...)
}

func streamGroups() []template {
	return []template{
		parse(3, "XGROUP CREATE $key $group <$id | 0> [MKSTREAM] [ENTRIESREAD $int]"),
		parse(1, "XGROUP SETID $key $group $id [ENTRIESREAD $int]"),
		parse(1, "XGROUP DESTROY $key $group"),
		parse(1, "XGROUP CREATECONSUMER $key $group $consumer"),
		parse(1, "XGROUP DELCONSUMER $key $group $consumer"),
		parse(8, "XREADGROUP GROUP $group $consumer [COUNT $count] [NOACK] STREAMS $key <GREATER | GREATER | $readid>"),
		parse(1, "XREADGROUP GROUP $group $consumer STREAMS <a | b> <c | d> GREATER GREATER"),
		parse(3, "XACK $key $group $id+"),
		parse(2, "XPENDING $key $group"),
		parse(2, "XPENDING $key $group [IDLE <0 | 1000000000>] <- | $id> <PLUS | $id> $count [$consumer]"),
		parse(3, "XCLAIM $key $group $consumer <0 | 1000000000> $id+ [IDLE $int] [RETRYCOUNT $count] [FORCE] [JUSTID] [LASTID $id]"),
		parse(2, "XAUTOCLAIM $key $group $consumer <0 | 1000000000> $id [COUNT $count] [JUSTID]"),
		parse(1, "XINFO GROUPS $key"),
		parse(1, "XINFO CONSUMERS $key $group"),
	}
}
