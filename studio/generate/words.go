package generate

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Wish is a request in a person's words, as far as it was understood.
type Wish struct {
	Category string // "" none was named
	Colour   string // "" none was named
	Count    int    // 0: none was named
	Ignored  []string
}

// Parse understands a request in English or Chinese, such as "100 red dresses"
// or "十件红色连衣裙". Of two categories or colours the first counts. What it
// does not understand, or cannot follow, stands in Ignored in the person's own
// words.
func Parse(text string) Wish {
	var w Wish
	for text = strings.ToLower(text); text != ""; {
		text = strings.TrimLeftFunc(text, func(r rune) bool { return !isWord(r) })
		if text == "" {
			break
		}
		v, n := longest(text)
		if n == 0 {
			n = wordLength(text)
			v = meaning{count: number(text[:n])}
			if v.count == 0 {
				w.ignore(text[:n])
			}
		}
		w.take(v, text[:n])
		text = text[n:]
	}
	return w
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// take follows one word.
func (w *Wish) take(v meaning, word string) {
	switch {
	case v.category != "" && (w.Category == "" || w.Category == v.category):
		w.Category = v.category
	case v.colour != "" && (w.Colour == "" || w.Colour == v.colour):
		w.Colour = v.colour
	case v.count > 0 && w.Count == 0:
		w.Count = v.count
	case v != meaning{} && !v.filler:
		w.ignore(word)
	}
}

// ignore notes a word once.
func (w *Wish) ignore(word string) {
	if !slices.Contains(w.Ignored, word) {
		w.Ignored = append(w.Ignored, word)
	}
}

// longest is the longest known word that text begins with, and its length; an
// English word must end there.
func longest(text string) (best meaning, length int) {
	for word, v := range vocabulary {
		if len(word) <= length || !strings.HasPrefix(text, word) {
			continue
		}
		rest := []rune(text[len(word):])
		if last := []rune(word); !unicode.Is(unicode.Han, last[len(last)-1]) && len(rest) > 0 && isWord(rest[0]) && !unicode.Is(unicode.Han, rest[0]) {
			continue
		}
		best, length = v, len(word)
	}
	return best, length
}

// wordLength is how long the word is that text begins with: in Chinese up to
// the next word that is known.
func wordLength(text string) int {
	first := true
	han := false
	for i, r := range text {
		switch {
		case first:
			first, han = false, unicode.Is(unicode.Han, r)
		case !isWord(r) && r != '-' && r != '\'', unicode.Is(unicode.Han, r) != han:
			return i
		case han:
			if _, n := longest(text[i:]); n > 0 {
				return i
			}
		}
	}
	return len(text)
}

// number reads digits, and Chinese numbers up to 999; 0 where it is none.
func number(word string) int {
	if n, err := strconv.Atoi(word); err == nil && n > 0 {
		return n
	}
	total, digit := 0, 0
	for _, r := range word {
		switch at := strings.IndexRune("一二三四五六七八九", r); {
		case at >= 0:
			digit = at/3 + 1
		case r == '两':
			digit = 2
		case r == '十':
			total, digit = total+10*max(digit, 1), 0
		case r == '百':
			total, digit = total+100*max(digit, 1), 0
		default:
			return 0
		}
	}
	return total + digit
}

// meaning is what a word says.
type meaning struct {
	category, colour string
	count            int
	filler           bool // says nothing that a picture could show
}

// vocabulary is every word that is known. It is never written.
var vocabulary = func() map[string]meaning {
	out := map[string]meaning{}
	for category, words := range categoryWords {
		for _, word := range words {
			out[word] = meaning{category: category}
		}
	}
	for colour, words := range colourWords {
		for _, word := range words {
			out[word] = meaning{colour: colour}
		}
	}
	for _, word := range fillers {
		out[word] = meaning{filler: true}
	}
	return out
}()

var categoryWords = map[string][]string{
	"dress":      {"dress", "dresses", "gown", "gowns", "连衣裙", "裙装", "礼服"},
	"hat":        {"hat", "hats", "cap", "caps", "beanie", "beanies", "帽子", "帽"},
	"longsleeve": {"longsleeve", "longsleeves", "long sleeve", "long sleeves", "long-sleeve", "sweater", "sweaters", "pullover", "pullovers", "长袖", "长袖衫", "毛衣", "套头衫"},
	"outwear":    {"outwear", "outerwear", "jacket", "jackets", "coat", "coats", "外套", "夹克", "大衣"},
	"pants":      {"pants", "trousers", "jeans", "裤子", "长裤", "牛仔裤"},
	"shirt":      {"shirt", "shirts", "blouse", "blouses", "衬衫", "衬衣"},
	"shoes":      {"shoes", "shoe", "sneakers", "boots", "鞋子", "鞋", "靴子"},
	"shorts":     {"shorts", "短裤"},
	"skirt":      {"skirt", "skirts", "半身裙", "短裙", "裙子"},
	"t-shirt":    {"t-shirt", "t-shirts", "tshirt", "tshirts", "t shirt", "t shirts", "tee", "tees", "t恤", "t恤衫", "短袖"},
}

var colourWords = map[string][]string{
	"black":  {"black", "黑", "黑色"},
	"white":  {"white", "白", "白色"},
	"grey":   {"grey", "gray", "灰", "灰色"},
	"red":    {"red", "红", "红色"},
	"orange": {"orange", "橙", "橙色", "橘色"},
	"yellow": {"yellow", "黄", "黄色"},
	"green":  {"green", "绿", "绿色"},
	"blue":   {"blue", "蓝", "蓝色"},
	"purple": {"purple", "violet", "紫", "紫色"},
	"pink":   {"pink", "粉", "粉色", "粉红", "粉红色"},
	"brown":  {"brown", "棕", "棕色", "褐色", "咖啡色"},
	"beige":  {"beige", "米色", "米黄色"},
}

var fillers = []string{
	"a", "an", "the", "of", "in", "some", "please", "me", "i", "want", "would", "need", "give", "show", "make", "design", "draw", "generate", "create",
	"new", "and", "with", "for", "us", "colour", "color", "coloured", "colored", "designs", "pieces",
	"的", "件", "条", "个", "顶", "双", "张", "款", "种", "请", "我", "要", "想", "给", "设计", "画", "生成", "做", "来", "一些", "几", "新", "和", "颜色",
}
