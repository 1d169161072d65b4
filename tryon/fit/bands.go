package fit

// WidthGood is how many millimetres a front may be narrower or wider than the
// face and still fit; scales that show a fit are drawn with it.
const WidthGood = widthGood

// WidthBand judges a front by its width alone, in millimetres more than the
// face: what can be said of every frame of a shop without trying each on.
func WidthBand(mm float32) Band { return band(mm, widthGood, widthFar) }
