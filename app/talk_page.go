package app

import (
	"context"
	"time"

	"cheval/voice/assistant"
	"cheval/voice/hear"
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
	a.talk.talker.screen.Store(a.lang)
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
	o := talkerOptions{a.opts.Home, a.voiceHome(), a.settings.Device, a.settings.Voice, a.parts.sound}
	stock := a.shopper.stock
	a.inBackground(func(context.Context) (err error) {
		a.talkOpened, err = newTalker(o, stock, func(e hear.Event) { a.parts.onUI(func() { a.onHeard(e) }) })
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
	a.talk.talker, a.talkOpened = nil, nil // another may be opened meanwhile
	a.inBackground(func(context.Context) error { return old.close() }, func(err error) {
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
		a.askSpoken(e)
	}
}

// ask understands a sentence, does what it asks for and answers.
func (a *App) ask(text string, lang understand.Language) {
	a.askThen(text, lang, func(assistant.Response, error) {})
}

// askSpoken does so with a sentence that was heard.
func (a *App) askSpoken(e hear.Event) {
	a.askThen(e.Result.Text, understand.Language(e.Result.Language), func(r assistant.Response, err error) {
		if a.onAnswered != nil {
			a.onAnswered(e, r, err)
		}
	})
}

func (a *App) askThen(text string, lang understand.Language, then func(assistant.Response, error)) {
	if a.talk.talker == nil {
		a.openTalk(func() { a.askThen(text, lang, then) })
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
			then(r, err)
			return
		}
		a.answer(r)
		then(r, nil)
	})
}

// answer does the deeds, shows the caption and says it aloud.
func (a *App) answer(r assistant.Response) {
	before, answered := a.talk.last, a.talk.answered
	a.talk.last, a.talk.answered = r, true
	a.learnFrom(before, r, answered)
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
	if t := a.talk.talker; t != nil && t.devices.mouth != nil {
		t.devices.mouth.SetVolume(v.Volume)
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
	base := t.base
	a.inBackground(func(context.Context) error {
		t.assistant.Reset()
		if len(was.corrected) > 0 {
			return t.assistant.Retrain(base)
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
