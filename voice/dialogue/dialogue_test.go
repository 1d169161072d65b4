package dialogue

import (
	"context"
	"slices"
	"sync"
	"testing"

	"cheval/assets"
	"cheval/catalog"
	"cheval/recommender"
	"cheval/voice/understand"
)

// talk is a conversation about the starter catalogue, without models.
type talk struct {
	t     *testing.T
	stock *catalog.Catalogue
	u     *understand.Understander
	c     *Conversation
	scene Scene
}

func newTalk(t *testing.T) *talk {
	t.Helper()
	s, err := starter()
	if err != nil {
		t.Fatal(err)
	}
	return &talk{t, s.stock, s.u, New(s.stock, nil), Scene{}}
}

// shop is the starter catalogue with its grammar, compiled once.
type shop struct {
	stock *catalog.Catalogue
	u     *understand.Understander
}

var starter = sync.OnceValues(func() (shop, error) {
	stock, err := catalog.Load(assets.Catalogue())
	if err != nil {
		return shop{}, err
	}
	u, err := understand.New(stock.All(), understand.Options{})
	return shop{stock, u}, err
})

// say says a sentence and does what follows.
func (k *talk) say(text string) Turn {
	k.t.Helper()
	turn, err := k.c.Answer(k.t.Context(), k.u.Understand(text, ""), k.scene)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, a := range turn.Actions {
		k.scene = k.scene.Do(a)
	}
	return turn
}

func (k *talk) keys(turn Turn) (out []string) {
	for _, s := range turn.Says {
		out = append(out, s.Key)
	}
	return out
}

func (k *talk) expect(text string, keys ...string) Turn {
	k.t.Helper()
	turn := k.say(text)
	if got := k.keys(turn); !slices.Equal(got, keys) {
		k.t.Errorf("%q (%s) is answered by %v, not %v", text, turn.Meaning.Label(), got, keys)
	}
	return turn
}

// TestFiltersAccumulate: each wish narrows, "not that" denies, a facet named
// anew replaces itself, and undo goes back one by one.
func TestFiltersAccumulate(t *testing.T) {
	k := newTalk(t)
	count := func(text string) int { return len(k.say(text).Items) }
	all := count("show me sunglasses")
	black := count("in black")
	cheap := count("under 900")
	if !(all > black && black > cheap && cheap > 0) {
		t.Errorf("%d, %d, %d products", all, black, cheap)
	}
	f := k.c.Filter()
	if len(f.Kind) != 1 || f.Colour[0] != "black" || f.PriceMax != 900 {
		t.Errorf("looking for %+v", f)
	}
	k.say("no aviators")
	k.say("rather in gold")
	if f := k.c.Filter(); f.Colour[0] != "gold" || len(f.Colour) != 1 || f.ShapeNot[0] != "aviator" || f.PriceMax != 900 {
		t.Errorf("looking for %+v", f)
	}
	k.expect("undo that", "undo.done")
	if f := k.c.Filter(); f.Colour[0] != "black" {
		t.Errorf("after undo: %+v", f)
	}
	if n := count("show me sunglasses"); n != all {
		t.Errorf("a new search finds %d, not %d", n, all)
	}
}

// TestCheaperIsMeasuredAgainstWhatIsWorn and stays a bound.
func TestCheaperIsMeasuredAgainstWhatIsWorn(t *testing.T) {
	k := newTalk(t)
	k.say("show me sunglasses")
	k.say("try on Gala")
	if k.scene.Worn == nil || k.scene.Worn.Product != "gala" {
		t.Fatalf("worn: %v", k.scene.Worn)
	}
	for _, i := range k.say("something cheaper").Items {
		if p := k.stock.Product(i.Product); p.Variants[0].Price.Minor >= 115000 {
			t.Errorf("%s costs %v", p.ID, p.Variants[0].Price)
		}
	}
	k.say("in black")
	if f := k.c.Filter(); f.PriceMax == 0 || f.PriceMax >= 1150 {
		t.Errorf("the bound is gone: %+v", f)
	}
}

func TestReferences(t *testing.T) {
	k := newTalk(t)
	k.say("show me round glasses")
	shown := slices.Clone(k.scene.Shown)
	k.say("try the second one")
	k.say("next")
	if *k.scene.Worn != shown[2] {
		t.Errorf("next of the second is %v", *k.scene.Worn)
	}
	k.say("go back")
	if *k.scene.Worn != shown[1] {
		t.Errorf("back is %v", *k.scene.Worn)
	}
	k.say("the last one")
	if *k.scene.Worn != shown[len(shown)-1] {
		t.Errorf("the last is %v", *k.scene.Worn)
	}
	if turn := k.say("compare this with the previous one"); len(turn.Items) != 2 || turn.Items[0] != shown[len(shown)-1] {
		t.Errorf("compared %v", turn.Items)
	}
	if turn := k.say("compare these with the first one"); len(turn.Items) != 2 || turn.Items[0] != shown[0] {
		t.Errorf("\"the first one\" counted its one: %v", turn.Items)
	}
	if turn := k.say("what's the most expensive one"); turn.Items[0].Product != "quota" {
		t.Errorf("the most expensive is %v", turn.Items[0])
	}
	k.say("show me round glasses")
	k.expect("try on number nine", "only")
	k.say("take them off")
	if k.scene.Worn != nil {
		t.Error("still worn")
	}
	k.expect("take them off", "take_off.nothing")
}

func TestErasingTakesOneYes(t *testing.T) {
	k := newTalk(t)
	k.say("try on Aria")
	k.expect("delete all my data", "erase.ask")
	if turn := k.expect("no", "erase.kept"); len(turn.Actions) != 0 {
		t.Errorf("done all the same: %v", turn.Actions)
	}
	k.expect("忘掉我", "erase.ask")
	if turn := k.expect("是的", "erase.done"); len(turn.Actions) != 1 || turn.Actions[0].Deed != Erase {
		t.Errorf("not erased: %v", turn.Actions)
	}
	k.expect("undo", "undo.nothing")
	k.expect("delete all my data", "erase.ask")
	k.expect("how are you", "greet") // another topic is no yes
	if turn := k.say("yes"); slices.ContainsFunc(turn.Actions, func(a Action) bool { return a.Deed == Erase }) {
		t.Error("an old question was answered")
	}
}

// TestAskingBack: two choices under the confidence that decides, and the
// choice is acted upon.
func TestAskingBack(t *testing.T) {
	k := newTalk(t)
	k.say("try on Aria")
	m := understand.Meaning{Text: "this", Language: understand.English, Intent: understand.Like, Confidence: 0.4,
		Alternatives: []understand.Alternative{{Intent: understand.Basket, Confidence: 0.3, Basket: understand.BasketAdd}}}
	turn, err := k.c.Answer(t.Context(), m, k.scene)
	if err != nil || len(turn.Actions) != 1 || turn.Actions[0].Deed != Offer || len(turn.Actions[0].Choices) != 2 {
		t.Fatalf("asked back by %v, %v", turn.Actions, err)
	}
	k.say("the second")
	if len(k.scene.Basket) != 1 || k.scene.Basket[0].Product != "aria" {
		t.Errorf("the basket: %v", k.scene.Basket)
	}
}

func TestBasketByVoice(t *testing.T) {
	k := newTalk(t)
	k.expect("what's in my basket", "basket.none")
	k.say("try on Lune")
	k.say("put two of these in my basket")
	k.say("try on Aria")
	k.say("add it to the cart")
	turn := k.expect("how much is it all together in my cart", "basket.has", "basket.total")
	if m := turn.Says[1].Facts["price"].Value.(catalog.Money); m.Minor != 2*75900+89900 {
		t.Errorf("total %v", m)
	}
	k.say("remove the first one from my basket")
	if len(k.scene.Basket) != 1 || k.scene.Basket[0].Product != "aria" {
		t.Errorf("left: %v", k.scene.Basket)
	}
	k.expect("undo", "undo.done")
	if len(k.scene.Basket) != 2 {
		t.Errorf("after undo: %v", k.scene.Basket)
	}
	k.expect("let me check out", "basket.has", "basket.total", "basket.pay")
	k.say("empty my basket")
	if len(k.scene.Basket) != 0 {
		t.Errorf("not empty: %v", k.scene.Basket)
	}
}

// TestReactionsGoToTheRecommender with their sentiment.
func TestReactionsGoToTheRecommender(t *testing.T) {
	k := newTalk(t)
	k.say("try on Aria")
	for text, kind := range map[string]recommender.EventKind{"hm, too big": recommender.Dislike, "I love these": recommender.Like} {
		e := k.say(text).Event
		if e == nil || e.Kind != kind || e.Product != "aria" || e.Variant == "" || (e.Sentiment > 0) != (kind == recommender.Like) {
			t.Errorf("%q gives %+v", text, e)
			continue
		}
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestNothingFoundSaysWhichWishToGiveUp(t *testing.T) {
	k := newTalk(t)
	turn := k.expect("show me round sunglasses under 100", "find.none_but")
	if turn.Says[0].Facts["wish"].Value != "wish.price" || turn.Says[0].Facts["count"].Value.(int) == 0 {
		t.Errorf("said %+v", turn.Says[0])
	}
}

func TestFitOfWhatIsNotMeasured(t *testing.T) {
	k := newTalk(t)
	k.expect("does it fit me", "which")
	k.say("try on Aria")
	k.expect("does it fit me", "fit.unknown")
	k.expect("what's my pupillary distance", "pd.unknown")
	k.scene.Person = Person{PDMM: 63, PDErrorMM: 1, FaceWidthMM: 130}
	k.expect("does it fit me", "fit.compare.wider")
	k.expect("what's my pupillary distance", "pd")
}

// TestEveryIntentIsAnswered, whatever the scene: nothing is left unsaid.
func TestEveryIntentIsAnswered(t *testing.T) {
	k := newTalk(t)
	worn := Item{"aria", 0}
	for _, scene := range []Scene{{}, {Worn: &worn, Shown: []Item{worn, {"lune", 1}}, Past: []Item{{"halo", 0}}, Basket: []Line{{worn, 1}}, Liked: []Item{worn}}} {
		for _, in := range understand.Intents() {
			for _, ordinal := range []int{0, 1, -1, 99} {
				c := New(k.stock, nil)
				m := understand.Meaning{Language: understand.English, Intent: in, Confidence: 1, Basket: understand.BasketAdd, Slots: understand.Slots{Ordinal: ordinal}}
				turn, err := c.Answer(context.Background(), m, scene)
				if err != nil || len(turn.Says) == 0 {
					t.Errorf("%s with ordinal %d is not answered: %v", in, ordinal, err)
				}
			}
		}
	}
}

// TestUnknownProductsDoNotBreakATalk: the shop may lose a product meanwhile.
func TestUnknownProductsDoNotBreakATalk(t *testing.T) {
	k := newTalk(t)
	gone := Item{"gone", 3}
	for _, in := range understand.Intents() {
		c := New(k.stock, nil)
		m := understand.Meaning{Language: understand.English, Intent: in, Confidence: 1, Basket: understand.BasketAdd}
		if _, err := c.Answer(context.Background(), m, Scene{Worn: &gone, Shown: []Item{gone}, Past: []Item{gone}, Basket: []Line{{gone, 1}}}); err != nil {
			t.Errorf("%s: %v", in, err)
		}
	}
}
