package model

// Value is one feature of an item or of a person.
type Value struct {
	Feature int32
	Weight  float32
}

// Features are the features of all items, kept as one list: row i is
// Values[Start[i]:Start[i+1]].
type Features struct {
	Names  []string // "colour=black"; the index is Value.Feature
	Start  []int32
	Values []Value
	// Dense are Width further numbers an item that have no name, such as a
	// picture's embedding, row by row; Width 0: none.
	Dense []float32
	Width int
}

// Len is how many items have features.
func (f *Features) Len() int { return max(len(f.Start)-1, 0) }

// Row is the named features of an item.
func (f *Features) Row(i int32) []Value { return f.Values[f.Start[i]:f.Start[i+1]] }

// DenseRow is the unnamed features of an item, nil if there are none.
func (f *Features) DenseRow(i int32) []float32 {
	if f.Width == 0 {
		return nil
	}
	return f.Dense[int(i)*f.Width : (int(i)+1)*f.Width]
}

// Add appends the next item's row. A value that is no finite number is left out.
func (f *Features) Add(values []Value, dense []float32) {
	if len(f.Start) == 0 {
		f.Start = append(f.Start, 0)
	}
	for _, v := range values {
		if finite(v.Weight) {
			f.Values = append(f.Values, v)
		}
	}
	f.Start = append(f.Start, int32(len(f.Values)))
	for k := range f.Width {
		var v float32
		if k < len(dense) && finite(dense[k]) {
			v = dense[k]
		}
		f.Dense = append(f.Dense, v)
	}
}
