package sound

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// wavOf writes a WAV of a format, with frames that hold v in every channel.
func wavOf(f Format, frames int, v func(i int) float64) []byte {
	le, code := binary.LittleEndian, uint16(codePCM)
	if f.Float {
		code = codeFloat
	}
	var data []byte
	for i := range frames {
		for range f.Channels {
			x := v(i)
			switch {
			case f.Float:
				data = le.AppendUint32(data, math.Float32bits(float32(x)))
			case f.Bits == 8:
				data = append(data, byte(128+math.Round(x*127)))
			case f.Bits == 16:
				data = le.AppendUint16(data, uint16(int16(math.Round(x*32767))))
			case f.Bits == 24:
				n := int32(math.Round(x * (1<<23 - 1)))
				data = append(data, byte(n), byte(n>>8), byte(n>>16))
			}
		}
	}
	b := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt "), le.AppendUint32(nil, 16)...)
	b = le.AppendUint16(b, code)
	b = le.AppendUint16(b, uint16(f.Channels))
	b = le.AppendUint32(b, uint32(f.Rate))
	b = le.AppendUint32(b, uint32(f.Rate*f.frame()))
	b = le.AppendUint16(b, uint16(f.frame()))
	b = le.AppendUint16(b, uint16(f.Bits))
	b = append(b, "LIST\x03\x00\x00\x00abc\x00data"...) // an odd part, filled up
	return append(le.AppendUint32(b, uint32(len(data))), data...)
}

func save(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "question.wav")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readAll(t testing.TB, path string) []float32 {
	t.Helper()
	s, err := OpenSpeech(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var all []float32
	buf := make([]float32, 777)
	for {
		n, err := s.Read(buf)
		all = append(all, buf[:n]...)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A tone of 440 Hz must be the same tone at 16 kHz, from whatever it came.
func TestRecordingsOfAllKindsBecomeSpeech(t *testing.T) {
	for _, f := range []Format{
		{8000, 1, 16, false}, {8000, 1, 8, false}, {48000, 2, 16, false}, {44100, 1, 24, false}, {22050, 6, 32, true}, {16000, 1, 16, false},
	} {
		tone := func(i int) float64 { return 0.5 * math.Sin(2*math.Pi*440*float64(i)/float64(f.Rate)) }
		got := readAll(t, save(t, wavOf(f, f.Rate, tone)))
		if len(got) < SpeechRate-40 || len(got) > SpeechRate+40 {
			t.Errorf("%+v: a second has %d samples", f, len(got))
			continue
		}
		worst := 0.0
		for i := 1000; i < 15000; i++ {
			want := 0.5 * math.Sin(2*math.Pi*440*float64(i)/SpeechRate)
			worst = math.Max(worst, math.Abs(float64(got[i])-want))
		}
		if worst > 0.01 {
			t.Errorf("%+v: the tone is off by %.4f", f, worst)
		}
	}
}

// What 16 kHz cannot hold must be gone, not folded into speech.
func TestResamplingDoesNotAlias(t *testing.T) {
	in := make([]float32, 48000)
	for i := range in {
		in[i] = float32(math.Sin(2 * math.Pi * 11000 * float64(i) / 48000))
	}
	if l := Measure(Resample(in, 48000, 16000)[200:15000]); l.RMS > 0.002 {
		t.Errorf("an 11 kHz tone is heard at 16 kHz with %.4f", l.RMS)
	}
}

func TestWhatIsNoWAVIsRefusedInOneSentence(t *testing.T) {
	whole := wavOf(Format{16000, 1, 16, false}, 10, func(int) float64 { return 0 })
	compressed := bytes.Clone(whole)
	compressed[20] = 85
	for what, c := range map[string]struct {
		b    []byte
		says string
	}{
		"MP3 called .wav":   {append([]byte("ID3\x04"), make([]byte, 100)...), "MP3"},
		"MP3 without a tag": {append([]byte{0xff, 0xfb, 0x90}, make([]byte, 100)...), "MP3"},
		"empty":             {nil, "empty"},
		"text":              {[]byte("show me round sunglasses"), "no WAV"},
		"only a head":       {whole[:30], "ends within its head"},
		"compressed":        {compressed, "compressed"},
	} {
		_, err := OpenSpeech(save(t, c.b))
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := OpenSpeech(t.TempDir()); err == nil {
		t.Error("a folder was read as sound")
	}
}

func TestARecordingThatEndsEarlyGivesWhatIsThere(t *testing.T) {
	b := wavOf(Format{16000, 1, 16, false}, 16000, func(int) float64 { return 0.1 })
	if got := readAll(t, save(t, b[:len(b)-10001])); len(got) != 10999 {
		t.Errorf("%d samples", len(got))
	}
}

// endless is two hours of silence behind a head.
type endless struct {
	head []byte
	left int64
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.head) > 0 {
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), e.left)
	e.left -= n
	return int(n), nil
}

func TestTwoHoursAreStreamed(t *testing.T) {
	head := wavOf(Format{16000, 1, 16, false}, 0, nil)
	binary.LittleEndian.PutUint32(head[len(head)-4:], 7200*32000)
	w, err := NewWAV(&endless{head, 7200 * 32000})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	buf, n := make([]float32, 4096), 0
	for {
		k, err := w.Read(buf)
		n += k
		if err == io.EOF {
			break
		}
	}
	runtime.ReadMemStats(&after)
	if n != 7200*16000 {
		t.Errorf("%d samples", n)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}

func TestClippingIsSeenAndKeptWithinBounds(t *testing.T) {
	loud := wavOf(Format{16000, 1, 32, true}, 1600, func(i int) float64 { return 3 * math.Sin(float64(i)) })
	got := readAll(t, save(t, loud))
	if l := Measure(got); !l.Clipped || l.Peak > 1 {
		t.Errorf("%+v", l)
	}
	nan := wavOf(Format{16000, 1, 32, true}, 10, func(int) float64 { return math.NaN() })
	if l := Measure(readAll(t, save(t, nan))); l.Peak != 0 {
		t.Errorf("NaN: %+v", l)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "answer.wav")
	want := []float32{0, 0.5, -0.5, 1, -1, 2}
	if err := WriteWAV(path, want, 16000); err != nil {
		t.Fatal(err)
	}
	got := readAll(t, path)
	for i, v := range []float64{0, 0.5, -0.5, 1, -1, 1} {
		if math.Abs(float64(got[i])-v) > 1e-4 {
			t.Errorf("sample %d is %f, not %f", i, got[i], v)
		}
	}
	if err := WriteWAV(filepath.Join(t.TempDir(), "no", "answer.wav"), want, 16000); err == nil {
		t.Error("wrote into a folder that is not there")
	}
}

func FuzzWAV(f *testing.F) {
	tone := func(i int) float64 { return math.Sin(float64(i)) }
	f.Add(wavOf(Format{8000, 1, 8, false}, 20, tone))
	f.Add(wavOf(Format{48000, 2, 24, false}, 20, tone))
	f.Add(wavOf(Format{22050, 1, 32, true}, 20, tone))
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := NewWAV(bytes.NewReader(b))
		if err != nil {
			return
		}
		buf, n := make([]float32, 100), 0
		for {
			k, err := w.Read(buf)
			for _, s := range buf[:k] {
				if !(s >= -1 && s <= 1) {
					t.Fatalf("a sample of %v", s)
				}
			}
			if n += k; err != nil || n > len(b) {
				break
			}
		}
		if n > len(b) {
			t.Fatalf("%d samples in %d bytes", n, len(b))
		}
	})
}
