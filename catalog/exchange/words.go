package exchange

import (
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"cheval/catalog"
)

// word is one that means something, in lower case. Latin words count only as
// whole words, Chinese ones anywhere.
type word[T any] struct {
	text string
	is   T
}

// The first that is found decides: what is more exact stands first.
var colourWords = []word[string]{
	{"tortoiseshell", "tortoise"}, {"tortoise", "tortoise"}, {"havana", "tortoise"}, {"leopard", "tortoise"}, {"玳瑁", "tortoise"}, {"豹纹", "tortoise"},
	{"gunmetal", "gunmetal"}, {"gun metal", "gunmetal"}, {"ruthenium", "gunmetal"}, {"graphite", "gunmetal"}, {"枪色", "gunmetal"}, {"枪灰", "gunmetal"},
	{"navy", "navy"}, {"midnight blue", "navy"}, {"藏青", "navy"}, {"海军蓝", "navy"}, {"深蓝", "navy"},
	{"rose gold", "gold"}, {"gold", "gold"}, {"golden", "gold"}, {"玫瑰金", "gold"}, {"金色", "gold"}, {"金", "gold"},
	{"silver", "silver"}, {"chrome", "silver"}, {"steel", "silver"}, {"银色", "silver"}, {"银", "silver"},
	{"burgundy", "burgundy"}, {"bordeaux", "burgundy"}, {"wine", "burgundy"}, {"maroon", "burgundy"}, {"酒红", "burgundy"},
	{"crystal", "crystal"}, {"clear", "crystal"}, {"transparent", "crystal"}, {"透明", "crystal"}, {"水晶", "crystal"},
	{"multicolour", "multi"}, {"multicolor", "multi"}, {"multi", "multi"}, {"彩色", "multi"}, {"多色", "multi"},
	{"champagne", "beige"}, {"beige", "beige"}, {"nude", "beige"}, {"sand", "beige"}, {"cream", "beige"}, {"ivory", "white"}, {"米色", "beige"}, {"杏色", "beige"}, {"香槟", "beige"},
	{"black", "black"}, {"noir", "black"}, {"schwarz", "black"}, {"svart", "black"}, {"nero", "black"}, {"黑", "black"},
	{"brown", "brown"}, {"amber", "brown"}, {"coffee", "brown"}, {"chocolate", "brown"}, {"bronze", "brown"}, {"copper", "brown"}, {"tan", "brown"}, {"braun", "brown"}, {"棕", "brown"}, {"咖啡", "brown"}, {"茶色", "brown"}, {"褐", "brown"},
	{"grey", "grey"}, {"gray", "grey"}, {"smoke", "grey"}, {"charcoal", "grey"}, {"grau", "grey"}, {"灰", "grey"},
	{"white", "white"}, {"weiss", "white"}, {"weiß", "white"}, {"blanc", "white"}, {"白", "white"},
	{"pink", "pink"}, {"rose", "pink"}, {"blush", "pink"}, {"粉", "pink"}, {"玫瑰", "pink"},
	{"red", "red"}, {"rouge", "red"}, {"rot", "red"}, {"红", "red"},
	{"orange", "orange"}, {"coral", "orange"}, {"peach", "orange"}, {"橙", "orange"}, {"橘", "orange"},
	{"yellow", "yellow"}, {"honey", "yellow"}, {"gelb", "yellow"}, {"黄", "yellow"},
	{"green", "green"}, {"olive", "green"}, {"khaki", "green"}, {"emerald", "green"}, {"teal", "green"}, {"grün", "green"}, {"绿", "green"},
	{"blue", "blue"}, {"turquoise", "blue"}, {"aqua", "blue"}, {"blau", "blue"}, {"蓝", "blue"},
	{"purple", "purple"}, {"violet", "purple"}, {"lilac", "purple"}, {"lavender", "purple"}, {"lila", "purple"}, {"紫", "purple"},
}

var shapeWords = []word[catalog.Shape]{
	{"cat eye", catalog.CatEye}, {"cat-eye", catalog.CatEye}, {"cateye", catalog.CatEye}, {"猫眼", catalog.CatEye},
	{"aviator", catalog.Aviator}, {"pilot", catalog.Aviator}, {"飞行员", catalog.Aviator}, {"蛤蟆镜", catalog.Aviator},
	{"browline", catalog.Browline}, {"clubmaster", catalog.Browline}, {"眉框", catalog.Browline}, {"眉毛", catalog.Browline},
	{"panto", catalog.Panto}, {"pantos", catalog.Panto}, {"波士顿", catalog.Panto},
	{"rectangle", catalog.Rectangle}, {"rectangular", catalog.Rectangle}, {"长方", catalog.Rectangle}, {"矩形", catalog.Rectangle},
	{"geometric", catalog.Geometric}, {"hexagonal", catalog.Geometric}, {"octagonal", catalog.Geometric}, {"多边", catalog.Geometric}, {"几何", catalog.Geometric},
	{"wraparound", catalog.Sport}, {"sport", catalog.Sport}, {"运动", catalog.Sport},
	{"oval", catalog.Oval}, {"椭圆", catalog.Oval},
	{"round", catalog.Round}, {"circle", catalog.Round}, {"圆框", catalog.Round}, {"圆形", catalog.Round}, {"圆", catalog.Round},
	{"square", catalog.Square}, {"wayfarer", catalog.Square}, {"方框", catalog.Square}, {"方形", catalog.Square}, {"方", catalog.Square},
}

var materialWords = []word[catalog.Material]{
	{"rimless", catalog.Rimless}, {"frameless", catalog.Rimless}, {"无框", catalog.Rimless},
	{"acetate", catalog.Acetate}, {"plastic", catalog.Acetate}, {"tr90", catalog.Acetate}, {"tr-90", catalog.Acetate}, {"nylon", catalog.Acetate}, {"板材", catalog.Acetate}, {"醋酸", catalog.Acetate}, {"塑料", catalog.Acetate}, {"塑胶", catalog.Acetate},
	{"titanium", catalog.Metal}, {"stainless", catalog.Metal}, {"metal", catalog.Metal}, {"alloy", catalog.Metal}, {"钛", catalog.Metal}, {"金属", catalog.Metal}, {"合金", catalog.Metal}, {"不锈钢", catalog.Metal},
}

// sunWords and opticalWords name eyewear for certain. A plain "glasses" may be
// for wine: it counts only where it is all of a category.
var (
	sunWords = []word[bool]{
		{"sunglasses", true}, {"sunglass", true}, {"sunnies", true}, {"sonnenbrille", true}, {"sonnenbrillen", true}, {"lunettes de soleil", true},
		{"太阳镜", true}, {"墨镜", true}, {"太阳眼镜", true},
	}
	opticalWords = []word[bool]{
		{"eyewear", true}, {"eyeglasses", true}, {"eyeglass", true}, {"spectacles", true}, {"spectacle frames", true}, {"optical frame", true}, {"optical frames", true},
		{"reading glasses", true}, {"blue light glasses", true}, {"eyeglass frames", true}, {"glasses frames", true}, {"brille", true}, {"brillen", true}, {"brillenfassung", true}, {"lunettes de vue", true},
		{"眼镜", true}, {"镜架", true}, {"镜框", true}, {"光学架", true}, {"老花镜", true},
	}
	// vagueWords file anything, besideWords name what lies beside glasses.
	vagueWords  = []string{"accessories", "apparel & accessories", "clothing accessories", "fashion", "fashion accessories", "products", "uncategorized", "new", "men", "women", "unisex", "配饰", "饰品", "配件"}
	besideWords = []word[bool]{
		{"case", true}, {"cases", true}, {"cloth", true}, {"strap", true}, {"straps", true}, {"cord", true}, {"chain", true}, {"cleaner", true}, {"spray", true},
		{"眼镜盒", true}, {"眼镜布", true}, {"镜布", true}, {"眼镜链", true}, {"眼镜绳", true}, {"清洗", true},
	}
	loneWords = []string{"glasses", "frames", "frame", "optical", "opticals", "optics", "lunettes", "optical glasses"}
)

// find returns the first word that text has.
func find[T any](list []word[T], text string) (is T, ok bool) {
	text = strings.ToLower(text)
	for _, w := range list {
		if has(text, w.text) {
			return w.is, true
		}
	}
	return is, false
}

func has(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		if word[0] >= 0x80 || !letterBefore(text[:i]) && !letterAfter(text[i+len(word):]) {
			return true
		}
		from = i + len(word)
	}
}

func letterBefore(s string) bool { return s != "" && isLatin(s[len(s)-1]) }
func letterAfter(s string) bool  { return s != "" && isLatin(s[0]) }
func isLatin(b byte) bool        { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// eyewear says whether a product is eyewear, and whether it is for the sun.
// category is what files it, title names it; sized says that a frame's size
// stands somewhere.
func eyewear(category, title string, sized bool) (is, sun bool) {
	_, sun = find(sunWords, category+"\n"+title)
	if _, ok := find(sunWords, category); ok {
		return true, true
	}
	if _, ok := find(opticalWords, category); ok {
		return true, sun
	}
	if alone(category) {
		return true, sun
	}
	if c := strings.Trim(strings.ToLower(category), "\n "); c != "" && !slices.Contains(vagueWords, c) {
		return false, false // filed as something else
	}
	if _, beside := find(besideWords, title); beside {
		return false, false
	}
	_, named := find(opticalWords, title)
	return sun || named || sized, sun
}

// alone says whether a category is nothing but a word that may as well stand
// for drinking glasses or picture frames: one step of a longer path it is not.
func alone(category string) bool {
	words := strings.FieldsFunc(strings.ToLower(category), func(r rune) bool { return r == '\n' || r == '>' })
	for i, w := range words {
		words[i] = strings.TrimSpace(w)
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" || w == "uncategorized" })
	switch len(words) {
	case 0:
		return false
	case 1:
		return slices.Contains(loneWords, words[0])
	}
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "optic") })
}

// languageOf is the language that a text is written in: "zh" where it has
// Chinese characters, else "en".
func languageOf(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return "zh"
	}
	return "en"
}

var packedForm = regexp.MustCompile(`(?:^|[^\d])(\d{2})(\d{2})[ \-–](1\d{2})(?:$|[^\d])`)

// sizeOf finds a frame's size in the trade's notation.
func sizeOf(s string) (catalog.Notation, bool) {
	if n, ok := catalog.ParseNotation(s); ok {
		return n, true
	}
	if m := packedForm.FindStringSubmatch(s); m != nil { // "5218 145"
		return catalog.ParseNotation(m[1] + "-" + m[2] + "-" + m[3])
	}
	return catalog.Notation{}, false
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// idOf makes a product's ID of its handle: the handle itself where it is one,
// else one that is like it and always the same.
func idOf(handle string) string {
	if len(handle) <= 100 && idForm.MatchString(handle) {
		return handle
	}
	slug, _ := slugOf(handle)
	if slug != "" && slug == plainHyphens.Replace(strings.ToLower(handle)) {
		return slug
	}
	if slug == "" {
		slug = "product"
	}
	return slug + "-" + hashOf(handle)
}

// plainHyphens are the signs that a handle is read over.
var plainHyphens = strings.NewReplacer(" ", "-", "_", "-")

// slugOf is s in lower-case letters, digits and hyphens; whole says that no
// letter was lost.
func slugOf(s string) (slug string, whole bool) {
	var b strings.Builder
	whole = true
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			if b.Len() >= 80 {
				return strings.Trim(b.String(), "-"), false
			}
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
			fallthrough
		default:
			whole = whole && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}
	}
	return strings.Trim(b.String(), "-"), whole
}

func hashOf(s string) string {
	h := fnv.New32a()
	h.Write([]byte(s))
	const digits = "0123456789abcdefghijklmnopqrstuv"
	out := make([]byte, 7)
	for i, v := 0, h.Sum32(); i < len(out); i++ {
		out[i] = digits[v&31]
		v >>= 5
	}
	return string(out)
}
