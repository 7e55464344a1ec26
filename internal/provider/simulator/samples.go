package simulator

import "fmt"

// Sample is an invented instance, with the name that a configuration can give it.
type Sample struct {
	Name string
	Instance
}

// Samples makes n instances, one of each provider by turns. The ids and tokens look like the
// providers' own, and the same n gives the same ones, so that a configuration can be kept.
func Samples(n int) []Sample {
	makers := []func(k int) Sample{
		func(k int) Sample {
			return Sample{fmt.Sprintf("sim-zapi-%d", k), Instance{
				Provider: ZAPI, ID: fmt.Sprintf("SIMZAPI%04d", k), Token: fmt.Sprintf("sim-token-zapi-%d", k), ClientToken: "sim-client-token",
			}}
		},
		func(k int) Sample {
			return Sample{fmt.Sprintf("sim-green-%d", k), Instance{
				Provider: GreenAPI, ID: fmt.Sprintf("110100%04d", k), Token: fmt.Sprintf("sim-token-green-%d", k),
			}}
		},
	}
	all := make([]Sample, n)
	for i := range all {
		all[i] = makers[i%len(makers)](i/len(makers) + 1)
	}
	return all
}

// Curl is a command that creates a group by hand, as the instance's provider documents it.
func (in Instance) Curl(base string) string {
	if in.Provider == GreenAPI {
		return fmt.Sprintf(`curl -s %s/waInstance%s/createGroup/%s -H 'Content-Type: application/json' \
  -d '{"groupName": "By hand", "chatIds": ["79001234568@c.us"]}'`, base, in.ID, in.Token)
	}
	var token string
	if in.ClientToken != "" {
		token = fmt.Sprintf(" -H 'Client-Token: %s'", in.ClientToken)
	}
	return fmt.Sprintf(`curl -s %s/instances/%s/token/%s/create-group%s -H 'Content-Type: application/json' \
  -d '{"groupName": "By hand", "phones": ["5544999999999"], "autoInvite": false}'`, base, in.ID, in.Token, token)
}

// Credentials are the secrets of an instance, by the keys of the configuration.
func (in Instance) Credentials() map[string]string {
	all := map[string]string{"token": in.Token}
	if in.ClientToken != "" {
		all["client_token"] = in.ClientToken
	}
	return all
}

// WithCredentials is the instance with the secrets that a configuration has under these keys.
func (in Instance) WithCredentials(reveal func(key string) string) Instance {
	in.Token, in.ClientToken = reveal("token"), reveal("client_token")
	return in
}

// NoGroup is an id as a provider writes it, of a group that does not exist.
func NoGroup(provider string) string {
	i := instance{Instance: Instance{Provider: provider}}
	return i.groupID(&group{core: "120363000000000001"})
}
