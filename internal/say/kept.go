package say

import "encoding/json"

// Kept is a phrase in a document that is stored as JSON: its code and parameters, no sentence.
type Kept Phrase

// bare is a phrase without methods, whose reasons are written by those who embed it.
type bare Phrase

type stored struct {
	bare

	Why []Kept `json:"why,omitempty"`
}

// MarshalJSON writes the code and the parameters.
func (k Kept) MarshalJSON() ([]byte, error) {
	s := stored{bare: bare(k)}
	for _, p := range k.Why {
		s.Why = append(s.Why, Kept(p))
	}
	return json.Marshal(s)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (k *Kept) UnmarshalJSON(data []byte) error {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	s.bare.Why = nil
	for _, p := range s.Why {
		s.bare.Why = append(s.bare.Why, Phrase(p))
	}
	*k = Kept(s.bare)
	return nil
}
