package agent

import (
	"maps"
	"strings"
)

// of returns a document's schema. It replaces each reference by what it refers to, because not every client follows
// references.
func (s schemas) of(name string) object {
	whole, _ := s.whole(s[name]).(object)
	return whole
}

func (s schemas) whole(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		if ref, ok := v["$ref"].(string); ok {
			maps.Copy(out, s.of(strings.TrimPrefix(ref, "#/components/schemas/")))
		}
		for key, value := range v {
			if key != "$ref" {
				out[key] = s.whole(value)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = s.whole(v[i])
		}
		return out
	}
	return v
}

// with returns a schema with some of its properties replaced; nil removes a property.
func with(schema, properties object) object {
	out := maps.Clone(schema)
	all, _ := schema["properties"].(object)
	all = maps.Clone(all)
	for name, p := range properties {
		if all[name] = p; p == nil {
			delete(all, name)
		}
	}
	out["properties"] = all
	return out
}

// fields returns the schema of an object with these properties, some of them required.
func fields(properties object, required ...string) object {
	return object{"type": "object", "properties": properties, "required": append([]string{}, required...), "additionalProperties": false}
}

func text(about string) object { return object{"type": "string", "description": about} }
