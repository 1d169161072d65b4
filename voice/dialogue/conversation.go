package dialogue

import (
	"context"
	"slices"

	"cheval/recommender"
	"cheval/voice/understand"
)

// Conversation is what was said so far in one visit. One goroutine at a time
// may use it. Reset ends it: nothing stays.
type Conversation struct {
	stock   Stock
	adviser Adviser // nil: nothing is recommended
	state   state
	undo    []step
	rank    map[string]int // the adviser's order, for "popular"
	reasons map[string]recommender.Suggestion
	last    []Say // what was answered, for "say that again"
}

// state is what a sentence can refer to.
type state struct {
	filter  understand.Slots // what is being looked for
	focus   *Item            // what was spoken of last
	pending pending
}

// pending is a question that waits for its answer.
type pending struct {
	kind    question
	choices []understand.Meaning
}

type question string

const (
	nothing     question = ""
	eraseMe     question = "erase"
	whichOfTwo  question = "choice"
	undoMost             = 20
	shownInTalk          = 3 // products that an answer names
)

// step is one turn that can be taken back.
type step struct {
	state   state
	inverse []Action
}

// New begins a conversation about a stock.
func New(stock Stock, adviser Adviser) *Conversation {
	return &Conversation{stock: stock, adviser: adviser, rank: map[string]int{}, reasons: map[string]recommender.Suggestion{}}
}

// Reset forgets everything that was said.
func (c *Conversation) Reset() { *c = *New(c.stock, c.adviser) }

// Filter is what is being looked for.
func (c *Conversation) Filter() understand.Slots { return c.state.filter }

// Turn is what follows from one sentence.
type Turn struct {
	Meaning understand.Meaning // with the intent that was acted upon
	Actions []Action           // for the app, in order
	Items   []Item             // that the answer is about
	Says    []Say              // the answer, without words
	// Event tells the recommender of a reaction; nil: none. Its Session,
	// Profile and time are the app's to set.
	Event *recommender.Event
}

func (t *Turn) do(a ...Action) { t.Actions = append(t.Actions, a...) }
func (t *Turn) say(s ...Say)   { t.Says = append(t.Says, s...) }

// Answer takes a sentence in the scene as it is and says what follows. It
// fails only where the adviser does.
func (c *Conversation) Answer(ctx context.Context, m understand.Meaning, s Scene) (Turn, error) {
	t := Turn{Meaning: m}
	s = s.known(c.stock)
	if f := c.state.focus; f != nil && c.stock.Product(f.Product) == nil {
		c.state.focus = nil
	}
	if done := c.reply(&t, s); done {
		c.last = t.Says
		return t, nil
	}
	m = t.Meaning // a choice may have settled it
	c.state.pending = pending{}
	if m.Confidence < understand.AskBack && len(m.Alternatives) > 0 && m.Confidence > 0 {
		c.askBack(&t)
		c.last = t.Says
		return t, nil
	}
	before := c.state
	var inverse []Action
	var err error
	switch m.Intent {
	case understand.Undo:
		c.takeBack(&t, s)
		return t, nil
	case understand.Repeat:
		t.do(Action{Deed: SayAgain})
		t.Says = c.last
		if len(t.Says) == 0 {
			t.say(say("repeat.nothing"))
		}
		return t, nil
	default:
		inverse, err = c.act(ctx, &t, s)
	}
	if err != nil {
		return t, err
	}
	if len(inverse) > 0 {
		c.undo = append(c.undo, step{before, inverse})
		if len(c.undo) > undoMost {
			c.undo = c.undo[1:]
		}
	}
	c.last = t.Says
	return t, nil
}

// act does what the intent asks, and returns how to take it back.
func (c *Conversation) act(ctx context.Context, t *Turn, s Scene) ([]Action, error) {
	switch t.Meaning.Intent {
	case understand.Find, understand.Narrow:
		return c.look(ctx, t, s)
	case understand.Recommend:
		return c.recommend(ctx, t, s)
	case understand.Why:
		return nil, c.why(ctx, t, s)
	case understand.TryOn:
		return c.tryOn(t, s), nil
	case understand.TakeOff:
		return c.takeOff(t, s), nil
	case understand.Next, understand.Previous:
		return c.step(t, s), nil
	case understand.Compare:
		c.compare(t, s)
	case understand.Details:
		c.details(t, s)
	case understand.Fit:
		c.fit(t, s)
	case understand.Like:
		return c.like(t, s), nil
	case understand.Dislike:
		return c.dislike(t, s), nil
	case understand.History:
		c.history(t, s)
	case understand.Basket:
		return c.basket(t, s), nil
	default:
		c.speak(t, s)
	}
	return nil, nil
}

// reply takes a sentence as the answer to the question that waits, if it can
// be that.
func (c *Conversation) reply(t *Turn, s Scene) (done bool) {
	p := c.state.pending
	m := t.Meaning
	switch {
	case p.kind == eraseMe && m.Reply == understand.Yes:
		*c = *New(c.stock, c.adviser)
		t.Meaning.Intent, t.Meaning.Slots = understand.Erase, understand.Slots{}
		t.do(Action{Deed: Erase})
		t.say(say("erase.done"))
		return true
	case p.kind == eraseMe && (m.Reply == understand.No || m.Intent == understand.Undo):
		c.state.pending = pending{}
		t.Meaning.Intent, t.Meaning.Slots = understand.Undo, understand.Slots{}
		t.say(say("erase.kept"))
		return true
	case p.kind == whichOfTwo:
		k := chosen(m, len(p.choices))
		if k >= 0 {
			t.Meaning = p.choices[k]
			t.Meaning.Confidence = 1
		} else if m.Reply == understand.No {
			c.state.pending = pending{}
			t.say(say("choice.none"))
			return true
		}
	}
	return false
}

// chosen is which of n choices a sentence names, -1 for none.
func chosen(m understand.Meaning, n int) int {
	switch {
	case m.Slots.Ordinal >= 1 && m.Slots.Ordinal <= n:
		return m.Slots.Ordinal - 1
	case m.Slots.Ordinal == -1:
		return n - 1
	case m.Reply == understand.Yes:
		return 0
	}
	return -1
}

// askBack offers the two best readings.
func (c *Conversation) askBack(t *Turn) {
	m := t.Meaning
	first, second := m, m
	first.Alternatives, second.Alternatives = nil, nil
	a := m.Alternatives[0]
	second.Intent, second.Slots, second.Basket = a.Intent, a.Slots, a.Basket
	c.state.pending = pending{whichOfTwo, []understand.Meaning{first, second}}
	choices := []understand.Intent{m.Intent, a.Intent}
	t.do(Action{Deed: Offer, Choices: choices})
	t.say(say("choice").word("first", "intent."+string(choices[0])).word("second", "intent."+string(choices[1])))
}

// takeBack undoes the last step.
func (c *Conversation) takeBack(t *Turn, s Scene) {
	if len(c.undo) == 0 {
		t.say(say("undo.nothing"))
		return
	}
	last := c.undo[len(c.undo)-1]
	c.undo = c.undo[:len(c.undo)-1]
	c.state = last.state
	t.do(last.inverse...)
	t.say(say("undo.done"))
	c.last = t.Says
}

// speak answers what needs no product.
func (c *Conversation) speak(t *Turn, s Scene) {
	m := t.Meaning
	switch m.Intent {
	case understand.Photo:
		t.do(Action{Deed: TakePhoto})
		t.say(say("photo"))
	case understand.AskStaff:
		t.do(Action{Deed: CallStaff})
		t.say(say("staff"))
	case understand.Volume:
		d := m.Slots.Direction
		if d == "" {
			d = "up"
		}
		t.do(Action{Deed: SetVolume, Direction: d})
		t.say(say("volume." + d))
	case understand.SetTongue:
		c.tongue(t)
	case understand.Help:
		t.do(Action{Deed: ShowHelp})
		t.say(say("help"))
	case understand.Erase:
		c.state.pending = pending{kind: eraseMe}
		t.do(Action{Deed: ConfirmErase})
		t.say(say("erase.ask"))
	case understand.Greet:
		t.say(say(greeting(m)))
	case understand.Goodbye:
		t.do(Action{Deed: EndSession})
		t.say(say("goodbye"))
	default:
		t.say(say("out_of_scope"))
	}
}

func greeting(m understand.Meaning) string {
	if m.Sentiment > 0 {
		return "thanks"
	}
	return "greet"
}

// tongue switches the language, where it is spoken here.
func (c *Conversation) tongue(t *Turn) {
	lang := t.Meaning.Slots.Language
	switch lang {
	case "":
		lang = understand.English
		if t.Meaning.Language == understand.English {
			lang = understand.Chinese
		}
	case understand.English, understand.Chinese:
	default:
		t.say(say("language.unknown"))
		return
	}
	t.do(Action{Deed: SetLanguage, Language: lang})
	t.say(say("language." + string(lang)))
}

// target is the item that a sentence means: one it names, the so-maniest
// shown, one by its looks, the one before, or what is worn or spoken of.
func (c *Conversation) target(m understand.Meaning, s Scene) (Item, bool) {
	sl := m.Slots
	if len(m.Products) > 0 {
		if p := c.stock.Product(m.Products[0]); p != nil {
			return c.inColour(Item{p.ID, 0}, sl.Colour), true
		}
	}
	if sl.Ordinal != 0 {
		i, ok := at(s.Shown, sl.Ordinal)
		return i, ok
	}
	if slices.Contains(sl.Reference, "previous") && !slices.Contains(sl.Reference, "current") {
		if n := len(s.Past); n > 0 {
			return s.Past[n-1], true
		}
		return Item{}, false
	}
	current, known := c.current(s)
	if described(sl) {
		if slices.Contains(sl.Reference, "current") && known {
			return c.inColour(current, sl.Colour), true
		}
		for _, pool := range [][]Item{s.Shown, c.search(sl, nil)} {
			for _, i := range pool {
				if j, ok := c.variantOf(i, sl); ok {
					return j, true
				}
			}
		}
		return Item{}, false
	}
	return current, known
}

// current is what is worn, or else what was spoken of, or alone on screen.
func (c *Conversation) current(s Scene) (Item, bool) {
	switch {
	case s.Worn != nil:
		return *s.Worn, true
	case c.state.focus != nil:
		return *c.state.focus, true
	case len(s.Shown) > 0:
		return s.Shown[0], true
	}
	return Item{}, false
}

// at is the n-th item from 1, or from the end where n is negative.
func at(items []Item, n int) (Item, bool) {
	if n < 0 {
		n += len(items) + 1
	}
	if n < 1 || n > len(items) {
		return Item{}, false
	}
	return items[n-1], true
}

// described says whether slots tell a product by its looks.
func described(s understand.Slots) bool {
	return len(s.Kind)+len(s.Shape)+len(s.Colour)+len(s.Material)+len(s.Brand)+len(s.Category) > 0 || s.Sort != "" || s.Size != ""
}

// variantOf is the product's variant that slots let through.
func (c *Conversation) variantOf(i Item, s understand.Slots) (Item, bool) {
	p := c.stock.Product(i.Product)
	if p == nil {
		return i, false
	}
	order := append([]int{i.Variant}, upTo(len(p.Variants))...)
	for _, v := range order {
		if v < len(p.Variants) && c.allows(p, v, &s, nil) {
			return Item{p.ID, v}, true
		}
	}
	return i, false
}

func upTo(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

// inColour is the product in one of the colours, if there is one.
func (c *Conversation) inColour(i Item, colours understand.Values) Item {
	p := c.stock.Product(i.Product)
	if p == nil || len(colours) == 0 {
		return i
	}
	for v := range p.Variants {
		if slices.Contains(colours, p.Variants[v].Colour) {
			return Item{p.ID, v}
		}
	}
	return i
}

// attend remembers what was spoken of.
func (c *Conversation) attend(i Item) { c.state.focus = &i }
