package config

// decode reads a configuration for a program that uses all of it.
func decode(path string, data []byte, env func(string) (string, bool), flags []Flag) (*Config, error) {
	return decodeFor(Uses{}, path, data, env, flags)
}
