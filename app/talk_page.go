package app

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cheval/voice/assistant"
	"cheval/voice/hear"
	"cheval/voice/teach"
	"cheval/voice/understand"
)

// talk is the conversation as the screens see it; the UI goroutine's.
type talk struct {
	talker    *talker // nil until somebody asked for it
	opening   bool
	state     talkState
	level     float64 // 0..1, while listening
	heard     string  // so far, or the last sentence
	last      assistant.Response
	answered  bool
	choices   []understand.Intent // that were offered
	corrected []understand.Example
	quiet     context.CancelFunc // stops the answer that is being said; nil: none
}

// talkState is what the mirror's ear does.
type talkState string

const (
	talkIdle      talkState = ""
	talkOpening   talkState = "opening"
	talkListening talkState = "listening"
	talkThinking  talkState = "thinking"
)

// goodbyeWait lets the last words be read.
const goodbyeWait = 2500 * time.Millisecond

// pressTalk is the microphone's button: it listens to one sentence, or stops.
func (a *App) pressTalk() {
	a.touched()
	a.hush()
	if a.talk.talker == nil {
		a.openTalk(a.pressTalk)
		return
	}
	h := a.talk.talker.hearing
	if gone, err := h.ended(); gone {
		a.notice(err) // it vanished: begin anew, also with another one
		a.closeTalk(a.pressTalk)
		return
	}
	if h == nil {
		a.openAsk()
		return
	}
	if a.talk.state == talkListening {
		h.listener.Release()
		a.setTalk(talkIdle)
		return
	}
	a.talk.heard, a.talk.answered = "", false
	h.listener.Press()
	a.setTalk(talkListening)
}

// openTalk opens ear, mind and mouth, once, and does what was asked for then.
func (a *App) openTalk(then func()) {
	if a.talk.opening {
		return
	}
	a.talk.opening = true
	a.setTalk(talkOpening)
	a.inBackground(func(context.Context) (err error) {
		a.talkOpened, err = newTalker(a, func(e hear.Event) { a.parts.onUI(func() { a.onHeard(e) }) })
		return err
	}, func(err error) {
		a.talk.opening = false
		a.setTalk(talkIdle)
		if err != nil {
			a.notice(err)
			a.say("warning", a.look.tr.t("talk.closed"))
			return
		}
		a.talk.talker = a.talkOpened
		for _, trouble := range a.talk.talker.troubles {
			a.notice(trouble)
		}
		then()
	})
}

// closeTalk closes ear, mind and mouth, and then does something.
func (a *App) closeTalk(then func()) {
	old := a.talk.talker
	a.hush()
	a.talk.talker = nil
	a.inBackground(func(context.Context) error {
		err := old.close()
		a.talkOpened = nil
		return err
	}, func(err error) {
		a.notice(err)
		then()
	})
}

// changeVoice has what was chosen take effect with the next question.
func (a *App) changeVoice() {
	if a.talk.talker != nil {
		a.closeTalk(func() {})
	}
}

// onHeard takes what the listener tells.
func (a *App) onHeard(e hear.Event) {
	switch e.Kind {
	case hear.Level:
		a.talk.level = min(e.Level.RMS*6, 1)
		a.session.touch(a.now())
		a.showTalk()
	case hear.Speaking:
		a.hush()
	case hear.Partial:
		a.talk.heard = e.Result.Text
		a.showTalk()
	case hear.Nothing:
		a.setTalk(talkIdle)
	case hear.Attending:
		a.setTalk(talkListening)
	case hear.Heard:
		a.ask(e.Result.Text, understand.Language(e.Result.Language))
	}
}

// ask understands a sentence, does what it asks for and answers.
func (a *App) ask(text string, lang understand.Language) {
	if a.talk.talker == nil {
		a.openTalk(func() { a.ask(text, lang) })
		return
	}
	a.touched()
	a.talk.heard, a.talk.choices = text, nil
	a.setTalk(talkThinking)
	scene, advice, visit, t := a.scene(), a.advice(), a.visit, a.talk.talker
	var r assistant.Response
	a.inBackground(func(ctx context.Context) (err error) {
		r, err = t.hearText(ctx, text, lang, scene, advice)
		return err
	}, func(err error) {
		a.setTalk(talkIdle)
		if visit != a.visit {
			return
		}
		if err != nil {
			a.notice(err)
			a.say("warning", a.look.tr.t("talk.failed"))
			return
		}
		a.answer(r)
	})
}

// answer does the deeds, shows the caption and says it aloud.
func (a *App) answer(r assistant.Response) {
	a.talk.last, a.talk.answered = r, true
	if e := r.Event; e != nil {
		a.do(*e)
	}
	for _, d := range r.Actions {
		a.doDeed(d)
	}
	a.showTalk()
	a.speakAnswer(r.Text, r.Language)
}

func (a *App) speakAnswer(text string, lang understand.Language) {
	if !a.settings.Voice.Speak || a.talk.talker == nil {
		return
	}
	ctx, cancel := context.WithCancel(a.ctx)
	a.talk.quiet = cancel
	t := a.talk.talker
	a.inBackground(func(context.Context) error {
		defer cancel()
		return t.sayAloud(ctx, text, lang)
	}, a.notice)
}

// hush stops what is being said.
func (a *App) hush() {
	if a.talk.quiet != nil {
		a.talk.quiet()
		a.talk.quiet = nil
	}
}

func (a *App) sayAgain() {
	if a.talk.answered {
		a.speakAnswer(a.talk.last.Text, a.talk.last.Language)
	}
}

func (a *App) setVolume(direction string) {
	v := &a.settings.Voice
	switch direction {
	case "up":
		v.Volume = min(v.Volume+0.2, 1)
	case "down":
		v.Volume = max(v.Volume-0.2, 0.1)
	case "on":
		v.Speak = true
	case "off":
		v.Speak = false
		a.hush()
	}
	if t := a.talk.talker; t != nil && t.hearing != nil && t.hearing.player != nil {
		t.hearing.player.SetVolume(v.Volume)
	}
}

// forgetTalk ends the conversation with the visit: nothing of it stays.
func (a *App) forgetTalk() {
	a.hush()
	t, was := a.talk.talker, a.talk
	a.talk = talk{talker: was.talker, opening: was.opening}
	a.settings.Voice.Volume, a.settings.Voice.Speak = a.applied.Voice.Volume, a.applied.Voice.Speak
	if t == nil {
		return
	}
	a.inBackground(func(context.Context) error {
		t.assistant.Reset()
		if len(was.corrected) > 0 {
			return t.assistant.Retrain(t.base)
		}
		return nil
	}, a.notice)
}

func (a *App) setTalk(s talkState) {
	a.talk.state, a.talk.level = s, 0
	a.showTalk()
}

// showTalk shows the caption, if the mirror is what is shown.
func (a *App) showTalk() {
	if p := a.stage.mirror; p != nil {
		p.caption.show(&a.talk)
		p.mic.set("mic", "", a.talk.state == talkListening)
		p.placeCaption()
	}
}

// openAsk lets a person type a question, and shows what can be asked.
func (a *App) openAsk() {
	a.touched()
	a.stage.open(func(l *look) *sheet {
		t := l.tr
		words := widget.NewEntry()
		words.SetPlaceHolder(t.t("talk.type"))
		send := func() {
			if words.Text != "" {
				a.stage.closeSheet()
				a.ask(words.Text, "")
			}
		}
		words.OnSubmitted = func(string) { send() }
		body := l.column(12, l.body(t.t("talk.intro"), l.pal.quiet), words, l.heading(t.t("talk.examples")))
		for _, k := range [...]string{"round", "cheaper", "fit", "suits", "tried", "staff"} {
			text := t.t("talk.example." + k)
			chip := newPill(l, "", text, pillPlain, func() {
				a.stage.closeSheet()
				a.ask(text, "")
			})
			chip.left = true
			body.Add(chip)
		}
		return newSheet(l, t.t("talk.title"), body, newPill(l, "check", t.t("talk.send"), pillAccent, send), a.stage.closeSheet).clear()
	})
}

// openCorrection asks what was meant, after an answer that missed it.
func (a *App) openCorrection() {
	a.touched()
	a.hush()
	a.stage.open(func(l *look) *sheet {
		t := l.tr
		body := l.column(10, l.body(t.t("talk.meant", args{"text": a.talk.heard}), l.pal.text))
		for _, i := range a.correctionChoices() {
			b := newPill(l, "", t.t("intent."+string(i)), pillPlain, func() { a.correct(i) })
			b.left = true
			body.Add(b)
		}
		return newSheet(l, t.t("talk.not_meant"), body, nil, a.stage.closeSheet)
	})
}

// correctionChoices are the likeliest readings first, then all others.
func (a *App) correctionChoices() []understand.Intent {
	var out []understand.Intent
	add := func(i understand.Intent) {
		for _, have := range out {
			if have == i {
				return
			}
		}
		if i != a.talk.last.Meaning.Intent && i != understand.OutOfScope {
			out = append(out, i)
		}
	}
	for _, alt := range a.talk.last.Meaning.Alternatives {
		add(alt.Intent)
	}
	for _, i := range understand.Intents() {
		add(i)
	}
	return out
}

// correct takes what was meant: the sentence means it from now on in this
// visit, and for good where the person is remembered by their own choice.
func (a *App) correct(i understand.Intent) {
	a.stage.closeSheet()
	t, text, lang := a.talk.talker, a.talk.heard, a.talk.last.Meaning.Language
	if t == nil || text == "" {
		return
	}
	e := understand.Example{Language: lang, Text: text, Intent: i}
	a.talk.corrected = append(a.talk.corrected, e)
	corrected := a.talk.corrected
	owner := ""
	if p := a.visit.Profile(); p != nil {
		owner = p.ID
	}
	home, now := a.opts.Home, a.now()
	a.inBackground(func(context.Context) error {
		base := t.base
		if base == nil {
			var err error
			if base, err = understand.Built(); err != nil {
				return err
			}
		}
		err := t.assistant.Retrain(base.WithPhrases(corrected))
		if owner == "" {
			return err
		}
		return errors.Join(err, keepExample(home, teach.Example{Example: e, Origin: teach.Corrected, Owner: owner, At: now}))
	}, func(err error) {
		a.notice(err)
		a.ask(text, lang)
	})
}

// keepExample writes an example into the voice's store.
func keepExample(home string, e teach.Example) error {
	loop, err := teach.Open(home)
	if err != nil {
		return err
	}
	return errors.Join(loop.Add(e), loop.Close())
}

// caption is what is heard and answered, large, over the mirror.
type caption struct {
	widget.BaseWidget
	look    *look
	box     *canvas.Rectangle
	bar     *canvas.Rectangle // how loud
	heard   *paragraph
	answer  *paragraph
	wrong   *pill
	choices *fyne.Container
	a       *App
	level   float64
}

func newCaption(a *App, l *look) *caption {
	c := &caption{look: l, a: a, box: l.panelBox(l.px(26)), bar: canvas.NewRectangle(l.pal.accent), choices: container.New(&flow{gap: l.px(10), width: l.px(500)})}
	c.heard = newParagraph(l, "", textBody, l.pal.quiet)
	c.answer = newParagraph(l, "", textLarge-2, l.pal.text)
	c.wrong = newPill(l, "undo", l.tr.t("talk.not_meant"), pillPlain, a.openCorrection).small()
	c.ExtendBaseWidget(c)
	c.Hide()
	return c
}

// Tapped keeps a touch from the mirror below.
func (c *caption) Tapped(*fyne.PointEvent) {}

// show takes the conversation as it is.
func (c *caption) show(t *talk) {
	l, tr := c.look, c.look.tr
	heard, answer := t.heard, ""
	switch {
	case t.state == talkOpening:
		heard = tr.t("talk.opening")
	case t.state == talkListening && heard == "":
		heard = tr.t("talk.listening")
	case t.state == talkThinking:
		answer = "…"
	case t.answered:
		answer = t.last.Text
	}
	c.level = t.level
	c.heard.setText(heard, l.pal.quiet)
	c.answer.setText(answer, l.pal.text)
	c.wrong.Hidden = !t.answered || t.state != talkIdle
	c.choices.Objects = nil
	for _, i := range t.choices {
		c.choices.Add(newPill(l, "", tr.t("intent."+string(i)), pillAccent, func() { c.a.correct(i) }).small())
	}
	show(c, heard != "" || answer != "")
	c.Refresh()
}

func (c *caption) CreateRenderer() fyne.WidgetRenderer {
	c.bar.CornerRadius = c.look.px(4)
	r := &objectsRenderer{objects: []fyne.CanvasObject{c.box, c.bar, c.heard, c.answer, c.wrong, c.choices}}
	r.least = func() fyne.Size { return fyne.NewSize(c.look.px(300), c.look.tap(54)) }
	r.place = func(s fyne.Size) { c.heightFor(s.Width) }
	r.refresh = func() { c.heightFor(c.Size().Width) }
	return r
}

// heightFor lays the caption out for a width and returns its height.
func (c *caption) heightFor(w float32) float32 {
	l := c.look
	pad, y := l.px(26), l.px(18)
	inner := w - 2*pad
	put(c.bar, rect{pad, l.px(9), max(inner*float32(c.level), 0.1), l.px(6)})
	c.bar.Hidden = c.level == 0
	for _, p := range []*paragraph{c.heard, c.answer} {
		p.Hidden = p.text == ""
		if p.Hidden {
			continue
		}
		p.within(inner)
		h := p.MinSize().Height
		put(p, rect{pad, y, inner, h})
		y += h + l.px(8)
	}
	if len(c.choices.Objects) > 0 {
		c.choices.Resize(fyne.NewSize(inner, 1))
		h := c.choices.MinSize().Height
		put(c.choices, rect{pad, y, inner, h})
		y += h + l.px(8)
	}
	if !c.wrong.Hidden {
		m := c.wrong.MinSize()
		put(c.wrong, rect{pad, y, m.Width, m.Height})
		y += m.Height + l.px(6)
	}
	y += l.px(10)
	put(c.box, rect{0, 0, w, y})
	return y
}

// placeCaption puts the caption where hints stand, as high as it needs.
func (p *mirrorPage) placeCaption() {
	if p.size.Width == 0 {
		return
	}
	h := p.at.hint
	put(p.caption, rect{h.x, h.y, h.w, p.caption.heightFor(h.w)})
}
