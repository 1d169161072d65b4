package answer

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cheval/assets"
	"cheval/catalog"
	"cheval/voice/dialogue"
	"cheval/voice/understand"
)

func writers(t *testing.T, stock dialogue.Stock) map[understand.Language]*Writer {
	t.Helper()
	out := map[understand.Language]*Writer{}
	for _, lang := range []understand.Language{understand.English, understand.Chinese} {
		w, err := NewWriter(lang, stock)
		if err != nil {
			t.Fatal(err)
		}
		out[lang] = w
	}
	return out
}

func starter(t *testing.T) *catalog.Catalogue {
	t.Helper()
	c, err := catalog.Load(assets.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	w := writers(t, starter(t))
	en, zh := w[understand.English].lines, w[understand.Chinese].lines
	for key := range en {
		if zh[key] == "" {
			t.Errorf("%s is not said in Chinese", key)
		}
	}
	for key := range zh {
		if en[key] == "" {
			t.Errorf("%s is not said in English", key)
		}
	}
}

func TestEveryIntentAndColourHasAName(t *testing.T) {
	lines := writers(t, starter(t))[understand.English].lines
	for _, in := range understand.Intents() {
		if lines["intent."+string(in)] == "" {
			t.Errorf("intent %s has no name to ask back with", in)
		}
	}
	for _, c := range catalog.Colours() {
		if lines["colour."+c] == "" {
			t.Errorf("colour %s has no name", c)
		}
	}
	for _, s := range catalog.Shapes() {
		if lines["shape."+string(s)] == "" {
			t.Errorf("shape %s has no name", s)
		}
	}
}

func TestMoneyAndMillimetres(t *testing.T) {
	w := writers(t, starter(t))
	for _, c := range []struct {
		m      catalog.Money
		en, zh string
	}{
		{catalog.Money{Minor: 89900, Currency: "CNY"}, "899 yuan", "899元"},
		{catalog.Money{Minor: 129050, Currency: "EUR"}, "1,290.50 euros", "1,290.50欧元"},
		{catalog.Money{Minor: 100, Currency: "USD"}, "1 dollar", "1美元"},
		{catalog.Money{Minor: 1290, Currency: "JPY"}, "1,290 yen", "1,290日元"},
		{catalog.Money{Minor: 500, Currency: "CHF"}, "5 CHF", "5 CHF"},
	} {
		if got := w[understand.English].Money(c.m); got != c.en {
			t.Errorf("%v is said %q, not %q", c.m, got, c.en)
		}
		if got := w[understand.Chinese].Money(c.m); got != c.zh {
			t.Errorf("%v is said %q, not %q", c.m, got, c.zh)
		}
	}
	for v, want := range map[float64]string{1: "1 millimetre", 2.3: "2.5 millimetres", 136.2: "136 millimetres", 0.5: "0.5 millimetres"} {
		if got := w[understand.English].millimetres(v); got != want {
			t.Errorf("%v mm is said %q, not %q", v, got, want)
		}
	}
}

// stock is a shop of one product.
type stock struct{ p *catalog.Product }

func (s stock) All() []*catalog.Product { return []*catalog.Product{s.p} }
func (s stock) Product(id string) *catalog.Product {
	if id == s.p.ID {
		return s.p
	}
	return nil
}

// TestHostileNameIsSaidSafely: HTML and control characters of a product's name
// are neither shown nor spoken.
func TestHostileNameIsSaidSafely(t *testing.T) {
	p := *starter(t).Product("aria")
	p.Name = map[string]string{"en": "<b>Evil</b>\x00\u202e {price} <script>x</script>" + strings.Repeat("long ", 100)}
	w := writers(t, stock{&p})[understand.English]
	i := dialogue.Item{Product: "aria"}
	a := w.Write([]dialogue.Say{{Key: "like", Facts: map[string]dialogue.Fact{"product": {Kind: dialogue.Name, Value: i, Source: "x"}}}})
	text := a.Text(understand.English)
	if strings.ContainsAny(text, "<>{}\x00\u202e") || len(text) > 200 || !strings.Contains(text, "Evil") {
		t.Errorf("said %q", text)
	}
}

func TestOtherWordsMustStayWithTheFacts(t *testing.T) {
	names := []string{"Aria", "Lune"}
	answer := "Aria costs 899 yuan."
	for said, want := range map[string]bool{
		"Sure, the Aria is 899 yuan!":        true,
		"The Aria costs just 799 yuan.":      false, // another number
		"Aria costs 899 yuan, Lune 759.":     false, // another product
		"Aria costs nine hundred yuan.":      false, // a number in words
		"Try Lune instead of Aria.":          false,
		"":                                   false,
		strings.Repeat("Aria is nice. ", 40): false,
		"Aria costs 899 yuan, two of them":   false,
		"Lunettes? Aria costs 899 yuan.":     true, // no product's name by itself
	} {
		if got := Faithful(said, answer, names); got != want {
			t.Errorf("%q is faithful: %v", said, got)
		}
	}
}

func TestLanguageModelStaysOnTheMachine(t *testing.T) {
	for _, address := range []string{"http://example.com/v1", "https://10.0.0.1:8080", "http://localhost.evil.com"} {
		if _, err := NewModel(address, "m", false); !errors.Is(err, ErrNotHere) {
			t.Errorf("%s is taken: %v", address, err)
		}
	}
	if _, err := NewModel("nonsense", "m", true); err == nil {
		t.Error("nonsense is an address")
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Messages []struct{ Content string }
		}
		if json.NewDecoder(r.Body).Decode(&in) != nil || !strings.Contains(in.Messages[1].Content, "899") || r.URL.Path != "/v1/chat/completions" {
			w.WriteHeader(http.StatusBadRequest)
		}
		w.Write([]byte(`{"choices":[{"message":{"content":"It is 899 yuan."}}]}`))
	}))
	defer s.Close()
	m, err := NewModel(s.URL+"/v1", "m", false)
	if err != nil {
		t.Fatal(err)
	}
	if said, err := m.Phrase(t.Context(), understand.English, "how much", "Aria costs 899 yuan."); err != nil || said != "It is 899 yuan." {
		t.Errorf("%q, %v", said, err)
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("<b>Aria</b>\x00")
	f.Add("玳瑁 {price}")
	f.Fuzz(func(t *testing.T, s string) {
		p := Plain(s, 40)
		if strings.ContainsAny(p, "<>{}\x00\n") || len([]rune(p)) > 41 {
			t.Errorf("%q is shown as %q", s, p)
		}
	})
}
