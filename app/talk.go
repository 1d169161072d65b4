package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cheval/catalog"
	"cheval/models"
	"cheval/voice/assistant"
	"cheval/voice/detect"
	"cheval/voice/dialogue"
	"cheval/voice/hear"
	"cheval/voice/mic"
	"cheval/voice/recognise"
	"cheval/voice/speak"
	"cheval/voice/teach"
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
	hearing   *hearing       // nil: no microphone
	speaker   *speak.Speaker // nil: captions only
	troubles  []error        // what is missing, once each
	bias      []string       // what the recogniser prefers: the catalogue's names
}

// hearing is an open microphone with what listens to it.
type hearing struct {
	audio      *mic.Audio
	microphone *mic.Microphone
	player     *mic.Player // nil: no loudspeaker
	judge      *detect.Silero
	recogniser *recognise.Recogniser
	listener   *hear.Listener
	cancel     context.CancelFunc
	done       chan struct{}
	err        error // why it ended; read after done
}

// newTalker opens what there is. told is called on the listener's goroutine.
func newTalker(home, device string, v VoiceSettings, stock *catalog.Catalogue, told func(hear.Event)) (*talker, error) {
	files, runtime, err := openModels(home, device)
	if err != nil {
		return nil, fmt.Errorf("voice: %w", err)
	}
	t := &talker{runtime: runtime, adviser: &visitAdviser{}, bias: recognise.Names(stock.All())}
	if err := t.openMind(home, files, stock); err != nil {
		return nil, errors.Join(err, t.close())
	}
	if t.hearing, err = openHearing(t, files, v, told); err != nil {
		t.troubles = append(t.troubles, err)
	}
	if v.Speak {
		if t.speaker, err = speak.Open(files, speak.Settings{Voice: v.Voice, Speed: v.Speed}); err != nil {
			t.troubles = append(t.troubles, err)
		}
	}
	return t, nil
}

// openMind opens what understands and answers.
func (t *talker) openMind(home string, files *models.Store, stock *catalog.Catalogue) (err error) {
	if t.minilm, err = understand.OpenMiniLM(files, t.runtime); err != nil {
		return err
	}
	if t.base, err = teach.Load(home); err != nil {
		t.troubles = append(t.troubles, err)
		t.base = nil
	}
	t.assistant, err = assistant.New(stock, assistant.Options{Adviser: t.adviser, Embedder: t.minilm, Trained: t.base})
	return err
}

// openHearing opens microphone and loudspeaker and begins to listen.
func openHearing(t *talker, files *models.Store, v VoiceSettings, told func(hear.Event)) (_ *hearing, err error) {
	h := &hearing{}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.audio, err = mic.OpenAudio(); err != nil {
		return nil, err
	}
	if h.microphone, err = h.audio.Microphone(v.Microphone); err != nil {
		return nil, err
	}
	if h.judge, err = detect.NewSilero(t.runtime); err != nil {
		return nil, err
	}
	if h.recogniser, err = recognise.Open(files, t.runtime.Provider().Asked); err != nil {
		return nil, err
	}
	var played func(int) []float32
	if h.player, err = h.audio.Player(""); err == nil {
		h.player.SetVolume(v.Volume)
		played = h.player.Played
	}
	h.listener = hear.New(hear.Config{Source: h.microphone, Judge: h.judge, Recogniser: h.recogniser, Mode: v.mode(),
		Bias: func() []string { return t.bias }, Played: played, Tell: told})
	ctx, cancel := context.WithCancel(context.Background())
	h.cancel, h.done = cancel, make(chan struct{})
	go func() {
		defer close(h.done)
		h.err = h.listener.Run(ctx)
	}()
	return h, nil
}

// ended says whether the microphone is gone, and why.
func (h *hearing) ended() (bool, error) {
	if h == nil || h.done == nil {
		return false, nil
	}
	select {
	case <-h.done:
		return true, h.err
	default:
		return false, nil
	}
}

func (h *hearing) close() error {
	if h == nil {
		return nil
	}
	var errs []error
	if h.cancel != nil {
		h.cancel()
		if h.microphone != nil {
			errs = append(errs, h.microphone.Close())
		}
		<-h.done
	} else if h.microphone != nil {
		errs = append(errs, h.microphone.Close())
	}
	if h.player != nil {
		errs = append(errs, h.player.Close())
	}
	if h.recogniser != nil {
		errs = append(errs, h.recogniser.Close())
	}
	if h.judge != nil {
		errs = append(errs, h.judge.Close())
	}
	if h.audio != nil {
		errs = append(errs, h.audio.Close())
	}
	return errors.Join(errs...)
}

func (t *talker) close() error {
	if t == nil {
		return nil
	}
	err := t.hearing.close()
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
	if t.speaker == nil || t.hearing == nil || t.hearing.player == nil {
		return nil
	}
	player := t.hearing.player
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
