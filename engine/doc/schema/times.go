package schema

import "time"

// isDate says whether text is a full-date of RFC 3339, 5.6: 2026-11-22.
func isDate(text []byte) bool {
	if len(text) != len(time.DateOnly) || text[4] != '-' || text[7] != '-' {
		return false
	}
	year, okYear := number(text[:4])
	month, okMonth := number(text[5:7])
	day, okDay := number(text[8:])
	return okYear && okMonth && okDay && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// number reads a few digits.
func number(text []byte) (n int, ok bool) {
	for _, b := range text {
		if !isDigit(b) {
			return 0, false
		}
		n = n*10 + int(b-'0')
	}
	return n, true
}

// isTime says whether text is a full-time of RFC 3339, 5.6: 10:30:00.5+01:00.
func isTime(text []byte) bool {
	const hms = len("10:30:00")
	if len(text) <= hms || text[2] != ':' || text[5] != ':' {
		return false
	}
	hour, okHour := number(text[:2])
	minute, okMinute := number(text[3:5])
	second, okSecond := number(text[6:8])
	if !okHour || !okMinute || !okSecond || hour > 23 || minute > 59 || second > 60 {
		return false
	}
	rest := text[hms:]
	if rest[0] == '.' {
		n := 1
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		if n == 1 {
			return false
		}
		rest = rest[n:]
	}
	offset, ok := zone(rest)
	// A leap second is one before midnight UTC.
	const day = 24 * 60
	return ok && (second < 60 || (hour*60+minute-offset+day)%day == day-1)
}

// zone reads Z or an offset, in minutes.
func zone(text []byte) (minutes int, ok bool) {
	if len(text) == 1 {
		return 0, text[0]|0x20 == 'z'
	}
	if len(text) != len("+01:00") || text[3] != ':' || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	hour, okHour := number(text[1:3])
	minute, okMinute := number(text[4:])
	minutes = hour*60 + minute
	if text[0] == '-' {
		minutes = -minutes
	}
	return minutes, okHour && okMinute && hour <= 23 && minute <= 59
}

// isDateTime says whether text is a date-time of RFC 3339, 5.6.
func isDateTime(text []byte) bool {
	const date = len(time.DateOnly)
	return len(text) > date && text[date]|0x20 == 't' && isDate(text[:date]) && isTime(text[date+1:])
}
