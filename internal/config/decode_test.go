package config

// decode reads a configuration of which everything is used.
func decode(path string, data []byte, env func(string) (string, bool), flags []Flag) (*Config, error) {
	return decodeFor(Uses{}, path, data, env, flags)
}
