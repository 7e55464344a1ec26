package config

// field is one key of the file. Exactly one of read, secret, fields, open and named is set.
type field struct {
	name string
	// dflt is the default as YAML, read like the file's own text. "" means no default.
	dflt string
	// shown replaces dflt in the documentation where the default is not a constant.
	shown string
	// env is the environment variable that wins over the file; "" means no variable.
	env string
	doc string
	// required keys must be given where their mapping is.
	required bool
	// needs reports whether the keys of the mapping that were read before require this one. It can be nil.
	needs func() bool
	// part is the part of the configuration that a secret, or the elements of a list, belong to.
	part part
	// anyway marks a key of an element that every program needs.
	anyway bool

	// read takes a single value or a list of them.
	read func(value)
	// secret takes a text that must not be shown. Such a key has a twin, its name and "_file".
	secret *Secret
	// vet checks a secret that was read.
	vet func(v value, text string)
	// fields are the keys below this one, which always exists.
	fields []field
	// open is for a section or an element that exists only if it is written. It returns the keys below and
	// the check to run when they have been read.
	open func() ([]field, func(mapping))
	// named is open for each entry of a mapping whose keys are names. The documentation calls it with the zero value.
	named func(name value) ([]field, func(mapping))
	// list says that open makes one element of a list.
	list bool
	// check looks at fields as a whole when all of them have been read. It can be nil.
	check func(mapping)
}

func (f field) isRequired() bool { return f.required || f.needs != nil && f.needs() }

func (f field) isSection() bool { return f.fields != nil || f.open != nil || f.named != nil }

// children are the keys below.
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
