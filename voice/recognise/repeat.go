package recognise

// cutRepetition finds the endless repetition that Whisper falls into and
// returns how many tokens stand before its first return. A long passage that
// comes again at once is one; a short one must come four times ("no no no" is
// speech).
func cutRepetition(tokens []int) (keep int, found bool) {
	for length := 1; length <= len(tokens)/2; length++ {
		times := 4
		switch {
		case length >= 5:
			times = 2
		case length >= 3:
			times = 3
		}
		if length*times > len(tokens) {
			continue
		}
		start := len(tokens) - length*times
		if periodic(tokens[start:], length) {
			return start + length, true
		}
	}
	return len(tokens), false
}

// periodic says whether tokens repeat their first n.
func periodic(tokens []int, n int) bool {
	for i := n; i < len(tokens); i++ {
		if tokens[i] != tokens[i-n] {
			return false
		}
	}
	return true
}
