package understand

import (
	"slices"
	"strings"
)

// symbolise writes a sentence as templates do: classes as symbols, words as
// themselves. Words that only lead to a symbol (the "under" of a price, the
// "dark" of a colour, the "or" of a list) and pauses are left out.
func symbolise(ps []piece) []string {
	out := make([]string, 0, len(ps))
	for i := range ps {
		p := &ps[i]
		if p.says(pause) || leads(ps, i) {
			continue
		}
		s := symbolOf(p.class)
		switch {
		case p.class == "price" && p.lo == 0 && p.hi == 0: // the end of a range
		case s == "":
			out = append(out, p.words...)
		case p.negated:
			out = appendOnce(out, "!"+s)
		default:
			out = appendOnce(out, s)
		}
	}
	return out
}

// appendOnce adds a symbol; "red or black" is one COLOUR.
func appendOnce(out []string, s string) []string {
	n := len(out)
	if n > 0 && out[n-1] == s && s != "NUMBER" && s != "ORDINAL" {
		return out
	}
	if n > 1 && out[n-2] == s && slices.Contains([]string{"or", "and", "和", "或", "nor"}, out[n-1]) && s != "NUMBER" && s != "ORDINAL" {
		return out[:n-1]
	}
	if n > 2 && out[n-3] == s && out[n-2] == "或" && out[n-1] == "者" {
		return out[:n-2]
	}
	return append(out, s)
}

// leads says whether the piece only belongs to the price or colour beside it.
func leads(ps []piece, i int) bool {
	p := &ps[i]
	near := func(k int, c class) bool { return k >= 0 && k < len(ps) && ps[k].class == c }
	if p.is("dark") && p.class == "" && near(i+1, "colour") {
		return true
	}
	before := p.is("cuemax") || p.is("cuemin") || p.is("cueabout") || p.is("cuebetween") || p.is("currency")
	after := p.is("aftermax") || p.is("aftermin") || p.is("afterabout") || p.is("afterbetween") || p.is("currency")
	if p.class != "" {
		return false
	}
	return before && (near(i+1, "price") || i+1 < len(ps) && ps[i+1].is("currency") && near(i+2, "price") || i+1 < len(ps) && (ps[i+1].is("cueabout") || ps[i+1].is("cuemax")) && near(i+2, "price")) ||
		after && (near(i-1, "price") || i > 0 && ps[i-1].is("currency") && near(i-2, "price")) ||
		p.is("cueto") && (near(i-1, "price") || i > 0 && ps[i-1].is("currency")) && (near(i+1, "price") || i+1 < len(ps) && ps[i+1].is("currency"))
}

// fillers say nothing; sentences are compared with and without them.
func fillers(lang Language) []string {
	if lang == Chinese {
		return []string{"呃", "嗯", "啊", "吧", "呀", "哦", "那个", "那", "请", "麻烦", "嘛", "哈", "哎", "额", "唉", "就是", "其实", "我说", "请问", "哎呀", "诶", "呢", "好的", "喂", "你好", "然后"}
	}
	return []string{"um", "uh", "er", "erm", "hm", "hmm", "well", "so", "ok", "please", "oh", "hey", "actually", "maybe",
		"perhaps", "now", "then", "yes", "right", "just", "really", "hi", "hello", "ah", "mm", "and", "excuse", "me", "sorry", "kindly", "like", "basically", "thanks", "there", "mirror", "again"}
}

// stripped leaves out the fillers at the ends of a sentence, and hesitation
// anywhere.
func stripped(symbols []string, lang Language) []string {
	f := fillers(lang)
	cut := func(s []string) []string {
		for len(s) > 1 && slices.Contains(f, s[0]) {
			s = s[1:]
		}
		for len(s) > 1 && slices.Contains(f, s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		return s
	}
	hesitation := []string{"um", "uh", "er", "erm", "hm", "hmm", "呃", "嗯", "额"}
	out := slices.DeleteFunc(slices.Clone(symbols), func(s string) bool { return slices.Contains(hesitation, s) })
	return cut(out)
}

// features are what the classifier sees of a sentence: words and runs of
// words, with symbols for classes, and runs of letters within words.
func features(symbols []string, lang Language) []string {
	out := make([]string, 0, 8*len(symbols)+8)
	s := slices.Concat([]string{"^"}, symbols, []string{"$"})
	for i := range s {
		out = append(out, s[i])
		if i+1 < len(s) {
			out = append(out, s[i]+" "+s[i+1])
		}
		if i+2 < len(s) {
			out = append(out, s[i]+" "+s[i+1]+" "+s[i+2])
			out = append(out, s[i]+" _ "+s[i+2])
		}
		if lang == English && len(s[i]) > 3 && s[i] == strings.ToLower(s[i]) {
			w := "<" + s[i] + ">"
			for n := 3; n <= 5; n++ {
				for k := 0; k+n <= len(w); k++ {
					out = append(out, w[k:k+n])
				}
			}
		}
		if lang == Chinese && i+3 < len(s) {
			out = append(out, s[i]+s[i+1]+s[i+2]+s[i+3])
		}
	}
	seen := map[string]bool{}
	for _, x := range symbols {
		if x == strings.ToUpper(x) && x != strings.ToLower(x) && !seen[x] {
			seen[x] = true
			out = append(out, "has "+x)
		}
	}
	switch n := len(symbols); {
	case n <= 1:
		out = append(out, "len 1")
	case n == 2:
		out = append(out, "len 2")
	case n <= 4:
		out = append(out, "len 4")
	case n <= 8:
		out = append(out, "len 8")
	default:
		out = append(out, "len +")
	}
	return out
}
