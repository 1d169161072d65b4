package assistant

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cheval/assets"
	"cheval/catalog"
	"cheval/models/modelstest"
	"cheval/recommender"
	"cheval/voice/answer"
	"cheval/voice/dialogue"
	"cheval/voice/understand"
)

var update = flag.Bool("update", false, "write docs/voice-conversations.md")

const transcript = "../../docs/voice-conversations.md"

// turn is what is said, and what must come of it.
type turn struct {
	say    string
	intent understand.Intent
	deeds  []dialogue.Deed
	holds  string // of the answer
}

var conversations = map[understand.Language][]turn{
	understand.English: {
		{"Hi there! I'm looking for round glasses.", understand.Find, []dialogue.Deed{dialogue.ShowProducts}, "I found 5 products"},
		{"only the metal ones, please", understand.Narrow, []dialogue.Deed{dialogue.ShowProducts}, "There is one: Halo"},
		{"hmm, anything in acetate, under nine hundred?", understand.Find, []dialogue.Deed{dialogue.ShowProducts}, ""},
		{"let me try the second one on", understand.TryOn, []dialogue.Deed{dialogue.Wear}, "yuan"},
		{"does it fit me?", understand.Fit, []dialogue.Deed{dialogue.ShowFit}, "millimetre"},
		{"how much are these, and are they in stock?", understand.Details, []dialogue.Deed{dialogue.ShowDetails}, "in stock"},
		{"do you have this in green?", understand.Find, []dialogue.Deed{dialogue.ShowProducts}, ""},
		{"hm, too big", understand.Dislike, []dialogue.Deed{dialogue.Reject, dialogue.ShowProducts}, "aside"},
		{"put on the first one", understand.TryOn, []dialogue.Deed{dialogue.Wear}, "This is"},
		{"oh, I love these", understand.Like, []dialogue.Deed{dialogue.Keep}, "favourites"},
		{"what did I try before?", understand.History, []dialogue.Deed{dialogue.ShowHistory}, "2 products"},
		{"I'll take two of these", understand.Basket, []dialogue.Deed{dialogue.BasketAdd}, "2 pairs"},
		{"no wait, undo that", understand.Undo, []dialogue.Deed{dialogue.BasketRemove}, "Taken back"},
		{"can someone come and help me?", understand.AskStaff, []dialogue.Deed{dialogue.CallStaff}, "member of staff"},
		{"please delete all my data", understand.Erase, []dialogue.Deed{dialogue.ConfirmErase}, "cannot be undone"},
		{"yes", understand.Erase, []dialogue.Deed{dialogue.Erase}, "erased"},
	},
	understand.Chinese: {
		{"你好，我想看看圆框的眼镜", understand.Find, []dialogue.Deed{dialogue.ShowProducts}, "找到5款"},
		{"不要金属的", understand.Narrow, []dialogue.Deed{dialogue.ShowProducts}, ""},
		{"有没有便宜一点的", understand.Narrow, []dialogue.Deed{dialogue.ShowProducts}, ""},
		{"试一下第一副", understand.TryOn, []dialogue.Deed{dialogue.Wear}, "元"},
		{"适合我吗", understand.Fit, []dialogue.Deed{dialogue.ShowFit}, "毫米"},
		{"这个多少钱", understand.Details, []dialogue.Deed{dialogue.ShowDetails}, "元"},
		{"太小了", understand.Dislike, []dialogue.Deed{dialogue.Reject}, "如果不限价格"},
		{"给我推荐几副太阳镜", understand.Recommend, []dialogue.Deed{dialogue.ShowProducts}, "推荐"},
		{"第二副戴上看看", understand.TryOn, []dialogue.Deed{dialogue.Wear}, "这是"},
		{"为什么推荐这个", understand.Why, nil, ""},
		{"跟刚才那副对比一下", understand.Compare, []dialogue.Deed{dialogue.SideBySide}, "并排看"},
		{"这副我要了", understand.Basket, []dialogue.Deed{dialogue.BasketAdd}, "已放进购物车"},
		{"购物车里有什么", understand.Basket, []dialogue.Deed{dialogue.ShowBasket}, "一共"},
		{"今天天气怎么样", understand.OutOfScope, nil, "帮不上忙"},
		{"谢谢 再见", understand.Goodbye, []dialogue.Deed{dialogue.EndSession}, "再见"},
	},
}

// advice ranks by the recommender, for somebody who liked what the scene says.
type advice struct{ ranker *recommender.Ranker }

func (a advice) Suggest(ctx context.Context, n int) ([]recommender.Suggestion, error) {
	return a.ranker.Recommend(ctx, recommender.Person{}, recommender.Moment{Season: recommender.Summer}, recommender.Question{Count: n})
}

func starter(t *testing.T) (*catalog.Catalogue, *Assistant) {
	t.Helper()
	c, err := catalog.Load(assets.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	ranker, err := recommender.New(c.All(), recommender.Options{})
	if err != nil {
		t.Fatal(err)
	}
	store := modelstest.Store(t)
	runtime := modelstest.Runtime(t)
	lm, err := understand.OpenMiniLM(store, runtime)
	if err != nil {
		t.Fatalf("%v (run `make models`)", err)
	}
	a, err := New(c, Options{Adviser: advice{ranker}, Embedder: lm})
	if err != nil {
		t.Fatal(err)
	}
	return c, a
}

// face is the face before the mirror: 137 mm wide at the temples.
const face = 137.0

// judge stands in for the mirror's judgement: the same arithmetic on the front.
func judge(c *catalog.Catalogue, s dialogue.Scene) dialogue.Scene {
	s.Person = dialogue.Person{PDMM: 62.5, PDErrorMM: 1, FaceWidthMM: face}
	if s.Worn == nil {
		return s
	}
	e := c.Product(s.Worn.Product).Eyewear
	front := float64(e.Overall())
	band := map[bool]string{true: "good", false: "wide"}[front-face < 4]
	if front-face < -6 {
		band = "narrow"
	}
	s.Fit = &dialogue.Fit{Known: true, FaceWidthMM: face, FrontWidthMM: front, WidthMM: front - face, Width: band,
		Bridge: "good", Pupil: "good", NoseWidthMM: float64(e.Bridge), BridgeMM: float64(e.Bridge), ErrorMM: 2}
	return s
}

// TestConversations runs a visit in each language without a screen: what is
// done, what is answered, and that every number in it is a fact.
func TestConversations(t *testing.T) {
	var doc strings.Builder
	doc.WriteString("# Conversations with the mirror\n\nWritten by `go test ./voice/assistant -run Conversations -update`: the starter catalogue, a face 137 mm wide, no screen. In brackets what the app is told to do; below each answer its facts and where they are from.\n")
	for _, lang := range []understand.Language{understand.English, understand.Chinese} {
		c, a := starter(t)
		fmt.Fprintf(&doc, "\n## %s\n", map[understand.Language]string{understand.English: "English", understand.Chinese: "中文"}[lang])
		scene := judge(c, dialogue.Scene{})
		for i, turn := range conversations[lang] {
			r, err := a.Hear(t.Context(), turn.say, lang, scene)
			if err != nil {
				t.Fatal(err)
			}
			check(t, turn, r)
			write(&doc, i+1, turn.say, r)
			for _, do := range r.Actions {
				scene = judge(c, scene.Do(do))
			}
		}
	}
	if *update {
		if err := os.WriteFile(transcript, []byte(doc.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(filepath.FromSlash(transcript))
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != doc.String() {
		t.Errorf("the conversations differ from %s; look at them and run with -update:\n%s", transcript, doc.String())
	}
}

func check(t *testing.T, want turn, r Response) {
	t.Helper()
	if want.intent != "" && r.Meaning.Intent != want.intent {
		t.Errorf("%q is %s (%.2f), not %s", want.say, r.Meaning.Label(), r.Meaning.Confidence, want.intent)
	}
	var deeds []dialogue.Deed
	for _, a := range r.Actions {
		deeds = append(deeds, a.Deed)
	}
	if !slices.Equal(deeds, want.deeds) {
		t.Errorf("%q does %v, not %v", want.say, deeds, want.deeds)
	}
	if !strings.Contains(r.Text, want.holds) || r.Text == "" {
		t.Errorf("%q is answered %q, without %q", want.say, r.Text, want.holds)
	}
	grounded(t, r)
}

// grounded fails for a number in an answer that is none of its facts.
func grounded(t *testing.T, r Response) {
	t.Helper()
	rest := r.Text
	for _, f := range r.Answer.Facts {
		if f.Source == "" {
			t.Errorf("%q: %q has no source", r.Text, f.Value)
		}
		rest = strings.ReplaceAll(rest, f.Value, "")
	}
	if i := strings.IndexAny(rest, "0123456789"); i >= 0 && r.Meaning.Intent != understand.Help {
		t.Errorf("%q has a number that is no fact: %q", r.Text, rest[i:])
	}
}

func write(doc *strings.Builder, n int, said string, r Response) {
	fmt.Fprintf(doc, "\n%d. **%s**\n", n, said)
	if len(r.Actions) > 0 {
		var deeds []string
		for _, a := range r.Actions {
			deeds = append(deeds, string(a.Deed))
		}
		fmt.Fprintf(doc, "   *[%s: %s]*\n", r.Meaning.Label(), strings.Join(deeds, ", "))
	} else {
		fmt.Fprintf(doc, "   *[%s]*\n", r.Meaning.Label())
	}
	fmt.Fprintf(doc, "   %s\n", r.Text)
	for _, f := range once(r.Answer.Facts) {
		fmt.Fprintf(doc, "   - %s ← `%s`\n", f.Value, f.Source)
	}
}

func once(facts []answer.Fact) (out []answer.Fact) {
	for _, f := range facts {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}
