package app

import (
	"context"
	"errors"
	"io"
	"sync"

	"cheval/models"
	"cheval/voice/detect"
	"cheval/voice/hear"
	"cheval/voice/mic"
	"cheval/voice/recognise"
)

// ear is where the mirror hears: a microphone.
type ear interface {
	hear.Source
	Close() error
}

// mouth is where the mirror speaks: a loudspeaker. See mic.Player.
type mouth interface {
	Play(samples []float32, rate int)
	Wait(ctx context.Context) error
	Stop()
	SetVolume(v float64)
	Played(n int) []float32
	Close() error
}

// soundDevices are the open microphone and loudspeaker; each is nil where there is
// none.
type soundDevices struct {
	ear    ear
	mouth  mouth
	system io.Closer // closed last; nil: nothing to close
}

// openSound opens the microphone of that name ("": the first) and the
// loudspeaker. The error says what is missing; what there is can be used.
type openSound func(microphone string) (soundDevices, error)

func openDevices(microphone string) (d soundDevices, err error) {
	audio, err := mic.OpenAudio()
	if err != nil {
		return d, err
	}
	d.system = audio
	var missing []error
	if m, err := audio.Microphone(microphone); err == nil {
		d.ear = m
	} else {
		missing = append(missing, err)
	}
	if p, err := audio.Player(""); err == nil {
		d.mouth = p
	} else {
		missing = append(missing, err)
	}
	return d, errors.Join(missing...)
}

func (d *soundDevices) close() error {
	var errs []error
	if d.mouth != nil {
		errs = append(errs, d.mouth.Close())
	}
	if d.ear != nil {
		errs = append(errs, d.ear.Close())
	}
	if d.system != nil {
		errs = append(errs, d.system.Close())
	}
	return errors.Join(errs...)
}

// hearing is what listens to an open microphone.
type hearing struct {
	judge      *detect.Silero
	recogniser *recognise.Recogniser
	listener   *hear.Listener
	cancel     context.CancelFunc // nil: it does not run
	running    sync.WaitGroup
	done       chan struct{}
	err        error // why it ended; read after done
}

// openHearing begins to listen. The recogniser loads meanwhile, so that the
// first question does not wait for it.
func openHearing(t *talker, files *models.Store, v VoiceSettings, told func(hear.Event)) (_ *hearing, err error) {
	h := &hearing{}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.judge, err = detect.NewSilero(t.runtime); err != nil {
		return nil, err
	}
	if h.recogniser, err = recognise.Open(files, t.runtime.Provider().Asked); err != nil {
		return nil, err
	}
	var played func(int) []float32
	if t.devices.mouth != nil {
		played = t.devices.mouth.Played
	}
	h.listener = hear.New(hear.Config{Source: t.devices.ear, Judge: h.judge, Recogniser: h.recogniser, Mode: v.mode(),
		Bias: func() []string { return t.bias }, Likely: t.likely, Played: played, Tell: told})
	h.listen()
	return h, nil
}

func (h *hearing) listen() {
	ctx, cancel := context.WithCancel(context.Background())
	h.cancel, h.done = cancel, make(chan struct{})
	h.running.Go(func() {
		defer close(h.done)
		h.err = h.listener.Run(ctx)
	})
	h.running.Go(func() {
		h.recogniser.Load() // the first sentence says what is wrong
	})
}

// ended says whether the microphone is gone, and why.
func (h *hearing) ended() (bool, error) {
	if h == nil {
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
		h.running.Wait() // a sentence that is being recognised ends first
	}
	if h.recogniser != nil {
		errs = append(errs, h.recogniser.Close())
	}
	if h.judge != nil {
		errs = append(errs, h.judge.Close())
	}
	return errors.Join(errs...)
}
