package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cheval/assets/i18n"
	"cheval/catalog"
	"cheval/catalog/exchange"
	"cheval/catalog/store"
	"cheval/models/weights"
	"cheval/recommender"
	"cheval/recommender/people"
	"cheval/studio/enhance"
	"cheval/studio/generate"
	"cheval/studio/photo"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"
	"cheval/voice/understand"
)

// raw reads a translation file: each text, or each of its plural forms.
func raw(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	data, err := i18n.Files.ReadFile(lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for k, v := range m {
		forms := map[string]string{}
		var s string
		if json.Unmarshal(v, &s) == nil {
			forms["other"] = s
		} else if err := json.Unmarshal(v, &forms); err != nil {
			t.Fatalf("%s: %s: %v", lang, k, err)
		}
		out[k] = forms
	}
	return out
}

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

func placeholders(s string) []string {
	var p []string
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		p = append(p, m[1])
	}
	slices.Sort(p)
	return slices.Compact(p)
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	en, zh := raw(t, "en"), raw(t, "zh")
	for k, forms := range en {
		other, ok := zh[k]
		if !ok {
			t.Errorf("%s is missing in Chinese", k)
			continue
		}
		want := placeholders(forms["other"])
		for lang, f := range map[string]map[string]string{"en": forms, "zh": other} {
			for form, s := range f {
				if strings.TrimSpace(s) == "" {
					t.Errorf("%s %s (%s) is empty", lang, k, form)
				}
				if !slices.Equal(placeholders(s), want) {
					t.Errorf("%s %s (%s) has %v, want %v", lang, k, form, placeholders(s), want)
				}
			}
		}
	}
	for k := range zh {
		if en[k] == nil {
			t.Errorf("%s is missing in English", k)
		}
	}
}

// The Chinese font draws curly quotes and the ellipsis as wide as a Chinese character.
func TestEnglishHasNoWideQuotes(t *testing.T) {
	for k, forms := range raw(t, "en") {
		for _, s := range forms {
			if strings.ContainsAny(s, "“”‘’…") {
				t.Errorf("%s: %q", k, s)
			}
		}
	}
}

func TestChineseIsChinese(t *testing.T) {
	same := []string{"app.name", "device.cpu", "device.cuda", "status.fps", "generate.name", "generate.of", "generate.comma"}
	for k, forms := range raw(t, "zh") {
		if strings.HasPrefix(k, "unit.") || k == "card.face_width" || k == "catalogue.angle" || slices.Contains(same, k) {
			continue
		}
		if !strings.ContainsFunc(forms["other"], func(r rune) bool { return r >= 0x4e00 && r < 0xa000 }) {
			t.Errorf("%s: %q", k, forms["other"])
		}
	}
}

// designed are the categories that the designer which ships knows.
func designed() []string {
	b, err := weights.Read("designer.tables.json")
	if err != nil {
		panic(err)
	}
	var tables struct{ Categories []string }
	if err := json.Unmarshal(b, &tables); err != nil {
		panic(err)
	}
	return tables.Categories
}

// Keys that are put together in code, from values that other packages know.
func builtKeys() []string {
	var keys []string
	for _, s := range catalog.Shapes() {
		keys = append(keys, "shape."+string(s))
	}
	for _, c := range catalog.Colours() {
		keys = append(keys, "colour."+c)
	}
	for _, m := range []catalog.Material{catalog.Acetate, catalog.Metal, catalog.Rimless} {
		keys = append(keys, "material."+string(m))
	}
	for _, k := range kindsInOrder {
		keys = append(keys, "kind."+string(k))
	}
	for _, h := range []perceive.Hint{perceive.HintCloser, perceive.HintBack, perceive.HintLight, perceive.HintFaceMirror, perceive.HintHoldStill, "none", "starting"} {
		keys = append(keys, "hint."+string(h))
	}
	for _, w := range []perceive.CardWhy{perceive.CardNoFace, perceive.CardNotSeen, perceive.CardFar, perceive.CardTurned, perceive.CardMoving, perceive.CardEyes, perceive.CardUnsteady} {
		keys = append(keys, "card."+string(w))
	}
	for _, part := range []string{"width", "bridge", "pupil"} {
		for _, b := range []fit.Band{fit.Good, fit.Narrow, fit.Wide, fit.TooFar, fit.TooTight} {
			if b != fit.Good || part == "width" {
				keys = append(keys, "fit."+part+"."+string(b))
			}
		}
	}
	for _, s := range tourSteps() {
		keys = append(keys, "tour."+s.key+".title", "tour."+s.key+".text")
	}
	for _, s := range sourceKinds {
		keys = append(keys, "source."+s)
	}
	for _, d := range devices {
		keys = append(keys, "device."+d)
	}
	for _, s := range themes {
		keys = append(keys, "settings.theme_"+s)
	}
	for _, s := range []people.TicketState{people.TicketOpen, people.TicketSold, people.TicketUnsold} {
		keys = append(keys, "ticket.state."+string(s))
	}
	for _, k := range recommender.EventKinds() {
		keys = append(keys, "event."+string(k))
	}
	for _, k := range []recommender.ReasonKind{recommender.Liked, recommender.Disliked, recommender.Stating, recommender.Popular,
		recommender.Fits, recommender.Now, recommender.Pattern, recommender.Others, recommender.Diversity, recommender.Pinned, recommender.Boosted,
		recommender.Explored, recommender.BrandMost, recommender.ShopOrder} {
		keys = append(keys, "why."+string(k))
	}
	for _, k := range []string{"cheaper", "not", "less-like", "without"} {
		keys = append(keys, "why.change."+k)
	}
	for _, i := range understand.Intents() {
		if i != understand.OutOfScope {
			keys = append(keys, "intent."+string(i))
		}
	}
	for _, i := range []understand.Intent{understand.Find, understand.Details} {
		for _, f := range slotChoices(i) {
			for _, v := range f.values {
				keys = append(keys, f.name+"."+v)
			}
		}
	}
	for _, c := range designed() {
		keys = append(keys, "generate.category."+c)
	}
	for _, d := range []generate.Doubt{generate.DoubtCopy, generate.DoubtCategory, generate.DoubtColour, generate.DoubtPoor} {
		keys = append(keys, "generate.doubt."+string(d))
	}
	for _, m := range voiceModes {
		keys = append(keys, "settings.listen_"+m)
	}
	for _, s := range standings {
		keys = append(keys, "stock."+string(s))
	}
	for _, k := range []store.ChangeKind{store.Import, store.Edit, store.Publish, store.Withdraw, store.Remove, store.Photos, store.Generate} {
		keys = append(keys, "change."+string(k))
	}
	for _, f := range []exchange.Format{exchange.Shopify, exchange.Feed, exchange.Table} {
		keys = append(keys, "import.format."+string(f))
	}
	for _, f := range append([]exchange.Field{"none"}, exchange.Fields()...) {
		keys = append(keys, "import.field."+string(f))
	}
	for _, m := range modelNames {
		keys = append(keys, "model."+m)
	}
	for _, s := range []catalog.Size{catalog.Narrow, catalog.Medium, catalog.Wide} {
		keys = append(keys, "insights.size."+string(s))
	}
	for _, r := range []string{"record", "handle", "price", "size", "wearable", "picture", "megapixels", "resolution", "background", "product",
		"margin", "fill", "contrast", "looks-different", "preview"} {
		keys = append(keys, "edit.rule."+r)
	}
	for _, d := range []string{"left-lens", "right-lens", "rimless", "symmetry", "proportion", "contour", "scale", "width", "lens-width"} {
		keys = append(keys, "edit.doubt."+d)
	}
	for _, k := range []photo.Kind{photo.Blurred, photo.Dark, photo.Overexposed, photo.Cropped, photo.TooSmall, photo.Animated, photo.NoProduct, photo.NoCorrection} {
		keys = append(keys, "edit.problem."+string(k))
	}
	for _, b := range []enhance.Backdrop{enhance.White, enhance.Grey, enhance.Transparent} {
		keys = append(keys, "edit.backdrop."+string(b))
	}
	for _, s := range []enhance.Shadow{enhance.NoShadow, enhance.Soft, enhance.Contact} {
		keys = append(keys, "edit.shadow."+string(s))
	}
	for _, c := range enhance.ColourNames() {
		keys = append(keys, "edit.colour."+c)
	}
	for _, s := range sections {
		keys = append(keys, s.key)
	}
	for _, p := range problems {
		keys = append(keys, "trouble."+p+".title", "trouble."+p+".text")
	}
	return keys
}

// Every key that the code asks for is there, and every text is asked for.
func TestEveryTextIsThereAndUsed(t *testing.T) {
	en := raw(t, "en")
	for _, k := range builtKeys() {
		if en[k] == nil {
			t.Errorf("%s is missing", k)
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := ""
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code += string(data)
	}
	for _, m := range regexp.MustCompile(`\.t\("([a-z0-9_.]+[a-z0-9])"`).FindAllStringSubmatch(code, -1) {
		if en[m[1]] == nil {
			t.Errorf("the code asks for %s, which is missing", m[1])
		}
	}
	built := builtKeys()
	for k := range en {
		parts := strings.Split(k, ".")
		last := parts[len(parts)-1]
		found := slices.Contains(built, k) || strings.Contains(code, `"`+k+`"`) ||
			strings.Contains(code, `"`+strings.TrimSuffix(k, last)) && (strings.Contains(code, `"`+last+`"`) || strings.Contains(code, last)) ||
			len(parts) == 3 && strings.Contains(code, `"`+parts[0]+`."`) && strings.Contains(code, `"`+parts[1]+`"`)
		if !found {
			t.Errorf("nothing asks for %s", k)
		}
	}
}

func translatorFor(t *testing.T, lang string) *translator {
	t.Helper()
	b, err := newBundle()
	if err != nil {
		t.Fatal(err)
	}
	return newTranslator(b, lang)
}

func TestPricesAsAShopWritesThem(t *testing.T) {
	en, zh := translatorFor(t, "en"), translatorFor(t, "zh")
	for _, c := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{89900, "CNY", "¥899"}, {119000, "CNY", "¥1,190"}, {19950, "EUR", "€199.50"}, {12900, "USD", "$129"},
		{24800, "JPY", "¥24,800"}, {50, "GBP", "£0.50"}, {0, "EUR", "€0"}, {12345, "CHF", "CHF 123.45"},
		{100, "???", "100 ???"},
	} {
		for _, tr := range []*translator{en, zh} {
			if got := tr.price(catalog.Money{Minor: c.minor, Currency: c.currency}); got != c.want {
				t.Errorf("%s: %d %s: %q, want %q", tr.lang, c.minor, c.currency, got, c.want)
			}
		}
	}
}

func TestConvertKnowsEachCurrencysSmallestUnit(t *testing.T) {
	for _, c := range []struct {
		from catalog.Money
		to   string
		rate float64
		want int64
	}{
		{catalog.Money{Minor: 89900, Currency: "CNY"}, "EUR", 0.13, 11687},
		{catalog.Money{Minor: 89900, Currency: "CNY"}, "JPY", 20.5, 18430},
		{catalog.Money{Minor: 18430, Currency: "JPY"}, "CNY", 0.05, 92150},
	} {
		if got := convert(c.from, c.to, c.rate); got.Minor != c.want || got.Currency != c.to {
			t.Errorf("%v at %v: %v, want %d %s", c.from, c.rate, got, c.want, c.to)
		}
	}
}

func TestPluralsAndUnknownKeys(t *testing.T) {
	en, zh := translatorFor(t, "en"), translatorFor(t, "zh")
	for n, want := range map[int]string{1: "1 piece", 2: "2 pieces"} {
		if got := en.t("catalogue.pieces", args{"n": n}); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
	if got := zh.t("catalogue.pieces", args{"n": 1}); got != "1 件" {
		t.Errorf("got %q", got)
	}
	if got := en.t("no.such.key"); got != "no.such.key" {
		t.Errorf("a missing text is %q, want its key", got)
	}
}
