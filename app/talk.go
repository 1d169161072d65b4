package app

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"cheval/catalog"
	"cheval/models"
	"cheval/voice/answer"
	"cheval/voice/assistant"
	"cheval/voice/dialogue"
	"cheval/voice/hear"
	"cheval/voice/speak"
	"cheval/voice/understand"
)

// talker is the mirror's ear, mind and mouth. It is opened when somebody first
// asks for it; until then no model is in memory. What can fail by itself does:
// without a microphone one can type, without espeak-ng answers are captions.
type talker struct {
	runtime   *models.Runtime
	minilm    *understand.MiniLM
	assistant *assistant.Assistant
	base      *understand.Trained // in use, without what one visit corrected
	adviser   *visitAdviser
	devices   soundDevices
	hearing   *hearing       // nil: no microphone
	speaker   *speak.Speaker // nil: captions only
	troubles  []error        // what is missing, once each
	bias      []string       // what the recogniser expects to hear
	screen    atomic.Value   // string: the language on the screen, likely spoken
}

// talkerOptions say what a talker is opened with.
type talkerOptions struct {
	home   string // of the models
	mind   string // of what was taught
	device string
	voice  VoiceSettings
	sound  openSound
}

// newTalker opens what there is. told is called on the listener's goroutine.
func newTalker(o talkerOptions, stock *catalog.Catalogue, told func(hear.Event)) (*talker, error) {
	files, runtime, err := openModels(o.home, o.device)
	if err != nil {
		return nil, fmt.Errorf("voice: %w", err)
	}
	t := &talker{runtime: runtime, adviser: &visitAdviser{}}
	if err := t.openMind(o, files, stock); err != nil {
		return nil, errors.Join(err, t.close())
	}
	t.bias = t.assistant.Words()
	t.openSound(files, o.voice, o.sound, told)
	return t, nil
}

// openSound opens ear and mouth; what cannot be opened is among the troubles.
func (t *talker) openSound(files *models.Store, v VoiceSettings, open openSound, told func(hear.Event)) {
	missing := func(err error) {
		if err != nil {
			t.troubles = append(t.troubles, err)
		}
	}
	var err error
	t.devices, err = open(v.Microphone)
	missing(err)
	if t.devices.mouth != nil {
		t.devices.mouth.SetVolume(v.Volume)
	}
	if t.devices.ear != nil {
		t.hearing, err = openHearing(t, files, v, told)
		missing(err)
	}
	if v.Speak {
		t.speaker, err = speak.Open(files, speak.Settings{Voice: v.Voice, Speed: v.Speed})
		missing(err)
	}
}

// openMind opens what understands and answers.
func (t *talker) openMind(o talkerOptions, files *models.Store, stock *catalog.Catalogue) (err error) {
	if t.minilm, err = understand.OpenMiniLM(files, t.runtime); err != nil {
		return err
	}
	if t.base, err = loadMind(o.mind); err != nil {
		t.troubles = append(t.troubles, err)
		t.base = nil
	}
	options := assistant.Options{Adviser: t.adviser, Embedder: t.minilm, Trained: t.base}
	if p := o.voice.Phraser; p.On {
		m, err := answer.NewModel(p.Address, p.Model, p.Elsewhere)
		if err != nil {
			t.troubles = append(t.troubles, err) // the templates' words serve
		} else {
			options.Phraser = m
		}
	}
	t.assistant, err = assistant.New(stock, options)
	return err
}

func (t *talker) close() error {
	if t == nil {
		return nil
	}
	err := errors.Join(t.hearing.close(), t.devices.close())
	if t.speaker != nil {
		err = errors.Join(err, t.speaker.Close())
	}
	if t.minilm != nil {
		err = errors.Join(err, t.minilm.Close())
	}
	return errors.Join(err, t.runtime.Close())
}

// sayAloud speaks an answer, a sentence at a time, until it is done or ctx ends.
func (t *talker) sayAloud(ctx context.Context, text string, lang understand.Language) error {
	player := t.devices.mouth
	if t.speaker == nil || player == nil {
		return nil
	}
	defer context.AfterFunc(ctx, player.Stop)()
	err := t.speaker.Say(ctx, text, string(lang), func(s speak.Sound) error {
		player.Play(s.Samples, s.Rate)
		return nil
	})
	if err == nil {
		err = player.Wait(ctx)
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// answerWait bounds how long an answer may take: it is far more than it does.
const answerWait = 20 * time.Second

// hearText understands and answers a sentence in a scene.
func (t *talker) hearText(ctx context.Context, text string, lang understand.Language, s dialogue.Scene, ask adviceFor) (assistant.Response, error) {
	ctx, stop := context.WithTimeout(ctx, answerWait)
	defer stop()
	t.adviser.set(ask)
	return t.assistant.Hear(ctx, text, lang, s)
}

// likely is the language that is likely spoken; any goroutine may ask.
func (t *talker) likely() string {
	lang, _ := t.screen.Load().(string) // nothing was stored yet: ""
	return lang
}
