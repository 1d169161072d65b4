package understand

import "slices"

// piece is a stretch of a sentence that the lexicon or the numbers know, or
// one token that they do not.
type piece struct {
	words   []string
	senses  []sense
	class   class // what it is taken for; "": only words
	value   string
	number  number
	lo, hi  float64 // of a price; 0: open
	negated bool
	known   bool // its words are the lexicon's
}

func (p *piece) sense(c class) (string, bool) {
	for _, s := range p.senses {
		if s.class == c {
			return s.value, true
		}
	}
	return "", false
}

func (p *piece) is(c class) bool { _, ok := p.sense(c); return ok }

func (p *piece) says(w string) bool { return len(p.words) == 1 && p.words[0] == w }

// symbols are the classes that stand for themselves in templates and features,
// by the order in which a phrase of several is taken.
var symbols = []struct {
	class  class
	symbol string
}{
	{"product", "PRODUCT"}, {"too", "TOO"}, {"relative", "RELATIVE"}, {"sort", "SORT"}, {"brand", "BRAND"},
	{"category", "CATEGORY"}, {"kind", "KIND"}, {"colour", "COLOUR"}, {"shape", "SHAPE"}, {"material", "MATERIAL"},
	{"fit", "FITTING"}, {"faceshape", "FACESHAPE"}, {"size", "SIZE"}, {"head", "HEAD"}, {"ordinal", "ORDINAL"},
	{"price", "PRICE"}, {"number", "NUMBER"}, {"tongue", "TONGUE"},
}

func symbolOf(c class) string {
	for _, s := range symbols {
		if s.class == c {
			return s.symbol
		}
	}
	return ""
}

// filters are the classes that a negation can take.
var filters = []class{"category", "kind", "colour", "shape", "material", "brand", "size", "too", "fit"}

// scan cuts tokens into pieces, the longest phrase first.
func (l *lexicon) scan(ts []string) (out []piece) {
	for i := 0; i < len(ts); {
		senses, n := l.at(ts[i:])
		upTo := len(ts)
		if i > 0 && len(out) > 0 && out[len(out)-1].is("cuebetween") { // "between five hundred and seven fifty"
			if k := slices.Index(ts[i:], "and"); k > 0 {
				upTo = i + k
			}
		}
		num := numberAt(ts[i:upTo], l.lang)
		p := piece{senses: senses, known: n > 0}
		switch {
		case l.lang == Chinese && ts[i] == "第" && numberAt(ts[i+1:], l.lang).length > 0:
			num = numberAt(ts[i+1:], l.lang)
			p = piece{class: "ordinal", number: num, known: true}
			n = 1 + num.length
			if i+n < len(ts) && slices.Contains([]string{"个", "副", "款", "只", "幅", "付", "种", "支"}, ts[i+n]) {
				n++
			}
		case num.length > 0 && num.length >= n:
			p = piece{number: num, known: true}
			n = num.length
			if i+n < len(ts) && ts[i+n] == "号" && num.value < 100 {
				p.class = "ordinal"
				n++
			}
		case n == 0:
			n = 1
			if !l.known[ts[i]] && !l.common[ts[i]] {
				p.senses = l.near(ts[i])
			}
		}
		p.words = ts[i : i+n]
		out = append(out, p)
		i += n
	}
	return out
}

// spot finds what of a sentence fills slots.
func (l *lexicon) spot(ts []string) []piece {
	ps := l.scan(ts)
	ordinals(ps)
	prices(ps)
	faces(ps)
	for i := range ps {
		if ps[i].class != "" {
			continue
		}
		for _, s := range symbols {
			if v, ok := ps[i].sense(s.class); ok {
				ps[i].class, ps[i].value = s.class, v
				break
			}
		}
		if n := ps[i].number; ps[i].class == "" && n.length > 0 && !n.bare {
			ps[i].class = "number"
		}
	}
	l.negations(ps)
	if l.lang == Chinese {
		negationsAfter(ps)
	}
	for i := range ps { // "not too expensive" is a wish, no complaint
		if ps[i].class == "too" && ps[i].negated {
			ps[i].class, ps[i].negated = "relative", false
		}
	}
	return ps
}

// ordinals takes "number two" for the second.
func ordinals(ps []piece) {
	for i := range ps {
		if ps[i].is("numbered") && i+1 < len(ps) && ps[i+1].number.length > 0 && ps[i+1].number.value < 100 {
			ps[i+1].class = "ordinal"
		}
	}
}

// prices takes numbers beside words of price, or money, for prices.
func prices(ps []piece) {
	money := func(i int) bool { return i >= 0 && i < len(ps) && ps[i].is("currency") }
	for i := range ps {
		if ps[i].number.length == 0 || ps[i].class != "" {
			continue
		}
		before, after, paid := i-1, i+1, false
		if money(before) {
			before, paid = before-1, true
		}
		if money(after) {
			after, paid = after+1, true
		}
		at := func(k int, c class) bool { return k >= 0 && k < len(ps) && ps[k].is(c) }
		if j := after + 1; at(after, "cueto") && j < len(ps) && priceRange(ps, i, j, before, paid) {
			continue
		}
		n := ps[i].number
		lo, hi := n.value, max(n.value, n.high)
		switch {
		case at(before, "cuemax") || at(after, "aftermax"):
			ps[i].hi = hi
		case at(before, "cuemin") || at(after, "aftermin"):
			ps[i].lo = lo
		case n.high > 0:
			ps[i].lo, ps[i].hi = lo, hi
		case (at(before, "cueabout") || at(after, "afterabout")) && (paid || lo >= 20):
			ps[i].lo, ps[i].hi = lo*0.8, hi*1.2
			if at(before-1, "cuemax") {
				ps[i].lo, ps[i].hi = 0, hi
			}
		case paid:
			ps[i].hi = hi
		default:
			continue
		}
		ps[i].class = "price"
	}
}

// priceRange takes "500 to 800", "between five and eight hundred".
func priceRange(ps []piece, i, j, before int, paid bool) bool {
	if j < len(ps) && ps[j].is("currency") {
		j++
	}
	if j >= len(ps) || ps[j].number.length == 0 {
		return false
	}
	lo, hi := ps[i].number.value, ps[j].number.value
	after := j + 1
	if after < len(ps) && ps[after].is("currency") {
		paid = true
		after++
	}
	said := before >= 0 && (ps[before].is("cuebetween") || ps[before].is("cuemin") || ps[before].is("cueabout")) ||
		after < len(ps) && (ps[after].is("afterbetween") || ps[after].is("aftermax"))
	joined := ps[i+1].says("to") || ps[i+1].says("到") || ps[i+1].says("至") || ps[i+1].is("currency")
	for _, scale := range []float64{1000, 100} { // "five to eight hundred"
		if lo < 100 && hi >= scale && lo*scale < hi {
			lo *= scale
		}
	}
	if !(paid || said || joined && lo >= 20) || lo >= hi {
		return false
	}
	ps[i].class, ps[i].lo, ps[i].hi = "price", lo, hi
	ps[j].class = "price"
	return true
}

// faces takes "wide face" and "my face is rather narrow" for the fit.
func faces(ps []piece) {
	for i := range ps {
		if !ps[i].is("face") {
			continue
		}
		around := []int{i - 1, i - 2}
		if i+1 < len(ps) && (ps[i+1].says("is") || ps[i+1].says("are") || ps[i+1].says("looks")) {
			around = append(around, i+2, i+3, i+4, i+5)
		}
		for _, k := range around {
			if k < 0 || k >= len(ps) || ps[k].says(pause) {
				continue
			}
			if ps[k].is("wide") {
				ps[k].class, ps[k].value = "fit", "wide"
			} else if ps[k].is("slim") {
				ps[k].class, ps[k].value = "fit", "narrow"
			} else {
				continue
			}
			ps[i].class, ps[i].value = "fit", ps[k].value
		}
	}
}

// negations marks what follows a no, up to the end of its list.
func (l *lexicon) negations(ps []piece) {
	for i := range ps {
		if !ps[i].is("not") || interjection(ps, i) {
			continue
		}
		var last class
		slack := 1
		for j := i + 1; j < len(ps); j++ {
			p := &ps[j]
			switch {
			case slices.Contains(filters, p.class) && l.another(ps, i, j, last):
				j = len(ps)
			case slices.Contains(filters, p.class):
				p.negated, last, slack = true, p.class, 0
			case p.is("join") || p.class == "head" || p.is("dark"):
			case p.says(pause) && last != "" && j+1 < len(ps) && ps[j+1].class == last && !ps[j+1].negated && listed(ps, j):
			case slack > 0 && !p.says(pause) && len(p.senses) == 0 && slices.Contains(slackWords, p.words[0]):
				slack--
			default:
				j = len(ps)
			}
		}
	}
}

// another says whether the slot at j is no part of what is denied at i: in
// "不是黑色的圆框" only the first is.
func (l *lexicon) another(ps []piece, i, j int, last class) bool {
	return l.lang == Chinese && last != "" && ps[j].class != last && ps[j-1].says("的") && (ps[i].words[0] == "不" && len(ps[i].words) == 2 && ps[i].words[1] == "是" || ps[i].says("非"))
}

// slackWords may stand between a no and what it denies.
var slackWords = []string{"too", "so", "very", "such", "have", "see", "show", "be", "is", "有", "是", "看", "买", "戴", "任", "那", "再", "太", "要", "给", "选"}

// listed says whether the pause at j is a comma of a list that goes on with
// "or" or "and": "no black, brown or navy".
func listed(ps []piece, j int) bool {
	for k := j + 2; k < len(ps) && k < j+5; k++ {
		if ps[k].says("or") || ps[k].says("and") || ps[k].says("和") || ps[k].says("或") || ps[k].says("nor") {
			return true
		}
	}
	return false
}

// interjection says whether the no at i only begins an answer: "no, the black".
func interjection(ps []piece, i int) bool {
	if !ps[i].says("no") && !ps[i].says("nothing") {
		return false
	}
	return i+1 < len(ps) && slices.ContainsFunc([]string{"the", "i", "show", "a", "this", "these", "that", "give", "let", "in", pause},
		func(w string) bool { return ps[i+1].words[0] == w })
}

// negationsAfter marks what stands before a closing no: "黑色的不要".
func negationsAfter(ps []piece) {
	for i := range ps {
		if !ps[i].is("notafter") {
			continue
		}
		k := i + 1
		for k < len(ps) && (ps[k].says("了") || ps[k].says("吧") || ps[k].says("的") || ps[k].says("啦") || ps[k].says("哈")) {
			k++
		}
		if k < len(ps) && !ps[k].says(pause) && !ps[k].says("都") && !ps[k].says("我") {
			continue
		}
		for j := i - 1; j >= 0; j-- {
			switch p := &ps[j]; {
			case slices.Contains(filters, p.class):
				p.negated = true
			case p.class == "price": // "超过一千的不要"
				p.lo, p.hi = p.hi, p.lo
			case p.is("join") || p.class == "head" || p.says("就") || p.says("都") || p.is("aftermax") || p.is("aftermin") || p.is("currency"):
			default:
				j = -1
			}
		}
	}
}
