package studio

import (
	"errors"
	"image"

	"cheval/models/weights"
	"cheval/studio/enhance"
	"cheval/studio/photo"
)

// Measure tells of a photo's light and noise, and what correction the network
// says it needs. Of a picture that was cut out before, nobody can say whether
// the light was coloured or the product is. A problem says why there is no
// correction.
func (s *Studio) Measure(p *photo.Photo) (enhance.Estimate, []photo.Problem) {
	e := enhance.Measure(p.Image)
	if p.Alpha != nil {
		e.Gain, e.Neutral = [3]float64{1, 1, 1}, 0
		return e, nil
	}
	var err error
	if e.Correction, err = s.read(p.Image); err != nil {
		return e, []photo.Problem{{Kind: photo.NoCorrection, Text: "the learned correction of colour and light is switched off, and the usual one is used: " + err.Error()}}
	}
	return e, nil
}

// read asks the network, nil where it does not ship.
func (s *Studio) read(img *image.RGBA) (_ *enhance.Correction, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.used()
	if s.reader == nil && s.noReader == nil && s.runtime != nil {
		s.reader, s.noReader = enhance.OpenReader(s.runtime)
	}
	switch {
	case errors.Is(s.noReader, weights.ErrAbsent):
		return nil, nil
	case s.noReader != nil:
		return nil, s.noReader
	case s.reader == nil:
		return nil, nil
	}
	c, err := s.reader.Read(img)
	if err != nil {
		s.noReader = err // what gives no numbers once is not asked again
	}
	return c, err
}
