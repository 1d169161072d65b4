//go:build long

package studio

import "testing"

func TestMemoryIsFlatOverAThousandPhotos(t *testing.T) { memoryFlat(t, 1000, threeMegapixels) }
