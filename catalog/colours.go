package catalog

import "image/color"

// Nominal is what a colour of Colours looks like, false for multi, which has no
// one look.
func Nominal(colour string) (color.NRGBA, bool) {
	c, ok := nominal[colour]
	return c, ok
}

var nominal = map[string]color.NRGBA{
	"black": {20, 20, 22, 255}, "grey": {128, 128, 130, 255}, "white": {244, 244, 242, 255}, "crystal": {225, 230, 232, 255},
	"brown": {96, 62, 40, 255}, "tortoise": {110, 66, 30, 255}, "beige": {214, 196, 168, 255}, "gold": {201, 165, 92, 255},
	"silver": {192, 194, 198, 255}, "gunmetal": {84, 88, 94, 255}, "pink": {230, 160, 170, 255}, "red": {190, 35, 40, 255},
	"burgundy": {100, 24, 40, 255}, "orange": {226, 120, 40, 255}, "yellow": {232, 200, 60, 255}, "green": {60, 110, 70, 255},
	"blue": {60, 100, 180, 255}, "navy": {30, 42, 80, 255}, "purple": {110, 70, 140, 255},
}
