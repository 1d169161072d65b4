package camera

import (
	"image"
	"image/color"
	"runtime"

	"gocv.io/x/gocv"
)

// Labels of GrabCut.
const (
	sureBack   = 0
	sureHead   = 1
	maybeBack  = 2
	maybeHead  = 3
	grabRounds = 4
)

// matte finds the head with its hair in the layout: 8 bits a pixel of the
// frame, 255 head, soft at the edge. Above the jaw's corners it runs GrabCut on
// the small picture, from the face, which is head for sure, and an ellipse about
// it, which may be. Below them the head is the face itself: shoulders and
// collars stay where they are.
func (l *layout) matte() gocv.Mat {
	labels := gocv.NewMatWithSize(l.source.Rows(), l.source.Cols(), gocv.MatTypeCV8U)
	defer labels.Close()
	l.guess(&labels)
	back, front := gocv.NewMat(), gocv.NewMat()
	defer back.Close()
	defer front.Close()
	// GrabCut starts from clusters that it draws with OpenCV's generator, one for
	// each thread: the same seed makes the same demo.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	gocv.SetRNGSeed(1)
	gocv.GrabCut(l.source, &labels, image.Rectangle{}, &back, &front, grabRounds, gocv.GCInitWithMask)

	head := gocv.NewMat()
	defer head.Close()
	odd := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(1, 0, 0, 0), labels.Rows(), labels.Cols(), gocv.MatTypeCV8U)
	defer odd.Close()
	gocv.BitwiseAnd(labels, odd, &head) // sureHead and maybeHead are odd
	keepLargest(&head)
	matte := l.soften(head)
	face := l.faceMask()
	defer face.Close()
	l.join(&matte, face)
	return matte
}

// faceMask is the mesh's own area at the frame's size, with a soft edge drawn
// in a little.
func (l *layout) faceMask() gocv.Mat {
	const fine = 2
	big := gocv.NewMatWithSizeFromScalar(gocv.Scalar{}, fine*l.size.Y, fine*l.size.X, gocv.MatTypeCV8U)
	defer big.Close()
	l.fillFace(&big, 255, func(v float32) int { return int(fine*v + 0.5) })
	kernel := gocv.GetStructuringElement(gocv.MorphEllipse, image.Pt(9, 9))
	defer kernel.Close()
	gocv.Erode(big, &big, kernel)
	mask := gocv.NewMat()
	gocv.Resize(big, &mask, l.size, 0, 0, gocv.InterpolationArea)
	gocv.GaussianBlur(mask, &mask, image.Point{}, 2.5, 2.5, gocv.BorderReplicate)
	return mask
}

// join leaves of the matte, below the jaw line, only what is face too.
func (l *layout) join(matte *gocv.Mat, face gocv.Mat) {
	below := image.Rect(0, min(l.size.Y-1, int(l.jawLine())), l.size.X, l.size.Y)
	lower, lowerFace := matte.Region(below), face.Region(below)
	defer lower.Close()
	defer lowerFace.Close()
	gocv.Min(lower, lowerFace, &lower)
}

// guess labels the small picture for GrabCut.
func (l *layout) guess(labels *gocv.Mat) {
	labels.SetTo(gocv.NewScalar(sureBack, 0, 0, 0))
	face := l.faceBox()
	middle := image.Pt((face.Min.X+face.Max.X)/2, (face.Min.Y+face.Max.Y)/2)
	w, h := float64(face.Dx()), float64(face.Dy())
	fill := func(label uint8, across, along float64) {
		gocv.Ellipse(labels, middle, image.Pt(int(across*w), int(along*h)), 0, 0, 360, color.RGBA{B: label}, -1)
	}
	fill(maybeBack, 1.35, 1.5)
	fill(maybeHead, 0.9, 1.1)
	below := image.Rect(0, l.small(l.jawLine()), labels.Cols(), labels.Rows())
	gocv.Rectangle(labels, below, color.RGBA{B: sureBack}, -1)
	// The mesh reaches a little beyond the cheeks, so only its inside is sure.
	mask := gocv.NewMatWithSizeFromScalar(gocv.Scalar{}, labels.Rows(), labels.Cols(), gocv.MatTypeCV8U)
	defer mask.Close()
	l.fillFace(&mask, 255, l.small)
	setLabel(labels, mask, maybeHead)
	kernel := gocv.GetStructuringElement(gocv.MorphEllipse, image.Pt(9, 9))
	defer kernel.Close()
	gocv.Erode(mask, &mask, kernel)
	setLabel(labels, mask, sureHead)
}

// setLabel sets the labels where mask is not 0.
func setLabel(labels *gocv.Mat, mask gocv.Mat, value float64) {
	all := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(value, 0, 0, 0), labels.Rows(), labels.Cols(), gocv.MatTypeCV8U)
	defer all.Close()
	all.CopyToWithMask(labels, mask)
}

// fillFace paints the mesh's triangles.
func (l *layout) fillFace(m *gocv.Mat, label uint8, to func(float32) int) {
	for _, t := range l.triangles {
		corners := make([]image.Point, 3)
		for k, i := range t {
			corners[k] = image.Pt(to(l.points[i][0]), to(l.points[i][1]))
		}
		poly := gocv.NewPointsVectorFromPoints([][]image.Point{corners})
		gocv.FillPoly(m, poly, color.RGBA{B: label})
		poly.Close()
	}
}

// small is a frame's coordinate in the small picture.
func (l *layout) small(v float32) int { return int(v / l.scale) }

// jawLine is the height below the ears from which the head is only its face,
// in frame pixels.
func (l *layout) jawLine() float32 {
	return (l.points[lmJawLeft][1]+l.points[lmJawRight][1])/2 + 0.06*l.faceSpan()
}

// faceSpan is the height of the face, in frame pixels.
func (l *layout) faceSpan() float32 { return l.points[lmChin][1] - l.points[lmForehead][1] }

// faceBox bounds the mesh in the small picture.
func (l *layout) faceBox() image.Rectangle {
	return image.Rect(l.small(l.points[lmEarLeft][0]), l.small(l.points[lmForehead][1]),
		l.small(l.points[lmEarRight][0]), l.small(l.points[lmChin][1]))
}

// keepLargest drops specks: all but the largest patch of ones.
func keepLargest(mask *gocv.Mat) {
	contours := gocv.FindContours(*mask, gocv.RetrievalExternal, gocv.ChainApproxNone)
	defer contours.Close()
	best, area := -1, 0.0
	for i := range contours.Size() {
		if a := gocv.ContourArea(contours.At(i)); a > area {
			best, area = i, a
		}
	}
	mask.SetTo(gocv.NewScalar(0, 0, 0, 0))
	if best >= 0 {
		gocv.DrawContours(mask, contours, best, color.RGBA{B: 255}, -1)
	}
}

// soften scales a mask to the frame and gives it an edge some pixels wide,
// drawn in by one pixel of the portrait, where hair and background mix.
func (l *layout) soften(head gocv.Mat) gocv.Mat {
	kernel := gocv.GetStructuringElement(gocv.MorphEllipse, image.Pt(3, 3))
	defer kernel.Close()
	gocv.Erode(head, &head, kernel)
	gocv.GaussianBlur(head, &head, image.Point{}, 0.9, 0.9, gocv.BorderReplicate)
	big := gocv.NewMat()
	gocv.Resize(head, &big, l.size, 0, 0, gocv.InterpolationCubic)
	return big
}
