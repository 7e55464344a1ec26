package admin

// saying translates a sentence that other rooms compose in English: what a group waits for, why an
// instance does not work.
func saying(lang, text string) string {
	return translate(lang, text)
}
