package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	bolt "github.com/boltdb/bolt"
)

// Vector is an embedding of a product or picture by one model.
type Vector struct {
	Key    string // the product's ID or the picture's hash
	Of     string // what it was made of, such as a hash of the text: whoever made it knows by this when to make it anew
	Values []float32
}

// PictureVectors is the name of the vectors, by product ID, of what products
// look like: the embeddings of their pictures, one after the other.
const PictureVectors = "picture"

// maxVector bounds what is read of a vector.
const maxVector = 1 << 16

// PutVectors keeps vectors under the name of their model and layer. They go
// with their product or picture, and are not part of undo: what is missing is
// made again.
func (s *Store) PutVectors(ctx context.Context, name string, vectors ...Vector) error {
	return s.write(ctx, func(w *writing) error { return putVectors(w.tx, name, vectors) })
}

func putVectors(tx *bolt.Tx, name string, vectors []Vector) error {
	if len(vectors) == 0 {
		return nil
	}
	b, err := tx.Bucket(vectorsBucket).CreateBucketIfNotExists([]byte(name))
	if err != nil {
		return fmt.Errorf("vectors %s: %w", name, err)
	}
	for _, v := range vectors {
		if len(v.Values) > maxVector || len(v.Of) > 255 || v.Key == "" {
			return fmt.Errorf("vectors %s: that of %.70q has no key, over 65536 values or over 255 bytes of origin", name, v.Key)
		}
		if err := b.Put([]byte(v.Key), sealVector(v)); err != nil {
			return fmt.Errorf("vectors %s: %w", name, err)
		}
	}
	return nil
}

// Vectors calls visit with every vector of a name, ordered by key. The values
// are the caller's own. One that is damaged is left out: it is made again.
func (s *Store) Vectors(name string, visit func(Vector)) error {
	err := s.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(vectorsBucket).Bucket([]byte(name))
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, data []byte) error {
			if v, err := unsealVector(data); err == nil {
				v.Key = string(k)
				visit(v)
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("store: read vectors %s: %w", name, err)
	}
	return nil
}

// DropVectors removes all vectors of a name, as when its model was replaced.
func (s *Store) DropVectors(ctx context.Context, name string) error {
	return s.write(ctx, func(w *writing) error {
		err := w.tx.Bucket(vectorsBucket).DeleteBucket([]byte(name))
		if err != nil && !errors.Is(err, bolt.ErrBucketNotFound) {
			return fmt.Errorf("vectors %s: %w", name, err)
		}
		return nil
	})
}

// dropVectors removes what every model made of a product or picture.
func dropVectors(tx *bolt.Tx, key string) error {
	all := tx.Bucket(vectorsBucket)
	return all.ForEachBucket(func(name []byte) error {
		return all.Bucket(name).Delete([]byte(key))
	})
}

// sealVector is a vector in the file: a checksum, the length of Of, Of, and the
// values, little-endian.
func sealVector(v Vector) []byte {
	b := make([]byte, 5, 5+len(v.Of)+4*len(v.Values))
	b[4] = byte(len(v.Of))
	b = append(b, v.Of...)
	for _, x := range v.Values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	binary.LittleEndian.PutUint32(b, crc32.Checksum(b[4:], castagnoli))
	return b
}

// unsealVector reads foreign bytes.
func unsealVector(b []byte) (Vector, error) {
	if len(b) < 5 || len(b) > 5+255+4*maxVector || crc32.Checksum(b[4:], castagnoli) != binary.LittleEndian.Uint32(b) {
		return Vector{}, errors.New("the vector is damaged")
	}
	of, values := int(b[4]), b[5:]
	if len(values) < of || (len(values)-of)%4 != 0 {
		return Vector{}, errors.New("the vector is damaged")
	}
	v := Vector{Of: string(values[:of]), Values: make([]float32, (len(values)-of)/4)}
	for i := range v.Values {
		v.Values[i] = math.Float32frombits(binary.LittleEndian.Uint32(values[of+4*i:]))
	}
	return v, nil
}
