package studio

import (
	"errors"
	"image"
	"testing"

	"cheval/studio/enhance"
	"cheval/studio/photo"
)

// A network that gives no numbers is switched off with a sentence, and photos
// are enhanced as usual.
func TestABrokenNetworkIsSwitchedOffAndSaid(t *testing.T) {
	s := &Studio{noReader: errors.New("enhance: the enhancer's gains hold NaN")}
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range img.Pix {
		img.Pix[i] = uint8(90 + i%60)
	}
	e, problems := s.Measure(&photo.Photo{Image: img})
	if len(problems) != 1 || problems[0].Kind != photo.NoCorrection || problems[0].Text == "" {
		t.Errorf("problems %v", problems)
	}
	if a := enhance.Auto(e); e.Correction != nil || a.Learned != 0 || a.Exposure == 0 {
		t.Errorf("the automatic setting is %+v", a)
	}
}

// Of a picture that was cut out before nobody can say what its light was.
func TestACutOutIsNotCorrected(t *testing.T) {
	s := openStudio(t)
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	if e, problems := s.Measure(&photo.Photo{Image: img, Alpha: image.NewAlpha(img.Rect)}); e.Correction != nil || len(problems) > 0 {
		t.Errorf("correction %v, %v", e.Correction, problems)
	}
	if e, _ := s.Measure(&photo.Photo{Image: img}); e.Correction == nil {
		t.Error("a photo is not corrected")
	}
}
