package store

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"cheval/internal/boltfile"

	bolt "github.com/boltdb/bolt"
)

// A backup is a ZIP: backup.json, catalogue.db, and every picture as
// pictures/HASH. Nothing in it is compressed: pictures already are.
const (
	backupNote   = "backup.json"
	backupFormat = 1
	// maxDatabase bounds what is unpacked of a backup.
	maxDatabase = 64 << 30
)

// Backup is what a backup holds.
type Backup struct {
	Format   int `json:"format"`
	Schema   int `json:"schema"`
	Products int `json:"products"`
	Pictures int `json:"pictures"`
	// Missing are hashes of pictures that are not in it, because their files
	// were damaged or gone.
	Missing []string  `json:"missing,omitempty"`
	At      time.Time `json:"at"`
}

// WriteBackup writes the whole store, as of one moment, to a file that appears
// when it is whole; the store may be read and written meanwhile. A file of that
// name is replaced.
func (s *Store) WriteBackup(ctx context.Context, file string, progress func(done, of int)) (Backup, error) {
	b := Backup{Format: backupFormat, At: time.Now().UTC().Truncate(time.Second)}
	err := writeWhole(file, func(w io.Writer) error {
		return s.db.View(func(tx *bolt.Tx) error { return s.pack(ctx, tx, zip.NewWriter(w), &b, progress) })
	})
	if err != nil {
		return Backup{}, fmt.Errorf("store: back up to %s: %w", filepath.Base(file), err)
	}
	return b, nil
}

// writeWhole writes a file under a name of its own beside it, syncs it, and
// gives it its name. The name is always the same, so that a process that dies
// leaves at most one such file, which the next backup replaces.
func writeWhole(file string, write func(io.Writer) error) error {
	folder, base := filepath.Split(file)
	tmp := filepath.Join(folder, "."+base+".partial")
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(tmp) // nothing, once it was renamed
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, file); err != nil {
		return err
	}
	if folder == "" {
		folder = "."
	}
	return syncFolder(folder)
}

// pack writes what a transaction sees.
func (s *Store) pack(ctx context.Context, tx *bolt.Tx, z *zip.Writer, b *Backup, progress func(done, of int)) (err error) {
	if b.Schema, err = schemaOf(tx); err != nil {
		return err
	}
	b.Products = tx.Bucket(productsBucket).Stats().KeyN
	if err := addEntry(z, FileName, func(w io.Writer) error { _, err := tx.WriteTo(w); return err }); err != nil {
		return err
	}
	if err := s.packPictures(ctx, tx, z, b, progress); err != nil {
		return err
	}
	note, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := addEntry(z, backupNote, func(w io.Writer) error { _, err := w.Write(note); return err }); err != nil {
		return err
	}
	return z.Close()
}

func (s *Store) packPictures(ctx context.Context, tx *bolt.Tx, z *zip.Writer, b *Backup, progress func(done, of int)) error {
	counts := tx.Bucket(picturesBucket)
	all := counts.Stats().KeyN
	return counts.ForEach(func(k, _ []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		data, err := s.pictures.read(string(k))
		if err != nil { // a shop with one damaged picture can be backed up as well
			b.Missing = append(b.Missing, string(k))
			return nil
		}
		if b.Pictures++; progress != nil {
			progress(b.Pictures+len(b.Missing), all)
		}
		return addEntry(z, path.Join(picturesFolder, string(k)), func(w io.Writer) error { _, err := w.Write(data); return err })
	})
}

func addEntry(z *zip.Writer, name string, write func(io.Writer) error) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: time.Now()})
	if err != nil {
		return err
	}
	return write(w)
}

// Restore makes the store in home what a backup holds. What is there is set
// aside, its name returned ("" if there was none), and its pictures stay. The
// backup is checked whole before anything is replaced. The store must not be
// open: else the error is ErrHeld.
func Restore(ctx context.Context, home, file string, progress func(done, of int)) (b Backup, aside string, err error) {
	b, aside, err = restore(ctx, home, file, progress)
	if err != nil {
		return Backup{}, "", fmt.Errorf("store: restore from %s: %w", filepath.Base(file), err)
	}
	return b, aside, nil
}

func restore(ctx context.Context, home, file string, progress func(done, of int)) (Backup, string, error) {
	var b Backup
	z, err := zip.OpenReader(file)
	if err != nil {
		return b, "", fmt.Errorf("this is no backup: %w", err)
	}
	defer z.Close()
	files, err := openPictures(home)
	if err != nil {
		return b, "", err
	}
	defer files.root.Close()
	path := filepath.Join(home, FileName)
	release, err := hold(path)
	if err != nil {
		return b, "", err
	}
	defer release()
	fresh := path + recoveredEnding
	tmp := fresh + ".tmp"
	defer os.Remove(tmp)
	if b, err = unpack(ctx, &z.Reader, files, tmp, progress); err != nil {
		return b, "", err
	}
	if err := checkRestored(tmp, files, b.Missing); err != nil {
		return b, "", err
	}
	if err := files.syncAll(); err != nil {
		return b, "", err
	}
	if err := os.Rename(tmp, fresh); err != nil {
		return b, "", err
	}
	aside := ""
	if Exists(home) {
		if aside, err = setAside(path, "before-restore"); err != nil {
			return b, "", err
		}
	}
	return b, aside, takeRecovered(path)
}

// hold keeps others out of a store, if it is there, until release is called. A
// damaged one can be replaced as well.
func hold(path string) (release func(), err error) {
	if _, err := os.Stat(path); err != nil {
		return func() {}, nil
	}
	db, err := openBolt(path, bolt.Options{Timeout: 2 * time.Second})
	if damaged := (*boltfile.Damage)(nil); err != nil && !errors.As(err, &damaged) {
		return nil, err
	}
	return func() {
		if db != nil {
			_ = boltfile.Guard(db.Close)
		}
	}, nil
}

// unpack writes a backup's file to path and its pictures to files, each checked
// by its name. It takes foreign bytes.
func unpack(ctx context.Context, z *zip.Reader, files *pictures, file string, progress func(done, of int)) (b Backup, err error) {
	parts := map[string]*zip.File{}
	for i, f := range z.File {
		dir, hash := path.Split(f.Name)
		switch {
		case f.Name == backupNote, f.Name == FileName:
			parts[f.Name] = f
			continue
		case dir != picturesFolder+"/" || !hashForm.MatchString(hash):
			return b, fmt.Errorf("this is no backup: it holds %.80q", f.Name)
		}
		if err := ctx.Err(); err != nil {
			return b, err
		}
		if err := unpackPicture(f, files, hash); err != nil {
			return b, fmt.Errorf("its picture %.12s…: %w", hash, err)
		}
		if progress != nil {
			progress(i+1, len(z.File))
		}
	}
	if parts[backupNote] == nil || parts[FileName] == nil {
		return b, errors.New("this is no backup: it lacks its note or its catalogue")
	}
	note, err := readEntry(parts[backupNote], 1<<16)
	if err != nil || json.Unmarshal(note, &b) != nil || b.Format != backupFormat {
		return b, errors.Join(errors.New("this is no backup that this Cheval can read"), err)
	}
	return b, unpackFile(parts[FileName], file)
}

func unpackPicture(f *zip.File, files *pictures, hash string) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	got, err := files.put(r, false)
	if err == nil && got != hash {
		err = errors.New("it does not match its hash")
	}
	return err
}

func unpackFile(f *zip.File, file string) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(r, maxDatabase+1))
	if err == nil && n > maxDatabase {
		err = errors.New("its catalogue is too large")
	}
	return errors.Join(err, out.Sync(), out.Close())
}

func readEntry(f *zip.File, most int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, most))
}

// checkRestored opens an unpacked file, looks for each of its pictures, and
// keeps those that only the store before it had.
func checkRestored(file string, files *pictures, missing []string) error {
	db, err := openFile(file, time.Second)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		err := tx.Bucket(picturesBucket).ForEach(func(k, _ []byte) error {
			if !files.has(string(k)) && !slices.Contains(missing, string(k)) {
				return fmt.Errorf("its picture %.12s… is missing", k)
			}
			return nil
		})
		return errors.Join(err, keepPictures(tx, files))
	})
	return errors.Join(err, db.Close())
}
