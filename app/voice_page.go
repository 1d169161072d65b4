package app

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"cheval/catalog"
	"cheval/voice/teach"
	"cheval/voice/understand"
)

// mostMissed is how many sentences a list on the page shows.
const mostMissed = 40

// voicePage is where staff see what the mirror did not understand, the most
// frequent first, teach it what was meant, and have it trained.
type voicePage struct {
	p    *staffPage
	look *look
	body *fyne.Container
	said voiceSaid
}

// voiceSaid is what the page shows, read from the voice's store and the stock.
type voiceSaid struct {
	missed   []teach.Missed
	examples []teach.Example // the latest first
	coverage understand.Coverage
}

func newVoicePage(p *staffPage) fyne.CanvasObject {
	v := &voicePage{p: p, look: p.look, body: p.look.column(16)}
	v.read()
	return p.look.scrolling(v.body)
}

// read shows what is kept as it is now.
func (v *voicePage) read() {
	a := v.p.a
	home, products := a.voiceHome(), a.shopper.all
	var said voiceSaid
	a.inBackground(func(context.Context) (err error) {
		said, err = readSaid(home, products)
		return err
	}, func(err error) {
		v.said = said
		v.show(err)
	})
}

func readSaid(home string, products []*catalog.Product) (s voiceSaid, err error) {
	if s.coverage, err = coverageOf(products); err != nil {
		return s, err
	}
	err = withLoop(home, func(l *teach.Loop) (err error) {
		if s.missed, err = l.Missed(); err != nil {
			return err
		}
		s.examples, err = l.Examples()
		return err
	})
	slices.SortStableFunc(s.examples, func(x, y teach.Example) int { return y.At.Compare(x.At) })
	return s, err
}

// coverageOf says how much of the products can be asked for by name.
func coverageOf(products []*catalog.Product) (understand.Coverage, error) {
	u, err := understand.New(products, understand.Options{})
	if err != nil {
		return understand.Coverage{}, err
	}
	return u.Coverage(), nil
}

func (v *voicePage) show(err error) {
	l, t, a := v.look, v.look.tr, v.p.a
	v.body.Objects = []fyne.CanvasObject{l.body(t.t("voice.intro"), l.pal.quiet)}
	if err != nil {
		a.notice(err)
		v.body.Add(l.body(t.t("voice.failed"), l.pal.warn))
	}
	teachOne := newPill(l, "mic", t.t("voice.teach"), pillPlain, func() { v.openTeach("", "") }).small()
	train := newPill(l, "play", t.t("voice.train"), pillAccent, v.train).small()
	train.setDisabled(a.voiceTraining)
	v.body.Add(l.chips(teachOne, train))
	if said := v.trained(); said != "" {
		v.body.Add(l.body(said, l.pal.text))
	}
	v.body.Add(l.heading(t.t("voice.missed")))
	v.addMissed()
	v.body.Add(l.heading(t.t("voice.taught")))
	v.addTaught()
	v.body.Add(l.heading(t.t("voice.coverage")))
	v.body.Add(l.body(coverageLine(t, &v.said.coverage), l.pal.text))
	v.body.Refresh()
}

// trained says what the training does, or came to.
func (v *voicePage) trained() string {
	t, a := v.look.tr, v.p.a
	o := a.voiceOutcome
	switch {
	case a.voiceTraining:
		return t.t("voice.training")
	case o == nil:
		return ""
	case o.Swapped:
		return t.t("voice.swapped", args{"learned": o.Examples, "held": o.HeldOut, "before": o.Before.HeldOut, "after": o.After.HeldOut})
	}
	return t.t("voice.not_swapped", args{"learned": o.Examples, "held": o.HeldOut, "before": o.Before.HeldOut, "after": o.After.HeldOut})
}

// coverageLine says how much of the stock can be asked for by name.
func coverageLine(t *translator, c *understand.Coverage) string {
	lines := []string{t.t("voice.covered", args{"names": c.Names, "products": c.Products, "brands": c.Brands, "colours": c.Colours})}
	if len(c.Ambiguous) > 0 {
		lines = append(lines, t.t("voice.ambiguous", args{"names": listed(c.Ambiguous)}))
	}
	if len(c.Unsaid) > 0 {
		lines = append(lines, t.t("voice.unsaid", args{"names": listed(c.Unsaid)}))
	}
	return strings.Join(lines, "\n")
}

// listed names at most a dozen.
func listed(names []string) string {
	more := ""
	if len(names) > 12 {
		names, more = names[:12], "..."
	}
	return strings.Join(names, ", ") + more
}

func (v *voicePage) addMissed() {
	l, t := v.look, v.look.tr
	if len(v.said.missed) == 0 {
		v.body.Add(l.body(t.t("voice.none_missed"), l.pal.text))
	}
	for _, m := range v.said.missed[:min(mostMissed, len(v.said.missed))] {
		v.body.Add(v.row(m.Text, t.t("voice.times", args{"n": m.Count}), "voice.meant", "check", func() { v.openTeach(m.Text, m.Language) }))
	}
}

func (v *voicePage) addTaught() {
	l, t := v.look, v.look.tr
	if len(v.said.examples) == 0 {
		v.body.Add(l.body(t.t("voice.none_taught"), l.pal.text))
	}
	for _, e := range v.said.examples[:min(mostMissed, len(v.said.examples))] {
		what := facts(t.t("intent."+string(e.Intent)), slotWords(t, e.Slots), t.t("voice.origin."+string(e.Origin)))
		v.body.Add(v.row(e.Text, what, "voice.unteach", "trash", func() { v.unteach(e) }))
	}
}

// row is a sentence, what is known of it, and what can be done.
func (v *voicePage) row(text, what, key, icon string, do func()) fyne.CanvasObject {
	l := v.look
	back := canvas.NewRectangle(l.pal.raised)
	back.CornerRadius = l.px(16)
	sentence, note := l.text(text, textBody, l.pal.text), l.text(what, textSmall+1, l.pal.quiet)
	b := newPill(l, icon, l.tr.t(key), pillPlain, func() { v.p.touched(); do() }).small()
	c := placed(nil, back, sentence, note, b)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(420), l.tap(76)) },
		place: func(s fyne.Size) {
			w := b.MinSize().Width
			room := s.Width - w - l.px(60)
			sentence.Text = elide(text, room, measureLike(sentence))
			put(back, rect{0, 0, s.Width, s.Height})
			put(sentence, rect{l.px(20), l.px(8), room, l.px(32)})
			put(note, rect{l.px(20), l.px(40), room, l.px(28)})
			h := b.MinSize().Height
			put(b, rect{s.Width - w - l.px(16), (s.Height - h) / 2, w, h})
		},
	}
	return c
}

// teaching is a sentence on its way to a meaning.
type teaching struct {
	page    *voicePage
	example understand.Example
}

// openTeach asks what a sentence means; "": it is to be typed.
func (v *voicePage) openTeach(text string, lang understand.Language) {
	e := &teaching{page: v, example: understand.Example{Text: text, Language: lang}}
	v.p.a.stage.open(e.sheet)
}

func (e *teaching) sheet(l *look) *sheet {
	t, a := l.tr, e.page.p.a
	body := l.column(12)
	if e.example.Language == "" {
		words := widget.NewEntry()
		words.SetPlaceHolder(t.t("voice.sentence"))
		words.Text = e.example.Text
		words.OnChanged = func(s string) { e.example.Text = s }
		body.Add(words)
	} else {
		body.Add(l.body("\""+e.example.Text+"\"", l.pal.text))
	}
	body.Add(l.heading(t.t("voice.what_meant")))
	var intents []fyne.CanvasObject
	for _, i := range understand.Intents() {
		if i != understand.OutOfScope {
			intents = append(intents, e.choice(l, t.t("intent."+string(i)), e.example.Intent == i, func() { e.example.Intent, e.example.Slots = i, understand.Slots{} }))
		}
	}
	body.Add(l.chips(intents...))
	e.addSlots(l, body)
	keep := newPill(l, "check", t.t("voice.keep"), pillAccent, e.keep)
	return newSheet(l, t.t("voice.teach"), body, keep, a.stage.closeSheet).clear()
}

func (e *teaching) choice(l *look, label string, on bool, set func()) fyne.CanvasObject {
	b := newPill(l, "", label, pillPlain, func() {
		e.page.p.touched()
		set()
		e.page.p.a.stage.refreshSheet()
	}).small()
	b.on = on
	return b
}

// addSlots offers what a search can mean beside its words.
func (e *teaching) addSlots(l *look, body *fyne.Container) {
	t := l.tr
	for _, f := range slotChoices(e.example.Intent) {
		have := f.of(&e.example.Slots)
		var chips []fyne.CanvasObject
		for _, v := range f.values {
			on := slices.Contains(*have, v)
			chips = append(chips, e.choice(l, t.t(f.name+"."+v), on, func() {
				if on {
					*have = slices.DeleteFunc(*have, func(x string) bool { return x == v })
					return
				}
				*have = append(*have, v)
			}))
		}
		body.Add(l.text(t.t("voice.slot."+f.name), textSmall+1, l.pal.quiet))
		body.Add(l.chips(chips...))
	}
}

// slotChoice is a particular that staff may choose values of. Its name is that
// of the translations.
type slotChoice struct {
	name   string
	values []string
	of     func(*understand.Slots) *understand.Values
}

// slotChoices are those of an intent.
func slotChoices(i understand.Intent) []slotChoice {
	var out []slotChoice
	switch i {
	case understand.Find, understand.Narrow, understand.Recommend, understand.TryOn:
		out = []slotChoice{
			{"kind", wordsOf([]catalog.Kind{catalog.Sun, catalog.Optical}), func(s *understand.Slots) *understand.Values { return &s.Kind }},
			{"shape", wordsOf(catalog.Shapes()), func(s *understand.Slots) *understand.Values { return &s.Shape }},
			{"material", wordsOf([]catalog.Material{catalog.Acetate, catalog.Metal, catalog.Rimless}), func(s *understand.Slots) *understand.Values { return &s.Material }},
			{"colour", catalog.Colours(), func(s *understand.Slots) *understand.Values { return &s.Colour }},
		}
	}
	if i == understand.Find || i == understand.Narrow || i == understand.Dislike {
		out = append(out, slotChoice{"relative", []string{"cheaper", "larger", "smaller", "lighter", "darker", "bolder", "simpler"},
			func(s *understand.Slots) *understand.Values { return &s.Relative }})
	}
	if i == understand.Details || i == understand.Fit {
		out = append(out, slotChoice{"attribute", []string{"price", "size", "width", "material", "stock"},
			func(s *understand.Slots) *understand.Values { return &s.Attribute }})
	}
	return out
}

// wordsOf are named values as plain ones.
func wordsOf[T ~string](values []T) (out []string) {
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

// slotWords says what a sentence was taught to mean beside its words.
func slotWords(t *translator, s understand.Slots) string {
	var out []string
	for _, i := range []understand.Intent{understand.Find, understand.Details} {
		for _, f := range slotChoices(i) {
			for _, v := range *f.of(&s) {
				out = append(out, t.t(f.name+"."+v))
			}
		}
	}
	return strings.Join(out, ", ")
}

// keep writes what was taught; it is meant from now on.
func (e *teaching) keep() {
	v, x := e.page, e.example
	if x.Language == "" {
		x.Language = understand.LanguageOf(x.Text)
	}
	if x.Intent == "" || understand.Clean(x.Text) == "" {
		return
	}
	a, home := v.p.a, v.p.a.voiceHome()
	a.stage.closeSheet()
	taught := teach.Example{Example: x, Origin: teach.Taught, At: a.now()}
	a.inBackground(func(context.Context) error { return keepExample(home, taught) }, func(err error) {
		a.notice(err)
		a.relearn()
		v.read()
	})
}

func (v *voicePage) unteach(e teach.Example) {
	a, home := v.p.a, v.p.a.voiceHome()
	a.inBackground(func(context.Context) error {
		return withLoop(home, func(l *teach.Loop) error { return l.Unteach(e.Language, e.Text) })
	}, func(err error) {
		a.notice(err)
		a.relearn()
		v.read()
	})
}

// train trains with what was taught, judges the outcome on what was kept back,
// and uses it if it is no worse.
func (v *voicePage) train() {
	a := v.p.a
	if a.voiceTraining {
		return
	}
	a.voiceTraining, a.voiceOutcome = true, nil
	home, models, device := a.voiceHome(), a.opts.Home, a.settings.Device
	var outcome teach.Outcome
	a.inBackground(func(ctx context.Context) (err error) {
		outcome, err = trainVoice(ctx, home, models, device)
		return err
	}, func(err error) {
		a.voiceTraining = false
		switch {
		case errors.Is(err, context.Canceled):
			return
		case err != nil:
			a.notice(err)
			a.say("warning", v.look.tr.t("voice.train_failed"))
		default:
			a.voiceOutcome = &outcome
			a.relearn()
		}
		if a.stage.staff != nil && a.section == sectionVoice {
			a.stage.staff.open(sectionVoice)
		}
	})
	v.show(nil)
}

// trainVoice trains the classifiers of a home and saves what is to be used.
func trainVoice(ctx context.Context, home, modelsHome, device string) (o teach.Outcome, err error) {
	files, runtime, err := openModels(modelsHome, device)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, runtime.Close()) }()
	lm, err := understand.OpenMiniLM(files, runtime)
	if err != nil {
		return o, err
	}
	current, err := teach.Load(home)
	if err != nil {
		return o, err
	}
	err = withLoop(home, func(l *teach.Loop) error {
		var t *understand.Trained
		if t, o, err = l.Retrain(ctx, current, lm); err != nil {
			return err
		}
		return teach.Save(home, t)
	})
	return o, err
}
