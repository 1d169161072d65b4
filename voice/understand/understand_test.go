package understand

import (
	"os"
	"strings"
	"sync"
	"testing"

	"cheval/assets"
	"cheval/catalog"
)

// shop is the starter catalogue's understander, without embeddings.
func shop(t testing.TB, e Embedder) *Understander {
	t.Helper()
	c, built, err := starter()
	if err != nil {
		t.Fatal(err)
	}
	u, err := New(c.All(), Options{Embedder: e, Trained: built})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// starter is the starter catalogue and the classifiers, read once.
func starter() (*catalog.Catalogue, *Trained, error) {
	built, err := onceBuilt()
	if err != nil {
		return nil, nil, err
	}
	c, err := catalog.Load(assets.Catalogue())
	return c, built, err
}

var onceBuilt = sync.OnceValues(Built)

func labelled(t testing.TB, name string) []Labelled {
	t.Helper()
	f, err := os.Open("../testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ls, err := ReadLabelled(f)
	if err != nil {
		t.Fatal(err)
	}
	return ls
}

// TestSentencesAreUnderstood holds the bounds for every set of sentences, each
// language by itself.
func TestSentencesAreUnderstood(t *testing.T) {
	u := shop(t, openMiniLM(t))
	for _, file := range []string{"sentences_dev.json", "sentences_more.json", "sentences_plain.json", "sentences_fresh.json", "sentences_held.json", "sentences_shoppers.json"} {
		if only := os.Getenv("CHEVAL_SENTENCES"); only != "" && only != file {
			continue
		}
		by := map[Language][]Understood{}
		for _, l := range labelled(t, file) {
			m := u.Understand(l.Text, l.Language)
			x := Understood{l, m}
			by[l.Language] = append(by[l.Language], x)
			if !x.Right() {
				t.Logf("%s: %q should be %s, was %s (%.2f, by %s)", file, l.Text, x.Label(), m.Label(), m.Confidence, m.By)
			}
		}
		for lang, us := range by {
			r := Evaluate(us)
			t.Logf("%s %s: %d sentences, intents %.3f (%.3f to %.3f), slots %.3f (%.3f to %.3f), out of scope %.3f at %.3f, calibration %.3f, asked back %d",
				file, lang, r.Sentences, r.Accuracy.Value, r.Accuracy.Low, r.Accuracy.High, r.SlotF1.Value, r.SlotF1.Low, r.SlotF1.High,
				r.OutOfScopeRecall.Value, r.InScopePrecision.Value, r.Calibration, r.AskedBack)
			if r.Accuracy.Value < 0.95 || r.SlotF1.Value < 0.95 {
				t.Errorf("%s %s: intents %.3f, slots %.3f: at least 0.95 of each is promised", file, lang, r.Accuracy.Value, r.SlotF1.Value)
			}
			if r.OutOfScopeRecall.Value < 0.85 || r.InScopePrecision.Value < 0.95 {
				t.Errorf("%s %s: out of scope: recall %.3f at precision %.3f", file, lang, r.OutOfScopeRecall.Value, r.InScopePrecision.Value)
			}
		}
	}
}

// TestNumbers reads amounts in words of both languages.
func TestNumbers(t *testing.T) {
	for text, want := range map[string]float64{
		"fifty": 50, "nine hundred and ninety nine": 999, "a thousand": 1000, "twelve hundred": 1200, "eight fifty": 850,
		"1.5 k": 1500, "1,200": 1200, "two thousand five hundred": 2500, "forty-five": 45, "a hundred": 100,
		"五百": 500, "一千二": 1200, "两百五": 250, "三千零五十": 3050, "一万二": 12000, "十五": 15, "百": 100, "500": 500, "3千": 3000, "二十": 20,
	} {
		lang := LanguageOf(text)
		ts := tokens(Clean(text), lang)
		n := numberAt(ts, lang)
		if n.value != want || n.length != len(ts) {
			t.Errorf("%q is read %v in %d of %d tokens, want %v", text, n.value, n.length, len(ts), want)
		}
	}
	if n := numberAt(tokens("八九百", Chinese), Chinese); n.value != 800 || n.high != 900 {
		t.Errorf("八九百 is read %v to %v", n.value, n.high)
	}
}

// TestHostileText survives what is no sentence.
func TestHostileText(t *testing.T) {
	u := shop(t, nil)
	for _, text := range []string{
		"", "   ", "\x00\x01", "<script>alert('black')</script>", strings.Repeat("black ", 10_000), strings.Repeat("黑", 10_000),
		"\xff\xfe\xfd", "show me \u202eblack\u202c frames", strings.Repeat("one ", 200), strings.Repeat("(", 500), "🕶️🕶️🕶️",
	} {
		m := u.Understand(text, "")
		if len([]rune(m.Text)) > maxRunes {
			t.Errorf("%.20q…: %d characters are kept", text, len([]rune(m.Text)))
		}
		if strings.ContainsAny(m.Text, "<\x00\u202e") {
			t.Errorf("%.20q…: markup or control characters stay in %q", text, m.Text)
		}
	}
	if m := u.Understand("<b>show me black frames</b>\x07", ""); m.Intent != Find || len(m.Slots.Colour) != 1 {
		t.Errorf("a sentence in markup is %s", m.Label())
	}
}

// TestTraditionalCharacters are read as recognisers write them.
func TestTraditionalCharacters(t *testing.T) {
	u := shop(t, nil)
	if m := u.Understand("有沒有便宜一點的太陽眼鏡", ""); m.Slots.Relative == nil || m.Slots.Kind == nil {
		t.Errorf("understood as %s", m.Label())
	}
}

// TestSlipsOfNames: a recogniser writes a name with a letter wrong.
func TestSlipsOfNames(t *testing.T) {
	u := shop(t, nil)
	for text, want := range map[string]string{
		"show me tortise frames": "tortoise", "any burgandy glasses": "burgundy",
	} {
		if m := u.Understand(text, English); len(m.Slots.Colour) != 1 || m.Slots.Colour[0] != want {
			t.Errorf("%q: %s", text, m.Label())
		}
	}
	if m := u.Understand("try on the butterfly", English); len(m.Products) != 1 || m.Products[0] != "butterfly" {
		t.Errorf("a product's name: %v, %s", m.Products, m.Label())
	}
}

func TestTaughtPhraseMeansWhatWasTaught(t *testing.T) {
	built, err := Built()
	if err != nil {
		t.Fatal(err)
	}
	u, err := New(nil, Options{Trained: built.WithPhrases([]Example{{Language: English, Text: "beam me up", Intent: AskStaff}})})
	if err != nil {
		t.Fatal(err)
	}
	if m := u.Understand("Beam me up!", English); m.Intent != AskStaff || m.Confidence < 0.9 {
		t.Errorf("taught, and yet %s (%.2f)", m.Intent, m.Confidence)
	}
}

func FuzzUnderstand(f *testing.F) {
	for _, l := range labelled(f, "sentences_dev.json") {
		f.Add(l.Text)
	}
	u := shop(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		m := u.Understand(text, "")
		if m.Confidence < 0 || m.Confidence > 1.0001 || m.Sentiment < -1 || m.Sentiment > 1 {
			t.Errorf("confidence %v, sentiment %v", m.Confidence, m.Sentiment)
		}
	})
}
