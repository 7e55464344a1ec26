package config

// field is one key of the file. Exactly one of read, secret, fields, open and named is set.
type field struct {
	name string
	// dflt is the default as YAML, read like the file's own text. "" means no default.
	dflt string
	// shown replaces dflt in the documentation if the default is not a constant.
	shown string
	// env is the environment variable that overrides the file; "" means no variable.
	env string
	doc string
	// required says that the key must be given if its mapping is.
	required bool
	// needs reports whether earlier keys of the mapping require this one. It can be nil.
	needs func() bool
	// part is the part of the configuration that a secret, or the elements of a list, belong to.
	part part
	// anyway marks a key of an element that every program needs.
	anyway bool

	// read takes a single value or a list of them.
	read func(value)
	// secret takes a text that must not be shown. Such a key has a twin, called by its name and "_file".
	secret *Secret
	// vet checks the secret that was read. It can be nil.
	vet func(v value, text string)
	// fields are the keys below this one, which always exists.
	fields []field
	// open is for a section or an element that exists only if it is written. It returns the keys below and
	// the check to run when they have been read.
	open func() ([]field, func(mapping))
	// named is like open, for each entry of a mapping whose keys are names. The documentation calls it with the zero
	// value.
	named func(name value) ([]field, func(mapping))
	// list says that open makes one element of a list.
	list bool
	// check checks fields against each other when all of them have been read. It can be nil.
	check func(mapping)
}

func (f field) isRequired() bool { return f.required || f.needs != nil && f.needs() }

func (f field) isSection() bool { return f.fields != nil || f.open != nil || f.named != nil }

// children returns the keys below this one.
func (f field) children() []field {
	if f.named != nil {
		below, _ := f.named(value{})
		return below
	}
	if f.open != nil {
		below, _ := f.open()
		return below
	}
	return f.fields
}

const fileTwin = "_file"
