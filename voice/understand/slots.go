package understand

import (
	"slices"
	"strconv"
	"strings"
)

// Which intents carry what.
var (
	filtering   = []Intent{Find, Narrow, Recommend, TryOn, Details, Basket, Like, Dislike, Compare, Fit}
	pointing    = []Intent{Find, Narrow, TryOn, TakeOff, Next, Compare, Details, Fit, Recommend, Why, Like, Dislike, Photo, Basket}
	counting    = []Intent{TryOn, Compare, Details, Fit, Like, Dislike, Basket, Why}
	remembering = []Intent{Find, Narrow, TryOn, Compare, Details, Fit, Basket, Like, Recommend}
)

// slots gathers what of a sentence matters to its intent.
func (t *tongue) slots(ps []piece, in Intent) (s Slots) {
	if slices.Contains(filtering, in) {
		filterSlots(ps, in, &s)
	}
	if slices.Contains(counting, in) {
		ordinalSlots(ps, in, &s)
	}
	if slices.Contains(pointing, in) {
		t.referenceSlots(ps, in, &s)
	}
	switch in {
	case Details, Fit, Dislike, Basket:
		attributeSlots(ps, in, &s)
	case SetTongue:
		for i := range ps {
			if ps[i].class == "tongue" {
				s.Language = Language(ps[i].value)
			}
		}
	case Volume:
		s.Direction = direction(wordsOf(ps), t.lexicon.lang)
	}
	if in == Basket {
		s.Colour, s.ColourNot = append(s.Colour, s.ColourNot...), nil // "the black ones, out"
		s.Quantity = quantity(ps, t.lexicon.lang)
	}
	return s
}

func wordsOf(ps []piece) (out []string) {
	for i := range ps {
		out = append(out, ps[i].words...)
	}
	return out
}

// add adds a value once.
func (v *Values) add(s string) {
	if s != "" && !slices.Contains(*v, s) {
		*v = append(*v, s)
	}
}

func filterSlots(ps []piece, in Intent, s *Slots) {
	searching := in == Find || in == Narrow || in == Recommend
	for i := range ps {
		p := &ps[i]
		yes, no := s.facet(p.class)
		switch {
		case yes != nil && p.negated:
			no.add(p.value)
		case yes != nil:
			yes.add(p.value)
		case p.class == "brand":
			s.Brand.add(p.value)
		case p.class == "price" && (searching || in == TryOn):
			s.PriceMin, s.PriceMax = max(s.PriceMin, p.lo), max(s.PriceMax, p.hi)
		case p.class == "relative" && i+1 < len(ps) && ps[i+1].says("也"): // "贵一点也可以" wishes nothing
		case p.class == "relative" && in != Fit && in != Details && in != Like:
			s.Relative.add(p.value)
		case p.class == "too" && (in == Dislike || in == Narrow || in == Find):
			s.Relative.add(p.value)
		case p.class == "fit" && searching:
			s.Fit = p.value
		case p.class == "size" && !p.negated && (searching || in == TryOn):
			s.Size = p.value
		case p.class == "sort" && (searching || in == TryOn):
			s.Sort, s.Direction, _ = strings.Cut(p.value, ":")
		case p.class == "number" && searching && i > 0 && p.number.value >= 36 && p.number.value <= 66 && (ps[i-1].is("attr") || ps[i-1].says("width")):
			s.Size = strconv.Itoa(int(p.number.value))
		}
	}
	if in == Narrow && len(s.Relative) > 1 { // "too big, anything smaller" says it once
		s.Relative = slices.Compact(s.Relative)
	}
}

// facet is where values of a class go, said and denied; nil: it is no facet.
func (s *Slots) facet(c class) (yes, no *Values) {
	switch c {
	case "category":
		return &s.Category, &s.CategoryNot
	case "kind":
		return &s.Kind, &s.KindNot
	case "shape":
		return &s.Shape, &s.ShapeNot
	case "colour":
		return &s.Colour, &s.ColourNot
	case "material":
		return &s.Material, &s.MaterialNot
	}
	return nil, nil
}

func ordinalSlots(ps []piece, in Intent, s *Slots) {
	var found []int
	for i := range ps {
		p := &ps[i]
		n := 0
		if v, ok := p.sense("firsts"); ok && in == Compare {
			k, _ := strconv.Atoi(v)
			for n := range k {
				found = append(found, n+1)
			}
			continue
		}
		switch {
		case p.class == "ordinal" && p.number.length > 0:
			n = int(p.number.value)
		case p.class == "ordinal":
			n, _ = strconv.Atoi(p.value)
		case in == Compare && p.number.length > 0 && p.number.value >= 1 && p.number.value <= 20 && p.class != "price":
			if !countsIn(ps, i) {
				continue
			}
			found = append(found, runOf(p)...)
			continue
		}
		if n != 0 {
			found = append(found, n)
		}
	}
	if in == Compare && len(found) == 1 && s.bareOne(ps) {
		found = nil
	}
	switch len(found) {
	case 0:
	case 1:
		s.Ordinal = found[0]
	default:
		s.Ordinals = found
	}
}

// countsIn says whether a number of a comparison counts: not the "one" of "the
// first one", only one beside other numbers.
func countsIn(ps []piece, i int) bool {
	if !ps[i].says("one") {
		return true
	}
	for _, k := range []int{i - 2, i - 1, i + 1, i + 2} {
		if k >= 0 && k < len(ps) && ps[k].number.length > 0 && ps[k].class != "price" {
			return true
		}
	}
	return false
}

// bareOne says whether the only number of a comparison is a "one" that counts
// nothing, as in "this one".
func (s *Slots) bareOne(ps []piece) bool {
	for i := range ps {
		if ps[i].class == "ordinal" {
			return false
		}
	}
	return true
}

// runOf reads the digits of "一二三", which is no number but a list.
func runOf(p *piece) (out []int) {
	if len(p.words) > 1 {
		for _, w := range p.words {
			v, ok := chineseDigit[w]
			if !ok {
				return []int{int(p.number.value)}
			}
			out = append(out, int(v))
		}
		return out
	}
	return []int{int(p.number.value)}
}

func (t *tongue) referenceSlots(ps []piece, in Intent, s *Slots) {
	for i := range ps {
		if ps[i].class != "" {
			continue
		}
		if ps[i].is("previous") && slices.Contains(remembering, in) {
			s.Reference.add("previous")
		}
		if ps[i].is("current") && t.pointsAt(ps, i, in) {
			s.Reference.add("current")
		}
	}
}

// pointsAt says whether a "this" at i means what is worn.
func (t *tongue) pointsAt(ps []piece, i int, in Intent) bool {
	next := func(k int) *piece {
		if i+k < len(ps) {
			return &ps[i+k]
		}
		return &piece{words: []string{""}}
	}
	p := &ps[i]
	switch {
	case p.says("those"):
		return next(1).class == "" && !next(1).says("two") && (in == Like || in == Dislike || in == Basket || in == Why || in == TryOn || in == Details)
	case p.says("that"):
		return (in == Like || in == Dislike || in == Why || in == Basket || in == TryOn || in == Next) && next(1).class != "kind" &&
			!next(1).says("are") && !next(1).says("would") && !next(1).says("i")
	case p.says("这"):
		return !next(1).is("attr") && next(1).class != "size" && next(1).class != "faceshape" && next(1).class != "fit" && !next(1).says("脸")
	case (p.says("this") || p.says("these")) && (next(1).says("kind") || next(1).says("two") || next(1).says("time")):
		return false
	}
	return true
}

func attributeSlots(ps []piece, in Intent, s *Slots) {
	var found Values
	for i := range ps {
		v, ok := ps[i].sense("attr")
		if ps[i].class == "too" && in == Fit {
			for _, w := range ps[i].words {
				if slices.Contains([]string{"wide", "narrow", "broad", "宽", "窄"}, w) {
					v, ok = "width", true
				}
			}
		}
		switch {
		case !ok || ps[i].class != "" && ps[i].class != "too":
		case v != "total":
			found.add(v)
		case in == Basket:
			found.add("price")
		}
		if in == Fit && ps[i].class == "" && slices.ContainsFunc(ps[i].words, func(w string) bool { return w == "wide" || w == "narrow" || w == "宽" || w == "窄" }) {
			found.add("width")
		}
	}
	if in == Details && len(found) == 0 && len(s.Material) > 0 {
		found.add("material")
	}
	if len(found) > 1 { // "how wide is the bridge" asks for the bridge
		exact := slices.DeleteFunc(slices.Clone(found), func(v string) bool { return v == "width" || v == "size" || v == "shape" || v == "colour" })
		if len(exact) > 0 {
			found = exact
		}
	}
	if in == Details && slices.Contains(found, "material") {
		s.Material = nil
	}
	keep := map[Intent][]string{
		Details: {"price", "size", "bridge", "temple", "width", "material", "stock", "brand", "weight", "pd", "colour", "shape"},
		Fit:     {"size", "bridge", "temple", "width"},
		Dislike: {"price", "size", "bridge", "temple", "width", "material", "weight", "colour", "shape", "brand"},
		Basket:  {"price"},
	}[in]
	s.Attribute = slices.DeleteFunc(found, func(v string) bool { return !slices.Contains(keep, v) })
	if len(s.Attribute) == 0 {
		s.Attribute = nil
	}
}

// quantity is how many are to be put into the basket; 0: not said.
func quantity(ps []piece, lang Language) int {
	for i := range ps {
		p := &ps[i]
		if p.class == "ordinal" || p.class == "price" {
			continue
		}
		if lang == Chinese && p.is("nearby") && (p.words[0] == "两" || p.words[0] == "俩") {
			return 2
		}
		if n := int(p.number.value); p.number.length > 0 && n >= 2 && n <= 50 {
			return n
		}
		if p.says("couple") {
			return 2
		}
	}
	return 0
}

// direction reads where the volume is to go.
func direction(ts []string, lang Language) string {
	s := " " + joined(ts) + " "
	if lang == Chinese {
		s = strings.ReplaceAll(s, " ", "")
	}
	for _, r := range directions[lang] {
		for _, w := range r.words {
			if strings.Contains(s, w) {
				return r.direction
			}
		}
	}
	return ""
}

// directions are tried in order; the first word found decides.
var directions = map[Language][]struct {
	direction string
	words     []string
}{
	English: {
		{"on", []string{" unmute", " back on", " sound on", " on again", " turn on", "voice on", " talk again", " speak again", " turn it on ", " turn the sound on", " volume on"}},
		{"down", []string{"quieter", "softer", " down", "lower", "less loud", "so loud", "too loud", "very loud", "that loud", "more quiet", "decrease", "reduce", "whisper", "shouting", " shout", "too noisy", "too high", "staring", "everyone can hear", "hurting"}},
		{"up", []string{"louder", " up ", "raise", "increase", "hear", "boost", "higher", "too quiet", "too low", "max", "deaf", "more loud"}},
		{"off", []string{"mute", "quiet", "silen", "shut", "hush", "shush", "stop", " off", "not talk", "not speak", "no sound", "no talking", "no voice", "zip", "enough"}},
	},
	Chinese: {
		{"on", []string{"打开", "取消静音", "恢复", "开启", "解除", "可以说话", "开声音", "开语音", "关闭静音", "可以出声", "可以讲话", "你说话吧", "声音开一下", "开起来", "开开"}},
		{"up", []string{"听不", "太小", "没声音", "声音小了", "大声", "大一点", "大点", "大些", "开大", "调大", "高", "响一点", "响点", "加大", "增", "有点小", "好小", "太轻", "听着费劲", "大一些", "音量加", "声音加", "最大", "上调", "放大", "大一"}},
		{"down", []string{"小声", "小一点", "小点", "小些", "关小", "调小", "低", "轻", "太吵", "太响", "太大", "有点吵", "好吵", "减", "好大", "有点大", "那么大", "这么大", "声音大了", "吵死", "太闹", "最小", "下调", "震耳", "小一"}},
		{"off", []string{"静", "闭嘴", "别", "不要", "关", "住口", "消音", "停止", "嘘", "不用说"}},
	},
}

// basketDeed reads what is to be done with the basket.
func (t *tongue) basketDeed(ts []string, s *Slots) BasketDeed {
	text := " " + joined(ts) + " "
	if t.lexicon.lang == Chinese {
		text = strings.ReplaceAll(text, " ", "")
	}
	for _, d := range deeds[t.lexicon.lang] {
		for _, w := range d.words {
			if strings.Contains(text, w) {
				return d.deed
			}
		}
	}
	return BasketAdd
}

var deeds = map[Language][]struct {
	deed  BasketDeed
	words []string
}{
	English: {
		{BasketEmpty, []string{" empty ", " clear ", " reset ", " clean out", " everything out", "remove everything", "delete everything", "remove all"}},
		{BasketRemove, []string{" remove ", " delete ", " take out", " out of ", " drop ", " from my basket", " from my cart", " from my bag", " from the ", "do not want", " throw ", " off "}},
		{BasketShow, []string{"what is in", "what do i have", "what have i", "how much", " show ", " open ", " view ", " see ", " go to ", " list ", " total", "anything in", "what did i", " check my", " look at", "is there anything", "how many", "where is my", " owe"}},
		{BasketCheckout, []string{" check out", " checkout", " pay ", " ring ", "my order", "the order", "ready to buy"}},
		{BasketAdd, []string{" add ", " put ", " buy ", " take ", " order ", " reserve ", " get "}},
		{BasketShow, []string{" basket ", " cart ", " bag "}},
	},
	Chinese: {
		{BasketEmpty, []string{"清空", "倒空", "清掉", "清除", "清理", "全部删", "所有东西"}},
		{BasketRemove, []string{"删", "去掉", "移除", "拿出", "拿掉", "移出", "移走", "拿走", "取出", "不要了", "去除", "取掉", "撤掉", "扔掉"}},
		{BasketCheckout, []string{"结账", "结算", "买单", "付款", "付钱", "埋单", "支付", "下单", "结一下", "结帐", "提交订单", "付账", "确认订单"}},
		{BasketShow, []string{"看", "打开", "查", "显示", "有什么", "有哪些", "有几", "有多少", "一共", "总共", "合计", "加起来", "总价", "算一下", "里有", "加在一起", "算下来", "总计", "里都有"}},
		{BasketAdd, []string{"加", "放", "买", "要", "拿", "丢进", "装", "订", "塞"}},
		{BasketShow, []string{"购物车", "购物篮", "购物袋", "篮子"}},
	},
}
