// Package sound reads and writes WAV, changes sampling rates and measures
// levels. Samples are float32, mono, ±1.
//
// It leaves to others what the sound is of, and where it comes from.
package sound

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
)

// SpeechRate is the sampling rate in which speech is recognised, in Hz.
const SpeechRate = 16000

// Format is how a WAV file holds its samples.
type Format struct {
	Rate     int // Hz, 4000–384000
	Channels int // 1–32
	Bits     int // 8, 16, 24, 32 (integers) or 32, 64 (Float)
	Float    bool
}

func (f Format) frame() int { return f.Channels * f.Bits / 8 }

// WAV streams the samples of a WAV file, its channels averaged. It holds a few
// kilobytes, however long the file is. One goroutine at a time may use it.
type WAV struct {
	Format Format
	r      *bufio.Reader
	left   int64 // bytes of samples; negative where the file does not say
	buf    []byte
}

// NewWAV reads the head of a WAV stream.
func NewWAV(r io.Reader) (*WAV, error) {
	w := &WAV{r: bufio.NewReader(r)}
	head, err := w.r.Peek(12)
	if err != nil || string(head[:4]) != "RIFF" || string(head[8:12]) != "WAVE" {
		return nil, notWAV(head)
	}
	w.r.Discard(12) // peeked
	known := false
	for range 1000 { // chunks before the samples
		var chunk [8]byte
		if _, err := io.ReadFull(w.r, chunk[:]); err != nil {
			return nil, errors.New("it has no samples: the file ends within its head")
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			if err := w.readFormat(size); err != nil {
				return nil, err
			}
			known = true
		case "data":
			if !known {
				return nil, errors.New("its samples stand before their format")
			}
			w.left = size
			if size == 0 || size == math.MaxUint32 { // written as a stream, or over 4 GB
				w.left = -1
			}
			return w, nil
		default:
			if _, err := io.CopyN(io.Discard, w.r, size+size&1); err != nil {
				return nil, errors.New("it has no samples: the file ends within its head")
			}
		}
	}
	return nil, errors.New("it has no samples among its first thousand parts")
}

// notWAV names what people call .wav by mistake.
func notWAV(head []byte) error {
	what := "it is no WAV file"
	begins := func(s string) bool { return len(head) >= len(s) && string(head[:len(s)]) == s }
	switch {
	case len(head) == 0:
		return errors.New("the file is empty")
	case begins("ID3"), len(head) > 1 && head[0] == 0xff && head[1]&0xe0 == 0xe0:
		what = "it is MP3, whatever it is called"
	case begins("OggS"):
		what = "it is Ogg"
	case begins("fLaC"):
		what = "it is FLAC"
	case len(head) >= 8 && string(head[4:8]) == "ftyp":
		what = "it is MP4"
	}
	return fmt.Errorf("%s: save the recording as WAV", what)
}

// Codes of the format part.
const (
	codePCM        = 1
	codeFloat      = 3
	codeExtensible = 0xfffe
)

func (w *WAV) readFormat(size int64) error {
	if size < 16 || size > 1<<16 {
		return fmt.Errorf("its format part has %d bytes", size)
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(w.r, b); err != nil {
		return errors.New("the file ends within its head")
	}
	code := binary.LittleEndian.Uint16(b)
	if code == codeExtensible && size >= 26 {
		code = binary.LittleEndian.Uint16(b[24:])
	}
	f := Format{
		Channels: int(binary.LittleEndian.Uint16(b[2:])), Rate: int(binary.LittleEndian.Uint32(b[4:])),
		Bits: int(binary.LittleEndian.Uint16(b[14:])), Float: code == codeFloat,
	}
	whole := code == codePCM && (f.Bits == 8 || f.Bits == 16 || f.Bits == 24 || f.Bits == 32)
	switch {
	case !whole && !(f.Float && (f.Bits == 32 || f.Bits == 64)):
		return fmt.Errorf("its samples (code %d, %d bits) are compressed or unknown: save it as 16-bit PCM", code, f.Bits)
	case f.Channels < 1 || f.Channels > 32:
		return fmt.Errorf("it claims %d channels", f.Channels)
	case f.Rate < 4000 || f.Rate > 384000:
		return fmt.Errorf("it claims %d samples a second", f.Rate)
	}
	w.Format = f
	return nil
}

// Read fills dst with samples and returns how many; io.EOF at the end. A file
// that ends early gives what is there. Numbers that are none (NaN) are 0, and
// those beyond ±1 are cut.
func (w *WAV) Read(dst []float32) (n int, err error) {
	size := w.Format.frame()
	want := min(len(dst), 4096)
	if w.left >= 0 {
		want = min(want, int(w.left/int64(size)))
	}
	if want == 0 {
		if len(dst) == 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	if len(w.buf) < want*size {
		w.buf = make([]byte, want*size)
	}
	got, err := io.ReadFull(w.r, w.buf[:want*size])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return 0, err
	}
	if w.left >= 0 {
		w.left -= int64(got)
	}
	for n = range got / size {
		dst[n] = w.mono(w.buf[n*size:])
	}
	if got/size == 0 {
		return 0, io.EOF
	}
	return got / size, nil
}

// mono averages the channels of one frame.
func (w *WAV) mono(b []byte) float32 {
	var sum float64
	step := w.Format.Bits / 8
	for c := range w.Format.Channels {
		v := w.sample(b[c*step:])
		if math.IsNaN(v) {
			v = 0
		}
		sum += math.Max(-1, math.Min(1, v))
	}
	return float32(sum / float64(w.Format.Channels))
}

func (w *WAV) sample(b []byte) float64 {
	switch {
	case w.Format.Float && w.Format.Bits == 32:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case w.Format.Float:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case w.Format.Bits == 8:
		return (float64(b[0]) - 128) / 128
	case w.Format.Bits == 16:
		return float64(int16(binary.LittleEndian.Uint16(b))) / (1 << 15)
	case w.Format.Bits == 24:
		return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)>>8) / (1 << 23)
	}
	return float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 31)
}

// Speech streams a WAV file at SpeechRate.
type Speech struct {
	file *os.File
	wav  *WAV
	to   *Resampler
	raw  []float32
	left []float32
	done bool
}

// OpenSpeech opens a WAV file of any rate and channels. The caller closes it.
func OpenSpeech(path string) (*Speech, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("sound: %w", err)
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = errors.New("it is no file")
	}
	var wav *WAV
	if err == nil {
		wav, err = NewWAV(f)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("sound: read %s: %w", filepath.Base(path), err)
	}
	return &Speech{file: f, wav: wav, to: NewResampler(wav.Format.Rate, SpeechRate), raw: make([]float32, 4096)}, nil
}

// Read fills dst with samples at SpeechRate; io.EOF at the end.
func (s *Speech) Read(dst []float32) (int, error) {
	for len(s.left) == 0 {
		if s.done {
			return 0, io.EOF
		}
		n, err := s.wav.Read(s.raw)
		switch {
		case err == io.EOF:
			s.done = true
			s.left = s.to.Flush()
		case err != nil:
			return 0, fmt.Errorf("sound: read %s: %w", filepath.Base(s.file.Name()), err)
		default:
			s.left = s.to.Write(s.raw[:n])
		}
	}
	n := copy(dst, s.left)
	s.left = s.left[n:]
	return n, nil
}

// Close closes the file.
func (s *Speech) Close() error { return s.file.Close() }
