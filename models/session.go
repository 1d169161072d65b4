package models

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// Session is one model, ready to run, with its tensors allocated for life.
// One goroutine at a time may use it: fill Input, Run, read Output.
type Session struct {
	name            string
	session         *ort.AdvancedSession
	inputs, outputs []port
	pins            runtime.Pinner // ONNX Runtime keeps pointers to the tensors' memory
	closed          bool
	done            func(closer) // tells the runtime
}

// port is a named tensor of a session.
type port struct {
	name   string
	shape  []int64
	tensor *ort.Tensor[float32]
}

// sessionSpec is how a model is run.
type sessionSpec struct {
	name    string
	onnx    []byte
	threads int
	cuda    bool
}

func newSession(spec sessionSpec, done func(closer)) (_ *Session, err error) {
	d, err := describe(spec.onnx)
	if err != nil {
		return nil, fmt.Errorf("models: %s cannot run: %w", spec.name, err)
	}
	s := &Session{name: spec.name, done: done}
	defer func() {
		if err != nil {
			s.destroy()
		}
	}()
	if err = s.allocate(&s.inputs, d.inputs); err != nil {
		return nil, err
	}
	if err = s.allocate(&s.outputs, d.outputs); err != nil {
		return nil, err
	}
	options, err := newOptions(spec)
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	s.session, err = ort.NewAdvancedSessionWithONNXData(spec.onnx, names(s.inputs), names(s.outputs),
		values(s.inputs), values(s.outputs), options)
	if err != nil {
		return nil, fmt.Errorf("models: start %s: %w", spec.name, err)
	}
	return s, nil
}

// newOptions sets threads and provider. Spinning is off: it doubles latency
// when the other cores are busy, which in the mirror they are.
func newOptions(spec sessionSpec) (_ *ort.SessionOptions, err error) {
	o, err := ort.NewSessionOptions()
	if err != nil {
		return nil, fmt.Errorf("models: session options: %w", err)
	}
	err = errors.Join(
		o.SetIntraOpNumThreads(spec.threads),
		o.SetInterOpNumThreads(1),
		o.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"),
		o.AddSessionConfigEntry("session.inter_op.allow_spinning", "0"),
		o.SetGraphOptimizationLevel(ort.GraphOptimizationLevelEnableAll),
	)
	if err == nil && spec.cuda {
		err = appendCUDA(o)
	}
	if err != nil {
		o.Destroy()
		return nil, fmt.Errorf("models: session options of %s: %w", spec.name, err)
	}
	return o, nil
}

// allocate makes the tensors, pinned for as long as ONNX Runtime knows them.
func (s *Session) allocate(ports *[]port, tensors []Tensor) error {
	for _, t := range tensors {
		n, _ := elements(t.Shape)
		data := make([]float32, n)
		s.pins.Pin(&data[0])
		value, err := ort.NewTensor(ort.Shape(t.Shape), data)
		if err != nil {
			return fmt.Errorf("models: %s: tensor %q: %w", s.name, t.Name, err)
		}
		*ports = append(*ports, port{t.Name, t.Shape, value})
	}
	return nil
}

func names(ports []port) (out []string) {
	for _, p := range ports {
		out = append(out, p.name)
	}
	return out
}

func values(ports []port) (out []ort.Value) {
	for _, p := range ports {
		out = append(out, p.tensor)
	}
	return out
}

// find returns the port of that name, or the first one for "". A name that is
// not there is a mistake in the program and panics with what there is.
func (s *Session) find(ports []port, name string) *port {
	for i := range ports {
		if ports[i].name == name || name == "" {
			return &ports[i]
		}
	}
	panic(fmt.Sprintf("models: %s has no tensor %q, only %q", s.name, name, names(ports)))
}

// Name is the model's name in the manifest.
func (s *Session) Name() string { return s.name }

// Input is the tensor to fill before Run, row-major in InputShape's order
// ("" is the first input). It stays the same slice until Close.
func (s *Session) Input(name string) []float32 { return s.find(s.inputs, name).tensor.GetData() }

// Output is the tensor that Run fills, row-major ("" is the first output). It
// stays the same slice until Close, and the next Run overwrites it.
func (s *Session) Output(name string) []float32 { return s.find(s.outputs, name).tensor.GetData() }

// InputShape is the input's shape, for pictures [1,3,height,width].
func (s *Session) InputShape(name string) []int64 { return s.find(s.inputs, name).shape }

// OutputShape is the output's shape.
func (s *Session) OutputShape(name string) []int64 { return s.find(s.outputs, name).shape }

// InputNames lists the inputs in the model's order.
func (s *Session) InputNames() []string { return names(s.inputs) }

// OutputNames lists the outputs in the model's order.
func (s *Session) OutputNames() []string { return names(s.outputs) }

// Run computes the outputs from the inputs. It allocates nothing in Go. After
// Close it returns an error.
func (s *Session) Run() error {
	if s.closed {
		return fmt.Errorf("models: %s was run after it was closed", s.name)
	}
	if err := s.session.Run(); err != nil {
		return fmt.Errorf("models: run %s: %w", s.name, err)
	}
	return nil
}

// Close frees the session and its tensors; Input and Output then answer nil.
// It may be called twice.
func (s *Session) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	s.destroy()
	s.done(s)
	return nil
}

func (s *Session) destroy() {
	if s.session != nil {
		s.session.Destroy()
	}
	for _, p := range slices.Concat(s.inputs, s.outputs) {
		p.tensor.Destroy()
	}
	s.pins.Unpin()
}

// closer is a session of either kind.
type closer interface{ Close() error }

// sessions keeps what a runtime has open, so that Close can end it.
type sessions struct {
	mu   sync.Mutex
	open []closer
}

func (l *sessions) add(s closer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, s)
}

func (l *sessions) remove(s closer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = slices.DeleteFunc(l.open, func(o closer) bool { return o == s })
}

func (l *sessions) all() []closer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.open)
}
