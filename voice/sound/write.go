package sound

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"cheval/internal/wholefile"
)

// WriteWAV writes samples as 16-bit mono. The file is whole or not there.
func WriteWAV(path string, samples []float32, rate int) error {
	if int64(len(samples)) > (math.MaxUint32-36)/2 {
		return errors.New("sound: more than a WAV file holds")
	}
	err := wholefile.Write(path, 0o644, func(f *os.File) error {
		w := bufio.NewWriter(f)
		w.Write(head(len(samples), rate)) // bufio keeps the error for Flush
		for _, s := range samples {
			v := math.Max(-1, math.Min(1, float64(s)))
			if math.IsNaN(v) {
				v = 0
			}
			w.Write(binary.LittleEndian.AppendUint16(nil, uint16(int16(math.Round(v*math.MaxInt16)))))
		}
		return w.Flush()
	})
	if err != nil {
		return fmt.Errorf("sound: write %s: %w", filepath.Base(path), err)
	}
	return nil
}

func head(samples, rate int) []byte {
	le, b := binary.LittleEndian, []byte("RIFF")
	b = le.AppendUint32(b, uint32(36+2*samples))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, codePCM)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(2*rate))
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	return le.AppendUint32(b, uint32(2*samples))
}

// Level is how loud a stretch of sound is.
type Level struct {
	RMS, Peak float64 // of full scale, 0–1
	Clipped   bool    // more than one sample in a thousand is at full scale
}

// Measure returns the level of samples.
func Measure(samples []float32) (l Level) {
	if len(samples) == 0 {
		return l
	}
	var sum float64
	clipped := 0
	for _, s := range samples {
		a := math.Abs(float64(s))
		sum += a * a
		l.Peak = math.Max(l.Peak, a)
		if a >= 0.999 {
			clipped++
		}
	}
	l.RMS = math.Sqrt(sum / float64(len(samples)))
	l.Clipped = clipped*1000 > len(samples)
	return l
}
