package app

import (
	"context"
	"errors"
	"slices"

	"fyne.io/fyne/v2/widget"

	"cheval/voice/teach"
	"cheval/voice/understand"
)

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
	base, corrected := t.base, slices.Clone(a.talk.corrected)
	owner := ""
	if p := a.visit.Profile(); p != nil {
		owner = p.ID
	}
	home, now := a.voiceHome(), a.now()
	a.inBackground(func(context.Context) error {
		err := t.understandBy(base, corrected)
		if owner == "" {
			return err
		}
		return errors.Join(err, keepExample(home, teach.Example{Example: e, Origin: teach.Corrected, Owner: owner, At: now}))
	}, func(err error) {
		a.notice(err)
		a.ask(text, lang)
	})
}
