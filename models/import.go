package models

func (s *Store) imported(string) (Item, bool) { return Item{}, false }

const converterVersion = "1"
