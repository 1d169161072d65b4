package models

import (
	"errors"
	"fmt"
	"sync"
)

// probeModel is the model that auto times: the mirror's own, on every frame.
const probeModel = "face_landmark_with_attention"

// Runtime runs models on one device. Several may be open; any goroutine may
// use one, though each Session belongs to one goroutine at a time.
type Runtime struct {
	store    *Store
	provider Provider
	sessions sessions
	close    sync.Once
}

// OpenRuntime loads ONNX Runtime from the store and chooses the device. Where
// CUDA was asked for and cannot run, it runs on the CPU and Provider says why.
func OpenRuntime(s *Store, want Device) (*Runtime, error) {
	if _, err := ParseDevice(string(want)); err != nil {
		return nil, err
	}
	library, bridged, err := s.library()
	if err != nil {
		return nil, err
	}
	bridged, err = acquireEnvironment(library, bridged)
	if err != nil {
		return nil, err
	}
	r := &Runtime{store: s, provider: Provider{Asked: want, Ran: CPU}}
	c := choice{asked: want}
	if want != CPU {
		c.noCUDA = findCUDA(s, bridged, openLibrary)
	}
	if want != CPU && c.noCUDA == nil {
		if err := r.time(&c); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	r.provider = choose(c)
	return r, nil
}

// library returns the ONNX Runtime to load: the one with the CUDA bridge where
// it is installed, which runs the CPU alike, else the plain one.
func (s *Store) library() (path string, bridged bool, err error) {
	if path, err = s.Path(cudaRuntime); err == nil {
		return path, true, nil
	}
	path, err = s.Path("onnxruntime")
	return path, false, err
}

// Provider tells what was asked for, what runs and why.
func (r *Runtime) Provider() Provider { return r.provider }

// Load starts a model of the store. Close it, or the Runtime, when done.
func (r *Runtime) Load(name string) (*Session, error) {
	onnx, err := r.store.Read(name)
	if err != nil {
		return nil, err
	}
	return r.LoadONNX(name, onnx)
}

// LoadOptions say how a model is run that the usual way does not suit.
type LoadOptions struct {
	// Threads that one run may use; 0: as many as the mirror's models get.
	Threads int
	// Outputs are the ones wanted; empty: all. What only the others need is
	// not computed.
	Outputs []string
}

// LoadWith is Load with options.
func (r *Runtime) LoadWith(name string, o LoadOptions) (*Session, error) {
	onnx, err := r.store.Read(name)
	if err != nil {
		return nil, err
	}
	if len(o.Outputs) > 0 {
		if onnx, err = keepOutputs(onnx, o.Outputs); err != nil {
			return nil, fmt.Errorf("models: %s cannot run: %w", name, err)
		}
	}
	if o.Threads == 0 {
		o.Threads = threads
	}
	return r.start(sessionSpec{name: name, onnx: onnx, threads: o.Threads, cuda: r.provider.Ran == CUDA})
}

// LoadONNX starts a model from its bytes, which may be reused afterwards; name
// is for messages.
func (r *Runtime) LoadONNX(name string, onnx []byte) (*Session, error) {
	return r.start(sessionSpec{name: name, onnx: onnx, threads: threads, cuda: r.provider.Ran == CUDA})
}

func (r *Runtime) start(spec sessionSpec) (*Session, error) {
	s, err := newSession(spec, r.sessions.remove)
	if err != nil {
		return nil, err
	}
	r.sessions.add(s)
	return s, nil
}

// Close ends every session that is still open, and unloads ONNX Runtime with
// the last Runtime. No session may be running. It may be called twice.
func (r *Runtime) Close() (err error) {
	r.close.Do(func() {
		for _, s := range r.sessions.all() {
			err = errors.Join(err, s.Close())
		}
		err = errors.Join(err, releaseEnvironment())
	})
	return err
}

// time runs the probe on both devices. A CUDA that fails at it is no CUDA.
func (r *Runtime) time(c *choice) error {
	onnx, err := r.store.Read(probeModel)
	if err != nil {
		return err
	}
	if c.cudaMS, err = r.tryCUDA(onnx); err != nil {
		c.noCUDA = fmt.Errorf("it failed at a trial run: %s", cudaReason(err))
		return nil
	}
	if c.asked == Auto {
		c.cpuMS, err = r.probe(onnx, false)
	}
	return err
}
