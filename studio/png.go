package studio

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"image"
	"io"
	"runtime"
	"sync"
)

// Encode writes a picture as PNG, quickly: on every core, at some tenths more
// bytes than the smallest. Go's own encoder takes a third of the time that a
// photo has, on one core.
//
// The rows are cut into bands that are compressed apart and joined, as flate
// allows when each but the last ends at a byte (RFC 1951); each row is filtered
// by "Up" (PNG 1.2, 6.3), which suits photos and costs nothing.
func Encode(w io.Writer, m *image.NRGBA) error {
	width, height := m.Rect.Dx(), m.Rect.Dy()
	if width <= 0 || height <= 0 {
		return fmt.Errorf("studio: a picture of %dx%d pixels is not written", width, height)
	}
	opaque := m.Opaque()
	bands, err := compressBands(m, opaque)
	if err != nil {
		return err
	}
	kind := byte(6) // colour with alpha
	if opaque {
		kind = 2
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(width))
	head = binary.BigEndian.AppendUint32(head, uint32(height))
	head = append(head, 8, kind, 0, 0, 0)
	if _, err := io.WriteString(w, "\x89PNG\r\n\x1a\n"); err != nil {
		return err
	}
	data, sum := []byte{0x78, 0x01}, uint32(1) // zlib's head
	for _, b := range bands {
		data = append(data, b.data...)
		sum = joinAdler(sum, b.sum, b.length)
	}
	data = binary.BigEndian.AppendUint32(data, sum)
	for _, c := range []struct {
		name string
		body []byte
	}{{"IHDR", head}, {"IDAT", data}, {"IEND", nil}} {
		if err := writeChunk(w, c.name, c.body); err != nil {
			return err
		}
	}
	return nil
}

func writeChunk(w io.Writer, name string, body []byte) error {
	sum := crc32.NewIEEE()
	io.WriteString(sum, name)
	sum.Write(body)
	for _, part := range [][]byte{binary.BigEndian.AppendUint32(nil, uint32(len(body))), []byte(name), body, binary.BigEndian.AppendUint32(nil, sum.Sum32())} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// band is some rows, compressed.
type band struct {
	data   []byte
	sum    uint32 // Adler-32 of what was compressed
	length int
	err    error
}

func compressBands(m *image.NRGBA, opaque bool) ([]band, error) {
	height := m.Rect.Dy()
	n := min(runtime.GOMAXPROCS(0), height)
	bands := make([]band, n)
	var wg sync.WaitGroup
	for i := range bands {
		wg.Go(func() { bands[i] = compress(m, i*height/n, (i+1)*height/n, opaque, i == n-1) })
	}
	wg.Wait()
	for _, b := range bands {
		if b.err != nil {
			return nil, fmt.Errorf("studio: compress a picture: %w", b.err)
		}
	}
	return bands, nil
}

// compress deflates rows from..to; only the last band ends the stream.
func compress(m *image.NRGBA, from, to int, opaque, last bool) (b band) {
	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return band{err: err}
	}
	channels := 4
	if opaque {
		channels = 3
	}
	sum := adler32.New()
	line := make([]byte, 1+channels*m.Rect.Dx())
	for y := from; y < to; y++ {
		filterUp(line, m, y, channels)
		sum.Write(line)
		if _, err := z.Write(line); err != nil {
			return band{err: err}
		}
	}
	end := z.Flush
	if last {
		end = z.Close
	}
	if err := end(); err != nil {
		return band{err: err}
	}
	return band{data: out.Bytes(), sum: sum.Sum32(), length: len(line) * (to - from)}
}

// filterUp writes a row as differences from the one above.
func filterUp(line []byte, m *image.NRGBA, y, channels int) {
	row := m.Pix[y*m.Stride : y*m.Stride+4*m.Rect.Dx()]
	line[0] = 2
	above := make([]byte, 0)
	if y > 0 {
		above = m.Pix[(y-1)*m.Stride : (y-1)*m.Stride+4*m.Rect.Dx()]
	}
	for x, o := 0, 1; x < len(row); x, o = x+4, o+channels {
		for c := range channels {
			v := row[x+c]
			if len(above) > 0 {
				v -= above[x+c]
			}
			line[o+c] = v
		}
	}
}

// joinAdler is the sum of a then b, of which b has length bytes (as zlib's
// adler32_combine).
func joinAdler(a, b uint32, length int) uint32 {
	const base = 65521
	rest := uint32(length % base)
	low := (a&0xffff + b&0xffff + base - 1) % base
	high := (rest*(a&0xffff)%base + a>>16 + b>>16 + base - rest) % base
	return high<<16 | low
}
