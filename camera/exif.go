package camera

import (
	"bytes"
	"encoding/binary"
	"image"
)

// Only the orientation is read, and by these few lines rather than by a
// library: the ones at hand allocate what a hostile count declares.

// orientationTag of TIFF 6.0 and Exif 2.32, a SHORT of 1 to 8.
const orientationTag = 0x0112

// orientation finds the Exif orientation (1 to 8) in the first directory of a
// TIFF structure; 1, upright, where there is none or it makes no sense.
func orientation(tiff []byte) int {
	order, ok := byteOrder(tiff)
	if !ok {
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for n := int(order.Uint16(tiff[at:])); n > 0 && len(entries) >= 12; n-- {
		if order.Uint16(entries) == orientationTag {
			const short = 3
			if v := order.Uint16(entries[8:]); order.Uint16(entries[2:]) == short && v >= 1 && v <= 8 {
				return int(v)
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

func byteOrder(tiff []byte) (binary.ByteOrder, bool) {
	if len(tiff) < 8 {
		return nil, false
	}
	switch string(tiff[:4]) {
	case "II*\x00":
		return binary.LittleEndian, true
	case "MM\x00*":
		return binary.BigEndian, true
	}
	return nil, false
}

// turn applies an Exif orientation: what it returns stands upright. For 1 it
// returns m itself.
func turn(m *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range dh {
		for x := range dw {
			sx, sy := turnSource(orientation, x, y, w, h)
			copy(dst.Pix[y*dst.Stride+4*x:][:4], m.Pix[sy*m.Stride+4*sx:][:4])
		}
	}
	return dst
}

// turnSource says which pixel of a stored w×h picture stands at (x, y) of the
// upright one. Exif 2.32, table 6: row 0 and column 0 as they are seen.
func turnSource(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2: // mirrored
		return w - 1 - x, y
	case 3: // upside down
		return w - 1 - x, h - 1 - y
	case 4: // upside down and mirrored
		return x, h - 1 - y
	case 5: // mirrored, on its side
		return y, x
	case 6: // turn clockwise
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	default: // 8: turn counter-clockwise
		return w - 1 - y, x
	}
}

func noExif([]byte) []byte { return nil }

// exifInTIFF: a TIFF file is itself the structure.
func exifInTIFF(data []byte) []byte { return data }

// exifInJPEG returns the TIFF structure of the APP1 segment, nil without one.
func exifInJPEG(data []byte) []byte {
	const app1, startOfScan = 0xe1, 0xda
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker := data[at+1]
		if marker == 0xff { // fill byte
			at++
			continue
		}
		size := int(binary.BigEndian.Uint16(data[at+2:]))
		end := at + 2 + size
		if marker == startOfScan || size < 2 || end > len(data) {
			return nil
		}
		if body := data[at+4 : end]; marker == app1 {
			if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok {
				return tiff
			}
		}
		at = end
	}
	return nil
}

// exifInPNG returns the body of the eXIf chunk (PNG 1.5 extension), nil without one.
func exifInPNG(data []byte) []byte {
	return chunk(data, 8, binary.BigEndian, "eXIf", true)
}

// exifInWebP returns the body of the EXIF chunk, nil without one. Some writers
// put JPEG's prefix before it.
func exifInWebP(data []byte) []byte {
	return bytes.TrimPrefix(chunk(data, 12, binary.LittleEndian, "EXIF", false), []byte("Exif\x00\x00"))
}

// chunk walks length-tagged chunks from at on. PNG puts the length first and a
// checksum after; RIFF puts the name first and pads to even lengths.
func chunk(data []byte, at int, order binary.ByteOrder, name string, lengthFirst bool) []byte {
	for at+8 <= len(data) {
		size, tag := int64(order.Uint32(data[at:])), data[at+4:at+8]
		after := int64(4)
		if !lengthFirst {
			tag, size = data[at:at+4], int64(order.Uint32(data[at+4:]))
			after = size & 1
		}
		if int64(at)+8+size > int64(len(data)) {
			return nil
		}
		if string(tag) == name {
			return data[at+8 : at+8+int(size)]
		}
		at += int(8 + size + after)
	}
	return nil
}

// Upright turns a JPEG's pixels, decoded from data elsewhere, as its Exif
// orientation says. An upright one is returned as it is.
func Upright(m *image.RGBA, data []byte) *image.RGBA { return turn(m, orientation(exifInJPEG(data))) }
