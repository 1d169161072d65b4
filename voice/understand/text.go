package understand

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxRunes is how much of a sentence is read; nobody says more to a mirror.
const maxRunes = 600

// pause is the token that stands for punctuation.
const pause = "|"

var markup = regexp.MustCompile(`<[^<>]{0,200}>`)

// Clean returns text as it can be understood and kept: in one line, without
// control characters and markup, at most 600 characters, compatibility forms
// (full width, ligatures) in their usual form.
func Clean(text string) string { return tidy(text, norm.NFKC) }

// Tidy is Clean for text that is shown: its characters stay as they are.
func Tidy(text string) string { return tidy(text, norm.NFC) }

func tidy(text string, form norm.Form) string {
	if len(text) > 16*maxRunes {
		text = text[:16*maxRunes]
	}
	text = markup.ReplaceAllString(form.String(strings.ToValidUTF8(text, " ")), " ")
	out := make([]rune, 0, maxRunes)
	space := true
	for _, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) || r == unicode.ReplacementChar {
			r = ' '
		}
		if r == ' ' && space {
			continue
		}
		if len(out) == maxRunes {
			break
		}
		space = r == ' '
		out = append(out, r)
	}
	return strings.TrimSpace(string(out))
}

// LanguageOf guesses the language of a text by its script.
func LanguageOf(text string) Language {
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			return Chinese
		}
	}
	return English
}

// tokens splits clean text: English into words, Chinese into characters,
// digits and Latin words. Punctuation is a pause.
func tokens(text string, lang Language) []string {
	text = strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	if lang == Chinese {
		text = simplified(text)
	}
	raw := split(text, lang)
	if lang == English {
		raw = expand(raw)
	}
	for len(raw) > 0 && raw[len(raw)-1] == pause {
		raw = raw[:len(raw)-1]
	}
	for len(raw) > 0 && raw[0] == pause {
		raw = raw[1:]
	}
	return raw
}

// kinds of runes that make different tokens.
const (
	gap = iota
	letter
	digit
	han
	sign
	stop
)

func kindOf(r rune) int {
	switch {
	case unicode.Is(unicode.Han, r):
		return han
	case unicode.IsDigit(r):
		return digit
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return letter
	case strings.ContainsRune("$€£¥", r):
		return sign
	case r == ' ':
		return gap
	}
	return stop
}

func split(text string, lang Language) (out []string) {
	rs := []rune(text)
	add := func(s string) {
		if s != pause || len(out) > 0 && out[len(out)-1] != pause {
			out = append(out, s)
		}
	}
	for i := 0; i < len(rs); {
		k := kindOf(rs[i])
		j := i + 1
		switch k {
		case letter, digit:
			for j < len(rs) && (kindOf(rs[j]) == k || inside(rs, j, k)) {
				j++
			}
			add(strings.ReplaceAll(strings.Trim(string(rs[i:j]), "'"), ",", ""))
		case han, sign:
			add(string(rs[i]))
		case gap:
			if lang == Chinese && i > 0 && j < len(rs) && kindOf(rs[i-1]) == han && kindOf(rs[j]) == han {
				add(pause)
			}
		case stop:
			if rs[i] != '-' && rs[i] != '\'' && rs[i] != '"' && rs[i] != '_' {
				add(pause)
			}
		}
		i = j
	}
	return out
}

// inside says whether the rune at j joins what stands around it: the
// apostrophe in "don't", the point in "49.90", the comma in "1,200".
func inside(rs []rune, j, k int) bool {
	if j+1 >= len(rs) || kindOf(rs[j+1]) != k {
		return false
	}
	if k == letter {
		return rs[j] == '\''
	}
	return rs[j] == '.' || rs[j] == ',' && j+3 < len(rs) && kindOf(rs[j+3]) == digit
}

// whole are contractions and slips of recognisers that write no apostrophe.
var whole = map[string]string{
	"whats": "what is", "dont": "do not", "cant": "cannot", "wont": "will not", "im": "i am",
	"ive": "i have", "thats": "that is", "isnt": "is not", "doesnt": "does not", "didnt": "did not",
	"arent": "are not", "wasnt": "was not", "won't": "will not", "can't": "cannot", "let's": "let us", "lets": "let us",
	"wanna": "want to", "gonna": "going to", "gimme": "give me", "lemme": "let me", "gotta": "got to",
	"theyre": "they are", "youre": "you are", "hows": "how is", "wheres": "where is", "whos": "who is",
	"ain't": "is not", "pls": "please", "thx": "thanks", "wouldnt": "would not", "couldnt": "could not",
	"havent": "have not", "id": "i would", "ya": "you", "u": "you", "favorites": "favourites", "favorite": "favourite",
	"cancelled": "cancel", "yeah": "yes", "yep": "yes", "yup": "yes", "nope": "no", "nah": "no", "dunno": "do not know",
	"kinda": "kind of", "sorta": "sort of", "okay": "ok", "alright": "ok", "gray": "grey", "colors": "colours",
	"can": "can", "mom": "mum", "shoulda": "should have", "whatcha": "what you", "whaddya": "what do you", "'em": "them", "em": "them",
	"and/or": "or", "cuz": "because", "tryna": "trying to", "sunglass": "sunglasses", "thankyou": "thank you",
}

var endings = []struct{ short, long string }{
	{"n't", " not"}, {"'re", " are"}, {"'ve", " have"}, {"'ll", " will"}, {"'m", " am"}, {"'d", " would"}, {"'s", " is"},
}

// expand writes contractions out.
func expand(in []string) []string {
	out := make([]string, 0, len(in)+4)
	for _, t := range in {
		if w, ok := whole[t]; ok {
			out = append(out, strings.Fields(w)...)
			continue
		}
		for _, e := range endings {
			if s, ok := strings.CutSuffix(t, e.short); ok && s != "" {
				t = s + e.long
				break
			}
		}
		out = append(out, strings.Fields(t)...)
	}
	return out
}

// pairs are traditional characters and their simplified forms, as far as the
// grammar uses them: recognisers write either.
const pairs = "鏡镜圓圆顏颜藍蓝綠绿紅红飛飞員员運运動动屬属無无邊边貓猫幾几長长橢椭鵝鹅價价錢钱貴贵買买賣卖個个這这裡里裏里" +
	"那那幫帮給给試试戴戴換换樣样對对臉脸適适嗎吗麼么為为說说話话聲声靜静關关開开讓让請请謝谢見见東东車车還还過过" +
	"現现視视歡欢喜喜愛爱醜丑顯显寬宽細细輕轻點点淺浅銀银鈦钛塊块圍围內内萬万兩两較较複复覆复韓韩語语國国華华" +
	"撤撤銷销誤误錯错刪删資资訊讯數数據据記记錄录購购籃篮車车結结帳账賬账單单付付款款選选擇择薦荐議议較较" +
	"張张照照樂乐聽听懂懂重重遍遍機机員员務务櫃柜檯台問问題题會会該该時时間间後后從从來来頭头發发當当與与並并" +
	"棕棕褐褐瑪玛瑁瑁玳玳鉻铬鋼钢鐵铁產产牌牌質质邊边腿腿鼻鼻樑梁瞳瞳距距離离號号種种類类簡简單单調调絲丝灣湾" +
	"進进專专業业門门訂订連连應应變变處处實实體体驗验區区別别雙双幅幅隻只條条張张滿满壞坏夠够誰谁氣气雞鸡" +
	"陽阳體体顧顾碼码歲岁濃浓團团隊队隨随餘余優优擴扩麗丽醒醒憶忆筆笔龍龙爺爷媽妈買买鬧闹鐘钟廁厕場场餓饿贏赢選选舉举總总統统電电腦脑網网絡络訴诉講讲讀读寫写"

func simplified(s string) string {
	rs := []rune(pairs)
	table := make(map[rune]rune, len(rs)/2)
	for i := 0; i+1 < len(rs); i += 2 {
		table[rs[i]] = rs[i+1]
	}
	return strings.Map(func(r rune) rune {
		if t, ok := table[r]; ok {
			return t
		}
		return r
	}, s)
}
