package mic

import (
	"context"
	"sync"

	"cheval/voice/sound"

	"github.com/gen2brain/malgo"
)

// playRate is the rate of the loudspeaker, twice that of what is heard, so that
// the reference for the echo is made by halving.
const playRate = 2 * Rate

// Player plays sounds one after the other on a loudspeaker. Any goroutine may
// use it.
type Player struct {
	device *malgo.Device
	mu     sync.Mutex
	queue  []float32 // at playRate
	volume float32
	played []float32 // at Rate, not yet taken by Played
	empty  chan struct{}
}

// Player opens a loudspeaker by name ("" is the default).
func (a *Audio) Player(name string) (*Player, error) {
	p := &Player{volume: 1, empty: make(chan struct{}, 1)}
	var err error
	p.device, err = a.start(malgo.Playback, name, playRate, malgo.DeviceCallbacks{
		Data: func(out, _ []byte, _ uint32) { p.give(floats(out)) },
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// give runs on the sound system's thread.
func (p *Player) give(out []float32) {
	p.mu.Lock()
	n := copy(out, p.queue)
	p.queue = p.queue[n:]
	for i := range n {
		out[i] *= p.volume
	}
	clear(out[n:])
	for i := 0; i+1 < len(out); i += 2 {
		p.played = append(p.played, (out[i]+out[i+1])/2)
	}
	if extra := len(p.played) - held; extra > 0 {
		p.played = append(p.played[:0], p.played[extra:]...)
	}
	done := len(p.queue) == 0
	p.mu.Unlock()
	if done {
		select {
		case p.empty <- struct{}{}:
		default:
		}
	}
}

// Play adds a sound behind those that wait, and returns at once.
func (p *Player) Play(samples []float32, rate int) {
	samples = sound.Resample(samples, rate, playRate)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, samples...)
}

// Wait waits until all is played, or ctx ends.
func (p *Player) Wait(ctx context.Context) error {
	for p.Speaking() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.empty:
		}
	}
	return nil
}

// Stop drops what is not played yet: an answer is interrupted.
func (p *Player) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = nil
}

// Speaking says whether something is being played.
func (p *Player) Speaking() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.queue) > 0
}

// SetVolume sets how loud all that is played is, 0–1.
func (p *Player) SetVolume(v float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.volume = float32(max(0, min(1, v)))
}

// Played takes up to n samples (at Rate) of what was played since the last
// call: the reference for the echo.
func (p *Player) Played(n int) []float32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	n = min(n, len(p.played))
	out := append([]float32(nil), p.played[:n]...)
	p.played = append(p.played[:0], p.played[n:]...)
	return out
}

// Close stops the loudspeaker.
func (p *Player) Close() error {
	p.device.Uninit()
	return nil
}
