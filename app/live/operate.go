package live

import (
	"context"
	"sync"

	"cheval/camera"
	"cheval/models"
	"cheval/tryon"
	"cheval/tryon/refine"
)

// wanted is which source and device a person chose last. The operator follows.
type wanted struct {
	mu     sync.Mutex
	source camera.Spec
	device models.Device
	opened bool // the source has been asked for
	loaded bool // the device has been asked for
	wake   chan struct{}
}

func (w *wanted) init(s camera.Spec, d models.Device) {
	w.source, w.device, w.wake = s, d, make(chan struct{}, 1)
	w.poke()
}

func (w *wanted) setSource(s camera.Spec) {
	w.mu.Lock()
	w.source, w.opened = s, false
	w.mu.Unlock()
	w.poke()
}

func (w *wanted) setDevice(d models.Device) {
	w.mu.Lock()
	if d != w.device {
		w.device, w.loaded = d, false
	}
	w.mu.Unlock()
	w.poke()
}

func (w *wanted) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// takeSource returns the source that is wanted, if it is not what was taken last.
func (w *wanted) takeSource() (camera.Spec, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	news := !w.opened
	w.opened = true
	return w.source, news
}

func (w *wanted) takeDevice() (models.Device, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	news := !w.loaded
	w.loaded = true
	return w.device, news
}

// operate opens and closes sources and engines as they are wanted, away from
// whoever wants them, until ctx ends.
func (p *Pipeline) operate(ctx context.Context) {
	var source *camera.Live
	defer func() {
		if source != nil {
			source.Close()
		}
		p.replaceEngine(nil)
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wanted.wake:
		}
		if spec, news := p.wanted.takeSource(); news {
			if source != nil {
				source.Close()
			}
			p.forgetSource()
			source = p.openSource(spec)
		}
		if d, news := p.wanted.takeDevice(); news {
			p.load(d)
		}
	}
}

// forgetSource drops what is known from the last source.
func (p *Pipeline) forgetSource() {
	if f, ok := p.frames.TryTake(); ok {
		f.Release()
	}
	if e := p.engine.Load(); e != nil {
		e.Reset()
	}
	p.source.reset()
	p.delays.reset()
}

// openSource starts a camera. Where it fails to give pictures, the mirror
// forgets what it showed: a person may have left meanwhile.
func (p *Pipeline) openSource(spec camera.Spec) *camera.Live {
	open := func(ctx context.Context) (camera.Source, error) { return Open(ctx, p.opt.Store, spec) }
	return camera.StartLive(open, p.frames, func(s camera.Status) {
		p.seen.setCamera(s)
		switch s.State {
		case camera.Ready, camera.Opening, camera.Ended, camera.Closed:
		default:
			p.mirror.Clear()
		}
	})
}

// load makes an engine on device d and hands it over. The one before goes on
// until then, and for good where the new one cannot be made.
func (p *Pipeline) load(d models.Device) {
	e, err := tryon.OpenEngine(p.opt.Store, d, tryon.Options{Refine: p.refine.Load(), RefineBudget: refine.Budget})
	if err != nil {
		p.seen.setTrouble(err)
		return
	}
	p.seen.setTrouble(nil)
	p.seen.setProvider(e.Provider())
	p.replaceEngine(e)
	p.follow() // what was chosen meanwhile
}

// replaceEngine puts e, or nothing, in the place of the engine in use, and ends
// that. There is nothing to be done, and nothing lost, where ending it fails.
func (p *Pipeline) replaceEngine(e *tryon.Engine) {
	if old := p.swapEngine(e); old != nil {
		old.Close()
	}
}
