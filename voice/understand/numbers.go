package understand

import "strconv"

// number is an amount said at the beginning of some tokens.
type number struct {
	value  float64
	high   float64 // "八九百": up to this; else 0
	length int     // in tokens; 0: none
	// bare is a lone small number word ("one", "两"), which often counts nothing.
	bare bool
}

var english = map[string]float64{
	"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
	"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
	"seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50,
	"sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}

var englishScale = map[string]float64{"hundred": 100, "hundreds": 100, "thousand": 1000, "grand": 1000, "k": 1000, "dozen": 12}

// numberAt reads a number at the beginning of ts.
func numberAt(ts []string, lang Language) number {
	if lang == Chinese {
		if n := chineseNumber(ts); n.length > 0 {
			return n
		}
	}
	return englishNumber(ts)
}

// englishNumber reads "fifty", "nine hundred and ninety", "a thousand",
// "twelve fifty", "1.5k", "1200".
func englishNumber(ts []string) number {
	total, group, i := 0.0, 0.0, 0
	seen, scaled := false, false
	for i < len(ts) {
		t := ts[i]
		next := ""
		if i+1 < len(ts) {
			next = ts[i+1]
		}
		if v, ok := plain(t); ok && !seen {
			group, seen = v, true
		} else if v, ok := english[t]; ok {
			switch {
			case !seen || scaled && group == 0 || scaled && v < 100 && int(group)%100 == 0:
				group += v
			case group >= 20 && group < 100 && int(group)%10 == 0 && v < 10 && v > 0:
				group += v
			case !scaled && group >= 1 && group < 100 && v >= 10: // "eight fifty"
				group, scaled = group*100+v, true
			case scaled && int(group)%100 >= 20 && int(group)%10 == 0 && v < 10:
				group += v
			default:
				return number{value: total + group, length: i, bare: i == 1 && isWord(ts[0])}
			}
			seen = true
		} else if s, ok := englishScale[t]; ok && seen {
			if s >= 1000 {
				total, group = total+group*s, 0
			} else {
				group *= s
			}
			scaled = true
		} else if _, isScale := englishScale[next]; isScale && !seen && (t == "a" || t == "an") && next != "k" {
			group, seen = 1, true
		} else if _, isNumber := english[next]; t == "and" && scaled && isNumber {
			// "nine hundred and fifty"
		} else {
			break
		}
		i++
	}
	if !seen {
		return number{}
	}
	return number{value: total + group, length: i, bare: i == 1 && isWord(ts[0])}
}

func isWord(t string) bool { _, ok := plain(t); return !ok }

// plain reads digits.
func plain(t string) (float64, bool) {
	if len(t) == 0 || len(t) > 9 || t[0] < '0' || t[0] > '9' {
		return 0, false
	}
	v, err := strconv.ParseFloat(t, 64)
	return v, err == nil
}

var (
	chineseDigit = map[string]float64{"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
	chineseScale = map[string]float64{"十": 10, "百": 100, "千": 1000, "k": 1000, "万": 10000}
)

// chineseNumber reads "五百", "一千二", "两千零五十", "八九百", "3千", "百".
func chineseNumber(ts []string) number {
	if len(ts) >= 3 {
		a, okA := chineseDigit[ts[0]]
		b, okB := chineseDigit[ts[1]]
		if s, ok := chineseScale[ts[2]]; okA && okB && ok && b == a+1 {
			return number{value: a * s, high: b * s, length: 3}
		}
	}
	total, last, i := 0.0, 0.0, 0
	digit, seen, zero := -1.0, false, false
	for ; i < len(ts); i++ {
		t := ts[i]
		if v, ok := chineseDigit[t]; ok && digit <= 0 {
			zero = zero || v == 0 && seen
			digit, seen = v, true
			continue
		}
		if v, ok := plain(t); ok && !seen {
			digit, seen = v, true
			continue
		}
		s, ok := chineseScale[t]
		if !ok || t == "k" && !seen {
			break
		}
		if s == 10000 {
			total, digit, last = (total+max(digit, 0))*s, -1, s
			seen = true
			continue
		}
		if digit < 0 {
			if seen && s != 10 {
				break
			}
			digit = 1
		}
		total, digit, last, seen = total+digit*s, -1, s, true
	}
	if !seen {
		return number{}
	}
	if digit > 0 {
		if last > 10 && !zero && digit < 10 { // "一千二"
			digit *= last / 10
		}
		total += digit
	}
	_, word := chineseDigit[ts[0]]
	return number{value: total, length: i, bare: i == 1 && word}
}

// NumberWords are the amounts that a text says in words, two or more, as
// digits; "one" and "一" count nothing.
func NumberWords(text string) (out []string) {
	for _, lang := range []Language{English, Chinese} {
		ts := tokens(Clean(text), lang)
		for i := 0; i < len(ts); {
			n := numberAt(ts[i:], lang)
			if n.length == 0 {
				i++
				continue
			}
			if isWord(ts[i]) && n.value > 1 {
				out = append(out, strconv.FormatFloat(n.value, 'f', -1, 64))
			}
			i += n.length
		}
	}
	return out
}
