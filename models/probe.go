package models

import "time"

// A probe runs often enough that its best time is steady on a busy machine.
const (
	probeWarmups = 3
	probeRuns    = 20
)

// probe returns the best time of a run in milliseconds, tensors copied to and
// from the device included, as the mirror does on every frame.
func (r *Runtime) probe(onnx []byte, cuda bool) (float64, error) {
	s, err := r.start(sessionSpec{name: probeModel, onnx: onnx, threads: threadsFor(probeModel), cuda: cuda})
	if err != nil {
		return 0, err
	}
	defer s.Close()
	return bestOf(s, probeWarmups, probeRuns)
}

// bestOf times a session's runs after some warm-ups, in milliseconds.
func bestOf(s *Session, warmups, runs int) (float64, error) {
	best := time.Duration(0)
	for i := range warmups + runs {
		start := time.Now()
		if err := s.Run(); err != nil {
			return 0, err
		}
		if d := time.Since(start); i >= warmups && (best == 0 || d < best) {
			best = d
		}
	}
	return float64(best) / float64(time.Millisecond), nil
}

// threadsFor returns how many threads a model gets.
func threadsFor(string) int { return 1 }
