// Package mic brings sound in and out: microphones and loudspeakers by name,
// and a recording in a microphone's place, which goes through the same code.
//
// It leaves to others what the sound holds (voice/detect, voice/recognise).
package mic

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"cheval/voice/sound"

	"github.com/gen2brain/malgo"
)

// Rate is the sampling rate of all that is heard, in Hz; it is mono.
const Rate = sound.SpeechRate

// held bounds what a microphone keeps for a reader that is late: then the
// oldest is dropped.
const held = 10 * Rate

// ErrNone says that there is no microphone at all.
var ErrNone = errors.New("microphone: none is connected: plug one in, or use the screen")

// Audio is the machine's sound system. Close it last.
type Audio struct {
	context  *malgo.AllocatedContext
	backends []malgo.Backend
}

// OpenAudio reaches the sound system.
func OpenAudio() (*Audio, error) { return openAudio(nil) }

// openAudio takes other backends for a test: one that makes silence.
func openAudio(backends []malgo.Backend) (*Audio, error) {
	c, err := malgo.InitContext(backends, malgo.ContextConfig{}, nil)
	if err != nil {
		return nil, fmt.Errorf("microphone: this machine has no sound system: %w", err)
	}
	return &Audio{context: c, backends: backends}, nil
}

// Close leaves the sound system.
func (a *Audio) Close() error {
	err := a.context.Uninit()
	a.context.Free()
	return err
}

// Microphones names what can be opened, the default first.
func (a *Audio) Microphones() ([]string, error) { return a.names(malgo.Capture) }

// Loudspeakers names what can be opened, the default first.
func (a *Audio) Loudspeakers() ([]string, error) { return a.names(malgo.Playback) }

func (a *Audio) names(kind malgo.DeviceType) (names []string, err error) {
	devices, err := a.context.Devices(kind)
	if err != nil {
		return nil, fmt.Errorf("microphone: list devices: %w", err)
	}
	for _, d := range devices {
		if d.IsDefault != 0 {
			names = append([]string{d.Name()}, names...)
		} else {
			names = append(names, d.Name())
		}
	}
	return names, nil
}

// find returns the identity of a named device; nil for the default ("").
func (a *Audio) find(kind malgo.DeviceType, name string) (*malgo.DeviceID, error) {
	what, none := "microphone", ErrNone
	if kind == malgo.Playback {
		what, none = "loudspeaker", errors.New("loudspeaker: none is connected: answers are shown only")
	}
	devices, err := a.context.Devices(kind)
	if err != nil || len(devices) == 0 {
		return nil, none
	}
	var known []string
	for _, d := range devices {
		if d.Name() == name {
			return &d.ID, nil
		}
		known = append(known, d.Name())
	}
	if name == "" {
		return nil, nil
	}
	return nil, fmt.Errorf("%s: there is no %q: choose one of %s", what, name, strings.Join(known, ", "))
}

// Microphone records until it is closed or unplugged. One goroutine at a time
// may Read.
type Microphone struct {
	name   string
	device *malgo.Device
	mu     sync.Mutex
	more   chan struct{} // holds one when there is something new
	buf    []float32
	lost   int
	gone   bool
}

// Microphone opens a microphone by name ("" is the default). The error says
// whether there is none, none of that name, or it is in use.
func (a *Audio) Microphone(name string) (*Microphone, error) {
	m := &Microphone{name: name, more: make(chan struct{}, 1)}
	var err error
	m.device, err = a.start(malgo.Capture, name, Rate, malgo.DeviceCallbacks{
		Data: func(_, in []byte, _ uint32) { m.take(floats(in)) },
		Stop: m.stopped,
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// start opens a device by name, mono, and has it run.
func (a *Audio) start(kind malgo.DeviceType, name string, rate uint32, calls malgo.DeviceCallbacks) (*malgo.Device, error) {
	id, err := a.find(kind, name)
	if err != nil {
		return nil, err
	}
	config := malgo.DefaultDeviceConfig(kind)
	what, side := "microphone", &config.Capture
	if kind == malgo.Playback {
		what, side = "loudspeaker", &config.Playback
	}
	config.SampleRate, config.PeriodSizeInMilliseconds = rate, 20
	side.Format, side.Channels = malgo.FormatF32, 1
	if id != nil {
		var pins runtime.Pinner // only while it is opened
		defer pins.Unpin()
		pins.Pin(id)
		side.DeviceID = unsafe.Pointer(id)
	}
	device, err := malgo.InitDevice(a.context.Context, config, calls)
	if err == nil {
		if err = device.Start(); err != nil {
			device.Uninit()
		}
	}
	if err != nil {
		return nil, deviceError(what, name, err)
	}
	return device, nil
}

// deviceError says plainly why a device did not open.
func deviceError(what, name string, err error) error {
	if name == "" {
		name = "the default"
	}
	switch {
	case errors.Is(err, malgo.ErrBusy), errors.Is(err, malgo.ErrAlreadyInUse):
		return fmt.Errorf("%s: %s is in use by another program: close that (%w)", what, name, err)
	case errors.Is(err, malgo.ErrAccessDenied):
		return fmt.Errorf("%s: %s may not be used by this account: ask an administrator (%w)", what, name, err)
	case errors.Is(err, malgo.ErrNoDevice), errors.Is(err, malgo.ErrDoesNotExist):
		return fmt.Errorf("%s: %s is gone: plug it in again (%w)", what, name, err)
	}
	return fmt.Errorf("%s: open %s: %w", what, name, err)
}

// floats sees the sound system's bytes as samples.
func floats(b []byte) []float32 {
	if len(b) < 4 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)
}

// take runs on the sound system's thread.
func (m *Microphone) take(samples []float32) {
	m.mu.Lock()
	m.buf = append(m.buf, samples...)
	if extra := len(m.buf) - held; extra > 0 {
		m.lost += extra
		m.buf = append(m.buf[:0], m.buf[extra:]...)
	}
	m.mu.Unlock()
	m.wake()
}

func (m *Microphone) stopped() {
	m.mu.Lock()
	m.gone = true
	m.mu.Unlock()
	m.wake()
}

func (m *Microphone) wake() {
	select {
	case m.more <- struct{}{}:
	default:
	}
}

// Read fills dst, waiting for as much sound. It fails when ctx ends or the
// microphone vanishes, mid-sentence or not.
func (m *Microphone) Read(ctx context.Context, dst []float32) error {
	for {
		m.mu.Lock()
		enough, gone := len(m.buf) >= len(dst), m.gone
		if enough {
			copy(dst, m.buf)
			m.buf = append(m.buf[:0], m.buf[len(dst):]...)
		}
		m.mu.Unlock()
		switch {
		case enough:
			return nil
		case gone:
			return deviceError("microphone", m.name, malgo.ErrNoDevice)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-m.more:
		}
	}
}

// Lost is how many samples were dropped because nobody read them.
func (m *Microphone) Lost() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lost
}

// Close stops recording. A Read that waits ends.
func (m *Microphone) Close() error {
	m.device.Uninit()
	m.stopped()
	return nil
}
