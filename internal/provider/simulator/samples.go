package simulator

// Sample is an invented instance, with the name that a configuration can give it.
type Sample struct {
	Name string
	Instance
}

// Samples returns n instances, of each provider in turn. The ids and tokens look like the providers' own. They are the
// same at every call, so that a configuration can be kept.
func Samples(n int) []Sample {
	all := make([]Sample, n)
	for i := range all {
		all[i] = dialects[i%len(dialects)].sample(i/len(dialects) + 1)
	}
	return all
}

// Curl returns a command that creates a group by hand, as the instance's provider documents it.
func (in Instance) Curl(base string) string { return dialectOf(in.Provider).curl(in, base) }

// Credentials returns the secrets of an instance, by the keys of the configuration.
func (in Instance) Credentials() map[string]string {
	all := map[string]string{"token": in.Token}
	if in.ClientToken != "" {
		all["client_token"] = in.ClientToken
	}
	return all
}

// WithCredentials returns the instance with the secrets that reveal returns for the keys of the configuration.
func (in Instance) WithCredentials(reveal func(key string) string) Instance {
	in.Token, in.ClientToken = reveal("token"), reveal("client_token")
	return in
}

// NoGroup returns an id, in a provider's form, of a group that does not exist.
func NoGroup(provider string) string {
	i := instance{Instance: Instance{Provider: provider}}
	return i.groupID(&group{core: "120363000000000001"})
}
