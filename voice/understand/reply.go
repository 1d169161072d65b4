package understand

import (
	"slices"
	"strings"
)

// replyOf says whether a short sentence can answer yes or no.
func replyOf(ts []string) Reply {
	ts = slices.DeleteFunc(slices.Clone(ts), func(t string) bool { return t == pause })
	if len(ts) == 0 || len(ts) > 6 {
		return NoReply
	}
	whole := joined(ts)
	if LanguageOf(whole) == Chinese {
		whole = strings.ReplaceAll(whole, " ", "")
	}
	for _, w := range []string{"no", "not", "never", "cancel", "stop", "do not", "rather not", "keep", "wait", "不", "别", "算了", "否", "取消", "没有", "等等", "先不"} {
		if whole == w || strings.HasPrefix(whole, w+" ") || LanguageOf(w) == Chinese && strings.HasPrefix(whole, w) {
			return No
		}
	}
	for _, w := range []string{"yes", "sure", "ok", "correct", "right", "exactly", "do it", "go ahead", "please do", "confirm", "confirmed", "of course", "absolutely", "definitely", "fine", "please",
		"是", "对", "好", "可以", "行", "嗯", "确定", "确认", "没错", "要", "当然", "删吧", "同意"} {
		if whole == w || strings.HasPrefix(whole, w+" ") || LanguageOf(w) == Chinese && strings.HasPrefix(whole, w) {
			return Yes
		}
	}
	return NoReply
}

// Words that please and displease. "!" in front: only as a whole sentence's mood.
var (
	pleased = []string{"love", "like", "great", "nice", "beautiful", "perfect", "gorgeous", "cool", "awesome", "wonderful", "lovely",
		"pretty", "amazing", "good", "excellent", "stunning", "cute", "elegant", "stylish", "wow", "favourite", "favourites", "happy", "fantastic", "brilliant", "thanks", "thank", "adore", "flattering",
		"喜欢", "好看", "漂亮", "不错", "美", "完美", "赞", "棒", "爱了", "满意", "酷", "帅", "谢谢", "洋气", "时髦", "心动", "收藏", "可爱", "优雅", "精致"}
	displeased = []string{"ugly", "hate", "awful", "terrible", "horrible", "bad", "silly", "weird", "ridiculous", "hideous", "boring", "dislike", "uncomfortable", "yuck", "ew", "ugh", "stupid",
		"annoying", "hurts", "expensive", "pricey", "disappointed", "useless", "old", "gross", "tacky", "meh", "wrong", "pinch", "slip",
		"丑", "难看", "讨厌", "奇怪", "土", "显老", "傻", "贵", "老气", "俗", "烦", "失望", "疼", "不行", "怪", "不舒服", "别扭", "差"}
	denying = []string{"not", "no", "never", "不", "没", "别", "无"}
)

// sentiment is from -1 to 1. A complaint ("too big") displeases, a wish
// ("something bigger") does not.
func sentiment(t *tongue, ps []piece, symbols []string, in Intent) float64 {
	score := 0.0
	text := " " + joined(symbols) + " "
	if t.lexicon.lang == Chinese {
		text = strings.ReplaceAll(text, " ", "")
	}
	count := func(words []string, by float64) {
		for _, w := range words {
			if LanguageOf(w) != t.lexicon.lang {
				continue
			}
			at := w
			if t.lexicon.lang == English {
				at = " " + w + " "
			}
			if k := strings.Index(text, at); k >= 0 {
				if denied(text[:k], t.lexicon.lang) {
					by = -by
				}
				score += by
			}
		}
	}
	count(pleased, 0.5)
	count(displeased, -0.5)
	for i := range ps {
		if ps[i].class == "too" && in != Fit && in != Details {
			score -= 0.5
		}
	}
	switch in {
	case Like:
		score = max(score, 0.5)
	case Dislike:
		score = min(score, -0.5)
	case Find, Narrow, Recommend, Volume, Erase, OutOfScope, Fit, Details, AskStaff:
		score /= 2 // "I'd like" asks, and praises nothing
	}
	return max(-1, min(1, score))
}

// denied says whether one of the last words before is a no.
func denied(before string, lang Language) bool {
	words := strings.Fields(before)
	if lang == Chinese {
		for _, w := range denying {
			if strings.HasSuffix(before, w) || strings.HasSuffix(strings.TrimRight(before, "太很怎么是大那"), w) {
				return !strings.HasSuffix(before, "不不") && w != "no"
			}
		}
		return false
	}
	for _, w := range words[max(0, len(words)-3):] {
		if slices.Contains(denying, w) {
			return true
		}
	}
	return false
}
