package search

import (
	"hash/fnv"
	"html"
	"regexp"
	"slices"
	"strings"

	"cheval/catalog"
)

// document is what is indexed of a product.
type document struct {
	Title string   `json:"title"`
	Text  string   `json:"text"`
	Facet []string `json:"facet"`
}

// maxIndexedText is how many bytes of a description are indexed.
const maxIndexedText = 20_000

var tags = regexp.MustCompile(`<[^>]*>`)

func documentOf(p *catalog.Product) document {
	var title, text strings.Builder
	say := func(words ...string) {
		for _, w := range words {
			title.WriteString(w)
			title.WriteByte(' ')
		}
	}
	eachText(p.Name, func(s string) { say(s) })
	say(p.ID, p.Brand, p.Category)
	say(p.Tags...)
	say(kindWords[p.Kind], shapeWords[p.Eyewear.Shape], materialWords[p.Eyewear.Material])
	if p.Eyewear.LensWidth > 0 {
		say(p.Eyewear.Notation())
	}
	seen := map[string]bool{}
	for i := range p.Variants {
		v := &p.Variants[i]
		say(v.SKU, v.Barcode)
		eachText(v.ColourName, func(s string) { say(s) })
		if !seen[v.Colour] {
			seen[v.Colour] = true
			say(colourWords[v.Colour])
		}
		for _, o := range v.Options {
			say(o.Value)
		}
	}
	eachText(p.Text, func(s string) {
		text.WriteString(plain(s[:min(len(s), maxIndexedText)]))
		text.WriteByte(' ')
	})
	return document{title.String(), text.String(), facetsOf(p)}
}

// eachText visits a text in all languages, in a fixed order.
func eachText(m map[string]string, visit func(string)) {
	langs := make([]string, 0, len(m))
	for lang := range m {
		langs = append(langs, lang)
	}
	slices.Sort(langs)
	for _, lang := range langs {
		visit(m[lang])
	}
}

// plain is the text of a description that may be HTML.
func plain(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	return html.UnescapeString(tags.ReplaceAllString(s, " "))
}

// facetsOf are the values by which whole products are filtered.
func facetsOf(p *catalog.Product) []string {
	out := []string{
		"category=" + p.Category, "brand=" + p.Brand, "state=" + string(p.State), "kind=" + string(p.Kind),
		"shape=" + string(p.Eyewear.Shape), "material=" + string(p.Eyewear.Material), "size=" + string(p.Eyewear.Size()),
	}
	for _, t := range p.Tags {
		out = append(out, "tag="+t)
	}
	for i := range p.Variants {
		out = append(out, "colour="+p.Variants[i].Colour)
	}
	return out
}

// mark is a fingerprint of the document.
func (d document) mark() uint64 {
	return fingerprint(append(d.Facet, d.Title, d.Text)...)
}

func fingerprint(parts ...string) uint64 {
	h := fnv.New64a()
	for _, s := range parts {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// The words that shoppers use for facets, in English and Chinese, beside those
// that products say of themselves.
var (
	kindWords = map[catalog.Kind]string{
		catalog.Sun:     "sunglasses sun glasses shades 太阳镜 墨镜 太阳眼镜",
		catalog.Optical: "optical glasses spectacles eyeglasses 光学镜架 眼镜 近视镜 镜框",
	}
	shapeWords = map[catalog.Shape]string{
		catalog.Round: "round circle 圆形 圆框", catalog.Panto: "panto pantos 潘托形 波士顿", catalog.Oval: "oval 椭圆形",
		catalog.Square: "square 方形 方框", catalog.Rectangle: "rectangle rectangular 长方形 矩形",
		catalog.Aviator: "aviator pilot 飞行员 飞行员款 蛤蟆镜", catalog.CatEye: "cat-eye cateye 猫眼",
		catalog.Geometric: "geometric hexagon octagon 几何形 多边形", catalog.Browline: "browline clubmaster 眉线框 半框",
		catalog.Sport: "sport sports wrap 运动",
	}
	materialWords = map[catalog.Material]string{
		catalog.Acetate: "acetate plastic 板材", catalog.Metal: "metal wire 金属", catalog.Rimless: "rimless frameless 无框",
	}
	colourWords = map[string]string{
		"black": "black 黑色", "grey": "grey gray 灰色", "white": "white 白色", "crystal": "crystal clear transparent 透明",
		"brown": "brown 棕色 茶色", "tortoise": "tortoise tortoiseshell havana 玳瑁色", "beige": "beige 米色", "gold": "gold golden 金色",
		"silver": "silver 银色", "gunmetal": "gunmetal 枪灰色", "pink": "pink 粉色", "red": "red 红色", "burgundy": "burgundy wine 酒红色",
		"orange": "orange 橙色", "yellow": "yellow 黄色", "green": "green 绿色", "blue": "blue 蓝色", "navy": "navy 藏青色 深蓝",
		"purple": "purple violet 紫色", "multi": "multi multicolour 多色",
	}
)
